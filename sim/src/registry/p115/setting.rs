//! One case's choices: the client's options, every switch and limit of the emulator, and what is in the drive before.

use std::time::Duration;

use fastrand::Rng;
use resumable::Credentials;
use resumable_emulator::Emulator;
use resumable_emulator::oss::{CompleteAgain, Limits as OssLimits, Switches as OssSwitches};
use resumable_emulator::p115::{
    CallbackAgain, CallbackData, Challenge, ChallengeMet, EmptyFile, EndpointForm, InitAgain, Limits, Missing,
    NameTaken, NoCallback, OldAccess, RefreshAgain, RefusedData, ResumeCallback, ResumeDone, ResumeFields,
    ResumeObject, ResumePickCode, SameContent, Shape, StaleSignKey, StateForm, Switches, TokenErrors, UnknownToken,
};
use resumable_proto_115::{AccessToken, Options, P115, Site};
use resumable_proto_oss::{Limits as PartLimits, Version};

use super::{CANARIES, Call, TOKENS, host, server};
use crate::chance::{file_of_parts, pick};
use crate::driven::CredentialSource;
use crate::registry::oss::{storage_limits, storage_switches, tiny_limits};
use crate::source::Source;
use crate::vendor::{Renewal, Scenario};

/// The part sizes of the tiny storage; its smallest and its largest part are among them.
const TINY: [u64; 4] = [TINY_MIN, 32, 50, TINY_MAX];
const TINY_MIN: u64 = 16;
const TINY_MAX: u64 = 96;
/// The tiny storage takes files up to this in one request.
const TINY_PUT: u64 = 300;
/// How far the servers' clocks may be ahead, in seconds.
const OFFSETS: [i64; 16] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 20, -20, 850, -1_200, 3_000, -9_000, 200_000];
/// One case in so many has the vendor's real limits, and one in so many more parts than a page shows.
const RARE_EVERY: u32 = 3000;
const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const WEEK: u64 = 7 * 24 * 3600;
/// How often the client answers a challenge.
const CHALLENGES: u32 = 3;
/// How long the client asks for a new file, in seconds.
const SHOWS: u64 = 320;

/// What a case is made of.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The file's length.
    pub size: u64,
    /// Where the file goes.
    pub target: Target,
    /// The client's options.
    pub options: Options,
    /// The platform's switches.
    pub switches: Switches,
    /// The platform's limits.
    pub limits: Limits,
    /// How the platform's answers are written.
    pub shape: Shape,
    /// The storage's switches.
    pub oss_switches: OssSwitches,
    /// The storage's limits.
    pub oss_limits: OssLimits,
    /// How far the servers' clocks are ahead, in seconds.
    pub clock_offset: i64,
    /// What is in the drive before the upload begins.
    pub before: Before,
}

/// Where the file goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// The folder.
    pub folder: Folder,
    /// The file's name.
    pub name: &'static str,
}

/// The folder that the file goes to, and how much of the way to it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folder {
    /// The root, by its path.
    Root,
    /// The root, by its id.
    RootById,
    /// An id that no folder has.
    DeadId,
    /// Two deep, and there.
    There,
    /// Two deep, and only the first is there.
    Half,
    /// Two deep, and nothing of it is there.
    Missing,
    /// Two deep, and the first of them is a file.
    BehindAFile,
    /// Two deep, and the second of them is a file.
    IsAFile,
}

/// What is in the drive before the upload begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// Nothing that matters.
    Nothing,
    /// The same content elsewhere.
    Elsewhere,
    /// The same content under the same name.
    Same,
    /// Other content under the same name, of the same length or of another.
    Other {
        /// Whether it has the same length.
        same_length: bool,
    },
    /// A folder of the same name.
    Folder,
}

/// A name that no file may have.
const FORBIDDEN: &str = "a|b.bin";
/// The first folder of the way, and the second.
pub(super) const WAY: [&str; 2] = ["a b", "示例 视频"];

