//! One upload: what it is told before it begins, and how it runs.

#[cfg(feature = "async")]
pub(crate) mod asynchronous;
#[cfg(feature = "blocking")]
pub(crate) mod blocking;
mod existing;
#[cfg(feature = "async")]
mod feed;
mod host;
mod origin;
mod related;
mod sent_before;
mod session;
mod settings;

use std::fmt;
use std::io::{Read, Seek};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use resumable_core::{IfExists, Outline, Receipt, Remains};
use resumable_transport::Source;

use crate::credentials::BoxError;
use crate::destination::Destination;
use crate::error::Error;
use crate::event::Event;
use crate::file::{InvalidKey, Key, Label, Listed};
use crate::foreign_code::Caught;
use crate::handle::{Ends, Handle, Progress, Watch};
use crate::sources::ReaderSource;

pub(crate) use self::existing::{Beside, Taken, name_row, renamed_to};
pub(crate) use self::host::{OnEvent, UploadHost};
use self::origin::Origin;
pub use self::related::{Related, Relation};
pub(crate) use self::session::Ended;
pub(crate) use self::settings::{Input, Opened, Report, Settings, Tuning};

/// One upload that is about to run: `send()` begins it, or resumes it if a checkpoint of it is there.
///
/// The checkpoint is found by a *key*: a hash of the vendor, the destination and the source's canonical path, or what
/// [`key`](Self::key) says. `C` is the client that it runs on.
#[must_use = "nothing is sent before `send()`"]
pub struct Put<C> {
    pub(crate) client: C,
    pub(crate) destination: Destination,
    pub(crate) settings: Settings,
    pub(crate) watch: Arc<Watch>,
    pub(crate) ends: Ends,
}

/// How an upload ended that was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Abandoned {
    /// There was none.
    NotFound,
    /// This is left at the vendor.
    Left(Remains),
    /// It turned out to be complete. Its object is never removed.
    Complete(Receipt),
}

impl<C> Put<C> {
    pub(crate) fn new(client: C, destination: Destination) -> Self {
        let watch = Arc::<Watch>::default();
        let ends = Ends(Arc::clone(&watch));
        Self { client, destination, settings: Settings::default(), watch, ends }
    }

    /// The same with nothing to upload.
    pub(crate) fn without_source(mut self) -> Self {
        self.settings.input = None;
        self
    }

