//! The query of a request, decoded.

use percent_encoding::percent_decode_str;

/// Names and values in the order they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn parse(text: &str) -> Query {
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        });
        Query(pairs.collect())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// A parameter's value; empty if it has none.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// A `+` is a blank, in a query as in a path: SDKs of the vendor's write both as a form does.
pub(crate) fn decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_with_and_without_values() {
        let query = Query::parse("uploads&a=1&b=&%2Bc=%E6%96%87&d=x+y%2B=z&&=");
        assert_eq!(query.get("uploads"), Some(""));
        assert_eq!([query.get("a"), query.get("b"), query.get("e")], [Some("1"), Some(""), None]);
        assert_eq!([query.get("+c"), query.get("d")], [Some("文"), Some("x y+=z")]);
    }
}
