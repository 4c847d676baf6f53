//! What comes while a function waits: it opens a source, gathers what that says, closes it, and gives back what has come.
//!
//! `socket.on('message', answer => answers.push(answer)); await wait(ms); socket.close(); return answers;`

use crate::facts::{FunctionId, Node};
use crate::lifetime::grown::collections::Grown;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::{Acquisition, Judge, Kind};
use crate::link::{Func, Ref, Root, Use};

impl Judge<'_> {
    /// Where the run that made a collection closes the source, made in that run as well, that fills it.
    pub(in crate::lifetime) fn gathered_while_open(&self, grown: &Grown) -> Option<Ref> {
        let Root::Binding(file, b) = grown.place.root else {
            return None;
        };
        let run = Func {
            file,
            function: self.project.facts(file).binding(b).function,
        };
        if !grown.place.path.is_empty() || run.function == FunctionId::MODULE || grown.f.file != file {
            return None;
        }
        let mut at = grown.f;
        while at != run {
            if let Some(closed) = self
                .sources_of(at)
                .into_iter()
                .find_map(|call| self.closed_in_run(call, run))
            {
                return Some(closed);
            }
            at.function = self.project.function(at).parent?;
        }
        None
    }

    /// The calls of a method that a function is handed to, with what the method is of: `socket` of `socket.on('x', f)`.
    fn sources_of(&self, f: Func) -> Vec<Ref> {
        let uses = self.project.uses(f);
        let passed = uses.iter().filter_map(|used| match used {
            Use::Passed { call, .. } if call.file == f.file => Some(*call),
            _ => None,
        });
        let receiver = |call: Ref| {
            let of = self.project.facts(call.file).method_call(call.node)?;
            Some(self.chain_base(Ref {
                node: of.object,
                ..call
            }))
        };
        passed.filter_map(receiver).collect()
    }

    /// Where a run ends what it opened itself, not in a function that somebody may call later or never.
    fn closed_in_run(&self, source: Ref, run: Func) -> Option<Ref> {
        let Node::Binding(b) = self.project.node(source) else {
            return None;
        };
        let binding = self.project.facts(source.file).binding(b);
        let made_in = Func {
            file: source.file,
            function: binding.function,
        };
        let is_of_run = |f: Func| f.file == run.file && self.activation(f) == run;
        let opened = self.project.value_of_place(&self.project.place(source))?;
        if binding.writes > 1 || !is_of_run(made_in) || !is_of_run(self.project.function_at(opened)) {
            return None;
        }
        let opened = self.acquisition_at(opened)?;
        let flow = self.flow_of(&opened);
        let releases = self.releases_of(&opened, &flow);
        let mut right = releases.iter().filter(|release| release.wrong.is_none());
        let closed = right.find(|release| is_of_run(self.project.function_at(release.at)));
        let closed = closed.map(|release| release.at);
        closed.or_else(|| self.closed_as_a_part(&opened, &flow, run))
    }

    /// `marks.forEach(mark => mark.socket.close())`, where `marks` are what the run's own callbacks have given back.
    fn closed_as_a_part(&self, opened: &Acquisition, flow: &Flow, run: Func) -> Option<Ref> {
        let Kind::Pair { row, .. } = opened.kind else {
            return None;
        };
        let is_of_run = |f: Func| f != run && f.file == run.file && self.activation(f) == run;
        if flow.returned.is_empty() || !flow.returned.iter().all(|&f| is_of_run(f)) {
            return None;
        }
        let facts = self.project.facts(run.file);
        let ends = |name: &str| self.project.tables.releases[row].iter().any(|r| r.last() == name);
        let is_part = |object| match facts.node(object) {
            Node::Member { property, .. } => flow.places.iter().any(|p| p.last() == Some(facts.name(property))),
            _ => false,
        };
        let mut calls = facts.method_calls();
        let closed = calls.find(|call| {
            let f = self.project.function_at(Ref {
                file: run.file,
                node: call.at,
            });
            ends(facts.name(call.method)) && is_part(call.object) && self.activation(f) == run
        })?;
        Some(Ref {
            file: run.file,
            node: closed.at,
        })
    }
}
