//! Elements of a library's markup that code which runs for each mount puts on the page, and nobody takes away:
//! `$document.find('body').append($compile('<div>')(scope))`.

use crate::facts::Node;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::{Judge, Verdict};
use crate::link::{Func, Place, Ref, Repetition, Root};
use crate::tables::Every;

impl Judge<'_> {
    /// The variable of an element that a function puts on the page each time a directive links, and the verdict; nothing
    /// where the element is not the function's own, or where other code may take it away.
    pub(super) fn judge_linked_put(&self, put: Ref, element: Ref) -> Option<(Place, Verdict)> {
        let f = self.project.function_at(put);
        let repetition = self.repetition_here(put, f, &self.scope_of(f));
        let is_of_mount = matches!(
            repetition,
            Repetition::Repeated {
                every: Every::Mount,
                proven: true,
                ..
            }
        );
        if !is_of_mount || self.lets_once(put, None).is_some() || self.searches_to_take(f) {
            return None;
        }
        let name = self.project.place(element);
        let (made, template) = self.markup_of(&name, element)?;
        let is_named = |place: &Place| *place == name;
        let stays_here = |flow: &Flow| flow.returned.is_empty() && !flow.other && flow.places.iter().all(is_named);
        if self.project.function_at(made) != f || ![made, put].iter().all(|&at| stays_here(&self.flow(at))) {
            return None;
        }
        let names = [
            Some(name.clone()),
            template.map(|template| self.project.place(template)),
        ];
        let names = names
            .into_iter()
            .flatten()
            .filter(|name| matches!(name.root, Root::Binding(..)));
        for name in names {
            let reads = self.references_in(&name, put.file);
            let stays = |read: &Ref| {
                self.stays_on_page(*read, put) || Some(*read) == template || self.goes_elsewhere_instead(*read, put)
            };
            if !reads.iter().all(stays) {
                return None;
            }
        }
        let shown = match name.root {
            Root::Binding(..) => self.show_place(&name),
            _ => "element".into(),
        };
        let verdict = self.stays_in_body(put, made, &repetition, &shown);
        Some((name, verdict))
    }

    /// What makes an element of markup, and the template that is compiled to it, if one is.
    fn markup_of(&self, name: &Place, element: Ref) -> Option<(Ref, Option<Ref>)> {
        let made = match (&name.root, &name.path[..]) {
            (Root::Binding(..), []) => match self.project.definitions(name)[..] {
                [only] => only,
                _ => return None,
            },
            (Root::Value(_), []) => element,
            _ => return None,
        };
        match self.compiled(made) {
            Some(template) => {
                let is_markup = self.project.begins_markup(template) || self.markup_behind(template).is_some();
                is_markup.then_some((made, Some(template)))
            }
            None => self.markup_behind(element).map(|made| (made, None)),
        }
    }

    /// The template of which a call makes nodes: `$compile(template)(scope)`.
    fn compiled(&self, made: Ref) -> Option<Ref> {
        let callee_of = |call: Ref| match self.project.node(call) {
            Node::Call { callee, .. } => Some(Ref { node: callee, ..call }),
            _ => None,
        };
        let linker = callee_of(made)?;
        let path = self.project.path_of(callee_of(linker)?)?;
        let compiles = self.project.tables.conventions.compiles.contains(&path);
        self.project.argument(linker, 0).filter(|_| compiles)
    }

    /// Whether an element goes somewhere else on a way on which it is not put on the page.
    fn goes_elsewhere_instead(&self, read: Ref, put: Ref) -> bool {
        let facts = self.project.facts(read.file);
        let call = facts.parent(read.node);
        if !matches!(facts.node(call), Node::Call { callee, .. } if callee != read.node) {
            return false;
        }
        let before = self.conditions_of(put);
        let instead = self.conditions_of(Ref { node: call, ..read });
        instead.iter().any(|(test, way)| before.contains(&(*test, !way)))
    }

    /// Whether a function, or one inside it, searches the page for what it takes away.
    fn searches_to_take(&self, f: Func) -> bool {
        let facts = self.project.facts(f.file);
        let takes = self.project.tables.conventions.node_takes.iter();
        let mut calls = takes.flat_map(|name| self.project.calls_named(f.file, name));
        calls.any(|&node| {
            let searched = facts.method_call(node).and_then(|call| {
                let object = Ref {
                    node: call.object,
                    file: f.file,
                };
                self.project.constant_text(self.project.argument(object, 0)?, 0)
            });
            facts.is_nested(facts.enclosing_function(node), f.function) && searched.is_some()
        })
    }
}
