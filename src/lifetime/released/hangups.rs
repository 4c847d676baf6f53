//! What is begun for a connection and ended on some word of the other side, which may hang up before it says it.

use crate::facts::FunctionId;
use crate::finding::Role;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind};
use crate::link::{Func, Life, Ref, Repetition, Root, Use};
use crate::tables::Every;

impl Judge<'_> {
    /// Evidence that only events of a connection which need not come release what was begun for it.
    pub(in crate::lifetime) fn missed_by_hangup(
        &self,
        a: &Acquisition,
        flow: &Flow,
        right: &[&Release],
    ) -> Option<Evidence> {
        let Kind::Pair {
            row,
            target: None,
            via: None,
            ..
        } = &a.kind
        else {
            return None;
        };
        let pair = &self.project.tables.pairs[*row];
        if pair.one_shot || pair.collectable || !flow.collections.is_empty() || flow.other {
            return None;
        }
        let f = self.run_per_connection(self.project.function_at(a.at))?;
        let facts = self.project.facts(f.file);
        let is_local = flow.places.iter().all(|p| match p.root {
            Root::Binding(file, b) => {
                file == f.file && p.path.is_empty() && facts.is_nested(facts.binding(b).function, f.function)
            }
            _ => false,
        });
        let is_handed_on = flow.passed.iter().any(|call| right.iter().all(|r| r.at != *call));
        if !is_local || is_handed_on {
            return None;
        }
        let on_some_word = right
            .iter()
            .all(|r| self.is_on_some_word(self.project.function_at(r.at), f));
        on_some_word.then(|| Evidence {
            role: Role::Release,
            at: right[0].at,
            text: "the connection may end before this event comes".into(),
        })
    }

    /// The function around code that runs for each connection.
    fn run_per_connection(&self, f: Func) -> Option<Func> {
        let mut at = f;
        loop {
            let repetition = self.project.repetition(at);
            if let Repetition::Repeated {
                every: Every::Connection,
                proven: true,
                steps,
            } = repetition
                && steps.len() == 1
            {
                return Some(at);
            }
            at.function = self.project.function(at).parent.filter(|p| *p != FunctionId::MODULE)?;
        }
    }

    /// Whether a function within another one runs only for an event of a connection that is not its end.
    fn is_on_some_word(&self, g: Func, f: Func) -> bool {
        if g == f || !self.project.is_within(g, f) {
            return false;
        }
        let uses = self.project.uses(g);
        !uses.is_empty()
            && uses.iter().all(|used| {
                let Use::Passed { call, .. } = used else { return false };
                let listening = self.pair_acquisitions(call.file).iter().find(|o| o.at == *call);
                let Some(Kind::Pair {
                    target: Some(target),
                    key: Some(key),
                    ..
                }) = listening.map(|o| &o.kind)
                else {
                    return false;
                };
                let ending = &self.project.tables.conventions.hangups;
                let event = self.project.constant_text(*key, 0);
                self.is_of_connection(*target) && event.is_some_and(|e| ending.iter().all(|x| **x != *e))
            })
    }

    fn is_of_connection(&self, target: Ref) -> bool {
        self.project.life_of(&self.project.place(target)) == Life::Connection
    }
}
