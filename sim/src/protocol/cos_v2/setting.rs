//! One case's choices: the client's options, every switch of the emulator, and what is there before.

use std::time::Duration;

use fastrand::Rng;
use resumable_emulator::cos_v2::{
    BadPath, ChangedSlice, DateForm, ExpiredCode, FinishAgain, FinishWithGaps, Limits, ListSha, ListShows,
    MissingDirectory, QueryPlus, SerialUpload, StatUnfinished, Switches, UnknownSession,
};
use resumable_proto_cos_v2::{Integrity, Options};

/// The slice sizes of the tiny vendor.
const TINY: [u64; 3] = [64, 128, 192];
/// The tiny vendor's `op=upload` takes at most so much.
const TINY_ONE_REQUEST: u64 = 300;
/// How far the server's clock may be ahead, in seconds.
const OFFSETS: [i64; 24] =
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20, -20, 500, 3_000, -3_000, 9_000, -9_000, 200_000];
/// One case in so many has the vendor's real limits.
const REAL_EVERY: u32 = 4000;

/// What a case is made of.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The file's length.
    pub size: u64,
    /// The object's key.
    pub key: &'static str,
    /// The client's options.
    pub options: Options,
    /// The emulator's switches.
    pub switches: Switches,
    /// The vendor's limits.
    pub limits: Limits,
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
    /// The same content at the path.
    Same,
    /// Other content at the path, of the same length or of another.
    Other {
        /// Whether it has the same length.
        same_length: bool,
    },
    /// The same content elsewhere in the bucket.
    Elsewhere,
    /// A stranger's unfinished upload at the path.
    Stranger {
        /// Whether its length is ours.
        same_length: bool,
        /// Whether slices of it have arrived.
        has_slices: bool,
        /// Whether it was begun with a digest.
        hashed: bool,
    },
    /// An unfinished upload of ours, whose checkpoint is lost.
    Ours {
        /// How many of its slices have arrived, at most.
        slices: u8,
    },
    /// Other content at the path, and a stranger's unfinished upload to overwrite it.
    OtherAndStranger,
}

impl Setting {
    /// A plain setting: the tiny vendor, nothing there before, no surprises.
    pub fn plain(size: u64, integrity: Integrity) -> Self {
        let mut options = Options::default();
        options.slice_size = TINY[0];
        options.slice_sizes = TINY.to_vec();
        options.one_request_max = 0;
        options.integrity = integrity;
        let mut switches = Switches::default();
        switches.uploadparts_with_sha = integrity == Integrity::Chain;
        let (limits, before) = (tiny_limits(), Before::Nothing);
        Self { size, key: "f.bin", options, switches, limits, clock_offset: 0, before }
    }

    /// Draws a setting.
    pub fn draw(chance: &mut Rng) -> Self {
        if chance.u32(0..REAL_EVERY) == 0 {
            return Self::draw_real(chance);
        }
        let slice = pick(chance, &TINY);
        let options = options(chance, slice);
        let switches = switches(chance, options.integrity);
        let key = if chance.bool() { "f.bin" } else { "dir/f.bin" };
        let force = switches.slice_size.unwrap_or(slice);
        let size = size(chance, force);
        let clock_offset = pick(chance, &OFFSETS);
        let before = before(chance);
        Self { size, key, options, switches, limits: tiny_limits(), clock_offset, before }
    }

    fn draw_real(chance: &mut Rng) -> Self {
        let mut options = Options::default();
        options.integrity = pick(chance, &[Integrity::None, Integrity::Chain]);
        options.slice_size = pick(chance, &[512 << 10, 1 << 20]);
        options.one_request_max = pick(chance, &[8 << 20, 0]);
        let mut switches = Switches::default();
        switches.list_sha = ListSha::Plain;
        let size = pick(chance, &[1 << 20, (1 << 20) + 1, (3 << 20) - 1, 700_000]);
        let (limits, before) = (Limits::default(), Before::Nothing);
        Self { size, key: "f.bin", options, switches, limits, clock_offset: 0, before }
    }

    /// The slice size that the server answers.
    pub fn slice_in_force(&self) -> u64 {
        self.switches.slice_size.unwrap_or(self.options.slice_size)
    }

