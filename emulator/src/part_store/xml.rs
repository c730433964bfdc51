//! XML: a writer for answers, and a reader for the one document that is sent to a server.

use std::fmt::Write as _;

use quick_xml::Reader;
use quick_xml::escape::{escape, unescape};
use quick_xml::events::Event;

/// A document that grows.
#[derive(Debug)]
pub(crate) struct Xml {
    text: String,
}

impl Xml {
    /// A document with this root, of which `fill` writes the inside.
    pub(crate) fn document(root: &str, fill: impl FnOnce(&mut Xml)) -> String {
        let mut xml = Xml { text: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned() };
        xml.nest(root, fill);
        xml.text
    }

    /// The same, in a namespace.
    pub(crate) fn document_in(root: &str, namespace: &str, fill: impl FnOnce(&mut Xml)) -> String {
        let mut text = Xml::document(root, fill);
        let at = text.find(&format!("<{root}>")).map_or(text.len(), |at| at + 1 + root.len());
        text.insert_str(at, &format!(" xmlns=\"{namespace}\""));
        text
    }

    pub(crate) fn nest(&mut self, name: &str, fill: impl FnOnce(&mut Xml)) {
        let _ = writeln!(self.text, "<{name}>");
        fill(self);
        let _ = writeln!(self.text, "</{name}>");
    }

    /// Characters that no XML document can hold become `?`.
    pub(crate) fn leaf(&mut self, name: &str, value: &str) {
        let legal =
            |it: char| matches!(it, '\t' | '\n' | '\r') || (it >= ' ' && !matches!(it, '\u{fffe}' | '\u{ffff}'));
        let value: String = value.chars().map(|it| if legal(it) { it } else { '?' }).collect();
        let _ = writeln!(self.text, "<{name}>{}</{name}>", escape(value.as_str()));
    }

    /// Nothing is escaped or replaced, so that this may make the document no XML.
    pub(crate) fn verbatim(&mut self, name: &str, value: &str) {
        let _ = writeln!(self.text, "<{name}>{value}</{name}>");
    }

    pub(crate) fn number(&mut self, name: &str, value: u64) {
        self.leaf(name, &value.to_string());
    }
}

/// One `Part` of a complete request; the tag without its quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NamedPart {
    pub(crate) number: u32,
    pub(crate) etag: String,
    /// Its other elements that hold only text: name and text.
    pub(crate) further: Vec<(String, String)>,
}

/// Reads a `CompleteMultipartUpload`; none if it is not one. Prefixes of names and elements that it does not know are ignored.
pub(crate) fn read_parts(body: &[u8]) -> Option<Vec<NamedPart>> {
    let mut reader = Reader::from_str(std::str::from_utf8(body).ok()?);
    let (mut path, mut parts) = (Vec::<String>::new(), Vec::new());
    let (mut number, mut etag, mut further, mut text) = (None, None, Vec::new(), String::new());
    let mut is_over = false;
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => {
                if is_over || path.len() > 8 {
                    return None;
                }
                path.push(start.local_name().as_ref().to_owned());
                text.clear();
            }
            Event::Text(more) => text += &more,
            Event::CData(more) => text += &more,
            Event::GeneralRef(name) => text += &unescape(&format!("&{};", &*name)).ok()?,
            Event::End(_) => {
                match path.iter().map(String::as_str).collect::<Vec<_>>()[..] {
                    [ROOT] => is_over = true,
                    [ROOT, "Part"] => {
                        let further = std::mem::take(&mut further);
                        parts.push(NamedPart { number: number.take()?, etag: etag.take()?, further });
                    }
                    [ROOT, "Part", "PartNumber"] => number = Some(text.trim().parse().ok()?),
                    [ROOT, "Part", "ETag"] => etag = Some(text.trim().trim_matches('"').to_owned()),
                    [ROOT, "Part", name] => further.push((name.to_owned(), text.trim().to_owned())),
                    [first, ..] if first != ROOT => return None,
                    _ => {}
                }
                path.pop();
            }
            Event::Eof => return is_over.then_some(parts),
            _ => {}
        }
    }
}

