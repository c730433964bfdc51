//! One case's choices: the client's options, every switch and limit of the emulator, and what is there before.

use std::time::Duration;

use fastrand::Rng;
use http::HeaderValue;
use resumable_emulator::Emulator;
use resumable_emulator::s3::{
    AbortAgain, Checksums, CompleteAgain, Documents, Etag, IsTruncated, Limits as ServerLimits, ListMarker,
    MissingObject, MultipartEtag, PartLengths, Refused, RefusedComplete, Sts, Switches, UndeclaredPart, UploadId,
    WrongRegion,
};
use resumable_proto_s3::{Credential, Limits, Options, Payload, Preset, S3, Tags};

use super::{CANARIES, Call, REGION, key_pair, object, server};
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
    pub sts: bool,
    /// The bucket's region; the client thinks that it is `us-east-1`.
    pub region: &'static str,
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
}

impl Setting {
    /// A plain setting: the tiny vendor, parts of 16 bytes, nothing there before, no surprises.
    pub fn plain(size: u64, service: &str) -> Self {
        let mut preset = *Preset::named(service).expect("the simulator's own choice");
        preset.limits = tiny_limits(&preset);
        preset.conditional = true;
        preset.names_requests = true;
        let options = Options::of(preset).part_size(TINY_MIN).one_request_max(0);
        Self {
            size,
            key: "f.bin",
            limits: storage_limits(&preset.limits),
            options,
            sts: false,
            region: REGION,
            switches: Switches::default(),
            clock_offset: 0,
            before: Before::Nothing,
        }
    }

    fn draw_tiny(chance: &mut Rng) -> Self {
        let part_size = match chance.u8(0..50) {
            // Now and then one at the end of what the vendor takes.
            0 => pick(chance, &[TINY_MIN, TINY_MAX - 1, TINY_MAX]),
            _ => pick(chance, &TINY),
        };
        let size = file_of_parts(chance, part_size, TINY_PARTS.into(), TINY_MAX);
        let mut setting = Self::with(chance, size, part_size);
        setting.options.preset.limits.page = pick(chance, &[1, 2, 3, 1000]);
        setting.limits.page = setting.options.preset.limits.page;
        setting.options.one_request_max = pick(chance, &[0, 0, 0, 40, TINY_MAX, TINY_PUT, u64::MAX]);
        setting
    }

    /// More parts than the vendor's pages show.
    fn draw_many(chance: &mut Rng) -> Self {
        let parts = pick(chance, &[999, 1000, 1001, 1005, 2001]);
        let size = 2 * parts - chance.u64(0..2);
        let mut setting = Self::with(chance, size, 2);
        let limits = &mut setting.options.preset.limits;
        (limits.part_min, limits.part_max, limits.parts) = (1, 8, 10_000);
        setting.limits = storage_limits(limits);
        setting
    }

    /// A case of this size, with everything else drawn.
    fn with(chance: &mut Rng, size: u64, part_size: u64) -> Self {
        let service = pick(chance, &["aws", "aws", "r2", "minio", "other"]);
        let mut setting = Self::plain(size, service);
        setting.switches = switches(chance);
        setting.options.part_size = part_size;
        setting.options.forbid_overwrite = chance.u8(0..3) == 0;
        setting.options.content_type = pick(chance, &[None, Some("video/mp4")]).map(HeaderValue::from_static);
        setting.options.payload = pick(chance, &[Payload::Unsigned, Payload::Unsigned, Payload::Signed]);
        setting.options.preset.names_requests = setting.switches.request_id && chance.bool();
        // Where neither tags nor sums prove a part, one that was sent twice makes all of them be sent again.
        let summed = setting.options.preset.checksum.is_some() && setting.switches.checksums == Checksums::Kept;
        if summed {
            setting.switches.etag =
                pick(chance, &[Etag::Md5, Etag::Md5, Etag::UpperCase, Etag::OtherHex, Etag::Opaque]);
        }
        setting.options.preset.tags = match setting.switches.etag {
            Etag::Md5 | Etag::UpperCase if !summed || chance.bool() => Tags::Md5,
            _ => Tags::Opaque,
        };
        setting.key = pick(chance, &["f.bin", "dir a//文件+1~.bin", "/lead"]);
        setting.sts = chance.bool();
        setting.region = pick(chance, &[REGION, REGION, REGION, "eu-west-1"]);
        setting.limits.skew = pick(chance, &[900, 900, 900, 120]);
        setting.limits.sts_life = pick(chance, &[3600, 3600, 900, 120, 60]);
        setting.limits.sts_memory = pick(chance, &[300, 60, 0]);
        setting.clock_offset = pick(chance, &OFFSETS);
        setting.before = before(chance);
        setting
    }
}

impl Scenario for Setting {
    type Protocol = S3;
    type Call = Call;

