//! The upload to S3 itself: the [`stage`](crate::stage) and nothing else.
//!
//! | call | after a lost reply |
//! |---|---|
//! | put | the same again; `PreconditionFailed` then leads to head |
//! | create | the same again; an upload without parts, whose name nobody knows, may be left |
//! | list, head | the same again |
//! | part | the same again: it replaces itself |
//! | complete | head: our random name, or our length and sum, mean done; else list: an upload that is there is completed again |
//! | abort | the same again; `NoSuchUpload` then means that nothing is left |

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString as _};

use http::Request;
use resumable_core::{
    Answer, Authority, Body, CallProps, Cx, How, Next, Occurrence, Protocol, Receipt, Rejection, SourceInfo, State,
    Transition,
};
use resumable_proto_multipart::stage::{self, Call, Doubt, Ephemeral, Reply, Stage, StageStep, Stored, Success};
use resumable_proto_multipart::{Checksum, Credential, Etag, Fault, Found, Origin};

use crate::addressing::Addressing;
use crate::argument::InvalidArgument;
use crate::object::{InvalidObject, Object};
use crate::object_key::ObjectKey;
use crate::options::{InvalidOptions, Options};
use crate::presets::Preset;
use crate::wire::S3Wire;

/// Amazon S3, or a service that speaks it.
#[derive(Clone, Debug)]
pub struct S3 {
    object: Object,
    options: Options,
}

/// Uploads to `key` in `bucket`, with default options. `endpoint` is like `https://s3.eu-west-1.amazonaws.com` or
/// `http://127.0.0.1:9000`: which service it is, and which region, is told by its name ([`Options::of`] and
/// [`Object::with_region`] say others). `key` is like `dir/name`.
///
/// # Errors
/// When one of them cannot be used; the error names the argument.
pub fn at(endpoint: &str, bucket: &str, key: &str) -> Result<S3, InvalidArgument> {
    let origin = Origin::new(endpoint).map_err(InvalidObject::from)?;
    let preset = Preset::of_host(origin.host());
    let object = Object::new(endpoint, bucket, ObjectKey::new(key)?, preset.addressing)?;
    Ok(S3::new(object, Options::of(*preset))?)
}

/// Uploads to `key` in `bucket` in a region of Amazon's, like `eu-west-1`, with default options.
///
/// # Errors
/// When one of them cannot be used; the error names the argument.
pub fn in_region(region: &str, bucket: &str, key: &str) -> Result<S3, InvalidArgument> {
    let object = Object::in_region(region, bucket, ObjectKey::new(key)?, Addressing::Auto)?;
    Ok(S3::new(object, Options::default())?)
}

impl S3 {
    /// Uploads to `object`.
    ///
    /// # Errors
    /// When no file could be cut by the options, or the service does not do what they want.
    pub fn new(object: Object, options: Options) -> Result<Self, InvalidOptions> {
        options.check()?;
        Ok(Self { object, options })
    }

    /// The same with these options.
    ///
    /// # Errors
    /// As with [`S3::new`].
    pub fn with_options(self, options: Options) -> Result<Self, InvalidOptions> {
        Self::new(self.object, options)
    }

    /// Where the file goes.
    pub fn object(&self) -> &Object {
        &self.object
    }

    /// By which options.
    pub fn options(&self) -> &Options {
        &self.options
    }

    fn done(&self, session: &Stage, stored: Stored) -> Next<Self> {
        let Stored { how, etag, checksum, .. } = stored;
        let url = self.object.url().to_owned();
        Next::Done(Uploaded { how, url, etag, checksum, orphans: session.orphans() })
    }
}

impl Protocol for S3 {
    const ID: &'static str = "s3/1";
    type Credential = Credential;
    type Session = Stage;
    type Ephemeral = Ephemeral;
    type Call = Call;
    type Reply = Reply;
    type Outcome = Uploaded;
    type Fault = Fault;

    fn target(&self) -> String {
        self.object.url().to_owned()
    }

    fn open(&self, source: &SourceInfo, nonce: u128) -> Stage {
        Stage::new(&self.options.stage(), source.len).named(nonce)
    }

    fn validate(&self, session: &Stage, source: &SourceInfo) -> Result<(), String> {
        session.validate(source.len, &self.options.preset.limits)
    }

    fn authority(&self, _: &Stage) -> Authority {
        Authority::Vendor
    }

    fn next(&self, state: &State<Self>, cx: &Cx<'_, Self>) -> Next<Self> {
        match state.session.next(&state.ephemeral, &cx.env, cx.in_flight) {
            StageStep::Call(call) => Next::Call(call),
            StageStep::Hash(jobs) => Next::Hash(jobs),
            StageStep::Wait(until) => Next::Wait(until),
            StageStep::Stored(stored) => self.done(&state.session, stored),
            StageStep::Left(remains) => Next::Left(remains),
            StageStep::Fail(fault) | StageStep::Unknown(Doubt::CallbackFailed(fault)) => Next::Fail(fault),
            // The stage asks by itself; only one that another owner opened leaves it open.
            StageStep::Unknown(Doubt::LostReply) => Next::Fail(Fault::Lost { found: Found::Unproven }),
        }
    }

    fn name(call: &Call) -> &'static str {
        call.op(&crate::dialect::NAMED).name()
    }

    fn request_id(fault: &Fault) -> Option<&str> {
        fault.request_id()
    }

    fn props(&self, call: &Call) -> CallProps {
        stage::props(call, self.options.dialect())
    }

    fn encode(&self, call: &Call, state: &State<Self>, cx: &Cx<'_, Self>) -> Result<Request<Body>, Fault> {
        let moved = state.ephemeral.region().map(|region| self.object.moved(region));
        let object = moved.as_ref().unwrap_or(&self.object);
        let wire = S3Wire { object, options: &self.options, credential: cx.credential, now: cx.env.now.unix };
        stage::encode(call, &state.session, &state.ephemeral, &wire)
    }

    fn decode(&self, call: &Call, answer: &Answer) -> Result<Reply, Rejection<Fault>> {
        stage::decode(call, self.options.dialect(), Success::Document, answer)
    }

    fn apply(&self, state: &mut State<Self>, what: Occurrence<Call, Reply>, cx: &Cx<'_, Self>) -> Transition<Fault> {
        state.session.apply(&mut state.ephemeral, what, &cx.env)
    }

    fn confirmed(&self, session: &Stage) -> u64 {
        session.confirmed()
    }
}

/// A complete object.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Uploaded {
    /// How it came to be complete.
    pub how: How,
    /// Where it is fetched, by whoever may.
    pub url: String,
    /// Its tag.
    pub etag: Option<Etag>,
    /// Its sum, compared with the file's where both were known.
    pub checksum: Option<Checksum>,
    /// How many uploads without parts may be left that nobody can name.
    pub orphans: u32,
}

impl From<Uploaded> for Receipt {
    fn from(uploaded: Uploaded) -> Self {
        let etag = uploaded.etag.as_ref().map(|etag| ("etag".to_owned(), etag.to_string()));
        let mut receipt = Self::new(uploaded.how);
        receipt.url = Some(uploaded.url);
        receipt.digest = uploaded.checksum.map(Checksum::digest);
        receipt.rows = etag.into_iter().collect();
        receipt.orphans = uploaded.orphans;
        receipt
    }
}
