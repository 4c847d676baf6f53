//! What functions remember of the arguments they were called with.

use crate::facts::{BindingId, BindingKind, ExportValue, FunctionId, Node, NodeId};
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
        let is_kept = match grown.holder {
            Holder::Process => true,
            // Of a plugin, which lives as long as its host.
            Holder::Closure(outer) => self.is_offered(outer),
            Holder::Field(_) => false,
        };
        if !is_kept
            || self.is_by_brackets(&grown.growth)
            || self.is_one_of_few(key)
            || !(self.looks_it_up(grown, touched, key) || self.is_asked_before(grown, key))
        {
            return None;
        }
        // Parts that no text, number or list has.
        let conventions = &self.project.tables.conventions;
        let of_texts = |name: &str| {
            conventions
                .text_members
                .iter()
                .chain(&conventions.read)
                .any(|m| m == name)
        };
        self.part_read_of_parameter(key, |name| !of_texts(name))?;
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

    /// A table of the module that remembers something of each node of a document that it is asked for: `sizes.set(node, 1)`.
    /// Nodes come and go, and a map keeps those that it has as keys.
    pub(in crate::lifetime) fn remembered_by_node(&self, grown: &Grown) -> Option<Evidence> {
        let key = grown.growth.key.filter(|_| self.is_registry(&grown.place))?;
        let of_nodes = &self.project.tables.conventions.only_nodes_have;
        let read = self.part_read_of_parameter(key, |name| of_nodes.iter().any(|n| n == name))?;
        matches!(self.project.node(grown.growth.at), Node::Call { .. }).then(|| Evidence {
            role: Role::Captured,
            at: read,
            text: "a node of a document, which stays as a key when it has gone".into(),
        })
    }

    /// Whether the function that adds looks up first what the table has.
    fn looks_it_up(&self, grown: &Grown, touched: &Touched, key: Ref) -> bool {
        let looked_up = touched.looked_up.iter();
        let mut here = looked_up.filter(|(at, _)| self.project.function_at(*at) == grown.f);
        here.any(|(_, k)| self.project.same_key(*k, key))
    }

    /// Where a parameter stands whose function reads a part of such a name of it.
    fn part_read_of_parameter(&self, at: Ref, is_such: impl Fn(&str) -> bool) -> Option<Ref> {
        let facts = self.project.facts(at.file);
        let Node::Binding(b) = facts.node(at.node) else {
            return None;
        };
        let reads_part = |&node: &NodeId| match facts.node(facts.parent(node)) {
            Node::Member { object, property, .. } => object == node && is_such(facts.name(property)),
            _ => false,
        };
        let is_given = facts.binding(b).kind == BindingKind::Param;
        let read = facts.references_of(b).find(reads_part).filter(|_| is_given)?;
        Some(Ref { node: read, ..at })
    }

    /// A function that anyone may call keeps what it computed for each argument.
    pub(in crate::lifetime) fn remembered(&self, grown: &Grown, touched: &Touched) -> Option<Found> {
        let key = grown.growth.key?;
        let value = grown.growth.value?;
        if grown.holder != Holder::Process {
            return None;
        }
        let (file, parameter) = self.parameter_behind(key)?;
        let asked = self.looks_it_up(grown, touched, key);
        let text = self
            .project
            .text(file, self.project.facts(file).binding(parameter).name);
        let few = self.has_few_values(text) || self.is_one_of_few(key);
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
        self.project.uses(f).iter().any(is_exported) || self.is_offered_by_class(f) || self.is_offered_to_page(f)
    }

    /// Whether a function stands at the top of a script, where the page may call it, and no code does.
    fn is_offered_to_page(&self, f: Func) -> bool {
        let function = self.project.function(f);
        let is_at_top = function.parent == Some(FunctionId::MODULE) && function.class.is_none();
        is_at_top && self.project.is_script(f.file) && self.project.uses(f).is_empty()
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
