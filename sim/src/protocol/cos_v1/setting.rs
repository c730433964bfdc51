//! One case's choices: the client's options, every switch and limit of the emulator, and what is there before.

use std::time::Duration;

use fastrand::Rng;
use resumable_emulator::cos_v1::{
    Again, BadPath, ChangedSlice, DateForm, ErrorStatus, ExpiredCode, FailedCheck, InitIs, InsertOnly, Limits,
    MissingDirectory, NoFile, OddSliceSize, OtherSha, QueryPlus, ResourcePath, ResumeOffset, ResumeSession,
    SliceAfterEnd, SliceOrder, SliceSha, StatUnfinished, StraySession, Switches, UnknownSession, UrlsTold,
};
use resumable_proto_cos_v1::Options;

/// The slice sizes of the tiny vendor.
const TINY: [u64; 3] = [64, 128, 192];
/// A slice size that the tiny vendor does not give.
const ODD: u64 = 100;
/// The tiny vendor's `op=upload` takes at most so much.
const TINY_ONE_REQUEST: u64 = 300;
/// The tiny vendor's largest file, above all that are drawn.
const TINY_FILE: u64 = 1 << 20;
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
    /// A stranger's unfinished upload of other content at the path.
    Stranger {
        /// Whether its length is ours.
        same_length: bool,
        /// Whether slices of it have arrived.
        has_slices: bool,
    },
    /// An unfinished upload of our content, whose checkpoint is lost, or which another program began.
    Ours {
        /// How many of its slices have arrived, at most.
        slices: u8,
        /// The slices came out of order, and the first is missing.
        gap: bool,
    },
    /// Other content at the path, and a stranger's unfinished upload to overwrite it.
    OtherAndStranger,
}

impl Setting {
    /// A plain setting: the tiny vendor, nothing there before, no surprises.
    pub fn plain(size: u64, parallel: bool) -> Self {
        let mut options = Options::default();
        options.slice_size = TINY[0];
        options.slice_sizes = TINY.to_vec();
        options.one_request_max = 0;
        options.parallel = parallel;
        let (switches, limits, before) = (Switches::default(), tiny_limits(), Before::Nothing);
        Self { size, key: "f.bin", options, switches, limits, clock_offset: 0, before }
    }

    /// Draws a setting.
    pub fn draw(chance: &mut Rng) -> Self {
        if chance.u32(0..REAL_EVERY) == 0 {
            return Self::draw_real(chance);
        }
        let mut options = options(chance);
        let switches = switches(chance, &mut options);
        let key = if chance.bool() { "f.bin" } else { "dir/f.bin" };
        let size = size(chance, switches.slice_size.unwrap_or(options.slice_size));
        let clock_offset = pick(chance, &OFFSETS);
        let before = before(chance);
        let mut limits = tiny_limits();
        // Now and then a vendor, or a client, that takes no such file.
        if chance.u8(0..60) == 0 {
            limits.max_file = size / 2;
        }
        if chance.u8(0..60) == 0 {
            options.file_max = size / 2;
        }
        Self { size, key, options, switches, limits, clock_offset, before }
    }

    fn draw_real(chance: &mut Rng) -> Self {
        let mut options = Options::default();
        options.parallel = chance.bool();
        options.slice_size = pick(chance, &[512 << 10, 1 << 20]);
        options.one_request_max = pick(chance, &[8 << 20, 0]);
        let size = pick(chance, &[1 << 20, (1 << 20) + 1, (3 << 20) - 1, 700_000]);
        let (switches, limits, before) = (Switches::default(), Limits::default(), Before::Nothing);
        Self { size, key: "f.bin", options, switches, limits, clock_offset: 0, before }
    }

    /// The slice size that the server answers, unless an older session has another one.
    pub fn slice_in_force(&self) -> u64 {
        let sizes = self.limits.slice_sizes.iter().copied().filter(|size| *size <= self.options.slice_size);
        self.switches.slice_size.or(sizes.max()).unwrap_or(TINY[0])
    }

    /// Whether the client begins with the whole file in one request.
    pub fn in_one_request(&self) -> bool {
        self.size <= self.options.one_request_max
    }

    /// Whether no object is ever overwritten.
    pub fn protects_older(&self) -> bool {
        self.options.insert_only || self.switches.insert_only == InsertOnly::Ignored
    }

    /// Whether the folder of the key is refused for not being there.
    pub fn folder_is_missing(&self) -> bool {
        self.switches.missing_directory == MissingDirectory::Refuse && self.key.contains('/')
    }
}

fn pick<T: Copy>(chance: &mut Rng, among: &[T]) -> T {
    among[chance.usize(0..among.len())]
}

