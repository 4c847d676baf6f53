//! Collections in objects that take over the parts of others: `Object.assign(this.state, change)`.

use crate::facts::Node;
use crate::lifetime::Judge;
use crate::link::{Place, Ref};

impl Judge<'_> {
    /// Where what a collection is a part of takes over parts that nobody sees: an empty collection may be among them.
    pub(in crate::lifetime) fn is_merged_into(&self, place: &Place, growth: Ref) -> Option<Ref> {
        let whole = place.parent().filter(|whole| !whole.path.is_empty())?;
        let files = self.release_files(growth, std::slice::from_ref(place));
        let merges = |call: &Ref| {
            let facts = self.project.facts(call.file);
            let of_object = facts
                .method_call(call.node)
                .filter(|m| matches!(facts.node(m.object), Node::Global(name) if facts.name(name) == "Object"));
            let Some((target, sources)) = of_object.and_then(|m| {
                let mut args = facts.list(m.args);
                Some((args.next()?, args))
            }) else {
                return false;
            };
            let here = |node| self.project.place(Ref { node, ..*call });
            let mut unseen = sources.filter(|node| !matches!(facts.node(*node), Node::Object(_)));
            let is_constructor = self.is_constructor(*call);
            !is_constructor && unseen.next().is_some() && self.project.same_place(&here(target), &whole)
        };
        let mut calls = files.into_iter().flat_map(|file| {
            let calls = self.project.calls_named(file, "assign").iter();
            calls.map(move |&node| Ref { file, node })
        });
        calls.find(merges)
    }
}
