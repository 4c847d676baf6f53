//! Listeners that a listener adds: each time an object hears an event, it registers one more function on what stays the
//! same, and takes none off.
//!
//! `el.addEventListener("click", () => { this.box.addEventListener("scroll", () => this.fit()); })`: after ten clicks the
//! box has ten listeners, and each scroll runs all of them. That the box is the object's own bounds them by its life
//! only.

use crate::finding::Role;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Evidence, Judge, Kind};
use crate::link::Root;

impl Judge<'_> {
    /// Evidence that an object adds a new function to the same receiver each time it hears an event.
    pub(in crate::lifetime) fn added_at_each_hearing(
        &self,
        a: &Acquisition,
        releases: impl FnOnce() -> Vec<Release>,
    ) -> Option<Vec<Evidence>> {
        let target = self.adds_one_more(a)?;
        if self.project.tables.pairs[a.row()?].stream {
            return None;
        }
        // Another event each time is another listener.
        let is_one_event = match &a.kind {
            Kind::Pair { key: Some(key), .. } => self.project.constant_text(*key, 0).is_some(),
            _ => true,
        };
        if !is_one_event {
            return None;
        }
        let on = self.project.place(target);
        let f = self.project.function_at(a.at);
        let (of, name, top) = self.project.method_around(f)?;
        let is_part = matches!(on.root, Root::This(_)) && (on.path.is_empty() || self.is_the_same_each_time(&on));
        if !is_part || f == top && name == "constructor" || self.is_let_in_beside(&on, a.at, f) {
            return None;
        }
        let again = match f == top {
            true => self.heard_again(of, name, &on, 0)?,
            false => self.listens_with(f)?,
        };
        releases().is_empty().then(|| {
            vec![Evidence {
                role: Role::Context,
                at: again,
                text: format!("runs this again, and `{}` gets one more", self.show(target)),
            }]
        })
    }
}
