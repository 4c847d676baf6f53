//! Nodes of a component's own: they go with the component, and outlive each run of its effects.

use crate::facts::Node;
use crate::finding::{Cause, Role};
use crate::lifetime::released::releases::Release;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Evidence, Judge, Verdict};
use crate::link::{Key, OwnerId, Place, Ref, Repetition, Root, Use};
use crate::tables::{Every, Lives};

impl Judge<'_> {
    /// A cleanup that tries to take something off a node of the component and fails: the next run of the effect adds
    /// another one to the same node.
    pub(in crate::lifetime) fn undone_wrongly(
        &self,
        target: Option<Ref>,
        scope: &Scope,
        releases: &[Release],
    ) -> Option<(Cause, Vec<Evidence>)> {
        let Scope::Effect { setup } = scope else {
            return None;
        };
        if !self.is_held_node(&self.project.place(target?)) || releases.iter().any(|r| r.wrong.is_none()) {
            return None;
        }
        let runs_again = self.dependencies(*setup).is_none_or(|list| !list.is_empty());
        let reach = self.project.reach(&self.cleanup_of(*setup));
        let (at, cause, text) = releases.iter().find_map(|r| {
            let (cause, text) = r.wrong.as_ref()?;
            let told = matches!(cause, Cause::WrongOptions | Cause::WrongHandler);
            let in_cleanup = told && reach.contains(&self.project.function_at(r.at));
            in_cleanup.then_some((r.at, *cause, text))
        })?;
        runs_again.then(|| {
            let evidence = vec![
                note(Role::Release, at, text),
                note(
                    Role::Context,
                    self.project.function_node(*setup),
                    "the effect runs again on the same node",
                ),
            ];
            (cause, evidence)
        })
    }

    /// A node that the framework gives to a component, and that goes with it: a field that a decorator fills from the
    /// template, a property that looks the node up, the parameter of a function that the template gives to a node.
    pub(in crate::lifetime) fn is_own_node(&self, target: Ref, repetition: &Repetition) -> Option<Verdict> {
        let place = self.project.place(target);
        let is_own = match (&place.root, place.path.as_slice()) {
            (Root::This(owner), [Key::Name(name)]) => {
                let again = matches!(
                    repetition,
                    Repetition::Repeated { every, .. } if !matches!(every, Every::Mount | Every::Instance)
                );
                let is_node = || self.is_filled_by_template(*owner, name);
                !again && (self.project.is_own_part(*owner, name) || self.looks_up_part(&place) || is_node())
            }
            // What a list of children tells, it tells for as long as the component lives.
            (Root::This(owner), [Key::Name(name), _]) => self.project.is_own_part(*owner, name),
            (Root::Binding(..), []) => self.is_given_by_template(&place),
            _ => false,
        };
        is_own.then(|| Verdict::bounded("it is a node of the component, and goes with it"))
    }

    /// Whether a getter or computed property gives nothing but parts of its object.
    fn looks_up_part(&self, place: &Place) -> bool {
        let (Root::This(owner), Some(name)) = (&place.root, place.last()) else {
            return false;
        };
        let Some(f) = self.project.member(*owner, name).and_then(|(o, m)| {
            let function = m.function?;
            Some(crate::link::Func { file: o.file, function })
        }) else {
            return false;
        };
        let given = self.project.returned_values(f);
        let is_part = |at: &Ref| {
            let found = self.project.type_of(*at);
            found.is_some_and(|t| self.project.tables.type_row(t).lives == Some(Lives::Part))
        };
        !given.is_empty() && given.iter().all(is_part)
    }

    /// Whether a field gets nothing but the node that a callback ref is given: `this.box = node`.
    pub(super) fn is_filled_by_template(&self, owner: OwnerId, name: &str) -> bool {
        let mut values = self.project.field_definitions(owner, name);
        values.retain(|value| !self.project.node(*value).is_absent());
        !values.is_empty()
            && values.iter().all(|value| {
                let place = self.project.place(*value);
                place.path.is_empty() && (self.is_given_by_template(&place) || self.is_given_at_each_drawing(&place))
            })
    }

    /// Whether a name is the node that a function is given which stands in the template itself: a new one at each drawing,
    /// and each is given the same node. `ref={(node) => (this.box = node)}`
    fn is_given_at_each_drawing(&self, place: &Place) -> bool {
        let Root::Binding(file, b) = place.root else {
            return false;
        };
        let Some((f, 0)) = self.project.param_position(file, b) else {
            return false;
        };
        let gives_node = |used: &Use| matches!(used, Use::Attribute { at } if self.project.gives_node(*at));
        self.project.uses(f).iter().any(gives_node)
    }

    /// Whether a name is the node that a callback ref is given, or what the markup of a component hands to a function of
    /// its script: a node, an event, what a child tells. A function that is written in the template itself is a new one
    /// at each drawing, and gets the same node again.
    fn is_given_by_template(&self, place: &Place) -> bool {
        let Root::Binding(file, b) = place.root else {
            return false;
        };
        let Some((f, 0)) = self.project.param_position(file, b) else {
            return false;
        };
        let is_ref = |used: &Use| match used {
            Use::Attribute { at } => {
                let facts = self.project.facts(at.file);
                match facts.node(at.node) {
                    Node::Property { key, value, .. } => {
                        !matches!(facts.node(value), Node::Function(_))
                            && facts.string(key).is_some_and(|k| self.project.is_node_attribute(k))
                    }
                    _ => false,
                }
            }
            _ => false,
        };
        if self.project.is_run_by_markup(f) {
            return true;
        }
        let is_method = |(owner, name, method)| (method == f).then_some((owner, name));
        let as_method = self.project.method_around(f).and_then(is_method);
        self.project.uses(f).iter().any(is_ref)
            || as_method.is_some_and(|(owner, name)| self.project.method_uses(owner, name).iter().any(is_ref))
    }

    /// `input.value` of `const input = ref(null)`, `box.current` of `useRef(null)`: what was made empty for a node of the
    /// template.
    pub(in crate::lifetime) fn is_reference_of_template(&self, place: &Place) -> bool {
        let (&Root::Binding(file, b), [Key::Name(member)]) = (&place.root, &place.path[..]) else {
            return false;
        };
        let facts = self.project.facts(file);
        let members = &self.project.tables.conventions.reference_members;
        let is_empty = facts.binding(b).init.is_some_and(|init| match facts.node(init) {
            Node::Call { args, .. } => facts.list(args).all(|a| facts.node(a).is_nullish()),
            _ => false,
        });
        is_empty && members.iter().any(|m| **m == **member)
    }

    /// `ref.current`: the node that a component was given an object to hold.
    fn is_held_node(&self, place: &Place) -> bool {
        let members = &self.project.tables.conventions.node_members;
        let is_node = place.last().is_some_and(|last| members.iter().any(|m| m == last));
        is_node && place.path.len() == 1 && matches!(place.root, Root::Binding(..) | Root::Value(_))
    }
}

fn note(role: Role, at: Ref, text: &str) -> Evidence {
    Evidence {
        role,
        at,
        text: text.to_owned(),
    }
}
