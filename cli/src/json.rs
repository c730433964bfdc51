//! The shape of every object that is written for programs. docs/json.md describes them, docs/events.schema.json says what is
//! in them.

use serde_json::{Map, Value, json};

use crate::clock::clock;
use crate::date::show_stamp;

/// The version of all objects. It changes when something that was there changes its meaning or goes; what is new may come
/// without a new version.
pub(crate) const VERSION: u64 = 1;

/// The object of a command that prints one, or an event: `fields` must be an object.
pub(crate) fn object(event: &str, fields: Value) -> String {
    let mut all = Map::new();
    all.insert("version".to_owned(), VERSION.into());
    all.insert("event".to_owned(), event.into());
    all.insert("time".to_owned(), show_stamp(clock().now().unix).into());
    if let Value::Object(fields) = fields {
        all.extend(fields);
    }
    Value::Object(all).to_string()
}

/// A note or a warning.
pub(crate) fn said(event: &str, text: &str) -> String {
    object(event, json!({ "text": text }))
}
