//! One case's choices: the client's options, every switch and limit of the emulator, and what is there before.

use std::time::Duration;

use fastrand::Rng;
use http::HeaderValue;
use resumable_emulator::Emulator;
use resumable_emulator::oss::{
    CompleteAgain, Limits as ServerLimits, MissingToken, MultipartEtag, NextMarker, Sts, StsJudged, Switches,
};
use resumable_proto_oss::{Callback, Credential, Limits, Options, Oss, Version};

use super::callback::{self, Listener};
use super::{CANARIES, Call, key_pair, object, server};
use crate::chance::{file_of_parts, pick};
use crate::other_client::server_clock;
use crate::source::Source;
use crate::vendor::Scenario;

/// The part sizes of the tiny vendor; its smallest and its largest part are among them.
const TINY: [u64; 4] = [TINY_MIN, 32, 50, TINY_MAX];
const TINY_MIN: u64 = 16;
const TINY_MAX: u64 = 96;
/// The tiny vendor takes so many parts.
const TINY_PARTS: u32 = 24;
/// The tiny vendor takes files up to this in one request.
const TINY_PUT: u64 = 300;
/// How far the server's clock may be ahead, in seconds.
const OFFSETS: [i64; 16] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 20, -20, 850, -3_000, 3_000, -9_000, 200_000];
/// One case in so many has the vendor's real limits, and one in so many more parts than a page shows.
const RARE_EVERY: u32 = 2000;
const KIB: u64 = 1 << 10;

/// What a case is made of.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The file's length.
    pub size: u64,
    /// The object's key.
    pub key: &'static str,
    /// The client's options.
    pub options: Options,
    /// Who is called when the object is complete.
    pub listener: Listener,
    /// The client's keys are temporary.
    pub sts: bool,
    /// The emulator's switches.
    pub switches: Switches,
    /// The emulator's limits.
    pub limits: ServerLimits,
    /// How far the server's clock is ahead, in seconds.
    pub clock_offset: i64,
    /// What is there before the upload begins.
    pub before: Before,
}

/// What is at the server before the upload begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// Nothing.
    Nothing,
    /// The same content at the key.
    Same,
    /// Other content at the key, of the same length or of another.
    Other {
        /// Whether it has the same length.
        same_length: bool,
    },
    /// A stranger's unfinished upload for the key.
    Stranger {
        /// Whether parts of it have arrived.
        has_parts: bool,
    },
    /// Other content at the key, and a stranger's unfinished upload to overwrite it.
    OtherAndStranger,
}

impl Setting {
    /// A plain setting: the tiny vendor, parts of 16 bytes, nothing there before, no surprises.
    pub fn plain(size: u64, sequential: bool) -> Self {
        let limits = tiny_limits();
        let options = Options::default().part_size(TINY_MIN).one_request_max(0).sequential(sequential).limits(limits);
        Self {
            size,
            key: "f.bin",
            options,
            listener: Listener::None,
            sts: false,
            switches: Switches::default(),
            limits: storage_limits(&limits),
            clock_offset: 0,
            before: Before::Nothing,
        }
    }

    fn draw_tiny(chance: &mut Rng) -> Self {
        let mut limits = tiny_limits();
        limits.page = pick(chance, &[1, 2, 3, 1000]);
        let part_size = match chance.u8(0..50) {
            // Now and then one at the end of what the vendor takes.
            0 => pick(chance, &[TINY_MIN, TINY_MAX - 1, TINY_MAX]),
            _ => pick(chance, &TINY),
        };
        let size = file_of_parts(chance, part_size, TINY_PARTS.into(), TINY_MAX);
        let mut setting = Self::with(chance, size, part_size, limits);
        setting.options.one_request_max = pick(chance, &[0, 0, 0, 40, TINY_MAX, TINY_PUT, u64::MAX]);
        setting
    }

    /// The vendor's own limits.
    fn draw_real(chance: &mut Rng) -> Self {
        let size = pick(chance, &[100 * KIB, 300 * KIB, 300 * KIB + 1, 400 * KIB - 1]);
        let mut setting = Self::with(chance, size, 100 * KIB, Limits::default());
        setting.options.one_request_max = pick(chance, &[0, 200 * KIB, 5 << 20]);
        setting
    }