impl Setting {
    /// A plain setting: the tiny storage, parts of 16 bytes, an empty drive, no surprises.
    pub fn plain(size: u64) -> Self {
        let mut options = Options::default();
        options.part_size = TINY_MIN;
        options.one_request_max = 0;
        options.limits = tiny_limits();
        Self {
            size,
            target: Target { folder: Folder::Root, name: "f.bin" },
            oss_limits: storage_limits(&options.limits),
            options,
            switches: Switches::default(),
            limits: Limits::default(),
            shape: Shape::default(),
            oss_switches: OssSwitches::default(),
            clock_offset: 0,
            before: Before::Nothing,
        }
    }

    fn draw_tiny(chance: &mut Rng) -> Self {
        let mut limits = tiny_limits();
        limits.page = pick(chance, &[1, 2, 3, 1000]);
        let part_size = match chance.u8(0..64) {
            // Now and then one at the end of what the storage takes.
            0 => pick(chance, &[TINY_MIN, TINY_MAX - 1, TINY_MAX]),
            _ => pick(chance, &TINY),
        };
        let size = file_of_parts(chance, part_size, tiny_limits().parts.into(), TINY_MAX);
        let mut setting = Self::with(chance, size, part_size, limits);
        setting.options.one_request_max = pick(chance, &[0, 0, 0, 40, TINY_MAX, TINY_PUT, u64::MAX]);
        setting.limits.challenge_length = pick(chance, &[1, 7, 151]);
        setting
    }

    /// The vendor's own limits.
    fn draw_real(chance: &mut Rng) -> Self {
        let size = pick(chance, &[100 * KIB, 300 * KIB, 300 * KIB + 1, MIB, MIB + 131_073]);
        let mut setting = Self::with(chance, size, 100 * KIB, PartLimits::default());
        setting.options.one_request_max = pick(chance, &[0, 200 * KIB, 5 << 20]);
        setting
    }

    /// More parts than the storage's pages show.
    fn draw_many(chance: &mut Rng) -> Self {
        let limits = PartLimits { part_min: 1, part_max: 8, ..PartLimits::default() };
        let parts = pick(chance, &[999, 1000, 1001, 1005, 2001]);
        let size = 2 * parts - chance.u64(0..2);
        Self::with(chance, size, 2, limits)
    }

    /// A case of this size, with everything else drawn.
    fn with(chance: &mut Rng, size: u64, part_size: u64, limits: PartLimits) -> Self {
        let mut setting = Self::plain(size);
        setting.options.part_size = part_size;
        setting.options.limits = limits;
        setting.options.create_folders = chance.bool();
        setting.options.signature = pick(chance, &[None, Some(Version::V1), Some(Version::V4)]);
        setting.target = target(chance);
        setting.switches = switches(chance);
        setting.limits = platform_limits(chance, size);
        setting.limits.challenge_min = pick(chance, &[1, 1, 60, MIB]);
        setting.shape = shape(chance);
        setting.oss_switches = storage_switches(chance, &[]);
        setting.oss_limits = storage_limits(&limits);
        setting.oss_limits.skew = pick(chance, &[900, 900, 900, 120]);
        // Most uploads that have several parts outlive the shortest of them.
        setting.oss_limits.sts_life = pick(chance, &[3600, 3600, 600, 60, 20, 5]);
        setting.oss_limits.sts_memory = pick(chance, &[300, 30, 0]);
        setting.clock_offset = pick(chance, &OFFSETS);
        if setting.hides_new_files() {
            // It would be sent again for ever, and no client could know better.
            setting.limits.visible_after = SHOWS / 2;
        }
        setting.before = if setting.target.folder.is_there() { before(chance) } else { elsewhere(chance) };
        setting
    }

    /// The path that the file is to have in the drive.
    pub fn path(&self) -> String {
        match self.target.folder {
            Folder::Root | Folder::RootById | Folder::DeadId => self.target.name.to_owned(),
            _ => format!("{}/{}/{}", WAY[0], WAY[1], self.target.name),
        }
    }

    /// The target as a person writes it.
    pub fn target_text(&self) -> String {
        match self.target.folder {
            Folder::RootById => format!("0:{}", self.target.name),
            Folder::DeadId => format!("2900000000000000001:{}", self.target.name),
            _ => format!("/{}", self.path()),
        }
    }

