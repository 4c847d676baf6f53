//! What is begun for a connection and ended on some word of the other side, which may hang up before it says it.

use crate::facts::FunctionId;
use crate::finding::{Cause, Role};
use crate::lifetime::grown::collections::{Found, GROWING, Grown};
use crate::lifetime::grown::touched::Touched;
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
            row, target, via: None, ..
        } = &a.kind
        else {
            return None;
        };
        let pair = &self.project.tables.pairs[*row];
        let stays = target.is_none_or(|t| matches!(self.project.life_of(&self.project.place(t)), Life::Process));
        if !stays || pair.one_shot || pair.collectable || !flow.collections.is_empty() || flow.other {
            return None;
        }
        let (f, every) = self.run_per_visit(self.project.function_at(a.at))?;
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
        let words: Option<Vec<bool>> = right
            .iter()
            .map(|r| self.hangs_up(self.project.function_at(r.at), f, &every))
            .collect();
        let only_on_some_word = words.is_some_and(|ends| ends.iter().all(|ends| !ends));
        only_on_some_word.then(|| Evidence {
            role: Role::Release,
            at: right[0].at,
            text: missed_text(&every).into(),
        })
    }

    /// What is put in for each connection or request, and taken out only on events of it that need not come:
    /// `socket.on("leave", () => members.delete(id))`.
    pub(in crate::lifetime) fn left_in_by_hangup(&self, grown: &Grown, touched: &Touched) -> Option<Found> {
        let (f, every) = self.run_per_visit(grown.f)?;
        let &(first, _) = touched.shrinks.first()?;
        let is_some_word = |at: Ref| self.hangs_up(self.project.function_at(at), f, &every) == Some(false);
        let some_words_only = touched.shrinks.iter().all(|(at, _)| is_some_word(*at));
        some_words_only.then(|| Found {
            rule: GROWING,
            cause: Cause::NotOnEveryPath,
            evidence: vec![Evidence {
                role: Role::Release,
                at: first,
                text: missed_text(&every).into(),
            }],
            tells: false,
        })
    }

    /// The function around code that runs for each connection, or for each request.
    fn run_per_visit(&self, f: Func) -> Option<(Func, Every)> {
        let mut at = f;
        loop {
            if let Repetition::Repeated {
                every: every @ (Every::Connection | Every::Request),
                proven: true,
                steps,
            } = self.project.repetition(at)
                && steps.len() == 1
            {
                return Some((at, every));
            }
            at.function = self.project.function(at).parent.filter(|p| *p != FunctionId::MODULE)?;
        }
    }

    /// Whether a function within another one runs at the end of a connection or request, or for another event of it.
    /// Nothing, if it runs for something else.
    fn hangs_up(&self, g: Func, f: Func, every: &Every) -> Option<bool> {
        if g == f || !self.project.is_within(g, f) {
            return None;
        }
        let conventions = &self.project.tables.conventions;
        let uses = self.project.uses(g);
        let mut ends = Vec::new();
        for used in uses.iter() {
            let Use::Passed { call, .. } = used else { return None };
            let listening = self.pair_acquisitions(call.file).iter().find(|o| o.at == *call);
            let Some(Kind::Pair {
                target: Some(target),
                key: Some(key),
                ..
            }) = listening.map(|o| &o.kind)
            else {
                return None;
            };
            let life = self.project.life_of(&self.project.place(*target));
            let event = self.project.constant_text(*key, 0)?;
            let is_one_of = |list: &[String]| list.iter().any(|x| **x == *event);
            ends.push(match every {
                Every::Connection if life == Life::Connection => {
                    is_one_of(&conventions.hangups) && !is_one_of(&conventions.error_names)
                }
                Every::Request if life == Life::Request => !is_one_of(&conventions.only_when_done),
                _ => return None,
            });
        }
        (!ends.is_empty()).then(|| ends.into_iter().any(|end| end))
    }
}

/// What is wrong with a release on an event that need not come.
fn missed_text(every: &Every) -> &'static str {
    match every {
        Every::Connection => "the connection may end before this event comes",
        _ => "this event does not come if the client hangs up before",
    }
}
