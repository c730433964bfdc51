//! An OSS server in memory, whose time is the test's, and a transport to it that counts.

use std::future::poll_fn;
use std::io::Read as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt as _;
use http::header::CONTENT_LENGTH;
use http::request::Parts;
use http::{Request, Response};
use resumable::machine::{Cause, Limits as ReplyLimits, SendError};
use resumable::oss::{self, Oss};
use resumable::transport::asynchronous::Timer;
use resumable::transport::{asynchronous, blocking};
use resumable_emulator::{Config, Delivery, Emulator, MemoryStorage};

use crate::thread_timer::ThreadTimer;

pub(crate) const BUCKET: &str = "mybucket";
pub(crate) const PART: u64 = 100 << 10;

/// The server, and what went over the wire. Clones are the same.
#[derive(Clone)]
pub(crate) struct World(Arc<Inner>);

struct Inner {
    emulator: Emulator,
    /// By how much the server's time is ahead.
    ahead: Mutex<Duration>,
    in_flight: AtomicUsize,
    most: AtomicUsize,
    /// Every answer's status.
    answers: Mutex<Vec<u16>>,
    /// What happens before the n-th request is taken.
    before: Mutex<Vec<(usize, Act)>>,
}

type Act = Box<dyn FnOnce(&World) + Send>;

impl World {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(set: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::default();
        BUCKET.clone_into(&mut config.oss.sts_bucket);
        "cn-shenzhen".clone_into(&mut config.oss.region);
        config.oss.limits.sts_life = 60;
        set(&mut config);
        let emulator = Emulator::new(config, Box::new(MemoryStorage::new())).unwrap();
        Self(Arc::new(Inner {
            emulator,
            ahead: Mutex::default(),
            in_flight: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            answers: Mutex::default(),
            before: Mutex::default(),
        }))
    }

    pub(crate) fn now(&self) -> Duration {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + *self.0.ahead.lock().unwrap()
    }

    pub(crate) fn pass(&self, time: Duration) {
        *self.0.ahead.lock().unwrap() += time;
    }

    #[cfg(feature = "profiles")]
    pub(crate) fn config(&self) -> &Config {
        self.0.emulator.config()
    }

    /// The key that is good for ever.
    pub(crate) fn key(&self) -> oss::Credential {
        let account = &self.0.emulator.config().oss.accounts[0];
        oss::Credential::new(account.access_key_id.clone(), account.access_key_secret.clone()).unwrap()
    }

    /// A temporary key.
    pub(crate) fn temporary(&self) -> oss::Credential {
        self.lasting().0
    }

    /// The same, and for how long it is good.
    pub(crate) fn lasting(&self) -> (oss::Credential, Duration) {
        let now = self.now();
        let sts = self.0.emulator.oss().grant(now);
        let keys = oss::Credential::temporary(sts.access_key_id, sts.access_key_secret, sts.security_token);
        (keys.unwrap(), sts.expiration.saturating_sub(now))
    }

    pub(crate) fn object(&self, key: &str) -> Option<Vec<u8>> {
        self.0.emulator.oss().read_object(BUCKET, key).unwrap()
    }

    pub(crate) fn unfinished(&self) -> usize {
        self.0.emulator.oss().unfinished(BUCKET).len()
    }

    pub(crate) fn received(&self) -> u64 {
        self.0.emulator.totals().received_file_bytes
    }

    /// The server itself.
    #[cfg(feature = "115")]
    pub(crate) fn server(&self) -> &Emulator {
        &self.0.emulator
    }

    /// The most requests that were under way at once.
    pub(crate) fn most(&self) -> usize {
        self.0.most.load(Ordering::SeqCst)
    }

    pub(crate) fn requests(&self) -> usize {
        self.0.answers.lock().unwrap().len()
    }

    pub(crate) fn answered(&self, status: u16) -> usize {
        self.0.answers.lock().unwrap().iter().filter(|it| **it == status).count()
    }

    /// Does something once, before the request of this number (from 0) is taken.
    pub(crate) fn before(&self, request: usize, act: impl FnOnce(&Self) + Send + 'static) {
        self.0.before.lock().unwrap().push((request, Box::new(act)));
    }

    fn act(&self) {
        let count = self.0.answers.lock().unwrap().len();
        let due: Vec<_> = self.0.before.lock().unwrap().extract_if(.., |(at, _)| *at <= count).collect();
        due.into_iter().for_each(|(_, act)| act(self));
    }

    fn take(&self, mut head: Parts, body: Vec<u8>) -> Result<Response<Bytes>, SendError> {
        head.headers.insert(CONTENT_LENGTH, body.len().into());
        let reply = self.0.emulator.handle(self.now(), Request::from_parts(head, body.into()));
        self.0.answers.lock().unwrap().push(reply.response.status().as_u16());
        match reply.delivery {
            Delivery::Send => Ok(reply.response),
            _ => Err(SendError::Unsure(Cause::text("the connection was cut"))),
        }
    }

    fn arrives(&self) -> Leaves<'_> {
        self.act();
        let now = self.0.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
        self.0.most.fetch_max(now, Ordering::SeqCst);
        Leaves(self)
    }
}

struct Leaves<'a>(&'a World);

impl Drop for Leaves<'_> {
    fn drop(&mut self) {
        self.0.0.in_flight.fetch_sub(1, Ordering::SeqCst);
    }
}

impl blocking::Transport for World {
    fn send(
        &self,
        head: Parts,
        body: &mut blocking::Outgoing<'_>,
        _: &ReplyLimits,
    ) -> Result<Response<Bytes>, SendError> {
        let _leaves = self.arrives();
        let mut bytes = Vec::new();
        body.read_to_end(&mut bytes).map_err(|error| SendError::Unsure(Cause(error.into())))?;
        self.take(head, bytes)
    }
}

#[async_trait]
impl asynchronous::Transport for World {
    async fn send(
        &self,
        head: Parts,
        mut body: asynchronous::Outgoing,
        _: &ReplyLimits,
    ) -> Result<Response<Bytes>, SendError> {
        let _leaves = self.arrives();
        let mut bytes = Vec::new();
        while let Some(piece) = body.next().await {
            bytes.extend_from_slice(&piece.map_err(|error| SendError::Unsure(Cause(error.into())))?);
        }
        // An answer takes time, in which others go on.
        let mut waited = false;
        poll_fn(|context| {
            context.waker().wake_by_ref();
            if std::mem::replace(&mut waited, true) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        self.take(head, bytes)
    }

    fn timer(&self) -> Arc<dyn Timer> {
        Arc::new(ThreadTimer)
    }
}

/// An object in parts of [`PART`].
pub(crate) fn object(key: &str) -> Oss {
    let options = oss::Options::default().part_size(PART).one_request_max(PART);
    oss::at("https://oss-cn-shenzhen.aliyuncs.com", BUCKET, key).unwrap().with_options(options).unwrap()
}

/// Bytes that differ from place to place.
pub(crate) fn content(len: u64, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let step = move |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[0]
    };
    (0..len).map(step).collect()
}
