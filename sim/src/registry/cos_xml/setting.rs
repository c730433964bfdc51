//! One case's choices: the client's options, switches and limits of the emulator, and what is there before.

use std::time::Duration;

use fastrand::Rng;
use http::HeaderValue;
use resumable_emulator::Emulator;
use resumable_emulator::cos_xml::{
    CompleteAgain, CompleteStyle, EncodingElement, EtagQuotes, ExpiredAs, JudgeTime, Limits as ServerLimits,
    MultipartEtag, NextMarker, PartEtag, Switches, TemporaryKey,
};
use resumable_proto_cos_xml::{CosXml, Credential, Limits, Options};

use super::{Call, KEYS, key_pair, object, server};
use crate::chance::{file_of_parts, pick};
use crate::other_client::server_clock;
use crate::registry::oss::{Before, before, tiny_limits};
use crate::source::Source;
use crate::vendor::Scenario;

/// The part sizes of the tiny vendor; its smallest and its largest part are among them.
const TINY: [u64; 4] = [16, 32, 50, 96];
/// How far the server's clock may be ahead, in seconds.
const OFFSETS: [i64; 14] = [0, 0, 0, 0, 0, 0, 0, 0, 20, -20, 850, -3_000, 9_000, 200_000];
/// One case in so many has more parts than a page shows.
const RARE_EVERY: u32 = 2000;

/// What a case is made of.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The file's length.
    pub size: u64,
    /// The object's key.
    pub key: &'static str,
    /// The client's options.
    pub options: Options,
    /// The client's keys are temporary.
    pub temporary: bool,
    /// The emulator's switches.
    pub switches: Switches,
    /// The emulator's limits.
    pub limits: ServerLimits,
    /// How far the server's clock is ahead, in seconds.
    pub clock_offset: i64,
    /// What is there before the upload begins.
    pub before: Before,
}

impl Setting {
    /// A plain setting: the tiny vendor, parts of 16 bytes, nothing there before, no surprises.
    pub fn plain(size: u64) -> Self {
        let limits = tiny_limits();
        Self {
            size,
            key: "f.bin",
            options: Options::default().part_size(limits.part_min).one_request_max(0).limits(limits),
            temporary: false,
            switches: Switches::default(),
            limits: server_limits(&limits),
            clock_offset: 0,
            before: Before::Nothing,
        }
    }

    fn draw_tiny(chance: &mut Rng) -> Self {
        let mut limits = tiny_limits();
        limits.page = pick(chance, &[1, 2, 3, 1000]);
        let part_size = pick(chance, &TINY);
        let size = file_of_parts(chance, part_size, limits.parts.into(), limits.part_max);
        let mut setting = Self::with(chance, size, part_size, limits);
        setting.options.one_request_max = pick(chance, &[0, 0, 0, 40, limits.part_max, limits.put_max, u64::MAX]);
        setting
    }

    /// More parts than the vendor's pages show.
    fn draw_many(chance: &mut Rng) -> Self {
        let limits = Limits { part_min: 1, part_max: 8, parts: 10_000, page: 1000, ..tiny_limits() };
        let parts = pick(chance, &[999, 1000, 1001, 1005, 2001]);
        let size = 2 * parts - chance.u64(0..2);
        Self::with(chance, size, 2, limits)
    }

    /// A case of this size, with everything else drawn.
    fn with(chance: &mut Rng, size: u64, part_size: u64, limits: Limits) -> Self {
        let mut setting = Self::plain(size);
        setting.options.part_size = part_size;
        setting.options.limits = limits;
        setting.options.forbid_overwrite = chance.u8(0..3) == 0;
        setting.options.backup_domain = chance.bool();
        setting.options.traffic_limit = pick(chance, &[None, Some(100 << 10)]);
        setting.options.content_type = pick(chance, &[None, Some("video/mp4")]).map(HeaderValue::from_static);
        setting.key = pick(chance, &["f.bin", "dir a/文件+1~.bin", "x/./y/../z"]);
        setting.temporary = chance.bool();
        setting.switches = switches(chance);
        setting.limits = server_limits(&limits);
        setting.limits.future_start = pick(chance, &[900, 900, 120]);
        setting.limits.token_life = pick(chance, &[1800, 1800, 900, 120, 60]);
        setting.limits.token_memory = pick(chance, &[3600, 60, 0]);
        setting.clock_offset = pick(chance, &OFFSETS);
        setting.before = before(chance);
        // The same content that may not be overwritten is success, and the upload that was opened beside it stays: OSS and COS
        // do not say at complete which of the two they mean.
        setting.switches.initiate_checks_forbid = setting.before == Before::Same || chance.bool();
        setting
    }
}

