//! Custom elements of which a page has one: what start-up code makes, and what is made where the page has none yet.

use super::{FileId, OwnerId, OwnerKind, Project, Ref, Use};
use crate::facts::{BinaryOp, CallKind, ClassId, FileFacts, FunctionId, Node, NodeId};
use crate::tables::LifecycleRow;

/// How many classes may stand between an element and one that extends it.
const MAX_HEIRS: u32 = 4;

/// Where the text of a tag stands.
enum Mention {
    /// It is defined, searched for or compared: that makes none.
    Harmless,
    /// A call that makes one.
    Made(Ref),
    /// Nobody knows.
    Unknown,
}

impl Project {
    /// Whether a page has one element of a class, and of each class that extends it.
    pub(super) fn is_placed_once(&self, id: OwnerId, row: &LifecycleRow) -> bool {
        self.is_one_of_page(id, row, 0)
    }

    /// Whether no code of the project makes an element of a class, though some markup has others: how many there are, the
    /// pages say that nobody read. So it is with the part that such an element has whenever it is drawn.
    pub fn is_placed_by_nobody(&self, id: OwnerId) -> bool {
        self.is_of_unread_page(id, 0)
    }

    fn is_of_unread_page(&self, id: OwnerId, depth: u32) -> bool {
        let Some(cycle) = self
            .lifecycle(id)
            .filter(|c| depth < MAX_HEIRS && !c.row.tagged_by.is_empty())
        else {
            return false;
        };
        let Some(tag) = self.tag_of(id, cycle.row) else {
            return false;
        };
        let mentions = self.mentions(&tag, cycle.row);
        if mentions.iter().any(|m| !matches!(m, Mention::Harmless)) || !self.constructions(id).is_empty() {
            return false;
        }
        let has_markup = || (0..self.files.len() as u32).any(|file| !self.tags_in(FileId(file)).is_empty());
        match self.is_in_markup(&tag) {
            true => self
                .host_of(&tag)
                .is_some_and(|host| self.is_one_of_page(host, cycle.row, 0) || self.is_of_unread_page(host, depth + 1)),
            false => has_markup(),
        }
    }

    /// The element whose markup has a tag, if it is the only markup that has, and has it whatever happens.
    fn host_of(&self, tag: &str) -> Option<OwnerId> {
        let opens = |text: &str| {
            let tags = text.split('<').skip(1);
            tags.filter(|rest| {
                let rest = rest.strip_prefix(tag);
                rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-'))
            })
            .count()
        };
        let files = (0..self.files.len() as u32).map(FileId);
        let mut places = files.filter(|file| self.tags_in(*file).contains(tag)).flat_map(|file| {
            let facts = self.facts(file);
            let nodes = facts.nodes.iter().zip(0..);
            nodes.filter_map(move |(node, index)| match node {
                Node::Str(name) => Some((
                    Ref {
                        file,
                        node: NodeId(index),
                    },
                    opens(facts.name(*name)),
                )),
                _ => None,
            })
        });
        let mut places = places.by_ref().filter(|(_, count)| *count > 0);
        let (at, 1) = places.next()? else { return None };
        if places.next().is_some() {
            return None;
        }
        let facts = self.facts(at.file);
        let is_way = |up: &NodeId| {
            matches!(
                facts.node(*up),
                Node::Template(_)
                    | Node::Return(_)
                    | Node::Block(_)
                    | Node::Call {
                        kind: CallKind::Tagged,
                        ..
                    }
            )
        };
        let f = self.function_at(at);
        let end = facts.ancestors(at.node).find(|up| !is_way(up))?;
        let (owner, _, method) = self.method_around(f)?;
        (method == f && end == self.function(f).node).then_some(owner)
    }

    fn is_one_of_page(&self, id: OwnerId, row: &LifecycleRow, depth: u32) -> bool {
        if depth > MAX_HEIRS {
            return false;
        }
        let mut has_heirs = false;
        let is_known = self.uses_of_class(id).iter().all(|used| match *used {
            Use::Extended { by } => {
                has_heirs = true;
                let heir = self.owner_made_by(by);
                heir.is_some_and(|heir| self.is_one_of_page(heir, row, depth + 1))
            }
            // `mix(Base)` makes a class of it that may have any tag.
            Use::Passed { call, .. } => self.is_definition(call, row),
            Use::Returned { from } => {
                has_heirs = true;
                let heirs = self.heirs_of_mixin(from);
                heirs.is_some_and(|heirs| heirs.iter().all(|&heir| self.is_one_of_page(heir, row, depth + 1)))
            }
            Use::PassedIn { .. } | Use::Stored { .. } => false,
            Use::Called { .. } | Use::Attribute { .. } | Use::Exported | Use::Other => true,
        });
        if !is_known {
            return false;
        }
        let Some(tag) = self.tag_of(id, row) else {
            return has_heirs;
        };
        let mut made = self.constructions(id);
        for mention in self.mentions(&tag, row) {
            match mention {
                Mention::Harmless => {}
                Mention::Made(call) => made.push(call),
                Mention::Unknown => return false,
            }
        }
        made.retain(|call| !self.is_test_of(call.file, id.file));
        let is_made = has_heirs || !made.is_empty();
        is_made && made.iter().all(|call| self.is_made_at_top(*call, &tag)) && !self.is_in_markup(&tag)
    }

