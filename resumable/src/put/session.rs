//! One upload from its checkpoint to its receipt, but for the loop that drives it: what both styles do alike. All of it
//! may block.
//!
//! ```text
//! Session::open ─► (start over? Session::old ─► driver ─► forget) ─► begin ─► driver ─► end ─► Receipt
//!      lock, load, look                  an upload that is given up       start or resume      deliver, remove
//! ```

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};

use resumable_core::{
    Budget, Checkpoint, Comparison, Difference, Failure, HashKind, How, Located, Now, Options, Output, Protocol,
    Receipt, Remains, ResumeError, SourceInfo, Stats, Upload,
};
use resumable_transport::{Clock, Source};

use super::Abandoned;
use super::existing::{Choice, Existing, name_row};
use super::host::{UploadHost, leased};
use super::origin::{Origin, Place};
use super::sent_before::Earlier;
use super::settings::{Deliver, Input, Look, Opened, Report, Settings};
use crate::client::Shared;
use crate::credentials::BoxError;
use crate::destination::To;
use crate::drive::Host;
use crate::error::{Error, ErrorKind};
use crate::event::Event;
use crate::file::{Folder, Key, Label, LoadError, read_record, unreadable};
use crate::foreign_code::{catch, of_store};
use crate::handle::Watch;
use crate::many::SMALL;
use crate::store::{Store, StoreGuard};

/// One upload that holds its place in the store.
pub(crate) struct Session<P: Located> {
    pub(super) to: To<P>,
    pub(crate) host: Arc<UploadHost<P>>,
    pub(crate) source: Arc<dyn Source>,
    options: Options,
    /// How the source looked when it was opened; `None` for an upload that reads none.
    pub(super) info: Option<SourceInfo>,
    pub(super) saved: Option<Checkpoint<P>>,
    pub(super) earlier: Earlier,
    pub(super) fresh: bool,
    pub(super) choice: Choice,
    pub(super) existing: Option<Existing<P>>,
    /// The name that the upload took in place of the one that was asked for.
    pub(super) name: Option<String>,
    deliver: Mutex<Option<Deliver>>,
    look: Look,
    pub(super) key: Key,
    pub(super) clock: Clock,
    /// An upload that is continued only if it is of the same content.
    otherwise: Option<Otherwise>,
}

/// What is begun if the upload that is continued turns out to be another one.
struct Otherwise {
    /// The key of that one.
    origin: Key,
    info: SourceInfo,
}

impl<P: Located> Session<P> {
    /// Opens the source, locks the upload's place, and loads what is saved. A stream that can be read only once is not read
    /// for an upload that somebody else holds.
    pub(crate) fn open(mut to: To<P>, settings: Settings, shared: &Shared, watch: Arc<Watch>) -> Result<Self, Error> {
        let Settings {
            input,
            key,
            label,
            tuning,
            on_event,
            deliver,
            origin,
            start_over,
            reads_nothing,
            choice,
            checksum,
            ..
        } = settings;
        let choice = Choice { if_exists: choice.if_exists.or(to.if_exists), ..choice };
        if let Some(policy) = choice.if_exists.filter(|_| !reads_nothing) {
            to.protocol = to.protocol.guarded(policy).map_err(|why| Error::argument("if_exists", why))?;
        }
        let tuning = tuning.over(&shared.tuning);
        tuning.check()?;
        let key = key.transpose().map_err(|error| Error::argument("key", error))?;
        let options = tuning.options(shared.limits.tell(&watch, tuning.window.unwrap_or(usize::MAX)))?;
        let name = named(input.as_ref(), key.is_some(), reads_nothing)?;
        let (target, clock) = (to.protocol.target(), shared.clock);
        let key = key.unwrap_or_else(|| Folder::key(P::ID, &target, &name));
        let label = complete(label, &name, &target)?;
        // A stream can be read only once, so nobody else may hold the upload then. All else is looked at before anything is made.
        let mut input = input.filter(|_| !reads_nothing);
        let looked_at = input.take_if(|it| !it.is_stream()).map(|it| it.open(&name, &watch, clock)).transpose()?;
        let guard = lock(&*shared.store, &key)?;
        let Opened { source, info, look } = match (looked_at, input) {
            (Some(opened), _) => opened,
            (None, Some(stream)) => stream.open(&name, &watch, clock)?,
            (None, None) => Opened::nothing(),
        };
        let host = Arc::new(UploadHost {
            guard,
            origin: Place::default(),
            label,
            credentials: to.credentials.clone(),
            limits: shared.limits.clone(),
            clock,
            watch,
            on_event,
            small: info.as_ref().is_none_or(|info| info.len < SMALL),
            generation: Arc::new(AtomicU64::new(0)),
            holding: Mutex::default(),
        });
        let mut session = Self {
            to,
            host,
            source,
            options,
            info,
            saved: None,
            earlier: Earlier::new(shared.sent.clone(), target, choice.resend || start_over, checksum),
            fresh: false,
            choice,
            existing: None,
            name: None,
            deliver: Mutex::new(deliver),
            look,
            key,
            clock,
            otherwise: None,
        };
        session.load(start_over).map_err(|error| error.of(&session.key))?;
        if let Some(origin) = origin.filter(|_| !reads_nothing) {
            session.load_origin(origin, start_over, &*shared.store)?;
        }
        Ok(session)
    }

