//! Elements that a component searches the page for by an identifier that its own markup gives.

use crate::facts::Node;
use crate::lifetime::released::teardown::Scope;
use crate::lifetime::{Judge, Verdict};
use crate::link::{Ref, Repetition, Root};
use crate::tables::Every;

impl Judge<'_> {
    /// The verdict on a target that a component draws itself and then searches for:
    /// `document.getElementById('rows-' + this.id)`, where its markup has `<ul id={'rows-' + this.id}>`. What runs again on
    /// one component finds the same element again.
    pub(in crate::lifetime) fn is_drawn_by_itself(
        &self,
        target: Ref,
        scope: &Scope,
        repetition: &Repetition,
    ) -> Option<Verdict> {
        let runs_at_mount = matches!(
            repetition,
            Repetition::Repeated {
                every: Every::Mount | Every::Instance,
                ..
            }
        );
        let stays = match scope {
            Scope::Effect { setup } => self.dependencies(*setup).is_some_and(|list| list.is_empty()),
            _ => true,
        };
        if !runs_at_mount || !stays {
            return None;
        }
        let words = self.words_searched_for(target)?;
        let here = self.project.function_at(target);
        let drawn_beside = |jsx: Ref| {
            let f = self.project.function_at(jsx);
            match (self.project.method_around(here), self.project.method_around(f)) {
                (Some((owner, ..)), Some((other, ..))) => owner == other,
                (None, None) => self.outermost(here) == self.outermost(f),
                _ => false,
            }
        };
        let mut drawn = self.project.identified_elements(target.file);
        let is_drawn = drawn.any(|(element, id)| self.is_identifier(words, id) && drawn_beside(element))
            || self.is_in_template(words);
        is_drawn.then(|| Verdict::bounded("it is an element of the component's own markup, and goes with it"))
    }

    /// What the page is searched for: the only argument of `document.getElementById()`.
    fn words_searched_for(&self, target: Ref) -> Option<Ref> {
        let place = self.project.place(target);
        if !place.path.is_empty() {
            return None;
        }
        let found = match place.root {
            Root::Binding(..) => self.project.definitions(&place),
            Root::Value(at) => vec![at],
            _ => return None,
        };
        let [search] = found[..] else { return None };
        let (callee, args) = self.callee_of(search)?;
        let path = self.project.path_of(callee)?;
        let searches = &self.project.tables.conventions.searches;
        let [words] = args[..] else { return None };
        (search.file == target.file && searches.contains(&path)).then_some(words)
    }

    /// Whether words name an element of the template of their own file: `#rows` of `<ul id="rows">`.
    fn is_in_template(&self, words: Ref) -> bool {
        let facts = self.project.facts(words.file);
        let text = self.project.constant_text(words, 0);
        let is_id = |text: &str| {
            let mut ids = facts.template_ids.iter().map(|id| facts.name(*id));
            ids.any(|id| text == id || text.strip_prefix('#') == Some(id))
        };
        text.is_some_and(|text| is_id(&text))
    }

    /// Whether words name an element: its identifier, or the selector of that.
    fn is_identifier(&self, words: Ref, id: Ref) -> bool {
        let is_written = matches!(
            self.project.node(words),
            Node::Binary { .. } | Node::Template(_) | Node::Binding(_) | Node::Member { .. }
        );
        let texts = (self.project.constant_text(words, 0), self.project.constant_text(id, 0));
        match texts {
            (Some(words), Some(id)) => words == id || words.strip_prefix('#') == Some(&*id),
            (None, None) => is_written && self.project.same_key(words, id),
            _ => false,
        }
    }
}
