//! What stands at a key: one `HeadObject`, and another one where the bucket is in another region. And which uploads are open in
//! a bucket.

use alloc::string::{String, ToString as _};

use http::Request;
use resumable_core::excerpt::printable;
use resumable_core::leftovers::Ask;
use resumable_core::{
    Answer, Body, Digest, Env, Found, HashKind, IfExists, Located, Lookup, Outline, Rejection, SourceInfo, Told,
    numbered,
};
use resumable_proto_multipart::error_reply::header;
use resumable_proto_multipart::head_object;
use resumable_proto_multipart::leftovers::{Bucket, Leftovers};
use resumable_proto_multipart::limits::REPLY_BYTES;
use resumable_proto_multipart::stage::{Stage, Tags};
use resumable_proto_multipart::{Class, Credential, Dialect, Etag, Fault, Op, Said, Wire};
use serde::{Deserialize, Serialize};

use crate::dialect::UNNAMED;
use crate::machine::S3;
use crate::object::Object;
use crate::object_key::ObjectKey;
use crate::options::Options;
use crate::wire::S3Wire;

/// The question what stands at a key. What proves content is the sum, where the service tells one of the whole, or the MD5 as
/// the tag of an object that came in one request.
#[derive(Clone, Debug)]
pub struct S3Lookup {
    object: Object,
    options: Options,
}

/// Where it is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asking {
    /// The region, if the vendor named one.
    region: Option<String>,
}

impl Lookup for S3Lookup {
    const ID: &'static str = "s3/1";
    type Credential = Credential;
    type Question = Asking;
    type Finding = Found;
    type Fault = Fault;

    fn target(&self) -> String {
        self.object.url().into()
    }

    fn first(&self) -> Asking {
        Asking { region: None }
    }

    fn name(_: &Asking) -> &'static str {
        Op::HeadObject.name()
    }

    fn request_id(fault: &Fault) -> Option<&str> {
        fault.request_id()
    }

    fn reply_bytes(&self, _: &Asking) -> u64 {
        REPLY_BYTES
    }

    fn encode(&self, asking: &Asking, credential: &Credential, env: &Env<'_>) -> Result<Request<Body>, Fault> {
        let moved = asking.region.as_deref().map(|region| self.object.moved(region));
        let object = moved.as_ref().unwrap_or(&self.object);
        let wire = S3Wire { object, options: &self.options, credential, now: env.now.unix };
        head_object::encode(&Said::bare(Op::HeadObject), &wire)
    }

    fn decode(&self, asking: &Asking, answer: &Answer) -> Result<Told<Asking>, Rejection<Fault>> {
        let (dialect, response) = (self.options.dialect(), &answer.response);
        let told = head_object::told(dialect, self.object.url(), self.object.key().as_str(), response);
        let mut found = match told {
            Ok(Told::Found(found)) => found,
            Err(refused) => return elsewhere(asking, refused),
            other => return other,
        };
        let says = |(name, value): &(&str, &str)| header(response, name).is_some_and(|text| text.starts_with(value));
        if self.options.preset.tags == Tags::Md5 && !dialect.opaque_tags.iter().any(says) {
            let etag = header(response, "etag").and_then(Etag::new);
            found.digests.extend(etag.and_then(|etag| etag.md5()).map(|md5| (HashKind::Md5, Digest::new(md5))));
        }
        Ok(Told::Found(found))
    }
}

/// Once, the question is asked again where the vendor says.
fn elsewhere(asking: &Asking, refused: Rejection<Fault>) -> Result<Told<Asking>, Rejection<Fault>> {
    let is_elsewhere = refused.fault.class() == Some(Class::Region) && asking.region.is_none();
    match refused.fault.error().and_then(|error| error.region.clone()).filter(|_| is_elsewhere) {
        Some(region) => Ok(Told::Ask(Asking { region: Some(region) })),
        None => Err(refused),
    }
}

