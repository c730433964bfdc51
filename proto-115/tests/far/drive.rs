//! The loop that drives an upload.

use std::fmt::Write as _;

use super::*;

/// What becomes of one request.
#[derive(Clone)]
pub(crate) enum Fate {
    Fine,
    /// The connection could not be made.
    Unsent,
    /// It never arrives, and the client cannot know.
    LostBefore,
    /// It takes effect, and the answer is lost.
    LostAfter,
    /// Something else answers.
    Says(Response<Bytes>),
    /// It takes effect, and something else answers.
    ActsAndSays(Response<Bytes>),
    /// The process dies, before or after the effect.
    Crash {
        after: bool,
    },
}

pub(crate) type Verdict = Result<Uploaded, Failure<Fault>>;

pub(crate) struct Rig {
    pub(crate) server: Server,
    pub(crate) source: Vec<u8>,
    pub(crate) options: Options,
    pub(crate) target: &'static str,
    pub(crate) core: resumable_core::Options,
    pub(crate) now: Now,
    /// How long every request with content takes.
    pub(crate) takes: Duration,
    /// The kind of every request that left.
    pub(crate) asked: Vec<&'static str>,
    /// By what time each request to the storage was signed.
    pub(crate) signed_at: Vec<String>,
    pub(crate) events: Vec<Event>,
    pub(crate) saved: Vec<String>,
    /// Requests and saves in the order in which they happened: where a crash may come.
    pub(crate) effects: usize,
    /// The process dies at this effect.
    pub(crate) dies_at: Option<(usize, bool)>,
    /// The tokens that the host has, the newest last; each is given once.
    pub(crate) tokens: Vec<String>,
    /// The source's time of modification; a change of it is a change of the file.
    pub(crate) modified: i64,
    /// Changes the file when so many requests have left.
    pub(crate) changes_at: Option<usize>,
    pub(crate) slots: usize,
    pub(crate) shown: String,
}

impl Rig {
    pub(crate) fn new(len: u64) -> Self {
        let mut options = Options::default();
        options.part_size = PART;
        options.one_request_max = PART;
        options.limits.part_min = 1;
        options.limits.page = 1000;
        let mut core = resumable_core::Options::new(1);
        core.save_every = Duration::ZERO;
        core.patience = Duration::from_secs(3600);
        let server = Server::new();
        let now = Now { mono: Duration::from_secs(77), unix: server.unix };
        Self {
            server,
            source: content(len),
            options,
            target: "0:x",
            core,
            now,
            takes: Duration::from_millis(10),
            asked: Vec::new(),
            signed_at: Vec::new(),
            events: Vec::new(),
            saved: Vec::new(),
            effects: 0,
            dies_at: None,
            tokens: vec!["access-1".to_owned()],
            modified: 1,
            changes_at: None,
            slots: 0,
            shown: String::new(),
        }
    }

    /// One where 115 knows the content already.
    pub(crate) fn knowing(len: u64) -> Self {
        let mut rig = Self::new(len);
        let sha1 = hex(HashKind::Sha1, &rig.source);
        rig.server.storage.known.insert(sha1.clone(), rig.source.clone());
        rig.server.add_file("other".to_owned(), sha1, rig.source.len());
        rig
    }

    pub(crate) fn protocol(&self) -> P115 {
        let site = Site::at("https://proapi.test").unwrap();
        P115::new(site, "account", self.target.parse().unwrap(), self.options.clone()).unwrap()
    }

    pub(crate) fn info(&self) -> SourceInfo {
        let modified = Some(resumable_core::Modified { secs: self.modified, nanos: 0 });
        let changed = Some(resumable_core::Modified { secs: self.modified, nanos: 0 });
        let looked_at = Some(resumable_core::Modified { secs: i64::MAX, nanos: 0 });
        SourceInfo { modified, changed, looked_at, ..SourceInfo::new(self.source.len() as u64, [1; 32]) }
    }

    pub(crate) fn token(&self) -> AccessToken {
        AccessToken::new(self.tokens[0].clone()).unwrap()
    }

    pub(crate) fn start(&self) -> Upload<P115> {
        Upload::start(self.protocol(), self.info(), Some(self.token()), self.core.clone())
    }