    fn load(&mut self, start_over: bool) -> Result<(), Error> {
        match read(&*self.host.guard) {
            Ok(Some((label, saved))) => {
                self.take_name_of(saved.target());
                self.saved = Some(saved);
                // An upload that is given up by its key alone goes by the name that it had.
                if let Some(host) = Arc::get_mut(&mut self.host).filter(|host| host.label.path.is_empty()) {
                    host.label.path = label.path;
                }
            }
            Ok(None) => {}
            Err(error) if start_over && is_unusable(&error) => self.set_aside(&error)?,
            Err(error) => return Err(error),
        }
        self.fresh = self.saved.is_none();
        Ok(())
    }

    /// Takes up an upload that is kept elsewhere, if this one has no place of its own yet.
    fn load_origin(&mut self, origin: Origin, start_over: bool, store: &dyn Store) -> Result<(), Error> {
        let is_optional = matches!(origin, Origin::IfSame(_));
        let (Origin::Only(origin) | Origin::IfSame(origin)) = origin;
        let origin = origin.map_err(|error| Error::argument("continue_from", error))?;
        if is_optional && (start_over || self.saved.is_some()) {
            return Ok(());
        }
        if start_over {
            return Err(Error::argument("continue_from", "and start_over contradict each other"));
        }
        if origin == self.key {
            return Ok(());
        }
        let guard = lock(store, &origin)?;
        let saved = read::<P>(&*guard).map_err(|error| error.of(&origin))?;
        let (saved, info) = match (saved, &self.info) {
            (Some((_, saved)), Some(info)) if self.saved.is_none() => (saved, info.clone()),
            (Some(_), _) => return Err(Error::new(ErrorKind::Checkpoint, BOTH).of(&self.key)),
            (None, _) if is_optional || self.saved.is_some() => return Ok(()),
            (None, _) => return Err(Error::new(ErrorKind::Checkpoint, NONE).of(&origin)),
        };
        self.take_name_of(saved.target());
        let saved = self.led_here(saved).map_err(|error| Error::from(error).of(&origin))?;
        let upload = Upload::resume(self.to.protocol.clone(), info.clone(), None, self.options.clone(), saved.clone());
        let is_proven = match upload {
            Ok(upload) => *upload.source() == info,
            Err(ResumeError::Changed { difference, .. }) if is_optional => {
                self.host.show(&Event::NotContinued { key: origin, why: difference.to_string() });
                return Ok(());
            }
            Err(error) => return Err(Error::from(error).of(&origin)),
        };
        let doubt = (!is_proven).then(|| saved.source().clone());
        self.host.origin.set(guard, self.key.clone(), doubt);
        (self.saved, self.fresh) = (Some(saved), false);
        self.otherwise = is_optional.then_some(Otherwise { origin, info });
        Ok(())
    }

