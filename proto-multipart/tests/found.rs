//! What is found at the key after an answer was lost, and what it leads to.

use std::time::Duration;

use resumable_core::{Env, Now, Occurrence, SourceInfo, Transition};
use resumable_proto_multipart::Fault;
use resumable_proto_multipart::Found::{Other, Unproven};
use resumable_proto_multipart::head_object::{AtKey, Head};
use resumable_proto_multipart::put_object::Stored;
use resumable_proto_multipart::stage::{Call, Ephemeral, Reply, Stage, StageStep};
use serde_json::{Value, json};

const LEN: u64 = 10;

struct Talk {
    stage: Stage,
    ephemeral: Ephemeral,
    source: SourceInfo,
}

impl Talk {
    /// A session in parts of four bytes, or in one request, as it is saved.
    fn at(len: u64, way: &Value, phase: &Value) -> Self {
        let saved = json!({
            "len": len, "way": way, "sequential": false, "forbid_overwrite": false, "probe": "look", "page": 1000,
            "phase": phase, "strays": 0, "spoiled": false, "unanswered": 0,
        });
        let stage = serde_json::from_value(saved).unwrap();
        Self { stage, ephemeral: Ephemeral::default(), source: SourceInfo::new(len, [0; 32]) }
    }

    fn env(source: &SourceInfo) -> Env<'_> {
        let now = Duration::from_secs(1_767_225_600);
        Env::new(Now { mono: now, unix: now }, source, 0, &[])
    }

    /// What is wrong, if it is a step back.
    fn hears(&mut self, occurrence: Occurrence<Call, Reply>) -> Option<Fault> {
        match self.stage.apply(&mut self.ephemeral, occurrence, &Self::env(&self.source)) {
            Transition::Regressed { why, .. } => Some(why),
            _ => None,
        }
    }

    fn finds(&mut self, size: u64, name: Option<&str>) -> Option<Fault> {
        let head = Head { size, etag: None, checksum: None, name: name.map(str::to_owned) };
        self.hears(Occurrence::Replied(Call::Head, Reply::Head(AtKey::Object(head))))
    }

    fn next(&self) -> StageStep {
        self.stage.next(&self.ephemeral, &Self::env(&self.source), &[])
    }
}

fn parts() -> Value {
    json!({"parts": {"size": 4}})
}

#[test]
fn what_is_not_the_file_is_told_from_what_may_be_it() {
    for (size, name, found) in [
        (LEN, None, Unproven),
        (LEN - 1, None, Other),
        (LEN + 1, None, Other),
        (LEN, Some("another upload"), Other),
        (LEN - 1, Some("another upload"), Other),
    ] {
        let mut talk = Talk::at(LEN, &parts(), &json!({"unknown": {"how": "parts", "crc64": null}}));
        assert_eq!(talk.finds(size, name), Some(Fault::Lost { found }), "{size} {name:?}");
    }
}

/// The vendor says that something is in the way while the upload is open: another's object ends it, and what may be ours does
/// not.
#[test]
fn anothers_object_in_the_way_of_an_open_upload_is_the_end() {
    for (size, name, ends) in
        [(LEN, None, false), (LEN - 1, None, true), (LEN + 1, None, true), (LEN, Some("another upload"), true)]
    {
        let phase = json!({"open": {
            "upload_id": "u", "acknowledged": [{"start": 0, "end": 3}], "tally": "0".repeat(32), "crc64": null,
            "doubt": false, "invalid": 0, "contradictions": 0,
        }});
        let mut talk = Talk::at(LEN, &parts(), &phase);
        assert_eq!(talk.hears(Occurrence::Unsure(Call::Complete)), None);
        assert_eq!(talk.hears(Occurrence::Replied(Call::Complete, Reply::Taken(Fault::Taken))), None);
        assert!(matches!(talk.next(), StageStep::Call(Call::Head)));
        assert_eq!(talk.finds(size, name), None);
        let ended = matches!(talk.next(), StageStep::Fail(Fault::Taken));
        assert_eq!(ended, ends, "{size} {name:?}");
    }
}

/// An answer that came before all was sent says nothing of the whole. Of nothing, nothing can be missing.
#[test]
fn what_the_vendor_took_is_known_once_all_was_sent() {
    for (len, known) in [(0, true), (1, false), (LEN, false)] {
        let mut talk = Talk::at(len, &json!("one_request"), &json!("fresh"));
        let stored = Stored { etag: None, checksum: None, opaque_tags: false, callback: None };
        let early = talk.hears(Occurrence::Replied(Call::Put, Reply::Put { stored, own: None }));
        assert_eq!(matches!(early, Some(Fault::TooEarly { .. })), !known, "{len}");
        assert_eq!(matches!(talk.next(), StageStep::Stored(_)), known, "{len}");
    }
}
