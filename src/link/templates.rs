//! Templates: components that the template of another component draws whenever that one is drawn itself.

use super::{FileId, Lifecycle, OwnerId, OwnerKind, Project, Ref};
use crate::facts::{BindingId, ClassId, ExportValue, FileKind, Node, NodeId, TemplatePart};

/// How far below the root component a component may be drawn.
pub(super) const MAX_BELOW: usize = 6;

/// How many elements may stand around it.
const MAX_AROUND: usize = 12;

/// `NavHeader` for `nav-header`: templates may write either.
fn capitalized(tag: &str) -> String {
    let mut out = String::with_capacity(tag.len());
    let mut is_start = true;
    for c in tag.chars() {
        match c {
            '-' => is_start = true,
            _ if is_start => {
                out.extend(c.to_uppercase());
                is_start = false;
            }
            _ => out.push(c),
        }
    }
    out
}

impl Project {
    /// How often the template of a file draws what a name of its script stands for, if it does so whenever it is drawn
    /// itself, each time, and nothing else draws it there.
    pub(super) fn drawn_always(&self, file: FileId, import: BindingId, depth: usize) -> Option<usize> {
        let facts = self.facts(file);
        if !matches!(facts.kind, FileKind::Vue | FileKind::Svelte) {
            return None;
        }
        // `export { Panel }`
        if facts
            .exports
            .iter()
            .any(|e| matches!(e.value, ExportValue::Binding(b) if b == import))
        {
            return None;
        }
        let mut names = Vec::new();
        for node in facts.references_of(import) {
            names.push(self.registered_as(Ref { file, node })?);
        }
        if facts.instance.is_some() {
            let own = facts.binding(import).name;
            // `<component :is="Panel">`
            if facts.template_names.contains(&own) {
                return None;
            }
            names.push(facts.name(own));
        }
        let mut drawn = 0;
        for part in facts.template_parts.iter() {
            if names.iter().any(|name| self.is_tag_of(file, part, name)) {
                self.is_there_always(file, part, depth).then_some(())?;
                drawn += 1;
            }
        }
        Some(drawn)
    }

    /// The name under which a component is told to the template: `components: { 'nav-header': NavHeader }`.
    fn registered_as(&self, at: Ref) -> Option<&str> {
        let facts = self.facts(at.file);
        let up = facts.parent(at.node);
        let Node::Property { key, value, .. } = facts.node(up) else {
            return None;
        };
        let list = facts.parent(up);
        let Node::Property { key: of, .. } = facts.node(facts.parent(list)) else {
            return None;
        };
        let options = &self.tables.conventions.component_options;
        let is_list = value == at.node && matches!(facts.node(list), Node::Object(_));
        let is_told = is_list && facts.string(of).is_some_and(|of| options.iter().any(|o| o == of));
        is_told.then(|| facts.string(key))?
    }

    fn is_tag_of(&self, file: FileId, part: &TemplatePart, name: &str) -> bool {
        let facts = self.facts(file);
        let tag = facts.name(part.name);
        tag == name || facts.kind == FileKind::Vue && capitalized(tag) == capitalized(name)
    }

    /// Whether an element of a template is there as long as its component is: nothing around it decides otherwise.
    fn is_there_always(&self, file: FileId, part: &TemplatePart, depth: usize) -> bool {
        let facts = self.facts(file);
        let mut at = *part;
        for _ in 0..MAX_AROUND {
            if !at.always {
                return false;
            }
            let Some(around) = at.inside.and_then(|index| facts.template_parts.get(index as usize)) else {
                return true;
            };
            at = *around;
            // The one around may leave out what it is given; an element of a page has it always.
            if facts.kind == FileKind::Html {
                continue;
            }
            let mut place = "";
            if let Some(named) = facts.name(at.name).strip_prefix('#') {
                let Some(of) = at.inside.filter(|_| at.always) else {
                    return false;
                };
                place = named;
                at = facts.template_parts[of as usize];
            }
            if !self.shows_content(file, &at, place, depth) {
                return false;
            }
        }
        false
    }

    /// Whether a component shows the content that it is given for a place, whatever happens.
    fn shows_content(&self, file: FileId, part: &TemplatePart, place: &str, depth: usize) -> bool {
        let facts = self.facts(file);
        let name = capitalized(facts.name(part.name));
        let conventions = &self.tables.conventions;
        if conventions.shows_content.contains(&name) {
            return true;
        }
        let mut imports = facts.imports.iter().filter(|import| {
            let binding = facts.binding(import.binding);
            capitalized(facts.name(binding.name)) == name
        });
        match imports.next() {
            Some(import) if depth < MAX_BELOW => match self.target(file, import.specifier) {
                super::Target::File(of) if of != file => self.shows_slots(of, place, depth + 1),
                _ => conventions
                    .draws_children
                    .iter()
                    .any(|end| name.ends_with(end.as_str())),
            },
            _ => false,
        }
    }

