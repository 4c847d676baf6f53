//! Programs that end with their last window: what they begin only where there is no window, they begin at their start.

use crate::facts::{BinaryOp, CallKind, LogicalOp, Node, UnaryOp};
use crate::link::{FileId, Func, Project, Ref};

impl Project {
    /// Whether a call is reached only where the program has no window, `if (!win) createWindow();`, and the program ends
    /// with its windows.
    pub(super) fn is_for_first_window(&self, call: Ref) -> bool {
        self.is_reached_without_window(call) && self.ends_with_its_windows(call.file)
    }

    fn is_reached_without_window(&self, call: Ref) -> bool {
        let facts = self.facts(call.file);
        let here = |node| Ref { node, ..call };
        let mut below = call.node;
        for up in facts.ancestors(call.node) {
            let is_told = match facts.node(up) {
                Node::Function(_) => return false,
                Node::If { test, yes, .. } => below != test && self.says_no_window(here(test), below == yes),
                Node::Block(list) => {
                    let mut before = facts.list(list).take_while(|&s| s != below);
                    before.any(|s| self.leaves_with_window(here(s)))
                }
                _ => false,
            };
            if is_told {
                return true;
            }
            below = up;
        }
        false
    }

    /// `if (win) { win.show(); return; }`
    fn leaves_with_window(&self, statement: Ref) -> bool {
        let facts = self.facts(statement.file);
        let Node::If { test, yes, no } = facts.node(statement.node) else {
            return false;
        };
        let last = match facts.node(yes) {
            Node::Block(list) => facts.list(list).next_back(),
            _ => Some(yes),
        };
        let leaves = last.is_some_and(|last| matches!(facts.node(last), Node::Return(_)));
        leaves
            && facts.node(no) == Node::Empty
            && self.says_no_window(
                Ref {
                    node: test,
                    ..statement
                },
                false,
            )
    }

    /// Whether there is no window where a test comes out so.
    fn says_no_window(&self, test: Ref, outcome: bool) -> bool {
        let here = |node| Ref { node, ..test };
        let is_zero = |node| self.constant_text(here(node), 0).as_deref() == Some("0");
        let is_none = |node| self.node(here(node)).is_nullish();
        match self.node(test) {
            Node::Unary {
                value,
                op: UnaryOp::Not,
            } => self.says_no_window(here(value), !outcome),
            Node::Binary { left, right, op } if matches!(op, BinaryOp::Eq | BinaryOp::Ne) => {
                let compares = self.holds_window(here(left)) && is_none(right)
                    || self.counts_windows(here(left)) && is_zero(right);
                compares && outcome == (op == BinaryOp::Eq)
            }
            Node::Logical { left, right, op } => {
                let decides = op == if outcome { LogicalOp::And } else { LogicalOp::Or };
                decides
                    && [left, right]
                        .into_iter()
                        .any(|side| self.says_no_window(here(side), outcome))
            }
            _ => !outcome && (self.holds_window(test) || self.counts_windows(test)),
        }
    }

    /// Whether a variable or field gets a window.
    fn holds_window(&self, at: Ref) -> bool {
        let is_window = |made: Ref| {
            let made = self.value_of_place(&self.place(made)).unwrap_or(made);
            match self.node(made) {
                Node::Call {
                    callee,
                    kind: CallKind::New,
                    ..
                } => self.is_named(Ref { node: callee, ..made }, &self.tables.conventions.windows),
                _ => false,
            }
        };
        matches!(self.node(at), Node::Binding(_) | Node::Member { .. })
            && self.definitions(&self.place(at)).into_iter().any(is_window)
    }

    /// `BrowserWindow.getAllWindows().length`
    fn counts_windows(&self, at: Ref) -> bool {
        let Node::Member { object, .. } = self.node(at) else {
            return false;
        };
        match self.node(Ref { node: object, ..at }) {
            Node::Call { callee, .. } => {
                self.is_named(Ref { node: callee, ..at }, &self.tables.conventions.all_windows)
            }
            _ => false,
        }
    }

    /// Whether a program ends when its last window is gone: it says so when it hears of that, or when the window is closed
    /// that a file has; where it does not listen at all, the runtime does so.
    fn ends_with_its_windows(&self, file: FileId) -> bool {
        let conventions = &self.tables.conventions;
        let events = &conventions.last_window_events;
        let files = events.iter().map(|event| self.files_naming(event));
        let files: Vec<FileId> = files.flat_map(|files| files.to_vec()).collect();
        let mut all_gone = files.into_iter().flat_map(|file| self.handlers_of(file, events));
        all_gone.all(|f| self.quits_at_once(f)) || {
            let closed = self.handlers_of(file, &conventions.window_events);
            closed.into_iter().any(|f| self.quits_at_once(f))
        }
    }

    /// The functions of a file that hear of one of some events.
    fn handlers_of(&self, file: FileId, events: &[String]) -> Vec<Func> {
        let hears = self.tables.conventions.hears.iter();
        let calls = hears.flat_map(|name| self.calls_named(file, name));
        let is_one = |call: &Ref| {
            self.argument(*call, 0)
                .is_some_and(|event| self.is_text_of(event, events))
        };
        let calls = calls.map(|&node| Ref { file, node }).filter(is_one);
        let handler = |call: Ref| self.function_value(self.argument(call, 1)?, 0);
        calls.filter_map(handler).collect()
    }

    /// Whether a function ends the program, whatever else it finds.
    fn quits_at_once(&self, f: Func) -> bool {
        let facts = self.facts(f.file);
        let body = self.function(f).body;
        let is_statement = |node| matches!(facts.node(body), Node::Block(_)) && facts.parent(node) == body;
        self.calls_in(f).iter().any(|&node| match facts.node(node) {
            Node::Call { callee, .. } => {
                let callee = Ref {
                    file: f.file,
                    node: callee,
                };
                (node == body || is_statement(node)) && self.is_named(callee, &self.tables.conventions.quits)
            }
            _ => false,
        })
    }

    fn is_named(&self, callee: Ref, names: &[String]) -> bool {
        self.path_of(callee).is_some_and(|path| names.contains(&path))
    }
}
