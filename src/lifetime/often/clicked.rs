//! Presses of something that stays there: whoever presses a button twice begins what it begins twice, unless the first
//! press puts the button out of reach or sight, or markup draws it by what the press changes.

use rustc_hash::FxHashSet;

use crate::facts::Node;
use crate::lifetime::{Acquisition, Judge, Kind};
use crate::link::{Func, Key, Place, Ref, Root};

/// At which argument a listener is looked for.
const MAX_ARGUMENTS: usize = 2;

impl Judge<'_> {
    /// The function that runs for each press of something that stays there and leads to what is begun, and where it is
    /// registered.
    pub(super) fn click_behind(&self, a: &Acquisition, f: Func) -> Option<(Func, Ref)> {
        if !self.goes_on_by_itself(a) {
            return None;
        }
        let presses = &self.project.tables.conventions.presses;
        let (handler, registered) = self.press_behind(a.at, f, presses)?;
        let comes_again = match self.project.node(registered) {
            Node::Call { .. } => self.is_heard_again(registered),
            _ => true,
        };
        let within = self.run_at_once_by(handler);
        // What each press makes has a place of its own for what it begins.
        let is_making = |g: &Func| {
            let around = self.project.method_around(*g);
            *g != handler && around.is_some_and(|(_, name, method)| method == *g && name == "constructor")
        };
        let is_of_its_own = is_making(&f) || within.iter().any(is_making);
        let stays = comes_again && !is_of_its_own && !self.puts_away(&within) && !self.is_drawn_by(registered, &within);
        stays.then_some((handler, registered))
    }

    /// Whether a call registers a listener, for more than one event.
    fn is_heard_again(&self, call: Ref) -> bool {
        let mut heard = self.pair_acquisitions(call.file).iter().filter(|a| a.at == call);
        heard.any(|a| match a.kind {
            Kind::Pair { row, .. } => {
                !self.project.tables.pairs[row].one_shot
                    && !(1..=MAX_ARGUMENTS).any(|arg| self.project.is_taken_off_at_first(call, arg))
            }
            _ => false,
        })
    }

    /// Whether functions put something of the page out of reach or sight: `button.disabled = true`,
    /// `panel.classList.add("hidden")`, `$(this).hide()`.
    fn puts_away(&self, within: &FxHashSet<Func>) -> bool {
        let names = &self.project.tables.conventions.shuts;
        let is_one = |name: &str| names.iter().any(|n| n == name);
        within.iter().any(|f| {
            let facts = self.project.facts(f.file);
            self.project.calls_in(*f).iter().any(|&node| {
                facts.method_call(node).is_some_and(|called| {
                    let of = Ref {
                        node: called.object,
                        file: f.file,
                    };
                    is_one(facts.name(called.method)) || self.project.last_name(of).is_some_and(&is_one)
                })
            }) || self.project.writes_in(*f).iter().any(|&node| {
                let target = match facts.node(node) {
                    Node::Assign { target, .. } => target,
                    _ => node,
                };
                matches!(facts.node(target), Node::Member { property, .. } if is_one(facts.name(property)))
            })
        })
    }

    /// Whether markup draws an element, or how it draws it, by what functions change.
    fn is_drawn_by(&self, attribute: Ref, within: &FxHashSet<Func>) -> bool {
        let facts = self.project.facts(attribute.file);
        let here = |node| Ref { node, ..attribute };
        let is_changed = |test: Ref| self.is_changed_within(test, within, 0) == Some(true);
        if self
            .conditions_of(attribute)
            .into_iter()
            .any(|(test, _)| is_changed(test))
        {
            return true;
        }
        let elements = facts.ancestors(attribute.node).filter_map(|up| match facts.node(up) {
            Node::Jsx { attributes, .. } => Some(attributes),
            _ => None,
        });
        elements.flat_map(|list| facts.list(list)).any(|node| {
            node != attribute.node
                && match facts.node(node) {
                    Node::Property { value, .. } => is_changed(here(value)),
                    // What else is given is not known.
                    Node::Spread(_) => true,
                    _ => false,
                }
        })
    }

    /// Whether functions set what a place reads of a component's state: `setOpen(true)`, `this.setState({ open: true })`.
    pub(super) fn is_state_set_by(&self, place: &Place, within: &FxHashSet<Func>) -> bool {
        let sets = &self.project.tables.conventions.sets_state;
        within.iter().any(|f| {
            let facts = self.project.facts(f.file);
            self.project.calls_in(*f).iter().any(|&node| {
                let Node::Call { callee, .. } = facts.node(node) else {
                    return false;
                };
                let callee = Ref {
                    node: callee,
                    file: f.file,
                };
                match (&place.root, place.path.first()) {
                    (Root::This(_), Some(Key::Name(field))) => facts.method_call(node).is_some_and(|called| {
                        let by = facts.name(called.method);
                        sets.iter().any(|(method, of)| method == by && **of == **field)
                    }),
                    _ => {
                        self.is_state(place)
                            && self
                                .set_state(callee)
                                .is_some_and(|state| self.project.place(state) == *place)
                    }
                }
            })
        })
    }
}
