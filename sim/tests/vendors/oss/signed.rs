//! The two signatures of OSS, against the emulator's.

use proptest::prelude::*;
use resumable_emulator::oss::Account;
use resumable_emulator::{Config, Emulator};
use resumable_proto_oss::{Addressing, Credential, Endpoint, Object, ObjectHeaders, ObjectKey, Oss, Version};
use resumable_sim::registry::oss::{Call, Setting};
use resumable_sim::vendor::Wire as _;

use crate::all_vendors::signed::{CASES, Change, Drawn, Line, SIZE, drawn, server};

const BUCKET: &str = "emubucket";
const REGION: &str = "cn-shenzhen";

fn emulator(drawn: &Drawn) -> Emulator {
    let mut config = Config::default();
    let (access_key_id, access_key_secret) = (drawn.id.clone(), drawn.secret.clone());
    config.oss.accounts = vec![Account { access_key_id, access_key_secret }];
    config.oss.buckets = vec![BUCKET.to_owned()];
    REGION.clone_into(&mut config.oss.region);
    config.oss.limits = Setting::plain(SIZE, false).limits;
    server(config)
}

fn takes_what_is_signed(drawn: &Drawn, version: Version, in_one_request: bool) -> Result<(), TestCaseError> {
    let key = ObjectKey::new(&drawn.name);
    prop_assume!(key.is_ok());
    let endpoint = Endpoint::new("https://oss-cn-shenzhen.aliyuncs.com").unwrap();
    let object = Object::new(endpoint, BUCKET, key.unwrap(), Addressing::Auto).unwrap();
    let mut options = Setting::plain(SIZE, false).options.signature(version);
    if in_one_request {
        options.one_request_max = SIZE;
    }
    let add = |headers: ObjectHeaders, (name, value): &(String, String)| headers.metadata(name, value).unwrap();
    options.headers = drawn.metadata.iter().fold(ObjectHeaders::default(), add);
    let server = emulator(drawn);
    let changes = [Change::Authorization, Change::Path, Change::Header("x-oss-"), Change::Header("content-type")];
    let mut line = Line::new(&server, Call::says_success, drawn, &changes);
    let credential = Credential::new(&drawn.id, drawn.secret.clone()).unwrap();
    line.upload(Oss::new(object, options).unwrap(), credential)?;
    prop_assert!(line.refused > 1);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn the_server_takes_what_v1_signs_and_nothing_else(drawn in drawn(), whole: bool) {
        takes_what_is_signed(&drawn, Version::V1, whole)?;
    }

    #[test]
    fn the_server_takes_what_v4_signs_and_nothing_else(drawn in drawn(), whole: bool) {
        takes_what_is_signed(&drawn, Version::V4, whole)?;
    }
}