    /// Whether no file may have this name.
    pub fn is_forbidden(&self) -> bool {
        self.target.name == FORBIDDEN
    }

    /// Whether 115 lets a file be known again by its announcement, once it is in the drive.
    pub fn knows_again(&self) -> bool {
        let challenged = self.switches.challenge != Challenge::Never && self.size >= self.limits.challenge_min.max(1);
        let passes = matches!(self.switches.challenge_met, ChallengeMet::Instant | ChallengeMet::FailedOnce);
        self.switches.instant_upload && (!challenged || passes)
    }

    /// Whether no upload takes as long as a task lives.
    pub fn outlives_uploads(&self) -> bool {
        self.limits.task_life >= WEEK
    }

    /// Whether what was sent is of no use to any later process.
    pub fn resumes_in_vain(&self) -> bool {
        self.switches.resume_object == ResumeObject::Fresh || self.switches.resume_callback == ResumeCallback::Missing
    }

    /// Whether a new file that is asked for is not to be seen for longer than the client asks for it.
    pub fn is_slow_to_show(&self) -> bool {
        self.limits.visible_after > SHOWS && self.switches.callback_data == CallbackData::Id
    }

    /// Whether such a file is not known again either.
    pub fn hides_new_files(&self) -> bool {
        self.is_slow_to_show() && !self.knows_again()
    }

    /// Whether more proofs are asked for than the client gives, where so many may have come too late: each of those is
    /// asked for again, with all that went before.
    pub fn asks_too_much(&self, late: u32) -> bool {
        let failed = u32::from(self.switches.challenge_met == ChallengeMet::FailedOnce);
        let never = self.switches.challenge_met == ChallengeMet::Failed || self.limits.challenge_life < 60;
        never || (self.limits.challenge_rounds + failed) * (1 + late) > CHALLENGES
    }
}

impl Folder {
    fn is_there(self) -> bool {
        matches!(self, Self::Root | Self::RootById | Self::There)
    }
}

impl Scenario for Setting {
    type Protocol = P115;
    type Call = Call;

    const CANARIES: &'static [&'static str] = &CANARIES;
    const HAS_NEIGHBOURS: bool = true;

    fn draw(chance: &mut Rng) -> Self {
        match chance.u32(0..RARE_EVERY) {
            0 => Self::draw_real(chance),
            1 => Self::draw_many(chance),
            _ => Self::draw_tiny(chance),
        }
    }

    /// The uploads over which faults are enumerated: in parts and in one request, to a folder that must be made, with each
    /// way to be known already, and at a vendor that describes another object on resume, or tells of nothing but ids.
    fn enumerated() -> Vec<(Self, usize)> {
        let mut all = Vec::new();
        for (number, size) in [3 * TINY_MIN, 3 * TINY_MIN - 1, 2 * TINY_MIN + 1].into_iter().enumerate() {
            for complete_again in [CompleteAgain::NoSuchUpload, CompleteAgain::Success] {
                for callback_again in [CallbackAgain::Same, CallbackAgain::Second, CallbackAgain::Refuse] {
                    let mut parts = Self::plain(size);
                    parts.options.limits.page = [1, 2, 3][number];
                    parts.oss_limits.page = parts.options.limits.page;
                    parts.oss_switches.complete_again = complete_again;
                    parts.switches.callback_again = callback_again;
                    parts.target.folder = [Folder::Root, Folder::Half, Folder::Missing][number];
                    parts.options.create_folders = true;
                    all.push((parts, [1, 3, 3][number]));
                }
            }
        }
        for size in [0, 100] {
            for callback_again in [CallbackAgain::Same, CallbackAgain::Second, CallbackAgain::Refuse] {
                let mut whole = Self::plain(size);
                whole.options.one_request_max = 200;
                whole.switches.empty_file = EmptyFile::Bytes;
                whole.switches.callback_again = callback_again;
                all.push((whole, 1));
            }
        }
        all.extend(enumerated_known().into_iter().chain(enumerated_odd()).map(|setting| (setting, 1)));
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

    fn protocol(&self) -> P115 {
        let target = self.target_text().parse().expect("the simulator's own target");
        P115::new(Site::default(), "a", target, self.options.clone()).expect("options that are possible")
    }

    fn server(&self, source: &Source, chance: &mut Rng) -> Emulator {
        server::build(self, source, chance)
    }

    /// One token is right at a time: there is no second one.
    fn credential(number: usize) -> AccessToken {
        AccessToken::new(TOKENS[usize::from(number == 2)]).expect("the simulator's own tokens")
    }

    /// A host begins with the token that is in its store.
    fn granted(&self, server: &Emulator, _: Duration, _: bool, _: &mut Rng) -> Option<AccessToken> {
        Some(host::stored(server))
    }

    fn renewed(
        server: &Emulator,
        now: Duration,
        refused: Option<&AccessToken>,
        chance: &mut Rng,
    ) -> Option<Renewal<AccessToken>> {
        Some(host::renewed(server, now, refused, chance))
    }

    /// The library's own refresher.
    fn credentials(&self, source: &CredentialSource) -> Credentials<AccessToken> {
        host::kept(source).credentials(source.transport())
    }

    /// Another program of the same person refreshes: the token in this process's hand may be dead from now on.
    fn intrude(server: &Emulator, now: Duration) {
        let _ = host::refresh(server, now);
    }
}

