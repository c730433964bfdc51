//! Checkpoints of every vendor, as this version and as older ones wrote them: they are read as what they are. What was edited in
//! one that has no checksum is read as it stands there, or refused; it is never taken for something else.

use std::cell::Cell;

use fastrand::Rng;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{TestError, TestRunner};
use resumable_core::{Checkpoint, Envelope, FORMAT, Protocol, ResumeError};
use resumable_sim::clock::Clock;
use resumable_sim::registry::{self, Task};
use resumable_sim::source::{Nature, Source};
use resumable_sim::vendor::Expectations;
use serde_json::Value;

use super::drive::Drive;

/// How many edits are tried with each vendor.
const CASES: u32 = 600;
/// What no edit may leave between one second and the next.
const NANOS: u64 = 999_999_999;

/// Every checkpoint of each upload over which faults are enumerated, each once.
fn saved<S: Expectations>() -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for (setting, _) in S::enumerated() {
        let now = Clock::new().server();
        let source = Source::new(setting.size(), 1, Nature::plain(), now);
        let server = setting.server(&source, &mut Rng::with_seed(1));
        let mut drive = Drive::new(source.bytes(), now);
        let done =
            drive.run(setting.protocol(), S::credential(0), |request, now| Ok(server.handle(now, request).response));
        assert!(done.is_ok(), "{setting:?}: {:?}", done.err());
        all.append(&mut drive.saved);
    }
    all.sort();
    all.dedup();
    all
}

fn read<S: Expectations>(bytes: &[u8]) -> Result<Checkpoint<S::Protocol>, ResumeError> {
    Checkpoint::from_bytes(bytes)
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("a checkpoint's text")
}

/// As the first version wrote it: without checksum, times of change and digests of what was sent.
fn in_first_format(bytes: &[u8]) -> Value {
    let mut whole = json(bytes);
    let fields = whole.as_object_mut().expect("an object");
    fields.retain(|name, _| !["checksum", "fingerprint"].contains(&name.as_str()));
    fields.insert("format".to_owned(), 1.into());
    let source = fields["source"].as_object_mut().expect("an object");
    source.retain(|name, _| !["changed", "looked_at", "version"].contains(&name.as_str()));
    whole
}

/// What a checkpoint says, whatever its format.
fn said(bytes: &[u8]) -> Value {
    let mut whole = json(bytes);
    let fields = whole.as_object_mut().expect("an object");
    fields.retain(|name, _| !["checksum", "fingerprint", "format"].contains(&name.as_str()));
    whole
}

struct AsWritten;

impl Task for AsWritten {
    fn run<S: Expectations>(&self, name: &str) -> bool {
        let all = saved::<S>();
        for bytes in &all {
            let text = String::from_utf8_lossy(bytes);
            let checkpoint = read::<S>(bytes).unwrap_or_else(|error| panic!("{name}: {error}: {text}"));
            assert_eq!(checkpoint.to_bytes(), *bytes, "{name}");
            assert_eq!(checkpoint.format(), FORMAT, "{name}");
            let old = in_first_format(bytes).to_string().into_bytes();
            let checkpoint = read::<S>(&old).unwrap_or_else(|error| panic!("{name}: {error}: {text}"));
            assert_eq!(checkpoint.format(), 1, "{name}");
            assert_eq!(said(&checkpoint.to_bytes()), said(&old), "{name}");
            let envelope = Envelope::from_bytes(&old).expect("every checkpoint has one");
            assert_eq!((envelope.format, envelope.protocol.as_str()), (1, S::Protocol::ID), "{name}");
            assert_eq!(
                (&*envelope.target, envelope.confirmed),
                (checkpoint.target(), checkpoint.confirmed()),
                "{name}"
            );
            assert_eq!(
                (&envelope.source, envelope.saved_unix),
                (checkpoint.source(), checkpoint.saved_unix()),
                "{name}"
            );
        }
        all.len() > 5
    }
}

#[test]
fn what_any_version_wrote_is_read_as_the_same() {
    registry::all().into_iter().for_each(|(name, run)| assert!(run(&AsWritten, name), "{name}"));
}

/// One value of a checkpoint is another one, or is not there.
#[derive(Clone, Debug)]
struct Edit {
    which: Index,
    at: Index,
    to: Instead,
}

#[derive(Clone, Debug)]
enum Instead {
    Number(u64),
    Text(String),
    Flag(bool),
    Null,
    Nothing,
}

