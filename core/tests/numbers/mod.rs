//! Any numbers in place of those of a checkpoint: whatever a disk or a hand made of it, nothing may panic. The tests of
//! each vendor have this module, too.

#![allow(dead_code, reason = "each test file uses its own part of it")]

use std::fmt::Debug;
use std::time::Duration;

use proptest::prelude::*;
use resumable_core::{
    Action, Cause, Checkpoint, Failure, HashPass, Input, Now, Options, Output, Protocol, ResumeError, Segment,
    SendError, Slot, SourceInfo, Upload,
};
use serde_json::Value;

/// Numbers at which sums, products and counts go wrong.
const EDGES: [u64; 8] = [0, 1, 2, u32::MAX as u64, 1 << 33, i64::MAX as u64, u64::MAX - 1, u64::MAX];

/// Those whose sums and products are too large.
const HIGH: [u64; 3] = [1 << 33, i64::MAX as u64, u64::MAX];

/// How many outputs of an upload are looked at.
const STEPS: usize = 60;

/// Puts a number in place of another one, and of all that are equal to that: so does one fault go through every check
/// that two numbers are the same.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edit {
    at: usize,
    alike: bool,
    to: u64,
}

pub(crate) fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let to = prop_oneof![
        prop::sample::select(EDGES.to_vec()),
        any::<u64>(),
        (any::<u64>(), 0u32..64).prop_map(|(n, by)| n >> by),
    ];
    let edit = (any::<prop::sample::Index>(), any::<bool>(), to);
    prop::collection::vec(edit.prop_map(|(at, alike, to)| Edit { at: at.index(1000), alike, to }), 1..4)
}

/// What is needed to take up a checkpoint.
pub(crate) struct World<P: Protocol, F: Fn() -> P> {
    pub(crate) protocol: F,
    pub(crate) credential: P::Credential,
    pub(crate) options: Options,
    pub(crate) info: SourceInfo,
    pub(crate) content: Vec<u8>,
}

impl<P: Protocol<Call: Debug>, F: Fn() -> P> World<P, F> {
    /// Every number by itself changed to each of the edges, and every two of them to high ones.
    pub(crate) fn survives_all_edges(&self, saved: &Checkpoint<P>) {
        let saved = first_format(saved);
        assert_eq!(self.take_up(&saved, &[]), 2, "it is resumed and abandoned as it is: {saved}");
        let originals = numbers(&mut saved.clone()).iter().map(|n| n.as_u64()).collect::<Vec<_>>();
        let one = |at| EDGES.map(|to| [false, true].map(|alike| Edit { at, alike, to }));
        for edit in (0..originals.len()).flat_map(|at| one(at).into_iter().flatten()) {
            self.take_up(&saved, &[edit]);
        }
        let first_of_its_value = |at: &usize| originals[..*at].iter().all(|before| *before != originals[*at]);
        let each = (0..originals.len()).filter(first_of_its_value);
        let alike: Vec<Edit> = each.flat_map(|at| HIGH.map(|to| Edit { at, alike: true, to })).collect();
        for (nth, first) in alike.iter().enumerate() {
            for second in &alike[nth + 1..] {
                self.take_up(&saved, &[*first, *second]);
            }
        }
    }

    pub(crate) fn survives(&self, saved: &Checkpoint<P>, edits: &[Edit]) {
        self.take_up(&first_format(saved), edits);
    }

    /// With this value at this place it is taken for damaged.
    pub(crate) fn refuses(&self, saved: &Checkpoint<P>, place: &str, value: impl Into<Value>) {
        let saved = with(saved, place, value);
        let key = Some(self.credential.clone());
        let refused = Upload::abandon((self.protocol)(), key, self.options.clone(), saved).err();
        assert!(matches!(refused, Some(ResumeError::Damaged(_))), "{place}: {refused:?}");
    }

    /// How often it is taken up: to go on with, and to give up.
    fn take_up(&self, saved: &Value, edits: &[Edit]) -> usize {
        let text = edited(saved.clone(), edits).to_string();
        let read = || Checkpoint::<P>::from_bytes(text.as_bytes());
        let (Ok(resumed), Ok(abandoned)) = (read(), read()) else { return 0 };
        resumed.to_bytes();
        let key = || Some(self.credential.clone());
        let resumed = Upload::resume((self.protocol)(), self.info.clone(), key(), self.options.clone(), resumed);
        let abandoned = Upload::abandon((self.protocol)(), key(), self.options.clone(), abandoned);
        let uploads: Vec<_> = [resumed, abandoned].into_iter().filter_map(Result::ok).collect();
        let count = uploads.len();
        uploads.into_iter().for_each(|upload| self.walk(upload, &text));
        count
    }

