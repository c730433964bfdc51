//! The upload itself: the [stage](resumable_proto_multipart::stage) and nothing else.
//!
//! | call | after a lost reply |
//! |---|---|
//! | put | the same again; `FileAlreadyExists` then leads to head |
//! | initiate | the same again; an upload without parts, whose name nobody knows, may be left |
//! | list, head | the same again |
//! | part | the same again: it replaces itself |
//! | complete | head and the list: complete again if the upload is there; if it is gone, our length and CRC-64 mean done |
//! | abort | the same again; `NoSuchUpload` then means that nothing is left |

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString as _};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use resumable_core::{
    Advice, Answer, Authority, Body, CallProps, Cx, Digest, HashKind, How, Next, Occurrence, Protocol, Receipt,
    Rejection, SourceInfo, State, Transition,
};
use resumable_proto_multipart::stage::{self, Call, Reply, Stage, Stored, Success};
use resumable_proto_multipart::{Etag, Fault, Origin};

use crate::argument::InvalidArgument;
use crate::bucket::Bucket;
use crate::credential::Credential;
use crate::detour::Detour;
use crate::dialect::{CosWire, DIALECT, REQUEST_ID};
use crate::object::{Addressing, Object};
use crate::object_key::ObjectKey;
use crate::options::{InvalidOptions, Options};
use crate::region::Region;
use crate::sign::Signing;

/// Tencent COS by its XML API.
#[derive(Clone, Debug)]
pub struct CosXml {
    object: Object,
    options: Options,
}

/// Uploads to `key` in `bucket`, with default options. `region` is like `ap-guangzhou`, `bucket` like `photos-1250000000`,
/// and `key` like `dir/name`.
///
/// # Errors
/// When one of them cannot be used; the error names it.
pub fn at(region: &str, bucket: &str, key: &str) -> Result<CosXml, InvalidArgument> {
    let object = Object::in_region(&Region::new(region)?, Bucket::new(bucket)?, ObjectKey::new(key)?)?;
    Ok(CosXml::new(object, Options::default())?)
}

/// The same as [`at`] at this endpoint: an address, an internal or accelerated host, or a domain of one's own.
///
/// # Errors
/// When one of the arguments cannot be used; the error names it.
pub fn at_endpoint(endpoint: &str, bucket: &str, key: &str) -> Result<CosXml, InvalidArgument> {
    let (origin, bucket, key) = (Origin::new(endpoint)?, Bucket::new(bucket)?, ObjectKey::new(key)?);
    Ok(CosXml::new(Object::new(origin, bucket, key, Addressing::Auto)?, Options::default())?)
}

impl CosXml {
    /// Uploads to `object`.
    ///
    /// # Errors
    /// When no file could be cut by the options, or the vendor does not take them.
    pub fn new(object: Object, options: Options) -> Result<Self, InvalidOptions> {
        options.check()?;
        if options.backup_domain && !object.has_backup() {
            return Err(InvalidOptions::NoBackup);
        }
        Ok(Self { object, options })
    }

    /// The same with these options.
    ///
    /// # Errors
    /// As with [`CosXml::new`].
    pub fn with_options(self, options: Options) -> Result<Self, InvalidOptions> {
        Self::new(self.object, options)
    }

    /// Where the file goes.
    pub fn object(&self) -> &Object {
        &self.object
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    fn uploaded(&self, session: &Stage, stored: Stored) -> Uploaded {
        let Stored { how, etag, checksum, .. } = stored;
        let (url, crc64) = (self.object.url().to_owned(), checksum.map(|checksum| checksum.value));
        Uploaded { how, url, etag, crc64, orphans: session.orphans() }
    }
}

impl Protocol for CosXml {
    const ID: &'static str = "cos-xml/1";
    type Credential = Credential;
    type Session = Stage;
    type Ephemeral = Ephemeral;
    type Call = Call;
    type Reply = Reply;
    type Outcome = Uploaded;
    type Fault = Fault;

    fn target(&self) -> String {
        self.object.name()
    }

    fn open(&self, source: &SourceInfo, _: u128) -> Stage {
        Stage::new(&self.options.stage(), source.len)
    }

    fn validate(&self, session: &Stage, source: &SourceInfo) -> Result<(), String> {
        session.validate(source.len, &self.options.limits)
    }

    fn authority(&self, _: &Stage) -> Authority {
        Authority::Vendor
    }

