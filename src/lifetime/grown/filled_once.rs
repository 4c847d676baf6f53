//! Collections that are filled only while they are empty, or not there: `if (table.size === 0) load(table)`.

use crate::facts::{BinaryOp, Node};
use crate::lifetime::Judge;
use crate::lifetime::often::guards::Guard;
use crate::link::{Key, Place, Ref, Repetition};

impl Judge<'_> {
    /// Where the code asks whether a collection is empty before it puts something in, itself or on the way there.
    pub(in crate::lifetime) fn is_filled_while_empty(&self, at: Ref, place: &Place, often: &Repetition) -> Option<Ref> {
        let steps = match often {
            Repetition::Repeated { steps, .. } => &steps[..],
            _ => &[],
        };
        // `if (table) return table; table = [];`: it is set where it is filled, and nothing takes it away.
        if let Some(Guard::Mark(mark, set_at)) = self.guard_of(at)
            && self.project.same_place(&mark, place)
            && matches!(self.project.node(set_at), Node::Assign { .. })
        {
            return Some(set_at);
        }
        let ways = [at].into_iter().chain(steps.iter().skip(1).map(|step| step.at));
        let tests = ways.flat_map(|way| self.conditions_of(way));
        let mut says = tests.filter(|(test, result)| self.says_it_is_empty(*test, *result, place));
        says.next().map(|(test, _)| test)
    }

    /// Where a mark is set that lets the code fill a collection once, itself or on the way there. A mark for each key lets
    /// each key come.
    pub(in crate::lifetime) fn is_filled_once(&self, at: Ref, often: &Repetition) -> Option<Ref> {
        let steps = match often {
            Repetition::Repeated { steps, .. } => &steps[..],
            _ => &[],
        };
        let mut ways = [at].into_iter().chain(steps.iter().skip(1).map(|step| step.at));
        ways.find_map(|way| match self.guard_of(way)? {
            Guard::Mark(mark, set_at) => {
                let is_one = mark.path.iter().all(|key| matches!(key, Key::Name(_)));
                let is_set = matches!(self.project.node(set_at), Node::Assign { .. });
                (is_one && is_set)
                    .then(|| self.is_guarded_for_good(way, None))
                    .flatten()
            }
            Guard::Looked(_) => None,
        })
    }

    fn says_it_is_empty(&self, test: Ref, result: bool, place: &Place) -> bool {
        self.says(test, result, 0, &|test, result, _| {
            let facts = self.project.facts(test.file);
            let is_size = |node| self.is_size_of(Ref { node, ..test }, place);
            match facts.node(test.node) {
                Node::Binary { left, right, op } => {
                    let is_zero = matches!(facts.node(right), Node::Number(n) if facts.numbers[n as usize] == 0.0);
                    let asks = is_zero && is_size(left);
                    match op {
                        BinaryOp::Eq => asks && result,
                        BinaryOp::Ne | BinaryOp::Gt => asks && !result,
                        _ => false,
                    }
                }
                Node::Member { .. } => !result && is_size(test.node),
                _ => false,
            }
        })
    }
}