    /// More parts than the vendor's pages show.
    fn draw_many(chance: &mut Rng) -> Self {
        let limits = Limits { part_min: 1, part_max: 8, page: 1000, ..Limits::default() };
        let parts = pick(chance, &[999, 1000, 1001, 1005, 2001]);
        let size = 2 * parts - chance.u64(0..2);
        Self::with(chance, size, 2, limits)
    }

    /// A case of this size, with everything else drawn.
    fn with(chance: &mut Rng, size: u64, part_size: u64, limits: Limits) -> Self {
        let listener = pick(chance, &[Listener::None, Listener::None, Listener::Hears, Listener::Hears]);
        let listener = if chance.u8(0..40) == 0 { pick(chance, &Listener::DEAF) } else { listener };
        let mut setting = Self::plain(size, chance.bool());
        setting.options.part_size = part_size;
        setting.options.limits = limits;
        setting.options.forbid_overwrite = chance.u8(0..3) == 0;
        setting.options.signature = pick(chance, &[Version::V1, Version::V4]);
        setting.options.content_type = pick(chance, &[None, Some("video/mp4")]).map(HeaderValue::from_static);
        setting.calls(listener);
        setting.key = pick(chance, &["f.bin", "dir a/文件+1~.bin"]);
        setting.sts = chance.bool();
        setting.switches = storage_switches(chance, &[MissingToken::InvalidAccessKeyId, MissingToken::AccessDenied]);
        setting.limits = storage_limits(&limits);
        setting.limits.skew = pick(chance, &[900, 900, 900, 120]);
        setting.limits.sts_life = pick(chance, &[3600, 3600, 900, 120, 60]);
        setting.limits.sts_memory = pick(chance, &[300, 60, 0]);
        setting.clock_offset = pick(chance, &OFFSETS);
        setting.before = before(chance);
        setting
    }

    /// The same with this callback.
    pub fn calls(&mut self, listener: Listener) {
        self.listener = listener;
        self.options.callback = callback::of(listener);
    }

    /// The client's callback.
    pub fn callback(&self) -> Option<&Callback> {
        self.options.callback.as_ref()
    }
}

impl Scenario for Setting {
    type Protocol = Oss;
    type Call = Call;

    const CANARIES: &'static [&'static str] = &CANARIES;

    fn draw(chance: &mut Rng) -> Self {
        match chance.u32(0..RARE_EVERY) {
            0 => Self::draw_real(chance),
            1 => Self::draw_many(chance),
            _ => Self::draw_tiny(chance),
        }
    }

    /// The uploads over which faults are enumerated: in order and side by side, the last part full and not, lists of pages of
    /// one to three parts, with a callback or without, where overwriting is forbidden and where it is not; and the same in one
    /// request.
    fn enumerated() -> Vec<(Self, usize)> {
        let mut all = Vec::new();
        let orders = [(true, 1), (true, 3), (false, 1), (false, 3)];
        let again = [CompleteAgain::NoSuchUpload, CompleteAgain::Success];
        for (number, size) in [3 * TINY_MIN, 3 * TINY_MIN - 1, 2 * TINY_MIN + 1, 5 * TINY_MIN].into_iter().enumerate() {
            for (order, (sequential, window)) in orders.into_iter().enumerate() {
                for complete_again in again {
                    let mut parts = Self::plain(size, sequential);
                    parts.options.limits.page = pages(number + order);
                    parts.limits.page = parts.options.limits.page;
                    parts.switches.complete_again = complete_again;
                    parts.options.forbid_overwrite = order.is_multiple_of(2) == number.is_multiple_of(2);
                    parts.sts = number.is_multiple_of(2);
                    parts.calls(if order.is_multiple_of(2) { Listener::Hears } else { Listener::None });
                    all.push((parts, window));
                }
            }
        }
        for size in [0, 100] {
            for forbid_overwrite in [false, true] {
                for listener in [Listener::None, Listener::Hears] {
                    let mut whole = Self::plain(size, false);
                    whole.options.one_request_max = 200;
                    whole.options.forbid_overwrite = forbid_overwrite;
                    whole.options.signature = Version::V1;
                    whole.calls(listener);
                    all.push((whole, 1));
                }
            }
        }
        all
    }

    fn size(&self) -> u64 {
        self.size
    }

    /// The client's parts, whether or not they are within the limits.
    fn part_size(&self) -> u64 {
        self.options.part_size.max(self.size.div_ceil(self.options.limits.parts.into()))
    }

    fn in_one_request(&self) -> bool {
        self.size <= self.options.one_request_max.min(self.options.limits.put_max)
    }

    fn protocol(&self) -> Oss {
        Oss::new(object(self), self.options.clone()).expect("the endpoint tells its region")
    }

    fn server(&self, source: &Source, chance: &mut Rng) -> Emulator {
        server::build(self, source, chance)
    }

    fn credential(number: usize) -> Credential {
        key_pair(number)
    }

    /// A host that has kept its keys may come with some whose time is nearly over, or over, or forgotten.
    fn granted(&self, server: &Emulator, now: Duration, fresh: bool, chance: &mut Rng) -> Option<Credential> {
        if !self.sts {
            return None;
        }
        let (life, memory) = (self.limits.sts_life, self.limits.sts_memory);
        let ages = [0, 0, 0, life / 2, life - 1, life + 1, life + memory + 1];
        let age = Duration::from_secs(if fresh { 0 } else { pick(chance, &ages) });
        let Sts { access_key_id, access_key_secret, security_token, .. } =
            server.oss().grant(server_clock(now, self.clock_offset).saturating_sub(age));
        let keys = Credential::temporary(access_key_id, access_key_secret, security_token);
        Some(keys.expect("the server's own keys"))
    }
}

