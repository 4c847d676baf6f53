//! Which classes of the project have objects that have to be ended.

use rustc_hash::FxHashSet;

use crate::facts::{MemberKind, Node};
use crate::lifetime::released::releases::Release;
use crate::lifetime::{Acquisition, Judge, Kind};
use crate::link::{FileId, Func, Life, Memo, OwnerId, OwnerKind, Ref, Root};
use crate::tables::PairRow;

/// Why the objects of a class have to be ended: what the making of one acquires, and only its teardown releases.
#[derive(Clone, Debug)]
pub(in crate::lifetime) struct Need {
    /// What it is, in words.
    pub what: String,
    /// Where it is acquired.
    pub at: Ref,
    /// The teardown's name.
    pub teardown: Box<str>,
    /// The methods that are named like a teardown and leave it.
    pub leaving: Vec<Box<str>>,
    /// Whether the making itself acquires it, rather than a method that it calls.
    pub certain: bool,
    /// Whether every object acquires it in its making, rather than in a method that is called later.
    pub always: bool,
    /// Whether it holds what others put into it, if they do: a slot or a store of disposables.
    pub store: bool,
}

/// What is known of classes so far.
pub(in crate::lifetime) type Needs = Memo<OwnerId, Option<Need>>;

/// Through how many objects within objects a need is followed.
const MAX_CONTAGION: u32 = 3;

/// Through how many calls of its own methods the making of an object is followed.
const MAX_MAKING: usize = 16;

