//! Releases by functions that take what the acquisition was given: `unwatchFile(path, listener)`, `unregisterAll()`.

use crate::facts::Node;
use crate::lifetime::released::comparison::{CallArgs, Wanted};
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Judge, Kind};
use crate::link::{FileId, Ref};
use crate::tables::{CallPattern, Param};

impl Judge<'_> {
    /// The calls of a file that end an acquisition by its key, its function, or altogether. What a pattern leaves open
    /// with `_` has to be what the acquisition was given in the same place.
    pub(in crate::lifetime) fn calls_with_arguments(
        &self,
        file: FileId,
        a: &Acquisition,
        pattern: &CallPattern,
        out: &mut Vec<Release>,
    ) {
        let Kind::Pair {
            row,
            key,
            handler,
            options,
            ..
        } = a.kind
        else {
            return;
        };
        if pattern.position(&Param::Key).is_some() && key.is_none() {
            return;
        }
        let given = self.arguments_of(a.at);
        for &node in self.project.calls_named(file, pattern.last()) {
            let call = Ref { file, node };
            if call == a.at || self.project.matches_callee(call, pattern, false).is_none() {
                continue;
            }
            let args = self.arguments_of(call);
            let other = pattern.params.iter().enumerate().any(|(i, param)| {
                let (Param::Any, Some(&one), Some(&two)) = (param, args.get(i), given.get(i)) else {
                    return false;
                };
                !self
                    .project
                    .same_place(&self.project.place(one), &self.project.place(two))
            });
            if other {
                continue;
            }
            let arg = |p: &Param| pattern.position(p).and_then(|i| args.get(i).copied());
            let wanted = Wanted {
                row,
                target: None,
                key,
                handler,
                options,
                module: None,
            };
            let given = CallArgs {
                receiver: None,
                key: arg(&Param::Key),
                handler: arg(&Param::Handler),
                options: arg(&Param::Options),
            };
            if let Some(wrong) = self.compare(pattern, &wanted, &given) {
                out.push(Release { at: call, wrong });
            }
        }
    }

    fn arguments_of(&self, call: Ref) -> Vec<Ref> {
        let facts = self.project.facts(call.file);
        match facts.node(call.node) {
            Node::Call { args, .. } => facts.list(args).map(|node| Ref { file: call.file, node }).collect(),
            _ => Vec::new(),
        }
    }
}
