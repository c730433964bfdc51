//! One upload from its checkpoint to its receipt, but for the loop that drives it: what both styles do alike. All of it
//! may block.
//!
//! ```text
//! Session::open ─► (start over? Session::old ─► driver ─► forget) ─► begin ─► driver ─► end ─► Receipt
//!      lock, load, look                  an upload that is given up       start or resume      deliver, remove
//! ```

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use resumable_core::{
    Budget, Checkpoint, Comparison, Difference, Failure, Input, Last, Lease, Now, Options, Output, Protocol, Receipt,
    Remains, ResumeError, SourceInfo, Upload,
};
use resumable_transport::{Clock, Source};

use super::Abandoned;
use super::host::UploadHost;
use super::origin::{Origin, Place};
use super::settings::{Deliver, Look, Opened, Report, Settings};
use crate::client::Shared;
use crate::credentials::{BoxError, Renew};
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
pub(crate) struct Session<P: Protocol> {
    to: To<P>,
    pub(crate) host: Arc<UploadHost<P>>,
    pub(crate) source: Arc<dyn Source>,
    options: Options,
    /// How the source looked when it was opened; `None` for an upload that reads none.
    info: Option<SourceInfo>,
    saved: Option<Checkpoint<P>>,
    fresh: bool,
    deliver: Mutex<Option<Deliver>>,
    look: Look,
    clock: Clock,
    /// An upload that is continued only if it is of the same content.
    otherwise: Option<Otherwise>,
}

/// What is begun if the upload that is continued turns out to be another one.
struct Otherwise {
    /// The key of that one.
    origin: Key,
    info: SourceInfo,
}

