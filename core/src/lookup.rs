//! What stands at a place: a few calls that change nothing.
//!
//! ```text
//! first ─► encode ─► request ─► answer ─► decode ─┬─ Ask(question) ─► encode …
//!                                                 └─ Told(found, or nothing)
//! ```
//!
//! A vendor says what it asks ([`Lookup`]). [`Asked`] makes a [`Protocol`] of it, so the machine drives it as it drives an
//! upload: retries, budgets, the clock, credentials and slots are the same. [`Digesting`] is the pass over the source that a
//! comparison with the answer may need.

use alloc::string::String;
use alloc::vec::Vec;
use core::convert::Infallible;
use core::fmt::Debug;
use core::marker::PhantomData;
use core::time::Duration;

use http::Request;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::body::Body;
use crate::digest::{Digest, HashJob, HashKind};
use crate::protocol::{
    Answer, Authority, CallProps, Cx, Env, How, Intent, Lane, Limits, Next, Occurrence, Protocol, Receipt, Rejection,
    Remains, State, Transition,
};
use crate::source::SourceInfo;

/// What stands at a place, as far as the vendor tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Found {
    /// Its length in bytes.
    pub len: Option<u64>,
    /// Digests of its whole content, by the vendor.
    pub digests: Vec<(HashKind, Digest)>,
    /// The vendor's identifier for it.
    pub id: Option<String>,
    /// Where it can be fetched.
    pub url: Option<String>,
    /// When it was changed last: time since 1970-01-01 UTC.
    pub modified: Option<Duration>,
    /// The name that it has at the vendor.
    pub name: Option<String>,
    /// It is a folder.
    pub is_folder: bool,
    /// What else the vendor tells: a name, and a text that may be anybody's.
    pub rows: Vec<(String, String)>,
}

impl Found {
    /// The digest of one kind, if the vendor gave it.
    pub fn digest(&self, kind: HashKind) -> Option<&Digest> {
        self.digests.iter().find(|(have, _)| *have == kind).map(|(_, digest)| digest)
    }

    /// The digest to compare a source of `len` bytes with. `None` if the lengths differ or one of them is not known, or the
    /// vendor gave no digest: then it cannot be proven that the content is the same.
    pub fn comparable(&self, len: u64) -> Option<&(HashKind, Digest)> {
        if self.len != Some(len) || self.is_folder {
            return None;
        }
        self.digests.first()
    }
}

impl From<Found> for Receipt {
    /// For a source whose content is proven to be what was found.
    fn from(found: Found) -> Self {
        let mut receipt = Self::new(How::AlreadyThere);
        (receipt.url, receipt.id, receipt.rows) = (found.url, found.id, found.rows);
        receipt.digest = found.digests.into_iter().next();
        receipt
    }
}

/// What an answer to a [`Lookup`] tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told<Q, F = Found> {
    /// There is more to ask.
    Ask(Q),
    /// Nothing stands there.
    Nothing,
    /// This stands there.
    Found(F),
}

/// What an answer to this lookup tells.
pub type ToldOf<L> = Told<<L as Lookup>::Question, <L as Lookup>::Finding>;