fn edit() -> impl Strategy<Value = Edit> {
    let number = prop_oneof![0u64..100, any::<u64>(), Just(u64::from(u32::MAX) + 1)];
    let to = prop_oneof![
        4 => number.prop_map(Instead::Number),
        2 => "[0-9a-f]{0,64}|[a-z_]{1,12}".prop_map(Instead::Text),
        1 => any::<bool>().prop_map(Instead::Flag),
        1 => Just(Instead::Null),
        2 => Just(Instead::Nothing),
    ];
    (any::<Index>(), any::<Index>(), to).prop_map(|(which, at, to)| Edit { which, at, to })
}

/// The places of all values, but for the format and the protocol's name: with those it is another thing.
fn places(value: &Value, at: &str, all: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| {
            let place = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
            if !["/format", "/protocol"].contains(&place.as_str()) {
                all.push(place.clone());
                places(value, &place, all);
            }
        }),
        Value::Array(values) => values.iter().enumerate().for_each(|(number, value)| {
            places(value, &format!("{at}/{number}"), all);
            all.push(format!("{at}/{number}"));
        }),
        _ => {}
    }
}

fn without(whole: &Value, place: &str) -> Value {
    let mut whole = whole.clone();
    let (parent, name) = place.rsplit_once('/').expect("a place in something");
    match whole.pointer_mut(parent) {
        Some(Value::Object(fields)) => drop(fields.remove(&name.replace("~1", "/").replace("~0", "~"))),
        Some(Value::Array(values)) => drop(values.remove(name.parse().expect("a number"))),
        _ => unreachable!("{place} is in nothing"),
    }
    whole
}

fn edited(whole: &Value, place: &str, to: &Instead) -> Value {
    let value: Value = match to {
        Instead::Number(number) if place.ends_with("nanos") => (*number).min(NANOS).into(),
        Instead::Number(number) => (*number).into(),
        Instead::Text(text) => text.as_str().into(),
        Instead::Flag(flag) => (*flag).into(),
        Instead::Null => Value::Null,
        Instead::Nothing => return without(whole, place),
    };
    let mut whole = whole.clone();
    *whole.pointer_mut(place).expect("a place that is there") = value;
    whole
}

/// Why what was read is not what stands there; `again` is what it was read as.
fn is_as_it_stands_there<S: Expectations>(new: &Value, again: &Value) -> Result<(), String> {
    let mut every = Vec::new();
    places(new, "", &mut every);
    for place in &every {
        let value = new.pointer(place).expect("a place that is there");
        if value.is_object() || value.is_array() {
            continue;
        }
        match again.pointer(place) {
            Some(read) if read == value || is_same_number(read, value) => {}
            Some(read) => return Err(format!("{value} at {place} is read as {read}")),
            // It is not written, because it says no more than nothing would.
            None => {
                let less = read::<S>(without(new, place).to_string().as_bytes());
                if !less.is_ok_and(|less| said(&less.to_bytes()) == *again) {
                    return Err(format!("{value} at {place} is lost"));
                }
            }
        }
    }
    Ok(())
}

/// The name of an attempt is a number in hexadecimal digits.
fn is_same_number(one: &Value, other: &Value) -> bool {
    let number = |value: &Value| u128::from_str_radix(value.as_str()?, 16).ok();
    number(one).is_some_and(|one| number(other) == Some(one))
}

struct Edited;

impl Task for Edited {
    fn run<S: Expectations>(&self, name: &str) -> bool {
        let all = saved::<S>();
        let (taken, refused) = (Cell::new(0), Cell::new(0));
        let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(CASES) };
        let outcome = TestRunner::new(config).run(&edit(), |Edit { which, at, to }| {
            let old = in_first_format(&all[which.index(all.len())]);
            let mut every = Vec::new();
            places(&old, "", &mut every);
            let place = &every[at.index(every.len())];
            let new = edited(&old, place, &to);
            let wrong = |what: String| TestCaseError::fail(format!("{place}: {what}: {new}"));
            match read::<S>(new.to_string().as_bytes()) {
                Ok(checkpoint) => {
                    taken.set(taken.get() + 1);
                    is_as_it_stands_there::<S>(&new, &said(&checkpoint.to_bytes())).map_err(wrong)
                }
                Err(ResumeError::Damaged(_)) => {
                    refused.set(refused.get() + 1);
                    Ok(())
                }
                Err(error) => Err(wrong(error.to_string())),
            }
        });
        if let Err(TestError::Fail(why, edit)) = &outcome {
            panic!("{name}: {why}, {edit:?}");
        }
        outcome.is_ok() && taken.get() > 10 && refused.get() > 10
    }
}

#[test]
fn what_was_edited_in_an_old_one_is_read_as_it_stands_there_or_called_damaged() {
    registry::all().into_iter().for_each(|(name, run)| assert!(run(&Edited, name), "{name}"));
}