    pub(crate) fn last_saved(&self) -> Checkpoint<P115> {
        Checkpoint::from_bytes(self.saved.last().expect("a checkpoint").as_bytes()).unwrap()
    }

    /// Another process: from the last checkpoint, or from the start.
    pub(crate) fn again(&self) -> Upload<P115> {
        match self.saved.last() {
            Some(_) => {
                let saved = self.last_saved();
                Upload::resume(self.protocol(), self.info(), Some(self.token()), self.core.clone(), saved).unwrap()
            }
            None => self.start(),
        }
    }

    pub(crate) fn abandon(&self) -> Upload<P115> {
        let saved = self.last_saved();
        Upload::abandon(self.protocol(), Some(self.token()), self.core.clone(), saved).unwrap()
    }

    pub(crate) fn run(&mut self) -> Verdict {
        self.run_with(|_, _| Fate::Fine)
    }

    /// Runs to the end, through crashes; `fate` is asked with the kind of each request, and how many of its kind were
    /// before it.
    pub(crate) fn run_with(&mut self, mut fate: impl FnMut(&str, usize) -> Fate) -> Verdict {
        let mut upload = self.start();
        loop {
            match self.drive(upload, &mut fate) {
                Some(verdict) => return verdict,
                None => upload = self.again(),
            }
        }
    }

    /// Runs to the end; `None` if the process died.
    pub(crate) fn drive(
        &mut self,
        mut upload: Upload<P115>,
        fate: &mut impl FnMut(&str, usize) -> Fate,
    ) -> Option<Verdict> {
        for _ in 0..200_000 {
            match upload.poll(self.now) {
                Output::Tell(event) => self.events.push(event),
                Output::Share { .. } => {}
                Output::Finished(verdict) => {
                    write!(self.shown, "{verdict:?}").unwrap();
                    return Some(verdict);
                }
                Output::Wait { until, in_flight: 0 } => {
                    let until = until.expect("it waits for something");
                    self.pass(until.saturating_sub(self.now.mono));
                }
                Output::Wait { .. } => panic!("everything is answered at once: {:?}", self.asked),
                Output::Do(action) => {
                    self.act(&mut upload, action, fate)?;
                }
            }
        }
        panic!("it never ends: {:?}", &self.asked[..100]);
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        self.now.mono += time;
        self.now.unix += time;
        self.server.unix += time;
    }

    pub(crate) fn since(&self, start: Duration) -> Duration {
        self.now.mono.saturating_sub(start)
    }

    fn act(
        &mut self,
        upload: &mut Upload<P115>,
        action: Action<P115>,
        fate: &mut impl FnMut(&str, usize) -> Fate,
    ) -> Option<()> {
        match action {
            Action::Send { ticket, request, .. } => {
                let answer = self.send(&request, fate)?;
                self.nothing_else_leaves(upload)?;
                upload.handle(Input::Response(ticket, answer));
            }
            Action::Save { ticket, checkpoint } => self.save(upload, ticket, &checkpoint)?,
            Action::Hash { ticket, jobs } => {
                let mut pass = HashPass::new(&jobs).unwrap();
                while let Some(range) = pass.wants(u64::MAX) {
                    pass.feed(&self.source[at(range.start)..at(range.end)]).unwrap();
                }
                upload.handle(Input::Digests(ticket, Ok(pass.finish().unwrap())));
            }
            Action::Check { ticket } => upload.handle(Input::Source(ticket, Ok(self.info()))),
            Action::Authorize { ticket, refused, .. } => {
                assert_eq!(refused.unwrap().expose(), self.tokens[0]);
                if self.tokens.len() > 1 {
                    self.tokens.remove(0);
                    upload.handle(Input::Credential(ticket, Ok(self.token().into())));
                } else {
                    let dead = resumable_core::AuthError(Cause::text("the refresh token is dead: log in again"));
                    upload.handle(Input::Credential(ticket, Err(dead)));
                }
            }
            Action::Acquire { ticket, .. } => {
                self.slots += 1;
                upload.handle(Input::Slot(ticket, Ok(Slot::free())));
            }
            Action::Cancel(_) => {}
        }
        Some(())
    }