/// A vendor's question, most often "what stands at this place?": calls that may be asked twice, one after the other.
pub trait Lookup: Clone + Send + Sync + 'static {
    /// The name of the vendor's protocol.
    const ID: &'static str;
    /// The lanes whose calls the vendor counts for a whole account.
    const PACED: &'static [Lane] = &[];
    /// What signs.
    type Credential: Clone + PartialEq + Debug + Send + Sync + 'static;
    /// One of its calls.
    type Question: Clone + PartialEq + Debug + Serialize + DeserializeOwned + Send + Sync + 'static;
    /// What it finds: [`Found`] at a place.
    type Finding: Clone + PartialEq + Debug + Send + Sync + 'static;
    /// What the vendor refuses.
    type Fault: core::error::Error + Send + Sync + 'static;

    /// Where is looked, without any secret.
    fn target(&self) -> String;

    /// What is asked first.
    fn first(&self) -> Self::Question;

    /// The vendor's own name of a call, for logs.
    fn name(question: &Self::Question) -> &'static str;

    /// The vendor's name of the request that it refused, if it said one.
    fn request_id(fault: &Self::Fault) -> Option<&str> {
        let _ = fault;
        None
    }

    /// The longest reply body that is read, in bytes.
    fn reply_bytes(&self, question: &Self::Question) -> u64;

    /// The request, signed now.
    ///
    /// # Errors
    /// When no valid request can be made of it.
    fn encode(
        &self,
        question: &Self::Question,
        credential: &Self::Credential,
        env: &Env<'_>,
    ) -> Result<Request<Body>, Self::Fault>;

    /// Reads an answer.
    ///
    /// # Errors
    /// For every answer that tells neither of something nor of nothing.
    fn decode(&self, question: &Self::Question, answer: &Answer) -> Result<ToldOf<Self>, Rejection<Self::Fault>>;
}

/// A lookup as a protocol: it ends with what was found.
#[derive(Clone, Debug)]
pub struct Asked<L>(pub L);

impl<L: Lookup> Protocol for Asked<L> {
    const ID: &'static str = L::ID;
    const PACED: &'static [Lane] = L::PACED;
    type Credential = L::Credential;
    type Session = ();
    type Ephemeral = Option<ToldOf<L>>;
    type Call = L::Question;
    type Reply = ToldOf<L>;
    type Outcome = Option<L::Finding>;
    type Fault = L::Fault;

    fn target(&self) -> String {
        self.0.target()
    }

    fn open(&self, _: &SourceInfo, _: u128) {}

    fn validate(&self, (): &(), _: &SourceInfo) -> Result<(), String> {
        Ok(())
    }

    fn authority(&self, (): &()) -> Authority {
        Authority::Vendor
    }

    fn next(&self, state: &State<Self>, cx: &Cx<'_, Self>) -> Next<Self> {
        if !cx.in_flight.is_empty() {
            return Next::Wait(None);
        }
        if cx.env.intent == Intent::Abandon {
            return Next::Left(Remains::Nothing);
        }
        match &state.ephemeral {
            None => Next::Call(self.0.first()),
            Some(Told::Ask(question)) => Next::Call(question.clone()),
            Some(Told::Nothing) => Next::Done(None),
            Some(Told::Found(found)) => Next::Done(Some(found.clone())),
        }
    }

    fn name(call: &L::Question) -> &'static str {
        L::name(call)
    }

    fn request_id(fault: &L::Fault) -> Option<&str> {
        L::request_id(fault)
    }

    fn props(&self, call: &L::Question) -> CallProps {
        let limits = Limits { reply_bytes: self.0.reply_bytes(call), ..Limits::default() };
        CallProps { lane: Lane::Api, carries_source: false, commits: false, digested: false, limits }
    }

    fn encode(&self, call: &L::Question, _: &State<Self>, cx: &Cx<'_, Self>) -> Result<Request<Body>, L::Fault> {
        self.0.encode(call, cx.credential, &cx.env)
    }

    fn decode(&self, call: &L::Question, answer: &Answer) -> Result<Self::Reply, Rejection<L::Fault>> {
        self.0.decode(call, answer)
    }

    fn apply(
        &self,
        state: &mut State<Self>,
        what: Occurrence<L::Question, Self::Reply>,
        _: &Cx<'_, Self>,
    ) -> Transition<L::Fault> {
        // To ask twice does no harm, so a lost reply means nothing.
        if let Occurrence::Replied(_, told) = what {
            state.ephemeral = Some(told);
        }
        Transition::Forward
    }

    fn confirmed(&self, (): &()) -> u64 {
        0
    }
}

