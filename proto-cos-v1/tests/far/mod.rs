//! The far side: a small server that plays by the rules of this API, and the loop that drives an upload against it under
//! a virtual clock, with faults and crashes where a test wants them.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use resumable_core::{
    Action, Answer, Body, Checkpoint, Command, Failure, HashKind, HashPass, Hasher, Input, Now, Observed, Output,
    Ranges, Segment, SendError, Sending, Slot, SourceInfo, Ticket, Upload,
};
use resumable_proto_cos_v1::{CosV1, Credential, Fault, ObjectPath, Options, Place, Uploaded};

/// The slice size that the server answers.
pub(crate) const SLICE: u64 = 16;

pub(crate) const URLS: &str =
    r#""access_url":"http://b-1.file.myqcloud.com/f","resource_path":"/f","url":"http://w/f""#;

/// What the offset in an init's answer counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counts {
    /// Up to the first gap.
    FirstGap,
    /// Up to the last byte.
    LastByte,
}

/// What becomes of a file whose last byte arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whole {
    /// It is taken as it is.
    Taken,
    /// It is compared with the SHA-1 of init; what differs is forgotten.
    Compared,
}

/// The server: one path.
pub(crate) struct Server {
    pub(crate) counts: Counts,
    /// Gives the addresses in the answer to the slice that completes the object.
    pub(crate) tells: bool,
    /// Completes the object when the last byte arrives; else never.
    pub(crate) completes: bool,
    /// Takes slices only in their order.
    pub(crate) serial: bool,
    pub(crate) whole: Whole,
    /// What stands at the path.
    pub(crate) object: Option<Vec<u8>>,
    pub(crate) upload: Option<Unfinished>,
    pub(crate) opened: u32,
    pub(crate) slice_size: u64,
}

pub(crate) struct Unfinished {
    pub(crate) session: String,
    pub(crate) sha: String,
    pub(crate) got: Ranges,
    pub(crate) bytes: Vec<u8>,
}

impl Server {
    pub(crate) fn new() -> Self {
        let counts = Counts::FirstGap;
        Self {
            counts,
            tells: true,
            completes: true,
            serial: false,
            whole: Whole::Taken,
            object: None,
            upload: None,
            opened: 0,
            slice_size: SLICE,
        }
    }

    /// One where this much of the content was sent before.
    pub(crate) fn holding(content: &[u8], upto: u64) -> Self {
        let mut server = Self::new();
        let mut bytes = vec![0; content.len()];
        bytes[..at(upto)].copy_from_slice(&content[..at(upto)]);
        let got = std::iter::once(0..upto).collect();
        server.upload = Some(Unfinished { session: "S0".into(), sha: sha(content), got, bytes });
        server
    }

    fn handle(&mut self, request: &Sent) -> (u16, String) {
        match request.op.as_str() {
            "upload" => self.one_request(request),
            "upload_slice" if request.fields.contains_key("filecontent") => self.slice(request),
            "upload_slice" => self.init(request),
            "stat" => self.stat(),
            other => panic!("{other}"),
        }
    }

    fn one_request(&mut self, request: &Sent) -> (u16, String) {
        let content = request.fields["filecontent"].clone();
        match &self.object {
            Some(there) if *there == content => refusal(-4018),
            Some(_) if request.text("insertOnly") == "1" => refusal(-177),
            _ => {
                self.object = Some(content);
                success(URLS)
            }
        }
    }

