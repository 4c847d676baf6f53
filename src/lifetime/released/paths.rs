//! Paths through a function: what is reached only under a condition, or not at all after an early exit; whether a
//! release is reached on every path from its acquisition.

use rustc_hash::FxHashSet;

use crate::facts::{BindingKind, FunctionId, LoopKind, Node, NodeId};
use crate::finding::Role;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::released::walk::{Exit, Walk};
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::{Func, Life, Place, Ref, Root};
use crate::tables::PairRow;

/// How many functions inside one are asked whether they release.
const MAX_INNER: usize = 64;

impl Judge<'_> {
    /// Evidence that control can leave the acquisition's function past its releases.
    ///
    /// Nothing, if every path releases, and if the walk cannot tell: where the handle is kept outside the activation,
    /// or is given to somebody else.
    pub(in crate::lifetime) fn path_miss(
        &self,
        a: &Acquisition,
        row: &PairRow,
        flow: &Flow,
        right: &[&Release],
    ) -> Option<Vec<Evidence>> {
        let f = self.project.function_at(a.at);
        if f.function == FunctionId::MODULE || self.project.function(f).flags.is_generator {
            return None;
        }
        if flow.other || !flow.collections.is_empty() || !flow.places.iter().all(|p| self.is_local(p, f)) {
            return None;
        }
        let mut releasers: FxHashSet<Func> = FxHashSet::default();
        let mut direct = false;
        for release in right {
            let mut g = self.project.function_at(release.at);
            direct |= g == f;
            if self.project.is_within(g, f) {
                while g != f {
                    releasers.insert(g);
                    let Some(parent) = self.project.function(g).parent else {
                        break;
                    };
                    g.function = parent;
                }
            } else {
                releasers.insert(g);
            }
        }
        self.add_callers(f, &mut releasers);
        if let Some(missed) = self.missed_in_step(a, right, flow) {
            return Some(vec![missed]);
        }
        let by_cleanup = row.release_is_on_target() && !direct;
        let is_of_all = || self.is_setup_of_all(f, right) || self.is_ended_by_visit(f, right);
        if by_cleanup && (!is_of_all() || self.loop_around(a.at).is_some()) {
            return self.missed_by_failed_work(a, row, flow, right);
        }
        if right.iter().any(|r| self.is_undone_for_all(a.at, r.at)) {
            return None;
        }
        let calls: Vec<Ref> = right.iter().map(|r| r.at).collect();
        let walk = Walk::new(self, a.at, &calls, releasers, &flow.places, !row.one_shot).opened_by(&row.opened_by);
        let Some(miss) = walk.first_miss() else {
            return self.missed_by_failed_work(a, row, flow, right);
        };
        if miss.exit == Exit::Returns && row.release_is_on_target() && self.hands_on_target(a, miss.at)
            || by_cleanup && !matches!(miss.exit, Exit::Returns | Exit::Ends)
        {
            return None;
        }
        if miss.exit == Exit::Returns && self.asks_end_of_target(a, miss.at) {
            return None;
        }
        let at = match miss.exit {
            Exit::Ends => right.iter().find(|r| r.at.file == f.file)?.at.node,
            _ => miss.at,
        };
        Some(vec![Evidence {
            role: if miss.exit == Exit::Ends {
                Role::Release
            } else {
                Role::Flow
            },
            at: Ref { file: f.file, node: at },
            text: miss.exit.told().to_owned(),
        }])
    }

    /// The same on what the function around made once, and keeps for all runs of this one: `const changes = new Emitter()`
    /// in a factory whose methods listen to it while they wait.
    pub(in crate::lifetime) fn left_on_outer(
        &self,
        a: &Acquisition,
        row: &PairRow,
        flow: &Flow,
        releases: impl FnOnce() -> Vec<Release>,
    ) -> Option<Vec<Evidence>> {
        let (target, handler) = a.registration()?;
        let place = self.project.place(target);
        let Root::Binding(file, b) = place.root else {
            return None;
        };
        let f = self.project.function_at(a.at);
        let binding = self.project.facts(file).binding(b);
        let is_outer = file == f.file && binding.function != f.function && binding.function != FunctionId::MODULE;
        let is_made_once = binding.kind != BindingKind::Param && binding.writes == 0;
        if !is_outer || !is_made_once || !row.release_is_on_target() || row.one_shot || !self.keeps_state(handler, f) {
            return None;
        }
        let method = self.member_of_object(f)?;
        let releases = releases();
        let right: Vec<&Release> = releases.iter().filter(|r| r.wrong.is_none()).collect();
        let is_own = |r: &&Release| self.project.is_within(self.project.function_at(r.at), method);
        if right.is_empty() || !right.iter().all(is_own) {
            return None;
        }
        let missed = self.missed_in_callbacks(f, &right, flow)?;
        Some(vec![missed])
    }

    /// The function around that is put on an object, or is a member of one: a method that others call.
    fn member_of_object(&self, f: Func) -> Option<Func> {
        let facts = self.project.facts(f.file);
        let mut at = Some(f.function);
        while let Some(function) = at.filter(|g| *g != FunctionId::MODULE) {
            let node = facts.function(function).node;
            let is_put = match facts.node(facts.parent(node)) {
                Node::Assign { target, value, .. } => {
                    value == node && matches!(facts.node(target), Node::Member { .. })
                }
                Node::Property { value, .. } => value == node,
                _ => false,
            };
            if is_put {
                return Some(Func { file: f.file, function });
            }
            at = facts.function(function).parent;
        }
        None
    }

    /// Evidence that the callback of a piece of work releases, and leaves before where it is told of an error.
    fn missed_by_failed_work(
        &self,
        a: &Acquisition,
        row: &PairRow,
        flow: &Flow,
        right: &[&Release],
    ) -> Option<Vec<Evidence>> {
        let is_kept_here = flow.passed.iter().all(|call| right.iter().any(|r| r.at == *call));
        if row.one_shot || !is_kept_here || !self.stays_on_target(a, row) {
            return None;
        }
        let missed = self.missed_in_callbacks(self.project.function_at(a.at), right, flow)?;
        Some(vec![missed])
    }

    /// Whether what was acquired stays where it was put whatever comes of the work that its release waits for: it is
    /// held by nothing that such work may end.
    fn stays_on_target(&self, a: &Acquisition, row: &PairRow) -> bool {
        let Some(target) = a.target().filter(|_| row.release_is_on_target()) else {
            return !row.release_is_on_target();
        };
        matches!(self.project.life_of(&self.project.place(target)), Life::Process)
    }

    /// Whether a function is the setup of an effect, and all that releases stands in the cleanup that it gives back.
    fn is_setup_of_all(&self, f: Func, right: &[&Release]) -> bool {
        let is_setup = matches!(self.scope_of(f), Scope::Effect { setup } if setup == f);
        let cleanup = |at: Ref| self.project.function(self.project.function_at(at)).parent == Some(f.function);
        is_setup && right.iter().all(|r| r.at.file == f.file && cleanup(r.at))
    }

    /// Whether a loop in a `finally` releases for all that another loop over the same list acquired.
    fn is_undone_for_all(&self, acquired: Ref, release: Ref) -> bool {
        let facts = self.project.facts(acquired.file);
        let list_of = |at: Ref| {
            facts.ancestors(at.node).find_map(|up| match facts.node(up) {
                Node::Loop {
                    parts,
                    kind: LoopKind::ForOf,
                    ..
                } => Some((
                    up,
                    self.project.place(Ref {
                        node: facts.item(parts, 1)?,
                        ..at
                    }),
                )),
                _ => None,
            })
        };
        let same_function =
            acquired.file == release.file && self.project.function_at(acquired) == self.project.function_at(release);
        if !same_function {
            return false;
        }
        let (Some((_, list)), Some((again, other))) = (list_of(acquired), list_of(release)) else {
            return false;
        };
        let is_finally = facts
            .ancestors(again)
            .any(|up| matches!(facts.node(up), Node::Try { finalizer, .. } if facts.is_inside(again, finalizer)));
        is_finally && self.project.same_place(&list, &other) && !matches!(list.root, Root::Value(_))
    }

    /// Whether an exit stands behind a look at the end of the target: `if (token.isCancelled) return`.
    fn asks_end_of_target(&self, a: &Acquisition, exit: NodeId) -> bool {
        let Some(target) = a.target() else {
            return false;
        };
        let place = self.project.place(target);
        let facts = self.project.facts(a.at.file);
        let names = &self.project.tables.conventions.ending_names;
        let asks = |test: NodeId| {
            let Node::Member { object, property, .. } = facts.node(test) else {
                return false;
            };
            let asked = facts.name(property).to_lowercase();
            let object = self.project.place(Ref { node: object, ..a.at });
            names.iter().any(|n| asked.contains(&**n)) && self.project.same_place(&object, &place)
        };
        let conditions = self.conditions_of(Ref { node: exit, ..a.at });
        conditions.into_iter().any(|(test, truth)| truth && asks(test.node))
    }

    /// Whether the target goes to another function right before a `return`, which may well end it.
    fn hands_on_target(&self, a: &Acquisition, exit: NodeId) -> bool {
        let Some(target) = a.target() else {
            return false;
        };
        let place = self.project.place(target);
        let facts = self.project.facts(a.at.file);
        let block = facts.parent(exit);
        if matches!(facts.node(block), Node::Function(_)) {
            return false;
        }
        let f = facts.enclosing_function(exit);
        self.project
            .calls_in(Func {
                file: a.at.file,
                function: f,
            })
            .iter()
            .any(|&call| {
                let Node::Call { args, .. } = facts.node(call) else {
                    return false;
                };
                call != a.at.node
                    && facts.is_inside(call, block)
                    && facts.span(call).start > facts.span(a.at.node).end
                    && facts.span(call).start < facts.span(exit).end
                    && facts.list(args).any(|node| {
                        let arg = self.project.place(Ref { file: a.at.file, node });
                        self.project.same_place(&arg, &place)
                    })
            })
    }

    /// Adds the functions inside `f` that run one of the given functions.
    pub(in crate::lifetime) fn add_callers(&self, f: Func, releasers: &mut FxHashSet<Func>) {
        if releasers.is_empty() {
            return;
        }
        let inner: Vec<Func> = self.project.functions_within(f).take(MAX_INNER).collect();
        for g in inner {
            if !releasers.contains(&g)
                && self
                    .project
                    .reach(&[g])
                    .iter()
                    .any(|h| *h != f && releasers.contains(h))
            {
                releasers.insert(g);
            }
        }
    }

    /// Whether a place is a variable of one activation of a function, or a parameter of what it calls.
    pub(in crate::lifetime) fn is_local(&self, place: &Place, f: Func) -> bool {
        let Root::Binding(file, b) = place.root else {
            return false;
        };
        let facts = self.project.facts(file);
        let binding = facts.binding(b);
        place.path.is_empty()
            && (binding.kind == crate::facts::BindingKind::Param
                || (file == f.file && facts.is_nested(binding.function, f.function)))
    }

    /// Whether a node is reached under a condition only, within its function.
    pub(in crate::lifetime) fn is_conditional(&self, at: Ref) -> bool {
        let facts = self.project.facts(at.file);
        let mut below = at.node;
        for up in facts.ancestors(at.node) {
            match facts.node(up) {
                Node::Function(_) => return false,
                Node::If { test, .. } | Node::Conditional { test, .. } if test != below => return true,
                Node::Logical { right, .. } if right == below => return true,
                Node::Case { .. } | Node::Catch { .. } => return true,
                _ => {}
            }
            below = up;
        }
        false
    }

    /// Whether the function of a node can return before it is reached.
    pub(in crate::lifetime) fn has_early_exit(&self, at: Ref) -> bool {
        let facts = self.project.facts(at.file);
        let f = self.project.function_at(at);
        let (from, to) = (self.project.function(f).span.start, facts.span(at.node).start);
        self.project.jumps_in(f).iter().any(|&node| {
            matches!(facts.node(node), Node::Return(_) | Node::Throw(_))
                && (from..to).contains(&facts.span(node).start)
                && !facts.is_inside(at.node, node)
        })
    }
}
