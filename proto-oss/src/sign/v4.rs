//! The V4 signature.
//!
//! ```text
//! request = <verb> \n /<bucket>/<key, percent-encoded> \n <query> \n <headers> \n <additional headers> \n UNSIGNED-PAYLOAD
//! text    = OSS4-HMAC-SHA256 \n <x-oss-date> \n <yyyymmdd>/<region>/oss/aliyun_v4_request \n hex(SHA256(request))
//! key     = HMAC(HMAC(HMAC(HMAC("aliyun_v4" + AccessKeySecret, <yyyymmdd>), <region>), "oss"), "aliyun_v4_request")
//! Authorization: OSS4-HMAC-SHA256 Credential=<AccessKeyId>/<scope>[,AdditionalHeaders=a;b],Signature=<hex>
//! ```
//!
//! All of the query is signed, sorted by its encoded names. Of the headers, `content-type`, `content-md5`, every
//! `x-oss-*` and the additional ones are, each line with its line feed. The body is not.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use resumable_core::calendar::strftime;
use resumable_proto_multipart::encoding;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{Authorization, Subject, header_lines};
use crate::Credential;

/// The value of `x-oss-content-sha256`: the only one that the vendor takes.
pub const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// The value of `x-oss-date`, like `20260101T000000Z`. `unix` is time since 1970-01-01 UTC; whole seconds are used.
pub fn date(unix: Duration) -> String {
    strftime("%Y%m%dT%H%M%SZ", unix)
}

/// The canonical request. `additional` are names of further headers to sign, in lower case.
pub fn canonical_request(subject: &Subject<'_>, additional: &[&str]) -> String {
    let query: BTreeMap<String, String> = subject
        .query
        .iter()
        .map(|(name, value)| (encoding::value(name).to_string(), encoding::value(value).to_string()))
        .collect();
    let pair =
        |(name, value): (&String, &String)| if value.is_empty() { name.clone() } else { format!("{name}={value}") };
    let query: Vec<String> = query.iter().map(pair).collect();
    let signed = |name: &str| {
        name.starts_with("x-oss-") || ["content-type", "content-md5"].contains(&name) || additional.contains(&name)
    };
    let headers = header_lines(subject.headers, signed);
    let (method, bucket, key) = (subject.method, subject.bucket, encoding::path(subject.key));
    format!("{method}\n/{bucket}/{key}\n{}\n{headers}\n{}\n{UNSIGNED_PAYLOAD}", query.join("&"), sorted(additional))
}

fn sorted(additional: &[&str]) -> String {
    let mut names = additional.to_vec();
    names.sort_unstable();
    names.join(";")
}

/// The text that is signed. `date` is the `x-oss-date`, which begins with the day.
pub fn string_to_sign(date: &str, region: &str, canonical_request: &str) -> String {
    let digest = hex::encode(Sha256::digest(canonical_request.as_bytes()));
    format!("OSS4-HMAC-SHA256\n{date}\n{}\n{digest}", scope(date, region))
}

fn scope(date: &str, region: &str) -> String {
    format!("{}/{region}/oss/aliyun_v4_request", day(date))
}

fn day(date: &str) -> &str {
    date.split('T').next().unwrap_or_default()
}

/// The `Authorization` header for a canonical request.
pub fn authorization(
    credential: &Credential,
    date: &str,
    region: &str,
    canonical_request: &str,
    additional: &[&str],
) -> Authorization {
    let [.., key] = signing_keys(credential, day(date), region);
    let signature = hex::encode(hmac(&*key, &string_to_sign(date, region, canonical_request)).as_slice());
    let (id, scope) = (credential.access_key_id(), scope(date, region));
    let additional = sorted(additional);
    let additional = if additional.is_empty() { additional } else { format!(",AdditionalHeaders={additional}") };
    Authorization::new(format!("OSS4-HMAC-SHA256 Credential={id}/{scope}{additional},Signature={signature}"))
}

/// Signs as well as the secret does, for a day.
type SigningKey = Zeroizing<[u8; 32]>;

fn signing_keys(credential: &Credential, day: &str, region: &str) -> [SigningKey; 4] {
    let seed = Zeroizing::new(["aliyun_v4", credential.secret()].concat());
    let first = hmac(seed.as_bytes(), day);
    let second = hmac(&*first, region);
    let third = hmac(&*second, "oss");
    let last = hmac(&*third, "aliyun_v4_request");
    [first, second, third, last]
}

fn hmac(key: &[u8], text: &str) -> SigningKey {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    Zeroizing::new(mac.finalize().into_bytes().into())
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use proptest::prelude::*;
    use zeroize::ZeroizeOnDrop;

    use super::*;

    #[test]
    fn the_chain_of_keys_is_the_vendors() {
        let credential = Credential::new("a", "EmuSecretKey0000000000000000000000000001").unwrap();
        let keys = signing_keys(&credential, "20260101", "cn-shenzhen").map(|key| hex::encode(key.as_slice()));
        assert_eq!(
            keys,
            [
                "983a06c3ae5e161094fb810a3c8957f91f49a4b04d4e0c2d3680f59d09b8959f",
                "1441e427f55551b27560d2c08b032dc0603e04ef4f0c112863f663bc460bdd6b",
                "a53bdc659db75ae53d038a5bba8396524cbcd28e46dbc69dbcd6abb85651cdda",
                "d3588c0dc4d677168fb8f21cb9a006700bffd84a420a5d619981f65b35c9fbdb",
            ]
        );
    }

    #[test]
    fn keys_that_are_made_of_the_secret_are_wiped_when_they_are_dropped() {
        fn wiped(_: &impl ZeroizeOnDrop) {}
        wiped(&hmac(b"key", "text"));
        // What HMAC keeps of a key is in two of these.
        wiped(&Sha256::new());
    }

    #[test]
    fn dates_are_of_the_basic_form() {
        for (unix, text) in [
            (0, "19700101T000000Z"),
            (951_782_399, "20000228T235959Z"),
            (951_782_400, "20000229T000000Z"),
            (951_868_800, "20000301T000000Z"),
            (1_702_743_657, "20231216T162057Z"),
            (4_107_542_400, "21000301T000000Z"),
            (u64::MAX, "99991231T235959Z"),
        ] {
            assert_eq!(date(Duration::from_secs(unix)), text);
        }
    }

    proptest! {
        #[test]
        fn dates_are_those_of_http(unix in 0..=253_402_300_799_u64) {
            let http = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(unix));
            let ours = date(Duration::from_secs(unix));
            prop_assert_eq!(&http[5..7], &ours[6..8]);
            prop_assert_eq!(&http[12..16], &ours[0..4]);
            prop_assert_eq!(http[17..25].replace(':', ""), &ours[9..15]);
            let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
            prop_assert_eq!(months[ours[4..6].parse::<usize>().unwrap() - 1], &http[8..11]);
        }
    }
}
