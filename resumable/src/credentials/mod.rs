//! Where an upload's credentials come from.
//!
//! ```text
//! source (fixed, closure, command, 115's tokens) ─► Credentials ─┬─► an upload that starts, or asks
//!                        one refresh at a time                   └─► every other upload that shares them, at once
//! ```
//!
//! While an upload asks in place of a credential that the vendor refused, no upload that shares it gets a slot for its
//! next request (see [`Barrier`]). So at most the requests that are under way are refused, however many uploads there are.

mod answers;
mod barrier;
mod command;
mod waiting;

use std::error::Error;
use std::fmt;
#[cfg(feature = "async")]
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

#[cfg(feature = "async")]
use futures::FutureExt as _;
use resumable_core::{AuthReason, Lease, Protocol};
use resumable_transport::{CancelFlag, Clock};

use self::answers::Answers;
use crate::foreign_code::catch;
#[cfg(feature = "async")]
use crate::foreign_code::panicked;

pub(crate) use self::answers::Questions;
pub(crate) use self::barrier::{Barrier, Hold};
#[cfg(all(
    feature = "profiles",
    any(
        feature = "cos-v1",
        feature = "cos-v2",
        feature = "cos-xml",
        feature = "oss",
        feature = "s3",
        feature = "xfyun"
    )
))]
pub(crate) use self::command::Program;
pub(crate) use self::waiting::block_on;

/// What is told of a panic of a source.
const SOURCE: &str = "the source of credentials";

/// For so long a failure counts for all who ask: a source that cannot give any is not asked once for each upload.
const FAILS_FOR: Duration = Duration::from_secs(1);

/// Any error.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// A credential, and for how long it is good, if that is known.
///
/// ```
/// use std::time::Duration;
/// use resumable::Issued;
///
/// let for_an_hour = Issued::lasting("a token", Duration::from_secs(3600));
/// let for_good: Issued<&str> = "a key".into();
/// # drop((for_an_hour, for_good));
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Issued<C> {
    /// The credential.
    pub credential: C,
    /// For how long from now it is good; `None` if that is not known.
    pub expires_in: Option<Duration>,
}

impl<C> Issued<C> {
    /// A credential that is good for this long from now.
    pub fn lasting(credential: C, expires_in: Duration) -> Self {
        Self { credential, expires_in: Some(expires_in) }
    }

    /// A credential that is good until then, by this machine's clock. Where an answer carries its own date, as those of
    /// STS do, the difference between the two dates is safer: [`lasting`](Self::lasting).
    pub fn until(credential: C, end: SystemTime) -> Self {
        Self::lasting(credential, end.duration_since(SystemTime::now()).unwrap_or_default())
    }
}

impl<C> From<C> for Issued<C> {
    fn from(credential: C) -> Self {
        Self { credential, expires_in: None }
    }
}

// The credential may be a secret.
impl<C> fmt::Debug for Issued<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issued").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}

/// Gives out credentials. A closure is one, by [`Credentials::refreshed`].
pub trait CredentialSource<C>: Send + Sync {
    /// The credential that is at hand, if there is one. Asks nobody, and does not block.
    fn at_hand(&self) -> Option<Issued<C>> {
        None
    }

    /// A credential in place of the one that the vendor refused, or any if none was. May block; called by one thread at a
    /// time. Should end soon after `cancel` is set: then nobody waits for it any more.
    ///
    /// # Errors
    /// When there is none to be had.
    fn issue(&self, refused: Option<&C>, cancel: &CancelFlag) -> Result<Issued<C>, BoxError>;

    /// A call that the vendor counts leaves with the credential that was given last.
    fn used(&self) {}
}

/// The credentials of one account. Clones share them: all uploads that are given a clone sign with the same credential,
/// and it is refreshed once for all of them.
pub struct Credentials<C>(Arc<Shared<C>>);

struct Shared<C> {
    source: Origin<C>,
    state: Mutex<State<C>>,
    barrier: Arc<Barrier>,
    answers: Answers,
}

/// What is asked for credentials.
enum Origin<C> {
    Source(Box<dyn CredentialSource<C>>),
    #[cfg(feature = "async")]
    Future(Ask<C>),
}

