//! What comes after a wait and is put where the end of its owner would find it, although the owner has ended meanwhile.
//!
//! The code itself says that this happens: the end sets a mark, which other code looks at, and nobody waits for the
//! function that gets the thing. Nothing looks at the mark when the wait is over.

use rustc_hash::FxHashSet;

use crate::facts::{AssignOp, FunctionId, Node, NodeId};
use crate::finding::{Cause, Role};
use crate::lifetime::held::flow::Flow;
use crate::lifetime::judge::at_most_medium;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Evidence, Judge, Judged};
use crate::link::{FileId, Func, Key, Place, Ref, Root, Use};

/// How many calls of a release's function are asked for a mark beside it.
const MAX_ENDS: usize = 4;

/// A wait, and what comes after it.
struct Arrival<'a> {
    /// The function that waits.
    f: Func,
    /// What it waits for.
    waits: Ref,
    /// Where it puts what comes.
    place: &'a Place,
}

impl Judge<'_> {
    /// Evidence that an acquisition can come after an end that its owner told.
    pub(in crate::lifetime) fn comes_after_told_end(
        &self,
        a: &Acquisition,
        flow: &Flow,
        right: &[&Release],
    ) -> Option<Vec<Evidence>> {
        let f = self.project.function_at(a.at);
        let place = flow.places.iter().find(|place| self.is_kept_outside(place, f))?;
        let facts = self.project.facts(a.at.file);
        let up = facts.parent(a.at.node);
        let waits = match facts.node(up) {
            Node::Await(_) if !self.is_soon(a.at) && !self.is_given_up(a.at) => up,
            Node::Await(_) => return None,
            _ => self.last_await_of(a.at, f.function, a.at.node, |value| !self.is_soon(value))?,
        };
        let waits = Ref { node: waits, ..a.at };
        self.told_before(&Arrival { f, waits, place }, right)
    }

    /// Adds what a file waits for and puts where only an end ends it, if that may have been told meanwhile.
    pub(in crate::lifetime) fn judge_arrivals(&self, file: FileId, out: &mut Vec<Judged>) {
        let facts = self.project.facts(file);
        let known: FxHashSet<Ref> = out.iter().map(|judged| judged.acquisition.at).collect();
        for i in 1..facts.functions.len() as u32 {
            let f = Func {
                file,
                function: FunctionId(i),
            };
            if !self.project.function(f).flags.is_async {
                continue;
            }
            for &write in self.project.writes_in(f) {
                let Some((target, waits, call)) = self.awaited_into(file, write) else {
                    continue;
                };
                let place = self.project.place(target);
                if known.contains(&call) || !self.is_kept_outside(&place, f) || self.class_made(call).is_some() {
                    continue;
                }
                let Some(row) = self.row_of_end(file, target.node) else {
                    continue;
                };
                if self.is_soon(call) || self.is_given_up(call) || facts.enclosing_function(call.node) != f.function {
                    continue;
                }
                let pair = &self.project.tables.pairs[row];
                let acquisition = Acquisition::of_row(row, pair, call, false);
                let releases = self.releases_of(&acquisition, &self.flow(call));
                let right: Vec<&Release> = releases.iter().filter(|r| r.wrong.is_none()).collect();
                let arrival = Arrival {
                    f,
                    waits,
                    place: &place,
                };
                let Some(evidence) = self.told_before(&arrival, &right) else {
                    continue;
                };
                let scope = self.scope_of(f);
                let repetition = self.repetition_here(call, f, &scope);
                let leak = self.leak(
                    &acquisition,
                    pair,
                    Cause::ReleasedTooEarly,
                    &scope,
                    &repetition,
                    false,
                    evidence,
                );
                let verdict = at_most_medium(self.at_least_medium(leak));
                out.push(Judged { acquisition, verdict });
            }
        }
    }

    /// `place = await call()`: the place, the wait, and the call.
    fn awaited_into(&self, file: FileId, write: NodeId) -> Option<(Ref, Ref, Ref)> {
        let facts = self.project.facts(file);
        let here = |node| Ref { file, node };
        let Node::Assign {
            target,
            value,
            op: AssignOp::Set,
        } = facts.node(write)
        else {
            return None;
        };
        let Node::Await(call) = facts.node(value) else {
            return None;
        };
        matches!(facts.node(call), Node::Call { .. }).then(|| (here(target), here(value), here(call)))
    }

    /// Whether a place is a field of an object, or a variable of the function around: not of the whole program.
    fn is_kept_outside(&self, place: &Place, f: Func) -> bool {
        match place.root {
            Root::This(owner) => {
                let single = || self.is_singleton(owner) || self.is_made_at_start(owner);
                matches!(place.path.as_slice(), [Key::Name(_)]) && !single()
            }
            Root::Binding(file, b) => {
                let function = self.project.facts(file).binding(b).function;
                place.path.is_empty() && file == f.file && function != f.function && function != FunctionId::MODULE
            }
            _ => false,
        }
    }

    /// The row of the method that something by this name is ended by: `line.close()`, `this.line?.close()`.
    fn row_of_end(&self, file: FileId, target: NodeId) -> Option<usize> {
        let facts = self.project.facts(file);
        let nodes: Vec<NodeId> = match facts.node(target) {
            Node::Binding(b) => facts.references_of(b).collect(),
            Node::Member { property, .. } => facts.members_named(property).collect(),
            _ => return None,
        };
        nodes.into_iter().find_map(|node| {
            let called = facts.method_called_on(node)?;
            self.project.tables.row_ended_by(facts.name(called.method))
        })
    }

    /// Evidence that an end which sets a mark may come during a wait, after which nobody looks at the mark.
    fn told_before(&self, arrival: &Arrival<'_>, right: &[&Release]) -> Option<Vec<Evidence>> {
        let f = arrival.f;
        let run: FxHashSet<Func> = self.project.reach(&[f]);
        if right.is_empty() || right.iter().any(|r| run.contains(&self.project.function_at(r.at))) {
            return None;
        }
        let told = right.iter().find_map(|r| {
            let end = self.project.function_at(r.at);
            if self.last_await(r.at, end.function, r.at.node).is_some() || self.project.is_within(end, f) {
                return None;
            }
            let (mark, set) = self.mark_set_by_end(end, arrival.place)?;
            self.is_asked_too_early(&mark, end, arrival).then_some((set, r.at))
        });
        let (set, release) = told?;
        self.goes_unwaited(f).then(|| {
            let evidence = |role, at, text: &str| Evidence {
                role,
                at,
                text: text.into(),
            };
            vec![
                evidence(Role::Flow, arrival.waits, "the end may have come when this goes on"),
                evidence(
                    Role::Flow,
                    set,
                    "the mark of the end, which nothing looks at afterwards",
                ),
                evidence(Role::Release, release, "has run by then"),
            ]
        })
    }

    /// The mark that an end sets, where it releases or where it calls the function that does.
    fn mark_set_by_end(&self, end: Func, held: &Place) -> Option<(Place, Ref)> {
        let mut ends = vec![end];
        let callers = self.project.callers(end).calls.into_iter().take(MAX_ENDS);
        ends.extend(
            callers
                .filter(|c| c.file == end.file)
                .map(|c| self.project.function_at(c)),
        );
        ends.into_iter().find_map(|end| {
            let facts = self.project.facts(end.file);
            self.project.writes_in(end).iter().find_map(|&write| {
                let Node::Assign {
                    target,
                    value,
                    op: AssignOp::Set,
                } = facts.node(write)
                else {
                    return None;
                };
                let at = Ref {
                    file: end.file,
                    node: target,
                };
                let mark = self.project.place(at);
                let is_outside = self.is_kept_outside(&mark, end) && self.have_one_root(&mark, held);
                (matches!(facts.node(value), Node::Bool(_)) && is_outside).then_some((mark, at))
            })
        })
    }

    /// Whether two places are fields of one object, or variables of one function.
    fn have_one_root(&self, a: &Place, b: &Place) -> bool {
        match (&a.root, &b.root) {
            (Root::This(x), Root::This(y)) => self.project.is_related(*x, *y),
            (Root::Binding(file, x), Root::Binding(other, y)) => {
                let facts = self.project.facts(*file);
                file == other && facts.binding(*x).function == facts.binding(*y).function
            }
            _ => false,
        }
    }

    /// Whether a mark is asked by other code than the end, and not where a wait is over: neither in the function that
    /// waits nor where that is called.
    fn is_asked_too_early(&self, mark: &Place, end: Func, arrival: &Arrival<'_>) -> bool {
        let f = arrival.f;
        let facts = self.project.facts(f.file);
        let over = facts.span(arrival.waits.node).start;
        let calls = self.project.callers(f).calls;
        let is_later = |r: &Ref| {
            let g = self.project.function_at(*r);
            let in_f = self.project.is_within(g, f) && facts.span(r.node).start > over;
            in_f || calls
                .iter()
                .any(|call| self.project.function_at(*call) == g && self.is_before(*call, *r))
        };
        let references = self.references_in(mark, f.file);
        let is_read = |r: &&Ref| {
            let facts = self.project.facts(r.file);
            !facts.is_written(r.node) && self.project.function_at(**r) != end
        };
        references.iter().any(|r| is_read(&r)) && !references.iter().any(is_later)
    }

    /// Whether a function is begun by something that does not wait for it: a statement of its own, a timer, an event.
    fn goes_unwaited(&self, f: Func) -> bool {
        let is_plain = |call: &Ref| {
            let facts = self.project.facts(call.file);
            let mut up = facts.parent(call.node);
            if matches!(facts.node(up), Node::Unary { .. }) {
                up = facts.parent(up);
            }
            matches!(facts.node(up), Node::Block(_) | Node::If { .. })
        };
        let is_context = |used: &Use| match used {
            Use::Passed { call, arg } => self.project.context_of(*call, *arg).is_some(),
            _ => false,
        };
        let by_method = self.project.method_around(f).filter(|(.., method)| *method == f);
        self.project.callers(f).calls.iter().any(is_plain)
            || self.project.uses(f).iter().any(is_context)
            || by_method.is_some_and(|(owner, name, _)| self.project.method_uses(owner, name).iter().any(is_context))
    }
}
