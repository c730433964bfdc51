//! What is to be known of each vendor: how small its parts can be, and which answers settle a switch of the emulator.

use http::Method;
use serde_json::Value;

use super::recorder::{Facts, Observe, Seen};

/// A vendor.
pub(super) struct Vendor {
    /// Its name.
    pub(super) name: &'static str,
    /// What the emulator's settings call it.
    pub(super) settings: &'static str,
    /// The protocol's name.
    pub(super) protocol: &'static str,
    /// What its profile is given, so that small files go in parts.
    pub(super) keys: &'static [(&'static str, &'static str)],
    /// The length of a file in parts, in bytes.
    pub(super) parts_len: u64,
    /// About how many requests all steps take.
    pub(super) requests: u32,
    /// Whether a file has a place, so that another one may stand there.
    pub(super) has_places: bool,
    /// Looks at each answer.
    pub(super) observe: Observe,
}

/// 115's codes for what is not there.
const NOT_FOUND: [i64; 6] = [20_018, 31_003, 50_015, 70_005, 90_008, 430_004];

/// How long a file in parts is, in bytes, where the vendor lets it be that short.
const PARTS_LEN: u64 = 2 << 20;

const COS_KEYS: &[(&str, &str)] = &[("slice_size", "512KiB"), ("one_request_max", "512KiB")];
const OSS_KEYS: &[(&str, &str)] = &[("part_size", "512KiB"), ("part_min", "100KiB"), ("one_request_max", "100KiB")];

/// All of them.
const VENDORS: [Vendor; 7] = [
    Vendor {
        name: "cos-v1",
        settings: "cos_v1",
        protocol: "cos-v1/1",
        keys: COS_KEYS,
        parts_len: PARTS_LEN,
        requests: 30,
        has_places: true,
        observe: cos_v1,
    },
    Vendor {
        name: "cos-v2",
        settings: "cos_v2",
        protocol: "cos-v2/1",
        keys: COS_KEYS,
        parts_len: PARTS_LEN,
        requests: 40,
        has_places: true,
        observe: cos_v2,
    },
    Vendor {
        name: "xfyun",
        settings: "xfyun",
        protocol: "xfyun-ost/1",
        keys: &[("slice_size", "5MiB"), ("one_request_below", "5MiB")],
        parts_len: 16 << 20,
        requests: 30,
        has_places: false,
        observe: |_, _| {},
    },
    Vendor {
        name: "oss",
        settings: "oss",
        protocol: "oss/1",
        keys: OSS_KEYS,
        parts_len: PARTS_LEN,
        requests: 30,
        has_places: true,
        observe: oss,
    },
    Vendor {
        name: "s3",
        settings: "s3",
        protocol: "s3/1",
        keys: &[("part_size", "5MiB"), ("one_request_max", "5MiB")],
        parts_len: 16 << 20,
        requests: 30,
        has_places: true,
        observe: s3,
    },
    Vendor {
        name: "cos-xml",
        settings: "cos_xml",
        protocol: "cos-xml/1",
        keys: &[("part_size", "1MiB"), ("one_request_max", "1MiB")],
        parts_len: 4 << 20,
        requests: 30,
        has_places: true,
        observe: cos_xml,
    },
    Vendor {
        name: "115",
        settings: "p115",
        protocol: "115-open/1",
        keys: OSS_KEYS,
        parts_len: PARTS_LEN,
        requests: 50,
        has_places: true,
        observe: p115,
    },
];

impl Vendor {
    /// The one whose protocol has this name.
    pub(super) fn of(protocol: &str) -> Option<&'static Self> {
        VENDORS.iter().find(|vendor| vendor.protocol == protocol)
    }
}

/// What both COS APIs show.
fn cos(seen: &Seen<'_>, facts: &Facts) {
    if let Some(date) = seen.header("date") {
        facts.settle("date", if date.contains(',') { "imf_fixdate" } else { "asctime_beijing" });
    }
    let data = &seen.json["data"];
    // Asked of an upload that is not finished, before what is left of it is deleted.
    let (code, len, size) = (seen.json["code"].as_i64(), number(&data["filelen"]), number(&data["filesize"]));
    if seen.asks("op") && *seen.method == Method::GET && code == Some(0) && len < size {
        facts.settle("stat_unfinished", "partial");
    }
}

fn cos_v1(seen: &Seen<'_>, facts: &Facts) {
    cos(seen, facts);
    let data = &seen.json["data"];
    if let Some(path) = data["resource_path"].as_str() {
        facts.settle("resource_path", if path.matches('/').count() > 3 { "full" } else { "bare" });
    }
    if data["access_url"].is_string() && *seen.method == Method::POST {
        let told = match (data["url"].is_string(), data["source_url"].is_string()) {
            (true, true) => "all",
            (true, false) => "page",
            _ => "access_only",
        };
        facts.settle("urls", told);
    }
    match seen.json["code"].as_i64() {
        Some(-166) => facts.settle("no_file", "index"),
        Some(-197) => facts.settle("no_file", "file"),
        _ => {}
    }
}

