//! Operators that a project writes as functions of the stream that they are applied to.

use crate::facts::{MethodCall, Node, NodeId};
use crate::lifetime::Judge;
use crate::lifetime::acquired::streams::{Stream, Walk};
use crate::link::{Func, Ref};
use crate::tables::Param;

impl Judge<'_> {
    /// An operator that the project writes as a function of its source: `(source) => source.pipe(...)`, or one that hands
    /// on what the source gives. Whether it is such a one.
    pub(super) fn apply_written(&self, operator: Func, stream: &mut Stream, walk: Walk<'_>) -> bool {
        let [given] = self.project.returned_values(operator)[..] else {
            return false;
        };
        let Some(call) = self.call_on_source(given, operator) else {
            return self.hands_on_source(given, operator);
        };
        let facts = self.project.facts(given.file);
        let Some(effect) = self.project.tables.operator_method(facts.name(call.method)) else {
            return false;
        };
        let args: Vec<Ref> = facts.list(call.args).map(|node| Ref { node, ..given }).collect();
        self.apply_method(effect, given, &args, stream, walk);
        true
    }

    /// The call that a value is, if it is one of a method of what an operator is given.
    fn call_on_source(&self, value: Ref, operator: Func) -> Option<MethodCall> {
        let facts = self.project.facts(operator.file);
        let call = facts.method_call(value.node).filter(|_| value.file == operator.file)?;
        let Node::Binding(b) = facts.node(call.object) else {
            return None;
        };
        (self.project.param_position(operator.file, b) == Some((operator, 0))).then_some(call)
    }

    /// `new Observable((sink) => source.subscribe(...))`, which ends when its source does and not before.
    fn hands_on_source(&self, made: Ref, operator: Func) -> bool {
        let is_setup = matches!(self.project.context_of(made, 0), Some((_, Param::Setup)));
        let setup = self.project.argument(made, 0).filter(|_| is_setup);
        let Some(setup) = setup.and_then(|setup| self.project.function_value(setup, 0)) else {
            return false;
        };
        let facts = self.project.facts(setup.file);
        let ends = &self.project.tables.conventions.ends_stream;
        let node = self.project.function_node(setup).node;
        // `complete() { sink.complete(); }` hands the end on.
        let hands_on = |name: &str, up: NodeId| match facts.node(up) {
            Node::Function(f) => facts.function(f).name.is_some_and(|own| facts.name(own) == name),
            _ => false,
        };
        let is_early = |name: &str, call: NodeId| {
            let mut within = facts.ancestors(call).take_while(|&up| up != node);
            facts.is_inside(call, node) && !within.any(|up| hands_on(name, up))
        };
        let ends_early = ends.iter().any(|name| {
            let mut calls = self.project.calls_named(setup.file, name).iter();
            calls.any(|&call| is_early(name, call))
        });
        let values = self.project.returned_values(setup);
        !ends_early && !values.is_empty() && values.iter().all(|v| self.call_on_source(*v, operator).is_some())
    }
}