    /// Whether the client uploads in one request.
    pub fn in_one_request(&self) -> bool {
        self.size <= self.options.one_request_max
    }
}

fn pick<T: Copy>(chance: &mut Rng, among: &[T]) -> T {
    among[chance.usize(0..among.len())]
}

fn tiny_limits() -> Limits {
    let mut limits = Limits::default();
    limits.slice_sizes = TINY.to_vec();
    limits.one_request = TINY_ONE_REQUEST;
    limits
}

fn options(chance: &mut Rng, slice_size: u64) -> Options {
    let mut options = Options::default();
    options.slice_size = slice_size;
    options.slice_sizes = TINY.to_vec();
    options.integrity = pick(chance, &[Integrity::None, Integrity::Sha1, Integrity::Chain]);
    options.one_request_max = pick(chance, &[0, 0, 64, TINY_ONE_REQUEST]);
    options.insert_only = chance.u8(0..3) > 0;
    options.replace_unfinished = chance.u8(0..3) > 0;
    options.biz_attr = chance.bool().then(|| "kept with the object".to_owned());
    options.signature_life = Duration::from_secs(pick(chance, &[3600, 600]));
    options
}

fn size(chance: &mut Rng, slice: u64) -> u64 {
    let slices = pick(chance, &[1, 2, 3, 3, 4, 5, 8, 20]);
    match chance.u8(0..16) {
        0 => 0,
        1 => 1,
        2..6 => slices * slice,
        6..10 => slices * slice + 1,
        10..14 => slices * slice - 1,
        _ => chance.u64(1..slices * slice + slice),
    }
}

fn before(chance: &mut Rng) -> Before {
    match chance.u8(0..40) {
        0 | 1 => Before::Same,
        2..5 => Before::Other { same_length: chance.bool() },
        5 | 6 => Before::Elsewhere,
        7..13 => Before::Stranger { same_length: chance.bool(), has_slices: chance.bool(), hashed: chance.bool() },
        13 => Before::OtherAndStranger,
        14 | 15 => Before::Ours { slices: pick(chance, &[0, 1, 2, 200]) },
        _ => Before::Nothing,
    }
}

fn switches(chance: &mut Rng, integrity: Integrity) -> Switches {
    // Where the vendor wants chaining states with every digest, a digest alone is always refused: now and then is enough.
    let picky = integrity != Integrity::Sha1 || chance.u8(0..32) == 0;
    let mut all = Switches::default();
    all.request_id = chance.bool();
    all.date = pick(chance, &[DateForm::AsctimeBeijing, DateForm::ImfFixdate, DateForm::ImfFixdate]);
    all.serial_upload = pick(chance, &[SerialUpload::One, SerialUpload::Zero, SerialUpload::Absent]);
    all.slice_size = pick(chance, &[None, None, None, Some(64), Some(256)]);
    all.instant_upload = chance.bool();
    all.uploadparts_with_sha = picky && chance.bool();
    all.aligned_slices = chance.bool();
    all.changed_slice = pick(chance, &[ChangedSlice::Replace, ChangedSlice::Refuse]);
    all.list_sha = pick(chance, &[ListSha::Absent, ListSha::Plain, ListSha::Suffixed]);
    all.list_shows = pick(chance, &[ListShows::Session, ListShows::Finished]);
    all.finish_with_gaps = pick(chance, &[FinishWithGaps::Unfinished, FinishWithGaps::Length]);
    all.finish_again = pick(chance, &[FinishAgain::Gone, FinishAgain::UrlsAgain]);
    all.unknown_session = pick(
        chance,
        &[UnknownSession::NotFound, UnknownSession::NotFound, UnknownSession::Failed, UnknownSession::Parameter],
    );
    all.stat_unfinished = pick(chance, &[StatUnfinished::NotFound, StatUnfinished::Partial]);
    all.missing_directory = if chance.u8(0..40) == 0 { MissingDirectory::Refuse } else { MissingDirectory::Create };
    all.expired = pick(chance, &[ExpiredCode::Proxy, ExpiredCode::Sign]);
    all.bad_path = pick(chance, &[BadPath::IllegalPath, BadPath::Parameter]);
    all.query_plus = pick(chance, &[QueryPlus::Space, QueryPlus::Literal]);
    all.once_for_uploads = chance.bool();
    all
}