    /// A checkpoint of this object, by whichever address.
    fn led_here(&self, saved: Checkpoint<P>) -> Result<Checkpoint<P>, ResumeError> {
        let (found, expected) = (saved.target().to_owned(), self.to.protocol.target());
        if found == expected || (self.to.advice.is_same_object)(&self.to.protocol, &found) {
            return Ok(saved.with_target(expected));
        }
        Err(ResumeError::Target { found, expected })
    }

    /// A checkpoint that cannot be used is kept where nobody looks for it.
    fn set_aside(&self, why: &Error) -> Result<(), Error> {
        let aside =
            of_store(|| Ok(self.host.guard.set_aside()?)).map_err(|error| Error::new(ErrorKind::Store, error))?;
        self.host.show(&Event::SetAside { why: why.to_string(), to: aside });
        Ok(())
    }

    /// The saved upload, to be given up: before the upload starts over, or for good. `None` if there is none.
    pub(crate) fn old(&mut self) -> Result<Option<Upload<P>>, Error> {
        let Some(saved) = self.saved.take() else { return Ok(None) };
        self.fresh = true;
        let (protocol, options) = (self.to.protocol.clone(), self.options.clone());
        let lease = self.host.credential_at_hand();
        match Upload::abandon(protocol, lease.as_ref().map(|lease| lease.credential.clone()), options, saved) {
            Ok(upload) => {
                self.host.show(&Event::Removing);
                Ok(Some(leased(upload, lease)))
            }
            // It is good, and what it left elsewhere can be removed by whoever names that destination.
            Err(error @ ResumeError::Target { .. }) => Err(Error::from(error).of(&self.key)),
            Err(error) => {
                self.set_aside(&error.into())?;
                Ok(None)
            }
        }
    }

    /// The upload that was saved was given up, so that this one starts over. While the vendor cannot be asked nothing is begun,
    /// because what is left there would be forgotten.
    pub(crate) fn forget(&self, upload: &Upload<P>, ended: Ended<P>) -> Result<(), Error> {
        // The upload that begins must not be held back by this one.
        self.host.end();
        let event = match ended {
            Ok(outcome) => Event::WasComplete(outcome.into()),
            Err(Failure::Abandoned(remains)) => Event::Removed(remains),
            Err(failure) if keeps_the_old(&failure) => {
                let error = self.failed(failure, upload);
                self.close(upload);
                return Err(error);
            }
            Err(failure) => Event::NotRemoved { why: failure.to_string() },
        };
        self.host.show(&event);
        // If it stays, the first save of the upload that begins takes its place, or says why not.
        let _ = self.host.forget();
        Ok(())
    }

    /// The upload that was saved was given up for good. `told` has what came of it before the checkpoint goes: a url may be in it
    /// that nobody will say again.
    pub(crate) fn abandoned(self, upload: &Upload<P>, ended: Ended<P>, told: Report) -> Result<Abandoned, Error> {
        self.close(upload);
        let abandoned = match ended {
            Err(Failure::Abandoned(remains)) => Abandoned::Left(remains),
            Err(failure) => return Err(self.failed(failure, upload)),
            Ok(outcome) => Abandoned::Complete(outcome.into()),
        };
        self.hand_over(upload, "the upload is cancelled", || told(&abandoned))?;
        Ok(abandoned)
    }

