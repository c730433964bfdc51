//! One case's choices: the client's options, every switch and limit of the emulator, and what is there before.

use std::time::Duration;

use fastrand::Rng;
use resumable_emulator::Emulator;
use resumable_emulator::cos_v1::{
    Again, BadPath, ChangedSlice, DateForm, ErrorStatus, ExpiredCode, FailedCheck, InitIs, InsertOnly, Limits,
    MissingDirectory, NoFile, OddSliceSize, OtherSha, QueryPlus, ResourcePath, ResumeOffset, ResumeSession,
    SliceAfterEnd, SliceOrder, SliceSha, StatUnfinished, StraySession, Switches, UnknownSession, UrlsTold,
};
use resumable_proto_cos_v1::{CosV1, Credential, Options};

use super::{Before, Call, Setting, place_of, server};
use crate::chance::pick;
use crate::registry::cos::{self, OFFSETS, REAL_EVERY, TINY, TINY_ONE_REQUEST, file};
use crate::source::Source;
use crate::vendor::Scenario;

/// A slice size that the tiny vendor does not give.
const ODD: u64 = 100;
/// The tiny vendor's largest file, above all that are drawn.
const TINY_FILE: u64 = 1 << 20;
impl Setting {
    /// A plain setting: the tiny vendor, nothing there before, no surprises.
    pub fn plain(size: u64, parallel: bool) -> Self {
        let mut options = Options::default();
        options.part_size = TINY[0];
        options.part_sizes = TINY.to_vec();
        options.one_request_max = 0;
        options.parallel = parallel;
        Self::calm(size, options, tiny_limits())
    }

    fn draw_tiny(chance: &mut Rng) -> Self {
        let mut options = options(chance);
        let switches = switches(chance, &mut options);
        let key = if chance.bool() { "f.bin" } else { "dir/f.bin" };
        let size = file(chance, switches.slice_size.unwrap_or(options.part_size));
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
        options.part_size = pick(chance, &[512 << 10, 1 << 20]);
        options.one_request_max = pick(chance, &[8 << 20, 0]);
        let size = pick(chance, &[1 << 20, (1 << 20) + 1, (3 << 20) - 1, 700_000]);
        Self::calm(size, options, Limits::default())
    }

    /// Whether the folder of the key is refused for not being there.
    pub fn folder_is_missing(&self) -> bool {
        self.switches.missing_directory == MissingDirectory::Refuse && self.key.contains('/')
    }
}

impl Scenario for Setting {
    type Protocol = CosV1;
    type Call = Call;

    const CANARIES: &'static [&'static str] = &cos::KEYS;

    fn draw(chance: &mut Rng) -> Self {
        if chance.u32(0..REAL_EVERY) == 0 { Self::draw_real(chance) } else { Self::draw_tiny(chance) }
    }

    /// Slices one after the other and side by side, with and without a short one at the end; the whole file in one
    /// request; an empty one.
    fn enumerated() -> Vec<(Self, usize)> {
        let mut all = Vec::new();
        for size in [3 * 64, 3 * 64 + 1] {
            for (parallel, window) in [(false, 1), (false, 3), (true, 3), (true, 2)] {
                for offset in [ResumeOffset::FirstGap, ResumeOffset::LastByte] {
                    let mut sliced = Self::plain(size, parallel);
                    sliced.switches.resume_offset = offset;
                    all.push((sliced, window));
                }
            }
        }
        for size in [100, 0] {
            let mut whole = Self::plain(size, false);
            whole.options.one_request_max = 200;
            all.push((whole, 1));
        }
        all
    }

    fn size(&self) -> u64 {
        self.size
    }

    /// The slice size that the server answers, unless an older session has another one.
    fn part_size(&self) -> u64 {
        let sizes = self.limits.slice_sizes.iter().copied().filter(|size| *size <= self.options.part_size);
        self.switches.slice_size.or(sizes.max()).unwrap_or(TINY[0])
    }

    fn in_one_request(&self) -> bool {
        self.size <= self.options.one_request_max
    }

    fn protocol(&self) -> CosV1 {
        CosV1::new(place_of(self.key), self.options.clone()).expect("options that are possible")
    }

    fn server(&self, source: &Source, chance: &mut Rng) -> Emulator {
        server::build(self, source, chance)
    }

    fn credential(number: usize) -> Credential {
        cos::credential(number)
    }
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
    options.part_size = pick(chance, &[TINY[0], TINY[0], TINY[1], TINY[1], TINY[2], ODD]);
    options.part_sizes = vec![TINY[0], TINY[1], TINY[2], ODD];
    options.parallel = chance.bool();
    options.one_request_max = pick(chance, &[0, 0, 0, 64, TINY_ONE_REQUEST]);
    options.insert_only = chance.u8(0..3) > 0;
    options.biz_attr = chance.bool().then(|| "kept with the object".to_owned());
    options.signature_life = Duration::from_secs(pick(chance, &[3600, 600]));
    options
}

fn before(chance: &mut Rng) -> Before {
    match chance.u8(0..40) {
        0 | 1 => Before::Same,
        2..5 => Before::Other { same_length: chance.bool() },
        5 | 6 => Before::Elsewhere,
        7..11 => Before::Stranger { same_length: chance.bool(), has_slices: chance.bool(), hashed: true },
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
    if all.odd_slice_size == OddSliceSize::Refuse && options.part_size == ODD && !rarely(4) {
        options.part_size = TINY[0];
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