    /// No request is ever answered.
    fn walk(&self, mut upload: Upload<P>, text: &str) {
        let mut now = Now { mono: Duration::from_secs(5), unix: Duration::from_secs(1_800_000_000) };
        for _ in 0..STEPS {
            match upload.poll(now) {
                Output::Do(Action::Send { ticket, request, .. }) => {
                    for segment in request.body().segments() {
                        let within = |end| end <= upload.source().len;
                        assert!(
                            !matches!(segment, Segment::Source(range) if !within(range.end)),
                            "{segment:?}: {text}"
                        );
                    }
                    upload.handle(Input::Response(ticket, Err(SendError::Unsure(Cause::text("silence")))));
                }
                Output::Do(Action::Hash { ticket, jobs }) => {
                    let mut pass = HashPass::new(&jobs).unwrap_or_else(|error| panic!("{error}: {text}"));
                    if jobs.iter().any(|job| job.range.end > self.content.len() as u64) {
                        return;
                    }
                    while let Some(range) = pass.wants(u64::MAX) {
                        let [from, to] = [range.start, range.end].map(|at| usize::try_from(at).unwrap());
                        pass.feed(&self.content[from..to]).unwrap();
                    }
                    upload.handle(Input::Digests(ticket, Ok(pass.finish().unwrap())));
                }
                Output::Do(Action::Save { ticket, checkpoint }) => {
                    checkpoint.to_bytes();
                    upload.handle(Input::Saved(ticket, Ok(())));
                }
                Output::Do(Action::Check { ticket }) => upload.handle(Input::Source(ticket, Ok(self.info.clone()))),
                Output::Do(Action::Authorize { ticket, .. }) => {
                    upload.handle(Input::Credential(ticket, Ok(self.credential.clone().into())));
                }
                Output::Do(Action::Acquire { ticket, .. }) => upload.handle(Input::Slot(ticket, Ok(Slot::free()))),
                Output::Do(Action::Cancel(_)) | Output::Tell(_) | Output::Share { .. } => {}
                Output::Wait { until: Some(until), .. } => now.mono = until,
                Output::Finished(Err(Failure::Defect(what))) => panic!("{what}: {text}"),
                Output::Wait { until: None, .. } | Output::Finished(_) => return,
            }
        }
    }
}

/// The checkpoint with another value at this place ([RFC 6901](https://www.rfc-editor.org/rfc/rfc6901)).
pub(crate) fn with<P: Protocol>(saved: &Checkpoint<P>, place: &str, value: impl Into<Value>) -> Checkpoint<P> {
    let mut saved = first_format(saved);
    *saved.pointer_mut(place).unwrap_or_else(|| panic!("nothing at {place}")) = value.into();
    Checkpoint::from_bytes(saved.to_string().as_bytes()).unwrap()
}

/// The first format has no checksum.
fn first_format<P: Protocol>(saved: &Checkpoint<P>) -> Value {
    let mut saved: Value = serde_json::from_slice(&saved.to_bytes()).unwrap();
    saved.as_object_mut().unwrap().retain(|name, _| !["checksum", "fingerprint"].contains(&name.as_str()));
    saved["format"] = 1.into();
    saved
}

fn edited(mut saved: Value, edits: &[Edit]) -> Value {
    let mut numbers = numbers(&mut saved);
    let originals: Vec<Value> = numbers.iter().map(|number| (**number).clone()).collect();
    for Edit { at, alike, to } in edits {
        let at = at % originals.len();
        for (nth, number) in numbers.iter_mut().enumerate() {
            if nth == at || (*alike && originals[nth] == originals[at]) {
                **number = (*to).into();
            }
        }
    }
    saved
}

/// Every number but that of the format, in the order of their names.
fn numbers(saved: &mut Value) -> Vec<&mut Value> {
    match saved {
        Value::Number(_) => vec![saved],
        Value::Array(all) => all.iter_mut().flat_map(numbers).collect(),
        Value::Object(all) => {
            all.iter_mut().filter(|(name, _)| *name != "format").flat_map(|(_, n)| numbers(n)).collect()
        }
        _ => Vec::new(),
    }
}
