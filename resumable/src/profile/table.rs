//! A profile as serde reads it.

use std::vec;

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IntoDeserializer as _, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;
use toml::Value;

use super::reading::Reading;
use super::{Field, Mistake, Place, Wiped, variable};

/// The keys of a profile that were not taken yet.
pub(super) struct TableDeserializer<'a>(pub(super) &'a mut Reading);

impl<'de> Deserializer<'de> for TableDeserializer<'_> {
    type Error = Mistake;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        keys: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        let found = keys.iter().filter_map(|key| Some((*key, self.0.find(key)?)));
        let left = found.collect::<Vec<_>>().into_iter();
        visitor.visit_map(Fields { left, current: None })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Mistake> {
        visitor.visit_seq(Parts { profile: self.0, left: len })
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Mistake> {
        Err(Mistake::custom("a profile is read into structs, and into tuples of structs"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple_struct map enum identifier ignored_any
    }
}

/// Structs that share a profile.
struct Parts<'a> {
    profile: &'a mut Reading,
    left: usize,
}

impl<'de> SeqAccess<'de> for Parts<'_> {
    type Error = Mistake;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Mistake> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        seed.deserialize(TableDeserializer(self.profile)).map(Some)
    }
}

/// The fields of one struct.
struct Fields {
    left: vec::IntoIter<(&'static str, Field)>,
    current: Option<(&'static str, Field)>,
}

impl<'de> MapAccess<'de> for Fields {
    type Error = Mistake;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Mistake> {
        self.current = self.left.next();
        let key = self.current.as_ref().map(|(key, _)| seed.deserialize(StrDeserializer::new(key)));
        key.transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Mistake> {
        let (key, Field { place, value }) = self.current.take().ok_or_else(|| Mistake::custom("no key"))?;
        seed.deserialize(ValueDeserializer(value)).map_err(|mistake| match place {
            Place::Line(_) | Place::Program => mistake.of_value(key, key),
            Place::Environment => mistake.of_value(key, &variable(key)),
            Place::Variable(variable) => mistake.of_value(key, variable),
        })
    }
}

/// A value. What it must be is said in our own words, and what it is not at all.
struct ValueDeserializer(Wiped);

fn must_be<T>(wanted: &str) -> Result<T, Mistake> {
    Err(Mistake::custom(format_args!("must be {wanted}")))
}

impl<'de> Deserializer<'de> for ValueDeserializer {
    type Error = Mistake;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        self.0.take().deserialize_any(visitor).or_else(|_| must_be("of another type"))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        match self.0.get() {
            Value::Boolean(flag) => visitor.visit_bool(*flag),
            _ => must_be("true or false"),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        match self.0.take() {
            Value::String(text) => visitor.visit_string(text),
            _ => must_be("a text in quotes"),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        match self.0.get().as_str().filter(|word| words.contains(word)) {
            Some(word) => visitor.visit_enum(word.into_deserializer()),
            None => must_be(&words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" or ")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        visitor.visit_some(self)
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str bytes byte_buf unit unit_struct newtype_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}
