//! Values that may be secrets: what they took of the memory is wiped when they go.

use std::mem;

use toml::Value;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A value of a profile. Which of them is a secret is known only when it is read, so all are wiped.
#[derive(Clone)]
pub(crate) struct Wiped(Value);

impl Wiped {
    /// The value.
    pub(crate) fn get(&self) -> &Value {
        &self.0
    }

    /// The value itself, for whoever keeps it.
    pub(super) fn take(mut self) -> Value {
        mem::replace(&mut self.0, Value::Boolean(false))
    }
}

impl<T: Into<Value>> From<T> for Wiped {
    fn from(value: T) -> Self {
        Self(value.into())
    }
}

impl Zeroize for Wiped {
    fn zeroize(&mut self) {
        wipe(&mut self.0);
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(list) => list.iter_mut().for_each(wipe),
        Value::Table(table) => table.iter_mut().for_each(|(_, value)| wipe(value)),
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => {}
    }
}

impl Drop for Wiped {
    fn drop(&mut self) {
        self.zeroize();
    }
}

impl ZeroizeOnDrop for Wiped {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_wiped_however_deep_it_lies() {
        let table: toml::Table =
            toml::from_str("a = 's3cr3t'\nb = ['s3cr3t', { c = 's3cr3t', d = 5 }]\n[e.f]\ng = 's3cr3t'").unwrap();
        let mut value = Wiped::from(table);
        assert_eq!(value.get().to_string().matches("s3cr3t").count(), 4);
        value.zeroize();
        let left: toml::Table = toml::from_str("a = ''\nb = ['', { c = '', d = 5 }]\n[e.f]\ng = ''").unwrap();
        assert_eq!(value.get(), &Value::Table(left));
    }
}
