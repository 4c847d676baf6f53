//! The components that a template draws, and whether it draws each of them as long as it is shown itself.

use super::super::Language;
use super::Scanner;
use super::tags::Tag;

/// An element of a template that is none of HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its tag, as written.
    pub name: String,
    /// The nearest such element around it, by its place in the list.
    pub inside: Option<u32>,
    /// Whether no condition, loop, key or slot stands between it and what is around it.
    pub always: bool,
}

/// What is open at a place of the text: an element, or a block of the dialect.
pub(super) struct Open<'a> {
    /// The name of an element; empty for a block.
    name: &'a str,
    /// The nearest part that is open, this one included.
    part: Option<u32>,
    /// Whether a condition stands between here and that part.
    conditional: bool,
}

/// How many elements that were left open a closing tag ends.
const MAX_LEFT_OPEN: usize = 64;

/// Elements of HTML that have no content and no closing tag.
const VOID: [&str; 13] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
];

/// The other elements of HTML, as far as templates are full of them.
const HTML: [&str; 98] = [
    "a",
    "abbr",
    "address",
    "article",
    "aside",
    "audio",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "body",
    "button",
    "canvas",
    "caption",
    "cite",
    "code",
    "colgroup",
    "data",
    "datalist",
    "dd",
    "del",
    "details",
    "dfn",
    "dialog",
    "div",
    "dl",
    "dt",
    "em",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "g",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hgroup",
    "html",
    "i",
    "iframe",
    "ins",
    "kbd",
    "label",
    "legend",
    "li",
    "main",
    "map",
    "mark",
    "menu",
    "meter",
    "nav",
    "noscript",
    "object",
    "ol",
    "optgroup",
    "option",
    "output",
    "p",
    "path",
    "picture",
    "pre",
    "progress",
    "q",
    "rect",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "search",
    "section",
    "select",
    "small",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "svg",
    "table",
    "tbody",
    "td",
    "template",
    "textarea",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "u",
    "ul",
    "video",
];

impl<'a> Scanner<'a> {
    /// Notes an element whose opening tag was read.
    pub(super) fn open_element(&mut self, tag: &Tag<'a>) {
        self.note_id(tag);
        let around = self.open.last();
        let inside = around.and_then(|open| open.part);
        let conditional = self.is_conditional(tag) || around.is_some_and(|open| open.conditional);
        let mut open = Open {
            name: tag.name,
            part: inside,
            conditional,
        };
        if let Some(name) = self.part_named(tag) {
            open.part = Some(self.found.parts.len() as u32);
            open.conditional = false;
            self.found.parts.push(Part {
                name,
                inside,
                always: !conditional,
            });
        }
        if !tag.self_closing && !VOID.contains(&tag.name) {
            self.open.push(open);
        }
    }

    /// Notes the identifier of an element of a component, if it is the same each time: `id="rows"`.
    fn note_id(&mut self, tag: &Tag<'a>) {
        let is_component = matches!(self.language, Language::Vue | Language::Svelte);
        let id = tag
            .value(self.text, "id")
            .filter(|id| is_component && !id.contains('{'));
        self.found.ids.extend(id.map(str::to_owned));
    }

    /// Goes out of the element that a closing tag ends, and of those in it that were left open.
    pub(super) fn close_element(&mut self, name: &str) {
        let is_it = |open: &Open<'_>| open.name.is_empty() || open.name == name;
        if let Some(at) = self.innermost(is_it)
            && !self.open[at].name.is_empty()
        {
            self.open.truncate(at);
        }
    }

    /// Goes into a block of the dialect: what it holds is drawn under a condition.
    pub(super) fn open_block(&mut self, conditional: bool) {
        let around = self.open.last();
        let open = Open {
            name: "",
            part: around.and_then(|open| open.part),
            conditional: conditional || around.is_some_and(|open| open.conditional),
        };
        self.open.push(open);
    }

    /// Goes out of the innermost block.
    pub(super) fn close_block(&mut self) {
        if let Some(at) = self.innermost(|open| open.name.is_empty()) {
            self.open.truncate(at);
        }
    }

    /// Where the innermost open element or block of a kind is, not far up.
    fn innermost(&self, is_it: impl Fn(&Open<'a>) -> bool) -> Option<usize> {
        let near = self.open.iter().enumerate().rev().take(MAX_LEFT_OPEN);
        near.into_iter().find(|(_, open)| is_it(open)).map(|(at, _)| at)
    }

    /// Notes the place where a component shows what it is given to show.
    pub(super) fn given_content(&mut self) {
        let around = self.open.last();
        self.found.parts.push(Part {
            name: "slot".to_owned(),
            inside: around.and_then(|open| open.part),
            always: around.is_none_or(|open| !open.conditional),
        });
    }

    /// What an element is listed as, if it is none of HTML: its tag; `slot:footer` for a place with a name, and `#footer`
    /// for what is put in such a place.
    fn part_named(&self, tag: &Tag<'a>) -> Option<String> {
        if self.language == Language::Vue && tag.name == "template" {
            return Some(format!("#{}", given_place(tag)?));
        }
        let is_part = !HTML.contains(&tag.name) && !VOID.contains(&tag.name);
        let place = tag.value(self.text, "name").filter(|_| tag.name == "slot");
        is_part.then(|| match place {
            Some(place) => format!("slot:{place}"),
            None => tag.name.to_owned(),
        })
    }

    /// Whether the element itself comes and goes, or stands where another component decides about it.
    fn is_conditional(&self, tag: &Tag<'_>) -> bool {
        let mut names = tag.attributes.iter().map(|attribute| attribute.name);
        // `<template #[name]>`, `<template v-slot="given">`
        let is_of_slot = |name: &str| name.starts_with('#') || name.starts_with("v-slot");
        match self.language {
            Language::Vue => names.any(|name| {
                matches!(
                    name,
                    "v-if" | "v-else-if" | "v-else" | "v-for" | ":key" | "v-bind:key" | "slot" | "is" | ":is"
                ) || is_of_slot(name) && (tag.name != "template" || given_place(tag).is_none())
            }),
            Language::Svelte => names.any(|name| name == "slot"),
            _ => tag.name == "ng-template" || names.any(|name| name.starts_with('*') || name.starts_with("[ng")),
        }
    }
}

/// The name of the place that `<template #footer>` puts its content in, if it is written down.
fn given_place<'a>(tag: &Tag<'a>) -> Option<&'a str> {
    tag.attributes.iter().find_map(|attribute| {
        let name = attribute
            .name
            .strip_prefix('#')
            .or_else(|| attribute.name.strip_prefix("v-slot:"));
        name.filter(|name| !name.starts_with('['))
    })
}