impl<C> Origin<C> {
    #[cfg_attr(not(feature = "async"), expect(clippy::unnecessary_wraps, reason = "a future is none"))]
    fn blocking(&self) -> Option<&dyn CredentialSource<C>> {
        match self {
            Self::Source(source) => Some(&**source),
            #[cfg(feature = "async")]
            Self::Future(_) => None,
        }
    }
}

/// Begins to ask.
#[cfg(feature = "async")]
type Ask<C> = Box<dyn Fn() -> futures::future::BoxFuture<'static, Result<Issued<C>, BoxError>> + Send + Sync>;

struct State<C> {
    current: Option<Held<C>>,
    /// Counts credentials, from 1.
    generation: u64,
    refreshing: bool,
    /// Counts times that the source was asked, and how the last one failed, if it did.
    asked: u64,
    failed: Option<Failed>,
    waiting: Vec<Waker>,
    uploads: Vec<Weak<Renew<C>>>,
}

/// How the source failed, and when on the clock that counts from the start of the process.
#[derive(Clone)]
struct Failed {
    why: Arc<dyn Error + Send + Sync>,
    at: Duration,
}

/// A credential, and until when on the clock that counts from the start of the process.
struct Held<C> {
    credential: C,
    expires: Option<Duration>,
}

/// Tells an upload of another credential, and which generation it is.
pub(crate) type Renew<C> = dyn Fn(Lease<C>, u64) + Send + Sync;

impl<C> Clone for Credentials<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<C> fmt::Debug for Credentials<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}

impl<C: Clone + PartialEq + Send + Sync + 'static> From<C> for Credentials<C> {
    fn from(credential: C) -> Self {
        Self::fixed(credential)
    }
}

