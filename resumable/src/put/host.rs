//! What an upload asks of the library around it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use resumable_core::{
    AuthError, AuthReason, Cause, Checkpoint, Command, Input, Known, Lane, Lease, Options, Protocol, Serves,
    SourceInfo, StoreError, Upload,
};
use resumable_transport::{CancelFlag, Clock};

use super::origin::Place;
use crate::credentials::{Asking, BoxError, Credentials, Hold, Other, Renew, block_on};
use crate::drive::{Grant, Host, Inquiry};
use crate::event::Event;
use crate::file::{Label, record};
use crate::foreign_code::of_store;
use crate::handle::Watch;
use crate::limits::{Limits, Request};
use crate::store::{NoStore, StoreGuard};

/// Takes events.
pub(crate) type OnEvent = Arc<dyn Fn(&Event) + Send + Sync>;

/// Saves into a place of the store, hands credentials on, puts calls in line, and tells of events.
pub(crate) struct UploadHost<P: Protocol> {
    pub(crate) guard: Box<dyn StoreGuard>,
    /// Where an upload that continues another one is kept, until it moves to its own place.
    pub(crate) origin: Place,
    pub(crate) label: Label,
    pub(crate) credentials: Credentials<P::Credential>,
    pub(crate) limits: Limits,
    pub(crate) clock: Clock,
    pub(crate) watch: Arc<Watch>,
    pub(crate) on_event: Vec<OnEvent>,
    /// The source is short enough not to wait behind others.
    pub(crate) small: bool,
    /// The generation of the credential that this upload signs with.
    pub(crate) generation: Arc<AtomicU64>,
    pub(crate) holding: Mutex<Holding>,
}

/// Where renewed credentials and commands go while something is driven; both stop when it is dropped.
pub(crate) struct Connected<P: Protocol>(#[expect(dead_code, reason = "kept alive")] Arc<Renew<P::Credential>>);

/// Whether other uploads are held back, because this one has been refused.
#[derive(Default)]
pub(crate) struct Holding {
    /// Kept while another credential is asked for in place of the refused one.
    hold: Option<Hold>,
    /// A paused upload asks for nothing, so it holds nobody back.
    paused: bool,
}

impl<P: Protocol> UploadHost<P> {
    /// A host for what is driven without an upload, and leaves nothing in the store.
    pub(crate) fn alone(
        credentials: Credentials<P::Credential>,
        limits: Limits,
        clock: Clock,
        watch: Arc<Watch>,
        on_event: Vec<OnEvent>,
    ) -> Self {
        let label = Label { profile: String::new(), path: String::new(), destination: String::new() };
        Self {
            guard: Box::new(NoStore),
            origin: Place::default(),
            label,
            credentials,
            limits,
            clock,
            watch,
            on_event,
            small: true,
            generation: Arc::new(AtomicU64::new(0)),
            holding: Mutex::default(),
        }
    }

    /// A host for what is driven beside this upload: with the same credentials, limits and commands. How far the upload is
    /// is not told by it.
    pub(crate) fn beside<Q: Protocol<Credential = P::Credential>>(&self) -> UploadHost<Q> {
        let told = self.on_event.clone();
        let tell: OnEvent = Arc::new(move |event: &Event| {
            if !matches!(event, Event::Machine(resumable_core::Event::Progress { .. })) {
                told.iter().for_each(|told| told(event));
            }
        });
        let on_event = if self.on_event.is_empty() { Vec::new() } else { vec![tell] };
        let (credentials, watch) = (self.credentials.clone(), Arc::clone(&self.watch));
        UploadHost::alone(credentials, self.limits.clone(), self.clock, watch, on_event)
    }

    /// Something that begins with the credential at hand.
    pub(crate) fn start(&self, protocol: P, info: SourceInfo, options: Options) -> Upload<P> {
        let lease = self.credential_at_hand();
        let credential = lease.as_ref().map(|lease| lease.credential.clone());
        leased(Upload::start(protocol, info, credential, options), lease)
    }

    /// The credential at hand. From now on the host knows which one is signed with.
    pub(crate) fn credential_at_hand(&self) -> Option<Lease<P::Credential>> {
        let at_hand = self.credentials.at_hand(self.clock);
        let (lease, generation) = at_hand.map_or((None, 0), |(lease, generation)| (Some(lease), generation));
        self.generation.store(generation, Ordering::Relaxed);
        lease
    }

    /// Lets commands and renewed credentials reach the driver, as long as what this gives is kept.
    pub(crate) fn connect(self: &Arc<Self>, send: impl Fn(Input<P>) + Clone + Send + Sync + 'static) -> Connected<P> {
        let (commands, host) = (send.clone(), Arc::downgrade(self));
        self.watch.open(move |command| {
            host.upgrade().iter().for_each(|host| host.commanded(command));
            commands(Input::Command(command));
        });
        let generation = Arc::clone(&self.generation);
        let renew: Arc<Renew<P::Credential>> = Arc::new(move |lease, of| {
            generation.store(of, Ordering::Relaxed);
            send(Input::Renewed(lease));
        });
        self.credentials.tell(&renew);
        // What was renewed between the beginning and now.
        let signed_with = self.generation.load(Ordering::Relaxed);
        if let Some((lease, generation)) = self.credentials.at_hand(self.clock)
            && signed_with > 0
            && generation > signed_with
        {
            renew(lease, generation);
        }
        Connected(renew)
    }

    /// Another credential than the one in use.
    pub(crate) fn asking<'a>(
        &self,
        reason: AuthReason,
        refused: Option<&'a P::Credential>,
    ) -> Asking<'a, P::Credential> {
        Asking::new(reason, refused, self.generation.load(Ordering::Relaxed), self.clock)
    }

    /// This came of asking. Uploads that were held back go on.
    pub(crate) fn answered(
        &self,
        given: Result<(Lease<P::Credential>, u64), BoxError>,
    ) -> Result<Lease<P::Credential>, AuthError> {
        if let Ok((_, generation)) = &given {
            self.generation.store(*generation, Ordering::Relaxed);
        }
        self.let_go();
        given.map(|(lease, _)| lease).map_err(|error| AuthError(Cause(error)))
    }

    fn holding(&self) -> MutexGuard<'_, Holding> {
        self.holding.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Uploads that are held back go on, once no lock is held.
    fn let_go(&self) {
        let hold = self.holding().hold.take();
        drop(hold);
    }

    fn hold_back(&self) {
        let mut holding = self.holding();
        if !holding.paused {
            let before = holding.hold.replace(self.credentials.barrier().close());
            drop(holding);
            drop(before);
        }
    }

    /// A command is on its way to the upload.
    pub(crate) fn commanded(&self, command: Command) {
        let paused = matches!(command, Command::Pause);
        if paused || matches!(command, Command::Unpause) {
            self.holding().paused = paused;
            self.let_go();
        }
    }

    /// Where a call of this lane waits for its slot, whoever puts it there.
    fn line(&self, lane: Lane) -> impl FnOnce(Grant) + Send + use<P> {
        let request = Request { paced: P::PACED.contains(&lane), small: self.small };
        let (limits, credentials) = (self.limits.clone(), self.credentials.clone());
        move |grant| {
            let grant = if request.paced { counted(credentials.clone(), grant) } else { grant };
            limits.ask(request, credentials.barrier(), grant);
        }
    }

    /// Tells the program.
    pub(crate) fn show(&self, event: &Event) {
        self.on_event.iter().for_each(|told| told(event));
    }

    /// The upload has ended: nobody waits for it.
    pub(crate) fn end(&self) {
        self.let_go();
    }

    /// Nothing is kept of the upload any more.
    pub(crate) fn forget(&self) -> Result<(), BoxError> {
        of_store(|| {
            self.origin.remove()?;
            Ok(self.guard.remove()?)
        })
    }
}

