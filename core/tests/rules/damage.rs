//! A checkpoint that a fault of a disk or a hand changed is never gone on with.

use proptest::prelude::*;
use resumable_core::{Checkpoint, FORMAT, ResumeError, Upload};
use serde_json::{Value, json};

use crate::toy::{Fate, Key, Rig, Setup, Toy};

fn half_way(hash_first: bool) -> Rig<true> {
    let mut rig = Rig::<true>::new(95, Setup { hash_first, ..Setup::default() });
    for _ in 0..3 {
        rig.run_until("part");
        rig.answer("part", Fate::Fine);
    }
    while rig.poll_until_waiting().is_none() && rig.waiting_for("save") > 0 {
        rig.answer("save", Fate::Fine);
    }
    rig
}

fn resume(rig: &Rig<true>, bytes: &[u8]) -> Result<Upload<Toy<true>>, ResumeError> {
    let toy = Toy::<true> { target: "shelf".to_owned(), ..Toy::default() };
    let (key, options) = (Some(Key(String::new())), rig.setup.options.clone());
    Upload::resume(toy, rig.info.clone(), key, options, Checkpoint::from_bytes(bytes)?)
}

#[test]
fn every_flipped_bit_is_seen() {
    let rig = half_way(true);
    let bytes = rig.durable.clone().unwrap().into_bytes();
    resume(&rig, &bytes).unwrap();
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let text = String::from_utf8_lossy(&flipped).into_owned();
        let refused = resume(&rig, &flipped).err();
        let seen = matches!(refused, Some(ResumeError::Damaged(_) | ResumeError::Format { .. }));
        assert!(seen, "bit {bit}: {refused:?}: {text}");
    }
    for len in 0..bytes.len() {
        assert!(resume(&rig, &bytes[..len]).is_err(), "cut to {len}");
    }
}

#[test]
fn a_newer_format_is_said_so_and_not_called_damaged() {
    let rig = half_way(false);
    let text = rig.durable.clone().unwrap();
    let newer = text.replace(&format!("\"format\":{FORMAT}"), "\"format\":77");
    let refused = resume(&rig, newer.as_bytes()).err();
    assert!(matches!(refused, Some(ResumeError::Format { found: 77 })), "{refused:?}");
}

/// The first format has no checksum: what its numbers say of each other is all there is.
fn old(text: &str, pointer: &str, value: Value) -> String {
    let mut saved: Value = serde_json::from_str(text).unwrap();
    saved.as_object_mut().unwrap().remove("checksum");
    saved.as_object_mut().unwrap().remove("fingerprint");
    saved["format"] = 1.into();
    *saved.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}")) = value;
    saved.to_string()
}

#[test]
fn numbers_that_do_not_go_together_are_seen_without_a_checksum() {
    let rig = half_way(true);
    let text = rig.durable.clone().unwrap();
    resume(&rig, old(&text, "/format", 1.into()).as_bytes()).unwrap();
    for (pointer, value) in [
        ("/confirmed", json!(31)),
        ("/source/len", json!(96)),
        ("/session/len", json!(94)),
        ("/session/phase/Open/got", json!([{"start": 0, "end": 40}])),
        ("/session/phase/Open/got", json!([{"start": 0, "end": 10}, {"start": 5, "end": 25}])),
        ("/session/phase/Open/got", json!([{"start": 20, "end": 30}, {"start": 0, "end": 20}])),
        ("/session/phase/Open/got", json!([{"start": 90, "end": 120}])),
        ("/digests/0/0/range/end", json!(200)),
        ("/digests/0/1", json!("00")),
    ] {
        let refused = resume(&rig, old(&text, pointer, value).as_bytes()).err();
        assert!(matches!(refused, Some(ResumeError::Damaged(_))), "{pointer}: {refused:?}");
    }
}

proptest! {
    #[test]
    fn whatever_the_bytes_are_nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..300), at in 0usize..2000, n in any::<u64>()) {
        let rig = half_way(true);
        prop_assert!(resume(&rig, &bytes).is_err());
        // Any number in place of any other, where no checksum tells.
        let text = old(&rig.durable.clone().unwrap(), "/format", 1.into());
        let numbers: Vec<_> = text.match_indices(|c: char| c.is_ascii_digit()).map(|(at, _)| at).collect();
        let start = numbers[at % numbers.len()];
        let end = text[start..].find(|c: char| !c.is_ascii_digit()).map_or(text.len(), |end| start + end);
        let edited = format!("{}{n}{}", &text[..start], &text[end..]);
        if let Ok(mut upload) = resume(&rig, edited.as_bytes()) {
            let _ = upload.poll(rig.now);
        }
    }
}
