//! Elements of a library's markup that an object puts on the page, and its end leaves there:
//! `this.$tip = $('<div>').appendTo('body')`.

use crate::facts::Node;
use crate::finding::{Cause, Confidence, Remedy, Role};
use crate::lifetime::{Evidence, Judge, Judged, Leak, Verdict};
use crate::link::{FileId, Func, OwnerId, Place, Ref, Repetition, Root};

/// How many calls one after the other a chain is followed through.
const MAX_CHAIN: usize = 16;

impl Judge<'_> {
    /// Judges calls that put what a library made of markup on the page itself.
    pub(in crate::lifetime) fn judge_wrapped_on_page(&self, file: FileId, out: &mut Vec<Judged>) {
        let conventions = &self.project.tables.conventions;
        let facts = self.project.facts(file);
        let here = |node| Ref { file, node };
        let names = conventions.node_puts.iter().chain(&conventions.node_goes);
        for name in names {
            for &node in self.project.calls_named(file, name) {
                let Some(call) = facts.method_call(node) else {
                    continue;
                };
                let Some(first) = facts.item(call.args, 0) else {
                    continue;
                };
                let goes = conventions.node_goes.contains(name);
                let (page, element) = if goes {
                    (first, call.object)
                } else {
                    (call.object, first)
                };
                if !self.is_whole_page(here(page)) {
                    continue;
                }
                let (put, element) = (here(node), here(element));
                let judged = self.judge_wrapped_put(put, element);
                if let Some((field, verdict)) = judged.or_else(|| self.judge_linked_put(put, element)) {
                    out.push(Judged::parked("detached-node", "element", put, field, verdict));
                }
            }
        }
    }

    /// `document.body`, `'body'`, `$('body')`, `$(document.body)`, `$(document).find('body')`.
    fn is_whole_page(&self, at: Ref) -> bool {
        let conventions = &self.project.tables.conventions;
        let is_body = |at: Ref| {
            self.project
                .path_of(at)
                .is_some_and(|path| conventions.page.contains(&path))
        };
        let is_wrapped = || {
            let inner = self.project.argument(at, 0);
            self.project.wraps_page(at) && inner.is_some_and(|inner| is_body(inner) || self.is_whole_page(inner))
        };
        let is_call = matches!(self.project.node(at), Node::Call { .. });
        is_body(at) || self.is_page_selector(at) || is_call && (is_wrapped() || self.is_found_in_document(at))
    }

    /// `$document.find('body')`
    fn is_found_in_document(&self, call: Ref) -> bool {
        let conventions = &self.project.tables.conventions;
        let facts = self.project.facts(call.file);
        let Some(asked) = facts.method_call(call.node) else {
            return false;
        };
        let whole = Ref {
            node: asked.object,
            ..call
        };
        let is_document = || {
            let path = self.project.path_of(whole);
            path.is_some_and(|path| conventions.wrapped_pages.contains(&path)) || self.project.wraps_page(whole)
        };
        let found = self.project.argument(call, 0);
        conventions.finds.iter().any(|f| f == facts.name(asked.method))
            && found.is_some_and(|found| self.is_page_selector(found))
            && is_document()
    }

    /// `'body'`
    fn is_page_selector(&self, at: Ref) -> bool {
        let text = self.project.constant_text(at, 0);
        let selectors = &self.project.tables.conventions.page_selectors;
        text.is_some_and(|text| selectors.iter().any(|s| **s == *text))
    }

    /// The field that holds an element which is put on the page, and the verdict; nothing where it is not the object's
    /// own, or where other code may take it away.
    fn judge_wrapped_put(&self, put: Ref, element: Ref) -> Option<(Place, Verdict)> {
        let made = self.markup_behind(element)?;
        let field = self.field_of_markup(made, element)?;
        let Root::This(owner) = field.root else { return None };
        let repetition = self.project.instances_of(owner);
        if matches!(repetition, Repetition::Once) || !self.ends_and_leaves(owner) || self.lets_once(put, None).is_some()
        {
            return None;
        }
        let files = self.release_files(put, std::slice::from_ref(&field));
        let reads = self.references_to(&field, &files);
        if !reads.iter().all(|read| self.stays_on_page(*read, put)) || self.searches_at_end(owner) {
            return None;
        }
        let verdict = self.stays_in_body(put, made, &repetition, &self.show_place(&field));
        Some((field, verdict))
    }

    /// The verdict on an element that code puts on the page with each run, and nobody takes away.
    pub(super) fn stays_in_body(&self, put: Ref, made: Ref, repetition: &Repetition, shown: &str) -> Verdict {
        let mut evidence = vec![Evidence {
            role: Role::Flow,
            at: made,
            text: "this element".into(),
        }];
        evidence.extend(self.context_evidence(repetition));
        Verdict::Leak(Leak {
            cause: Cause::NeverReleased,
            confidence: Confidence::Medium,
            holder: "`document.body`".into(),
            often: self.often(repetition, put),
            remedy: Remedy::of(format!("{shown}.remove()")),
            evidence,
        })
    }

    /// What makes an element of markup, behind a chain of calls or a name.
    pub(super) fn markup_behind(&self, element: Ref) -> Option<Ref> {
        let mut at = element;
        for _ in 0..MAX_CHAIN {
            if self.project.wraps_markup(at) {
                return Some(at);
            }
            at = match self.project.before_chained(at) {
                Some(object) => object,
                None => {
                    let place = self.project.place(at);
                    let is_name = matches!(place.root, Root::This(_) | Root::Binding(..)) && place.path.len() <= 1;
                    let mut made = self.project.definitions(&place);
                    made.retain(|d| !self.project.node(*d).is_absent());
                    match made[..] {
                        [one] if is_name && one != at => one,
                        _ => return None,
                    }
                }
            };
        }
        None
    }

    /// The only field that gets an element, if nothing else does.
    fn field_of_markup(&self, made: Ref, element: Ref) -> Option<Place> {
        let flow = self.flow(made);
        let mut places = flow.places;
        places.push(self.project.place(element));
        let is_field = |p: &&Place| matches!(p.root, Root::This(_)) && p.path.len() == 1;
        let field = places.iter().find(is_field)?.clone();
        let definitions = match &field.root {
            Root::This(_) => self.project.definitions(&field),
            _ => return None,
        };
        let is_it = |d: &Ref| self.project.node(*d).is_absent() || self.markup_behind(*d) == Some(made);
        (flow.returned.is_empty() && definitions.iter().all(is_it)).then_some(field)
    }

    /// Whether what is done with an element where its field is read leaves it on the page.
    pub(super) fn stays_on_page(&self, read: Ref, put: Ref) -> bool {
        let facts = self.project.facts(read.file);
        if facts.is_written(read.node) {
            return true;
        }
        let mut at = read.node;
        for _ in 0..MAX_CHAIN {
            let up = facts.parent(at);
            let call = facts.parent(up);
            match facts.node(up) {
                Node::Block(_) | Node::If { .. } | Node::Unary { .. } | Node::Binary { .. } => return true,
                // `() => tip.addClass('shown')`
                Node::Function(_) if at != read.node => return true,
                // `$('body').append(this.$tip)`
                Node::Call { .. } if put == (Ref { node: up, ..read }) => return true,
                Node::Member { object, property, .. } if object == at => {
                    if !matches!(facts.node(call), Node::Call { callee, .. } if callee == up) {
                        return self.is_number_of(facts.name(property));
                    }
                    let here = |node| Ref { node, ..read };
                    let name = facts.name(property);
                    let conventions = &self.project.tables.conventions;
                    let takes = conventions.node_takes.iter().any(|t| t == name);
                    let is_chained = self.project.before_chained(here(call)) == Some(here(at));
                    if takes || !is_chained {
                        return !takes && conventions.node_parts.iter().any(|a| a == name);
                    }
                    at = call;
                }
                Node::Assign { value, .. } => return value == at,
                _ => return false,
            }
        }
        false
    }

    fn is_number_of(&self, property: &str) -> bool {
        matches!(property, "length" | "size")
    }

    /// Whether the end of an object takes away what it searches the page for, or what it is not seen to have.
    fn searches_at_end(&self, owner: OwnerId) -> bool {
        let (teardowns, _) = self.teardowns(owner);
        let mut reach: Vec<Func> = self.project.reach(&teardowns).into_iter().collect();
        reach.sort_unstable();
        let takes = &self.project.tables.conventions.node_takes;
        reach.iter().any(|f| {
            let facts = self.project.facts(f.file);
            self.project.calls_in(*f).iter().any(|&node| {
                let Some(call) = facts.method_call(node) else {
                    return false;
                };
                let receiver = self.project.place(Ref {
                    file: f.file,
                    node: call.object,
                });
                takes.iter().any(|t| t == facts.name(call.method)) && !matches!(receiver.root, Root::This(_))
            })
        })
    }
}