impl<C: Clone + PartialEq + Send + Sync + 'static> Credentials<C> {
    /// Always this one. If the vendor refuses it, the upload ends with the vendor's own words.
    pub fn fixed(credential: C) -> Self {
        Self::from_source(Fixed(credential))
    }

    /// From a closure that gets another credential each time it is called: first when an upload starts, then ahead of the
    /// end that it names ([`Issued::lasting`]), or when the vendor refuses the last one. It may block. Uploads that share
    /// the credentials share each call.
    ///
    /// ```
    /// use std::time::Duration;
    /// use resumable::{Credentials, Issued};
    ///
    /// let credentials: Credentials<String> = Credentials::refreshed(|| -> std::io::Result<_> {
    ///     let token = String::from("asked of your own server");
    ///     Ok(Issued::lasting(token, Duration::from_secs(900)))
    /// });
    /// # drop(credentials);
    /// ```
    pub fn refreshed<I, E>(refresh: impl Fn() -> Result<I, E> + Send + Sync + 'static) -> Self
    where
        I: Into<Issued<C>>,
        E: Into<BoxError>,
    {
        Self::from_source(Refreshed(move || refresh().map(Into::into).map_err(Into::into)))
    }

    /// From a source of one's own.
    pub fn from_source(source: impl CredentialSource<C> + 'static) -> Self {
        Self::of(Origin::Source(Box::new(source)))
    }

    /// From a closure that gives a future, else like [`refreshed`](Self::refreshed). The future is polled by the upload that
    /// asks; if that upload is dropped, another one asks anew. Only the async client can use them.
    #[cfg(feature = "async")]
    pub fn refreshed_async<F, I, E>(refresh: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<I, E>> + Send + 'static,
        I: Into<Issued<C>>,
        E: Into<BoxError>,
    {
        Self::of(Origin::Future(Box::new(move || {
            let asked = refresh();
            Box::pin(async move { asked.await.map(Into::into).map_err(Into::into) })
        })))
    }

    fn of(source: Origin<C>) -> Self {
        Self(Arc::new(Shared {
            source,
            state: Mutex::new(State::new()),
            barrier: Arc::default(),
            answers: Answers::default(),
        }))
    }

    /// Hands in another credential that nobody asked for. Every upload that shares these credentials signs its next
    /// request with it.
    pub fn renew(&self, issued: impl Into<Issued<C>>) {
        self.put_in(issued.into(), Clock::start());
    }

    fn state(&self) -> MutexGuard<'_, State<C>> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn barrier(&self) -> &Arc<Barrier> {
        &self.0.barrier
    }

    /// What uploads to this account were answered.
    pub(crate) fn questions<P: Protocol>(&self) -> Arc<Questions<P>> {
        self.0.answers.of()
    }

    pub(crate) fn used(&self) {
        let Some(source) = self.0.source.blocking() else { return };
        // A count is not worth an upload, least of all another one's that gives its slot back here.
        let _ = catch(SOURCE, || {
            source.used();
            Ok(())
        });
    }

    /// The credential that is at hand, and its generation. One that has expired is not.
    pub(crate) fn at_hand(&self, clock: Clock) -> Option<(Lease<C>, u64)> {
        let mut state = self.state();
        if state.current.is_none()
            && let Some(source) = self.0.source.blocking()
            && let Ok(Some(issued)) = catch(SOURCE, || Ok(source.at_hand()))
        {
            state.take_in(issued, clock);
        }
        state.lease(clock)
    }

    /// From now on this upload hears of each new credential, until it drops what it gave.
    pub(crate) fn tell(&self, upload: &Arc<Renew<C>>) {
        let mut state = self.state();
        state.uploads.retain(|told| told.strong_count() > 0);
        state.uploads.push(Arc::downgrade(upload));
    }

    /// Another credential than `asking` has. While somebody else asks the source, the waker is called when that is over,
    /// or a credential was handed in. An upload that waited for that shares its failure, too.
    pub(crate) fn poll_other(&self, asking: &mut Asking<'_, C>, context: &mut Context<'_>) -> Poll<Other<C>> {
        let mut state = self.state();
        if asking.is_served_by(&state)
            && let Some((lease, generation)) = state.lease(asking.clock)
        {
            return Poll::Ready(Other::Given(lease, generation));
        }
        if state.refreshing {
            asking.waited_for = Some(state.asked);
            state.waiting.push(context.waker().clone());
            return Poll::Pending;
        }
        let shared = |failed: &Failed| {
            asking.waited_for == Some(state.asked) || asking.clock.now().mono.saturating_sub(failed.at) < FAILS_FOR
        };
        if let Some(failed) = state.failed.clone().filter(shared) {
            return Poll::Ready(Other::Failed(Box::new(SharedFailure(failed.why))));
        }
        state.refreshing = true;
        state.asked += 1;
        state.failed = None;
        Poll::Ready(Other::YourTurn)
    }

    /// The turn that [`poll_other`](Self::poll_other) gave.
    pub(crate) fn turn(&self) -> Turn<C> {
        Turn(self.clone())
    }

    /// Asks, if it is a future that gives these credentials; it is this caller's turn.
    #[cfg(feature = "async")]
    pub(crate) fn ask_as_future(
        &self,
        clock: Clock,
    ) -> Option<impl Future<Output = Result<(Lease<C>, u64), BoxError>> + Send + use<C>> {
        let Origin::Future(ask) = &self.0.source else { return None };
        let (turn, asked) = (self.turn(), catch(SOURCE, || Ok(ask())));
        Some(async move {
            let issued = match asked {
                Ok(asked) => {
                    AssertUnwindSafe(asked).catch_unwind().await.unwrap_or_else(|panic| Err(panicked(SOURCE, &*panic)))
                }
                Err(error) => Err(error),
            };
            turn.settle(issued, clock)
        })
    }

    fn put_in(&self, issued: Issued<C>, clock: Clock) -> (Lease<C>, u64) {
        // No upload gets a slot before all have heard: one that has not would sign with the old credential.
        let _all_hear = self.0.barrier.close();
        let (lease, generation, uploads, waiting) = {
            let mut state = self.state();
            let (lease, generation) = state.take_in(issued, clock);
            let uploads: Vec<_> = state.uploads.iter().filter_map(Weak::upgrade).collect();
            (lease, generation, uploads, std::mem::take(&mut state.waiting))
        };
        uploads.iter().for_each(|told| told(lease.clone(), generation));
        waiting.into_iter().for_each(Waker::wake);
        (lease, generation)
    }
}

/// What somebody asks for.
pub(crate) struct Asking<'a, C> {
    reason: AuthReason,
    refused: Option<&'a C>,
    /// The generation of the credential that is to be replaced.
    known: u64,
    /// What tells whether a credential has expired.
    clock: Clock,
    waited_for: Option<u64>,
}

impl<'a, C: PartialEq> Asking<'a, C> {
    pub(crate) fn new(reason: AuthReason, refused: Option<&'a C>, known: u64, clock: Clock) -> Self {
        Self { reason, refused, known, clock, waited_for: None }
    }

