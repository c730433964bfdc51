//! The toy vendor's server behind one transport of each kind, and a desk that gives slots and keys.

use std::any::Any;
use std::io::Read as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt as _;
use futures::executor::block_on;
use http::request::Parts;
use http::{HeaderValue, Request, Response};
use resumable::drive::asynchronous::OffThread;
use resumable::drive::{Command, Grant, Host, Inquiry, asynchronous, blocking};
use resumable_core::{
    AuthError, AuthReason, Body, Cause, Checkpoint, Event, Failure, Known, Lane, Lease, Limits, Options, Receipt,
    Segment, SendError, Serves, Slot, SourceInfo, StoreError, Upload,
};
use resumable_transport::asynchronous::Timer;
use resumable_transport::{CancelFlag, Source, SourceError, asynchronous as over_futures, blocking as over_threads};

use crate::thread_timer::ThreadTimer;
use crate::toy::{self, Fault, Key, Opens, Reply, Server, Toy};

pub(crate) type Vendor = Toy<false>;

/// What the memory segment of every request takes.
const PREAMBLE: usize = 33;

/// A whole upload's bytes.
pub(crate) fn content() -> Vec<u8> {
    (0..95).collect()
}

pub(crate) struct Memory;

impl Source for Memory {
    fn info(&self) -> Result<SourceInfo, SourceError> {
        Ok(SourceInfo::new(content().len() as u64, [7; 32]))
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, SourceError> {
        let content = content();
        let rest = &content[usize::try_from(offset).unwrap().min(content.len())..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

#[derive(Default)]
pub(crate) struct Wire {
    pub(crate) server: Mutex<Server>,
    /// What the next part meets instead of the server.
    pub(crate) cut: Mutex<Option<&'static str>>,
}

impl Wire {
    fn answer(&self, head: Parts, bytes: &[u8]) -> Result<Response<Bytes>, SendError> {
        if head.uri.path().ends_with("/part")
            && let Some(why) = self.cut.lock().unwrap().take()
        {
            return Err(SendError::Unsure(Cause::text(why)));
        }
        let content = &bytes[PREAMBLE..];
        let mut whole = Body::empty();
        whole.push(Segment::Source(0..content.len() as u64));
        let mut response = self.server.lock().unwrap().handle(&Request::from_parts(head, whole), content);
        response.headers_mut().insert("x-request-id", HeaderValue::from_static("request-7"));
        Ok(response)
    }
}

impl over_threads::Transport for Wire {
    fn send(
        &self,
        head: Parts,
        body: &mut over_threads::Outgoing<'_>,
        _: &Limits,
    ) -> Result<Response<Bytes>, SendError> {
        let mut bytes = Vec::new();
        body.read_to_end(&mut bytes).map_err(|error| SendError::Unsure(Cause(error.into())))?;
        self.answer(head, &bytes)
    }
}

#[async_trait]
impl over_futures::Transport for Wire {
    async fn send(
        &self,
        head: Parts,
        mut body: over_futures::Outgoing,
        _: &Limits,
    ) -> Result<Response<Bytes>, SendError> {
        let mut bytes = Vec::new();
        while let Some(piece) = body.next().await {
            bytes.extend_from_slice(&piece.map_err(|error| SendError::Unsure(Cause(error.into())))?);
        }
        self.answer(head, &bytes)
    }

    fn timer(&self) -> Arc<dyn Timer> {
        Arc::new(ThreadTimer)
    }
}

/// What the desk does with a request for a slot.
type OnSlot = Box<dyn Fn(&Desk, Grant) + Send + Sync>;
/// What the desk does when a key is asked for.
type OnKey = Box<dyn Fn(&Desk, Option<&Key>, &CancelFlag) -> Result<Key, AuthError> + Send + Sync>;

/// A host that notes what happens.
pub(crate) struct Desk {
    pub(crate) notes: Arc<Mutex<Vec<&'static str>>>,
    pub(crate) on_slot: OnSlot,
    pub(crate) on_key: OnKey,
    pub(crate) opens: Opens,
    pub(crate) stop: Mutex<Option<Box<dyn Fn() + Send>>>,
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            notes: Arc::default(),
            on_slot: Box::new(|desk, grant| grant.give(desk.slot())),
            on_key: Box::new(|_, _, _| Ok(Key("canary-key".to_owned()))),
            opens: Opens::default(),
            stop: Mutex::default(),
        }
    }
}

/// Notes that a slot is back.
struct Back(Arc<Mutex<Vec<&'static str>>>);

impl Drop for Back {
    fn drop(&mut self) {
        self.0.lock().unwrap().push("back");
    }
}

impl Desk {
    /// A slot; it is noted when it is back.
    pub(crate) fn slot(&self) -> Slot {
        Slot::holding(Back(Arc::clone(&self.notes)))
    }

    pub(crate) fn notes(&self) -> Vec<&'static str> {
        self.notes.lock().unwrap().clone()
    }

    /// Stops the upload.
    pub(crate) fn stop(&self) {
        self.stop.lock().unwrap().as_ref().unwrap()();
    }
}

impl Host<Vendor> for Desk {
    fn save(&self, _: &Checkpoint<Vendor>) -> Result<(), StoreError> {
        Ok(())
    }

    fn credential(&self, _: AuthReason, refused: Option<&Key>, cancel: &CancelFlag) -> Result<Lease<Key>, AuthError> {
        Ok((self.on_key)(self, refused, cancel)?.into())
    }

    fn slot(&self, _: Lane, grant: Grant) {
        (self.on_slot)(self, grant);
    }

    fn inquire(&self, inquiry: Inquiry<Vendor>) {
        self.notes.lock().unwrap().push("inquires");
        (self.on_slot)(self, inquiry.into_grant());
    }

    fn share(&self, _: &str, _: &Known<Reply>, _: Serves) {
        self.notes.lock().unwrap().push("shares");
    }

    fn tell(&self, event: &Event) {
        if matches!(event, Event::Reauthorizing { .. }) {
            self.notes.lock().unwrap().push("reauthorizing");
        }
    }
}

/// What a run ended in, and its driver, which is still there.
pub(crate) struct Ended {
    pub(crate) end: Result<Receipt, Failure<Fault>>,
    pub(crate) driver: Box<dyn Any>,
}

pub(crate) const DRIVERS: [fn(&Arc<Desk>, &Wire) -> Ended; 2] = [blocking, asynchronous];

fn upload(desk: &Desk) -> Upload<Vendor> {
    let opens = desk.opens;
    let toy = Toy { target: "shelf".to_owned(), part: toy::PART, hash_first: true, opens, ..Toy::default() };
    let mut options = Options::new(3);
    options.window = 1;
    options.backoff.first = Duration::from_millis(1);
    options.gated = vec![Lane::Api, Lane::Data];
    Upload::start(toy, Memory.info().unwrap(), None, options)
}

pub(crate) fn blocking(desk: &Arc<Desk>, wire: &Wire) -> Ended {
    let driver = blocking::Driver::new();
    let remote = driver.remote();
    *desk.stop.lock().unwrap() = Some(Box::new(move || remote.send(Command::Stop)));
    let (transport, source, host): (&dyn over_threads::Transport, &dyn Source, &dyn Host<Vendor>) =
        (wire, &Memory, &**desk);
    let end = driver.run(&mut upload(desk), transport, source, host);
    Ended { end, driver: Box::new(driver) }
}

pub(crate) fn asynchronous(desk: &Arc<Desk>, wire: &Wire) -> Ended {
    let mut driver = asynchronous::Driver::new();
    let remote = driver.remote();
    *desk.stop.lock().unwrap() = Some(Box::new(move || remote.send(Command::Stop)));
    let (transport, source): (&dyn over_futures::Transport, Arc<dyn Source>) = (wire, Arc::new(Memory));
    let host: &dyn asynchronous::Host<Vendor> = &OffThread::new(Arc::clone(desk));
    let end = block_on(driver.run(&mut upload(desk), transport, source, host));
    Ended { end, driver: Box::new(driver) }
}
