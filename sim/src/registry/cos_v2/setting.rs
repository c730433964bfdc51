//! One case's choices: the client's options, every switch of the emulator, and what is there before.

use std::time::Duration;

use fastrand::Rng;
use resumable_emulator::Emulator;
use resumable_emulator::cos_v2::{
    BadPath, ChangedSlice, DateForm, ExpiredCode, FinishAgain, FinishWithGaps, Limits, ListSha, ListShows,
    MissingDirectory, QueryPlus, SerialUpload, StatUnfinished, Switches, UnknownSession,
};
use resumable_proto_cos_v2::{CosV2, Credential, Integrity, Options};

use super::{Before, Call, Setting, place_of, server};
use crate::chance::pick;
use crate::registry::cos::{self, OFFSETS, REAL_EVERY, TINY, TINY_ONE_REQUEST, file};
use crate::source::Source;
use crate::vendor::Scenario;

impl Setting {
    /// A plain setting: the tiny vendor, nothing there before, no surprises.
    pub fn plain(size: u64, integrity: Integrity) -> Self {
        let mut options = Options::default();
        options.part_size = TINY[0];
        options.part_sizes = TINY.to_vec();
        options.one_request_max = 0;
        options.integrity = integrity;
        let mut setting = Self::calm(size, options, tiny_limits());
        setting.switches.uploadparts_with_sha = integrity == Integrity::Chain;
        setting
    }

    fn draw_tiny(chance: &mut Rng) -> Self {
        let slice = pick(chance, &TINY);
        let options = options(chance, slice);
        let switches = switches(chance, options.integrity);
        let key = if chance.bool() { "f.bin" } else { "dir/f.bin" };
        let force = switches.slice_size.unwrap_or(slice);
        let size = file(chance, force);
        let clock_offset = pick(chance, &OFFSETS);
        let before = before(chance);
        Self { size, key, options, switches, limits: tiny_limits(), clock_offset, before }
    }

    fn draw_real(chance: &mut Rng) -> Self {
        let mut options = Options::default();
        options.integrity = pick(chance, &[Integrity::None, Integrity::Chain]);
        options.part_size = pick(chance, &[512 << 10, 1 << 20]);
        options.one_request_max = pick(chance, &[8 << 20, 0]);
        let size = pick(chance, &[1 << 20, (1 << 20) + 1, (3 << 20) - 1, 700_000]);
        let mut setting = Self::calm(size, options, Limits::default());
        setting.switches.list_sha = ListSha::Plain;
        setting
    }
}

impl Scenario for Setting {
    type Protocol = CosV2;
    type Call = Call;

    const CANARIES: &'static [&'static str] = &cos::KEYS;

    fn draw(chance: &mut Rng) -> Self {
        if chance.u32(0..REAL_EVERY) == 0 { Self::draw_real(chance) } else { Self::draw_tiny(chance) }
    }

    /// Three slices with every integrity mode, one after the other and side by side; and the whole file in one request.
    fn enumerated() -> Vec<(Self, usize)> {
        let mut all = Vec::new();
        for integrity in [Integrity::None, Integrity::Sha1, Integrity::Chain] {
            for (serial, window) in [(SerialUpload::One, 1), (SerialUpload::One, 3), (SerialUpload::Zero, 3)] {
                let mut sliced = Self::plain(3 * 64, integrity);
                sliced.switches.serial_upload = serial;
                all.push((sliced, window));
            }
            let mut whole = Self::plain(100, integrity);
            whole.options.one_request_max = 200;
            all.push((whole, 1));
        }
        all
    }

    fn size(&self) -> u64 {
        self.size
    }

    /// The slice size that the server answers.
    fn part_size(&self) -> u64 {
        self.switches.slice_size.unwrap_or(self.options.part_size)
    }

    fn in_one_request(&self) -> bool {
        self.size <= self.options.one_request_max
    }

    fn protocol(&self) -> CosV2 {
        CosV2::new(place_of(self.key), self.options.clone()).expect("options that are possible")
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
    limits
}

fn options(chance: &mut Rng, slice_size: u64) -> Options {
    let mut options = Options::default();
    options.part_size = slice_size;
    options.part_sizes = TINY.to_vec();
    options.integrity = pick(chance, &[Integrity::None, Integrity::Sha1, Integrity::Chain]);
    options.one_request_max = pick(chance, &[0, 0, 64, TINY_ONE_REQUEST]);
    options.insert_only = chance.u8(0..3) > 0;
    options.replace_unfinished = chance.u8(0..3) > 0;
    options.biz_attr = chance.bool().then(|| "kept with the object".to_owned());
    options.signature_life = Duration::from_secs(pick(chance, &[3600, 600]));
    options
}

fn before(chance: &mut Rng) -> Before {
    match chance.u8(0..40) {
        0 | 1 => Before::Same,
        2..5 => Before::Other { same_length: chance.bool() },
        5 | 6 => Before::Elsewhere,
        7..13 => Before::Stranger { same_length: chance.bool(), has_slices: chance.bool(), hashed: chance.bool() },
        13 => Before::OtherAndStranger,
        14 | 15 => Before::Ours { slices: pick(chance, &[0, 1, 2, 200]), gap: false },
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
