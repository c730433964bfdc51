//! The uploads in parts that are open in a bucket, whoever began them.

use alloc::string::String;
use core::fmt::Debug;

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::leftovers::{Answered, Ask};
use resumable_core::{Advice, Answer, Body, Env, Leftover, Lookup, Rejection, Told};

use crate::abort_multipart_upload;
use crate::codes::Class;
use crate::dialect::Dialect;
use crate::fault::Fault;
use crate::limits::{PAGE_MAX, REPLY_BYTES};
use crate::list_multipart_uploads::{self, Marker};
use crate::list_parts::{self, ListParts};
use crate::op::Op;
use crate::wire::Wire;

/// A bucket at one vendor.
pub trait Bucket: Clone + Send + Sync + 'static {
    /// The name of the vendor's protocol.
    const ID: &'static str;
    /// How the vendor speaks.
    const DIALECT: &'static Dialect;
    /// What signs.
    type Credential: Clone + PartialEq + Debug + Send + Sync + 'static;

    /// Where it is, without any secret.
    fn url(&self) -> String;

    /// Makes a request to it, or to an object in it.
    ///
    /// # Errors
    /// When no object can have this key here, and what `request` gives.
    fn with_wire(
        &self,
        key: Option<&str>,
        credential: &Self::Credential,
        env: &Env<'_>,
        request: impl FnOnce(&dyn Wire) -> Result<Request<Body>, Fault>,
    ) -> Result<Request<Body>, Fault>;

    /// What to do about a refusal whose code does not say it: what the code says, unless the vendor knows better.
    fn advised(refused: Rejection<Fault>, _: &Response<Bytes>) -> Rejection<Fault> {
        refused
    }
}

/// The questions about the uploads that are open in a bucket, beginning with one of them.
#[derive(Clone, Debug)]
pub struct Leftovers<B> {
    bucket: B,
    first: Ask,
}

impl<B> Leftovers<B> {
    /// Asks this first.
    pub fn new(bucket: B, first: Ask) -> Self {
        Self { bucket, first }
    }
}

fn op(question: &Ask) -> Op {
    match question {
        Ask::Page { .. } => Op::ListMultipartUploads,
        Ask::Size { .. } => Op::ListParts,
        Ask::Remove(_) => Op::AbortMultipartUpload,
    }
}

fn marker(after: Option<&(String, String)>) -> Marker {
    after.cloned().map(|(key, upload_id)| Marker { key, upload_id }).unwrap_or_default()
}

impl<B: Bucket> Lookup for Leftovers<B> {
    const ID: &'static str = B::ID;
    type Credential = B::Credential;
    type Question = Ask;
    type Finding = Answered;
    type Fault = Fault;

    fn target(&self) -> String {
        self.bucket.url()
    }

    fn first(&self) -> Ask {
        self.first.clone()
    }

    fn name(question: &Ask) -> &'static str {
        op(question).name()
    }

    fn request_id(fault: &Fault) -> Option<&str> {
        fault.request_id()
    }

    fn reply_bytes(&self, _: &Ask) -> u64 {
        REPLY_BYTES
    }

    fn encode(&self, question: &Ask, credential: &B::Credential, env: &Env<'_>) -> Result<Request<Body>, Fault> {
        match question {
            Ask::Page { prefix, after } => {
                let after = marker(after.as_ref());
                let page = |wire: &dyn Wire| list_multipart_uploads::encode(prefix, &after, PAGE_MAX, wire);
                self.bucket.with_wire(None, credential, env, page)
            }
            Ask::Size { of, after } => {
                let message = ListParts { upload_id: &of.id, max_parts: PAGE_MAX, part_number_marker: after.0 };
                self.bucket.with_wire(Some(&of.key), credential, env, |wire| list_parts::encode(&message, wire))
            }
            Ask::Remove(of) => {
                let abort = |wire: &dyn Wire| abort_multipart_upload::encode(&of.id, wire);
                self.bucket.with_wire(Some(&of.key), credential, env, abort)
            }
        }
    }

    fn decode(&self, question: &Ask, answer: &Answer) -> Result<Told<Ask, Answered>, Rejection<Fault>> {
        let response = &answer.response;
        let told = match question {
            Ask::Page { prefix, after } => {
                let page = list_multipart_uploads::decode(B::DIALECT, &marker(after.as_ref()), response);
                let page = page.map_err(|refused| B::advised(refused, response))?;
                let next =
                    page.next.map(|next| Ask::Page { prefix: prefix.clone(), after: Some((next.key, next.upload_id)) });
                let listed = page.uploads.into_iter().filter(|open| open.key.starts_with(prefix.as_str()));
                let listed = listed.map(|open| Leftover { key: open.key, id: open.upload_id, begun: open.initiated });
                Ok(Told::Found(Answered::Page(listed.collect(), next)))
            }
            Ask::Size { of, after: (marker, bytes) } => {
                let page = list_parts::decode(B::DIALECT, *marker, response);
                page.map(|page| {
                    let new = page.parts.iter().filter(|part| part.part_number > *marker);
                    let bytes = new.fold(*bytes, |bytes, part| bytes.saturating_add(part.size));
                    match page.next {
                        Some(next) => Told::Ask(Ask::Size { of: of.clone(), after: (next, bytes) }),
                        None => Told::Found(Answered::Size(bytes)),
                    }
                })
            }
            Ask::Remove(_) => {
                abort_multipart_upload::decode(B::DIALECT, response).map(|_| Told::Found(Answered::Removed))
            }
        };
        told.map_err(|refused| B::advised(refused, response)).or_else(gone)
    }
}

/// An upload that has gone meanwhile is nothing.
fn gone(refused: Rejection<Fault>) -> Result<Told<Ask, Answered>, Rejection<Fault>> {
    match refused.fault.class() {
        Some(Class::NoSuchUpload) => Ok(Told::Nothing),
        // Nobody looks at a session here that could be begun anew.
        _ if refused.advice == Advice::Restart => Err(Rejection { advice: Advice::Fatal, ..refused }),
        _ => Err(refused),
    }
}
