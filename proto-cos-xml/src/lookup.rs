//! What stands at a key: one `Head Object`.

use alloc::string::String;

use http::Request;
use resumable_core::leftovers::Ask;
use resumable_core::{
    Answer, Body, Env, Found, IfExists, Located, Lookup, Outline, Rejection, SourceInfo, Told, numbered,
};
use resumable_proto_multipart::leftovers::Leftovers;
use resumable_proto_multipart::limits::REPLY_BYTES;
use resumable_proto_multipart::stage::Stage;
use resumable_proto_multipart::{Class, Fault, Op, Said, head_object};

use crate::credential::Credential;
use crate::dialect::{CosWire, DIALECT};
use crate::leftovers::CosXmlBucket;
use crate::machine::CosXml;
use crate::object_key::ObjectKey;
use crate::sign::Signing;

/// The question what stands at a key. The digest that it tells is the CRC-64, which old objects may lack.
#[derive(Clone, Debug)]
pub struct CosXmlLookup(CosXml);

impl Lookup for CosXmlLookup {
    const ID: &'static str = "cos-xml/1";
    type Credential = Credential;
    type Question = ();
    type Finding = Found;
    type Fault = Fault;

    fn target(&self) -> String {
        self.0.object().name()
    }

    fn first(&self) {}

    fn name((): &()) -> &'static str {
        Op::HeadObject.name()
    }

    fn request_id(fault: &Fault) -> Option<&str> {
        fault.request_id()
    }

    fn reply_bytes(&self, (): &()) -> u64 {
        REPLY_BYTES
    }

    fn encode(&self, (): &(), credential: &Credential, env: &Env<'_>) -> Result<Request<Body>, Fault> {
        let signing = Signing { credential, now: env.now.unix };
        let wire = CosWire { object: self.0.object(), options: self.0.options(), signing, backup: false };
        head_object::encode(&Said::bare(Op::HeadObject), &wire)
    }

    fn decode(&self, (): &(), answer: &Answer) -> Result<Told<()>, Rejection<Fault>> {
        let (object, response) = (self.0.object(), &answer.response);
        head_object::told(&DIALECT, object.url(), object.key().as_str(), response)
    }
}

impl Located for CosXml {
    type Lookup = CosXmlLookup;
    type Leftovers = Leftovers<CosXmlBucket>;

    fn leftovers(&self, first: Ask) -> Option<Leftovers<CosXmlBucket>> {
        Some(Leftovers::new(CosXmlBucket(self.clone()), first))
    }

    fn open_upload(session: &Stage) -> Option<&str> {
        session.upload_id()
    }

    fn lookup(&self) -> Option<CosXmlLookup> {
        Some(CosXmlLookup(self.clone()))
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
        let limits = &self.options().limits;
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

    /// A refusal of `HEAD` has no body: the keys may not read, or are not accepted at all, which the upload will tell.
    fn is_kept_from_asking(fault: &Fault) -> bool {
        matches!(fault, Fault::Bare { status: 403, .. } | Fault::Unreadable { status: 403, .. })
    }

    fn is_of_keys(fault: &Fault) -> bool {
        matches!(fault, Fault::Bare { status: 403, .. })
    }

    fn is_taken(fault: &Fault) -> bool {
        matches!(fault, Fault::Taken) || fault.class() == Some(Class::FileAlreadyExists)
    }
}
