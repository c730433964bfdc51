//! The token of 115, the proof that one has a file, and the signatures of 115's storage, against the emulator's.

use proptest::prelude::*;
use resumable_emulator::Config;
use resumable_emulator::p115::User;
use resumable_proto_115::{AccessToken, Folder, P115, Site, Target};
use resumable_proto_oss::Version;
use resumable_sim::registry::p115::{Call, Setting};
use resumable_sim::vendor::Wire as _;

use crate::all_vendors::signed::{CASES, Change, Drawn, Line, SIZE, content, drawn, server};

fn takes_what_is_signed(drawn: &Drawn, version: Version, challenged: bool) -> Result<(), TestCaseError> {
    let target = Target::new(Folder::Path(Vec::new()), &drawn.name);
    prop_assume!(target.is_ok());
    let mut setting = Setting::plain(SIZE);
    setting.limits.challenge_min = if challenged { 1 } else { SIZE + 1 };
    let mut config = Config::default();
    let (access_token, refresh_token) = (drawn.secret.clone(), format!("{}-of-refresh", drawn.id));
    config.p115.user = User { access_token, refresh_token, ..User::default() };
    config.p115.oss_endpoint = Some("oss-cn-shenzhen.aliyuncs.com".to_owned());
    config.p115.seed = drawn.unix;
    config.p115.limits = setting.limits;
    config.oss.limits = setting.oss_limits;
    "cn-shenzhen".clone_into(&mut config.oss.region);
    let server = server(config);
    if challenged {
        // It is known to the platform, which asks for a proof that the client has it.
        server.p115().put_file("elsewhere.bin", &content()).unwrap();
    }
    let options = setting.options.signature(version);
    let mut line = Line::new(&server, Call::says_success, drawn, &[Change::Authorization, Change::Header("x-oss-")]);
    let credential = AccessToken::new(drawn.secret.clone());
    prop_assume!(credential.is_ok());
    line.upload(P115::new(Site::default(), "a", target.unwrap(), options).unwrap(), credential.unwrap())?;
    prop_assert!(line.refused > 0);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn the_server_takes_what_v1_signs_and_nothing_else(drawn in drawn(), challenged: bool) {
        takes_what_is_signed(&drawn, Version::V1, challenged)?;
    }

    #[test]
    fn the_server_takes_what_v4_signs_and_nothing_else(drawn in drawn(), challenged: bool) {
        takes_what_is_signed(&drawn, Version::V4, challenged)?;
    }
}
