//! A store whose n-th write fails, for every n: each time an error that says so, and nothing is lost.

#[expect(dead_code, unused_imports, reason = "a failing store needs the toy vendor and its server, not the rig")]
#[path = "../../core/tests/toy/mod.rs"]
mod toy;

use std::io::Read as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use resumable::drive::blocking::{Driver, Host};
use resumable_core::{
    AuthError, AuthReason, Body, Cause, Checkpoint, Failure, Lease, Limits, Options, Receipt, Segment, SendError,
    SourceInfo, StoreError, Upload,
};
use resumable_transport::blocking::{Outgoing, Transport};
use resumable_transport::{CancelFlag, Source, SourceError};

use self::toy::{Fault, Key, PART, Server, Toy};

/// Nineteen parts and a half.
const LEN: u64 = 195;
/// More writes than an upload of that length needs.
const MANY: usize = 200;

struct Memory;

impl Source for Memory {
    fn info(&self) -> Result<SourceInfo, SourceError> {
        Ok(SourceInfo::new(LEN, [7; 32]))
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, SourceError> {
        let content = content();
        let rest = &content[usize::try_from(offset).unwrap().min(content.len())..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

fn content() -> Vec<u8> {
    (0..LEN).map(|at| u8::try_from(at).unwrap()).collect()
}

struct Wire<'a>(&'a Mutex<Server>);

impl Transport for Wire<'_> {
    fn send(&self, head: Parts, body: &mut Outgoing<'_>, _: &Limits) -> Result<Response<Bytes>, SendError> {
        let mut bytes = Vec::new();
        body.read_to_end(&mut bytes).map_err(|error| SendError::Unsure(Cause(error.into())))?;
        // A nonce of 32 digits and a colon stand before the content.
        let content = &bytes[33..];
        let mut whole = Body::empty();
        whole.push(Segment::Source(0..content.len() as u64));
        Ok(self.0.lock().unwrap().handle(&Request::from_parts(head, whole), content))
    }
}

/// Which writes fail, counted from 1.
#[derive(Clone, Copy, Debug)]
enum Broken {
    Never,
    /// This one.
    At(usize),
    /// This one and all that follow.
    From(usize),
}

struct Store {
    broken: Broken,
    written: AtomicUsize,
    failed: AtomicUsize,
    saved: Mutex<Option<String>>,
}

impl Store {
    fn new(broken: Broken, saved: Option<String>) -> Self {
        Self { broken, written: AtomicUsize::new(0), failed: AtomicUsize::new(0), saved: Mutex::new(saved) }
    }
}

impl<const JOURNAL: bool> Host<Toy<JOURNAL>> for Store {
    fn save(&self, checkpoint: &Checkpoint<Toy<JOURNAL>>) -> Result<(), StoreError> {
        let nth = self.written.fetch_add(1, Ordering::SeqCst) + 1;
        let fails = match self.broken {
            Broken::Never => false,
            Broken::At(at) => nth == at,
            Broken::From(at) => nth >= at,
        };
        if fails {
            self.failed.fetch_add(1, Ordering::SeqCst);
            return Err(StoreError(Cause::text("the disk is full")));
        }
        *self.saved.lock().unwrap() = Some(String::from_utf8(checkpoint.to_bytes()).unwrap());
        Ok(())
    }

    fn credential(&self, _: AuthReason, _: Option<&Key>, _: &CancelFlag) -> Result<Lease<Key>, AuthError> {
        Ok(Key("key".to_owned()).into())
    }
}

#[derive(Clone, Copy, Debug)]
enum Way {
    Parts,
    HashThenParts,
    OneRequest,
}

fn run<const JOURNAL: bool>(way: Way, server: &Mutex<Server>, store: &Store) -> Result<Receipt, Failure<Fault>> {
    let toy = Toy::<JOURNAL> {
        target: "shelf".to_owned(),
        part: PART,
        hash_first: matches!(way, Way::HashThenParts),
        one_request: matches!(way, Way::OneRequest),
        ..Toy::default()
    };
    let mut options = Options::new(3);
    options.backoff.first = Duration::from_millis(1);
    let info = Memory.info().unwrap();
    let mut upload = match &*store.saved.lock().unwrap() {
        None => Upload::start(toy, info, None, options),
        Some(text) => {
            Upload::resume(toy, info, None, options, Checkpoint::from_bytes(text.as_bytes()).unwrap()).unwrap()
        }
    };
    Driver::new().run(&mut upload, &Wire(server), &Memory, store)
}

/// Fails each write in a run of its own, and says how many of them ended their run. One that comes after the object is
/// complete is too late to matter.
fn fail_each<const JOURNAL: bool>(way: Way, broken: fn(usize) -> Broken) -> usize {
    let mut ended = 0;
    for nth in 1..MANY {
        let (server, store) = (Mutex::new(Server::default()), Store::new(broken(nth), None));
        let end = run::<JOURNAL>(way, &server, &store);
        let object = server.lock().unwrap().object.clone();
        match end {
            Ok(_) => assert_eq!(object, Some(content()), "{way:?}, {nth}"),
            Err(failure @ Failure::Store(_)) => {
                ended += 1;
                assert!(failure.resumable());
                assert_eq!(failure.to_string(), "the checkpoint could not be saved: the disk is full");
                // The write of what was known before may fail while the call that commits is under way.
                assert!(object.is_none_or(|object| object == content()), "{way:?}, {nth}: a mixture");
            }
            Err(other) => panic!("{way:?}, {:?}: {other:?}", broken(nth)),
        }
        if store.failed.load(Ordering::SeqCst) == 0 {
            return ended;
        }
        goes_on::<JOURNAL>(way, server, store);
    }
    panic!("still writing after {MANY} checkpoints");
}

/// With a healthy store and what the other one has, the upload completes, and little is sent twice.
fn goes_on<const JOURNAL: bool>(way: Way, server: Mutex<Server>, store: Store) {
    let next = Store::new(Broken::Never, store.saved.into_inner().unwrap());
    run::<JOURNAL>(way, &server, &next).unwrap();
    let server = server.into_inner().unwrap();
    assert_eq!(server.object, Some(content()), "{way:?}, {:?}", store.broken);
    let window = Options::new(3).window as u64;
    let once = if matches!(way, Way::OneRequest) { LEN } else { window * PART };
    assert!(server.received <= LEN + once, "{way:?}, {:?}: {} bytes", store.broken, server.received);
}

#[test]
fn one_failed_write_ends_the_upload_honestly_and_loses_nothing() {
    for way in [Way::Parts, Way::HashThenParts, Way::OneRequest] {
        let least = if matches!(way, Way::OneRequest) { 1 } else { 3 };
        assert!(fail_each::<false>(way, Broken::At) >= least, "{way:?}");
        assert!(fail_each::<true>(way, Broken::At) >= least, "{way:?}");
    }
}

#[test]
fn a_store_that_fails_from_some_write_on_ends_the_upload_honestly_and_loses_nothing() {
    for way in [Way::Parts, Way::HashThenParts, Way::OneRequest] {
        let least = if matches!(way, Way::OneRequest) { 1 } else { 3 };
        assert!(fail_each::<false>(way, Broken::From) >= least, "{way:?}");
        assert!(fail_each::<true>(way, Broken::From) >= least, "{way:?}");
    }
}
