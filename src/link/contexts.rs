//! Contexts: which functions a framework runs, found by what they are passed to, exported as, or decorated with.

use super::known::Rank;
use super::{Callee, Func, Place, Project, Ref, Root, Use};
use crate::facts::{CallKind, ExportValue, FileFacts, FunctionId, Node, NodeId};
use crate::tables::{ContextRow, Entry, Every, Param};

/// A function that a framework finds by itself: by an exported name in a file of a known place, or by a decorator.
pub(super) struct Found {
    /// The context row.
    pub row: usize,
    /// The export, or the decorator.
    pub at: Ref,
    /// Whether more than a name says so.
    pub proven: bool,
}

/// A function that a framework runs because another one, which it runs before, gives it back.
pub(super) struct Made<'p> {
    /// The context row, if one says so.
    pub row: Option<usize>,
    /// Where the other function is handed over, or stands.
    pub at: Ref,
    /// How often it runs.
    pub every: Every,
    /// Types of its parameters.
    pub params: &'p [String],
    /// In words.
    pub text: String,
}

impl Project {
    /// How a framework runs what a function gives back: `directive('name', () => (scope, element) => { ... })`.
    pub(super) fn made_by(&self, maker: Func) -> Option<Made<'_>> {
        let by_call = self.maker_context(maker).map(|(context, at)| {
            let row = &self.tables.contexts[context];
            Made {
                row: Some(context),
                at,
                every: row.every,
                params: &row.params,
                text: String::new(),
            }
        });
        by_call.or_else(|| {
            let (owner, name, _) = self.method_around(maker).filter(|(.., method)| *method == maker)?;
            let row = self.lifecycle(owner)?.row;
            row.makers.iter().any(|m| m == name).then(|| Made {
                row: None,
                at: self.function_node(maker),
                every: row.every,
                params: &row.params,
                text: format!("what `{name}` gives back runs for each {}", row.name),
            })
        })
    }

    /// The context row of a call that a function is handed to for what it gives back, and the call.
    pub(super) fn maker_context(&self, maker: Func) -> Option<(usize, Ref)> {
        self.uses(maker).iter().find_map(|used| {
            let (call, arg) = match used {
                Use::Passed { call, arg } => (call, arg),
                // `['$window', ($window) => link]`
                Use::PassedIn { call, arg, path } if path.is_empty() => (call, arg),
                _ => return None,
            };
            let callee = self.callee(*call)?;
            let entry = self
                .context_entries(*call)
                .find(|entry| entry.pattern.params.get(*arg) == Some(&Param::Maker))?;
            self.fits(*call, &callee, entry, None)?;
            Some((entry.row, *call))
        })
    }

    /// The context row that an argument of a call falls under, and as what.
    pub fn context_of(&self, call: Ref, arg: usize) -> Option<(usize, Param)> {
        self.known(Rank::Context, &self.known.contexts, (call, arg), || {
            self.find_context(call, arg, None)
        })
    }

    /// The context row that an argument of a call falls under, where another call says what the function around it gets:
    /// `on('load', f)` of `on(type, f) { window.addEventListener(type, f); }`.
    pub(super) fn context_for_caller(&self, call: Ref, arg: usize, caller: Ref) -> Option<(usize, Param)> {
        self.find_context(call, arg, Some(caller))
    }

    fn find_context(&self, call: Ref, arg: usize, caller: Option<Ref>) -> Option<(usize, Param)> {
        let callee = self.callee(call)?;
        let found = self.context_entries(call).find_map(|entry| {
            let params = &entry.pattern.params;
            let last = params.last().filter(|p| **p == Param::Handlers);
            let param = params.get(arg).or(last)?;
            if !matches!(param, Param::Handler | Param::Handlers | Param::Setup | Param::Teardown)
                || !self.looks_like_it(call, arg, &self.tables.contexts[entry.row])
            {
                return None;
            }
            self.fits(call, &callee, entry, caller)?;
            Some((entry.row, param.clone()))
        });
        found.or_else(|| self.chosen_setup(call, arg))
    }

    /// Whether a call and the function that it is given look as a row says, where its words are those of others too:
    /// `app.get('/users', (req, res) => ...)`.
    fn looks_like_it(&self, call: Ref, arg: usize, row: &ContextRow) -> bool {
        let facts = self.facts(call.file);
        let begins_path = |at: Ref| {
            let text = match facts.node(at.node) {
                Node::Template(parts) => facts.list(parts).next().map(|node| Ref { node, ..at }),
                _ => Some(at),
            };
            let text = text.and_then(|at| facts.string(at.node));
            text.is_some_and(|text| text.starts_with('/'))
        };
        let has_names = |at: Ref| {
            let Node::Function(f) = facts.node(at.node) else {
                return false;
            };
            let names: Option<Vec<&str>> = facts
                .list(facts.function(f).params)
                .map(|param| match facts.node(param) {
                    Node::Binding(b) => Some(facts.name(facts.binding(b).name)),
                    _ => None,
                })
                .collect();
            names.is_some_and(|names| row.named.iter().any(|wanted| *wanted == names))
        };
        (!row.behind_path || self.argument(call, 0).is_some_and(begins_path))
            && (row.named.is_empty() || self.argument(call, arg).is_some_and(has_names))
    }

    /// The setup of a hook that was chosen of several when the program began:
    /// `const useBrowserEffect = isServer ? useEffect : useLayoutEffect`.
    fn chosen_setup(&self, call: Ref, arg: usize) -> Option<(usize, Param)> {
        let Node::Call { callee, .. } = self.node(call) else {
            return None;
        };
        let callee = Ref { node: callee, ..call };
        if !matches!(self.node(callee), Node::Binding(_)) {
            return None;
        }
        let place = self.place(callee);
        let Root::Binding(file, b) = place.root else {
            return None;
        };
        let binding = self.facts(file).binding(b);
        if !place.path.is_empty() || binding.writes > 0 || binding.function != FunctionId::MODULE {
            return None;
        }
        let [value] = self.definitions(&place)[..] else {
            return None;
        };
        let Node::Conditional { yes, no, .. } = self.node(value) else {
            return None;
        };
        [yes, no].into_iter().find_map(|node| {
            let path = self.path_of(Ref { node, ..value })?;
            let last = path.rsplit([':', '.']).next()?;
            let mut entries = self.tables.contexts_named(last).iter();
            let entry = entries.find(|entry| {
                entry.pattern.is_of_module(&path) && entry.pattern.params.get(arg) == Some(&Param::Setup)
            })?;
            Some((entry.row, Param::Setup))
        })
    }

    /// The call that a function is handed to, and how often that runs it, if a context row says so.
    pub fn run_by_context(&self, used: &Use) -> Option<(Ref, Every)> {
        let Use::Passed { call, arg } = used else { return None };
        let (row, _) = self.context_of(*call, *arg)?;
        Some((*call, self.tables.contexts[row].every))
    }

    /// The context row that a function inside an argument of a call falls under: `route({ handler() {} })`.
    pub fn context_of_member(&self, call: Ref, arg: usize, path: &[Box<str>]) -> Option<usize> {
        let callee = self.callee(call)?;
        self.context_entries(call).find_map(|entry| {
            let Some(Param::Members(members)) = entry.pattern.params.get(arg) else {
                return None;
            };
            members.iter().any(|m| is_path(m, path)).then_some(())?;
            self.fits(call, &callee, entry, None)?;
            Some(entry.row)
        })
    }

    fn context_entries(&self, call: Ref) -> impl Iterator<Item = &Entry> {
        let last = match self.node(call) {
            Node::Call { callee, .. } => {
                let callee = Ref { node: callee, ..call };
                self.import_aware_last(self.extended_by(callee).unwrap_or(callee))
            }
            _ => None,
        };
        last.map_or(&[][..], |last| self.tables.contexts_named(&last)).iter()
    }

    fn fits(&self, call: Ref, callee: &Callee<'_>, entry: &Entry, caller: Option<Ref>) -> Option<()> {
        let Node::Call { args, .. } = self.node(call) else {
            return None;
        };
        let facts = self.facts(call.file);
        for (i, p) in entry.pattern.params.iter().enumerate() {
            if let Param::Literal(wanted) = p {
                let node = facts.item(args, i)?;
                let here = Ref { file: call.file, node };
                let given = caller.and_then(|caller| self.given_by(caller, here));
                let text = self.constant_text(given.unwrap_or(here), 0)?;
                if &*text != wanted.as_str() {
                    return None;
                }
            }
        }
        callee.matches(&entry.pattern, false).map(|_| ())
    }

    /// What a call gives for a parameter of the function that it calls, where a value is that parameter.
    fn given_by(&self, caller: Ref, value: Ref) -> Option<Ref> {
        let Node::Binding(b) = self.node(value) else {
            return None;
        };
        let (f, index) = self.param_position(value.file, b)?;
        let is_called = self.called_function(caller) == Some(f) && self.facts(f.file).binding(b).writes == 0;
        self.argument(caller, index).filter(|_| is_called)
    }

    /// The types of the parameters that a use of a function gives it, by the row of its context.
    pub(super) fn context_row_of(&self, used: &Use) -> Option<usize> {
        match used {
            Use::Passed { call, arg } => self.context_of(*call, *arg).map(|(row, _)| row),
            Use::PassedIn { call, arg, path } => self.context_of_member(*call, *arg, path),
            _ => None,
        }
    }

    /// The context rows that what a function gives back falls under: `createServer(this.callback())`.
    pub(super) fn rows_of_result(&self, from: Func) -> Vec<usize> {
        let mut given = Vec::new();
        for used in self.all_uses(from) {
            if let Use::Called { call } = used {
                self.value_uses(call, &mut given, 2);
            }
        }
        given.iter().filter_map(|used| self.context_row_of(used)).collect()
    }

    /// The uses of a function, and of the method that it is.
    pub(super) fn all_uses(&self, f: Func) -> Vec<Use> {
        let mut uses = self.uses(f).to_vec();
        if let Some((owner, name, _)) = self.method_around(f).filter(|(.., method)| *method == f) {
            uses.extend(self.method_uses(owner, name).iter().cloned());
        }
        uses
    }

    /// The context row of a place from which a library runs what is put there: `$.fn.name = f`.
    pub(super) fn context_of_stored(&self, place: &Place) -> Option<usize> {
        if !matches!(place.root, Root::Global | Root::External(_)) {
            return None;
        }
        let path = self.path_of_place(place)?;
        let whole = path.rsplit_once('.')?.0;
        let is_there = |stored: &String| match stored.strip_suffix(".*") {
            Some(of) => of == whole,
            None => *stored == path,
        };
        let rows = &self.tables.contexts;
        rows.iter().position(|row| row.stored.iter().any(is_there))
    }

    /// The context of a function that a framework finds by itself.
    pub(super) fn found_by_framework(&self, f: Func) -> Option<Found> {
        let found = self.by_decorator(f).or_else(|| self.by_class(f));
        found.or_else(|| self.by_export(f))
    }

    /// A method that a framework runs because of its name and of the decorator of its class.
    fn by_class(&self, f: Func) -> Option<Found> {
        let facts = self.facts(f.file);
        let function = self.function(f);
        let class = &facts.classes[function.class?.0 as usize];
        if class.decorators.is_empty() {
            return None;
        }
        let member = class.members.iter().find(|m| m.value == Some(function.node))?;
        let name = facts.name(member.name);
        let is_named = |list: &[String], wanted: &str| list.iter().any(|l| l == wanted);
        class.decorators.iter().find_map(|&node| {
            let at = Ref { file: f.file, node };
            let path = self.path_of_decorator(at)?;
            let mut rows = self.tables.contexts.iter();
            let row = rows.position(|c| is_named(&c.methods, name) && is_named(&c.methods_of, &path))?;
            let at = self.function_node(f);
            Some(Found { row, at, proven: true })
        })
    }

    /// What a decorator is, by its path: `@nestjs/common:Get` of `@Get('path')`.
    fn path_of_decorator(&self, at: Ref) -> Option<String> {
        let name = match self.node(at) {
            Node::Call { callee, .. } => Ref { node: callee, ..at },
            _ => at,
        };
        self.path_of(name)
    }

    fn by_decorator(&self, f: Func) -> Option<Found> {
        let facts = self.facts(f.file);
        let class = self.function(f).class?;
        let node = self.function(f).node;
        let member = facts.classes[class.0 as usize]
            .members
            .iter()
            .find(|m| m.value == Some(node))?;
        member.decorators.iter().find_map(|&node| {
            let at = Ref { file: f.file, node };
            let path = self.path_of_decorator(at)?;
            let row = self.tables.contexts.iter().position(|c| c.decorators.contains(&path))?;
            Some(Found { row, at, proven: true })
        })
    }

    pub(super) fn contexts_of_file(&self, f: Func) -> &[usize] {
        let file = &self.files[f.file.0 as usize];
        file.contexts.get_or_init(|| {
            // Where a file stands does not depend on where the command was run.
            let path = std::path::absolute(&*file.path).unwrap_or_else(|_| file.path.to_path_buf());
            self.tables.contexts_of_file(&path)
        })
    }

    /// Whether the file of a function exports one of some names, also in `module.exports = { name }`.
    fn exports_any(&self, f: Func, names: &[String]) -> bool {
        let facts = self.facts(f.file);
        let is_one = |name: &str| names.iter().any(|n| n == name);
        !names.is_empty()
            && facts.exports.iter().any(|e| match &e.value {
                _ if is_one(facts.name(e.name)) => true,
                ExportValue::Node(node) => self
                    .keys_of(Ref {
                        file: f.file,
                        node: *node,
                    })
                    .iter()
                    .any(|key| is_one(key)),
                ExportValue::Binding(_) | ExportValue::From { .. } => false,
            })
    }

    /// The context of a function that nobody is seen to call, by the names of its parameters: `(req, res, next)`.
    pub(super) fn found_by_signature(&self, f: Func) -> Option<Found> {
        let mut signatures = self.tables.signatures.iter();
        let &(row, _) = signatures.find(|(_, names)| self.has_signature(f, names))?;
        let leaves = |used: &Use| matches!(used, Use::Returned { .. } | Use::Exported);
        let uses = self.uses(f);
        (!uses.is_empty() && uses.iter().all(leaves)).then(|| Found {
            row,
            at: self.function_node(f),
            proven: false,
        })
    }

    /// Whether the parameters of a function have some names, and it calls the last of them, or a method of it, or hands it
    /// on with the first.
    fn has_signature(&self, f: Func, names: &[String]) -> bool {
        let facts = self.facts(f.file);
        let params = facts.list(self.function(f).params);
        let first = facts.item(self.function(f).params, 0).map(|param| facts.node(param));
        let is_passed_on = |b| {
            let mut reads = facts.references_of(b);
            reads.any(|read| match facts.node(facts.parent(read)) {
                Node::Call { callee, args, .. } => {
                    callee == read || facts.list(args).any(|arg| Some(facts.node(arg)) == first)
                }
                // `response.end()`
                Node::Member { object, .. } => {
                    let member = facts.parent(read);
                    object == read
                        && matches!(facts.node(facts.parent(member)), Node::Call { callee, .. } if callee == member)
                }
                _ => false,
            })
        };
        params.len() == names.len()
            && params
                .zip(names)
                .enumerate()
                .all(|(i, (param, name))| match facts.node(param) {
                    Node::Binding(b) => {
                        facts.name(facts.binding(b).name) == name && (i + 1 < names.len() || is_passed_on(b))
                    }
                    _ => false,
                })
    }

    fn by_export(&self, f: Func) -> Option<Found> {
        let facts = self.facts(f.file);
        let rows = self.contexts_of_file(f);
        if rows.is_empty() {
            return None;
        }
        let (name, at, direct) = exported_name(facts, self.function(f).node)?;
        // `module.exports = f`.
        let is_common = facts.exports.iter().any(|e| facts.name(e.name) == "=");
        rows.iter().find_map(|&row| {
            let context = &self.tables.contexts[row];
            let is_written_so = !(context.es_modules && is_common) && context.exports.contains(&name);
            (is_written_so && !self.exports_any(f, &context.not_beside)).then_some(Found {
                row,
                at: Ref { file: f.file, node: at },
                proven: direct && !context.guess,
            })
        })
    }
}

