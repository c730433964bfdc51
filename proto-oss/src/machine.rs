//! The upload to OSS itself: the [`stage`](crate::stage) and nothing else.
//!
//! | call | after a lost reply |
//! |---|---|
//! | put | the same again; `FileAlreadyExists` then leads to head |
//! | initiate | the same again; an upload without parts, whose name nobody knows, may be left |
//! | list, head | the same again |
//! | part | the same again; in sequential mode "there already" is compared with our MD5 |
//! | complete | the same again; `NoSuchUpload` then leads to head: our length and CRC-64 mean done |
//! | abort | the same again; `NoSuchUpload` then means that nothing is left |

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString as _};

use bytes::Bytes;
use http::Request;
use resumable_core::{
    Answer, Authority, Body, CallProps, Cx, Digest, HashKind, How, Next, Occurrence, Protocol, Receipt, Rejection,
    SourceInfo, State, Transition,
};

use crate::argument::InvalidArgument;
use crate::dialect::DIALECT;
use crate::endpoint::Endpoint;
use crate::{Credential, Etag, Fault};

use crate::object::{Addressing, Object};
use crate::object_key::ObjectKey;
use crate::options::{InvalidOptions, Options};
use crate::sign::{Signing, Version};
use crate::stage::{self, Call, Ephemeral, Reply, Stage, Stored, Wire};

/// How much of a callback's reply the outcome keeps, in bytes.
const CALLBACK_KEPT: usize = 64 << 10;

/// Aliyun OSS.
#[derive(Clone, Debug)]
pub struct Oss {
    object: Object,
    options: Options,
}

/// Uploads to `key` in `bucket`, with default options. `endpoint` is like `https://oss-cn-shenzhen.aliyuncs.com`: its
/// name tells the region ([`at_region`] says one). `key` is like `dir/name`.
///
/// # Errors
/// When one of them cannot be used, or the endpoint's name does not tell its region; the error names the argument.
pub fn at(endpoint: &str, bucket: &str, key: &str) -> Result<Oss, InvalidArgument> {
    of(Endpoint::new(endpoint)?, bucket, key)
}

/// The same as [`at`] in this region, like `cn-shenzhen`: for endpoints whose name does not tell it, such as an address or
/// a domain of one's own.
///
/// # Errors
/// When one of the arguments cannot be used; the error names it.
pub fn at_region(endpoint: &str, region: &str, bucket: &str, key: &str) -> Result<Oss, InvalidArgument> {
    of(Endpoint::new(endpoint)?.with_region(region)?, bucket, key)
}

fn of(endpoint: Endpoint, bucket: &str, key: &str) -> Result<Oss, InvalidArgument> {
    let object = Object::new(endpoint, bucket, ObjectKey::new(key)?, Addressing::Auto)?;
    Ok(Oss::new(object, Options::default())?)
}

impl Oss {
    /// Uploads to `object`.
    ///
    /// # Errors
    /// When no file could be cut by the options, or V4 is to be signed and the endpoint's region is not known.
    pub fn new(object: Object, options: Options) -> Result<Self, InvalidOptions> {
        options.stage().check()?;
        if options.signature == Version::V4 && object.endpoint().region().is_none() {
            return Err(InvalidOptions::Region);
        }
        Ok(Self { object, options })
    }

    /// The same with these options.
    ///
    /// # Errors
    /// As with [`Oss::new`].
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
        let Stored { how, etag, checksum, callback, .. } = stored;
        let crc64 = checksum.map(|checksum| checksum.value);
        let called = match (&self.options.callback, callback) {
            (None, _) => Called::No,
            (Some(_), None) => Called::Unknown,
            (Some(_), Some(reply)) => Called::Replied(reply.slice(..reply.len().min(CALLBACK_KEPT))),
        };
        let url = self.object.url().to_owned();
        Uploaded { how, url, etag, crc64, called, orphans: session.orphans() }
    }
}

impl Protocol for Oss {
    const ID: &'static str = "oss/1";
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
        let step = state.session.next(&state.ephemeral, &cx.env, cx.in_flight);
        step.into_next(|stored| self.uploaded(&state.session, stored))
    }

    fn name(call: &Call) -> &'static str {
        call.op(&DIALECT).name()
    }

    fn request_id(fault: &Fault) -> Option<&str> {
        fault.request_id()
    }

    fn props(&self, call: &Call) -> CallProps {
        stage::props(call)
    }

    fn encode(&self, call: &Call, state: &State<Self>, cx: &Cx<'_, Self>) -> Result<Request<Body>, Fault> {
        let signing = Signing { credential: cx.credential, version: self.options.signature, now: cx.env.now.unix };
        let Options { callback, content_type, headers, .. } = &self.options;
        let (callback, content_type) = (callback.as_ref(), content_type.as_ref());
        let wire = Wire { object: &self.object, signing, callback, content_type, headers: Some(headers) };
        stage::encode(call, &state.session, &state.ephemeral, &wire)
    }

    fn decode(&self, call: &Call, answer: &Answer) -> Result<Reply, Rejection<Fault>> {
        stage::decode(call, self.options.callback.is_some(), answer)
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
    /// Its tag: the MD5 of an object that came in one request.
    pub etag: Option<Etag>,
    /// Its CRC-64, compared with the file's where both were known.
    pub crc64: Option<u64>,
    /// What became of the callback.
    pub called: Called,
    /// How many uploads without parts may be left that nobody can name.
    pub orphans: u32,
}

/// What became of the callback.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Called {
    /// None was asked for.
    No,
    /// Its server answered this, cut at 64 KiB.
    Replied(Bytes),
    /// The answer that held it was lost: the object is there, and whether its callback succeeded is not known.
    Unknown,
}

impl From<Uploaded> for Receipt {
    fn from(uploaded: Uploaded) -> Self {
        let etag = uploaded.etag.as_ref().map(|etag| ("etag".to_owned(), etag.to_string()));
        let called = match &uploaded.called {
            Called::No => None,
            Called::Replied(reply) => Some(String::from_utf8_lossy(reply).into_owned()),
            Called::Unknown => Some("its answer was lost".to_owned()),
        };
        let mut receipt = Self::new(uploaded.how);
        receipt.url = Some(uploaded.url);
        receipt.digest = uploaded.crc64.map(|crc64| (HashKind::Crc64, Digest::new(crc64.to_be_bytes())));
        receipt.rows = etag.into_iter().chain(called.map(|called| ("callback".to_owned(), called))).collect();
        receipt.orphans = uploaded.orphans;
        receipt
    }
}
