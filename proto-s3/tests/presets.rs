//! The services: each row is that of the page, and what the page does not show is told here.

use resumable_proto_s3::*;

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const TIB: u64 = 1 << 40;

/// A length as the page writes it.
fn size(bytes: u64) -> String {
    match bytes {
        5_000_000 => "5,000,000 bytes".to_owned(),
        _ if bytes >= TIB => {
            let tenths = (bytes * 10 + TIB / 2) / TIB;
            if tenths.is_multiple_of(10) {
                format!("{} TiB", tenths / 10)
            } else {
                format!("{}.{} TiB", tenths / 10, tenths % 10)
            }
        }
        _ if bytes.is_multiple_of(GIB) => format!("{} GiB", bytes / GIB),
        _ if bytes.is_multiple_of(MIB) => format!("{} MiB", bytes / MIB),
        _ => format!("{} KiB", bytes / KIB),
    }
}

#[test]
fn the_page_has_a_row_for_each_service() {
    let page = include_str!("../../docs/s3.md");
    for Preset { name, limits, checksum, conditional, addressing, region, source, .. } in PRESETS {
        let parts = if limits.parts == 10_000 { "10,000".to_owned() } else { limits.parts.to_string() };
        let (least, most, object) = (size(limits.part_min), size(limits.part_max), size(limits.object_max));
        let sum = match checksum {
            Some(ChecksumKind::Crc64Nvme) => "CRC-64/NVME",
            None => "none",
            other => panic!("the page knows no {other:?}"),
        };
        let condition = if *conditional { "yes" } else { "no" };
        let place = match addressing {
            Addressing::Auto => "auto",
            Addressing::VirtualHost => "host",
            Addressing::Path => "path",
            other => panic!("the page knows no {other:?}"),
        };
        let source = source.replace('"', "`");
        let row = format!(
            "| `{name}` | {parts} of {least} to {most} | {object} | {sum} | {condition} | {place} | `{region}` | {source} |"
        );
        assert!(page.contains(&row), "not in docs/s3.md: {row}");
    }
}

/// Where an object has at most so many parts of the greatest length, that is the greatest object.
#[test]
fn the_greatest_object_is_told_to_the_byte() {
    let whole = 10_000 * 5 * GIB;
    for (name, object_max) in [
        ("aws", whole),
        ("minio", whole),
        ("r2", 5 * TIB),
        ("b2", 10 * TIB),
        ("ceph", 5 * TIB),
        ("garage", 5 * TIB),
        ("gcs", 5 * TIB),
        ("oss", whole),
        ("cos", whole),
        ("swift", 1000 * 5 * GIB),
        ("other", 5 * TIB),
    ] {
        let limits = Preset::named(name).unwrap().limits;
        assert_eq!((limits.object_max, limits.put_max, limits.page), (object_max, 5 * GIB, 1000), "{name}");
    }
    assert_eq!(PRESETS.len(), 11);
}

#[test]
fn what_a_service_says_and_compares_is_known_of_some() {
    for preset in PRESETS {
        let name = preset.name;
        assert_eq!(preset.names_requests, ["aws", "minio", "ceph"].contains(&name), "{name}");
        assert_eq!(preset.compares_length, name == "aws", "{name}");
        assert_eq!(preset.tags, Tags::Md5, "{name}");
        let hosts: &[&str] = match name {
            "aws" => &["amazonaws.com", "amazonaws.com.cn"],
            "r2" => &["r2.cloudflarestorage.com"],
            "b2" => &["backblazeb2.com"],
            "gcs" => &["storage.googleapis.com"],
            "oss" => &["aliyuncs.com"],
            "cos" => &["myqcloud.com"],
            _ => &[],
        };
        assert_eq!(preset.hosts, hosts, "{name}");
    }
    assert_eq!(Preset::amazon().name, "aws");
    assert_eq!(Options::default(), Options::of(*Preset::amazon()));
}

/// A host is a service's if it is the service's own or below it.
#[test]
fn a_host_is_the_services_to_its_last_label() {
    for (host, name) in [
        ("amazonaws.com", "aws"),
        ("s3.amazonaws.com", "aws"),
        ("evilamazonaws.com", "other"),
        ("amazonaws.com.example", "other"),
        ("storage.googleapis.com", "gcs"),
        ("bucket.storage.googleapis.com", "gcs"),
        ("googleapis.com", "other"),
        ("cloudflarestorage.com", "other"),
        ("", "other"),
    ] {
        assert_eq!(Preset::of_host(host).name, name, "{host}");
    }
}

#[test]
fn a_place_is_made_as_the_service_names_it() {
    for (endpoint, name, url, region) in [
        (
            "https://s3.eu-west-1.amazonaws.com",
            "aws",
            "https://emubucket.s3.eu-west-1.amazonaws.com/k",
            Some("eu-west-1"),
        ),
        (
            "https://0123.r2.cloudflarestorage.com",
            "r2",
            "https://0123.r2.cloudflarestorage.com/emubucket/k",
            Some("auto"),
        ),
        (
            "https://s3.us-west-004.backblazeb2.com",
            "b2",
            "https://s3.us-west-004.backblazeb2.com/emubucket/k",
            Some("us-west-004"),
        ),
        ("https://storage.googleapis.com", "gcs", "https://emubucket.storage.googleapis.com/k", Some("auto")),
        (
            "https://oss-cn-beijing.aliyuncs.com",
            "oss",
            "https://emubucket.oss-cn-beijing.aliyuncs.com/k",
            Some("cn-beijing"),
        ),
        (
            "https://cos.ap-beijing.myqcloud.com",
            "cos",
            "https://emubucket.cos.ap-beijing.myqcloud.com/k",
            Some("ap-beijing"),
        ),
        ("https://s3.example.com", "other", "https://s3.example.com/emubucket/k", None),
    ] {
        let to = at(endpoint, "emubucket", "k").unwrap();
        assert_eq!((to.options().preset.name, to.object().url(), to.object().region()), (name, url, region));
    }
}