fn cos_v2(seen: &Seen<'_>, facts: &Facts) {
    cos(seen, facts);
    let data = &seen.json["data"];
    facts.settle("request_id", seen.json["request_id"].is_string().to_string());
    let is_list = data["listparts"].is_array();
    if data["session"].is_string() && data["slice_size"].is_number() && !is_list && data["datalen"].is_null() {
        let order = match number(&data["serial_upload"]) {
            Some(1) => "one",
            Some(_) => "zero",
            None => "absent",
        };
        facts.settle("serial_upload", order);
    }
    if is_list {
        let sha = match data["sha"].as_str() {
            None | Some("") => "absent",
            Some(sha) if sha.contains('_') => "suffixed",
            Some(_) => "plain",
        };
        facts.settle("list_sha", sha);
    }
}

fn oss(seen: &Seen<'_>, facts: &Facts) {
    let text = seen.text();
    if !text.contains("<ListPartsResult") {
        return;
    }
    if text.contains("<Part>") {
        facts.settle("list_crc", text.contains("<HashCrc64ecma>").to_string());
    }
    if text.contains("<IsTruncated>false<") {
        let marked = text.contains("<NextPartNumberMarker>");
        facts.settle("next_marker", if marked { "always" } else { "when_truncated" });
    }
}

fn s3(seen: &Seen<'_>, facts: &Facts) {
    facts.settle("request_id", seen.header("x-amz-request-id").is_some().to_string());
    let text = seen.text();
    if text.contains("<ListParts") && !text.contains("<IsTruncated>true<") {
        facts.settle("is_truncated", if text.contains("<IsTruncated>") { "always" } else { "when_true" });
    }
}

fn cos_xml(seen: &Seen<'_>, facts: &Facts) {
    let text = seen.text();
    if !text.contains("<ListPartsResult") {
        return;
    }
    if text.contains("<IsTruncated>false<") {
        let marked = text.contains("<NextPartNumberMarker>");
        facts.settle("next_marker", if marked { "always" } else { "when_truncated" });
    }
    if text.contains("<Part>") {
        facts.settle("etag_quotes", if text.contains("<ETag>&quot;") { "entity" } else { "bare" });
    }
}

fn p115(seen: &Seen<'_>, facts: &Facts) {
    let (path, data) = (seen.uri.path(), &seen.json["data"]);
    if path.ends_with("/open/folder/get_info") {
        match (seen.json["state"].as_bool(), data) {
            (Some(true), Value::Array(found)) if found.is_empty() => facts.settle("missing", "empty"),
            (Some(false), _) if seen.json["code"].as_i64().is_some_and(|code| NOT_FOUND.contains(&code)) => {
                facts.settle("missing", "not_found");
            }
            _ => {}
        }
    }
    if path.ends_with("/open/upload/init") {
        challenged(data, facts);
    }
    if path.ends_with("/open/upload/resume") && seen.json["state"] == true {
        let callback = &data["callback"];
        let is_there = callback.as_object().or_else(|| callback[0].as_object()).is_some_and(|it| !it.is_empty());
        facts.settle("resume_callback", if is_there { "present" } else { "missing" });
    }
    // What the storage passes on of 115's answer.
    if !path.starts_with("/open/") && !data["file_id"].is_null() {
        let is_full = !data["sha1"].is_null() && !data["file_size"].is_null();
        facts.settle("callback_data", if is_full { "full" } else { "id" });
    }
}

/// A proof may be wanted for content that 115 knows: of which bytes, and what it is worth.
fn challenged(data: &Value, facts: &Facts) {
    let last = PARTS_LEN - 1;
    let bytes = data["sign_check"].as_str().and_then(|text| text.split_once('-'));
    let bytes = bytes.and_then(|(from, to)| Some((from.parse::<u64>().ok()?, to.parse::<u64>().ok()?)));
    match (bytes, number(&data["status"])) {
        (Some((0, 0)), _) => facts.settle("challenge", "first_byte"),
        (Some((0, to)), _) if to == last => facts.settle("challenge", "whole_file"),
        (Some((from, to)), _) if (from, to) == (last, last) => facts.settle("challenge", "last_byte"),
        (Some(_), _) => facts.settle("challenge", "random"),
        (None, Some(2)) if facts.is_settled("challenge") => facts.settle("challenge_met", "instant"),
        (None, Some(1)) if facts.is_settled("challenge") => facts.settle("challenge_met", "bytes"),
        _ => {}
    }
}

/// A number, or a text that is one.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}
