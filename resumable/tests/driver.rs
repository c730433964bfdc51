//! The blocking driver: threads around the machine.

#[expect(dead_code, unused_imports, reason = "the driver needs the toy vendor and its server, not the rig")]
#[path = "../../core/tests/toy/mod.rs"]
mod toy;

use std::io::Read as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use resumable::drive::blocking::{Command, Driver, Grant, Host, Remote};
use resumable_core::{
    AuthError, AuthReason, Body, Cause, Checkpoint, Difference, Event, Failure, Lane, Lease, Limits, Options, Receipt,
    Segment, SendError, Slot, SourceFailure, SourceFailureKind, SourceInfo, StoreError, Upload,
};
use resumable_transport::blocking::{Outgoing, Transport};
use resumable_transport::{CancelFlag, Source, SourceError};

use self::toy::{Fault, Key, Server, Toy};

type Vendor = Toy<false>;
type End = Result<Receipt, Failure<Fault>>;

struct Memory(Vec<u8>);

impl Source for Memory {
    fn info(&self) -> Result<SourceInfo, SourceError> {
        Ok(SourceInfo::new(self.0.len() as u64, [7; 32]))
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, SourceError> {
        let rest = &self.0[usize::try_from(offset).unwrap().min(self.0.len())..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

/// What the transport does to the part that begins at 20, once.
#[derive(Clone, Copy, PartialEq)]
enum Trouble {
    None,
    Unsure,
    Panic,
    /// Nothing moves until the request is cancelled.
    Stall,
}

struct Wire {
    server: Mutex<Server>,
    trouble: Mutex<Trouble>,
    in_flight: AtomicUsize,
    most: AtomicUsize,
    remote: Remote<Vendor>,
}

impl Transport for Wire {
    fn send(&self, head: Parts, body: &mut Outgoing<'_>, _: &Limits) -> Result<Response<Bytes>, SendError> {
        let now = self.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        let answer = self.carry(head, body);
        self.in_flight.fetch_sub(1, Ordering::SeqCst);
        answer
    }
}

impl Wire {
    fn carry(&self, head: Parts, body: &mut Outgoing<'_>) -> Result<Response<Bytes>, SendError> {
        let mut bytes = Vec::new();
        body.read_to_end(&mut bytes).map_err(|error| SendError::Unsure(Cause(error.into())))?;
        assert_eq!(bytes.len() as u64, body.len());
        if head.headers["x-offset"] == "20" {
            let trouble = std::mem::replace(&mut *self.trouble.lock().unwrap(), Trouble::None);
            match trouble {
                Trouble::None => {}
                Trouble::Unsure => return Err(SendError::Unsure(Cause::text("the wire was cut"))),
                Trouble::Panic => panic!("a defect in the transport"),
                Trouble::Stall => {
                    self.remote.send(Command::Stop);
                    while !body.cancelled() {
                        std::thread::yield_now();
                    }
                    return Err(SendError::Unsure(Cause::text("cancelled")));
                }
            }
        }
        let content = &bytes[33..];
        let mut whole = Body::empty();
        whole.push(Segment::Source(0..content.len() as u64));
        Ok(self.server.lock().unwrap().handle(&Request::from_parts(head, whole), content))
    }
}

#[derive(Default)]
struct Program {
    panics: bool,
    saved: Mutex<Option<String>>,
    events: Mutex<Vec<Event>>,
    /// Every slot that is out holds one of these.
    slots: Arc<()>,
}

impl Host<Vendor> for Program {
    fn save(&self, checkpoint: &Checkpoint<Vendor>) -> Result<(), StoreError> {
        assert!(!self.panics, "a defect in the store");
        *self.saved.lock().unwrap() = Some(String::from_utf8(checkpoint.to_bytes()).unwrap());
        Ok(())
    }

    fn credential(&self, _: AuthReason, _: Option<&Key>, _: &CancelFlag) -> Result<Lease<Key>, AuthError> {
        Ok(Key("key".to_owned()).into())
    }

    fn slot(&self, _: Lane, grant: Grant) {
        grant.give(Slot::holding(Arc::clone(&self.slots)));
    }

    fn tell(&self, event: &Event) {
        self.events.lock().unwrap().push(event.clone());
    }
}

fn toy() -> Vendor {
    Toy { target: "shelf".to_owned(), part: toy::PART, hash_first: true, ..Toy::default() }
}

fn content() -> Vec<u8> {
    (0..95).collect()
}

struct Run {
    end: End,
    wire: Wire,
    program: Program,
}

fn run(trouble: Trouble, saved: Option<String>, server: Server) -> Run {
    run_of(toy(), content(), Options::new(3), trouble, saved, server)
}

fn run_of(
    toy: Vendor,
    content: Vec<u8>,
    mut options: Options,
    trouble: Trouble,
    saved: Option<String>,
    server: Server,
) -> Run {
    let (driver, source, program) = (Driver::new(), Memory(content), Program::default());
    let wire = Wire {
        server: Mutex::new(server),
        trouble: Mutex::new(trouble),
        in_flight: AtomicUsize::new(0),
        most: AtomicUsize::new(0),
        remote: driver.remote(),
    };
    options.backoff.first = Duration::from_millis(1);
    options.gated = vec![Lane::Api, Lane::Data];
    let info = source.info().unwrap();
    let mut upload = match saved {
        None => Upload::start(toy, info, None, options),
        Some(text) => {
            Upload::resume(toy, info, None, options, Checkpoint::from_bytes(text.as_bytes()).unwrap()).unwrap()
        }
    };
    let end = driver.run(&mut upload, &wire, &source, &program);
    assert_eq!(Arc::strong_count(&program.slots), 1, "every slot is back");
    Run { end, wire, program }
}

#[test]
fn a_whole_upload_goes_through_within_its_window() {
    let run = run(Trouble::Unsure, None, Server::default());
    run.end.unwrap();
    assert_eq!(run.wire.server.into_inner().unwrap().object, Some(content()));
    assert!(run.wire.most.into_inner() <= 4);
    assert!(run.program.events.into_inner().unwrap().iter().any(|event| matches!(event, Event::Retrying { .. })));
}

#[test]
fn a_stop_cancels_what_is_under_way_and_what_is_saved_resumes() {
    let stopped = run(Trouble::Stall, None, Server::default());
    assert!(matches!(stopped.end, Err(Failure::Stopped)));
    let saved = stopped.program.saved.into_inner().unwrap();
    let resumed = run(Trouble::None, saved, stopped.wire.server.into_inner().unwrap());
    resumed.end.unwrap();
    assert_eq!(resumed.wire.server.into_inner().unwrap().object, Some(content()));
}

/// A source that keeps no times, like bytes in memory: what was sent of it is read again before it is gone on with.
#[test]
fn field_bug_57_a_source_without_times_is_compared_and_never_mixed() {
    for changed in [None, Some(5), Some(15)] {
        let unhashed = || Toy { hash_first: false, ..toy() };
        let mut one = Options::new(3);
        one.window = 1;
        let stopped = run_of(unhashed(), content(), one.clone(), Trouble::Stall, None, Server::default());
        assert!(matches!(stopped.end, Err(Failure::Stopped)));
        let (saved, server) = (stopped.program.saved.into_inner().unwrap(), stopped.wire.server.into_inner().unwrap());
        let mut now = content();
        changed.into_iter().for_each(|at: usize| now[at] ^= 1);
        let resumed = run_of(unhashed(), now, one, Trouble::None, saved, server);
        let object = resumed.wire.server.into_inner().unwrap().object;
        if changed.is_none() {
            resumed.end.unwrap();
            assert_eq!(object, Some(content()));
        } else {
            let content = matches!(&resumed.end, Err(Failure::Changed { difference: Difference::Content, .. }));
            assert!(content && object.is_none(), "{:?}", resumed.end);
        }
    }
}

#[test]
fn a_panic_in_a_thread_ends_the_upload_saved_and_reaches_the_caller() {
    let (driver, source, program) = (Driver::new(), Memory(content()), Program::default());
    let wire = Wire {
        server: Mutex::default(),
        trouble: Mutex::new(Trouble::Panic),
        in_flight: AtomicUsize::new(0),
        most: AtomicUsize::new(0),
        remote: driver.remote(),
    };
    let mut upload = Upload::start(toy(), source.info().unwrap(), None, Options::new(3));
    let end = catch_unwind(AssertUnwindSafe(|| driver.run(&mut upload, &wire, &source, &program).is_ok()));
    assert!(end.is_err());
    let resumed = run(Trouble::None, program.saved.into_inner().unwrap(), wire.server.into_inner().unwrap());
    resumed.end.unwrap();
    assert_eq!(resumed.wire.server.into_inner().unwrap().object, Some(content()));
}

/// One part fails, and one waits until it is cancelled.
struct Held(Wire);

impl Transport for Held {
    fn send(&self, head: Parts, body: &mut Outgoing<'_>, limits: &Limits) -> Result<Response<Bytes>, SendError> {
        match head.headers["x-offset"].as_bytes() {
            b"20" => Err(SendError::NotSent(Cause::text("no route"))),
            b"10" => {
                while !body.cancelled() {
                    std::thread::sleep(Duration::from_millis(1));
                }
                Err(SendError::Unsure(Cause::text("cancelled")))
            }
            _ => self.0.send(head, body, limits),
        }
    }
}

/// Panics when it is told of a retry.
struct Nervous(Program);

impl Host<Vendor> for Nervous {
    fn save(&self, checkpoint: &Checkpoint<Vendor>) -> Result<(), StoreError> {
        self.0.save(checkpoint)
    }

    fn credential(
        &self,
        reason: AuthReason,
        refused: Option<&Key>,
        over: &CancelFlag,
    ) -> Result<Lease<Key>, AuthError> {
        self.0.credential(reason, refused, over)
    }

    fn tell(&self, event: &Event) {
        assert!(!matches!(event, Event::Retrying { .. }), "a defect in the host");
    }
}

#[test]
fn a_panic_on_the_loops_own_thread_waits_for_no_request() {
    let (driver, source, program) = (Driver::new(), Memory(content()), Nervous(Program::default()));
    let wire = Wire {
        server: Mutex::default(),
        trouble: Mutex::new(Trouble::None),
        in_flight: AtomicUsize::new(0),
        most: AtomicUsize::new(0),
        remote: driver.remote(),
    };
    let mut upload = Upload::start(toy(), source.info().unwrap(), None, Options::new(3));
    let end = catch_unwind(AssertUnwindSafe(|| driver.run(&mut upload, &Held(wire), &source, &program).is_ok()));
    assert!(end.is_err());
}

#[test]
fn a_store_that_panics_is_not_asked_for_ever() {
    let (driver, source) = (Driver::new(), Memory(content()));
    let program = Program { panics: true, ..Program::default() };
    let wire = Wire {
        server: Mutex::default(),
        trouble: Mutex::new(Trouble::None),
        in_flight: AtomicUsize::new(0),
        most: AtomicUsize::new(0),
        remote: driver.remote(),
    };
    let mut upload = Upload::start(toy(), source.info().unwrap(), None, Options::new(3));
    let end = catch_unwind(AssertUnwindSafe(|| driver.run(&mut upload, &wire, &source, &program).is_ok()));
    assert!(end.is_err());
}

#[test]
fn a_source_that_shrank_is_the_sources_fault() {
    struct Shrunk(Memory);
    impl Source for Shrunk {
        fn info(&self) -> Result<SourceInfo, SourceError> {
            self.0.info()
        }

        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, SourceError> {
            if offset >= 50 { Ok(0) } else { self.0.read_at(offset, buffer) }
        }
    }
    let (driver, source, program) = (Driver::new(), Shrunk(Memory(content())), Program::default());
    let wire = Wire {
        server: Mutex::default(),
        trouble: Mutex::new(Trouble::None),
        in_flight: AtomicUsize::new(0),
        most: AtomicUsize::new(0),
        remote: driver.remote(),
    };
    let mut toy = toy();
    toy.hash_first = false;
    let mut upload = Upload::start(toy, source.info().unwrap(), None, Options::new(3));
    let end = driver.run(&mut upload, &wire, &source, &program);
    assert!(matches!(end, Err(Failure::Source(SourceFailure { kind: SourceFailureKind::Ended, .. }))));
}
