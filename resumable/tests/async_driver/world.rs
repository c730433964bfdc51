//! The toy vendor's server behind an async transport, and a program with a blocking store.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use futures::executor::block_on;
use futures::future::pending;
use futures::{FutureExt as _, StreamExt as _};
use http::request::Parts;
use http::{Request, Response};
use resumable::drive::asynchronous::{Command, Driver, OffThread, Remote};
use resumable::drive::{Grant, Host};
use resumable_core::{
    AuthError, AuthReason, Body, Cause, Checkpoint, Event, Failure, Lane, Lease, Limits, Options, Receipt, Segment,
    SendError, Slot, SourceInfo, StoreError, Upload,
};
use resumable_transport::asynchronous::{Outgoing, Timer, Transport};
use resumable_transport::{CancelFlag, Source, SourceError};

use crate::thread_timer::ThreadTimer;
use crate::toy::{self, Fault, Key, Server, Toy};

pub(crate) type Vendor = Toy<false>;
pub(crate) type End = Result<Receipt, Failure<Fault>>;

/// What the memory segment of every request takes.
const PREAMBLE: usize = 33;

/// Bytes that say where they were read, and end or panic on demand.
pub(crate) struct Memory {
    pub(crate) bytes: Vec<u8>,
    /// Nothing can be read from here on.
    pub(crate) ends: u64,
    /// A read at or after this offset panics.
    pub(crate) panics: u64,
    /// A look at it panics.
    pub(crate) panics_in_info: bool,
    pub(crate) threads: Mutex<Vec<ThreadId>>,
}

impl Memory {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, ends: u64::MAX, panics: u64::MAX, panics_in_info: false, threads: Mutex::default() }
    }

    pub(crate) fn facts(&self) -> SourceInfo {
        SourceInfo::new(self.bytes.len() as u64, [7; 32])
    }
}

impl Source for Memory {
    fn info(&self) -> Result<SourceInfo, SourceError> {
        self.threads.lock().unwrap().push(thread::current().id());
        assert!(!self.panics_in_info, "a defect in the source");
        Ok(self.facts())
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, SourceError> {
        self.threads.lock().unwrap().push(thread::current().id());
        assert!(offset < self.panics, "a defect in the source");
        let rest = &self.bytes[usize::try_from(offset).unwrap().min(self.bytes.len())..];
        let count = if offset >= self.ends { 0 } else { rest.len().min(buffer.len()) };
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

/// What the transport does to the part that begins at 20, once.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Trouble {
    None,
    Unsure,
    Panic,
    /// Tells the driver to stop, and then nothing moves until the request is given up.
    Stall,
    /// Hands the driver another key meanwhile.
    NewKey,
}

pub(crate) struct Wire {
    pub(crate) server: Arc<Mutex<Server>>,
    pub(crate) trouble: Mutex<Trouble>,
    pub(crate) in_flight: AtomicUsize,
    pub(crate) most: AtomicUsize,
    /// Source bytes that bodies gave.
    pub(crate) taken: AtomicU64,
    pub(crate) remote: Remote<Vendor>,
}

/// Counts a request out, however its future ends.
struct Flight<'a>(&'a AtomicUsize);

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Transport for Wire {
    async fn send(&self, head: Parts, body: Outgoing, _: &Limits) -> Result<Response<Bytes>, SendError> {
        let now = self.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
        let _flight = Flight(&self.in_flight);
        self.most.fetch_max(now, Ordering::SeqCst);
        let bytes = self.read(body).await?;
        if head.headers["x-offset"] == "20" {
            self.meet_trouble().await?;
        }
        let content = &bytes[PREAMBLE..];
        let mut whole = Body::empty();
        whole.push(Segment::Source(0..content.len() as u64));
        let response = self.server.lock().unwrap().handle(&Request::from_parts(head, whole), content);
        breathe().await;
        Ok(response)
    }

    fn timer(&self) -> Arc<dyn Timer> {
        Arc::new(ThreadTimer)
    }
}

impl Wire {
    async fn read(&self, mut body: Outgoing) -> Result<Vec<u8>, SendError> {
        let mut bytes = Vec::new();
        while let Some(piece) = body.next().await {
            bytes.extend_from_slice(&piece.map_err(|error| SendError::Unsure(Cause(error.into())))?);
            breathe().await;
        }
        assert_eq!(bytes.len() as u64, body.len());
        self.taken.fetch_add((bytes.len() - PREAMBLE) as u64, Ordering::SeqCst);
        Ok(bytes)
    }