    /// The upload: the one that was saved, or a new one. Says from where on.
    pub(crate) fn begin(&mut self) -> Result<Upload<P>, Error> {
        let info = match self.info.take() {
            Some(info) => info,
            None => self.source.info()?,
        };
        let saved = self.saved.take().filter(|saved| self.host.origin.is_set() || !self.is_void(saved, &info));
        self.fresh = saved.is_none();
        let lease = self.host.credential_at_hand();
        let credential = lease.as_ref().map(|lease| lease.credential.clone());
        let (protocol, options, total) = (self.to.protocol.clone(), self.options.clone(), info.len);
        let confirmed = saved.as_ref().map(Checkpoint::confirmed);
        let sha1 = saved.is_none().then(|| self.known_sha1(&info)).flatten();
        self.forget_what_was_sent();
        let upload = match saved {
            Some(saved) => Upload::resume(protocol, info, credential, options, saved)
                .map_err(|error| Error::from(error).of(&self.key))?,
            None => Upload::start(self.to.cut(), info, credential, options),
        };
        let upload = match sha1 {
            Some(sha1) => upload.knowing(HashKind::Sha1, sha1),
            None => upload,
        };
        self.host.watch.begin(confirmed.unwrap_or(0), total);
        self.host.show(&Event::Began { resumed_from: confirmed, total });
        Ok(leased(upload, lease))
    }

    /// True if the upload that was continued has ended because its content is another one, and this one is to begin from
    /// nothing.
    pub(crate) fn begins_anew(&mut self, ended: &Ended<P>) -> bool {
        let Err(Failure::Changed { difference, .. }) = ended else { return false };
        let Some(Otherwise { origin, info }) = self.otherwise.take_if(|_| self.host.origin.is_set()) else {
            return false;
        };
        self.host.origin.release();
        self.host.show(&Event::NotContinued { key: origin, why: difference.to_string() });
        (self.info, self.fresh) = (Some(info), true);
        true
    }

    /// True if this is of another source, and nothing ever came of that one: it is as it was begun.
    fn is_void(&self, saved: &Checkpoint<P>, info: &SourceInfo) -> bool {
        let then = Now { unix: saved.saved_unix(), ..self.clock.now() };
        let is_as_begun = |protocol| {
            let begun = Upload::start(protocol, saved.source().clone(), None, self.options.clone());
            begun.checkpoint(then).to_bytes() == saved.to_bytes()
        };
        matches!(saved.source().compare(info), Comparison::Changed(_))
            && (is_as_begun(self.to.protocol.clone()) || is_as_begun(self.to.cut()))
    }

    /// Nobody has begun it before.
    pub(crate) fn is_fresh(&self) -> bool {
        self.fresh
    }

    pub(crate) fn options(&self) -> Options {
        self.options.clone()
    }

    /// The upload has ended: its receipt is handed over and its checkpoint goes, or it is told why not.
    pub(crate) fn end(self, upload: &Upload<P>, ended: Ended<P>) -> Result<Receipt, Error> {
        self.close(upload);
        match ended {
            Ok(outcome) => {
                let mut receipt: Receipt = outcome.into();
                receipt.rows.extend(self.name.as_deref().map(name_row));
                let deliver = || self.deliver(&receipt).map(|()| self.record_as_sent(&receipt, upload.source()));
                self.hand_over(upload, "the upload is complete", deliver)?;
                Ok(receipt)
            }
            Err(failure) => {
                let never_began =
                    self.fresh && matches!(failure, Failure::Authorize(_)) && upload.stats().requests == 0;
                let nothing_left = never_began
                    || matches!(failure, Failure::Abandoned(_))
                    || self.fresh && matches!(failure, Failure::Refused(_)) && self.left_nothing(upload);
                if nothing_left {
                    // Whether it goes or not: the next run finds that there is nothing to resume.
                    let _ = self.host.forget();
                }
                Err(self.failed(failure, upload))
            }
        }
    }

    fn deliver(&self, receipt: &Receipt) -> Result<(), BoxError> {
        let to = self.deliver.lock().unwrap_or_else(PoisonError::into_inner).take();
        to.map_or(Ok(()), |deliver| deliver(receipt))
    }

