//! Parts that are gathered until all have come: `stream.on('data', part => parts.push(part))`, and what is done with them
//! at the stream's end.

use crate::facts::{CallKind, FunctionId, Node, NodeId};
use crate::lifetime::Judge;
use crate::lifetime::grown::collections::Grown;
use crate::link::{Func, Place, Ref, Root, Use};

impl Judge<'_> {
    /// The call that waits for the end of what the elements come from, and reads them all then.
    pub(in crate::lifetime) fn gathered_until(&self, grown: &Grown) -> Option<Ref> {
        self.gathered_by_stream(grown)
            .or_else(|| self.gathered_by_call(grown))
            .or_else(|| self.gathered_until_taken_off(grown))
            .or_else(|| self.gathered_by_object(grown))
            .or_else(|| self.gathered_by_program(grown))
            .or_else(|| self.gathered_until_replaced(grown))
    }

    /// `window.onmessage = event => early.push(event)`: where another function takes the place of the one that gathers, and
    /// deals with what has come: `window.onmessage = hear; early.forEach(hear)`.
    fn gathered_until_replaced(&self, grown: &Grown) -> Option<Ref> {
        let uses = self.project.uses(grown.f);
        let (stored, slot) = uses.iter().find_map(|used| match used {
            Use::Stored { at, place } => Some((*at, place)),
            _ => None,
        })?;
        let writes = self.project.writes_to(stored.file, slot.last()?);
        let mut others = writes.iter().map(|&node| Ref { node, ..stored });
        let facts = self.project.facts(stored.file);
        let takes_place = |write: &Ref| match facts.node(write.node) {
            Node::Assign { target, value, .. } => {
                let target = self.project.place(Ref { node: target, ..stored });
                let value = Ref { node: value, ..stored };
                let heard = self.project.function_value(value, 0);
                self.project.same_place(&target, slot) && heard.is_some_and(|heard| heard != grown.f)
            }
            _ => false,
        };
        let reads = self.references_in(&grown.place, stored.file);
        let deals_with_all = |write: &Ref| {
            let f = self.project.function_at(*write);
            reads.iter().any(|read| self.project.function_at(*read) == f)
        };
        others.find(|write| takes_place(write) && deals_with_all(write))
    }

    /// `lines.on('line', line => { if (!line) { show(all); process.exit(); } all.push(line); })`: where the function that
    /// gathers reads what it has, and ends the program.
    fn gathered_by_program(&self, grown: &Grown) -> Option<Ref> {
        let facts = self.project.facts(grown.f.file);
        let ends = &self.project.tables.conventions.ends_process;
        let is_end = |&call: &NodeId| {
            let callee = self.callee_of(Ref {
                node: call,
                ..grown.growth.at
            });
            let path = callee.and_then(|(callee, _)| self.project.path_of(callee));
            path.is_some_and(|p| ends.contains(&p))
        };
        let end = self.project.calls_in(grown.f).iter().copied().find(is_end)?;
        let block = facts.parent(end);
        let reads = facts.nodes.iter().zip(0..).any(|(_, index)| {
            let node = NodeId(index);
            let at = Ref {
                node,
                ..grown.growth.at
            };
            facts.is_inside(node, block)
                && matches!(facts.node(node), Node::Binding(_) | Node::Member { .. })
                && self.project.same_place(&self.project.place(at), &grown.place)
        });
        reads.then_some(Ref {
            node: end,
            ..grown.growth.at
        })
    }

    /// `child.stdout.on('data', lines.add)`, where the function that listens makes both `lines` and `child`, or stands in
    /// one that does, and hears of the end of the child.
    fn gathered_by_object(&self, grown: &Grown) -> Option<Ref> {
        let conventions = &self.project.tables.conventions;
        let (owner, name, method) = self.project.method_around(grown.f)?;
        if !matches!(grown.place.root, Root::This(_)) || method != grown.f {
            return None;
        }
        let mut found = None;
        for used in self.project.method_uses(owner, name).iter() {
            let call = match used {
                Use::Passed { call, .. } => *call,
                // `this.add = this.add.bind(this)`
                Use::Stored { place, .. } if matches!(place.root, Root::This(_)) => continue,
                _ => return None,
            };
            found = Some(self.hears_of_source_end(call, &conventions.gathered_at)?);
        }
        found
    }

    /// Where a function that hands a method of an object of its own run to an emitter of that run hears of the emitter's
    /// end.
    fn hears_of_source_end(&self, call: Ref, ends: &[String]) -> Option<Ref> {
        let (callee, args) = self.callee_of(call)?;
        let (Node::Member { object, .. }, [event, handler]) = (self.project.node(callee), &args[..]) else {
            return None;
        };
        let parts = &self.project.tables.conventions.part_events;
        let event = self.project.constant_text(*event, 0)?;
        let own = self.project.function_at(call);
        let source = self.project.place(Ref { node: object, ..call });
        let gatherer = self.project.place(*handler).parent()?;
        let is_local = |place: &Place| match place.root {
            Root::Binding(file, b) => {
                let of = Func {
                    file,
                    function: self.project.facts(file).binding(b).function,
                };
                of.function != FunctionId::MODULE && self.project.is_within(own, of)
            }
            _ => false,
        };
        if !parts.iter().any(|e| **e == *event) || !is_local(&source) || !is_local(&gatherer) {
            return None;
        }
        let facts = self.project.facts(call.file);
        let is_end = |&at: &NodeId| {
            let at = Ref { node: at, ..call };
            let listening = self.listening(at, ends);
            self.project.function_at(at) == own && listening.is_some_and(|(on, _)| self.shares_root(&on, &source))
        };
        let at = facts.method_calls().map(|call| call.at).find(|at| is_end(at))?;
        Some(Ref { node: at, ..call })
    }

    /// `eachLimit(list, 2, item => found.push(item), () => show(found))`: one call runs both.
    fn gathered_by_call(&self, grown: &Grown) -> Option<Ref> {
        let Root::Binding(file, b) = grown.place.root else {
            return None;
        };
        let facts = self.project.facts(file);
        let maker = facts.binding(b).function;
        if file != grown.f.file || maker == FunctionId::MODULE || !grown.place.path.is_empty() {
            return None;
        }
        let mut at = grown.f.function;
        while at != maker {
            let node = facts.function(at).node;
            let call = facts.parent(node);
            if let Node::Call { args, .. } = facts.node(call)
                && facts.enclosing_function(call) == maker
                && facts
                    .list(args)
                    .skip_while(|&arg| arg != node)
                    .skip(1)
                    .any(|arg| self.reads_it(grown, arg))
            {
                return Some(Ref { file, node: call });
            }
            at = facts.function(at).parent?;
        }
        None
    }

    /// Whether an argument is a function that reads a collection and does not add to it.
    fn reads_it(&self, grown: &Grown, arg: NodeId) -> bool {
        let at = Ref {
            file: grown.f.file,
            node: arg,
        };
        let is_function = matches!(self.project.node(at), Node::Function(_));
        is_function
            && self
                .project
                .function_value(at, 0)
                .is_some_and(|f| self.mentions(f, &grown.place) && !self.grows_in(grown, f))
    }

    fn gathered_by_stream(&self, grown: &Grown) -> Option<Ref> {
        let conventions = &self.project.tables.conventions;
        let (source, listened) = self.listened_in(grown.f, &conventions.part_events)?;
        let facts = self.project.facts(grown.f.file);
        let here = |node| Ref {
            file: grown.f.file,
            node,
        };
        let own = self.project.function_at(listened);
        let is_of_run = self.is_made_in(&source, own)
            && (self.is_made_in(&grown.place, own)
                || self
                    .waits_for(own)
                    .is_some_and(|waiting| self.is_made_in(&grown.place, waiting)));
        let is_end = |call: NodeId| {
            let (on, handler) = self.listening_by(here(call), &conventions.gathered_at)?;
            let around = self.project.function_at(here(call));
            let reads = || {
                let handler = self.project.function_value(handler, 0);
                let mut reached = handler.into_iter().flat_map(|f| self.project.reach(&[f]));
                around == own && reached.any(|f| self.mentions(f, &grown.place))
            };
            // Both are gone at the end, whoever hears of it, read or not.
            let ends = is_of_run && self.project.is_within(around, own) || reads();
            (self.shares_root(&on, &source) && ends).then_some(here(call))
        };
        let methods = facts.method_calls();
        let found = methods.map(|call| call.at).find_map(is_end);
        found.or_else(|| self.waited_until(&source, own).filter(|_| is_of_run))
    }

    /// `await once(lines, 'close')`: where a function waits until what it is handed has ended.
    fn waited_until(&self, source: &Place, own: Func) -> Option<Ref> {
        let facts = self.project.facts(own.file);
        let here = |node| Ref { file: own.file, node };
        let ends = &self.project.tables.conventions.gathered_at;
        let is_end = |node| self.project.is_text_of(here(node), ends);
        let waits = |&call: &NodeId| {
            let Node::Call { args, .. } = facts.node(call) else {
                return false;
            };
            matches!(facts.node(facts.parent(call)), Node::Await(_))
                && facts.list(args).any(|arg| self.project.place(here(arg)) == *source)
                && facts.list(args).any(is_end)
        };
        let call = self.project.calls_in(own).iter().copied().find(waits)?;
        Some(here(call))
    }

    /// `lines.on('line', gather)`, where `lines.off('line', gather)` follows: it gathers what one run listens to.
    fn gathered_until_taken_off(&self, grown: &Grown) -> Option<Ref> {
        let (source, listened) = self.listened_in(grown.f, &self.project.tables.conventions.part_events)?;
        let own = self.project.function_at(listened);
        if !self.is_made_in(&source, own) || !self.is_made_in(&grown.place, own) {
            return None;
        }
        let facts = self.project.facts(own.file);
        let here = |node| Ref { file: own.file, node };
        let takes_off = |call: NodeId| {
            let Some((callee, args)) = self.callee_of(here(call)) else {
                return false;
            };
            let Node::Member { object, .. } = self.project.node(callee) else {
                return false;
            };
            let is_it = |(i, arg): (usize, &Ref)| {
                self.project.is_taken_off(here(call), i) && self.project.function_value(*arg, 0) == Some(grown.f)
            };
            self.project.place(here(object)) == source && args.iter().enumerate().any(is_it)
        };
        let mut methods = facts.method_calls().map(|call| call.at);
        methods.find(|&call| takes_off(call)).map(here)
    }

    /// The function that makes a promise of this one: `await new Promise(resolve => { ... })`.
    fn waits_for(&self, executor: Func) -> Option<Func> {
        let facts = self.project.facts(executor.file);
        let promise = Ref {
            file: executor.file,
            node: facts.parent(facts.function(executor.function).node),
        };
        let is_new = matches!(
            self.project.node(promise),
            Node::Call {
                kind: CallKind::New,
                ..
            }
        );
        (is_new && self.runs_at_once(promise)).then(|| self.project.function_at(promise))
    }

    /// Whether a place is in a variable that each run of a function has anew.
    fn is_made_in(&self, place: &Place, f: Func) -> bool {
        let Root::Binding(file, b) = place.root else {
            return false;
        };
        let facts = self.project.facts(file);
        let binding = facts.binding(b);
        let made = binding.init.is_some_and(|init| !facts.node(init).is_absent());
        file == f.file && binding.function == f.function && f.function != FunctionId::MODULE && made
    }

    /// The emitter, and the call, by which a function hears of one of some events.
    fn listened_in(&self, f: Func, events: &[String]) -> Option<(Place, Ref)> {
        let facts = self.project.facts(f.file);
        let mut at = f;
        loop {
            let node = facts.function(at.function).node;
            let written = Ref {
                file: f.file,
                node: facts.parent(node),
            };
            let named = self.project.uses(at);
            let named = named.iter().filter_map(|used| match used {
                Use::Passed { call, .. } if call.file == f.file => Some(*call),
                _ => None,
            });
            let found = std::iter::once(written).chain(named).find_map(|call| {
                let (on, handler) = self.listening(call, events)?;
                (handler == at).then_some((on, call))
            });
            if found.is_some() {
                return found;
            }
            at.function = facts.function(at.function).parent?;
        }
    }

    /// `emitter.on('event', function)`: the emitter and the function, if it is one of some events.
    fn listening(&self, call: Ref, events: &[String]) -> Option<(Place, Func)> {
        let (on, handler) = self.listening_by(call, events)?;
        Some((on, self.project.function_value(handler, 0)?))
    }

    /// The same with what may be given to this code: `child.on('close', resolve)`.
    fn listening_by(&self, call: Ref, events: &[String]) -> Option<(Place, Ref)> {
        let facts = self.project.facts(call.file);
        let Node::Call { callee, args, .. } = facts.node(call.node) else {
            return None;
        };
        let Node::Member { object, .. } = facts.node(callee) else {
            return None;
        };
        let here = |node| Ref { file: call.file, node };
        let mut args = facts.list(args).map(here);
        let (event, handler) = (args.next()?, args.next()?);
        let target = || self.project.place(self.first_of_chain(here(object)));
        self.project.is_text_of(event, events).then(|| (target(), handler))
    }

    /// `stream` in `stream.on('a', f).on('b', g)`.
    fn first_of_chain(&self, mut at: Ref) -> Ref {
        let facts = self.project.facts(at.file);
        while let Node::Call { callee, .. } = facts.node(at.node)
            && let Node::Member { object, .. } = facts.node(callee)
            && matches!(
                facts.node(object),
                Node::Call { .. } | Node::Binding(_) | Node::Member { .. }
            )
        {
            at.node = object;
        }
        at
    }

    /// One emitter, or two parts of one thing: a process and what it writes.
    fn shares_root(&self, a: &Place, b: &Place) -> bool {
        a.root == b.root && (a.path.is_empty() || b.path.is_empty() || a.path == b.path)
    }
}
