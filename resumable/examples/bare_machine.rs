//! The machine alone: it says what to do, and takes the answers. No thread, socket, file or clock is involved. The server is
//! the core of the emulator, time passes only when the machine has nothing else to do, and each fourth reply is lost.
//!
//! ```sh
//! cargo run --example bare_machine --features oss
//! ```
use std::error::Error;
use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use resumable::machine::{
    Action, Answer, AuthError, Body, Cause, Digest, HashError, HashJob, HashPass, Hasher, Input, Now, Observed,
    Options, Output, Segment, SendError, Slot, SourceFailure, SourceFailureKind, SourceInfo, Upload,
};
use resumable::oss::{self, Credential, Oss};
use resumable_emulator::{Config, Emulator, MemoryStorage};

fn main() -> Result<(), Box<dyn Error>> {
    let mut world = World {
        server: Emulator::new(Config::default(), Box::new(MemoryStorage::new()))?,
        content: (0..1 << 20).map(|at: u32| at.to_le_bytes()[1]).collect(),
        now: Now { mono: Duration::ZERO, unix: Duration::from_secs(1_767_225_600) },
        requests: 0,
    };
    let credential = Credential::new("LTAIemulator", "emulator-access-key-secret".to_owned())?;
    let to = oss::at_region("http://127.0.0.1", "cn-hangzhou", "examplebucket", "bare.bin")?;
    let to = to.with_options(oss::Options::default().part_size(100 << 10).one_request_max(0))?;

    let mut upload = Upload::start(to, world.info(), Some(credential), Options::new(7));
    let uploaded = loop {
        match upload.poll(world.now) {
            Output::Do(action) => world.perform(action).into_iter().for_each(|input| upload.handle(input)),
            Output::Tell(event) => println!("{event:?}"),
            // One upload shares nothing.
            Output::Share { .. } => {}
            Output::Wait { until, .. } => world.pass(until.ok_or("every action is answered, so there is a time")?),
            Output::Finished(result) => break result?,
        }
    };
    println!("{uploaded:?} after {} requests and {:?}", world.requests, world.now.mono);
    assert_eq!(world.server.oss().read_object("examplebucket", "bare.bin")?, Some(world.content));
    Ok(())
}

/// Everything outside the machine.
struct World {
    server: Emulator,
    content: Vec<u8>,
    now: Now,
    requests: u32,
}

impl World {
    fn pass(&mut self, until: Duration) {
        self.now.unix += until.saturating_sub(self.now.mono);
        self.now.mono = until;
    }

    fn perform(&mut self, action: Action<Oss>) -> Option<Input<Oss>> {
        Some(match action {
            Action::Send { ticket, request, .. } => Input::Response(ticket, self.send(request)),
            Action::Hash { ticket, jobs } => Input::Digests(ticket, self.hash(&jobs)),
            Action::Check { ticket } => Input::Source(ticket, Ok(self.info())),
            // Here a program writes `checkpoint.to_bytes()` where it survives a crash. `Upload::resume` takes it.
            Action::Save { ticket, .. } => Input::Saved(ticket, Ok(())),
            Action::Authorize { ticket, .. } => {
                let why = Cause::text("there is one key, and the server refused it");
                Input::Credential(ticket, Err(AuthError(why)))
            }
            Action::Acquire { ticket, .. } => Input::Slot(ticket, Ok(Slot::free())),
            // Each request is answered before the next action: nothing is under way that could be cancelled.
            Action::Cancel(_) => return None,
        })
    }

    fn send(&mut self, request: Request<Body>) -> Result<Answer, SendError> {
        let mut hashers = Vec::new();
        for kind in request.body().observe() {
            let hasher = Hasher::new(*kind).map_err(|error| SendError::Impossible(Cause(error.into())))?;
            hashers.push((*kind, hasher));
        }
        let mut bytes = Vec::new();
        for segment in request.body().segments() {
            match segment {
                Segment::Bytes(given) => bytes.extend_from_slice(given),
                Segment::Source(range) => {
                    let given = self.read(range);
                    hashers.iter_mut().for_each(|(_, hasher)| hasher.update(given));
                    bytes.extend_from_slice(given);
                }
            }
        }
        let mut request = request.map(|_| Bytes::from(bytes));
        let len = request.body().len();
        request.headers_mut().insert("content-length", len.into());

        let reply = self.server.handle(self.now.unix, request);
        self.requests += 1;
        if self.requests.is_multiple_of(4) {
            return Err(SendError::Unsure(Cause::text("the reply was lost")));
        }
        let observed = hashers.into_iter().map(|(kind, hasher)| (kind, hasher.finish())).collect();
        Ok(Answer { response: reply.response, observed: Observed::all(observed) })
    }

    fn hash(&self, jobs: &[HashJob]) -> Result<Vec<Digest>, HashError> {
        // What the machine asks for can be done.
        let mut pass = HashPass::new(jobs)
            .map_err(|error| SourceFailure { kind: SourceFailureKind::Read, cause: Cause(error.into()) })?;
        while let Some(range) = pass.wants(64 << 10) {
            pass.feed(self.read(&range))?;
        }
        Ok(pass.finish()?)
    }

    fn read(&self, range: &Range<u64>) -> &[u8] {
        let at = |offset| usize::try_from(offset).unwrap_or(usize::MAX);
        &self.content[at(range.start)..at(range.end)]
    }

    fn info(&self) -> SourceInfo {
        let ends = self.content.len().min(64 << 10);
        let sample = SourceInfo::sample_of(&self.content[..ends], &self.content[self.content.len() - ends..]);
        SourceInfo::new(self.content.len() as u64, sample)
    }
}