    fn save(&mut self, upload: &mut Upload<P115>, ticket: Ticket<Saving>, checkpoint: &Checkpoint<P115>) -> Option<()> {
        let dies = self.effect();
        if dies != Some(false) {
            let text = String::from_utf8(checkpoint.to_bytes()).unwrap();
            assert!(text.len() < 16 << 10, "{} bytes", text.len());
            self.saved.push(text);
        }
        if dies.is_some() {
            return None;
        }
        upload.handle(Input::Saved(ticket, Ok(())));
        Some(())
    }

    /// One request at a time, for the vendor's sake.
    fn nothing_else_leaves(&mut self, upload: &mut Upload<P115>) -> Option<()> {
        loop {
            match upload.poll(self.now) {
                Output::Tell(event) => self.events.push(event),
                Output::Share { .. } => {}
                Output::Wait { in_flight: 1, .. } => return Some(()),
                Output::Do(Action::Save { ticket, checkpoint }) => self.save(upload, ticket, &checkpoint)?,
                Output::Do(action) => panic!("beside {:?}: {action:?}", self.asked.last()),
                _ => panic!("beside {:?}", self.asked.last()),
            }
        }
    }

    /// Counts an effect; says if the process dies there, and whether after it.
    fn effect(&mut self) -> Option<bool> {
        self.effects += 1;
        self.dies_at.filter(|(at, _)| *at == self.effects).map(|(_, after)| after)
    }

    fn send(
        &mut self,
        request: &Request<Body>,
        fate: &mut impl FnMut(&str, usize) -> Fate,
    ) -> Option<Result<Answer, SendError>> {
        write!(self.shown, "{request:?}").unwrap();
        let sent = Sent::read(request, &self.source);
        let nth = self.asked.iter().filter(|kind| **kind == sent.kind).count();
        self.asked.push(sent.kind);
        self.signed_at.push(sent.header("x-oss-date").to_owned());
        if self.changes_at == Some(self.asked.len()) {
            self.modified += 1;
            self.source[0] ^= 1;
        }
        let lost = || Some(Err(SendError::Unsure(Cause::text("silence"))));
        let dies = self.effect();
        let fate = match dies {
            Some(after) => Fate::Crash { after },
            None => fate(sent.kind, nth),
        };
        let response = match fate {
            Fate::Unsent => return Some(Err(SendError::NotSent(Cause::text("no connection")))),
            Fate::LostBefore => return lost(),
            Fate::Crash { after: false } => return None,
            Fate::Says(response) => response,
            fate => {
                // A request is judged when it begins.
                let response = self.server.handle(&sent);
                self.pass(if request.body().source_len() > 0 { self.takes } else { Duration::from_millis(10) });
                match fate {
                    Fate::LostAfter => return lost(),
                    Fate::Crash { .. } => return None,
                    Fate::ActsAndSays(response) => response,
                    _ => response,
                }
            }
        };
        Some(Ok(Answer { response, observed: observed(request.body(), &sent.body) }))
    }

    pub(crate) fn count(&self, kind: &str) -> usize {
        self.asked.iter().filter(|asked| **asked == kind).count()
    }

    pub(crate) fn restarts(&self) -> usize {
        self.events.iter().filter(|event| matches!(event, Event::Restarting { .. })).count()
    }

    /// Ours and no other content is in the drive, under the id that was told.
    #[track_caller]
    pub(crate) fn assert_in_drive(&self, uploaded: &Uploaded) {
        let id: u64 = uploaded.file_id.as_ref().expect("an id").parse().unwrap();
        let (_, sha1, size) = self.server.files.get(&id).unwrap_or_else(|| panic!("{id} in {:?}", self.server.files));
        assert_eq!((sha1, *size), (&hex(HashKind::Sha1, &self.source), self.source.len()));
        assert!(self.server.storage.known[sha1] == self.source);
    }
}

fn observed(body: &Body, bytes: &[u8]) -> Observed {
    if body.source_len() == 0 {
        return Observed::none();
    }
    let digest = |kind: &HashKind| {
        let mut hasher = Hasher::new(*kind).unwrap();
        hasher.update(bytes);
        (*kind, hasher.finish())
    };
    Observed::all(body.observe().iter().map(digest).collect())
}

/// The kinds that are met, each once.
pub(crate) fn kinds(asked: &[&'static str]) -> BTreeSet<&'static str> {
    asked.iter().copied().collect()
}