    /// Whether a component has the place that content is given for, and each such place is always there.
    fn shows_slots(&self, file: FileId, place: &str, depth: usize) -> bool {
        let facts = self.facts(file);
        let is_it = |tag: &str| match tag.strip_prefix("slot") {
            Some("") => place.is_empty() || place == "default",
            Some(rest) => rest.strip_prefix(':') == Some(place),
            None => false,
        };
        let slots = facts.template_parts.iter().filter(|p| is_it(facts.name(p.name)));
        let mut slots = slots.peekable();
        slots.peek().is_some() && slots.all(|slot| self.is_there_always(file, slot, depth))
    }

    /// Whether only templates of root components draw a component whose decorator gives its tag, and draw it always.
    pub(super) fn is_in_root_template(&self, id: OwnerId, cycle: &Lifecycle<'_>, depth: usize) -> bool {
        let Some(option) = cycle.row.tag_option.as_deref().filter(|_| depth < MAX_BELOW) else {
            return false;
        };
        let Some((at, tag)) = self.decorator_text(id, option) else {
            return false;
        };
        // `[appBar]`, `button[bar]`: what it is drawn on, other code says too.
        if !tag.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            return false;
        }
        if !self.is_listed_only(id, &cycle.row.listed_in) {
            return false;
        }
        let mut drawn = 0;
        for &file in self.files_naming(&tag).iter() {
            if self.file(file).is_test {
                continue;
            }
            let facts = self.facts(file);
            let parts = facts.template_parts.iter().filter(|p| facts.name(p.name) == &*tag);
            let mut has_parts = false;
            for part in parts {
                has_parts = true;
                drawn += 1;
                if !self.is_there_always(file, part, depth) {
                    return false;
                }
            }
            if has_parts && !self.is_template_of_root(file, cycle, depth) {
                return false;
            }
            // Its name in code is no more than that: `querySelector('app-shell')`.
            let made = &self.tables.conventions.makes_elements;
            let is_made = || made.iter().any(|make| facts.find_name(make).is_some());
            if file != at.file && !has_parts && is_made() {
                return false;
            }
        }
        drawn > 0 && !self.is_in_texts(&tag)
    }

    /// Whether some text in code opens an element of a tag.
    fn is_in_texts(&self, tag: &str) -> bool {
        let files = (0..self.files.len() as u32).map(FileId);
        let mut files = files.filter(|file| !self.file(*file).is_test);
        if tag.contains('-') {
            return files.any(|file| self.tags_in(file).contains(tag));
        }
        let opens = format!("<{tag}");
        let is_it = |text: &str| {
            let mut found = text.match_indices(&opens);
            found.any(|(at, _)| !text[at + opens.len()..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-'))
        };
        files.any(|file| self.facts(file).names.iter().any(|text| is_it(text)))
    }

    /// Whether the program names a class where modules list what they have, and nowhere else that makes objects of it.
    fn is_listed_only(&self, id: OwnerId, names: &[String]) -> bool {
        let references = self.class_references(id);
        let mut references = references.iter().filter(|at| !self.is_test_of(at.file, id.file));
        references.all(|&at| self.listed_at(at, names, &[]).is_some() || self.is_in_member_decorator(at))
    }

    /// `@ViewChild(Panel) panel`
    fn is_in_member_decorator(&self, at: Ref) -> bool {
        let facts = self.facts(at.file);
        let call = facts.parent(at.node);
        let mut members = facts.classes.iter().flat_map(|class| &class.members);
        members.any(|member| member.decorators.contains(&call))
    }

    /// Whether a file is the template of components, each of which is a root or drawn by one.
    fn is_template_of_root(&self, template: FileId, cycle: &Lifecycle<'_>, depth: usize) -> bool {
        let Some(option) = cycle.row.template_option.as_deref() else {
            return false;
        };
        let path = &self.file(template).path;
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            return false;
        };
        let mut owners = Vec::new();
        for text in [format!("./{name}"), name.to_owned()] {
            for &file in self.files_naming(&text).iter() {
                let beside = self.file(file).path.parent() == path.parent();
                let count = self.file(file).owners.len() as u32;
                let of_file = (0..count).map(|index| OwnerId { file, index });
                owners.extend(
                    of_file.filter(|&o| {
                        beside && self.decorator_text(o, option).is_some_and(|(_, found)| *found == *text)
                    }),
                );
            }
        }
        !owners.is_empty()
            && owners.iter().all(|&owner| {
                self.lifecycle(owner).is_some_and(|cycle| {
                    self.is_application_root(owner, &cycle) || self.is_in_root_template(owner, &cycle, depth + 1)
                })
            })
    }

    /// The text of an option of a decorator of a class, and where it stands.
    fn decorator_text(&self, id: OwnerId, option: &str) -> Option<(Ref, Box<str>)> {
        let OwnerKind::Class(ClassId(c)) = self.owner(id).kind else {
            return None;
        };
        let facts = self.facts(id.file);
        facts.classes[c as usize].decorators.iter().find_map(|&d: &NodeId| {
            let Node::Call { args, .. } = facts.node(d) else {
                return None;
            };
            let options = Ref {
                file: id.file,
                node: facts.item(args, 0)?,
            };
            let at = self.property(options, option)?;
            Some((at, self.constant_text(at, 0)?.to_string().into()))
        })
    }
}
