//! Functions that are called where they are written, and the factories of modules: their parameters are other names of
//! what they are given.
//!
//! `(function ($) { ... })(jQuery)`, `define(["jquery"], function ($) { ... })`, and the universal form of both, where a
//! function is given the factory and calls it in whatever way the host knows.

use super::{FileId, Func, Place, Project, Ref, Root, modules};
use crate::facts::{BindingId, BindingKind, CallKind, Node, NodeId};

/// Names in an AMD list of dependencies that stand for parts of the loader rather than for modules.
const OF_THE_LOADER: [&str; 3] = ["exports", "module", "require"];

impl Project {
    /// What a parameter of a function that is called where it is written is another name of.
    pub(super) fn given_to_factory(&self, file: FileId, b: BindingId, depth: u32) -> Option<Place> {
        let facts = self.facts(file);
        let binding = facts.binding(b);
        if binding.kind != BindingKind::Param || binding.writes > 0 || binding.pattern.is_some() {
            return None;
        }
        let node = facts.function(binding.function).node;
        let up = facts.parent(node);
        if !matches!(facts.node(up), Node::Call { .. } | Node::Member { .. }) {
            return None;
        }
        let (_, position) = self.param_position(file, b)?;
        if let Some(module) = modules::waited_for(facts, node).filter(|_| position == 0) {
            return Some(self.place_at(Ref { file, node: module }, depth + 1));
        }
        let given = match self.call_in_place(file, node) {
            Some((call, shift)) => self.argument(call, position + shift)?,
            None => return self.given_to_passed_factory(Ref { file, node: up }, node, position, depth),
        };
        self.named_elsewhere(given, depth)
    }

    /// The call of a function that is called where it is written, and how many arguments stand before its own.
    fn call_in_place(&self, file: FileId, function: NodeId) -> Option<(Ref, usize)> {
        let facts = self.facts(file);
        let up = facts.parent(function);
        let (called, shift) = match facts.node(up) {
            Node::Member { object, property, .. } if object == function && facts.name(property) == "call" => (up, 1),
            _ => (function, 0),
        };
        let call = if called == function { up } else { facts.parent(up) };
        match facts.node(call) {
            Node::Call { callee, kind, .. } if callee == called && kind != CallKind::New => {
                Some((Ref { file, node: call }, shift))
            }
            _ => None,
        }
    }

    /// What the parameter of a factory is another name of, where the factory is handed to `define`, or to a function
    /// that is called where it is written and calls the factory.
    fn given_to_passed_factory(&self, call: Ref, factory: NodeId, position: usize, depth: u32) -> Option<Place> {
        let facts = self.facts(call.file);
        let Node::Call { callee, args, .. } = facts.node(call.node) else {
            return None;
        };
        let at = facts.list(args).position(|arg| arg == factory)?;
        let Node::Function(loader) = facts.node(callee) else {
            return self.defined_dependency(call, at, position);
        };
        let loader = Func {
            file: call.file,
            function: loader,
        };
        let param = facts.list(self.function(loader).params).nth(at)?;
        let Node::Binding(name) = facts.node(param) else {
            return None;
        };
        facts.references_of(name).find_map(|node| {
            let call = Ref {
                node: facts.parent(node),
                ..call
            };
            let Node::Call { callee, args, .. } = facts.node(call.node) else {
                return None;
            };
            if callee == node {
                return self.named_elsewhere(self.argument(call, position)?, depth);
            }
            let at = facts.list(args).position(|arg| arg == node)?;
            self.defined_dependency(call, at, position)
        })
    }

    /// The module that an AMD `define` hands to a parameter of its factory, which stands at a position of its arguments.
    fn defined_dependency(&self, call: Ref, factory: usize, position: usize) -> Option<Place> {
        let facts = self.facts(call.file);
        let Node::Call { callee, .. } = facts.node(call.node) else {
            return None;
        };
        let Node::Global(name) = facts.node(callee) else {
            return None;
        };
        if !self
            .tables
            .conventions
            .amd_loaders
            .iter()
            .any(|l| l == facts.name(name))
        {
            return None;
        }
        let list = self.argument(call, factory.checked_sub(1)?)?;
        let Node::Array(modules) = facts.node(list.node) else {
            return None;
        };
        let Node::Str(specifier) = facts.node(facts.item(modules, position)?) else {
            return None;
        };
        let is_of_loader = OF_THE_LOADER.contains(&facts.name(specifier));
        (!is_of_loader).then(|| self.required_place(call.file, specifier, 0))
    }

    /// The place of an argument, if it names something that is there anyway.
    fn named_elsewhere(&self, given: Ref, depth: u32) -> Option<Place> {
        let place = self.place_at(given, depth + 1);
        match place.root {
            Root::Global | Root::External(_) | Root::Module(_) => Some(place),
            Root::Binding(..) if self.is_shared(&place.root) => Some(place),
            Root::Binding(..) | Root::This(_) | Root::Value(_) => None,
        }
    }
}
