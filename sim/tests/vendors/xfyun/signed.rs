//! The signature of iFLYTEK, with the digest of the body and with that of nothing, against the emulator's.

use proptest::prelude::*;
use resumable_emulator::Config;
use resumable_emulator::xfyun::Account;
use resumable_proto_xfyun::{App, Credential, DigestMode, Xfyun};
use resumable_sim::registry::xfyun::{Call, Setting};
use resumable_sim::vendor::Wire as _;

use crate::all_vendors::signed::{CASES, Change, Drawn, Line, SIZE, drawn, server};

const ENDPOINT: &str = "https://upload-ost-api.xfyun.cn";

fn takes_what_is_signed(drawn: &Drawn, digest: DigestMode, in_one_request: bool) -> Result<(), TestCaseError> {
    let app = App::new(ENDPOINT, "4CC5779A", None).unwrap();
    let setting = Setting::plain(SIZE);
    let mut options = setting.options.digest(digest);
    if in_one_request {
        options.one_request_max = SIZE;
    }
    let mut config = Config::default();
    let (api_key, api_secret) = (drawn.id.clone(), drawn.secret.clone());
    config.xfyun.accounts = vec![Account { app_id: "4CC5779A".to_owned(), api_key, api_secret }];
    config.xfyun.limits = setting.limits;
    let server = server(config);
    let changes = [Change::Authorization, Change::Header("digest"), Change::Header("date"), Change::Header("host")];
    let mut line = Line::new(&server, Call::says_success, drawn, &changes);
    let credential = Credential::new(&drawn.id, drawn.secret.clone()).unwrap();
    line.upload(Xfyun::new(app, options).unwrap(), credential)?;
    prop_assert!(line.refused > 3);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn the_server_takes_what_is_signed_and_nothing_else(drawn in drawn(), whole: bool) {
        takes_what_is_signed(&drawn, DigestMode::Empty, whole)?;
    }

    #[test]
    fn the_server_takes_what_is_signed_with_digests_of_bodies_and_nothing_else(drawn in drawn(), whole: bool) {
        takes_what_is_signed(&drawn, DigestMode::Body, whole)?;
    }
}
