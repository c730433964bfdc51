//! The checkpoint store, and what may become of what is in it.

use fastrand::Rng;
use resumable_core::{Checkpoint, Protocol, ResumeError};
use serde_json::Value;

use crate::durable::Durable;

/// A checkpoint stays below this, whatever the file's size.
pub const CHECKPOINT_BYTES: usize = 16 * 1024;

/// A durable store for one checkpoint, as its bytes.
#[derive(Clone, Debug)]
pub struct Store {
    durable: Durable,
    /// What a process finds.
    there: Option<Vec<u8>>,
}

/// What happens to a checkpoint that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// One bit of it flips.
    Bit,
    /// A digit of a number in it is another one.
    Digit,
    /// Its end is missing, or is zeros: a write that was torn.
    Torn,
    /// It is as an older version wrote it, without a checksum.
    FirstFormat,
    /// It is as an older version wrote it, and a number in it is another one.
    NumberInFirstFormat,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// The bytes are no checkpoint any more.
    Spoilt,
    /// They may be one, of another upload than they were.
    Edited,
    /// They are one of the first format.
    OfFirstFormat,
}

impl Damage {
    /// Mostly none.
    pub fn draw(chance: &mut Rng) -> Option<Self> {
        let all = [Self::Bit, Self::Digit, Self::Torn, Self::FirstFormat, Self::NumberInFirstFormat];
        (chance.u8(0..10) == 0).then(|| all[chance.usize(0..all.len())])
    }

    /// What the census calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bit => "checkpoint: a bit flipped",
            Self::Digit => "checkpoint: a digit edited",
            Self::Torn => "checkpoint: torn",
            Self::FirstFormat => "checkpoint: of the first format",
            Self::NumberInFirstFormat => "checkpoint: of the first format, a number edited",
        }
    }
}

impl Default for Store {
    fn default() -> Self {
        Self::new()
    }
}

impl Store {
    /// An empty store.
    pub fn new() -> Self {
        Self { durable: Durable::new(), there: None }
    }

    /// Makes bytes durable, in place of any older ones.
    pub fn put(&mut self, bytes: Vec<u8>) {
        self.durable.save(&bytes);
        self.there = Some(bytes);
    }

    /// The process dies while it makes bytes durable.
    pub fn break_off(&mut self, bytes: &[u8], chance: &mut Rng) {
        self.durable.break_off(bytes, chance);
        self.there = self.durable.read();
    }

    /// The power goes, and comes back.
    ///
    /// # Errors
    /// When what was made durable is not there any more, or something is there that was never whole.
    pub fn lose_power(&mut self, chance: &mut Rng) -> Result<(), String> {
        let before = self.there.take();
        let may_be = self.durable.lose_power(chance);
        self.there = self.durable.read();
        if may_be {
            return Ok(());
        }
        let len = |bytes: &Option<Vec<u8>>| bytes.as_ref().map(Vec::len);
        Err(format!(
            "a loss of power took a durable checkpoint: {:?} bytes are there, and were {:?}",
            len(&self.there),
            len(&before)
        ))
    }

    /// Removes what there is.
    pub fn clear(&mut self) {
        self.durable.remove();
        self.there = None;
    }

    /// What a new process finds.
    pub fn get(&self) -> Option<&[u8]> {
        self.there.as_deref()
    }

    /// Whether a text is in what a new process finds.
    pub fn holds(&self, text: &str) -> bool {
        self.get().and_then(|bytes| std::str::from_utf8(bytes).ok()).is_some_and(|whole| whole.contains(text))
    }

    /// Something happens to what is kept. What cannot happen to it flips a bit.
    pub fn damage(&mut self, damage: Damage, chance: &mut Rng) -> Done {
        let Some(mut bytes) = self.there.take() else { return Done::Spoilt };
        let done = damaged(&mut bytes, damage, chance);
        self.put(bytes);
        done
    }
}

fn damaged(bytes: &mut Vec<u8>, damage: Damage, chance: &mut Rng) -> Done {
    let first = matches!(damage, Damage::FirstFormat | Damage::NumberInFirstFormat);
    if first && let Some(mut old) = in_first_format(bytes) {
        let edited = damage == Damage::NumberInFirstFormat && edit_a_number(&mut old, chance);
        *bytes = old.to_string().into_bytes();
        return if edited { Done::Edited } else { Done::OfFirstFormat };
    }
    if damage == Damage::Torn {
        let at = chance.usize(0..bytes.len().max(1));
        if chance.bool() {
            bytes.truncate(at)
        } else {
            bytes[at..].fill(0)
        }
        return Done::Spoilt;
    }
    let digits: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at].is_ascii_digit()).collect();
    match chance.choice(&digits) {
        Some(at) if damage == Damage::Digit => {
            bytes[*at] = b'0' + (bytes[*at] - b'0' + chance.u8(1..10)) % 10;
        }
        _ => {
            let at = chance.usize(0..bytes.len().max(1));
            bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << chance.u8(0..8));
        }
    }
    Done::Spoilt
}

/// A checkpoint as the version wrote it that had neither a checksum, nor times of change, nor digests of what was sent.
fn in_first_format(bytes: &[u8]) -> Option<Value> {
    let mut whole: Value = serde_json::from_slice(bytes).ok()?;
    let fields = whole.as_object_mut()?;
    fields.remove("checksum");
    fields.remove("fingerprint");
    fields.insert("format".to_owned(), 1.into());
    let source = fields.get_mut("source")?.as_object_mut()?;
    source.retain(|name, _| !["changed", "looked_at", "version"].contains(&name.as_str()));
    Some(whole)
}

/// False if there is none but the format's.
fn edit_a_number(whole: &mut Value, chance: &mut Rng) -> bool {
    let mut numbers = Vec::new();
    if let Some(fields) = whole.as_object_mut() {
        fields.iter_mut().filter(|(name, _)| *name != "format").for_each(|(_, value)| collect(value, &mut numbers));
    }
    if numbers.is_empty() {
        return false;
    }
    let at = chance.usize(0..numbers.len());
    let was = numbers[at].as_u64().unwrap_or_default();
    let other = match chance.u8(0..8) {
        0 => 0,
        1 => u64::MAX,
        2 => was.saturating_mul(2),
        3 => was / 2,
        4 => chance.u64(0..2_000),
        5 => was.saturating_sub(1 + chance.u64(0..200)),
        _ => was.saturating_add(1 + chance.u64(0..200)),
    };
    *numbers[at] = other.into();
    other != was
}

fn collect<'a>(value: &'a mut Value, numbers: &mut Vec<&'a mut Value>) {
    match value {
        Value::Number(_) => numbers.push(value),
        Value::Array(values) => values.iter_mut().for_each(|value| collect(value, numbers)),
        Value::Object(fields) => fields.values_mut().for_each(|value| collect(value, numbers)),
        _ => {}
    }
}

/// A checkpoint as it is read from disk.
///
/// # Errors
/// When it is none.
pub fn read<P: Protocol>(bytes: &[u8]) -> Result<Checkpoint<P>, ResumeError> {
    Checkpoint::from_bytes(bytes)
}
