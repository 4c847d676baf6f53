//! The pages of the site: every `url` of an output has one, and they are whole.

#[allow(dead_code)]
#[path = "site/site.rs"]
mod site;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use quick_xml::events::Event;

/// The links and ids of a page. The pages are XHTML, so that a strict parser reads them.
fn read(text: &str) -> (Vec<String>, BTreeSet<String>) {
    let text = text.replace("<!DOCTYPE html>", "");
    let mut reader = quick_xml::Reader::from_str(&text);
    reader.config_mut().check_end_names = true;
    let (mut links, mut ids) = (Vec::new(), BTreeSet::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => return (links, ids),
            Event::Start(element) | Event::Empty(element) => {
                for attribute in element.attributes() {
                    let attribute = attribute.unwrap();
                    let value = attribute.normalized_value(quick_xml::XmlVersion::Explicit1_0).unwrap();
                    match attribute.key.as_ref() {
                        "href" => links.push(value.into_owned()),
                        "id" => assert!(ids.insert(value.into_owned()), "an id twice"),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
}

#[test]
fn every_url_of_an_output_has_a_page_and_every_link_leads_somewhere() {
    let folder = tempfile::tempdir().unwrap();
    let pages = site::write(folder.path()).unwrap();
    let names = leaklint::rules::all().iter().chain(&leaklint::suppress::NOTICES);
    for rule in names {
        let url = format!("{}{}", leaklint::finding::RULE_URL, rule.name);
        let path = url.strip_prefix("https://leaklint.dev/").unwrap();
        let page = folder.path().join(path).join("index.html");
        let text = fs::read_to_string(&page).unwrap_or_else(|_| panic!("{url} has no page"));
        assert!(text.contains(&format!("<h1>{}</h1>", rule.name)), "{url}");
    }
    for page in pages {
        let text = fs::read_to_string(folder.path().join(&page)).unwrap();
        let (links, _) = read(&text);
        for link in links.iter().filter(|link| !link.contains("://")) {
            let target = page.parent().unwrap_or(Path::new("")).join(link).join("index.html");
            assert!(folder.path().join(&target).is_file(), "{}: {link}", page.display());
        }
    }
}
