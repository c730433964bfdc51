//! An upload without trouble, outside of the simulated world: its machine, and somebody who carries its requests.

use std::fmt::Debug;
use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, header};
use resumable_core::{
    Action, Answer, AuthError, Body, Cause, Digest, HashJob, HashKind, HashPass, Hasher, Input, Now, Observed, Options,
    Output, Protocol, Segment, Slot, SourceInfo, Upload,
};

/// More polls than such an upload needs.
const POLLS: usize = 10_000;

/// What is uploaded, when, and what was saved of it.
pub(crate) struct Drive<'a> {
    content: &'a [u8],
    now: Now,
    /// Every checkpoint, as it was saved.
    pub(crate) saved: Vec<Vec<u8>>,
}

impl<'a> Drive<'a> {
    /// An upload that begins so long after 1970.
    pub(crate) fn new(content: &'a [u8], unix: Duration) -> Self {
        Self { content, now: Now { mono: Duration::ZERO, unix }, saved: Vec::new() }
    }

    /// How the content looks.
    pub(crate) fn source(&self) -> SourceInfo {
        let sample = SourceInfo::sample_of(self.content, self.content);
        SourceInfo { version: Some("1".to_owned()), ..SourceInfo::new(self.content.len() as u64, sample) }
    }

    /// Runs it to its end; `carry` is given each request as it is on the wire, and the time.
    pub(crate) fn run<P: Protocol<Fault: Debug>>(
        &mut self,
        protocol: P,
        credential: P::Credential,
        mut carry: impl FnMut(Request<Bytes>, Duration) -> Result<http::Response<Bytes>, String>,
    ) -> Result<P::Outcome, String> {
        let mut upload = Upload::start(protocol, self.source(), Some(credential), Options::new(1));
        for _ in 0..POLLS {
            match upload.poll(self.now) {
                Output::Do(Action::Send { ticket, request, .. }) => {
                    let observed = self.observe(request.body());
                    let response = carry(self.assembled(request), self.now.unix)?;
                    upload.handle(Input::Response(ticket, Ok(Answer { response, observed })));
                }
                Output::Do(Action::Save { ticket, checkpoint }) => {
                    self.saved.push(checkpoint.to_bytes());
                    upload.handle(Input::Saved(ticket, Ok(())));
                }
                Output::Do(Action::Check { ticket }) => upload.handle(Input::Source(ticket, Ok(self.source()))),
                Output::Do(Action::Hash { ticket, jobs }) => {
                    upload.handle(Input::Digests(ticket, Ok(self.digests(&jobs))));
                }
                Output::Do(Action::Authorize { ticket, .. }) => {
                    upload.handle(Input::Credential(ticket, Err(AuthError(Cause::text("there is one alone")))));
                }
                Output::Do(Action::Acquire { ticket, .. }) => upload.handle(Input::Slot(ticket, Ok(Slot::free()))),
                Output::Do(Action::Cancel(_)) | Output::Tell(_) | Output::Share { .. } => {}
                Output::Wait { until, .. } => {
                    let step = until.map_or(Duration::ZERO, |until| until.saturating_sub(self.now.mono));
                    (self.now.mono, self.now.unix) = (self.now.mono + step, self.now.unix + step);
                }
                Output::Finished(result) => return result.map_err(|failure| format!("{failure:?}")),
            }
        }
        Err("it does not end".to_owned())
    }

    fn slice(&self, range: &Range<u64>) -> &'a [u8] {
        let index = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
        &self.content[index(range.start)..index(range.end)]
    }

    fn digests(&self, jobs: &[HashJob]) -> Vec<Digest> {
        let mut pass = HashPass::new(jobs).expect("jobs that can be");
        while let Some(range) = pass.wants(u64::MAX) {
            pass.feed(self.slice(&range)).expect("what it wants");
        }
        pass.finish().expect("all that it wants")
    }

    fn observe(&self, body: &Body) -> Observed {
        let digest = |kind: &HashKind| {
            let mut hasher = Hasher::new(*kind).expect("a kind that can be observed");
            for segment in body.segments() {
                if let Segment::Source(range) = segment {
                    hasher.update(self.slice(range));
                }
            }
            (*kind, hasher.finish())
        };
        Observed::all(body.observe().iter().map(digest).collect())
    }

    fn assembled(&self, request: Request<Body>) -> Request<Bytes> {
        let (mut head, body) = request.into_parts();
        head.headers.insert(header::CONTENT_LENGTH, body.len().into());
        if let Some(host) = head.uri.authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok()) {
            head.headers.entry(header::HOST).or_insert(host);
        }
        let bytes = body.segments().iter().flat_map(|segment| match segment {
            Segment::Bytes(bytes) => bytes.to_vec(),
            Segment::Source(range) => self.slice(range).to_vec(),
        });
        Request::from_parts(head, bytes.collect::<Vec<u8>>().into())
    }
}
