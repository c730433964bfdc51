//! What programs that collect spans and events see.

use std::cell::RefCell;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex};

use resumable::MemoryStore;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Metadata, Subscriber};
use tracing_core::span::Current;

use super::world::{PART, World, content, object};

thread_local! {
    /// The spans that this thread is in.
    static ENTERED: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// Keeps spans as text, and events together with the span that they were told in.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Told>>);

/// Spans, and events.
type Told = (Vec<(String, &'static Metadata<'static>)>, Vec<(String, String)>);

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, "{}={value:?} ", field.name()).unwrap();
    }
}

impl Subscriber for Seen {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "resumable"
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut text = Text(String::new());
        attributes.record(&mut text);
        let spans = &mut self.0.lock().unwrap().0;
        spans.push((text.0, attributes.metadata()));
        Id::from_u64(spans.len() as u64)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut text = Text(String::new());
        event.record(&mut text);
        let span = ENTERED.with_borrow(|entered| entered.last().copied());
        let (spans, events) = &mut *self.0.lock().unwrap();
        let span = span.map(|id| spans[usize::try_from(id).unwrap() - 1].0.clone()).unwrap_or_default();
        events.push((span, text.0));
    }

    fn current_span(&self) -> Current {
        let Some(id) = ENTERED.with_borrow(|entered| entered.last().copied()) else { return Current::none() };
        Current::new(Id::from_u64(id), self.0.lock().unwrap().0[usize::try_from(id).unwrap() - 1].1)
    }

    fn clone_span(&self, id: &Id) -> Id {
        id.clone()
    }

    fn enter(&self, id: &Id) {
        ENTERED.with_borrow_mut(|entered| entered.push(id.into_u64()));
    }

    fn exit(&self, _: &Id) {
        ENTERED.with_borrow_mut(|entered| {
            entered.pop();
        });
    }
}

#[test]
fn each_request_is_told_within_the_span_of_its_upload_in_either_style() {
    let seen = Seen::default();
    tracing::subscriber::set_global_default(seen.clone()).unwrap();
    let world = World::new();
    let blocking = resumable::blocking::Client::builder().transport(world.clone()).store(MemoryStore::new());
    let put = blocking.build().unwrap().put(object("traced/blocking"), world.key()).memory(content(3 * PART, 1));
    put.send().unwrap();
    let client = resumable::Client::builder().transport(world.clone()).store(MemoryStore::new()).build().unwrap();
    let put = client.put(object("traced/async"), world.key()).memory(content(3 * PART, 1));
    futures::executor::block_on(put.send()).unwrap();
    let (_, events) = &*seen.0.lock().unwrap();
    for name in ["traced/blocking", "traced/async"] {
        let of_it = events.iter().filter(|(span, _)| span.contains(name)).collect::<Vec<_>>();
        assert_eq!(of_it.len(), 5, "initiate, three parts, complete: {of_it:?}");
        assert!(of_it.iter().all(|(span, _)| span.contains("protocol=\"oss/1\"")), "{of_it:?}");
        assert!(of_it.iter().filter(|(_, event)| event.contains("op=\"UploadPart\"")).count() == 3, "{of_it:?}");
    }
}
