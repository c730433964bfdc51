//! One event for each request, with what helps and nothing that is secret.

use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Level, Metadata, Subscriber};

use crate::world::{DRIVERS, Desk, Wire};

/// Keeps every event as one line of text.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, "{}={value:?} ", field.name()).unwrap();
    }
}

impl Subscriber for Lines {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        assert_eq!((*event.metadata().level(), event.metadata().target()), (Level::DEBUG, "resumable"));
        let mut line = Line(String::new());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[test]
fn rule_15_an_event_for_each_request_tells_what_helps_and_no_secret() {
    let lines = Lines::default();
    tracing::subscriber::set_global_default(lines.clone()).unwrap();
    for drive in DRIVERS {
        // Other tests' requests are among these.
        lines.0.lock().unwrap().clear();
        let (desk, wire) = (Arc::new(Desk::default()), Wire::default());
        *wire.cut.lock().unwrap() = Some("the wire was cut, traced");
        drive(&desk, &wire).end.unwrap();
        let lines = lines.0.lock().unwrap().clone();
        for op in ["init", "part", "finish"] {
            let bytes = if op == "part" { 10 } else { 0 };
            let known = format!(
                "op=\"{op}\" method=\"POST\" host=\"toy.test\" status=200 request_id=\"request-7\" bytes={bytes} ms="
            );
            assert!(lines.iter().any(|line| line.contains(&known)), "{known}\n{lines:#?}");
        }
        let cut = "op=\"part\" method=\"POST\" host=\"toy.test\" bytes=10 ms=";
        let is_cut = |line: &&String| line.contains(cut) && line.contains("no answer: the wire was cut, traced");
        assert_eq!(lines.iter().filter(is_cut).count(), 1, "{lines:#?}");
        let secret = |line: &&String| line.contains("canary") || line.contains("signature") || line.contains("right");
        assert_eq!(lines.iter().find(secret), None);
    }
}
