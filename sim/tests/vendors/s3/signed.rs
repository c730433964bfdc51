//! The signature of S3, with signed bodies and without, against the emulator's.

use proptest::prelude::*;
use resumable_emulator::Config;
use resumable_emulator::s3::Account;
use resumable_proto_s3::{Addressing, Credential, Object, ObjectHeaders, ObjectKey, Payload, S3};
use resumable_sim::registry::s3::{Call, Setting};
use resumable_sim::vendor::Wire as _;

use crate::all_vendors::signed::{CASES, Change, Drawn, Line, SIZE, drawn, server};

const BUCKET: &str = "emubucket";
const REGION: &str = "us-east-1";

fn takes_what_is_signed(drawn: &Drawn, payload: Payload, in_one_request: bool) -> Result<(), TestCaseError> {
    let key = ObjectKey::new(&drawn.name);
    prop_assume!(key.is_ok());
    let object = Object::in_region(REGION, BUCKET, key.unwrap(), Addressing::Auto).unwrap();
    let setting = Setting::plain(SIZE, "aws");
    let mut options = setting.options.payload(payload);
    if in_one_request {
        options.one_request_max = SIZE;
    }
    let add = |headers: ObjectHeaders, (name, value): &(String, String)| headers.metadata(name, value).unwrap();
    options.headers = drawn.metadata.iter().fold(ObjectHeaders::default(), add);
    let mut config = Config::default();
    let (access_key_id, access_key_secret) = (drawn.id.clone(), drawn.secret.clone());
    config.s3.accounts = vec![Account { access_key_id, access_key_secret }];
    config.s3.buckets = vec![BUCKET.to_owned()];
    REGION.clone_into(&mut config.s3.region);
    config.s3.limits = setting.limits;
    let server = server(config);
    let changes = [Change::Authorization, Change::Path, Change::Header("x-amz-"), Change::Header("content-type")];
    let mut line = Line::new(&server, Call::says_success, drawn, &changes);
    let credential = Credential::new(&drawn.id, drawn.secret.clone()).unwrap();
    line.upload(S3::new(object, options).unwrap(), credential)?;
    prop_assert!(line.refused > 1);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn the_server_takes_what_is_signed_and_nothing_else(drawn in drawn(), whole: bool) {
        takes_what_is_signed(&drawn, Payload::Unsigned, whole)?;
    }

    #[test]
    fn the_server_takes_what_is_signed_with_its_body_and_nothing_else(drawn in drawn(), whole: bool) {
        takes_what_is_signed(&drawn, Payload::Signed, whole)?;
    }
}
