//! Receivers that are the same at each run of what repeats: handed to the function around it, or there before a loop.

use crate::facts::{LogicalOp, Node};
use crate::lifetime::Judge;
use crate::link::{Key, Place, Ref, Repetition, Root, Step};
use crate::tables::Every;

impl Judge<'_> {
    /// Whether each run of what repeats has the same receiver, as it was there before: `function serve(bus) {
    /// server.on('connection', () => bus.on('news', f)); }`, `while (true) { await withAbort(next(), signal); }`.
    pub(in crate::lifetime) fn is_same_at_each_run(&self, target: Ref, repetition: &Repetition) -> bool {
        let Repetition::Repeated { steps, .. } = repetition else {
            return false;
        };
        let Some((first, calls)) = steps.split_first() else {
            return false;
        };
        let place = self.handed_by_first(self.project.place(target), first, calls);
        let is_named = place.path.iter().all(|key| matches!(key, Key::Name(_)));
        is_named
            && match repetition {
                Repetition::Repeated { every: Every::Turn, .. } => {
                    matches!(place.root, Root::Binding(..)) && self.is_from_before(&place, first.at)
                }
                _ => self.serves(repetition).is_some() && self.is_handed_to_server(&place, first),
            }
    }

    /// What a receiver is in the function that repeats, where the calls from there on hand it over.
    fn handed_by_first(&self, mut place: Place, first: &Step, calls: &[Step]) -> Place {
        for _ in 0..=calls.len() {
            let Some((f, index)) = self.parameter_of(&place) else {
                break;
            };
            let is_on_way = |call: &Ref| {
                let is_in_first = first.at.file == call.file
                    && self.project.facts(call.file).is_inside(call.node, first.at.node)
                    && self.project.function_at(*call) == self.project.function_at(first.at);
                is_in_first || calls.iter().any(|step| step.at == *call)
            };
            let callers = self.project.callers(f).calls;
            let Some(given) = callers
                .iter()
                .find(|call| is_on_way(call))
                .and_then(|call| self.project.argument(*call, index))
            else {
                break;
            };
            let given = match self.project.node(given) {
                Node::Logical {
                    op: LogicalOp::Or | LogicalOp::Nullish,
                    left,
                    ..
                } => Ref { node: left, ..given },
                _ => given,
            };
            let mut handed = self.project.place(given);
            handed.path.append(&mut place.path);
            place = handed;
        }
        place
    }

    /// Whether a receiver was handed to the function that begins to serve what each run comes from.
    fn is_handed_to_server(&self, place: &Place, began: &Step) -> bool {
        let Root::Binding(file, b) = place.root else {
            return false;
        };
        let Some((server, _)) = self.project.param_position(file, b) else {
            return false;
        };
        // What a connection hears ends with it.
        let facts = self.project.facts(began.at.file);
        let heard = facts.method_call(began.at.node).map(|call| Ref {
            node: call.object,
            ..began.at
        });
        let is_heard = heard.is_some_and(|heard| self.project.place(heard).root == place.root);
        !is_heard && self.project.is_within(self.project.function_at(began.at), server)
    }
}
