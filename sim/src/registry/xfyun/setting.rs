//! One case's choices: the client's options, every switch and limit of the emulator.

use fastrand::Rng;
use resumable_emulator::xfyun::{
    Account, CompleteAgain, DigestCheck, EmptySlice, Gaps, Limits as ServerLimits, ParallelSlices, Refusals,
    ShortSlice, SliceAgain, Switches,
};
use resumable_emulator::{Config, Emulator};
use resumable_proto_xfyun::{App, Credential, DigestMode, Limits, Options, Xfyun};

use super::{APP_ID, Call, ENDPOINT, KEYS, OBJECTS_URL, SECRETS};
use crate::chance::{file_of_parts, pick};
use crate::other_client::emulator;
use crate::source::Source;
use crate::vendor::Scenario;

/// The slice sizes of the tiny vendor; its smallest and its largest slice are among them.
const TINY: [u64; 4] = [TINY_MIN, 32, 50, TINY_MAX];
const TINY_MIN: u64 = 16;
const TINY_MAX: u64 = 96;
/// The tiny vendor takes so many slices.
const TINY_SLICES: u64 = 24;
/// The tiny vendor takes files below this in one request, unless nothing but the largest slice bounds them.
const TINY_ONE_REQUEST: u64 = 300;
/// How far the server's clock may be ahead, in seconds.
const OFFSETS: [i64; 16] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 20, -20, 290, -500, 3_000, -9_000, 200_000];
/// How long the tiny vendor keeps an upload, in seconds; mostly as long as the real one.
const LIVES: [u64; 8] = [DAY, DAY, DAY, DAY, DAY, 10_000, 3_600, 900];
const DAY: u64 = 24 * 3600;
/// One case in so many has the vendor's real limits.
const REAL_EVERY: u32 = 4000;
const MIB: u64 = 1 << 20;

/// What a case is made of.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The file's length.
    pub size: u64,
    /// The client's options.
    pub options: Options,
    /// The client's `cloud_id`.
    pub cloud_id: Option<&'static str>,
    /// The emulator's switches.
    pub switches: Switches,
    /// The emulator's limits.
    pub limits: ServerLimits,
    /// How far the server's clock is ahead, in seconds.
    pub clock_offset: i64,
}

impl Setting {
    /// A plain setting: the tiny vendor, slices of 16 bytes, no surprises.
    pub fn plain(size: u64) -> Self {
        let mut options = Options::default();
        options.part_size = TINY_MIN;
        options.one_request_max = 0;
        options.limits = tiny_limits();
        Self {
            size,
            options,
            cloud_id: None,
            switches: Switches::default(),
            limits: tiny_server_limits(),
            clock_offset: 0,
        }
    }

    fn draw_tiny(chance: &mut Rng) -> Self {
        let options = options(chance);
        let parallel = options.parallel;
        let size = file_of_parts(chance, options.part_size, TINY_SLICES, TINY_MAX);
        let mut limits = tiny_server_limits();
        limits.upload_life = pick(chance, &LIVES);
        limits.skew = pick(chance, &[300, 300, 300, 30]);
        // The real one's is not known; one that is below the client's threshold refuses what the client believes in.
        limits.one_request = pick(chance, &[Some(TINY_ONE_REQUEST), Some(TINY_ONE_REQUEST), None]);
        Self {
            size,
            options,
            cloud_id: pick(chance, &[None, Some("0")]),
            switches: switches(chance, parallel),
            limits,
            clock_offset: pick(chance, &OFFSETS),
        }
    }

    fn draw_real(chance: &mut Rng) -> Self {
        let mut options = Options::default();
        options.part_size = pick(chance, &[5 * MIB, 8 * MIB]);
        options.parallel = chance.bool();
        let mut switches = switches(chance, options.parallel);
        (switches.digest, switches.slice_again) = (DigestCheck::Opaque, SliceAgain::Overwrite);
        let size = pick(chance, &[30_000_000, 29_999_999, 30 * MIB, 10 * MIB, 10 * MIB + 1]);
        if size < 20_000_000 {
            options.one_request_max = 5 * MIB - 1;
        }
        let limits = ServerLimits::default();
        Self { size, options, cloud_id: None, switches, limits, clock_offset: 0 }
    }

    /// Whether the server takes so long a file in one request.
    pub fn is_too_long_for_one_request(&self) -> bool {
        match self.limits.one_request {
            Some(limit) => self.size >= limit,
            None => self.size > self.limits.slice_max,
        }
    }
}

impl Scenario for Setting {
    type Protocol = Xfyun;
    type Call = Call;

