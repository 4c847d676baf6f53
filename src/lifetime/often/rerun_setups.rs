//! Handles in a variable of a component that code which runs again overwrites, while only the component's end releases
//! what the variable holds then: a reactive statement, a watcher, a handler of something that comes again.

use rustc_hash::FxHashSet;

use crate::facts::{BindingId, Export, ExportValue, FileKind, FunctionId, Node};
use crate::finding::Role;
use crate::lifetime::held::flow::Flow;
use crate::lifetime::released::releases::Release;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::{Func, Place, Ref, Root, Use};
use crate::tables::{Bound, Every, Param};

/// The label of a Svelte statement that runs again whenever a variable it reads has changed.
const REACTIVE: &str = "$";

/// Through how many callers code that runs again is looked for.
const MAX_CALLERS: usize = 3;

impl Judge<'_> {
    /// Evidence that code of a component runs again and overwrites the only handle of what it began before.
    pub(in crate::lifetime) fn overwritten_in_setup(
        &self,
        a: &Acquisition,
        flow: &Flow,
        right: &[&Release],
    ) -> Option<Vec<Evidence>> {
        let row = &self.project.tables.pairs[a.row()?];
        if row.one_shot || row.collectable || row.inferred || row.stream || row.release_is_on_target() {
            return None;
        }
        let f = self.project.function_at(a.at);
        let (held, outer) = self.variable_of_component(f, flow, right)?;
        let ends = self.component_ends(outer);
        let reach = self.project.reach(&ends);
        let at_end_only = |r: &&Release| {
            let g = self.project.function_at(r.at);
            reach.contains(&g) && self.is_run_at_end_only(g, &reach)
        };
        if right.is_empty() || !right.iter().all(at_end_only) {
            return None;
        }
        let rerun = self.runs_again_in(outer, a.at, &held, right)?;
        Some(vec![Evidence {
            role: Role::Context,
            at: rerun,
            text: format!("runs again, which overwrites `{}`", self.show_place(&held)),
        }])
    }

    /// The one variable that holds a handle, and the function of the component whose variable it is.
    pub(super) fn variable_of_component(&self, f: Func, flow: &Flow, right: &[&Release]) -> Option<(Place, Func)> {
        let [place] = &flow.places[..] else { return None };
        let Root::Binding(file, b) = place.root else {
            return None;
        };
        let facts = self.project.facts(file);
        let made_in = facts.binding(b).function;
        let is_around = file == f.file && (made_in == f.function || facts.is_nested(f.function, made_in));
        if !place.path.is_empty() || made_in == FunctionId::MODULE || !is_around {
            return None;
        }
        let mut passed = flow.passed.iter();
        let to_release = passed.all(|call| right.iter().any(|r| r.at == *call));
        let alone = to_release && flow.collections.is_empty() && flow.returned.is_empty();
        let function = made_in;
        (alone && !flow.other && !flow.taken_apart).then(|| (place.clone(), Func { file, function }))
    }

    /// The functions that a framework runs at the end of what a function sets up: `onDestroy(f)`, and what the setup of
    /// `onMount(setup)` gives back.
    pub(in crate::lifetime) fn component_ends(&self, outer: Func) -> Vec<Func> {
        let mut out = self.teardown_callbacks(outer);
        for &node in self.project.calls_in(outer) {
            let call = Ref { file: outer.file, node };
            let Some(setup) = self.project.argument(call, 0) else {
                continue;
            };
            if !matches!(self.project.context_of(call, 0), Some((_, Param::Setup))) {
                continue;
            }
            let Some(setup) = self.project.function_value(setup, 0) else {
                continue;
            };
            let runs_once = match self.dependencies(setup) {
                Some(list) => list.is_empty(),
                None => self.is_of_mount(call),
            };
            if runs_once {
                out.extend(self.cleanup_of(setup));
            }
        }
        out
    }

    /// Whether nothing but the end of a component runs a function: what else calls it may do so before the next run.
    fn is_run_at_end_only(&self, g: Func, reach: &FxHashSet<Func>) -> bool {
        let facts = self.project.facts(g.file);
        let in_template = |b: BindingId| facts.template_names.contains(&facts.binding(b).name);
        let named = self.project.begun_with(self.project.function_node(g)).any(in_template);
        !named
            && self.project.uses(g).iter().all(|used| match used {
                Use::Called { call } => reach.contains(&self.project.function_at(*call)),
                Use::Passed { call, arg } => {
                    let context = self.project.context_of(*call, *arg);
                    matches!(context, Some((_, Param::Setup | Param::Teardown)))
                }
                Use::Returned { from } => matches!(self.scope_of(*from), Scope::Effect { setup } if setup == *from),
                _ => false,
            })
    }

    /// Whether the setup that a call is given runs once for each component, whatever changes.
    pub(in crate::lifetime) fn is_of_mount(&self, call: Ref) -> bool {
        let context = self.project.context_of(call, 0);
        context.is_some_and(|(row, _)| {
            let row = &self.project.tables.contexts[row];
            row.every == Every::Mount && row.once_mounted
        })
    }

    /// Where code that reaches a node runs again while its component lives, with no look at a variable on the way.
    fn runs_again_in(&self, outer: Func, at: Ref, held: &Place, right: &[&Release]) -> Option<Ref> {
        let mut at = at;
        for _ in 0..=MAX_CALLERS {
            let f = self.project.function_at(at);
            if let Some(statement) = self.reactive_statement(at) {
                let is_asked = self.is_read_within(held, at, statement);
                return (!is_asked && self.changes_again(statement, held)).then_some(statement);
            }
            if f == outer || self.is_over_before(at, held, right) || self.is_read_before(held, at, f) {
                return None;
            }
            if let Some(named) = self.begun_with_and_named(f, outer) {
                return (!self.is_conditional(at)).then_some(named);
            }
            if let Some(again) = self.watches(f) {
                let is_over = self.is_conditional(at) || self.is_ended_between(again, outer, right);
                return (!is_over).then_some(again);
            }
            at = self.single_call(f)?;
        }
        None
    }

    /// The function that a component runs as it appears, if its markup names the function as well.
    fn begun_with_and_named(&self, f: Func, outer: Func) -> Option<Ref> {
        let facts = self.project.facts(f.file);
        let made = self.project.function_node(f);
        let in_markup = |b: BindingId| facts.template_names.contains(&facts.binding(b).name);
        let is_mount = |call: Ref, arg: usize| {
            let context = self.project.context_of(call, arg);
            context.is_some_and(|(row, _)| self.project.tables.contexts[row].every == Every::Mount)
        };
        let runs_at_mount = |g: Func| {
            let uses = self.project.uses(g);
            let mut uses = uses.iter();
            uses.any(|used| matches!(used, Use::Passed { call, arg } if is_mount(*call, *arg)))
        };
        let is_begun = |used: &Use| match used {
            Use::Passed { call, arg } => is_mount(*call, *arg),
            Use::Called { call } => {
                let g = self.project.function_at(*call);
                (g == outer || runs_at_mount(g)) && !self.is_conditional(*call)
            }
            _ => false,
        };
        let is_named = self.project.begun_with(made).any(in_markup);
        (is_named && self.project.uses(f).iter().any(is_begun)).then_some(made)
    }

    /// Whether a place is read in a statement before a node.
    fn is_read_within(&self, held: &Place, at: Ref, statement: Ref) -> bool {
        let facts = self.project.facts(at.file);
        self.references_in(held, at.file)
            .into_iter()
            .any(|r| facts.is_inside(r.node, statement.node) && !facts.is_written(r.node) && self.is_before(r, at))
    }

    /// The call that registers a function to be run whenever what it watches changes, or the component does.
    fn watches(&self, f: Func) -> Option<Ref> {
        self.project.uses(f).iter().find_map(|used| {
            let Use::Passed { call, arg } = used else { return None };
            let (row, param) = self.project.context_of(*call, *arg)?;
            let row = &self.project.tables.contexts[row];
            let again = row.bound == Some(Bound::Watcher) || row.every == Every::Update;
            (param == Param::Handler && again).then_some(*call)
        })
    }

    /// Whether the framework runs a release between two runs of what a call registers: `onActivated`, and
    /// `onDeactivated`.
    fn is_ended_between(&self, registered: Ref, outer: Func, right: &[&Release]) -> bool {
        let turn_of = |call: Ref| {
            let (row, _) = self.project.context_of(call, 0)?;
            self.project.tables.contexts[row].turn.as_deref()
        };
        let Some(turn) = turn_of(registered) else { return false };
        let takes_turns = |end: &Func| {
            self.project.uses(*end).iter().any(|used| match used {
                Use::Passed { call, .. } => *call != registered && turn_of(*call) == Some(turn),
                _ => false,
            })
        };
        let ends: Vec<Func> = self.teardown_callbacks(outer).into_iter().filter(takes_turns).collect();
        let reach = self.project.reach(&ends);
        right.iter().any(|r| reach.contains(&self.project.function_at(r.at)))
    }

    /// The statement around a node that Svelte runs again whenever what it reads changes.
    fn reactive_statement(&self, at: Ref) -> Option<Ref> {
        let facts = self.project.facts(at.file);
        let f = self.project.function_at(at);
        if facts.kind != FileKind::Svelte || facts.instance != Some(f.function) {
            return None;
        }
        let mut up = facts
            .ancestors(at.node)
            .take_while(|&n| !matches!(facts.node(n), Node::Function(_)));
        let node =
            up.find(|&n| matches!(facts.node(n), Node::Labeled { label, .. } if facts.name(label) == REACTIVE))?;
        Some(Ref { node, ..at })
    }

    /// Whether a reactive statement reads something that changes while the component lives: a store, or a property of
    /// the component. One that is nothing at first may come once only, as the element does that `bind:this` gives.
    fn changes_again(&self, statement: Ref, held: &Place) -> bool {
        let facts = self.project.facts(statement.file);
        let is_property = |b: BindingId| {
            let init = facts.binding(b).init.map(|i| facts.node(i));
            let begins = init.is_some_and(|i| !i.is_nullish());
            let exported = |e: &Export| matches!(e.value, ExportValue::Binding(x) if x == b);
            begins && facts.exports.iter().any(exported) && Place::root(Root::Binding(statement.file, b)) != *held
        };
        let mut stack = vec![statement.node];
        while let Some(node) = stack.pop() {
            let changes = match facts.node(node) {
                Node::Binding(b) => is_property(b) && !facts.is_written(node),
                Node::Global(name) => is_store(facts.name(name)),
                _ => false,
            };
            if changes {
                return true;
            }
            facts.children(node, |child| stack.push(child));
        }
        false
    }
}

/// `$page`: the value of the store `page`.
fn is_store(name: &str) -> bool {
    name.strip_prefix(REACTIVE)
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()))
}
