//! Uploads that are dropped, or end with a panic, wherever they are: what they held is there for the others.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use futures::executor::block_on;
use futures::future::poll_fn;
use resumable::machine::SourceInfo;
use resumable::{
    BoxError, Credentials, ErrorKind, Issued, Key, Limits, MemoryStore, Source, SourceError, Store as _, oss,
};

use super::in_both_styles;
use super::world::{PART, World, content, object};

const LEN: u64 = 5 * PART + 17;

/// Polls an upload so many times, and then drops it. True if it had ended before.
fn dropped_after(polls: usize, upload: impl Future) -> bool {
    let mut upload = pin!(upload);
    let mut count = 0;
    block_on(poll_fn(|context| {
        if count == polls {
            return Poll::Ready(false);
        }
        count += 1;
        upload.as_mut().poll(context).map(|_| true)
    }))
}

#[test]
fn an_upload_that_is_dropped_anywhere_holds_nothing_and_goes_on() {
    let (world, store, limits) = (World::new(), MemoryStore::new(), Limits::new(1).unwrap());
    let client = resumable::Client::builder().transport(world.clone()).store(store.clone()).limits(&limits);
    let client = client.build().unwrap();
    let of = world.clone();
    let keys =
        Credentials::refreshed(move || -> Result<Issued<oss::Credential>, BoxError> { Ok(of.temporary().into()) });
    let key = Key::new("dropped").unwrap();
    let free = || {
        while store.lock(&key).is_err() {
            std::thread::yield_now();
        }
    };
    for polls in 0.. {
        let put = || client.put(object("f"), keys.clone()).key(key.clone()).memory(content(LEN, 1));
        let ended = dropped_after(polls, put().start_over(polls % 3 == 0).send());
        assert_eq!(limits.in_use(), 0, "after {polls} polls");
        free();
        if polls % 5 == 4 {
            world.pass(Duration::from_secs(61));
        }
        let other = client.put(object("other"), keys.clone()).key("other").memory("x");
        block_on(other.send()).unwrap();
        if ended {
            break;
        }
        if polls % 7 == 6 {
            block_on(put().send()).unwrap();
            assert_eq!(world.object("f").unwrap(), content(LEN, 1));
        }
    }
    assert!(store.keys().is_empty());
}

/// Says and reads what it likes.
struct Defect(usize);

impl Source for Defect {
    fn info(&self) -> Result<SourceInfo, SourceError> {
        assert!(self.0 != 0, "a defect");
        Ok(SourceInfo::new(3 * PART, [7; 32]))
    }

    fn read_at(&self, _: u64, buffer: &mut [u8]) -> Result<usize, SourceError> {
        assert!(self.0 != 1, "a defect");
        Ok(buffer.len() + usize::from(self.0 == 2))
    }
}