fn enumerated_known() -> Vec<Setting> {
    let mut all = Vec::new();
    for challenge in [Challenge::Random, Challenge::FirstByte, Challenge::LastByte, Challenge::WholeFile] {
        for met in [ChallengeMet::Instant, ChallengeMet::FailedOnce, ChallengeMet::Bytes] {
            let mut known = Setting::plain(2 * TINY_MIN);
            known.before = Before::Elsewhere;
            known.limits.challenge_min = 1;
            (known.switches.challenge, known.switches.challenge_met) = (challenge, met);
            all.push(known);
        }
    }
    all
}

fn enumerated_odd() -> Vec<Setting> {
    let mut all = vec![Setting::plain(2 * TINY_MIN); 8];
    all[0].switches.resume_object = ResumeObject::Fresh;
    all[1].switches.resume_pick_code = ResumePickCode::Fresh;
    all[2].switches.resume_callback = ResumeCallback::Missing;
    all[3].switches.resume_done = ResumeDone::Answer;
    all[4].switches.instant_upload = false;
    all[5].switches.callback_data = CallbackData::Id;
    all[6].switches.callback_data = CallbackData::Id;
    all[6].limits.visible_after = 40;
    all[7].switches.callback_data = CallbackData::Id;
    all[7].limits.visible_after = 1_000;
    all
}

fn platform_limits(chance: &mut Rng, size: u64) -> Limits {
    let mut all = Limits::default();
    all.access_life = pick(chance, &[7200, 7200, 7200, 600, 120, 30]);
    // A token lives longer than it takes until the next one may be had.
    all.refresh_pause = pick(chance, &[60, 0, 0, 5]).min(all.access_life / 2);
    all.challenge_rounds = pick(chance, &[1, 1, 1, 1, 2, 3, 4]);
    all.challenge_life = pick(chance, &[300, 300, 300, 300, 300, 300, 300, 10]);
    // A task that ends while the host waits to be allowed a refresh never comes to its end.
    let lives = [WEEK, WEEK, WEEK, 3600, if all.access_life < 600 { WEEK } else { 100 }];
    all.task_life = pick(chance, &lives);
    all.visible_after = pick(chance, &[0, 2, 2, 10, 40, 1_000]);
    match chance.u8(0..64) {
        0 => all.max_file = Some(size.saturating_sub(1)),
        1 => all.space = Some(size.saturating_sub(1)),
        2 => all.max_file = Some(size),
        _ => {}
    }
    all
}

