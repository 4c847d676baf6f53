//! What functions remember of the arguments they were called with.

use crate::facts::{BindingId, BindingKind, ExportValue, Node};
use crate::finding::{Cause, Role};
use crate::lifetime::grown::collections::{Found, GROWING, Grown};
use crate::lifetime::grown::touched::Touched;
use crate::lifetime::held::holding::Holder;
use crate::lifetime::{Evidence, Judge};
use crate::link::{FileId, Func, Place, Ref, Root, Use};

impl Judge<'_> {
    /// A function keeps what it found out about each object, in a table that has the objects for keys: each is another
    /// one, and none can go while the table has it.
    pub(in crate::lifetime) fn remembered_by_object(&self, grown: &Grown, touched: &Touched) -> Option<Found> {
        let key = grown.growth.key?;
        let Node::Binding(b) = self.project.node(key) else {
            return None;
        };
        let binding = self.project.facts(key.file).binding(b);
        let text = self.project.text(key.file, binding.name);
        let is_kept = match grown.holder {
            Holder::Process => true,
            // Of a plugin, which lives as long as its host.
            Holder::Closure(outer) => self.is_offered(outer),
            Holder::Field(_) => false,
        };
        if !is_kept
            || binding.kind != BindingKind::Param
            || self.is_by_brackets(&grown.growth)
            || self.has_few_values(text)
            || !self.asks_for_it_first(grown, touched, key)
            || !self.is_used_as_object(key.file, b)
        {
            return None;
        }
        Some(Found {
            rule: GROWING,
            cause: Cause::NeverBounded,
            evidence: vec![Evidence {
                role: Role::Captured,
                at: key,
                text: "the object stays with its entry; a weak collection would let it go".into(),
            }],
            tells: true,
        })
    }

    /// Whether the function that adds looks first whether it was there before.
    fn asks_for_it_first(&self, grown: &Grown, touched: &Touched, key: Ref) -> bool {
        let looked_up = touched.looked_up.iter();
        let mut here = looked_up.filter(|(at, _)| self.project.function_at(*at) == grown.f);
        here.any(|(_, k)| self.project.same_key(*k, key)) || self.is_asked_before(grown, key)
    }

    /// Whether a parameter has an object, as its function reads parts of it that no text, number or list has.
    fn is_used_as_object(&self, file: FileId, b: BindingId) -> bool {
        let facts = self.project.facts(file);
        let conventions = &self.project.tables.conventions;
        let of_texts = |name: &str| {
            let mut all = conventions.text_members.iter().chain(&conventions.read);
            all.any(|m| m == name)
        };
        facts.references_of(b).any(|node| match facts.node(facts.parent(node)) {
            Node::Member { object, property, .. } => object == node && !of_texts(facts.name(property)),
            _ => false,
        })
    }

    /// A function that anyone may call keeps what it computed for each argument.
    pub(in crate::lifetime) fn remembered(&self, grown: &Grown, touched: &Touched) -> Option<Found> {
        let key = grown.growth.key?;
        let value = grown.growth.value?;
        if grown.holder != Holder::Process {
            return None;
        }
        let (file, parameter) = self.parameter_behind(key)?;
        let asked = touched
            .looked_up
            .iter()
            .any(|(at, k)| self.project.function_at(*at) == grown.f && self.project.same_key(*k, key));
        let text = self
            .project
            .text(file, self.project.facts(file).binding(parameter).name);
        let few = self.has_few_values(text) || self.project.last_name(key).is_some_and(|n| self.has_few_values(n));
        let computed = self.is_computed(value, 0);
        let is_open = || self.is_offered(grown.f) && !self.is_named_by_callers(file, parameter);
        (asked && computed && !few && is_open()).then(|| Found {
            rule: GROWING,
            cause: Cause::NeverBounded,
            evidence: vec![Evidence {
                role: Role::Flow,
                at: key,
                text: "whoever calls this decides how many keys there are".into(),
            }],
            tells: true,
        })
    }

    /// Whether all callers of a function in the project, of which there are some, write down what they hand to a parameter:
    /// `const log = logOf('server')`.
    fn is_named_by_callers(&self, file: FileId, parameter: BindingId) -> bool {
        let Some((f, index)) = self.project.param_position(file, parameter) else {
            return false;
        };
        let mut calls = self.project.callers(f).calls;
        calls.retain(|call| !self.project.is_test_of(call.file, f.file));
        let is_name = |call: &Ref| {
            let given = self.project.argument(*call, index);
            given.is_some_and(|given| self.project.constant_text(given, 0).is_some())
        };
        calls.len() > 1 && calls.iter().all(is_name)
    }

    /// The result of a call, as opposed to something handed in, or an empty container that is filled later.
    fn is_computed(&self, at: Ref, depth: u32) -> bool {
        let facts = self.project.facts(at.file);
        match facts.node(at.node) {
            Node::Call { .. } | Node::Await(_) => true,
            Node::Assign { value, .. } => self.is_computed(
                Ref {
                    file: at.file,
                    node: value,
                },
                depth + 1,
            ),
            Node::Binding(b) if depth < 4 => {
                let place = Place::root(Root::Binding(at.file, b));
                facts.binding(b).kind != BindingKind::Param
                    && self
                        .project
                        .definitions(&place)
                        .into_iter()
                        .any(|d| d != at && self.is_computed(d, depth + 1))
            }
            _ => false,
        }
    }

    /// Whether code outside the project can call a function.
    fn is_offered(&self, f: Func) -> bool {
        let is_exported = |used: &Use| matches!(used, Use::Exported);
        self.project.uses(f).iter().any(is_exported) || self.is_offered_by_class(f)
    }

    /// Whether a function is a static method of a class that code outside the project can reach.
    fn is_offered_by_class(&self, f: Func) -> bool {
        let Some((owner, name, _)) = self.project.method_around(f).filter(|(.., method)| *method == f) else {
            return false;
        };
        let is_static = self
            .project
            .member(owner, name)
            .is_some_and(|(_, member)| member.is_static);
        let class = Ref {
            file: owner.file,
            node: self.project.owner(owner).node,
        };
        let names: Vec<_> = self.project.begun_with(class).collect();
        let exports = &self.project.facts(owner.file).exports;
        is_static
            && exports.iter().any(|export| match export.value {
                ExportValue::Binding(b) => names.contains(&b),
                ExportValue::Node(node) => node == class.node,
                ExportValue::From { .. } => false,
            })
    }
}
