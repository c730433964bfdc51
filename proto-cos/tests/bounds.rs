//! Values of answers, of places and of choices: each is tried at its bound and beside it.

mod toy;

use std::time::Duration;

use resumable_core::{Env, HashJob, HashKind, Hasher, How, Now, Receipt, SourceInfo, Told};
use resumable_proto_cos::options::{InvalidOptions, Shared};
use resumable_proto_cos::stat::{Stat, StatReply};
use resumable_proto_cos::*;
use toy::{Toy, answer, place};

// ── values as old servers write them

fn read<T>(
    json: &str,
    with: fn(&mut serde_json::Deserializer<serde_json::de::StrRead<'_>>) -> serde_json::Result<T>,
) -> T {
    with(&mut serde_json::Deserializer::from_str(json)).unwrap()
}

#[test]
fn numbers_are_read_as_long_as_they_are_exact() {
    for (json, expected) in [
        ("0", Some(0)),
        ("-1", Some(-1)),
        ("\" 7 \"", Some(7)),
        ("\"-7\"", Some(-7)),
        ("7.0", Some(7)),
        ("-7.0", Some(-7)),
        ("7.5", None),
        ("0.5", None),
        ("9223372036854775807", Some(i64::MAX)),
        ("9223372036854775808", None),
        // Above 2^53, neighbours cannot be told apart.
        ("9007199254740991e0", Some(9_007_199_254_740_991)),
        ("9007199254740992e0", None),
        ("-9007199254740991e0", Some(-9_007_199_254_740_991)),
        ("-9007199254740992e0", None),
        ("1e17", None),
        ("1e300", None),
        ("\"7.0\"", None),
        ("\"\"", None),
        ("null", None),
        ("false", None),
        ("[7]", None),
        ("{\"a\":7}", None),
    ] {
        assert_eq!(read(json, |from| lenient::integer(from)), expected, "{json}");
        let unsigned = expected.and_then(|number| u64::try_from(number).ok());
        let unsigned = if json == "9223372036854775808" { Some(1 << 63) } else { unsigned };
        assert_eq!(read(json, |from| lenient::number(from)), unsigned, "{json}");
    }
}

#[test]
fn texts_may_be_numbers_and_nothing_else() {
    for (json, expected) in [
        ("\"a\"", Some("a")),
        ("\" \"", Some(" ")),
        ("\"\"", None),
        ("0", Some("0")),
        ("-5", Some("-5")),
        ("18446744073709551615", Some("18446744073709551615")),
        ("0.5", None),
        ("true", None),
        ("null", None),
        ("[\"a\"]", None),
        ("{\"a\":\"b\"}", None),
    ] {
        assert_eq!(read(json, |from| lenient::text(from)).as_deref(), expected, "{json}");
    }
}

#[test]
fn switches_are_off_in_few_words() {
    for (json, expected) in [
        ("0", Some(false)),
        ("-1", Some(true)),
        ("1", Some(true)),
        ("false", Some(false)),
        ("true", Some(true)),
        ("\" 0 \"", Some(false)),
        ("\"FALSE\"", Some(false)),
        ("\"00\"", Some(true)),
        ("\"no\"", Some(true)),
        ("\" \"", None),
        ("null", None),
        ("0.0", Some(true)),
        ("[]", Some(true)),
        ("{}", Some(true)),
    ] {
        assert_eq!(read(json, |from| lenient::switch(from)), expected, "{json}");
    }
}

// ── what the vendor says of an object

#[test]
fn the_best_address_is_the_first_of_three() {
    let of = |access: bool, source: bool, url: bool| {
        let mut urls = ObjectUrls::default();
        urls.access_url = access.then(|| "http://access".to_owned());
        urls.source_url = source.then(|| "http://source".to_owned());
        urls.url = url.then(|| "http://url".to_owned());
        urls.resource_path = Some("/1/b/f".to_owned());
        urls.preview_url = Some("http://preview".to_owned());
        urls.best().map(str::to_owned)
    };
    assert_eq!(of(true, true, true).as_deref(), Some("http://access"));
    assert_eq!(of(false, true, true).as_deref(), Some("http://source"));
    assert_eq!(of(false, false, true).as_deref(), Some("http://url"));
    assert_eq!(of(false, false, false), None);
}

#[test]
fn any_address_but_a_preview_says_that_an_object_is_there() {
    for (name, there) in
        [("access_url", true), ("source_url", true), ("url", true), ("resource_path", true), ("preview_url", false)]
    {
        let of = |text: &str| -> Option<serde_json::Value> {
            let urls: ObjectUrls = serde_json::from_value(serde_json::json!({name: text})).unwrap();
            urls.if_any().map(|urls| serde_json::to_value(urls).unwrap())
        };
        assert_eq!(of("x").is_some(), there, "{name}");
        let kept = |text: &str| of(text).is_some_and(|urls| urls[name] == text);
        for (text, expected) in [("u".repeat(2048), true), ("u".repeat(2049), false), ("u\n".into(), false)] {
            assert_eq!(kept(&text), expected && there, "{name} of {} bytes", text.len());
        }
        assert_eq!(of(""), None, "{name}");
    }
}

fn stat_of(data: &str) -> Stat {
    match stat::decode(Toy::Ask, &answer(200, &format!(r#"{{"code":0,"data":{data}}}"#))) {
        Ok(StatReply::Object(stat)) => stat,
        other => panic!("{data}: {other:?}"),
    }
}

#[test]
fn one_attribute_is_enough_and_none_is_too_few() {
    for data in [r#"{"sha":"ab"}"#, r#"{"filesize":0}"#, r#"{"filelen":0}"#, r#"{"url":"http://u"}"#] {
        stat_of(data);
    }
    for data in ["{}", r#"{"mtime":5}"#, r#"{"preview_url":"http://p"}"#, r#"{"sha":""}"#] {
        let refused = stat::decode(Toy::Ask, &answer(200, &format!(r#"{{"code":0,"data":{data}}}"#))).unwrap_err();
        assert!(matches!(refused.fault, BadAnswer::Incomplete { missing: "sha", .. }), "{data}: {refused:?}");
    }
    for (code, nothing) in [(-197, true), (-166, true), (-63, false), (197, false)] {
        let said = stat::decode(Toy::Ask, &answer(404, &format!(r#"{{"code":{code}}}"#)));
        assert_eq!(matches!(said, Ok(StatReply::Nothing)), nothing, "{code}");
    }
}

#[test]
fn an_object_is_whole_when_nothing_of_it_is_known_to_lack() {
    for (data, whole) in [
        (r#"{"filelen":7,"filesize":7}"#, true),
        (r#"{"filelen":8,"filesize":7}"#, true),
        (r#"{"filelen":6,"filesize":7}"#, false),
        (r#"{"filelen":0,"filesize":7}"#, false),
        (r#"{"filelen":6}"#, true),
        (r#"{"filesize":7}"#, true),
        (r#"{"sha":"ab"}"#, true),
    ] {
        assert_eq!(stat_of(data).is_whole(), whole, "{data}");
        let told = lookup::decode(
            &place("http://h", "/d/f").unwrap(),
            Toy::Ask,
            &answer(200, &format!(r#"{{"code":0,"data":{data}}}"#)),
        );
        assert_eq!(matches!(told, Ok(Told::Found(_))), whole, "{data}");
    }
    for (mtime, expected) in [("0", None), ("1", Some(1)), ("-1", None), ("\"1470000000\"", Some(1_470_000_000))] {
        let stat = stat_of(&format!(r#"{{"filesize":7,"mtime":{mtime}}}"#));
        assert_eq!(stat.mtime, expected.map(Duration::from_secs), "{mtime}");
    }
}

#[test]
fn a_lookup_tells_all_that_stat_does() {
    let sha = "ab".repeat(20);
    let tells = |sha: &str| {
        let body = format!(
            r#"{{"code":0,"data":{{"sha":"{sha}","filesize":7,"mtime":5,"source_url":"http://s","resource_path":"/1/b/f"}}}}"#
        );
        match lookup::decode(&place("http://h", "/d/f").unwrap(), Toy::Ask, &answer(200, &body)) {
            Ok(Told::Found(found)) => found,
            other => panic!("{other:?}"),
        }
    };
    let found = tells(&sha);
    assert_eq!((found.len, found.url.as_deref(), found.id.as_deref()), (Some(7), Some("http://s"), Some("/1/b/f")));
    assert_eq!((found.name.as_deref(), found.modified), (Some("/d/f"), Some(Duration::from_secs(5))));
    assert_eq!(found.digest(HashKind::Sha1).map(resumable_core::Digest::to_hex), Some(sha.clone()));
    for none in ["ab".repeat(19), "ab".repeat(21), "xy".repeat(20), sha[1..].to_owned()] {
        assert!(tells(&none).digest(HashKind::Sha1).is_none(), "{none}");
    }
    let nothing = lookup::decode(&place("http://h", "/f").unwrap(), Toy::Ask, &answer(404, r#"{"code":-197}"#));
    assert!(matches!(nothing, Ok(Told::Nothing)));
    let (renamed, path) = lookup::renamed(&place("http://h:81", "/d/f.bin").unwrap(), 2).unwrap();
    assert_eq!(
        (renamed.to_string().as_str(), path.as_str()),
        ("http://h:81/files/v9/10055004/access-log_1.b/d/f%20%282%29.bin", "/d/f (2).bin")
    );
}

#[test]
fn a_receipt_names_the_object() {
    let mut urls = ObjectUrls::default();
    (urls.url, urls.resource_path) = (Some("http://u".to_owned()), Some("/1/b/f".to_owned()));
    let sha = Hasher::new(HashKind::Sha1).unwrap().finish();
    let receipt = Receipt::from(Uploaded::new(How::Parts, urls, Some(sha.clone())));
    assert_eq!(
        (receipt.how, receipt.url.as_deref(), receipt.id.as_deref()),
        (How::Parts, Some("http://u"), Some("/1/b/f"))
    );
    assert_eq!(receipt.digest, Some((HashKind::Sha1, sha)));
}

#[test]
fn a_sha_is_that_of_the_whole_source() {
    let source = SourceInfo::new(0, [0; 32]);
    let digest = Hasher::new(HashKind::Sha1).unwrap().finish();
    let of = |range: std::ops::Range<u64>| {
        let known = [(HashJob { kind: HashKind::Sha1, range, keep: true }, digest.clone())];
        Sha::of_source(&Env::new(Now { mono: Duration::ZERO, unix: Duration::ZERO }, &source, 0, &known))
    };
    let sha = of(0..0).unwrap();
    let hex = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
    assert_eq!((sha.to_string().as_str(), format!("{sha:?}")), (hex, format!("Sha({hex})")));
    assert_eq!(of(0..1), None);
    assert!(sha.is(hex) && sha.is(&hex.to_uppercase()));
    assert!(!sha.is("") && !sha.is(&hex[1..]) && !sha.is(&hex.replace("da", "ad")));
}

// ── places and choices

#[test]
fn a_port_is_a_number_that_can_be_connected_to() {
    for (endpoint, taken) in [
        ("http://h", true),
        ("http://h:1", true),
        ("http://h:65535", true),
        ("https://[::1]:8080", true),
        ("http://h:0", false),
        ("http://h:", false),
        ("http://h:65536", false),
        ("http://[::1]:0", false),
        ("http://[::1]:", false),
        ("http://h\u{a0}", false),
        ("gopher://h", false),
    ] {
        let place = place(endpoint, "/f");
        assert_eq!(place.is_ok(), taken, "{endpoint}");
        assert!(taken || place == Err(InvalidPlace::Endpoint), "{endpoint}");
    }
    assert!(place("http://h/files", "/f") == Err(InvalidPlace::EndpointPath));
}

#[test]
fn a_place_shows_its_parts() {
    let place = place("https://h:8443//", "/d/f").unwrap();
    assert_eq!((place.endpoint(), place.appid(), place.bucket()), ("https://h:8443", "10055004", "access-log_1.b"));
    assert_eq!((place.path().as_str(), place.path().encoded().as_str()), ("/d/f", "/d/f"));
    assert_eq!(format!("{place:?}"), format!("Place({place})"));
    assert_eq!(format!("{}", place.path()), "/d/f");
    let empty = toy::place("https://h", "/f").unwrap().uri().to_string().len() - 1;
    assert!(toy::place("https://h", &format!("/{}", "a".repeat(65_500 - empty))).is_ok());
    let longer = toy::place("https://h", &format!("/{}", "a".repeat(65_501 - empty)));
    assert!(longer == Err(InvalidPlace::TooLong));
}

#[test]
fn choices_are_checked_at_their_bounds() {
    let (day, secs) = (86_400, Duration::from_secs);
    let sizes = [1, 16, 64 << 20, (64 << 20) + 1];
    let good =
        Shared { part_size: 16, part_sizes: &sizes, file_max: 64 << 30, biz_attr: None, signature_life: secs(60) };
    let name = |choices: Shared<'_>| choices.check().map_err(|why| why.name());
    for (choices, expected) in [
        (good, Ok(())),
        (Shared { part_size: 1, ..good }, Ok(())),
        (Shared { part_size: 64 << 20, ..good }, Ok(())),
        (Shared { part_size: (64 << 20) + 1, ..good }, Err("part_size")),
        (Shared { part_size: 2, ..good }, Err("part_size")),
        (Shared { signature_life: secs(90 * day), ..good }, Ok(())),
        (Shared { signature_life: secs(90 * day + 1), ..good }, Err("signature_life")),
        (Shared { signature_life: secs(59), ..good }, Err("signature_life")),
        (Shared { file_max: 0, ..good }, Ok(())),
        (Shared { file_max: (64 << 30) + 1, ..good }, Err("file_max")),
        (Shared { biz_attr: Some("é = x&y"), ..good }, Ok(())),
        (Shared { biz_attr: Some("a\tb"), ..good }, Err("biz_attr")),
    ] {
        assert_eq!(name(choices), expected, "{choices:?}");
    }
    let says = |sizes: Vec<u64>| InvalidOptions::PartSize { size: 7, sizes }.to_string();
    assert_eq!(says(vec![]), "part_size must be one that the server takes bytes, and is 7");
    assert_eq!(says(vec![1]), "part_size must be 1 bytes, and is 7");
    assert_eq!(says(vec![1, 2, 3]), "part_size must be 1, 2 or 3 bytes, and is 7");
    let believed = Shared { part_size: 7, part_sizes: &[0, 64 << 20, u64::MAX], ..good }.check();
    assert_eq!(believed, Err(InvalidOptions::PartSize { size: 7, sizes: vec![64 << 20] }));
}

#[test]
fn boundaries_and_credentials_are_what_they_were_made_of() {
    for (len, taken) in [(0, false), (1, true), (70, true), (71, false)] {
        assert_eq!(Boundary::new("-".repeat(len)).is_ok(), taken, "{len}");
    }
    let boundary = Boundary::new("'()+_,-./:=?").unwrap();
    assert_eq!((boundary.as_str(), boundary.to_string()), ("'()+_,-./:=?", "'()+_,-./:=?".to_owned()));
    let of = |id: &str, key: &str| Credential::new(id, key).unwrap();
    assert_eq!(of("AKID", "key").secret_id(), "AKID");
    assert!(of("AKID", "key") == of(" AKID\n", "key") && of("AKID", "key") != of("AKID", "yek"));
    assert!(of("AKID", "key") != of("DIKA", "key"));
}