    /// Nothing had to be sent: the receipt is handed over.
    ///
    /// # Errors
    /// When whoever it is for cannot take it. The next run has it again.
    pub(crate) fn end_there(self, receipt: Receipt) -> Result<Receipt, Error> {
        let len = self.info.as_ref().map_or(0, |info| info.len);
        self.host.end();
        self.host.watch.begin(len, len);
        self.host.watch.end(len, Stats::default());
        let delivered = catch("what it was handed to", || self.deliver(&receipt));
        let undelivered = |error| {
            let what = format!("the same content is there already, and that could not be handed over: {error}");
            Error::new(ErrorKind::Delivery, what)
        };
        delivered.map_err(undelivered)?;
        if let Some(info) = self.info.as_ref().filter(|_| receipt.how != How::SentBefore) {
            self.record_as_sent(&receipt, info);
        }
        Ok(receipt)
    }

    /// Nothing is told of this upload any more.
    pub(crate) fn close(&self, upload: &Upload<P>) {
        self.host.end();
        self.host.watch.end(upload.checkpoint(self.clock.now()).confirmed(), upload.stats());
    }

    /// What came of it first, then the checkpoint may go: it holds what the vendor may never say again.
    fn hand_over(
        &self,
        upload: &Upload<P>,
        what: &str,
        tell: impl FnOnce() -> Result<(), BoxError>,
    ) -> Result<(), Error> {
        let Err(error) = catch("what it was handed to", tell) else {
            self.remove_checkpoint();
            return Ok(());
        };
        let what = format!("{what}, and what came of it could not be handed over: {error}");
        Err(match Host::save(&*self.host, &upload.checkpoint(self.clock.now())) {
            Ok(()) => Error::new(ErrorKind::Delivery, what),
            Err(why) => Error::new(ErrorKind::Store, format!("{what}; and the checkpoint is not kept: {why}")),
        })
    }

    /// A checkpoint that stays although its upload is complete does no harm: the next run finds it complete.
    pub(crate) fn remove_checkpoint(&self) {
        if let Err(error) = self.host.forget() {
            self.host.show(&Event::CheckpointStays { why: error.to_string() });
        }
    }

    /// A failure as an error. If the source was written to, that is what happened, whatever came of it.
    fn failed(&self, failure: Failure<P::Fault>, upload: &Upload<P>) -> Error {
        let about_content = matches!(failure, Failure::Refused(_) | Failure::Integrity(_) | Failure::Source(_));
        let changed = if about_content { self.changed_since(upload.source()) } else { None };
        let error = self.explained(failure, upload);
        match changed {
            Some(changed) => {
                let confirmed = error.confirmed();
                Error::from(changed).with(confirmed, vec![format!("Reason: {error}.")])
            }
            None => error,
        }
    }

    fn changed_since(&self, was: &SourceInfo) -> Option<Failure<BoxError>> {
        let now = (self.look)()?;
        let difference = match was.compare(&now) {
            Comparison::Changed(difference) => difference,
            Comparison::Doubt(_) if was.modified != now.modified => Difference::Written,
            _ => return None,
        };
        Some(Failure::Changed { was: Box::new(was.clone()), now: Box::new(now), difference })
    }

    fn explained(&self, failure: Failure<P::Fault>, upload: &Upload<P>) -> Error {
        let confirmed = upload.checkpoint(self.clock.now()).confirmed();
        self.to.advice.explain(failure, Some((confirmed, upload.source().len)))
    }

    /// What came before the upload failed.
    pub(crate) fn not_begun(&self, failure: Failure<P::Fault>) -> Error {
        self.host.end();
        self.to.advice.explain(failure, self.info.as_ref().map(|info| (0, info.len)))
    }