/// Where renewed credentials and commands go while an upload is driven; both stop when it is dropped.
pub(crate) struct Connected<P: Protocol>(#[expect(dead_code, reason = "kept alive")] Arc<Renew<P::Credential>>);

impl<P: Protocol + Clone> Session<P> {
    /// Opens the source, locks the upload's place, and loads what is saved. A stream that can be read only once is not read
    /// for an upload that somebody else holds.
    pub(crate) fn open(to: To<P>, settings: Settings, shared: &Shared, watch: Arc<Watch>) -> Result<Self, Error> {
        let Settings { input, key, label, tuning, on_event, deliver, origin, start_over, reads_nothing, .. } = settings;
        let tuning = tuning.over(&shared.tuning);
        tuning.check()?;
        let key = key.transpose().map_err(|error| Error::argument("key", error))?;
        let options = tuning.options(shared.limits.tell(&watch, tuning.window.unwrap_or(usize::MAX)))?;
        let name = match &input {
            None if key.is_none() => {
                return Err(Error::argument("source", "is missing: say what to upload, by `.file(path)` for example"));
            }
            Some(input) if key.is_some() && reads_nothing => input.name().unwrap_or_default(),
            Some(input) => input.name()?,
            None => PathBuf::new(),
        };
        let target = to.protocol.target();
        let key = key.unwrap_or_else(|| Folder::key(P::ID, &target, &name));
        let mut label =
            label.unwrap_or_else(|| Label { profile: String::new(), path: String::new(), destination: target.clone() });
        if label.path.is_empty() {
            label.path = name.display().to_string();
        }
        if !label.fits() {
            return Err(Error::argument("label", "is too long: it is kept with each checkpoint"));
        }
        // A stream can be read only once, so nobody else may hold the upload then. All else is looked at before anything is made.
        let mut input = input.filter(|_| !reads_nothing);
        let looked_at = input.take_if(|input| !input.is_stream()).map(|input| input.open(&name, &watch)).transpose()?;
        let guard = lock(&*shared.store, &key)?;
        let Opened { source, info, look } = match (looked_at, input) {
            (Some(opened), _) => opened,
            (None, Some(stream)) => stream.open(&name, &watch)?,
            (None, None) => Opened::nothing(),
        };
        let host = Arc::new(UploadHost {
            guard,
            key,
            origin: Place::default(),
            label,
            credentials: to.credentials.clone(),
            limits: shared.limits.clone(),
            clock: shared.clock,
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
            fresh: false,
            deliver: Mutex::new(deliver),
            look,
            clock: shared.clock,
            otherwise: None,
        };
        session.load(start_over).map_err(|error| error.of(&session.host.key))?;
        if let Some(origin) = origin.filter(|_| !reads_nothing) {
            session.load_origin(origin, start_over, &*shared.store)?;
        }
        Ok(session)
    }

    fn load(&mut self, start_over: bool) -> Result<(), Error> {
        match read(&*self.host.guard) {
            Ok(Some((label, saved))) => {
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
        if origin == self.host.key {
            return Ok(());
        }
        let guard = lock(store, &origin)?;
        let saved = read::<P>(&*guard).map_err(|error| error.of(&origin))?;
        let (saved, info) = match (saved, &self.info) {
            (Some((_, saved)), Some(info)) if self.saved.is_none() => (saved, info.clone()),
            (Some(_), _) => return Err(Error::new(ErrorKind::Checkpoint, BOTH).of(&self.host.key)),
            (None, _) if is_optional || self.saved.is_some() => return Ok(()),
            (None, _) => return Err(Error::new(ErrorKind::Checkpoint, NONE).of(&origin)),
        };
        self.saved = Some(self.led_here(saved).map_err(|error| Error::from(error).of(&origin))?);
        self.host.origin.set(guard, self.saved.as_ref().map(|saved| saved.source().clone()));
        self.fresh = false;
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
        let (lease, _) = self.credential();
        match Upload::abandon(protocol, lease.as_ref().map(|lease| lease.credential.clone()), options, saved) {
            Ok(upload) => {
                self.host.show(&Event::Removing);
                Ok(Some(leased(upload, lease)))
            }
            // It is good, and what it left elsewhere can be removed by whoever names that destination.
            Err(error @ ResumeError::Target { .. }) => Err(Error::from(error).of(&self.host.key)),
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
        self.hand_over(upload, "the upload is given up", || told(&abandoned))?;
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
        match saved {
            None => Ok(self.start(info)),
            Some(saved) => self
                .resume(saved, &info)
                .or_else(|error| match error {
                    ResumeError::Changed { difference, .. } => self.begin_instead(difference).ok_or(error),
                    other => Err(other),
                })
                .map_err(|error| Error::from(error).of(&self.host.key)),
        }
    }

    fn resume(&self, saved: Checkpoint<P>, info: &SourceInfo) -> Result<Upload<P>, ResumeError> {
        let (lease, confirmed, total) = (self.credential().0, saved.confirmed(), info.len);
        let credential = lease.as_ref().map(|lease| lease.credential.clone());
        let (protocol, options) = (self.to.protocol.clone(), self.options.clone());
        let upload = Upload::resume(protocol, info.clone(), credential, options, saved)?;
        if upload.source() == info {
            self.host.origin.is_proven();
        }
        Ok(self.begun(upload, lease, Some(confirmed), total))
    }

    fn start(&self, info: SourceInfo) -> Upload<P> {
        let (lease, total) = (self.credential().0, info.len);
        let credential = lease.as_ref().map(|lease| lease.credential.clone());
        let upload = Upload::start(self.to.protocol.clone(), info, credential, self.options.clone());
        self.begun(upload, lease, None, total)
    }

    fn begun(
        &self,
        upload: Upload<P>,
        lease: Option<Lease<P::Credential>>,
        resumed_from: Option<u64>,
        total: u64,
    ) -> Upload<P> {
        self.host.watch.begin(resumed_from.unwrap_or(0), total);
        self.host.show(&Event::Began { resumed_from, total });
        leased(upload, lease)
    }

    /// Another upload from nothing, if the one that was continued has ended because its content is another one.
    pub(crate) fn instead_of(&mut self, ended: &Ended<P>) -> Option<Upload<P>> {
        match ended {
            Err(Failure::Changed { difference, .. }) if self.host.origin.is_set() => self.begin_instead(*difference),
            _ => None,
        }
    }

    fn begin_instead(&mut self, difference: Difference) -> Option<Upload<P>> {
        let Otherwise { origin, info } = self.otherwise.take()?;
        self.host.origin.release();
        self.host.show(&Event::NotContinued { key: origin, why: difference.to_string() });
        self.fresh = true;
        Some(self.start(info))
    }

    /// True if this is of another source, and nothing ever came of that one: it is as it was begun.
    fn is_void(&self, saved: &Checkpoint<P>, info: &SourceInfo) -> bool {
        let begun = Upload::start(self.to.protocol.clone(), saved.source().clone(), None, self.options.clone());
        let then = Now { unix: saved.saved_unix(), ..self.clock.now() };
        matches!(saved.source().compare(info), Comparison::Changed(_))
            && begun.checkpoint(then).to_bytes() == saved.to_bytes()
    }

    /// The credential at hand. From now on the host knows which one the upload signs with.
    fn credential(&self) -> (Option<Lease<P::Credential>>, u64) {
        let at_hand = self.host.credentials.at_hand(self.clock);
        let (lease, generation) = at_hand.map_or((None, 0), |(lease, generation)| (Some(lease), generation));
        self.host.generation.store(generation, Ordering::Relaxed);
        (lease, generation)
    }

    /// Lets commands and renewed credentials reach the driver, as long as what this gives is kept.
    pub(crate) fn connect(&self, send: impl Fn(Input<P>) + Clone + Send + Sync + 'static) -> Connected<P> {
        let (commands, host) = (send.clone(), Arc::downgrade(&self.host));
        self.host.watch.open(move |command| {
            host.upgrade().iter().for_each(|host| host.commanded(command));
            commands(Input::Command(command));
        });
        let generation = Arc::clone(&self.host.generation);
        let renew: Arc<Renew<P::Credential>> = Arc::new(move |lease, of| {
            generation.store(of, Ordering::Relaxed);
            send(Input::Renewed(lease));
        });
        self.host.credentials.tell(&renew);
        // What was renewed between the beginning and now.
        let signed_with = self.host.generation.load(Ordering::Relaxed);
        if let Some((lease, generation)) = self.host.credentials.at_hand(self.clock)
            && signed_with > 0
            && generation > signed_with
        {
            renew(lease, generation);
        }
        Connected(renew)
    }

    /// The upload has ended: its receipt is handed over and its checkpoint goes, or it is told why not.
    pub(crate) fn end(self, upload: &Upload<P>, ended: Ended<P>) -> Result<Receipt, Error> {
        self.close(upload);
        match ended {
            Ok(outcome) => {
                let (receipt, to) =
                    (outcome.into(), self.deliver.lock().unwrap_or_else(PoisonError::into_inner).take());
                let deliver = || to.map_or(Ok(()), |deliver| deliver(&receipt));
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
                    // Whether it goes or not: the next run finds that there is nothing to go on with.
                    let _ = self.host.forget();
                }
                Err(self.failed(failure, upload))
            }
        }
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
                Error::from(changed).with(confirmed, vec![format!("It was noticed by this: {error}")])
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
        let advice = match &failure {
            Failure::Refused(fault) | Failure::Exhausted { last: Last::Vendor(fault), .. } => {
                (self.to.advice.hint)(fault).map(str::to_owned).into_iter().collect()
            }
            Failure::Credential(_) | Failure::Authorize(_) => self.to.advice.credentials.clone(),
            _ => Vec::new(),
        };
        let total = upload.source().len;
        let confirmed = upload.checkpoint(self.clock.now()).confirmed();
        let failure = failure.map_fault(BoxError::from);
        Error::from(failure).with(Some((confirmed, total)), advice)
    }

    /// True if every call was answered, and giving the upload up would need none: then a refusal leaves nothing at the
    /// vendor, and need not leave anything here.
    fn left_nothing(&self, upload: &Upload<P>) -> bool {
        let (stats, last) = (upload.stats(), upload.checkpoint(self.clock.now()));
        let smooth = stats.retries == 0 && stats.restarts == 0 && stats.rehashes == 0;
        let credential = self.credential().0.map(|lease| lease.credential);
        let abandoned = Upload::abandon(self.to.protocol.clone(), credential, self.options.clone(), last);
        let Ok(mut upload) = abandoned else { return false };
        let now = self.clock.now();
        loop {
            match upload.poll(now) {
                Output::Tell(_) => {}
                Output::Finished(Err(Failure::Abandoned(Remains::Nothing | Remains::Unknown))) => return smooth,
                _ => return false,
            }
        }
    }
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

/// Nobody can go on with this checkpoint. One of another vendor is good.
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

/// The machine begins with a plain credential; when it expires is told besides.
fn leased<P: Protocol>(mut upload: Upload<P>, lease: Option<Lease<P::Credential>>) -> Upload<P> {
    if let Some(lease) = lease.filter(|lease| lease.expires.is_some()) {
        upload.handle(lease);
    }
    upload
}

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