    fn init(&mut self, request: &Sent) -> (u16, String) {
        let (wanted, filesize) = (request.text("sha"), at(request.text("filesize").parse().unwrap()));
        match &self.object {
            Some(there) if sha(there) == wanted => return success(URLS),
            Some(_) if request.text("insertOnly") == "1" => return refusal(-177),
            _ => {}
        }
        if self.upload.as_ref().is_none_or(|upload| upload.sha != wanted) {
            self.opened += 1;
            let session = format!("S{}+a/b==", self.opened);
            self.upload = Some(Unfinished { session, sha: wanted, got: Ranges::new(), bytes: vec![0; filesize] });
        }
        let upload = self.upload.as_ref().unwrap();
        let offset = match self.counts {
            Counts::FirstGap => upload.got.contiguous(),
            Counts::LastByte => upload.got.iter().last().map_or(0, |range| range.end),
        };
        let (session, slice_size) = (&upload.session, self.slice_size);
        success(&format!(r#""offset":{offset},"session":"{session}","slice_size":{slice_size}"#))
    }

    fn slice(&mut self, request: &Sent) -> (u16, String) {
        let Some(upload) = self.upload.as_mut().filter(|upload| upload.session == request.text("session")) else {
            return refusal(-288);
        };
        let (offset, content) = (request.text("offset").parse().unwrap(), &request.fields["filecontent"]);
        let end = offset + content.len() as u64;
        assert!(!content.is_empty() && end <= upload.bytes.len() as u64, "a slice that cannot be: {offset}..{end}");
        if self.serial && offset > upload.got.contiguous() {
            return refusal(-5999);
        }
        upload.bytes[at(offset)..at(end)].copy_from_slice(content);
        upload.got.add(offset..end);
        let echo = format!(r#""offset":{offset},"session":"{}""#, upload.session);
        if !self.completes || !upload.got.full(upload.bytes.len() as u64) {
            return success(&echo);
        }
        if self.whole == Whole::Compared && sha(&upload.bytes) != upload.sha {
            self.upload = None;
            return refusal(-4016);
        }
        self.object = self.upload.take().map(|upload| upload.bytes);
        success(&if self.tells { format!("{echo},{URLS}") } else { echo })
    }

    fn stat(&self) -> (u16, String) {
        match &self.object {
            Some(object) => {
                let (sha, len) = (sha(object).to_uppercase(), object.len());
                success(&format!(r#"{URLS},"filelen":"{len}","filesize":"{len}","sha":"{sha}""#))
            }
            None => refusal(-166),
        }
    }
}

pub(crate) fn success(data: &str) -> (u16, String) {
    (200, format!(r#"{{"code":0,"message":"成功","data":{{{data}}}}}"#))
}

pub(crate) fn refusal(code: i64) -> (u16, String) {
    (400, format!(r#"{{"code":{code},"message":"NO"}}"#))
}

fn at(offset: u64) -> usize {
    usize::try_from(offset).unwrap()
}

/// Content in which no two slices are alike.
pub(crate) fn content(len: u64) -> Vec<u8> {
    (0..len).map(|i| u8::try_from((i * 7 + i / 251) % 256).unwrap()).collect()
}

pub(crate) fn sha(content: &[u8]) -> String {
    let mut hasher = Hasher::new(HashKind::Sha1).unwrap();
    hasher.update(content);
    hasher.finish().to_hex()
}

/// A request as the server reads it.
pub(crate) struct Sent {
    pub(crate) op: String,
    pub(crate) fields: BTreeMap<String, Vec<u8>>,
    /// The whole body, the source's bytes in their places.
    pub(crate) body: Vec<u8>,
}

impl Sent {
    pub(crate) fn text(&self, name: &str) -> String {
        String::from_utf8(self.fields[name].clone()).unwrap()
    }

    fn read(request: &Request<Body>, source: &[u8]) -> Self {
        let body = flat(request.body(), source);
        let fields = match request.headers().get("content-type") {
            Some(kind) => parts(&body, kind.to_str().unwrap().split_once("boundary=").unwrap().1),
            None => BTreeMap::new(),
        };
        let query = request.uri().query().and_then(|query| query.strip_prefix("op=")).map(str::to_owned);
        let op = query.unwrap_or_else(|| String::from_utf8(fields["op"].clone()).unwrap());
        Self { op, fields, body }
    }

    /// The call, with what tells it from the others.
    fn name(&self) -> String {
        let field = |name: &str| self.fields.get(name).map(|value| String::from_utf8_lossy(value));
        match (self.op.as_str(), field("offset"), field("session")) {
            ("upload_slice", Some(offset), _) => format!("slice@{offset}"),
            ("upload_slice", None, Some(session)) => format!("init {session}"),
            ("upload_slice", None, None) => "init".into(),
            (op, ..) => op.into(),
        }
    }
}

pub(crate) fn flat(body: &Body, source: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    for segment in body.segments() {
        match segment {
            Segment::Bytes(bytes) => all.extend_from_slice(bytes),
            Segment::Source(range) => all.extend_from_slice(&source[at(range.start)..at(range.end)]),
        }
    }
    assert_eq!(all.len() as u64, body.len());
    all
}

fn parts(body: &[u8], boundary: &str) -> BTreeMap<String, Vec<u8>> {
    let (delimiter, mut fields) = (format!("\r\n--{boundary}"), BTreeMap::new());
    let body = [b"\r\n", body].concat();
    let mut rest = &body[find(&body, delimiter.as_bytes()).unwrap() + delimiter.len()..];
    while let Some(part) = rest.strip_prefix(b"\r\n") {
        let head = find(part, b"\r\n\r\n").unwrap();
        let name = std::str::from_utf8(&part[..head]).unwrap();
        let name = name.strip_prefix("Content-Disposition: form-data; name=\"").unwrap().strip_suffix('"').unwrap();
        let value = &part[head + 4..];
        let end = find(value, delimiter.as_bytes()).unwrap();
        assert!(fields.insert(name.to_owned(), value[..end].to_vec()).is_none(), "{name} twice");
        rest = &value[end + delimiter.len()..];
    }
    assert_eq!(rest, b"--\r\n");
    fields
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

/// What befalls one request.
#[derive(Clone, Debug)]
pub(crate) enum Trouble {
    /// The server never hears of it.
    LostBefore,
    /// The server never gets its answer through.
    LostAfter,
    /// The server says this, and does nothing.
    Says(u16, String),
    /// The server loses what it had of an unfinished upload, and then does as asked.
    Forgets,
    /// The server does it, and says this.
    DoesAndSays(u16, String),
}

/// Where the world ends: at the n-th effect (a request or a save, from 0), before or after it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Crash {
    pub(crate) at: usize,
    pub(crate) after: bool,
}

/// How a run is to go.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) content: Vec<u8>,
    /// By the number of the request, from 0.
    pub(crate) troubles: BTreeMap<usize, Trouble>,
    pub(crate) crash: Option<Crash>,
    /// Calls `abort` when the n-th effect was asked for.
    pub(crate) abort: Option<usize>,
    /// The newest of several requests is answered first.
    pub(crate) backwards: bool,
}

impl World {
    pub(crate) fn new(server: Server, content: Vec<u8>) -> Self {
        Self { server, content, troubles: BTreeMap::new(), crash: None, abort: None, backwards: false }
    }

    #[must_use]
    pub(crate) fn with(mut self, request: usize, trouble: Trouble) -> Self {
        self.troubles.insert(request, trouble);
        self
    }
}

/// What came of it.
pub(crate) struct Run {
    pub(crate) world: World,
    pub(crate) asked: Vec<String>,
    /// `None`: it crashed.
    pub(crate) end: Option<Result<Uploaded, Failure<Fault>>>,
    /// Every durable checkpoint.
    pub(crate) saved: Vec<Checkpoint<CosV1>>,
    pub(crate) effects: usize,
    /// Which of the effects were requests.
    pub(crate) requests: Vec<usize>,
    /// The most requests on their way at once.
    pub(crate) most: usize,
    /// Content bytes that left.
    pub(crate) bytes_sent: u64,
    pub(crate) bodies: Vec<Vec<u8>>,
    /// Slices that were on their way when the last one left.
    pub(crate) beside_last: usize,
    /// How far after the first byte that was not acknowledged a slice began at most.
    pub(crate) ahead: u64,
}

impl Run {
    pub(crate) fn asked(&self) -> Vec<&str> {
        self.asked.iter().map(String::as_str).collect()
    }

    /// The upload, which must have ended well with the very content at the server.
    #[track_caller]
    pub(crate) fn complete(self) -> Uploaded {
        let uploaded = self.end.expect("a crash").unwrap_or_else(|failure| panic!("{failure}: {:?}", self.asked));
        assert!(self.world.server.object.as_deref() == Some(&self.world.content), "other content: {:?}", self.asked);
        assert!(self.world.troubles.is_empty(), "never happened: {:?}, {:?}", self.world.troubles, self.asked);
        uploaded
    }

    #[track_caller]
    pub(crate) fn failure(self) -> Failure<Fault> {
        assert!(self.world.troubles.is_empty(), "never happened: {:?}, {:?}", self.world.troubles, self.asked);
        self.end.expect("a crash").expect_err("it succeeded")
    }
}

pub(crate) fn source(content: &[u8]) -> SourceInfo {
    SourceInfo {
        changed: Some(resumable_core::Modified { secs: 1, nanos: 0 }),
        looked_at: Some(resumable_core::Modified { secs: 9, nanos: 0 }),
        ..SourceInfo::new(content.len() as u64, [1; 32])
    }
}

pub(crate) fn protocol(options: Options) -> CosV1 {
    let place = Place::new("http://web.file.myqcloud.com", "1", "b", ObjectPath::new("/f").unwrap()).unwrap();
    CosV1::new(place, options).unwrap()
}

pub(crate) fn credential() -> Credential {
    Credential::new("AKIDx", "secret-canary").unwrap()
}

/// Slices of 16 bytes, and no file but an empty one in one request.
pub(crate) fn slices() -> Options {
    let mut options = Options::default();
    options.part_size = SLICE;
    options.part_sizes = vec![SLICE];
    options.one_request_max = 0;
    options
}

pub(crate) fn parallel() -> Options {
    let mut options = slices();
    options.parallel = true;
    options
}

pub(crate) fn how() -> resumable_core::Options {
    let mut how = resumable_core::Options::new(1);
    // A checkpoint for every slice that is acknowledged: a test goes on from each.
    how.save_every = Duration::ZERO;
    how.window = 3;
    how
}

pub(crate) fn start(world: World, options: Options) -> Run {
    let upload = Upload::start(protocol(options), source(&world.content), Some(credential()), how());
    run(upload, world)
}

pub(crate) fn resume(world: World, options: Options, saved: Checkpoint<CosV1>) -> Run {
    let upload = Upload::resume(protocol(options), source(&world.content), Some(credential()), how(), saved);
    run(upload.unwrap(), world)
}

pub(crate) fn abandon(world: World, options: Options, saved: Checkpoint<CosV1>) -> Run {
    run(Upload::abandon(protocol(options), Some(credential()), how(), saved).unwrap(), world)
}

/// Goes on after crashes until there is an end.
pub(crate) fn start_or_resume(mut world: World, options: &Options, crash: Option<Crash>) -> Run {
    world.crash = crash;
    let first = start(world, options.clone());
    if first.end.is_some() {
        return first;
    }
    let mut world = first.world;
    world.crash = None;
    go_on(world, options, first.saved.last().cloned())
}

pub(crate) fn go_on(world: World, options: &Options, saved: Option<Checkpoint<CosV1>>) -> Run {
    match saved {
        Some(saved) => resume(world, options.clone(), saved),
        None => start(world, options.clone()),
    }
}

struct Driver {
    run: Run,
    waiting: VecDeque<(Ticket<Sending>, Sent, usize)>,
    sent: usize,
    /// What was acknowledged, or would have been.
    got: Ranges,
    over: bool,
}

/// Drives an upload to its end, or to the crash; every wait is sat out on a virtual clock.
pub(crate) fn run(mut upload: Upload<CosV1>, world: World) -> Run {
    let run = Run {
        world,
        asked: Vec::new(),
        end: None,
        saved: Vec::new(),
        effects: 0,
        requests: Vec::new(),
        most: 0,
        bytes_sent: 0,
        bodies: Vec::new(),
        beside_last: 0,
        ahead: 0,
    };
    let mut driver = Driver { run, waiting: VecDeque::new(), sent: 0, got: Ranges::new(), over: false };
    let mut now = Now { mono: Duration::ZERO, unix: Duration::from_secs(1_470_000_000) };
    for _ in 0..100_000 {
        let output = upload.poll(now);
        driver.step(&mut upload, output, &mut now);
        if driver.over {
            return driver.run;
        }
    }
    panic!("it never ends: {:?}", driver.run.asked);
}

impl Driver {
    fn step(&mut self, upload: &mut Upload<CosV1>, output: Output<CosV1>, now: &mut Now) {
        match output {
            Output::Do(Action::Send { ticket, request, .. }) => {
                let sent = Sent::read(&request, &self.run.world.content);
                self.note(&sent, &request);
                self.waiting.push_back((ticket, sent, self.sent));
                self.sent += 1;
                self.run.most = self.run.most.max(self.waiting.len());
            }
            Output::Do(Action::Save { ticket, checkpoint }) => {
                let crash = self.effect(upload);
                if !matches!(crash, Some(Crash { after: false, .. })) {
                    self.run.saved.push(checkpoint);
                    upload.handle(Input::Saved(ticket, Ok(())));
                }
            }
            Output::Do(Action::Hash { ticket, jobs }) => {
                let mut pass = HashPass::new(&jobs).unwrap();
                while let Some(range) = pass.wants(u64::MAX) {
                    pass.feed(&self.run.world.content[at(range.start)..at(range.end)]).unwrap();
                }
                upload.handle(Input::Digests(ticket, Ok(pass.finish().unwrap())));
            }
            Output::Do(Action::Check { ticket }) => {
                upload.handle(Input::Source(ticket, Ok(source(&self.run.world.content))));
            }
            Output::Do(Action::Authorize { ticket, .. }) => {
                upload.handle(Input::Credential(ticket, Ok(credential().into())));
            }
            Output::Do(Action::Acquire { ticket, .. }) => upload.handle(Input::Slot(ticket, Ok(Slot::free()))),
            Output::Do(Action::Cancel(_)) | Output::Tell(_) | Output::Share { .. } => {}
            Output::Wait { until, .. } if self.waiting.is_empty() => now.mono = until.expect("nothing is in flight"),
            Output::Wait { .. } => self.answer_one(upload),
            Output::Finished(end) => {
                self.run.end = Some(end);
                self.over = true;
            }
        }
    }

    fn note(&mut self, sent: &Sent, request: &Request<Body>) {
        let name = sent.name();
        if let Some(offset) = sent.fields.get("offset") {
            let offset: u64 = String::from_utf8_lossy(offset).parse().unwrap();
            self.run.ahead = self.run.ahead.max(offset.saturating_sub(self.got.contiguous()));
            if offset + request.body().source_len() == self.run.world.content.len() as u64 {
                self.run.beside_last = self.run.beside_last.max(self.waiting.len());
            }
        }
        self.run.asked.push(name);
        self.run.bytes_sent += request.body().source_len();
        self.run.bodies.push(sent.body.clone());
    }

    /// Counts an effect; says if the world ends here.
    fn effect(&mut self, upload: &mut Upload<CosV1>) -> Option<Crash> {
        let number = self.run.effects;
        self.run.effects += 1;
        if self.run.world.abort == Some(number) {
            upload.handle(Command::Abort);
        }
        let crash = self.run.world.crash.filter(|crash| crash.at == number);
        self.over |= crash.is_some();
        crash
    }

    fn answer_one(&mut self, upload: &mut Upload<CosV1>) {
        let next = if self.run.world.backwards { self.waiting.pop_back() } else { self.waiting.pop_front() };
        let Some((ticket, sent, number)) = next else { return };
        self.run.requests.push(self.run.effects);
        if let Some(Crash { after: false, .. }) = self.effect(upload) {
            return;
        }
        if let (Some(content), true) = (sent.fields.get("filecontent"), sent.op == "upload_slice") {
            let offset: u64 = sent.text("offset").parse().unwrap();
            self.got.add(offset..offset + content.len() as u64);
        }
        let lost = || Err(SendError::Unsure(resumable_core::Cause::text("silence")));
        let trouble = self.run.world.troubles.remove(&number);
        let server = &mut self.run.world.server;
        let answer = match trouble {
            Some(Trouble::LostBefore) => lost(),
            Some(Trouble::LostAfter) => {
                server.handle(&sent);
                lost()
            }
            Some(Trouble::Says(status, body)) => Ok((status, body)),
            Some(Trouble::DoesAndSays(status, body)) => {
                server.handle(&sent);
                Ok((status, body))
            }
            Some(Trouble::Forgets) => {
                server.upload = None;
                Ok(server.handle(&sent))
            }
            None => Ok(server.handle(&sent)),
        };
        let answer = answer.map(|(status, body)| {
            let mut response = Response::new(Bytes::from(body));
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            Answer { response, observed: Observed::none() }
        });
        upload.handle(Input::Response(ticket, answer));
    }
}
