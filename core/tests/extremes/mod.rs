//! What no constructor may take, and uploads by the most extreme options that are taken. The tests of each vendor have this
//! module, too.

#![allow(dead_code, reason = "each test file uses its own part of it")]

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use resumable_core::{
    Action, Answer, Backoff, Body, Cause, Digest, HashJob, HashKind, Input, Now, Observed, Options, Output, Protocol,
    SendError, Slot, SourceInfo, Upload,
};

/// Stands in each text that may be a secret.
pub(crate) const CANARY: &str = "hunter2canary";

/// Texts that are no word.
pub(crate) const NO_WORDS: [&str; 6] = ["", " ", "\n", "hunter2canary\nx", "hunter2canary\0", "hunter2canary x"];

/// Texts that are no endpoint of any vendor.
pub(crate) const NO_ENDPOINTS: [&str; 24] = [
    "",
    " ",
    "\n",
    "https://",
    "https:///",
    "//h",
    "ftp://h",
    "http://h:",
    "http://h:0",
    "http://h:65536",
    "http://h:port",
    "http://h.",
    "http://h.:80",
    "http://h/path",
    "http://h?query",
    "http://h/?query",
    "http://h#fragment",
    "http://h\\x",
    "http://h h",
    "http://h\nx",
    "http://h\0",
    "http://[::1",
    "http://hunter2canary@h",
    "http://user:hunter2canary@h",
];

/// A name that no host has, for it is too long.
pub(crate) fn long_endpoint() -> String {
    format!("http://{}", "h".repeat(254))
}

/// An error, which names the argument and repeats no secret.
pub(crate) fn refused<T, E: Error>(argument: &str, given: &str, made: Result<T, E>) {
    let Err(error) = made else { panic!("{given:?} was taken as {argument}") };
    let said = error.to_string();
    assert!(said.contains(argument), "{given:?}: {argument} is not named: {said}");
    assert!(!format!("{said} {error:?}").contains(CANARY), "{given:?} is repeated: {said}");
}

/// How many outputs of an upload are looked at.
const OUTPUTS: usize = 50;

/// Polls uploads of a file of five bytes, and of the longest that there can be: nothing panics. The vendor answers as
/// given, but for every third answer, which gets lost. Gives how many requests had bytes of the five.
pub(crate) fn outputs<P>(
    protocol: impl Fn() -> P,
    credential: &P::Credential,
    answer: impl Fn(&Request<Body>) -> Response<Bytes>,
) -> usize
where
    P: Protocol,
    P::Credential: Clone,
{
    let mut sent = 0;
    for how in [Options::new(1), least(), most()] {
        for silent in [false, true] {
            for len in [5, u64::MAX] {
                let info = SourceInfo::new(len, [1; 32]);
                let upload = Upload::start(protocol(), info, Some(credential.clone()), how.clone());
                let with_bytes = drive(upload, credential, silent, &answer);
                sent += if len == 5 { with_bytes } else { 0 };
            }
        }
    }
    sent
}

fn least() -> Options {
    let zero = Duration::ZERO;
    let how = Options::new(0).window(0).patience(zero).first_contact(zero).reply_timeout(zero).attempts(0).restarts(0);
    how.rehashes(0).answers(0).backoff(Backoff { first: zero, longest: zero }).grace(zero).save_every(zero)
}

fn most() -> Options {
    let (long, many) = (Duration::MAX, u32::MAX);
    let how = Options::new(u64::MAX).window(usize::MAX).patience(long).first_contact(long).reply_timeout(long);
    let how = how.attempts(many).restarts(many).rehashes(many).answers(many).grace(long).save_every(long);
    how.backoff(Backoff { first: long, longest: long })
}

fn drive<P>(
    mut upload: Upload<P>,
    credential: &P::Credential,
    silent: bool,
    answer: impl Fn(&Request<Body>) -> Response<Bytes>,
) -> usize
where
    P: Protocol,
    P::Credential: Clone,
{
    let mut now = Now { mono: Duration::ZERO, unix: Duration::from_secs(1_767_225_600) };
    let (mut requests, mut with_bytes) = (0, 0);
    for _ in 0..OUTPUTS {
        let input = match upload.poll(now) {
            Output::Do(Action::Send { ticket, request, .. }) => {
                requests += 1;
                with_bytes += usize::from(request.body().source_len() > 0);
                let lost = || SendError::Unsure(Cause::text("no answer"));
                let answered = !silent || requests % 3 != 0;
                let given = answered.then(|| Answer { response: answer(&request), observed: Observed::none() });
                Input::Response(ticket, given.ok_or_else(lost))
            }
            Output::Do(Action::Hash { ticket, jobs }) => Input::Digests(ticket, Ok(jobs.iter().map(digest).collect())),
            Output::Do(Action::Save { ticket, .. }) => Input::Saved(ticket, Ok(())),
            Output::Do(Action::Check { ticket }) => Input::Source(ticket, Ok(upload.source().clone())),
            Output::Do(Action::Authorize { ticket, .. }) => Input::Credential(ticket, Ok(credential.clone().into())),
            Output::Do(Action::Acquire { ticket, .. }) => Input::Slot(ticket, Ok(Slot::free())),
            Output::Do(Action::Cancel(_)) | Output::Tell(_) | Output::Share { .. } => continue,
            Output::Wait { until, .. } => {
                now.mono = until.expect("everything is answered at once");
                continue;
            }
            Output::Finished(_) => break,
        };
        upload.handle(input);
    }
    with_bytes
}

/// A digest of the right length; nobody reads so long a file.
fn digest(job: &HashJob) -> Digest {
    let len = job.range.end - job.range.start;
    let bytes = match job.kind {
        HashKind::Md5 => 16,
        HashKind::Sha256 => 32,
        HashKind::Crc64 | HashKind::Crc64Nvme => 8,
        HashKind::Crc32c => 4,
        HashKind::Sha1Chain { every } => 20 * usize::try_from(len.div_ceil(every).max(1)).unwrap(),
        _ => 20,
    };
    Digest::new(vec![0; bytes])
}

/// An answer.
pub(crate) fn says(status: u16, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}