/// The credentials hear of each call that leaves.
fn counted<C: Clone + PartialEq + Send + Sync + 'static>(credentials: Credentials<C>, grant: Grant) -> Grant {
    Grant::new(move |answer| match answer {
        Ok(slot) => {
            credentials.used();
            grant.give(slot);
        }
        Err(wait) => grant.later(wait),
    })
}

impl<P: Protocol> Host<P> for UploadHost<P> {
    fn save(&self, checkpoint: &Checkpoint<P>) -> Result<(), StoreError> {
        // Nothing is sent before it is known whose upload this is, so nothing is lost.
        if !self.origin.settle(checkpoint.source())? {
            return Ok(());
        }
        let bytes = record(&self.label, checkpoint)?;
        of_store(|| Ok(self.guard.save(&bytes)?)).map_err(|error| StoreError(Cause(error)))
    }

    fn credential(
        &self,
        reason: AuthReason,
        refused: Option<&P::Credential>,
        cancel: &CancelFlag,
    ) -> Result<Lease<P::Credential>, AuthError> {
        let mut asking = self.asking(reason, refused);
        let given = match block_on(cancel, |context| self.credentials.poll_other(&mut asking, context)) {
            None => Err("nobody waits for it any more".into()),
            Some(Other::Given(lease, generation)) => Ok((lease, generation)),
            Some(Other::Failed(error)) => Err(error),
            Some(Other::YourTurn) => self.credentials.turn().refresh(refused, cancel, self.clock),
        };
        self.answered(given)
    }

    fn slot(&self, lane: Lane, grant: Grant) {
        self.line(lane)(grant);
    }

    fn inquire(&self, inquiry: Inquiry<P>) {
        let leave = Box::new(self.line(inquiry.lane()));
        self.credentials.questions().inquire(inquiry, leave);
    }

    fn share(&self, question: &str, known: &Known<P::Reply>, serves: Serves) {
        self.credentials.questions::<P>().share(question, known, serves);
    }

    fn tell(&self, event: &resumable_core::Event) {
        match event {
            resumable_core::Event::Reauthorizing { .. } => self.hold_back(),
            resumable_core::Event::Reauthorized => self.let_go(),
            _ => {}
        }
        self.watch.note(event);
        if !self.on_event.is_empty() {
            self.show(&Event::Machine(event.clone()));
        }
    }
}

/// The machine begins with a plain credential; when it expires is told besides.
pub(crate) fn leased<P: Protocol>(mut upload: Upload<P>, lease: Option<Lease<P::Credential>>) -> Upload<P> {
    if let Some(lease) = lease.filter(|lease| lease.expires.is_some()) {
        upload.handle(lease);
    }
    upload
}

#[cfg(all(test, feature = "oss"))]
mod tests;
