//! What stands at a path: one [`stat`](crate::stat).

use alloc::string::{String, ToString as _};
use core::time::Duration;

use http::Request;
use resumable_core::{
    Answer, Body, Env, Found, IfExists, Located, Lookup, NoLeftovers, Outline, Rejection, SourceInfo, Told,
};
use resumable_proto_cos::options::next_smaller;
use resumable_proto_cos::{Credential, Signing, lookup, sign};

use crate::Place;
use crate::fault::Fault;
use crate::limits::REPLY_BYTES;
use crate::machine::CosV2;
use crate::op::Op;
use crate::options::Integrity;
use crate::session::Session;
use crate::stat;

/// The question what stands at a path. The digest that it tells is the SHA-1.
#[derive(Clone, Debug)]
pub struct CosV2Lookup {
    place: Place,
    signature_life: Duration,
}

impl Lookup for CosV2Lookup {
    const ID: &'static str = "cos-v2/1";
    type Credential = Credential;
    type Question = ();
    type Finding = Found;
    type Fault = Fault;

    fn target(&self) -> String {
        self.place.uri().to_string()
    }

    fn first(&self) {}

    fn name((): &()) -> &'static str {
        Op::Stat.name()
    }

    fn request_id(fault: &Fault) -> Option<&str> {
        fault.request_id()
    }

    fn reply_bytes(&self, (): &()) -> u64 {
        REPLY_BYTES
    }

    fn encode(&self, (): &(), credential: &Credential, env: &Env<'_>) -> Result<Request<Body>, Fault> {
        let signing = Signing::new(credential, &self.place, env.now.unix, env.nonce);
        let signature = sign::multi_effect(&signing, self.signature_life, &self.place.file_id());
        Ok(stat::encode(&self.place, &signature))
    }

    fn decode(&self, (): &(), answer: &Answer) -> Result<Told<()>, Rejection<Fault>> {
        lookup::decode(&self.place, Op::Stat, &answer.response)
    }
}

impl Located for CosV2 {
    type Lookup = CosV2Lookup;
    type Leftovers = NoLeftovers<Self>;

    fn lookup(&self) -> Option<CosV2Lookup> {
        Some(CosV2Lookup { place: self.place().clone(), signature_life: self.options().signature_life })
    }

    fn outline(&self, source: &SourceInfo) -> Result<Outline, Fault> {
        if source.len > self.options().file_max {
            return Err(Fault::FileTooBig { filesize: source.len });
        }
        let session = Session::new(self.options(), source);
        if source.len <= self.options().one_request_most() {
            return Ok(Outline::new(1, 1, session.hashed()));
        }
        let parts = source.len.div_ceil(self.options().part_size);
        // The slices, the init before them and the finish after them.
        Ok(Outline::new(parts, parts + 2, session.hashed()))
    }

    fn part_size(&self) -> u64 {
        self.options().part_size
    }

    fn with_part_size(&self, bytes: u64) -> Self {
        let options = self.options();
        let size = next_smaller(&options.part_sizes, bytes).unwrap_or(options.part_size);
        self.clone().with_options(options.clone().part_size(size)).unwrap_or_else(|_| self.clone())
    }

    fn compares_content(&self) -> bool {
        self.options().integrity != Integrity::None
    }

    fn if_exists(&self) -> Option<IfExists> {
        Some(if self.options().insert_only { IfExists::Refuse } else { IfExists::Replace })
    }

    fn with_if_exists(&self, policy: IfExists) -> Option<Self> {
        let insert_only = match policy {
            IfExists::Replace => false,
            IfExists::Refuse => true,
            _ => return None,
        };
        self.clone().with_options(self.options().clone().insert_only(insert_only)).ok()
    }

    fn renamed(&self, nth: u32) -> Option<(Self, String)> {
        let (place, path) = lookup::renamed(self.place(), nth)?;
        Some((Self::new(place, self.options().clone()).ok()?, path))
    }

    /// No code of this API says that keys may write and not read.
    fn is_kept_from_asking(_: &Fault) -> bool {
        false
    }

    fn is_taken(fault: &Fault) -> bool {
        matches!(fault, Fault::Exists)
    }
}