    const CANARIES: &'static [&'static str] = &SECRETS;
    const HASHES: bool = false;

    fn draw(chance: &mut Rng) -> Self {
        if chance.u32(0..REAL_EVERY) == 0 { Self::draw_real(chance) } else { Self::draw_tiny(chance) }
    }

    /// The uploads over which faults are enumerated: one request; slices one after the other and side by side, the last one
    /// full and not; and each of them at a vendor that does not say a url twice.
    fn enumerated() -> Vec<(Self, usize)> {
        let mut all = Vec::new();
        for again in [CompleteAgain::SameUrl, CompleteAgain::Expired] {
            for size in [3 * TINY_MIN, 3 * TINY_MIN - 1, 2 * TINY_MIN + 1] {
                for (parallel, window) in [(false, 1), (false, 3), (true, 3)] {
                    let mut sliced = Self::plain(size);
                    sliced.options.parallel = parallel;
                    sliced.switches.complete_again = again;
                    all.push((sliced, window));
                }
            }
        }
        for size in [0, 100] {
            let mut whole = Self::plain(size);
            whole.options.one_request_max = 199;
            all.push((whole, 1));
        }
        all
    }

    fn size(&self) -> u64 {
        self.size
    }

    /// The client's slices, whether or not they are within the limits.
    fn part_size(&self) -> u64 {
        self.options.part_size.max(self.size.div_ceil(self.options.limits.parts))
    }

    fn in_one_request(&self) -> bool {
        self.size <= self.options.one_request_max
    }

    fn protocol(&self) -> Xfyun {
        let app = App::new(ENDPOINT, APP_ID, self.cloud_id).expect("the simulator's own app");
        Xfyun::new(app, self.options.clone()).expect("options that are possible")
    }

    fn server(&self, _: &Source, _: &mut Rng) -> Emulator {
        let account = |number: usize| Account {
            app_id: APP_ID.to_owned(),
            api_key: KEYS[number].to_owned(),
            api_secret: SECRETS[number].to_owned(),
        };
        let mut config = Config::default();
        config.xfyun.accounts = (0..2).map(account).collect();
        OBJECTS_URL.clone_into(&mut config.xfyun.objects_url);
        config.xfyun.limits = self.limits.clone();
        config.xfyun.switches = self.switches.clone();
        emulator(config, self.clock_offset)
    }

    fn credential(number: usize) -> Credential {
        Credential::new(KEYS[number], SECRETS[number]).expect("the simulator's own keys")
    }
}

fn tiny_limits() -> Limits {
    Limits { part_min: TINY_MIN, part_max: TINY_MAX, parts: TINY_SLICES }
}

fn tiny_server_limits() -> ServerLimits {
    let mut limits = ServerLimits::default();
    limits.slice_min = TINY_MIN;
    limits.slice_max = TINY_MAX;
    limits.slices = u32::try_from(TINY_SLICES).unwrap_or(u32::MAX);
    limits.one_request = Some(TINY_ONE_REQUEST);
    limits
}

fn options(chance: &mut Rng) -> Options {
    let mut options = Options::default();
    options.part_size = match chance.u8(0..50) {
        0 => pick(chance, &[TINY_MIN, TINY_MAX]),
        _ => pick(chance, &TINY),
    };
    options.one_request_max = pick(chance, &[0, 0, 0, 39, TINY_MAX - 1, TINY_ONE_REQUEST - 1]);
    options.parallel = chance.bool();
    options.digest = pick(chance, &[DigestMode::Empty, DigestMode::Body]);
    options.limits = tiny_limits();
    options
}

fn switches(chance: &mut Rng, parallel: bool) -> Switches {
    // Where one after the other is asked for, side by side is nearly always refused: now and then is enough.
    let refuses = if parallel { chance.u8(0..16) == 0 } else { chance.bool() };
    let mut all = Switches::default();
    all.refusals = pick(chance, &[Refusals::Http500, Refusals::Http200]);
    // No client that sends forms as they are read can sign the digest of their bodies.
    all.digest = if chance.u8(0..64) == 0 { DigestCheck::Body } else { DigestCheck::Opaque };
    all.short_slice = pick(chance, &[ShortSlice::AtUpload, ShortSlice::AtComplete]);
    all.gaps = pick(chance, &[Gaps::Assemble, Gaps::Assemble, Gaps::Expired, Gaps::Parameter]);
    all.slice_again = pick(chance, &[SliceAgain::Overwrite, SliceAgain::Overwrite, SliceAgain::Refuse]);
    all.empty_slice = pick(chance, &[EmptySlice::Accept, EmptySlice::Refuse]);
    all.complete_again = pick(chance, &[CompleteAgain::SameUrl, CompleteAgain::Expired]);
    all.parallel_slices = if refuses { ParallelSlices::Refuse } else { ParallelSlices::Accept };
    all
}