in_both_styles! {
    fn a_defect_of_a_source_is_an_error(world, client, send) {
        let client = client().store(MemoryStore::new()).window(2).build().unwrap();
        for defect in 0..3 {
            let error = send!(client.put(object("f"), world.key()).key("f").source(Defect(defect)).send()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Source, "{error}");
            assert_eq!(client.limits().in_use(), 0);
        }
    }

    fn whichever_event_panics_its_slots_go_back(world, client, send) {
        let client = client().store(MemoryStore::new()).window(2).build().unwrap();
        for event in 0.. {
            let count = AtomicUsize::new(0);
            let put = client.put(object("f"), world.key()).key("f").memory(content(LEN, 1));
            let handle = put.handle();
            let put = put.on_event(move |_| assert!(count.fetch_add(1, Ordering::SeqCst) != event, "a defect"));
            let ended = catch_unwind(AssertUnwindSafe(|| send!(put.send())));
            assert_eq!(client.limits().in_use(), 0, "after {event} events");
            assert_eq!(handle.progress().phase, resumable::Phase::Ended);
            if let Ok(ended) = ended {
                ended.unwrap();
                break;
            }
            let abandon = || client.put(object("f"), world.key()).key("f").abandon();
            while send!(abandon()).is_err_and(|error| error.kind() == ErrorKind::Held) {}
        }
    }

    fn a_transport_that_panics_gives_its_slots_back(world, client, send) {
        let client = client().store(MemoryStore::new()).window(2).build().unwrap();
        for request in 0..7 {
            world.before(world.requests() + request, move |_| panic!("a defect at request {request}"));
            let put = || client.put(object("f"), world.key()).key(format!("{request}")).memory(content(LEN, 1));
            let panic = catch_unwind(AssertUnwindSafe(|| send!(put().send()))).unwrap_err();
            assert_eq!(*panic.downcast::<String>().unwrap(), format!("a defect at request {request}"));
            assert_eq!(client.limits().in_use(), 0);
            send!(put().send()).unwrap();
        }
    }

    fn a_slow_rate_keeps_nobody_from_stopping_or_going_faster(world, client, send) {
        let client = client().store(MemoryStore::new()).rate(std::num::NonZeroU64::MIN).build().unwrap();
        let put = || client.put(object("f"), world.key()).memory(content(LEN, 1));
        let stopped = put();
        let handle = stopped.handle();
        world.before(1, move |_| handle.stop());
        assert_eq!(send!(stopped.send()).unwrap_err().kind(), ErrorKind::Stopped);
        let limits = client.limits().clone();
        world.before(world.requests() + 1, move |_| limits.set_rate(None));
        send!(put().send()).unwrap();
    }

    fn labels_that_no_store_holds_are_named(world, client, send) {
        let store = MemoryStore::new();
        let client = client().store(store.clone()).window(1).build().unwrap();
        for (len, fits) in [(1 << 20, false), (20 << 10, false), (5_000, true)] {
            let label = resumable::Label { profile: "\u{1}".repeat(len), path: String::new(), destination: String::new() };
            let put = client.put(object("f"), world.key()).label(label).memory(content(LEN, 1));
            let handle = put.handle();
            let error = send!(put.on_progress(move |progress| if progress.confirmed >= PART { handle.stop() }).send());
            let error = error.unwrap_err();
            if fits {
                assert_eq!(error.kind(), ErrorKind::Stopped, "{error}");
                send!(client.put(object("f"), world.key()).memory(content(LEN, 1)).send()).unwrap();
            } else {
                assert_eq!(error.kind(), ErrorKind::Argument, "{error}");
                assert!(error.to_string().contains("label"), "{error}");
            }
        }
    }

    fn uploads_that_anything_happens_to_all_end_and_hold_nothing(world, client, send) {
        let store = MemoryStore::new();
        let client = client().store(store.clone()).window(3).build().unwrap();
        let of = world.clone();
        let keys = Credentials::refreshed(move || -> io::Result<Issued<oss::Credential>> { Ok(of.temporary().into()) });
        let handles = Arc::new(std::sync::Mutex::new(Vec::new()));
        for at in 0..40 {
            let (handles, limits) = (Arc::clone(&handles), client.limits().clone());
            world.before(at * 9, move |world| {
                let handles: std::sync::MutexGuard<'_, Vec<resumable::Handle>> = handles.lock().unwrap();
                let handle = |by: usize| &handles[(at * 31 + by) % handles.len()];
                match at % 8 {
                    0 => world.pass(Duration::from_secs(61)),
                    1 => handle(0).pause(),
                    2 => handle(1).stop(),
                    3 => limits.set_window(1 + at % 5).unwrap(),
                    4 => handle(2).abort(),
                    5 => handle(3).drain(Duration::from_secs(5)),
                    6 => handles.iter().for_each(resumable::Handle::resume),
                    _ => handle(4).pause(),
                }
            });
        }
        let put = |at: u64| {
            client.put(object(&format!("{at}")), keys.clone()).key(format!("u{at}")).memory(content(3 * PART, at))
        };
        let puts: Vec<_> = (0..60).map(put).collect();
        handles.lock().unwrap().extend(puts.iter().map(resumable::Put::handle));
        let many = client.put_all(puts).at_once(12);
        // Whoever pauses last must not keep the test waiting.
        let (resumed, over) = (Arc::clone(&handles), Arc::new(AtomicUsize::new(0)));
        let is_over = Arc::clone(&over);
        let waker = std::thread::spawn(move || {
            while is_over.load(Ordering::SeqCst) == 0 {
                std::thread::sleep(Duration::from_millis(50));
                resumed.lock().unwrap().iter().for_each(resumable::Handle::resume);
            }
        });
        let results = send!(many.send());
        over.store(1, Ordering::SeqCst);
        waker.join().unwrap();
        assert_eq!(client.limits().in_use(), 0);
        for (at, result) in (0..).zip(&results) {
            if let Err(error) = result {
                assert!(matches!(error.kind(), ErrorKind::Stopped | ErrorKind::Abandoned), "{at}: {error:?}");
            }
            send!(put(at).send()).unwrap();
            assert_eq!(world.object(&format!("{at}")).unwrap(), content(3 * PART, at));
        }
        assert!(store.keys().is_empty());
    }
}