impl Scenario for Setting {
    type Protocol = CosXml;
    type Call = Call;

    const CANARIES: &'static [&'static str] = &KEYS;

    fn draw(chance: &mut Rng) -> Self {
        if chance.u32(0..RARE_EVERY) == 0 { Self::draw_many(chance) } else { Self::draw_tiny(chance) }
    }

    /// The uploads over which faults are enumerated: the last part full and not, lists of pages of one to three parts, whatever
    /// a second complete is answered with; and the same in one request.
    fn enumerated() -> Vec<(Self, usize)> {
        let mut all = Vec::new();
        let again = [CompleteAgain::NoSuchUpload, CompleteAgain::SameResult, CompleteAgain::Conflict];
        for (number, size) in [48, 47, 33, 80].into_iter().enumerate() {
            for (nth, complete_again) in again.iter().enumerate() {
                for window in [1, 3] {
                    let mut parts = Self::plain(size);
                    parts.options.limits.page = [1, 2, 3][(number + nth) % 3];
                    parts.limits.page = parts.options.limits.page;
                    parts.switches.complete_again = *complete_again;
                    parts.switches.complete_style =
                        if window == 1 { CompleteStyle::Blanks } else { CompleteStyle::Plain };
                    parts.options.forbid_overwrite = number.is_multiple_of(2);
                    parts.temporary = nth == 0;
                    all.push((parts, window));
                }
            }
        }
        for size in [0, 100] {
            for forbid_overwrite in [false, true] {
                let mut whole = Self::plain(size);
                whole.options.one_request_max = 200;
                whole.options.forbid_overwrite = forbid_overwrite;
                all.push((whole, 1));
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

    fn protocol(&self) -> CosXml {
        CosXml::new(object(self), self.options.clone()).expect("the simulator's own options")
    }

    fn server(&self, source: &Source, chance: &mut Rng) -> Emulator {
        server::build(self, source, chance)
    }

    fn credential(number: usize) -> Credential {
        key_pair(number)
    }

    /// A host that has kept its keys may come with some whose time is nearly over, or over, or forgotten.
    fn granted(&self, server: &Emulator, now: Duration, fresh: bool, chance: &mut Rng) -> Option<Credential> {
        if !self.temporary {
            return None;
        }
        let (life, memory) = (self.limits.token_life, self.limits.token_memory);
        let ages = [0, 0, 0, life / 2, life - 1, life + 1, life + memory + 1];
        let age = Duration::from_secs(if fresh { 0 } else { pick(chance, &ages) });
        let TemporaryKey { secret_id, secret_key, security_token, .. } =
            server.cos_xml().grant(server_clock(now, self.clock_offset).saturating_sub(age));
        Some(Credential::temporary(secret_id, secret_key, security_token).expect("the server's own keys"))
    }
}

/// The server's limits are what the client believes.
fn server_limits(limits: &Limits) -> ServerLimits {
    let mut all = ServerLimits::default();
    all.part_min = limits.part_min;
    all.part_max = limits.part_max;
    all.parts = limits.parts;
    all.put_max = limits.put_max;
    all.page = limits.page;
    all
}

/// What the pages leave open, as far as each choice lets an upload end.
fn switches(chance: &mut Rng) -> Switches {
    let mut all = Switches::default();
    all.complete_again =
        pick(chance, &[CompleteAgain::NoSuchUpload, CompleteAgain::SameResult, CompleteAgain::Conflict]);
    all.complete_style = pick(
        chance,
        &[
            CompleteStyle::Plain,
            CompleteStyle::Plain,
            CompleteStyle::Blanks,
            CompleteStyle::BlanksThenDeclaration,
            CompleteStyle::Cut,
        ],
    );
    all.expired_as = pick(chance, &[ExpiredAs::AccessDenied, ExpiredAs::Code, ExpiredAs::Skewed]);
    all.judge_time = pick(chance, &[JudgeTime::AtStart, JudgeTime::AtEnd]);
    all.versioned_bucket = chance.u8(0..4) == 0;
    all.part_etag = pick(chance, &[PartEtag::Md5, PartEtag::UpperCase]);
    all.multipart_etag = pick(chance, &[MultipartEtag::PartDigests, MultipartEtag::Opaque]);
    all.etag_quotes = pick(chance, &[EtagQuotes::Entity, EtagQuotes::Bare]);
    all.encoding_element = pick(chance, &[EncodingElement::Dashed, EncodingElement::Plain]);
    all.next_marker = pick(chance, &[NextMarker::Always, NextMarker::WhenTruncated]);
    all
}
