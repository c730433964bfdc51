//! JSON values as old servers write them: numbers as text, text as numbers, or nothing at all.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use core::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A scalar, or what stands in its place.
#[derive(Clone, Debug, PartialEq)]
enum Scalar {
    Nothing,
    Bool(bool),
    Integer(i128),
    Fraction(f64),
    Text(String),
    Compound,
}

/// A whole number that is not negative: `5`, `5.0` or `"5"`; anything else counts as absent.
///
/// # Errors
/// When the JSON itself is broken.
pub fn number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    Ok(scalar(from)?.integer().and_then(|number| u64::try_from(number).ok()))
}

/// A whole number; anything else counts as absent.
///
/// # Errors
/// When the JSON itself is broken.
pub fn integer<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    Ok(scalar(from)?.integer().and_then(|number| i64::try_from(number).ok()))
}

/// Text that is not empty, or a number as text; anything else counts as absent.
///
/// # Errors
/// When the JSON itself is broken.
pub fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(match scalar(from)? {
        Scalar::Text(text) => Some(text).filter(|text| !text.is_empty()),
        Scalar::Integer(number) => Some(number.to_string()),
        Scalar::Nothing | Scalar::Bool(_) | Scalar::Fraction(_) | Scalar::Compound => None,
    })
}

/// A switch: `1`, `true`, `"1"`. What is there and cannot be understood counts as on.
///
/// # Errors
/// When the JSON itself is broken.
pub fn switch<'de, D: Deserializer<'de>>(from: D) -> Result<Option<bool>, D::Error> {
    Ok(match scalar(from)? {
        Scalar::Nothing => None,
        Scalar::Bool(on) => Some(on),
        Scalar::Integer(number) => Some(number != 0),
        Scalar::Text(text) => match text.trim() {
            "" => None,
            text => Some(text != "0" && !text.eq_ignore_ascii_case("false")),
        },
        Scalar::Fraction(_) | Scalar::Compound => Some(true),
    })
}

impl Scalar {
    fn integer(&self) -> Option<i128> {
        match self {
            Self::Integer(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Fraction(number) if number.fract() == 0.0 && number.abs() < EXACT => Some(whole(*number)),
            Self::Nothing | Self::Bool(_) | Self::Fraction(_) | Self::Compound => None,
        }
    }
}

/// 2^53: whole numbers below it are exact in floating point.
const EXACT: f64 = 9_007_199_254_740_992.0;

#[allow(clippy::cast_possible_truncation, reason = "the caller has checked that it is whole and below 2^53")]
fn whole(number: f64) -> i128 {
    number as i128
}

fn scalar<'de, D: Deserializer<'de>>(from: D) -> Result<Scalar, D::Error> {
    from.deserialize_any(ScalarVisitor)
}

/// For map values whose key has been read.
pub struct Number;

impl<'de> DeserializeSeed<'de> for Number {
    type Value = Option<u64>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Option<u64>, D::Error> {
        number(from)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Scalar, E> {
        Ok(Scalar::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Scalar, E> {
        Ok(Scalar::Integer(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Scalar, E> {
        Ok(Scalar::Integer(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Scalar, E> {
        Ok(Scalar::Fraction(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Scalar, E> {
        Ok(Scalar::Nothing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Scalar, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Compound)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Compound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of<T>(
        json: &str,
        read: impl FnOnce(&mut serde_json::Deserializer<serde_json::de::StrRead<'_>>) -> Result<T, serde_json::Error>,
    ) -> T {
        read(&mut serde_json::Deserializer::from_str(json)).unwrap()
    }

    #[test]
    fn numbers_may_be_text_and_back() {
        for (json, number) in
            [("5", Some(5)), ("\"5\"", Some(5)), ("5.0", Some(5)), ("18446744073709551615", Some(u64::MAX))]
        {
            assert_eq!(of(json, |from| super::number(from)), number, "{json}");
        }
        for json in ["-1", "\"x\"", "5.5", "18446744073709551616", "null", "true", "[5]", "{\"a\":5}", "\"\"", "1e300"]
        {
            assert_eq!(of(json, |from| super::number(from)), None, "{json}");
        }
        assert_eq!(of("\"-97\"", |from| super::integer(from)), Some(-97));
        assert_eq!(of("97", |from| super::text(from)), Some("97".to_owned()));
        assert_eq!(of("\"\"", |from| super::text(from)), None);
    }

    #[test]
    fn switches_that_cannot_be_read_are_on() {
        for json in ["1", "true", "\"1\"", "\"true\"", "2", "[]", "{}", "\"serial\""] {
            assert_eq!(of(json, |from| switch(from)), Some(true), "{json}");
        }
        for json in ["0", "false", "\"0\"", "\"False\""] {
            assert_eq!(of(json, |from| switch(from)), Some(false), "{json}");
        }
        for json in ["null", "\"\""] {
            assert_eq!(of(json, |from| switch(from)), None, "{json}");
        }
    }
}
