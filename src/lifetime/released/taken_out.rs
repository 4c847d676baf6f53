//! Entries that are taken out of the table which holds the only handle, while what they hold goes on:
//! `delete timers[id]` ends no timer.

use crate::facts::{Node, NodeId, UnaryOp};
use crate::finding::{Cause, Role};
use crate::lifetime::held::flow::Flow;
use crate::lifetime::often::guards::Guard;
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Evidence, Judge};
use crate::link::{Func, Key, Place, Ref};

impl Judge<'_> {
    /// Marks what looks like a release of something kept in a table, and only takes it out of there.
    pub(in crate::lifetime) fn mark_taken_out(&self, a: &Acquisition, flow: &Flow, releases: &mut [Release]) {
        let Some(table) = self.only_table(a, flow) else { return };
        let removals: Vec<Ref> = releases
            .iter()
            .filter(|r| r.wrong.is_none() && self.only_takes_out(r.at))
            .map(|r| r.at)
            .collect();
        if removals.is_empty() {
            return;
        }
        for removal in removals {
            if self.leaves_going(a, table, removal)
                && let Some(release) = releases.iter_mut().find(|r| r.at == removal)
            {
                let text = format!("takes it out of `{}`, and does not end it", self.show_place(table));
                release.wrong = Some((Cause::HandleLost, text));
            }
        }
    }

    /// Evidence that an entry is taken out and left going, though other code ends what is in its table.
    pub(in crate::lifetime) fn lost_by_taking_out(
        &self,
        a: &Acquisition,
        flow: &Flow,
        releases: &[Release],
    ) -> Option<Vec<Evidence>> {
        self.only_table(a, flow)?;
        releases.iter().find_map(|r| {
            let (_, text) = r.wrong.as_ref().filter(|_| self.only_takes_out(r.at))?;
            Some(vec![Evidence {
                role: Role::Release,
                at: r.at,
                text: text.clone(),
            }])
        })
    }

    /// Whether the mark that lets something happen once is the entry of the table that holds it, and code takes the entry
    /// out and leaves it going: `if (table[key]) return; table[key] = begin()`, and elsewhere `delete table[key]`.
    pub(in crate::lifetime) fn is_entry_taken_out(&self, a: &Acquisition, flow: &Flow) -> bool {
        let Some(table) = self.only_table(a, flow) else {
            return false;
        };
        let is_entry = matches!(self.guard_of(a.at), Some(Guard::Mark(mark, _))
            if matches!(mark.path.last(), Some(Key::Dynamic(_)))
                && mark.parent().is_some_and(|of| self.project.same_place(&of, table)));
        is_entry && {
            let mut releases = self.releases_of(a, flow);
            self.mark_taken_out(a, flow, &mut releases);
            self.lost_by_taking_out(a, flow, &releases).is_some()
        }
    }

    /// The table that holds the only handle of something that goes on by itself.
    fn only_table<'f>(&self, a: &Acquisition, flow: &'f Flow) -> Option<&'f Place> {
        let [(table, _)] = &flow.collections[..] else {
            return None;
        };
        let f = self.project.function_at(a.at);
        let is_alone = flow.passed.is_empty() && flow.returned.is_empty() && !flow.other && !flow.taken_apart;
        let is_of_table = |p: &Place| p.parent().is_some_and(|of| self.project.same_place(&of, table));
        let is_held_here = || flow.places.iter().all(|p| self.is_local(p, f) || is_of_table(p));
        (is_alone && self.goes_on_by_itself(a) && is_held_here()).then_some(table)
    }

    /// Whether nothing but its release ends it: an interval does not close as a connection does.
    fn goes_on_for_ever(&self, a: &Acquisition) -> bool {
        a.handler().is_some() && a.target().is_none()
    }

    /// `delete table[key];`, `table.delete(key);`: what was there is not looked at.
    pub(in crate::lifetime) fn only_takes_out(&self, read: Ref) -> bool {
        let facts = self.project.facts(read.file);
        let up = facts.parent(read.node);
        let beyond = facts.parent(up);
        let is_unused = |node| matches!(facts.node(facts.parent(node)), Node::Block(_) | Node::If { .. });
        match facts.node(up) {
            Node::Index { object, .. } | Node::Member { object, .. } if object == read.node => match facts.node(beyond)
            {
                Node::Delete(_) => true,
                Node::Call { callee, .. } if callee == up => {
                    let takes_out = |name: &str| self.project.tables.conventions.shrink.iter().any(|s| s == name);
                    matches!(facts.node(up), Node::Member { property, .. } if takes_out(facts.name(property)))
                        && is_unused(beyond)
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether the code around a removal, and whoever calls that, neither looks at the table nor ends anything.
    fn leaves_going(&self, a: &Acquisition, table: &Place, removal: Ref) -> bool {
        let acquiring = self.outermost(self.project.function_at(a.at));
        let g = self.project.function_at(removal);
        // What a handle's own handler does, it does because the handle has ended.
        if !self.goes_on_for_ever(a) && self.is_heard(g, acquiring) || self.is_own_handler(a, g) {
            return false;
        }
        let files = self.release_files(a.at, std::slice::from_ref(table));
        let reads: Vec<Ref> = self.references_to(table, &files);
        let looks = |f: Func| {
            let is_look = |read: &Ref| {
                self.project.is_within(self.project.function_at(*read), f)
                    && !self.only_takes_out(*read)
                    && !self.only_grows_or_asks(*read)
            };
            reads.iter().any(is_look)
        };
        let mut around = vec![g];
        around.extend(
            self.project
                .callers(g)
                .calls
                .iter()
                .map(|call| self.project.function_at(*call)),
        );
        around.into_iter().all(|f| {
            let mut run: Vec<Func> = self.project.reach(&[f]).into_iter().collect();
            run.sort_unstable();
            !run.iter().any(|f| looks(*f) || self.calls_an_end(a, *f))
        })
    }

    /// Whether a function is a handler of what the acquiring code sets up, or is called by one.
    fn is_heard(&self, g: Func, acquiring: Func) -> bool {
        if g != acquiring && self.project.is_within(g, acquiring) {
            return true;
        }
        let callers = self.project.callers(g);
        callers.goes_elsewhere
            || callers.calls.iter().any(|call| {
                let f = self.project.function_at(*call);
                f != acquiring && self.project.is_within(f, acquiring)
            })
    }

    /// Whether a function is, or stands in, what is registered by the acquisition itself.
    fn is_own_handler(&self, a: &Acquisition, g: Func) -> bool {
        let facts = self.project.facts(a.at.file);
        let node = self.project.function(g).node;
        a.at.file == g.file && facts.is_inside(node, a.at.node)
    }

    /// `table[key] = x`, `table.set(key, x)`, `table.has(key)`, `if (!table[key])`.
    pub(in crate::lifetime) fn only_grows_or_asks(&self, read: Ref) -> bool {
        let facts = self.project.facts(read.file);
        let up = facts.parent(read.node);
        match facts.node(up) {
            Node::Index { object, .. } if object == read.node => {
                let beyond = facts.parent(up);
                let is_asked = match facts.node(beyond) {
                    Node::Unary { op: UnaryOp::Not, .. } => true,
                    Node::If { test, .. } => test == up,
                    _ => false,
                };
                is_asked || facts.is_written(up)
            }
            Node::Member { object, property, .. } if object == read.node => {
                let conventions = &self.project.tables.conventions;
                let name = facts.name(property);
                facts.is_written(up)
                    || conventions.grow.iter().any(|g| g == name)
                    || matches!(name, "has" | "size" | "length" | "includes")
            }
            _ => facts.is_written(read.node),
        }
    }

    /// Whether a function calls what could end an acquisition of this kind, beyond what it takes out of other tables.
    fn calls_an_end(&self, a: &Acquisition, f: Func) -> bool {
        let Some(row) = a.row() else { return true };
        let facts = self.project.facts(f.file);
        let releases = &self.project.tables.releases[row];
        self.project.calls_in(f).iter().any(|&node| {
            let Node::Call { callee, .. } = facts.node(node) else {
                return false;
            };
            let name = self.project.last_name(Ref {
                file: f.file,
                node: callee,
            });
            name.is_some_and(|name| releases.iter().any(|r| r.last() == name)) && !self.ends_what_a_table_holds(f, node)
        })
    }

    /// `clearInterval(others[key])`, `others.get(key).close()`: nothing of the table that is not looked at here.
    fn ends_what_a_table_holds(&self, f: Func, call: NodeId) -> bool {
        let facts = self.project.facts(f.file);
        let Node::Call { callee, args, .. } = facts.node(call) else {
            return false;
        };
        let ended = match facts.node(callee) {
            Node::Member { object, .. } => Some(object),
            _ => facts.item(args, 0),
        };
        let is_entry = |node| matches!(facts.node(node), Node::Index { .. } | Node::Call { .. });
        ended.is_some_and(|node| is_entry(node) && self.collection_of(Ref { file: f.file, node }, 0).is_some())
    }
}
