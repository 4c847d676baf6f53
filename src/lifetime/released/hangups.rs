//! What is begun for a connection and ended on some word of the other side, which may hang up before it says it.

use rustc_hash::FxHashSet;

use crate::facts::FunctionId;
use crate::finding::{Cause, Role};
use crate::lifetime::grown::collections::{Found, GROWING, Grown};
use crate::lifetime::grown::touched::Touched;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind};
use crate::link::{Func, Life, Ref, Repetition, Root, Use};
use crate::tables::Every;

/// What an event tells of a connection or request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Word {
    /// It is over, in whatever way.
    End,
    /// The other side says that it is done, if it comes to that.
    Done,
    /// Something failed.
    Failure,
    /// Something else, that need not come.
    Other,
}

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
        if !stays || pair.one_shot || pair.collectable || flow.other {
            return None;
        }
        let (f, every) = self.run_per_visit(self.project.function_at(a.at))?;
        let facts = self.project.facts(f.file);
        let listed = flow.collections.iter().map(|(list, _)| list);
        let is_local = flow.places.iter().chain(listed).all(|p| match p.root {
            Root::Binding(file, b) => {
                file == f.file && p.path.is_empty() && facts.is_nested(facts.binding(b).function, f.function)
            }
            _ => false,
        });
        let is_handed_on = flow.passed.iter().any(|call| right.iter().all(|r| r.at != *call));
        if !is_local || is_handed_on {
            return None;
        }
        let missed = self.missed_words(right.iter().map(|r| r.at), f, &every)?;
        Some(Evidence {
            role: Role::Release,
            at: right[0].at,
            text: missed.into(),
        })
    }

    /// What is put in for each connection or request, and taken out only on events of it that need not come:
    /// `socket.on("leave", () => members.delete(id))`.
    pub(in crate::lifetime) fn left_in_by_hangup(&self, grown: &Grown, touched: &Touched) -> Option<Found> {
        let (f, every) = self.run_per_visit(grown.f)?;
        let &(first, _) = touched.shrinks.first()?;
        // What the same event puts in and takes out does not wait for another one.
        let is_own = |at: Ref| self.project.is_within(self.project.function_at(at), grown.f);
        if grown.f != f && touched.shrinks.iter().any(|(at, _)| is_own(*at)) {
            return None;
        }
        let taken_out = touched.shrinks.iter().map(|(at, _)| *at);
        let missed = self.missed_words(taken_out, f, &every)?;
        Some(Found {
            rule: GROWING,
            cause: Cause::NotOnEveryPath,
            evidence: vec![Evidence {
                role: Role::Release,
                at: first,
                text: missed.into(),
            }],
            tells: false,
        })
    }

    /// Whether a function is the handler of connections or requests, and all releases come with the end of the one that it
    /// handles.
    pub(in crate::lifetime) fn is_ended_by_visit(&self, f: Func, right: &[&Release]) -> bool {
        let Some((_, every)) = self.run_per_visit(f).filter(|(handler, _)| *handler == f) else {
            return false;
        };
        let ends = |r: &&Release| {
            let words = self.words_for(self.project.function_at(r.at), f, &every);
            words.is_some_and(|words| words.contains(&Word::End))
        };
        !right.is_empty() && right.iter().all(ends)
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

    /// What is wrong with releases that come only with events of a connection or request of which none need come.
    fn missed_words(&self, releases: impl Iterator<Item = Ref>, f: Func, every: &Every) -> Option<&'static str> {
        let mut words = FxHashSet::default();
        for release in releases {
            words.extend(self.words_for(self.project.function_at(release), f, every)?);
        }
        // Who fails does not say that it is done; who says neither is cut off.
        let is_ended = words.contains(&Word::Done) && words.contains(&Word::Failure);
        if words.is_empty() || is_ended || words.contains(&Word::End) {
            return None;
        }
        Some(match every {
            _ if words.iter().all(|word| *word == Word::Failure) => "this event comes only if something fails",
            Every::Connection => "the connection may end before this event comes",
            _ => "this event does not come if the client hangs up before",
        })
    }

    /// What a function within another one hears of a connection or request. Nothing, if it runs for something else.
    fn words_for(&self, g: Func, f: Func, every: &Every) -> Option<Vec<Word>> {
        if g == f || !self.project.is_within(g, f) {
            return None;
        }
        let conventions = &self.project.tables.conventions;
        let uses = self.project.uses(g);
        let words = uses.iter().map(|used| {
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
            Some(match every {
                Every::Connection if life == Life::Connection => match () {
                    () if is_one_of(&conventions.error_names) => Word::Failure,
                    () if is_one_of(&conventions.only_when_done) => Word::Done,
                    () if is_one_of(&conventions.hangups) => Word::End,
                    () => Word::Other,
                },
                Every::Request if life == Life::Request => match () {
                    () if is_one_of(&conventions.error_names) => Word::Failure,
                    () if is_one_of(&conventions.only_when_done) => Word::Done,
                    () => Word::End,
                },
                _ => return None,
            })
        });
        words.collect()
    }
}