    fn is_served_by(&self, state: &State<C>) -> bool {
        match self.reason {
            AuthReason::Refused => state.current.as_ref().is_some_and(|held| Some(&held.credential) != self.refused),
            AuthReason::Expiring => state.generation > self.known,
            AuthReason::Missing => state.current.is_some(),
        }
    }
}

/// What came of asking.
pub(crate) enum Other<C> {
    /// Another credential, and its generation.
    Given(Lease<C>, u64),
    /// Nobody asks the source just now: do so, with [`Turn::refresh`].
    YourTurn,
    /// Somebody asked, and this came of it.
    Failed(BoxError),
}

/// A failure that several uploads end with.
struct SharedFailure(Arc<dyn Error + Send + Sync>);

impl fmt::Debug for SharedFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for SharedFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Error for SharedFailure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}

impl<C: Clone + PartialEq> State<C> {
    fn new() -> Self {
        Self {
            current: None,
            generation: 0,
            refreshing: false,
            asked: 0,
            failed: None,
            waiting: Vec::new(),
            uploads: Vec::new(),
        }
    }

    fn take_in(&mut self, issued: Issued<C>, clock: Clock) -> (Lease<C>, u64) {
        let expires = issued.expires_in.map(|time| clock.now().mono.saturating_add(time));
        let Issued { credential, .. } = issued;
        self.generation += 1;
        self.current = Some(Held { credential: credential.clone(), expires });
        (Lease { credential, expires }, self.generation)
    }

    /// The newest one, unless it has expired by now.
    fn lease(&self, clock: Clock) -> Option<(Lease<C>, u64)> {
        let Held { credential, expires } = self.current.as_ref()?;
        if expires.is_some_and(|end| end <= clock.now().mono) {
            return None;
        }
        Some((Lease { credential: credential.clone(), expires: *expires }, self.generation))
    }
}

/// The right to ask the source. All that wait are woken when it goes, used or not.
pub(crate) struct Turn<C>(Credentials<C>);

impl<C: Clone + PartialEq + Send + Sync + 'static> Turn<C> {
    /// Asks. Everybody who shares the credentials hears of the answer.
    pub(crate) fn refresh(
        self,
        refused: Option<&C>,
        cancel: &CancelFlag,
        clock: Clock,
    ) -> Result<(Lease<C>, u64), BoxError> {
        let Some(source) = self.0.0.source.blocking() else {
            return Err("these credentials are given by a future: use them with the async client".into());
        };
        match catch(SOURCE, || source.issue(refused, cancel)) {
            // The source gave up because this upload did: the others ask again.
            Err(error) if cancel.is_set() => Err(error),
            issued => self.settle(issued, clock),
        }
    }

    fn settle(self, issued: Result<Issued<C>, BoxError>, clock: Clock) -> Result<(Lease<C>, u64), BoxError> {
        issued.map(|issued| self.0.put_in(issued, clock)).map_err(|error| {
            let why: Arc<dyn Error + Send + Sync> = error.into();
            self.0.state().failed = Some(Failed { why: Arc::clone(&why), at: clock.now().mono });
            BoxError::from(SharedFailure(why))
        })
    }
}

impl<C> Drop for Turn<C> {
    fn drop(&mut self) {
        let waiting = {
            let mut state = self.0.0.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.refreshing = false;
            std::mem::take(&mut state.waiting)
        };
        waiting.into_iter().for_each(Waker::wake);
    }
}

struct Fixed<C>(C);

impl<C: Clone + Send + Sync> CredentialSource<C> for Fixed<C> {
    fn at_hand(&self) -> Option<Issued<C>> {
        Some(self.0.clone().into())
    }

    fn issue(&self, _: Option<&C>, _: &CancelFlag) -> Result<Issued<C>, BoxError> {
        Ok(self.0.clone().into())
    }
}

struct Refreshed<F>(F);

impl<C, F: Fn() -> Result<Issued<C>, BoxError> + Send + Sync> CredentialSource<C> for Refreshed<F> {
    fn issue(&self, _: Option<&C>, _: &CancelFlag) -> Result<Issued<C>, BoxError> {
        (self.0)()
    }
}

#[cfg(test)]
mod tests;