    /// Uploads this file.
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.settings.input = Some(Input::File(path.into()));
        self
    }

    /// Uploads bytes in memory. After a restart they are recognised by a digest of all of them.
    pub fn memory(mut self, bytes: impl Into<Bytes>) -> Self {
        self.settings.input = Some(Input::Memory(bytes.into()));
        self
    }

    /// Uploads what can be read and sought. See [`ReaderSource`] for what tells that it is the same after a restart.
    pub fn reader(self, reader: impl Read + Seek + Send + 'static) -> Self {
        self.source(ReaderSource::new(reader))
    }

    /// Uploads a source of one's own. `Box<dyn Source>` and `Arc<dyn Source>` are sources, too.
    ///
    /// A client uploads to one destination from one such source at a time, unless each has a [`key`](Self::key).
    pub fn source(mut self, source: impl Source + 'static) -> Self {
        self.settings.input = Some(Input::Source(Arc::new(Caught(source))));
        self
    }

    /// Uploads a stream whose length is not known. It is first written to a temporary file, to its end. If the process
    /// ends before the upload does, the stream has to be read again; when it gives the same bytes, the upload goes on.
    pub fn spool(mut self, reader: impl Read + Send + 'static) -> Self {
        self.settings.input = Some(Input::Spool(Box::new(reader)));
        self
    }

    /// Keeps the checkpoint under this key: a text of 1 to 100 ASCII letters, digits, `-` and `_`. For uploads that are
    /// to be found again although the source's path changes, as it does in containers.
    pub fn key(mut self, key: impl TryInto<Key>) -> Self {
        self.settings.key = Some(key.try_into().map_err(|_| InvalidKey));
        self
    }

    /// Labels the checkpoint for people who list them.
    pub fn label(mut self, label: Label) -> Self {
        self.settings.label = Some(label);
        self
    }

    /// At most so many requests of this upload are under way at once, from 1 to 128, and no more than the client's
    /// window allows. The vendor may allow fewer.
    pub fn window(mut self, window: usize) -> Self {
        self.settings.tuning.window = Some(window);
        self
    }

    /// For how long transient failures (no connection, 5xx, throttling) are sat out without progress. 10 minutes by default.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.settings.tuning.patience = Some(patience);
        self
    }

    /// How long the upload tries to get a connection, if it never had one. 5 seconds by default, and never longer than the
    /// patience.
    pub fn first_contact(mut self, first_contact: Duration) -> Self {
        self.settings.tuning.first_contact = Some(first_contact);
        self
    }

    /// How long the vendor may take over an answer once a request is sent: one second at least. By default what is known
    /// of the vendor.
    pub fn reply_timeout(mut self, reply_timeout: Duration) -> Self {
        self.settings.tuning.reply_timeout = Some(reply_timeout);
        self
    }

    /// Starts over: what is left of an earlier upload is removed first, here and as far as possible at the vendor. While
    /// the vendor cannot be asked, nothing is begun.
    pub fn start_over(mut self, start_over: bool) -> Self {
        self.settings.start_over = start_over;
        self
    }

    /// Continues the upload that is kept under another key: its file was moved or renamed, or it led to the same object by
    /// another address. What was sent of it is read again and compared; as soon as it proves to be the same, the checkpoint
    /// moves to this upload's own key. Where this upload has been moved already, it is resumed.
    ///
    /// If there is no such upload, or it leads to another object, nothing is sent ([`ErrorKind::Checkpoint`]); nor is it if
    /// the content is another one ([`ErrorKind::Changed`]), or somebody works on it ([`ErrorKind::Held`]). The other upload
    /// is left as it was then.
    ///
    /// [`ErrorKind::Checkpoint`]: crate::ErrorKind::Checkpoint
    /// [`ErrorKind::Changed`]: crate::ErrorKind::Changed
    /// [`ErrorKind::Held`]: crate::ErrorKind::Held
    pub fn continue_from(mut self, key: impl TryInto<Key>) -> Self {
        self.settings.origin = Some(Origin::Only(key.try_into().map_err(|_| InvalidKey)));
        self
    }

    /// The same, and if the content turns out to be another one, this upload begins from nothing:
    /// [`Event::NotContinued`] says so. An upload that has a checkpoint of its own already is resumed.
    pub fn continue_if_same(mut self, key: impl TryInto<Key>) -> Self {
        self.settings.origin = Some(Origin::IfSame(key.try_into().map_err(|_| InvalidKey)));
        self
    }

    /// Those of these unfinished uploads that this one may be the continuation of, the one with the most bytes first. Looks
    /// at files, and reads the ends of this upload's own if that can tell: what it uploads has to be a [`file`](Self::file).
    /// [`Folder::list`](crate::file::Folder::list) has unfinished uploads.
    pub fn related(&self, unfinished: &[Listed]) -> Vec<Related> {
        related::of(self, unfinished)
    }

    /// What is done if something else stands at the destination already. The vendor is asked before anything of the source
    /// is read or sent. Content that is proven to be the same (length and digest) is not sent again, whatever is chosen:
    /// the receipt then says [`How::AlreadyThere`](crate::How::AlreadyThere).
    ///
    /// Where nothing is chosen, the profile's `if_exists` counts, then the vendor's own options, then what the vendor does
    /// by itself. With [`IfExists::Skip`] and [`IfExists::Refuse`] the upload ends with
    /// [`ErrorKind::Exists`](crate::ErrorKind::Exists). [`IfExists::Rename`] tells the name that it took in the receipt's
    /// row `name`. What a vendor cannot do is an [`ErrorKind::Argument`](crate::ErrorKind::Argument).
    pub fn if_exists(mut self, policy: IfExists) -> Self {
        self.settings.choice.if_exists = Some(policy);
        self
    }

    /// Asks what stands at the destination although nothing was chosen by [`if_exists`](Self::if_exists), where that is
    /// cheaper than what it may save: before a source that has to be read for digests first, and before a large one. So a
    /// wrong key, a wrong bucket and a name that is taken are told after one request. False by default.
    pub fn look_first(mut self, look_first: bool) -> Self {
        self.settings.choice.looks_first = look_first;
        self
    }

    /// Sends also what is proven to be at the destination already, and what the client's record has as sent
    /// ([`ClientBuilder::sent`](crate::ClientBuilder::sent)): because the object was removed since, for example. False by
    /// default.
    pub fn resend(mut self, resend: bool) -> Self {
        self.settings.choice.resend = resend;
        self
    }

    /// Reads the whole source and compares it with the digest that the client's record has of what was sent, even if its
    /// times say that it has not changed. What has no digest there is sent again. False by default.
    pub fn checksum(mut self, checksum: bool) -> Self {
        self.settings.checksum = checksum;
        self
    }

    /// What the upload takes from its beginning to its end, if the vendor has nothing of it. Looks at the source, and asks
    /// nobody.
    ///
    /// # Errors
    /// When there is no source, it cannot be looked at, or it is a stream, whose length is not known; and when the vendor
    /// takes no such source.
    pub fn outline(&self) -> Result<Outline, Error> {
        self.destination.0.outline(&self.settings.look()?)
    }

    /// Calls this with each event, on the thread or task that drives the upload: it should return at once.
    pub fn on_event(mut self, told: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.settings.on_event.push(Arc::new(told));
        self
    }

    /// Calls this some times a second with how far the upload is, likewise.
    pub fn on_progress(self, told: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
        let watch = Arc::clone(&self.watch);
        self.on_event(move |_| told(&Handle(Arc::clone(&watch)).progress()))
    }

    /// Calls this with the receipt when the upload is complete, before its checkpoint is removed. If it fails, the checkpoint
    /// is kept, and the next run has the same receipt: for receipts that must not be lost, because some vendors name the
    /// object only once.
    pub fn deliver<E: Into<BoxError>>(
        mut self,
        deliver: impl FnOnce(&Receipt) -> Result<(), E> + Send + 'static,
    ) -> Self {
        self.settings.deliver = Some(Box::new(|receipt| deliver(receipt).map_err(Into::into)));
        self
    }

    /// A handle to the upload, for other threads.
    pub fn handle(&self) -> Handle {
        Handle(Arc::clone(&self.watch))
    }

    /// The vendor's protocol and its version, as checkpoints name it.
    pub fn protocol(&self) -> &'static str {
        self.destination.0.protocol()
    }

    /// Where it leads: endpoint, account, bucket and path, as checkpoints name it.
    pub fn target(&self) -> String {
        self.destination.target()
    }

    /// True if an upload to this target, as a checkpoint names it, is one of this put: it leads there, or it took another name
    /// because its own was taken ([`IfExists::Rename`]).
    pub fn goes_to(&self, target: &str) -> bool {
        self.destination.0.goes_to(target)
    }

    /// True if this target of another checkpoint is the same object by another address, like an internal endpoint. Known of
    /// uploads that a profile made.
    pub fn leads_to_same_object(&self, target: &str) -> bool {
        self.destination.0.is_same_object(target)
    }
}

impl<C> fmt::Debug for Put<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Put").field("target", &self.target()).finish_non_exhaustive()
    }
}