impl Judge<'_> {
    /// Why objects of a class have to be ended, if they have to.
    pub(in crate::lifetime) fn need_of(&self, owner: OwnerId, depth: u32) -> Option<Need> {
        if let Some(known) = self.needs.get(&owner) {
            return known;
        }
        if depth > 0 {
            // How deep this is asked from may decide the answer, so it is not kept.
            return self.find_need(owner, depth);
        }
        let needs = &self.needs;
        self.project.remembered(needs, owner, || self.find_need(owner, depth))
    }

    fn find_need(&self, owner: OwnerId, depth: u32) -> Option<Need> {
        let is_made = !matches!(self.project.owner(owner).kind, OwnerKind::Object(_));
        if depth > MAX_CONTAGION || !is_made || self.project.lifecycle(owner).is_some() {
            return None;
        }
        let row = &self.project.tables.pairs[self.owned_row()?];
        let ends = self.ends_of(owner, row);
        if ends.is_empty() {
            return None;
        }
        let making = self.making_of(owner);
        let files: FxHashSet<FileId> = making.iter().map(|f| f.file).collect();
        let mut files: Vec<FileId> = files.into_iter().collect();
        files.sort_unstable();
        let always = files.iter().find_map(|&file| {
            let held = self.pair_acquisitions(file).iter();
            held.filter(|a| making.contains(&self.project.function_at(a.at)))
                .filter(|a| !self.is_conditional(a.at) && !self.has_early_exit(a.at))
                .find_map(|a| self.held_until_end(a, &ends, &making))
                .map(|need| Need { always: true, ..need })
                .or_else(|| self.child_held_until_end(file, owner, &ends, &making, depth))
        });
        let need = always
            .or_else(|| self.held_at_times(owner, &ends, &making))
            .or_else(|| self.ends_what_it_is_given(owner, &ends))?;
        let begins = self.method_of(need.at);
        (!self.ends_itself(owner, &ends, begins) && !self.gives_itself_away(&making)).then_some(need)
    }

    pub(in crate::lifetime) fn method_of(&self, at: Ref) -> Option<Func> {
        let around = self.project.method_around(self.project.function_at(at));
        around.map(|(.., method)| method)
    }

    /// The teardown of a class that ends what others gave to its objects: `set value(v) { this.held = v; }`.
    fn ends_what_it_is_given(&self, owner: OwnerId, ends: &[(Box<str>, Func)]) -> Option<Need> {
        let names: Vec<&str> = ends.iter().map(|(name, _)| &**name).collect();
        ends.iter().find_map(|(name, end)| {
            let facts = self.project.facts(end.file);
            let calls = self.project.calls_in(*end).iter();
            let at = calls.copied().find(|&node| {
                let Node::Call { callee, .. } = facts.node(node) else {
                    return false;
                };
                let Node::Member { object, property, .. } = facts.node(callee) else {
                    return false;
                };
                let place = self.project.place(Ref {
                    file: end.file,
                    node: object,
                });
                let own = matches!(place.root, Root::This(o) if self.project.is_related(o, owner));
                own && place.path.len() == 1
                    && names.contains(&facts.name(property))
                    && place.last().is_some_and(|field| self.is_given_later(owner, field))
            })?;
            Some(Need {
                what: "value".into(),
                at: Ref {
                    file: end.file,
                    node: at,
                },
                teardown: name.clone(),
                leaving: Vec::new(),
                certain: false,
                always: false,
                store: true,
            })
        })
    }

    /// Whether a method or a setter, and not the making, puts its parameter into a field.
    fn is_given_later(&self, owner: OwnerId, field: &str) -> bool {
        self.project.field_definitions(owner, field).into_iter().any(|d| {
            let Root::Binding(file, b) = self.project.place(d).root else {
                return false;
            };
            let param = self.project.param_position(file, b);
            param.is_some_and(|(f, _)| self.project.is_plain_method(f))
        })
    }

    /// What a method of a class acquires, if only the class's teardown releases it.
    fn held_at_times(&self, owner: OwnerId, ends: &[(Box<str>, Func)], making: &[Func]) -> Option<Need> {
        let mut files: Vec<FileId> = self.project.lineage(owner).iter().map(|o| o.file).collect();
        files.dedup();
        files.iter().find_map(|&file| {
            self.pair_acquisitions(file).iter().find_map(|a| {
                let (of, _, method) = self.project.method_around(self.project.function_at(a.at))?;
                if making.contains(&method) || !self.project.lineage(owner).contains(&of) {
                    return None;
                }
                self.held_until_end(a, ends, &[method])
            })
        })
    }

    /// The methods of a class that end its objects by their names, beyond what may as well begin them anew.
    pub(in crate::lifetime) fn ends_of(&self, owner: OwnerId, row: &PairRow) -> Vec<(Box<str>, Func)> {
        let names = self.project.tables.releases_of(row).iter();
        let names: Vec<&str> = names.map(|r| r.last()).collect();
        let mut out: Vec<(Box<str>, Func)> = Vec::new();
        for o in self.project.lineage(owner) {
            for member in self.project.owner(o).members.iter().filter(|m| !m.is_static) {
                let name = self.project.text(o.file, member.name);
                if let Some(function) = member.function.filter(|_| names.contains(&name)) {
                    out.push((name.into(), Func { file: o.file, function }));
                }
            }
        }
        out
    }

    /// The functions that surely run when an object is made: constructors, initial values, and the methods they call.
    pub(in crate::lifetime) fn making_of(&self, owner: OwnerId) -> Vec<Func> {
        let mut out: Vec<Func> = Vec::new();
        for o in self.project.lineage(owner) {
            let facts = self.project.facts(o.file);
            match self.project.owner(o).kind {
                OwnerKind::Class(class) => {
                    let members = facts.classes.get(class.0 as usize).map(|c| c.members.as_slice());
                    for member in members.unwrap_or_default().iter().filter(|m| !m.is_static) {
                        let node = match member.kind {
                            MemberKind::Constructor => member.value,
                            MemberKind::Field => member.evaluator,
                            _ => None,
                        };
                        if let Some(Node::Function(function)) = node.map(|n| facts.node(n)) {
                            out.push(Func { file: o.file, function });
                        }
                    }
                }
                OwnerKind::Constructor(function) => out.push(Func { file: o.file, function }),
                OwnerKind::Object(_) => {}
            }
        }
        out.extend(self.project.constructor(owner));
        let mut next = 0;
        while let Some(&f) = out.get(next) {
            next += 1;
            for &node in self.project.calls_in(f) {
                let call = Ref { file: f.file, node };
                if out.len() < MAX_MAKING
                    && self.is_own_call(call)
                    && !self.is_conditional(call)
                    && let Some(g) = self.project.called_function(call)
                    && !out.contains(&g)
                {
                    out.push(g);
                }
            }
        }
        out
    }

    /// `this.method()`.
    pub(in crate::lifetime) fn is_own_call(&self, call: Ref) -> bool {
        let facts = self.project.facts(call.file);
        let Node::Call { callee, .. } = facts.node(call.node) else {
            return false;
        };
        matches!(facts.node(callee), Node::Member { object, .. } if facts.node(object) == Node::This)
    }

    /// An acquisition that lasts until one of some methods releases it.
    fn held_until_end(&self, a: &Acquisition, ends: &[(Box<str>, Func)], making: &[Func]) -> Option<Need> {
        let Kind::Pair { row, target, .. } = &a.kind else {
            return None;
        };
        let row = &self.project.tables.pairs[*row];
        if row.one_shot || row.collectable || row.own || row.inferred || row.stream {
            return None;
        }
        let outlives = |t: &Ref| self.life_of_thing(&self.project.place(*t)) == Life::Process;
        if !target.as_ref().is_none_or(outlives) {
            return None;
        }
        let releases = self.releases_of(a, &self.flow_of(a));
        let teardown = self.ended_only_by(&releases, ends, making)?;
        Some(Need {
            what: a.what.clone(),
            at: a.at,
            teardown,
            leaving: self.ends_that_leave(&releases, ends),
            certain: making.first() == Some(&self.project.function_at(a.at)),
            always: false,
            store: false,
        })
    }

    /// An object made in the making of another, with the same need, that the other's end ends.
    fn child_held_until_end(
        &self,
        file: FileId,
        owner: OwnerId,
        ends: &[(Box<str>, Func)],
        making: &[Func],
        depth: u32,
    ) -> Option<Need> {
        let row = self.owned_row()?;
        making.iter().filter(|f| f.file == file).find_map(|f| {
            self.project.calls_in(*f).iter().find_map(|&node| {
                let call = Ref { file, node };
                let (child, need) = self.made_with_need(call, depth + 1)?;
                if child == owner || !need.always || self.is_conditional(call) {
                    return None;
                }
                let a = self.owned_acquisition(call, row, child);
                let releases = self.releases_of(&a, &self.flow_of_child(call));
                let teardown = self.ended_only_by(&releases, ends, making)?;
                let leaving = self.ends_that_leave(&releases, ends);
                Some(Need {
                    teardown,
                    leaving,
                    ..need
                })
            })
        })
    }

    /// The first of some methods that releases what nothing but they release.
    pub(in crate::lifetime) fn ended_only_by(
        &self,
        releases: &[Release],
        ends: &[(Box<str>, Func)],
        making: &[Func],
    ) -> Option<Box<str>> {
        let right: Vec<Func> = releases
            .iter()
            .filter(|r| r.wrong.is_none())
            .map(|r| self.project.function_at(r.at))
            .collect();
        let reached: Vec<_> = ends.iter().map(|(_, f)| self.project.reach(&[*f])).collect();
        let is_end = |f: &Func| reached.iter().any(|r| r.contains(f));
        if right.is_empty() || !right.iter().all(|f| is_end(f) || making.contains(f)) {
            return None;
        }
        let first = reached.iter().position(|r| right.iter().any(|f| r.contains(f)))?;
        ends.get(first).map(|(name, _)| name.clone())
    }

    /// The names of those of some methods from which no release is reached.
    fn ends_that_leave(&self, releases: &[Release], ends: &[(Box<str>, Func)]) -> Vec<Box<str>> {
        let releases_it = |name: &str| {
            let named = ends.iter().filter(|(other, _)| **other == *name);
            let reach = self.project.reach(&named.map(|(_, end)| *end).collect::<Vec<_>>());
            let mut right = releases.iter().filter(|r| r.wrong.is_none());
            right.any(|r| reach.contains(&self.project.function_at(r.at)))
        };
        let leaving = ends.iter().filter(|(name, _)| !releases_it(name));
        leaving.map(|(name, _)| name.clone()).collect()
    }

    /// Whether objects of a class call or hand out their own teardown, other than to begin anew.
    pub(in crate::lifetime) fn ends_itself(
        &self,
        owner: OwnerId,
        ends: &[(Box<str>, Func)],
        begins: Option<Func>,
    ) -> bool {
        ends.iter().any(|(name, _)| {
            self.project.method_references(owner, name).into_iter().any(|r| {
                let f = self.project.function_at(r);
                let around = self.project.method_around(f);
                around.is_some_and(|(o, _, method)| {
                    let begins_anew = begins == Some(f);
                    self.project.is_related(o, owner) && !begins_anew && !ends.iter().any(|(_, end)| *end == method)
                })
            })
        })
    }

    /// Whether the making of an object tells others of it, who may end it then: `registry.add(this)`.
    pub(in crate::lifetime) fn gives_itself_away(&self, making: &[Func]) -> bool {
        making.iter().any(|f| {
            let facts = self.project.facts(f.file);
            let own = |node| {
                let g = facts.enclosing_function(node);
                facts.is_nested(g, f.function)
            };
            facts.nodes.iter().enumerate().any(|(i, node)| {
                let at = crate::facts::NodeId(i as u32);
                if *node != Node::This || !own(at) {
                    return false;
                }
                let up = facts.parent(at);
                match facts.node(up) {
                    Node::Call { callee, args, .. } => {
                        let position = facts.list(args).position(|a| a == at);
                        let call = Ref { file: f.file, node: up };
                        position.is_some() && !self.is_bound_only(Ref { node: callee, ..call })
                    }
                    Node::Assign { target, value, .. } => {
                        value == at && !matches!(facts.node(target), Node::Binding(_))
                    }
                    Node::Property { value, .. } => value == at,
                    Node::Array(_) | Node::Spread(_) | Node::Return(_) => true,
                    _ => false,
                }
            })
        })
    }

    /// `f.bind`, `Base.call`: what is handed over is the `this` of a function.
    fn is_bound_only(&self, callee: Ref) -> bool {
        let facts = self.project.facts(callee.file);
        match facts.node(callee.node) {
            Node::Member { property, .. } => matches!(facts.name(property), "bind" | "call" | "apply"),
            _ => false,
        }
    }
}