/// The bucket of an object, and what signs.
#[derive(Clone, Debug)]
pub struct S3Bucket {
    root: Object,
    options: Options,
}

impl Bucket for S3Bucket {
    const ID: &'static str = "s3/1";
    // A list that is none is not understood, whoever sent it.
    const DIALECT: &'static Dialect = &UNNAMED;
    type Credential = Credential;

    fn url(&self) -> String {
        self.root.url().into()
    }

    fn with_wire(
        &self,
        key: Option<&str>,
        credential: &Credential,
        env: &Env<'_>,
        request: impl FnOnce(&dyn Wire) -> Result<Request<Body>, Fault>,
    ) -> Result<Request<Body>, Fault> {
        let unsendable = |key: &str, why: String| Fault::Key { key: printable(key, usize::MAX), why };
        let object = match key {
            None => self.root.clone(),
            Some(key) => {
                let checked = ObjectKey::new(key).map_err(|why| unsendable(key, why.to_string()))?;
                self.root.with_key(checked).map_err(|why| unsendable(key, why.to_string()))?
            }
        };
        request(&S3Wire { object: &object, options: &self.options, credential, now: env.now.unix })
    }
}

impl Located for S3 {
    type Lookup = S3Lookup;
    type Leftovers = Leftovers<S3Bucket>;

    fn leftovers(&self, first: Ask) -> Option<Leftovers<S3Bucket>> {
        let root = self.object().with_key(ObjectKey::none()).ok()?;
        Some(Leftovers::new(S3Bucket { root, options: self.options().clone() }, first))
    }

    fn open_upload(session: &Stage) -> Option<&str> {
        session.upload_id()
    }

    fn lookup(&self) -> Option<S3Lookup> {
        Some(S3Lookup { object: self.object().clone(), options: self.options().clone() })
    }

    fn outline(&self, source: &SourceInfo) -> Result<Outline, Fault> {
        let stage = Stage::new(&self.options().stage(), source.len);
        let parts = stage.parts();
        stage.check()?;
        Ok(Outline::new(parts, if stage.is_one_request() { 1 } else { parts + 2 }, false))
    }

    fn part_size(&self) -> u64 {
        self.options().part_size
    }

    fn with_part_size(&self, bytes: u64) -> Self {
        let limits = &self.options().preset.limits;
        let options = self.options().clone().part_size(bytes.clamp(limits.part_min, limits.part_max));
        self.clone().with_options(options).unwrap_or_else(|_| self.clone())
    }

    fn compares_content(&self) -> bool {
        false
    }

    fn if_exists(&self) -> Option<IfExists> {
        Some(if self.options().forbid_overwrite { IfExists::Refuse } else { IfExists::Replace })
    }

    fn with_if_exists(&self, policy: IfExists) -> Option<Self> {
        let forbid_overwrite = match policy {
            IfExists::Replace => false,
            IfExists::Refuse => true,
            _ => return None,
        };
        self.clone().with_options(self.options().clone().forbid_overwrite(forbid_overwrite)).ok()
    }

    fn renamed(&self, nth: u32) -> Option<(Self, String)> {
        let name = numbered(self.object().key().as_str(), nth);
        let object = self.object().with_key(ObjectKey::new(name.as_str()).ok()?).ok()?;
        Some((Self::new(object, self.options().clone()).ok()?, name))
    }

    /// HEAD has no body, so a refusal is known by its status: keys that may not list are told 403, be there something or
    /// not.
    fn is_kept_from_asking(fault: &Fault) -> bool {
        matches!(fault, Fault::Bare { status: 403, .. } | Fault::Unreadable { status: 403, .. })
            || fault.error().is_some_and(|error| error.code.as_deref() == Some("AccessDenied"))
    }

    fn is_of_keys(fault: &Fault) -> bool {
        matches!(fault, Fault::Bare { status: 403, .. })
    }

    fn is_taken(fault: &Fault) -> bool {
        matches!(fault, Fault::Taken) || fault.class() == Some(Class::FileAlreadyExists)
    }
}