impl Before {
    /// Whether an object is at the key.
    pub fn is_object(self) -> bool {
        matches!(self, Self::Same | Self::Other { .. } | Self::OtherAndStranger)
    }

    /// How many unfinished uploads of strangers are there, and how many of them have parts.
    pub fn strangers(self) -> (usize, usize) {
        match self {
            Self::Stranger { has_parts } => (1, usize::from(has_parts)),
            Self::OtherAndStranger => (1, 1),
            _ => (0, 0),
        }
    }
}

fn pages(number: usize) -> u32 {
    [1, 2, 3][number % 3]
}

pub(crate) fn tiny_limits() -> Limits {
    let (part_min, part_max, parts, put_max) = (TINY_MIN, TINY_MAX, TINY_PARTS, TINY_PUT);
    Limits { part_min, part_max, parts, put_max, object_max: u64::MAX, page: 1000 }
}

/// The server's limits are what the client believes.
pub(crate) fn storage_limits(limits: &Limits) -> ServerLimits {
    let mut all = ServerLimits::default();
    all.part_min = limits.part_min;
    all.part_max = limits.part_max;
    all.parts = limits.parts;
    all.put_max = limits.put_max;
    all.page = limits.page;
    all
}

/// What is there before: most often nothing.
pub(crate) fn before(chance: &mut Rng) -> Before {
    match chance.u8(0..32) {
        0 | 1 => Before::Same,
        2..5 => Before::Other { same_length: chance.bool() },
        5..8 => Before::Stranger { has_parts: chance.bool() },
        8 => Before::OtherAndStranger,
        _ => Before::Nothing,
    }
}

/// What the storage does; without a choice of how it misses a token, as it does by default.
pub(crate) fn storage_switches(chance: &mut Rng, missing_tokens: &[MissingToken]) -> Switches {
    let mut all = Switches::default();
    all.complete_again =
        pick(chance, &[CompleteAgain::NoSuchUpload, CompleteAgain::NoSuchUpload, CompleteAgain::Success]);
    all.list_crc = chance.bool();
    all.next_marker = pick(chance, &[NextMarker::Always, NextMarker::WhenTruncated]);
    all.sts_judged = pick(chance, &[StsJudged::AtStart, StsJudged::AtEnd]);
    if !missing_tokens.is_empty() {
        all.missing_token = pick(chance, missing_tokens);
    }
    all.multipart_etag = pick(chance, &[MultipartEtag::PartDigests, MultipartEtag::Opaque]);
    all
}