fn tiny_limits() -> Limits {
    let mut limits = Limits::default();
    limits.slice_sizes = TINY.to_vec();
    limits.one_request = TINY_ONE_REQUEST;
    limits.max_file = TINY_FILE;
    limits
}

fn options(chance: &mut Rng) -> Options {
    let mut options = Options::default();
    options.slice_size = pick(chance, &[TINY[0], TINY[0], TINY[1], TINY[1], TINY[2], ODD]);
    options.slice_sizes = vec![TINY[0], TINY[1], TINY[2], ODD];
    options.parallel = chance.bool();
    options.one_request_max = pick(chance, &[0, 0, 0, 64, TINY_ONE_REQUEST]);
    options.insert_only = chance.u8(0..3) > 0;
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
        7..11 => Before::Stranger { same_length: chance.bool(), has_slices: chance.bool() },
        11 => Before::OtherAndStranger,
        12..16 => Before::Ours { slices: pick(chance, &[0, 1, 2, 200]), gap: chance.u8(0..4) == 0 },
        _ => Before::Nothing,
    }
}

/// Some of these refuse every upload: now and then is enough.
fn switches(chance: &mut Rng, options: &mut Options) -> Switches {
    let mut rarely = |often: u8| chance.u8(0..often) == 0;
    let mut all = Switches::default();
    all.missing_directory = if rarely(40) { MissingDirectory::Refuse } else { MissingDirectory::Create };
    all.other_sha = if rarely(8) { OtherSha::Refuse } else { OtherSha::Beside };
    all.odd_slice_size = if rarely(8) { OddSliceSize::Refuse } else { OddSliceSize::Nearest };
    all.stray_session = if rarely(4) { StraySession::Refuse } else { StraySession::Ignore };
    all.resume_session = if rarely(3) { ResumeSession::Fresh } else { ResumeSession::Same };
    all.empty_upload = !rarely(4);
    all.slice_order = if rarely(4) { SliceOrder::Serial } else { SliceOrder::Any };
    if all.other_sha == OtherSha::Beside && rarely(2) {
        all.other_sha = OtherSha::Replace;
    }
    // A refusal of an odd size is no news a second time.
    if all.odd_slice_size == OddSliceSize::Refuse && options.slice_size == ODD && !rarely(4) {
        options.slice_size = TINY[0];
    }
    draw_voice(chance, &mut all);
    all.slice_size = pick(chance, &[None, None, None, Some(64), Some(256)]);
    all.aligned_slices = chance.bool();
    all.slice_sha = pick(chance, &[SliceSha::Ignored, SliceSha::Checked]);
    all.changed_slice = pick(chance, &[ChangedSlice::Replace, ChangedSlice::Refuse]);
    all.resume_offset = pick(chance, &[ResumeOffset::FirstGap, ResumeOffset::LastByte]);
    all.instant_upload = chance.bool();
    all.upload_again = pick(chance, &[Again::Urls, Again::Refuse]);
    all.init_again = pick(chance, &[Again::Urls, Again::Refuse]);
    all.slice_after_end = pick(chance, &[SliceAfterEnd::Urls, SliceAfterEnd::Refuse, SliceAfterEnd::Gone]);
    all.failed_check = pick(chance, &[FailedCheck::Forget, FailedCheck::Keep]);
    all.unknown_session = pick(chance, &[UnknownSession::Failed, UnknownSession::NoIndex, UnknownSession::Parameter]);
    all.insert_only = pick(chance, &[InsertOnly::Obeyed, InsertOnly::Obeyed, InsertOnly::Ignored]);
    all.stat_unfinished = pick(chance, &[StatUnfinished::NotFound, StatUnfinished::Partial]);
    all.once_for_uploads = chance.bool();
    all
}

/// In which words the server says it.
fn draw_voice(chance: &mut Rng, all: &mut Switches) {
    all.request_id = chance.bool();
    all.date = pick(chance, &[DateForm::AsctimeBeijing, DateForm::ImfFixdate, DateForm::ImfFixdate]);
    all.error_status = pick(chance, &[ErrorStatus::BadRequest, ErrorStatus::AsV2]);
    all.resource_path = pick(chance, &[ResourcePath::Full, ResourcePath::Bare]);
    all.urls = pick(chance, &[UrlsTold::All, UrlsTold::Page, UrlsTold::AccessOnly]);
    all.echo_at_end = chance.bool();
    all.init_is = pick(chance, &[InitIs::WithoutFile, InitIs::WithFilesize]);
    all.no_file = pick(chance, &[NoFile::Index, NoFile::File]);
    all.expired = pick(chance, &[ExpiredCode::Proxy, ExpiredCode::Sign]);
    all.bad_path = pick(chance, &[BadPath::IllegalPath, BadPath::Parameter]);
    all.query_plus = pick(chance, &[QueryPlus::Space, QueryPlus::Literal]);
}
