//! The random name of an attempt in a checkpoint: 32 hexadecimal digits, because many a parser of JSON keeps no number of 128
//! bits.

use alloc::string::String;

use serde::de::Error as _;
use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

pub(super) fn text(name: u128) -> String {
    format!("{name:032x}")
}

#[expect(clippy::ref_option, reason = "serde's signature")]
pub(super) fn serialize<S: Serializer>(name: &Option<u128>, into: S) -> Result<S::Ok, S::Error> {
    name.map(text).serialize(into)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u128>, D::Error> {
    let text: Option<String> = Option::deserialize(from)?;
    let digits = |text: String| u128::from_str_radix(&text, 16).map_err(|_| D::Error::custom("a name of 32 digits"));
    text.map(digits).transpose()
}
