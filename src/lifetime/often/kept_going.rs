//! Chains of timeouts and frames under a mark of their object: `if (!this.running) return;`. Whoever ends the object has to
//! take the mark away.

use crate::facts::{Node, NodeId};
use crate::finding::Role;
use crate::lifetime::released::hindered::Look;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::{Func, Key, OwnerId, Place, Ref, Root};
use rustc_hash::FxHashSet;

impl Judge<'_> {
    /// Evidence that nothing but marks of the object decides whether a chain goes on, and that the object's end leaves
    /// them as they are.
    pub(in crate::lifetime) fn kept_going(
        &self,
        a: &Acquisition,
        scope: &Scope,
        callback: Func,
    ) -> Option<Vec<Evidence>> {
        let Scope::Owner { owner, .. } = scope else {
            return None;
        };
        let (teardowns, by_framework) = self.teardowns(*owner);
        let end = *teardowns.iter().find(|f| by_framework || self.ends_its_object(**f))?;
        let looks = self.only_looks(a.at)?;
        let mut roots = teardowns.to_vec();
        roots.push(callback);
        let reach = self.project.reach(&roots);
        let stopped: Option<Vec<Vec<Ref>>> = looks
            .iter()
            .map(|look| self.stopped_elsewhere(*owner, look, &reach))
            .collect();
        let stopped: Vec<Ref> = stopped?.into_iter().flatten().collect();
        // Whoever makes the object, and is not seen, may stop it before.
        if !stopped.is_empty() && !self.project.instances_of(*owner).is_repeated() {
            return None;
        }
        let mut evidence = vec![Evidence {
            role: Role::Release,
            at: self.project.function_node(end),
            text: format!(
                "ends the object, and leaves `{}` as it is",
                self.show_place(&looks.first()?.place)
            ),
        }];
        evidence.extend(stopped.first().map(|&at| Evidence {
            role: Role::Flow,
            at,
            text: "only this stops it".into(),
        }));
        Some(evidence)
    }

    /// What a node's function asks before it is reached, if that is nothing but marks.
    fn only_looks(&self, at: Ref) -> Option<Vec<Look>> {
        let facts = self.project.facts(at.file);
        let tests = self.conditions_of(at);
        let is_asked = |jump: &NodeId| {
            matches!(facts.node(*jump), Node::Await(_))
                || facts.span(*jump).start > facts.span(at.node).start
                || tests
                    .iter()
                    .any(|(test, _)| facts.is_inside(*jump, facts.parent(test.node)))
        };
        let looks = self.looks_within(at);
        let is_whole = !looks.is_empty() && tests.iter().all(|(test, _)| self.is_one_look(*test, &looks));
        let mut jumps = self.project.jumps_in(self.project.function_at(at)).iter();
        (is_whole && jumps.all(is_asked)).then_some(looks)
    }

    /// Whether a test is a look, or its opposite.
    fn is_one_look(&self, test: Ref, looks: &[Look]) -> bool {
        let facts = self.project.facts(test.file);
        let inner = match facts.node(test.node) {
            Node::Unary { value, .. } => value,
            _ => test.node,
        };
        looks.iter().any(|look| look.at.node == inner || look.at == test)
    }

    /// Where a mark gets the value that stops a chain, if neither the chain nor the end of the object, which reach
    /// some functions, does that, and nobody else is known to.
    fn stopped_elsewhere(&self, owner: OwnerId, look: &Look, reach: &FxHashSet<Func>) -> Option<Vec<Ref>> {
        let is_mark = |place: &Place| match (&place.root, &place.path[..]) {
            (Root::This(of), [Key::Name(name)]) => {
                self.project.is_related(*of, owner) && self.is_written_by_itself_only(owner, name)
            }
            _ => false,
        };
        if !is_mark(&look.place) {
            return None;
        }
        let (mut stops, mut is_begun) = (Vec::new(), false);
        for value in self.project.definitions(&look.place) {
            let is_set = match self.project.node(value) {
                node if node.is_unset() => false,
                Node::Bool(true) => true,
                _ => return None,
            };
            match is_set == look.truthy {
                true => is_begun = true,
                false => stops.push(value),
            }
        }
        stops.retain(|at| !self.is_initial(*at));
        let is_passed_by =
            |at: &Ref| !reach.contains(&self.project.function_at(*at)) && self.is_passed_by_end(owner, *at);
        (is_begun && stops.iter().all(is_passed_by)).then_some(stops)
    }
}
