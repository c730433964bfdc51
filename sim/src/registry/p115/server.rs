//! The emulator with what is in the drive before.

use fastrand::Rng;
use resumable_emulator::p115::User;
use resumable_emulator::{Config, Emulator};

use super::setting::WAY;
use super::{Before, Folder, Setting, TOKENS};
use crate::other_client::{emulator, other_than};
use crate::source::Source;

/// Where the same content is that is somewhere else.
const ELSEWHERE: &str = "elsewhere/other.bin";

/// A server for one case.
pub(super) fn build(setting: &Setting, source: &Source, chance: &mut Rng) -> Emulator {
    let mut config = Config::default();
    config.p115.user =
        User { access_token: TOKENS[0].to_owned(), refresh_token: TOKENS[2].to_owned(), ..User::default() };
    config.p115.oss_endpoint = Some("oss-cn-shenzhen.aliyuncs.com".to_owned());
    config.p115.seed = chance.u64(..);
    config.p115.limits = setting.limits.clone();
    config.p115.switches = setting.switches.clone();
    config.p115.shape = setting.shape.clone();
    config.oss.limits = setting.oss_limits.clone();
    config.oss.switches = setting.oss_switches.clone();
    "cn-shenzhen".clone_into(&mut config.oss.region);
    let server = emulator(config, setting.clock_offset);
    lay_the_way(setting, &server);
    lay_before(setting, &server, source, chance);
    server
}

fn lay_the_way(setting: &Setting, server: &Emulator) {
    let [first, second] = WAY;
    let drive = server.p115();
    let laid = match setting.target.folder {
        Folder::There => drive.put_folder(&format!("{first}/{second}")).map(drop),
        Folder::Half => drive.put_folder(first).map(drop),
        Folder::BehindAFile => drive.put_file(first, b"in the way"),
        Folder::IsAFile => drive.put_file(&format!("{first}/{second}"), b"in the way"),
        Folder::Root | Folder::RootById | Folder::DeadId | Folder::Missing => Ok(()),
    };
    laid.expect("an empty drive");
}

fn lay_before(setting: &Setting, server: &Emulator, source: &Source, chance: &mut Rng) {
    let (drive, ours) = (server.p115(), source.bytes());
    let laid = match setting.before {
        Before::Nothing => Ok(()),
        Before::Elsewhere => drive.put_file(ELSEWHERE, ours),
        Before::Same => drive.put_file(&setting.path(), ours),
        Before::Other { same_length } => drive.put_file(&setting.path(), &other_than(ours, same_length, chance)),
        Before::Folder => drive.put_folder(&setting.path()).map(drop),
    };
    laid.expect("a drive with nothing in the way");
}