/// One pass over the whole source, as a protocol without a call: it ends with the digest. `C` is the credential of the
/// upload that it is for.
pub struct Digesting<C> {
    kind: HashKind,
    credential: PhantomData<fn() -> C>,
}

impl<C> Digesting<C> {
    /// Takes a digest of this kind.
    pub fn new(kind: HashKind) -> Self {
        Self { kind, credential: PhantomData }
    }

    fn job(&self, env: &Env<'_>) -> HashJob {
        HashJob { kind: self.kind, range: 0..env.source.len, keep: false }
    }
}

impl<C> Clone for Digesting<C> {
    fn clone(&self) -> Self {
        Self::new(self.kind)
    }
}

impl<C: Clone + PartialEq + Debug + Send + Sync + 'static> Protocol for Digesting<C> {
    const ID: &'static str = "digest/1";
    type Credential = C;
    type Session = ();
    type Ephemeral = ();
    type Call = ();
    type Reply = ();
    type Outcome = Digest;
    type Fault = Infallible;

    fn target(&self) -> String {
        String::new()
    }

    fn open(&self, _: &SourceInfo, _: u128) {}

    fn validate(&self, (): &(), _: &SourceInfo) -> Result<(), String> {
        Ok(())
    }

    fn authority(&self, (): &()) -> Authority {
        Authority::Vendor
    }

    fn next(&self, _: &State<Self>, cx: &Cx<'_, Self>) -> Next<Self> {
        if cx.env.intent == Intent::Abandon {
            return Next::Left(Remains::Nothing);
        }
        let job = self.job(&cx.env);
        match cx.env.digest(job.kind, &job.range) {
            Some(digest) => Next::Done(digest.clone()),
            None => Next::Hash(vec![job]),
        }
    }

    fn name((): &()) -> &'static str {
        ""
    }

    fn props(&self, (): &()) -> CallProps {
        let limits = Limits::default();
        CallProps { lane: Lane::Api, carries_source: false, commits: false, digested: false, limits }
    }

    fn encode(&self, (): &(), _: &State<Self>, _: &Cx<'_, Self>) -> Result<Request<Body>, Infallible> {
        Ok(Request::new(Body::empty()))
    }

    fn decode(&self, (): &(), _: &Answer) -> Result<(), Rejection<Infallible>> {
        Ok(())
    }

    fn apply(&self, _: &mut State<Self>, _: Occurrence<(), ()>, _: &Cx<'_, Self>) -> Transition<Infallible> {
        Transition::Forward
    }

    fn confirmed(&self, (): &()) -> u64 {
        0
    }
}

/// The lookup of a vendor that cannot be asked: there is none.
pub struct Unasked<P, Q = (), F = Found>(Infallible, PhantomData<fn(P, Q) -> F>);

impl<P, Q, F> Clone for Unasked<P, Q, F> {
    fn clone(&self) -> Self {
        match self.0 {}
    }
}

impl<P, Q, F> Lookup for Unasked<P, Q, F>
where
    P: Protocol,
    Q: Clone + PartialEq + Debug + Serialize + DeserializeOwned + Send + Sync + 'static,
    F: Clone + PartialEq + Debug + Send + Sync + 'static,
{
    const ID: &'static str = P::ID;
    type Credential = P::Credential;
    type Question = Q;
    type Finding = F;
    type Fault = P::Fault;

    fn target(&self) -> String {
        match self.0 {}
    }

    fn first(&self) -> Q {
        match self.0 {}
    }

    fn name(_: &Q) -> &'static str {
        ""
    }

    fn reply_bytes(&self, _: &Q) -> u64 {
        match self.0 {}
    }

    fn encode(&self, _: &Q, _: &P::Credential, _: &Env<'_>) -> Result<Request<Body>, P::Fault> {
        match self.0 {}
    }

    fn decode(&self, _: &Q, _: &Answer) -> Result<Told<Q, F>, Rejection<P::Fault>> {
        match self.0 {}
    }
}