    /// True if every call was answered, and giving the upload up would need none: then a refusal leaves nothing at the
    /// vendor, and need not leave anything here.
    fn left_nothing(&self, upload: &Upload<P>) -> bool {
        let (stats, last) = (upload.stats(), upload.checkpoint(self.clock.now()));
        let smooth = stats.retries == 0 && stats.restarts == 0 && stats.rehashes == 0;
        let credential = self.host.credential_at_hand().map(|lease| lease.credential);
        let abandoned = Upload::abandon(self.to.protocol.clone(), credential, self.options.clone(), last);
        let Ok(mut upload) = abandoned else { return false };
        let now = self.clock.now();
        loop {
            match upload.poll(now) {
                Output::Tell(_) | Output::Share { .. } => {}
                Output::Finished(Err(Failure::Abandoned(Remains::Nothing | Remains::Unknown))) => return smooth,
                _ => return false,
            }
        }
    }
}

/// The name that a checkpoint of this source is found by, unless it has a key of its own.
fn named(input: Option<&Input>, has_key: bool, reads_nothing: bool) -> Result<PathBuf, Error> {
    match input {
        None if has_key => Ok(PathBuf::new()),
        None => Err(Error::argument("source", "is missing: say what to upload, for example with `.file(path)`")),
        Some(input) if has_key && reads_nothing => Ok(input.name().unwrap_or_default()),
        Some(input) => input.name(),
    }
}

/// The label of an upload of a source by this name.
fn complete(given: Option<Label>, name: &Path, target: &str) -> Result<Label, Error> {
    let unnamed = || Label { profile: String::new(), path: String::new(), destination: target.to_owned() };
    let mut label = given.unwrap_or_else(unnamed);
    if label.path.is_empty() {
        label.path = name.display().to_string();
    }
    if label.fits() { Ok(label) } else { Err(Error::argument("label", "is too long: it is kept with each checkpoint")) }
}

const BOTH: &str = "this upload has a checkpoint of its own, besides the one that it was to continue";
const NONE: &str = "there is no such unfinished upload";

/// What a place in the store holds.
fn read<P: Protocol>(guard: &dyn StoreGuard) -> Result<Option<(Label, Checkpoint<P>)>, Error> {
    let place = of_store(|| Ok(guard.place())).ok().flatten();
    let place = PathBuf::from(place.unwrap_or_else(|| "of this upload".to_owned()));
    let bytes = of_store(|| Ok(guard.load()?)).map_err(|error| match error.downcast::<std::io::Error>() {
        Ok(error) => Error::from(unreadable(&place, *error)),
        Err(error) => Error::new(ErrorKind::Store, error),
    })?;
    Ok(bytes.map(|bytes| read_record(&place, &bytes, Checkpoint::from_bytes)).transpose()?)
}

/// No upload can be resumed from this checkpoint. One of another vendor is good.
fn is_unusable(error: &Error) -> bool {
    let of_another = matches!(error.cause().downcast_ref(), Some(LoadError::Protocol { .. }));
    error.kind() == ErrorKind::Checkpoint && !of_another
}

fn lock(store: &dyn Store, key: &Key) -> Result<Box<dyn StoreGuard>, Error> {
    let locked = of_store(|| Ok(store.lock(key))).map_err(|panic| Error::new(ErrorKind::Store, panic))?;
    locked.map_err(|error| Error::from(error).of(key))
}

/// What a driver's run gives.
pub(crate) type Ended<P> = Result<<P as Protocol>::Outcome, Failure<<P as Protocol>::Fault>>;

/// Failures after which giving an upload up is better tried again later.
fn keeps_the_old<F>(failure: &Failure<F>) -> bool {
    matches!(
        failure,
        Failure::Stopped
            | Failure::Credential(_)
            | Failure::Authorize(_)
            | Failure::Store(_)
            | Failure::Impossible(_)
            | Failure::Untrusted(_)
            | Failure::Redirected { .. }
            | Failure::Compressed { .. }
            | Failure::Exhausted { budget: Budget::Patience(_) | Budget::FirstContact(_) | Budget::Wait { .. }, .. }
    )
}
