//! The signature of COS v2, against the emulator's.

use proptest::prelude::*;
use resumable_emulator::Config;
use resumable_emulator::cos::Account;
use resumable_proto_cos_v2::{CosV2, Credential, Integrity, ObjectPath, Place};
use resumable_sim::registry::cos_v2::{Call, Setting};
use resumable_sim::vendor::Wire as _;

use crate::all_vendors::signed::{CASES, Change, Drawn, Line, SIZE, drawn, server};

const APPID: &str = "10055004";
const BUCKET: &str = "accesslog";

fn takes_what_is_signed(drawn: &Drawn, whole: bool) -> Result<(), TestCaseError> {
    let path = ObjectPath::new(format!("/{}", drawn.name));
    prop_assume!(path.is_ok());
    let place = Place::new("https://sh.file.myqcloud.com", APPID, BUCKET, path.unwrap()).unwrap();
    let setting = Setting::plain(SIZE, Integrity::None);
    let mut options = setting.options;
    if whole {
        options.one_request_max = SIZE;
    }
    let mut config = Config::default();
    let (appid, bucket) = (APPID.to_owned(), BUCKET.to_owned());
    let (secret_id, secret_key) = (drawn.id.clone(), drawn.secret.clone());
    config.cos_v2.accounts = vec![Account { appid, bucket, secret_id, secret_key }];
    config.cos_v2.limits = setting.limits;
    let server = server(config);
    // A signature is good for any file of the bucket.
    let mut line = Line::new(&server, Call::says_success, drawn, &[Change::Authorization]);
    let credential = Credential::new(&drawn.id, drawn.secret.clone()).unwrap();
    line.upload(CosV2::new(place, options).unwrap(), credential)?;
    prop_assert!(line.refused > 0);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn the_server_takes_what_is_signed_and_nothing_else(drawn in drawn(), whole: bool) {
        takes_what_is_signed(&drawn, whole)?;
    }
}