    fn next(&self, state: &State<Self>, cx: &Cx<'_, Self>) -> Next<Self> {
        let step = state.session.next(&state.ephemeral.stage, &cx.env, cx.in_flight);
        step.into_next(|stored| self.uploaded(&state.session, stored))
    }

    fn name(call: &Call) -> &'static str {
        call.op(&DIALECT).name()
    }

    fn request_id(fault: &Fault) -> Option<&str> {
        fault.request_id()
    }

    fn props(&self, call: &Call) -> CallProps {
        stage::props(call, &DIALECT)
    }

    fn encode(&self, call: &Call, state: &State<Self>, cx: &Cx<'_, Self>) -> Result<Request<Body>, Fault> {
        let signing = Signing { credential: cx.credential, now: cx.env.now.unix };
        let backup = state.ephemeral.detour.is_taken();
        let wire = CosWire { object: &self.object, options: &self.options, signing, backup };
        stage::encode(call, &state.session, &state.ephemeral.stage, &wire)
    }

    fn decode(&self, call: &Call, answer: &Answer) -> Result<Reply, Rejection<Fault>> {
        stage::decode(call, &DIALECT, Success::Document, answer)
            .map_err(|refused| advised(call, refused, &answer.response))
    }

    fn apply(&self, state: &mut State<Self>, what: Occurrence<Call, Reply>, cx: &Cx<'_, Self>) -> Transition<Fault> {
        state.session.apply(&mut state.ephemeral.stage, what, &cx.env)
    }

    /// To the vendor's other host, after a failure that is not the vendor's word.
    fn reroute(&self, ephemeral: &mut Ephemeral, answer: Option<&Answer>, cx: &Cx<'_, Self>) -> bool {
        if !self.options.backup_domain || answer.is_some_and(|answer| is_vendors(&answer.response)) {
            return false;
        }
        ephemeral.detour.failed(cx.env.now.mono);
        true
    }

    fn confirmed(&self, session: &Stage) -> u64 {
        session.confirmed()
    }
}

/// What is known in this run, and not saved.
#[derive(Clone, Debug, Default)]
pub struct Ephemeral {
    stage: stage::Ephemeral,
    detour: Detour,
}

/// What to do about refusals whose code does not say it.
pub(crate) fn advised(call: &Call, refused: Rejection<Fault>, response: &Response<Bytes>) -> Rejection<Fault> {
    match &refused.fault {
        // A refusal of HEAD has no body. The vendor says 400 where a token has expired, and a head has nothing else in it
        // that could be wrong in this way.
        Fault::Unreadable { status: 400, .. } if *call == Call::Head && is_vendors(response) => {
            Rejection { advice: Advice::Reauthorize, ..refused }
        }
        _ => dated(refused, response),
    }
}

/// The same of calls whose refusals have a body: one may be about the clock.
pub(crate) fn dated(refused: Rejection<Fault>, response: &Response<Bytes>) -> Rejection<Fault> {
    match &refused.fault {
        Fault::Vendor { error, .. } if has_expired(response) => {
            let advice = error.server_time.map_or(Advice::Clock, Advice::ClockAt);
            Rejection { advice, ..refused }
        }
        _ => refused,
    }
}

/// The vendor has three ways to say that a signature is too old: a code, and these words as a message or in place of one.
fn has_expired(response: &Response<Bytes>) -> bool {
    const WORDS: &[u8] = b">Request has expired<";
    response.status() == StatusCode::FORBIDDEN && response.body().windows(WORDS.len()).any(|it| it == WORDS)
}

fn is_vendors(response: &Response<Bytes>) -> bool {
    response.headers().contains_key(REQUEST_ID)
}

/// A complete object.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Uploaded {
    /// How it came to be complete.
    pub how: How,
    /// Where it is fetched, by whoever may.
    pub url: String,
    /// Its tag: the MD5 of an object that came in one request.
    pub etag: Option<Etag>,
    /// Its CRC-64, compared with the file's where both were known.
    pub crc64: Option<u64>,
    /// How many uploads without parts may be left that nobody can name.
    pub orphans: u32,
}

impl From<Uploaded> for Receipt {
    fn from(uploaded: Uploaded) -> Self {
        let mut receipt = Self::new(uploaded.how);
        receipt.url = Some(uploaded.url);
        receipt.digest = uploaded.crc64.map(|crc64| (HashKind::Crc64, Digest::new(crc64.to_be_bytes())));
        receipt.rows = uploaded.etag.iter().map(|etag| ("etag".to_owned(), etag.to_string())).collect();
        receipt.orphans = uploaded.orphans;
        receipt
    }
}
