//! The signature of COS, XML API, against the emulator's.

use proptest::prelude::*;
use resumable_emulator::Config;
use resumable_emulator::cos_xml::Account;
use resumable_proto_cos_xml::{Bucket, CosXml, Credential, Object, ObjectHeaders, ObjectKey, Region};
use resumable_sim::registry::cos_xml::{Call, Setting};
use resumable_sim::vendor::Wire as _;

use crate::all_vendors::signed::{CASES, Change, Drawn, Line, SIZE, drawn, server};

const BUCKET: &str = "emubucket-1250000000";
const REGION: &str = "ap-guangzhou";

fn takes_what_is_signed(drawn: &Drawn, in_one_request: bool) -> Result<(), TestCaseError> {
    let key = ObjectKey::new(&drawn.name);
    prop_assume!(key.is_ok());
    let (region, bucket) = (Region::new(REGION).unwrap(), Bucket::new(BUCKET).unwrap());
    let object = Object::in_region(&region, bucket, key.unwrap()).unwrap();
    let setting = Setting::plain(SIZE);
    let mut options = setting.options;
    if in_one_request {
        options.one_request_max = SIZE;
    }
    let add = |headers: ObjectHeaders, (name, value): &(String, String)| headers.metadata(name, value).unwrap();
    options.headers = drawn.metadata.iter().fold(ObjectHeaders::default(), add);
    let mut config = Config::default();
    let (secret_id, secret_key) = (drawn.id.clone(), drawn.secret.clone());
    config.cos_xml.accounts = vec![Account { secret_id, secret_key }];
    config.cos_xml.buckets = vec![BUCKET.to_owned()];
    REGION.clone_into(&mut config.cos_xml.region);
    config.cos_xml.limits = setting.limits;
    let server = server(config);
    let changes = [Change::Authorization, Change::Path, Change::Header("x-cos-"), Change::Header("content-type")];
    let mut line = Line::new(&server, Call::says_success, drawn, &changes);
    let credential = Credential::new(&drawn.id, drawn.secret.clone()).unwrap();
    line.upload(CosXml::new(object, options).unwrap(), credential)?;
    prop_assert!(line.refused > 1);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn the_server_takes_what_is_signed_and_nothing_else(drawn in drawn(), whole: bool) {
        takes_what_is_signed(&drawn, whole)?;
    }
}
