//! Chains of calls that register one thing after the other on what each of them gives back: `x.on('a', f).on('b', g)`.

use rustc_hash::FxHashMap;

use crate::facts::{Node, NodeId};
use crate::finding::Role;
use crate::lifetime::{Evidence, Judge, Judged, Kind, Leak, Verdict};
use crate::link::{FileId, Ref};

/// How many calls of a chain may stand between two that register something.
const MAX_BETWEEN: usize = 8;

impl Judge<'_> {
    /// Tells of a chain once where all of it leaks alike: by its first call, which names the events of the others.
    pub(in crate::lifetime) fn join_chains(&self, file: FileId, judged: &mut [Judged]) {
        let leaking: FxHashMap<NodeId, usize> = judged
            .iter()
            .enumerate()
            .filter(|(_, j)| j.acquisition.at.file == file && chainable(j).is_some())
            .map(|(i, j)| (j.acquisition.at.node, i))
            .collect();
        let mut joined: Vec<(usize, usize)> = Vec::new();
        for (&node, &i) in &leaking {
            let before = self.before_in_chain(Ref { file, node }, &leaking);
            let alike = |&first: &usize| match (chainable(&judged[first]), chainable(&judged[i])) {
                (Some(a), Some(b)) => a.cause == b.cause && a.confidence == b.confidence,
                _ => false,
            };
            joined.extend(before.filter(alike).map(|first| (i, first)));
        }
        joined.sort_unstable_by_key(|(i, _)| judged[*i].acquisition.at.node);
        let next: FxHashMap<usize, usize> = joined.iter().copied().collect();
        for (i, mut first) in joined {
            while let Some(&before) = next.get(&first) {
                first = before;
            }
            let told = Verdict::unknown("told with the first call of its chain");
            judged[i].verdict = told;
            let Kind::Pair { key, handler, .. } = judged[i].acquisition.kind else {
                continue;
            };
            let Some(key) = key.or(handler) else { continue };
            if let Verdict::Leak(leak) = &mut judged[first].verdict {
                leak.evidence.push(Evidence {
                    role: Role::Flow,
                    at: key,
                    text: "and this one, in the same chain".into(),
                });
            }
        }
    }

    /// The call of a chain before this one that leaks something as well.
    fn before_in_chain(&self, call: Ref, leaking: &FxHashMap<NodeId, usize>) -> Option<usize> {
        let mut at = call;
        for _ in 0..MAX_BETWEEN {
            let Node::Call { callee, .. } = self.project.node(at) else {
                return None;
            };
            let Node::Member { object, .. } = self.project.node(Ref { node: callee, ..at }) else {
                return None;
            };
            at = Ref { node: object, ..at };
            if let Some(&found) = leaking.get(&object) {
                return Some(found);
            }
        }
        None
    }
}

/// The leak of what a call registers, under a key or as a function: `$(window).keydown(f)`.
fn chainable(judged: &Judged) -> Option<&Leak> {
    match (&judged.acquisition.kind, &judged.verdict) {
        (Kind::Pair { key: Some(_), .. }, Verdict::Leak(leak))
        | (
            Kind::Pair {
                target: Some(_),
                handler: Some(_),
                ..
            },
            Verdict::Leak(leak),
        ) => Some(leak),
        _ => None,
    }
}
