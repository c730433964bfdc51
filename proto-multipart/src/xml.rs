//! The vendor's XML, as far as its answers need it: elements by name, and their text. Namespaces, attributes, comments
//! and the order of elements mean nothing.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, Event};

/// Answers are three elements deep.
const DEEPEST: usize = 16;

/// An element: what is in it, and the text directly in it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Element {
    /// Its name, without a namespace.
    pub name: String,
    /// The text directly in it.
    pub text: String,
    /// The elements in it.
    pub children: Vec<Element>,
}

impl Element {
    /// Reads a document; `None` when it is no well-formed XML.
    pub fn read(text: &str) -> Option<Self> {
        let mut reader = Reader::from_str(text);
        let mut open: Vec<Self> = Vec::new();
        let mut root = None;
        loop {
            match reader.read_event().ok()? {
                Event::Start(start) if root.is_none() && open.len() < DEEPEST => {
                    open.push(Self::named(start.local_name().as_ref()));
                }
                Event::Empty(start) if root.is_none() && open.len() < DEEPEST => {
                    close(Self::named(start.local_name().as_ref()), &mut open, &mut root);
                }
                Event::End(_) => {
                    let done = open.pop()?;
                    close(done, &mut open, &mut root);
                }
                Event::Text(text) => add(&mut open, &text.xml10_content())?,
                Event::CData(text) => add(&mut open, &text.xml10_content())?,
                Event::GeneralRef(reference) => add(&mut open, &resolved(&reference)?)?,
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
                // A second root, or too deep; and what a document type may declare is dangerous, and nobody needs it.
                Event::Start(_) | Event::Empty(_) | Event::DocType(_) => return None,
                Event::Eof => return root.filter(|_| open.is_empty()),
            }
        }
    }

    fn named(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// The first child of this name.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The trimmed text of the first child of this name; `None` when it is missing or empty.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.trim()).filter(|text| !text.is_empty())
    }

    /// The children of this name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }
}

fn close(done: Element, open: &mut [Element], root: &mut Option<Element>) {
    match open.last_mut() {
        Some(parent) => parent.children.push(done),
        None => *root = Some(done),
    }
}

/// Text outside of the root may only be blank.
fn add(open: &mut [Element], text: &str) -> Option<()> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim_start_matches('\u{feff}').trim().is_empty() => {}
        None => return None,
    }
    Some(())
}

fn resolved(reference: &BytesRef<'_>) -> Option<String> {
    if let Some(character) = reference.resolve_char_ref().ok()? {
        return Some(character.to_string());
    }
    resolve_predefined_entity(reference).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_found_by_name_whatever_stands_around_them() {
        let text = "\u{feff}<?xml version=\"1.0\"?>\n<!-- x --><o:Error xmlns:o=\"urn:x\"><Other a=\"1\"/>\
                    <Code> A&amp;&#66;&quot;<![CDATA[<c>]]> </Code><Code>second</Code></o:Error>\n";
        let root = Element::read(text).unwrap();
        assert_eq!((root.name.as_str(), root.field("Code")), ("Error", Some("A&B\"<c>")));
        assert_eq!((root.field("Other"), root.field("Missing"), root.all("Code").count()), (None, None, 2));
    }

    #[test]
    fn what_is_no_document_is_none() {
        for bad in [
            "",
            "text",
            "{}",
            "<a>",
            "<a></b>",
            "</a>",
            "<a/><b/>",
            "<a/>text",
            "<a>&unknown;</a>",
            "<a>&#0;</a>",
            "<!DOCTYPE html><a/>",
            "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
            "<html><br></html>",
        ] {
            assert_eq!(Element::read(bad), None, "{bad}");
        }
        assert_eq!(Element::read(&format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000))), None);
    }
}