    /// The tag that a class is defined under.
    fn tag_of(&self, id: OwnerId, row: &LifecycleRow) -> Option<Box<str>> {
        let OwnerKind::Class(ClassId(c)) = self.owner(id).kind else {
            return None;
        };
        let facts = self.facts(id.file);
        let here = |node| Ref { file: id.file, node };
        let class = &facts.classes[c as usize];
        let name = |call: NodeId| match facts.node(call) {
            Node::Call { callee, args, .. } if self.defines_tag(here(callee), row) => {
                facts.item(args, 0).and_then(|tag| self.constant_text(here(tag), 0))
            }
            _ => None,
        };
        class.decorators.iter().find_map(|&d| name(d)).or_else(|| {
            let b = self.begun_with(here(class.node)).next()?;
            facts.references_of(b).find_map(|node| {
                let call = facts.parent(node);
                matches!(facts.node(call), Node::Call { callee, .. } if callee != node).then(|| name(call))?
            })
        })
    }

    fn is_definition(&self, call: Ref, row: &LifecycleRow) -> bool {
        matches!(self.node(call), Node::Call { callee, .. } if self.defines_tag(Ref { node: callee, ..call }, row))
    }

    fn defines_tag(&self, callee: Ref, row: &LifecycleRow) -> bool {
        let path = self.path_of(callee);
        path.is_some_and(|path| row.tagged_by.iter().any(|by| by.strip_suffix("()") == Some(&*path)))
    }

    /// What is done with the text of a tag, wherever it stands alone.
    fn mentions(&self, tag: &str, row: &LifecycleRow) -> Vec<Mention> {
        let mut out = Vec::new();
        for &file in self.files_naming(tag).iter() {
            let facts = self.facts(file);
            let Some(name) = facts.find_name(tag).filter(|_| !self.file(file).is_test) else {
                continue;
            };
            let nodes = facts.nodes.iter().zip(0..);
            let texts = nodes.filter(|(node, _)| **node == Node::Str(name));
            out.extend(texts.map(|(_, index)| {
                self.mention(
                    Ref {
                        file,
                        node: NodeId(index),
                    },
                    row,
                )
            }));
        }
        out
    }

    fn mention(&self, at: Ref, row: &LifecycleRow) -> Mention {
        let facts = self.facts(at.file);
        let up = facts.parent(at.node);
        let conventions = &self.tables.conventions;
        let is_one = |names: &[String], name: &str| names.iter().any(|n| n == name);
        match facts.node(up) {
            Node::Call { callee, .. } if callee != at.node => {
                let callee = Ref { node: callee, ..at };
                match self.last_name(callee) {
                    Some(name) if is_one(&conventions.makes_elements, name) => Mention::Made(Ref { node: up, ..at }),
                    Some(name) if is_one(&conventions.finds_elements, name) => Mention::Harmless,
                    _ if self.defines_tag(callee, row) => Mention::Harmless,
                    _ => Mention::Unknown,
                }
            }
            Node::Binary {
                op: BinaryOp::Eq | BinaryOp::Ne,
                ..
            }
            | Node::Case { .. } => Mention::Harmless,
            Node::Property { key, .. } if key == at.node => Mention::Harmless,
            // A name for something else, in a file that makes no elements.
            Node::Declare { .. } if !self.makes_elements(facts) => Mention::Harmless,
            _ => Mention::Unknown,
        }
    }

    fn makes_elements(&self, facts: &FileFacts) -> bool {
        let makes = &self.tables.conventions.makes_elements;
        makes.iter().any(|name| facts.find_name(name).is_some())
    }

    /// Whether a call that makes an element stands at the top of a module, or after a search for such an element.
    fn is_made_at_top(&self, call: Ref, tag: &str) -> bool {
        let f = self.function_at(call);
        let facts = self.facts(call.file);
        f.function == FunctionId::MODULE
            && !facts
                .ancestors(call.node)
                .any(|up| matches!(facts.node(up), Node::Loop { .. }))
            || self.calls_in(f).iter().any(|&other| {
                let here = |node| Ref { node, ..call };
                let Node::Call { callee, args, .. } = facts.node(other) else {
                    return false;
                };
                let finds = &self.tables.conventions.finds_elements;
                other < call.node
                    && self
                        .last_name(here(callee))
                        .is_some_and(|name| finds.iter().any(|f| f == name))
                    && facts
                        .item(args, 0)
                        .is_some_and(|text| self.constant_text(here(text), 0).as_deref() == Some(tag))
            })
    }

    /// Whether the markup of some template has a tag. What stands in a page is there once for each page.
    fn is_in_markup(&self, tag: &str) -> bool {
        (0..self.files.len() as u32).any(|file| self.tags_in(FileId(file)).contains(tag))
    }
}