fn target(chance: &mut Rng) -> Target {
    let folder = match chance.u8(0..32) {
        0 => pick(chance, &[Folder::DeadId, Folder::BehindAFile, Folder::IsAFile]),
        1..6 => Folder::Missing,
        6..10 => Folder::Half,
        10..16 => Folder::There,
        16..20 => Folder::RootById,
        _ => Folder::Root,
    };
    let name = match chance.u8(0..64) {
        0 => FORBIDDEN,
        1..16 => "示例 视频+1.mkv",
        _ => "f.bin",
    };
    Target { folder, name }
}

fn before(chance: &mut Rng) -> Before {
    match chance.u8(0..32) {
        0..3 => Before::Same,
        3..6 => Before::Other { same_length: chance.bool() },
        6 => Before::Folder,
        _ => elsewhere(chance),
    }
}

fn elsewhere(chance: &mut Rng) -> Before {
    if chance.u8(0..5) == 0 { Before::Elsewhere } else { Before::Nothing }
}

fn switches(chance: &mut Rng) -> Switches {
    let mut all = Switches::default();
    all.unknown_token = pick(chance, &[UnknownToken::Invalid, UnknownToken::Signature, UnknownToken::Rotated]);
    all.old_access = pick(chance, &[OldAccess::Ends, OldAccess::Ends, OldAccess::Lives]);
    all.refresh_again = pick(chance, &[RefreshAgain::Refuse, RefreshAgain::SamePair]);
    all.instant_upload = chance.u8(0..6) > 0;
    all.empty_file = pick(chance, &[EmptyFile::Instant, EmptyFile::Bytes]);
    all.challenge = match chance.u8(0..8) {
        0 => Challenge::FirstByte,
        1 => Challenge::LastByte,
        2 => Challenge::WholeFile,
        3 => Challenge::Never,
        _ => Challenge::Random,
    };
    all.challenge_met = match chance.u8(0..10) {
        0 => ChallengeMet::Bytes,
        1 | 2 => ChallengeMet::FailedOnce,
        3 => ChallengeMet::Failed,
        _ => ChallengeMet::Instant,
    };
    all.stale_sign_key = pick(chance, &[StaleSignKey::Wrong, StaleSignKey::Again]);
    all.init_again = pick(chance, &[InitAgain::Fresh, InitAgain::Same]);
    all.resume_object = if chance.u8(0..10) == 0 { ResumeObject::Fresh } else { ResumeObject::Same };
    all.resume_pick_code = pick(chance, &[ResumePickCode::Same, ResumePickCode::Fresh]);
    all.resume_fields = pick(chance, &[ResumeFields::Checked, ResumeFields::Unchecked]);
    all.resume_done = pick(chance, &[ResumeDone::Refuse, ResumeDone::Answer]);
    all.resume_callback = if chance.u8(0..16) == 0 { ResumeCallback::Missing } else { ResumeCallback::Present };
    all.callback_again =
        pick(chance, &[CallbackAgain::Same, CallbackAgain::Same, CallbackAgain::Second, CallbackAgain::Refuse]);
    all.callback_data = pick(chance, &[CallbackData::Full, CallbackData::Full, CallbackData::Id]);
    all.same_content = pick(chance, &[SameContent::Number, SameContent::Same]);
    all.name_taken = pick(chance, &[NameTaken::Number, NameTaken::Replace]);
    all.missing = pick(chance, &[Missing::Empty, Missing::NotFound]);
    all
}

fn shape(chance: &mut Rng) -> Shape {
    let mut all = Shape::default();
    all.in_arrays = chance.bool();
    all.numbers_as_texts = chance.bool();
    all.state = pick(chance, &[StateForm::Bool, StateForm::Number, StateForm::Text]);
    all.message_as_number = chance.u8(0..4) == 0;
    all.refused_data = pick(chance, &[RefusedData::Array, RefusedData::Object, RefusedData::Null, RefusedData::Absent]);
    all.token_errors = pick(chance, &[TokenErrors::Both, TokenErrors::Errno, TokenErrors::Code]);
    all.no_callback = pick(chance, &[NoCallback::Array, NoCallback::Object, NoCallback::Null, NoCallback::Absent]);
    all.endpoint = pick(chance, &[EndpointForm::Http, EndpointForm::Https, EndpointForm::Bare]);
    all
}