    async fn meet_trouble(&self) -> Result<(), SendError> {
        let trouble = std::mem::replace(&mut *self.trouble.lock().unwrap(), Trouble::None);
        match trouble {
            Trouble::None => Ok(()),
            Trouble::Unsure => Err(SendError::Unsure(Cause::text("the wire was cut"))),
            Trouble::Panic => panic!("a defect in the transport"),
            Trouble::NewKey => {
                self.remote.send(Lease::from(Key("another".to_owned())));
                Ok(())
            }
            Trouble::Stall => {
                self.remote.send(Command::Stop);
                pending().await
            }
        }
    }
}

/// Lets everything else go first.
pub(crate) async fn breathe() {
    let mut breathed = false;
    poll_fn(|context| {
        if std::mem::replace(&mut breathed, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// How the program's calls panic.
#[derive(Clone, Copy, Default, PartialEq)]
pub(crate) enum Defect {
    #[default]
    None,
    Save,
    Credential,
}

#[derive(Default)]
pub(crate) struct Program {
    pub(crate) saved: Mutex<Option<String>>,
    pub(crate) saves: AtomicUsize,
    pub(crate) saving: AtomicBool,
    pub(crate) events: Mutex<Vec<Event>>,
    pub(crate) slow: Duration,
    /// Slots come from another thread, when it comes to that.
    pub(crate) late_slots: bool,
    pub(crate) defect: Defect,
    /// Every slot that is out holds one of these.
    pub(crate) slots: Arc<()>,
}

impl Host<Vendor> for Program {
    fn save(&self, checkpoint: &Checkpoint<Vendor>) -> Result<(), StoreError> {
        self.saves.fetch_add(1, Ordering::SeqCst);
        assert!(!self.saving.swap(true, Ordering::SeqCst), "two saves at a time");
        thread::sleep(self.slow);
        assert!(self.defect != Defect::Save, "a defect in the store");
        *self.saved.lock().unwrap() = Some(String::from_utf8(checkpoint.to_bytes()).unwrap());
        self.saving.store(false, Ordering::SeqCst);
        Ok(())
    }

    fn credential(&self, _: AuthReason, _: Option<&Key>, _: &CancelFlag) -> Result<Lease<Key>, AuthError> {
        assert!(self.defect != Defect::Credential, "a defect in the host");
        Ok(Key("key".to_owned()).into())
    }

    fn slot(&self, _: Lane, grant: Grant) {
        let slot = Slot::holding(Arc::clone(&self.slots));
        if self.late_slots {
            thread::spawn(|| grant.give(slot));
        } else {
            grant.give(slot);
        }
    }

    fn tell(&self, event: &Event) {
        self.events.lock().unwrap().push(event.clone());
    }
}

pub(crate) fn content() -> Vec<u8> {
    (0..95).collect()
}

/// One process: a driver and everything around it.
pub(crate) struct World {
    pub(crate) driver: Driver<Vendor>,
    pub(crate) wire: Wire,
    pub(crate) source: Arc<Memory>,
    pub(crate) program: Arc<Program>,
    pub(crate) host: OffThread<Program>,
    pub(crate) options: Options,
    pub(crate) part: u64,
    pub(crate) hash_first: bool,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Memory::new(content()), Program::default(), Driver::new())
    }

    pub(crate) fn with(source: Memory, program: Program, driver: Driver<Vendor>) -> Self {
        let wire = Wire {
            server: Arc::default(),
            trouble: Mutex::new(Trouble::None),
            in_flight: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            taken: AtomicU64::new(0),
            remote: driver.remote(),
        };
        let (source, program) = (Arc::new(source), Arc::new(program));
        let host = OffThread::new(Arc::clone(&program));
        let mut options = Options::new(3);
        options.backoff.first = Duration::from_millis(1);
        Self { driver, wire, source, program, host, options, part: toy::PART, hash_first: true }
    }

    pub(crate) fn in_trouble(self, trouble: Trouble) -> Self {
        *self.wire.trouble.lock().unwrap() = trouble;
        self
    }

    /// Another process, with a healthy program and source, that finds what this one's store holds.
    pub(crate) fn next_process(&self) -> Self {
        let saved = Mutex::new(self.program.saved.lock().unwrap().clone());
        let mut next = Self::with(Memory::new(content()), Program { saved, ..Program::default() }, Driver::new());
        next.wire.server = Arc::clone(&self.wire.server);
        next
    }

    /// The upload that is saved, or a new one.
    pub(crate) fn upload(&self) -> Upload<Vendor> {
        let toy = Toy { target: "shelf".to_owned(), part: self.part, hash_first: self.hash_first, ..Toy::default() };
        let (info, options) = (self.source.facts(), self.options.clone());
        match self.program.saved.lock().unwrap().as_ref() {
            None => Upload::start(toy, info, None, options),
            Some(text) => {
                Upload::resume(toy, info, None, options, Checkpoint::from_bytes(text.as_bytes()).unwrap()).unwrap()
            }
        }
    }

    /// Runs an upload; gives up after so many polls.
    pub(crate) fn run_for(&mut self, polls: usize, upload: &mut Upload<Vendor>) -> Option<End> {
        let run = self.driver.run(upload, &self.wire, Arc::clone(&self.source), &self.host);
        let (mut run, mut left) = (pin!(run), polls);
        block_on(poll_fn(|context| match left.checked_sub(1) {
            None => Poll::Ready(None),
            Some(after) => {
                left = after;
                match run.poll_unpin(context) {
                    Poll::Ready(end) => Poll::Ready(Some(end)),
                    Poll::Pending if left == 0 => Poll::Ready(None),
                    Poll::Pending => Poll::Pending,
                }
            }
        }))
    }

    pub(crate) fn run(&mut self) -> End {
        let mut upload = self.upload();
        self.run_for(usize::MAX, &mut upload).unwrap()
    }

    /// The program deletes the checkpoint and goes away: nothing may come after that.
    pub(crate) fn forget(self) {
        let Self { program, host, .. } = self;
        let saves = program.saves.load(Ordering::SeqCst);
        *program.saved.lock().unwrap() = None;
        drop(host);
        while Arc::strong_count(&program) > 1 {
            thread::yield_now();
        }
        assert_eq!(program.saves.load(Ordering::SeqCst), saves, "saved after the end");
        assert_eq!(*program.saved.lock().unwrap(), None, "saved after the end");
    }

    /// Waits until every slot is back; threads that nobody waits for any more may be about to drop one.
    pub(crate) fn slots_are_back(&self) -> bool {
        let start = Instant::now();
        while Arc::strong_count(&self.program.slots) > 1 && start.elapsed() < Duration::from_secs(5) {
            thread::yield_now();
        }
        Arc::strong_count(&self.program.slots) == 1
    }

    pub(crate) fn object(&self) -> Option<Vec<u8>> {
        self.wire.server.lock().unwrap().object.clone()
    }
}