    const CANARIES: &'static [&'static str] = &CANARIES;

    fn draw(chance: &mut Rng) -> Self {
        match chance.u32(0..RARE_EVERY) {
            0 => Self::draw_many(chance),
            _ => Self::draw_tiny(chance),
        }
    }

    /// The uploads over which faults are enumerated: with a sum of the whole and without, the last part full and not, lists of
    /// pages of one to three parts, tags that say nothing, a complete that is repeated and one that is not; and the same in one
    /// request.
    fn enumerated() -> Vec<(Self, usize)> {
        let mut all = Vec::new();
        let again = [CompleteAgain::NoSuchUpload, CompleteAgain::Same, CompleteAgain::PreconditionFailed];
        for (number, size) in [3 * TINY_MIN, 3 * TINY_MIN - 1, 2 * TINY_MIN + 1, 5 * TINY_MIN].into_iter().enumerate() {
            for (order, (service, window)) in
                [("aws", 1), ("aws", 3), ("minio", 1), ("minio", 3)].into_iter().enumerate()
            {
                let mut parts = Self::plain(size, service);
                parts.options.preset.limits.page = pages(number + order);
                parts.limits.page = pages(number + order);
                parts.switches.complete_again = again[(number + order) % again.len()];
                parts.options.forbid_overwrite = order.is_multiple_of(2) == number.is_multiple_of(2);
                parts.sts = number.is_multiple_of(2);
                if order == 0 {
                    parts.switches.etag = Etag::OtherHex;
                    parts.options.preset.tags = Tags::Opaque;
                }
                all.push((parts, window));
            }
        }
        for size in [0, 100] {
            for forbid_overwrite in [false, true] {
                for (service, payload) in [("aws", Payload::Signed), ("minio", Payload::Unsigned)] {
                    let mut whole = Self::plain(size, service);
                    whole.options.one_request_max = 200;
                    whole.options.forbid_overwrite = forbid_overwrite;
                    whole.options.payload = payload;
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
        self.options.part_size.max(self.size.div_ceil(self.options.preset.limits.parts.into()))
    }

    fn in_one_request(&self) -> bool {
        self.size <= self.options.one_request_max.min(self.options.preset.limits.put_max)
    }

    fn protocol(&self) -> S3 {
        S3::new(object(self), self.options.clone()).expect("the simulator's own options")
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
            server.s3().grant(server_clock(now, self.clock_offset).saturating_sub(age));
        let keys = Credential::temporary(access_key_id, access_key_secret, security_token);
        Some(keys.expect("the server's own keys"))
    }
}

impl Before {
    /// Whether an object is at the key.
    pub fn is_object(self) -> bool {
        matches!(self, Self::Same | Self::Other { .. })
    }

    /// How many unfinished uploads of strangers are there, and how many of them have parts.
    pub fn strangers(self) -> (usize, usize) {
        match self {
            Self::Stranger { has_parts } => (1, usize::from(has_parts)),
            _ => (0, 0),
        }
    }
}

fn pages(number: usize) -> u32 {
    [1, 2, 3][number % 3]
}

fn tiny_limits(preset: &Preset) -> Limits {
    let (part_min, part_max, parts, put_max) = (TINY_MIN, TINY_MAX, TINY_PARTS, TINY_PUT);
    Limits { part_min, part_max, parts, put_max, object_max: u64::MAX, ..preset.limits }
}

/// The server's limits are what the client believes.
fn storage_limits(limits: &Limits) -> ServerLimits {
    let mut all = ServerLimits::default();
    all.part_min = limits.part_min;
    all.part_max = limits.part_max;
    all.parts = limits.parts;
    all.put_max = limits.put_max;
    all.page = limits.page;
    all
}

fn before(chance: &mut Rng) -> Before {
    match chance.u8(0..32) {
        0 | 1 => Before::Same,
        2..5 => Before::Other { same_length: chance.bool() },
        5..8 => Before::Stranger { has_parts: chance.bool() },
        _ => Before::Nothing,
    }
}

/// What a server does that another does not. Left out is what no upload gets through: tags that are missing, parts that cannot be
/// replaced, an unknown upload that is called something else.
fn switches(chance: &mut Rng) -> Switches {
    use CompleteAgain::{AnyList, NoSuchUpload, PreconditionFailed, Same};
    let mut all = Switches::default();
    all.complete_again = pick(chance, &[Same, NoSuchUpload, NoSuchUpload, AnyList, PreconditionFailed]);
    all.refused_complete = pick(chance, &[RefusedComplete::Upload, RefusedComplete::Nothing]);
    all.abort_again = pick(chance, &[AbortAgain::NoSuchUpload, AbortAgain::NoContent]);
    all.list_marker = pick(chance, &[ListMarker::Exclusive, ListMarker::Exclusive, ListMarker::Inclusive]);
    all.is_truncated = pick(chance, &[IsTruncated::Always, IsTruncated::WhenTrue]);
    all.documents = pick(chance, &[Documents::Plain, Documents::Odd]);
    all.request_id = chance.bool();
    all.etag = pick(chance, &[Etag::Md5, Etag::UpperCase]);
    all.multipart_etag = pick(chance, &[MultipartEtag::PartDigests, MultipartEtag::Opaque]);
    all.checksums = pick(chance, &[Checksums::Kept, Checksums::Kept, Checksums::Ignored, Checksums::Other]);
    all.undeclared_part = pick(chance, &[UndeclaredPart::None, UndeclaredPart::Crc64Nvme]);
    all.part_lengths = pick(chance, &[PartLengths::Any, PartLengths::Equal]);
    all.missing_object = pick(chance, &[MissingObject::NotFound, MissingObject::NotFound, MissingObject::Forbidden]);
    all.wrong_region = pick(
        chance,
        &[WrongRegion::AuthorizationHeaderMalformed, WrongRegion::PermanentRedirect, WrongRegion::IllegalLocation],
    );
    all.upload_id = pick(chance, &[UploadId::Plain, UploadId::Reserved, UploadId::Long]);
    all.signed_content_sha256 = chance.bool();
    all.versioned = chance.bool();
    all.refused = pick(chance, &[Refused::AtStart, Refused::AtEnd]);
    all
}