/// The name under which a function leaves its file (`GET`, `default`, `default.fetch`), the node that says so, and
/// whether it leaves as it is rather than inside a call.
fn exported_name(facts: &FileFacts, function: NodeId) -> Option<(String, NodeId, bool)> {
    let up = facts.parent(function);
    let (value, direct, member) = match facts.node(up) {
        Node::Call { callee, kind, .. } if callee != function && kind != CallKind::New => (up, false, None),
        Node::Property { key, value, .. } if value == function => {
            (facts.parent(up), true, Some(facts.string(key)?.to_owned()))
        }
        _ => (function, true, None),
    };
    let export = facts.exports.iter().find(|e| match &e.value {
        ExportValue::Node(n) => *n == value,
        ExportValue::Binding(b) => facts.binding(*b).init == Some(value),
        ExportValue::From { .. } => false,
    })?;
    let name = match facts.name(export.name) {
        // `module.exports = f`.
        "=" => "default",
        other => other,
    };
    // `module.exports = { handler }`.
    let name = match member {
        Some(member) if facts.name(export.name) == "=" => member,
        Some(member) => format!("{name}.{member}"),
        None => name.to_owned(),
    };
    Some((name, function, direct))
}

/// Whether a path of property names is one that a row names: `handler`, `resolvers.*.*`, `events.**`.
fn is_path(pattern: &str, path: &[Box<str>]) -> bool {
    let mut path = path.iter();
    for segment in pattern.split('.') {
        match (segment, path.next()) {
            ("**", Some(_)) => return true,
            (_, None) => return false,
            (wanted, Some(name)) if wanted == "*" || wanted == &**name => {}
            _ => return false,
        }
    }
    path.next().is_none()
}