const ROOT: &str = "CompleteMultipartUpload";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped_and_impossible_characters_replaced() {
        let text = Xml::document("A", |xml| {
            xml.leaf("B", "<&>\"'\n\u{1}文");
            xml.nest("C", |xml| xml.number("D", 7));
        });
        assert_eq!(
            text,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<A>\n<B>&lt;&amp;&gt;&quot;&apos;\n?文</B>\n<C>\n<D>7</D>\n</C>\n</A>\n"
        );
    }

    #[test]
    fn every_spelling_of_a_tag_is_read_alike() {
        let part = |tag: &str| {
            format!(
                "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{tag}</ETag></Part></CompleteMultipartUpload>"
            )
        };
        for tag in ["\"AB\"", "&quot;AB&quot;", "&#34;AB&#34;", "AB", " \n\"AB\" ", "<![CDATA[\"AB\"]]>"] {
            let expected = vec![NamedPart { number: 1, etag: "AB".to_owned(), further: Vec::new() }];
            assert_eq!(read_parts(part(tag).as_bytes()), Some(expected), "{tag}");
        }
    }

    #[test]
    fn order_is_kept_and_the_unknown_ignored() {
        let text = "<?xml version=\"1.0\"?>\n<!-- c --><o:CompleteMultipartUpload xmlns:o=\"x\">\n <o:Part><More><ETag>no</ETag></More>\
            <ETag>B</ETag><PartNumber> 2 </PartNumber></o:Part><Part><PartNumber>1</PartNumber><ETag>A</ETag><x/></Part>\n\
            </o:CompleteMultipartUpload>\n";
        let numbers: Vec<_> =
            read_parts(text.as_bytes()).expect("parts").into_iter().map(|it| (it.number, it.etag)).collect();
        assert_eq!(numbers, [(2, "B".to_owned()), (1, "A".to_owned())]);
    }

    #[test]
    fn further_elements_of_a_part_stay_with_it() {
        let part =
            |number: u32, more: &str| format!("<Part>{more}<PartNumber>{number}</PartNumber><ETag>A</ETag></Part>");
        let (first, second) = (part(1, "<Sum>x&amp;</Sum><Deep><Sum>no</Sum></Deep>"), part(2, "<Other> y </Other>"));
        let text = format!("<CompleteMultipartUpload>{first}{second}</CompleteMultipartUpload>");
        let parts = read_parts(text.as_bytes()).expect("parts");
        let named = |index: usize, name: &str| {
            parts[index].further.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str())
        };
        assert_eq!(
            [named(0, "Sum"), named(0, "Other"), named(1, "Sum"), named(1, "Other")],
            [Some("x&"), None, None, Some("y")]
        );
    }

    #[test]
    fn what_is_no_list_of_parts_is_not_read() {
        for bad in [
            "",
            "x",
            "<CompleteMultipartUpload>",
            "<CompleteMultipartUpload><Part></CompleteMultipartUpload>",
            "<CompleteMultipartUpload><Part></Part></CompleteMultipartUpload>",
            "<CompleteMultipartUpload><Part><PartNumber>-1</PartNumber><ETag>A</ETag></Part></CompleteMultipartUpload>",
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>",
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>&no;</ETag></Part></CompleteMultipartUpload>",
            "<Other><Part><PartNumber>1</PartNumber><ETag>A</ETag></Part></Other>",
            "<CompleteMultipartUpload></CompleteMultipartUpload><CompleteMultipartUpload></CompleteMultipartUpload>",
        ] {
            assert_eq!(read_parts(bad.as_bytes()), None, "{bad}");
        }
        assert_eq!(read_parts(b"<CompleteMultipartUpload></CompleteMultipartUpload>"), Some(Vec::new()));
        assert_eq!(read_parts(b"\xff"), None);
    }
}
