//! The services that speak S3, each with what it takes and what it does not.

use resumable_proto_multipart::stage::Tags;
use resumable_proto_multipart::{ChecksumKind, Limits};

use crate::addressing::Addressing;

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const TIB: u64 = 1 << 40;

/// A service that speaks S3: what uploads to it go by. Where nobody could check a row, its source says that it is a guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Preset {
    /// Its name in profiles.
    pub name: &'static str,
    /// What it takes.
    pub limits: Limits,
    /// The sum of the whole object that it takes when an upload begins and ends, and tells when it is asked; `None` where
    /// headers about sums are refused, or kept unread.
    pub checksum: Option<ChecksumKind>,
    /// What the tag of a part is, and that of an object in one request.
    pub tags: Tags,
    /// It compares the length of the whole (`x-amz-mp-object-size`) when an upload is completed.
    pub compares_length: bool,
    /// It keeps an object that is there already if it is asked to (`if-none-match`).
    pub conditional: bool,
    /// Each of its answers has `x-amz-request-id`, so that a proxy's can be told from it.
    pub names_requests: bool,
    /// Where its URLs name the bucket.
    pub addressing: Addressing,
    /// The region where neither a profile nor the host tells one.
    pub region: &'static str,
    /// What its hosts' names end in, where it has names of its own.
    pub hosts: &'static [&'static str],
    /// Where this is known from.
    pub source: &'static str,
}

/// What the others are told by their differences from: the service is not known, so nothing is taken for granted.
const UNKNOWN: Preset = Preset {
    name: "other",
    limits: Limits {
        part_min: 5 * MIB,
        part_max: 5 * GIB,
        parts: 10_000,
        put_max: 5 * GIB,
        object_max: 5 * TIB,
        page: 1000,
    },
    checksum: None,
    tags: Tags::Md5,
    compares_length: false,
    conditional: false,
    names_requests: false,
    addressing: Addressing::Path,
    region: "us-east-1",
    hosts: &[],
    source: "a guess: what most services take",
};

const AWS: Preset = Preset {
    name: "aws",
    limits: Limits { object_max: 10_000 * 5 * GIB, ..UNKNOWN.limits },
    checksum: Some(ChecksumKind::Crc64Nvme),
    compares_length: true,
    conditional: true,
    names_requests: true,
    addressing: Addressing::Auto,
    hosts: &["amazonaws.com", "amazonaws.com.cn"],
    source: "Amazon's service model and pages",
    ..UNKNOWN
};

/// The services, by name.
pub const PRESETS: &[Preset] = &[
    AWS,
    Preset {
        name: "minio",
        limits: Limits { object_max: 10_000 * 5 * GIB, ..UNKNOWN.limits },
        conditional: true,
        names_requests: true,
        source: "limits: MinIO's pages; addressing: rclone; conditions and request ids: a guess; sums: off, because only new \
                 versions are said to take them",
        ..UNKNOWN
    },
    Preset {
        name: "r2",
        limits: Limits { object_max: 5 * TIB, ..UNKNOWN.limits },
        checksum: Some(ChecksumKind::Crc64Nvme),
        conditional: true,
        region: "auto",
        hosts: &["r2.cloudflarestorage.com"],
        source: "Cloudflare's pages; conditions: a guess",
        ..UNKNOWN
    },
    Preset {
        name: "b2",
        limits: Limits { part_min: 5_000_000, object_max: 10 * TIB, ..UNKNOWN.limits },
        hosts: &["backblazeb2.com"],
        source: "Backblaze's pages; that headers about sums are refused: reports (home-assistant/core 143995, \
                 diced/zipline 746); the largest object: a guess",
        ..UNKNOWN
    },
    Preset {
        name: "ceph",
        names_requests: true,
        source: "addressing: rclone; pages and repeated completes: ceph 40594; sums: off, because only new versions are said \
                 to take them; request ids: a guess",
        ..UNKNOWN
    },
    Preset {
        name: "garage",
        region: "garage",
        source: "Garage's page of compatibility; region: the one of its examples; sums: off, a guess",
        ..UNKNOWN
    },
    Preset {
        name: "gcs",
        addressing: Addressing::VirtualHost,
        region: "auto",
        hosts: &["storage.googleapis.com"],
        source: "Google's pages about its XML API; addressing: a report (dataelement/Clawith 635)",
        ..UNKNOWN
    },
    Preset {
        name: "oss",
        limits: Limits { part_min: 100 << 10, object_max: 10_000 * 5 * GIB, ..UNKNOWN.limits },
        addressing: Addressing::VirtualHost,
        region: "cn-hangzhou",
        hosts: &["aliyuncs.com"],
        source: "Aliyun's pages; addressing: a report (flashcatcloud/flashduty-runner 42); the protocol \"oss\" does more",
        ..UNKNOWN
    },
    Preset {
        name: "cos",
        limits: Limits { part_min: MIB, object_max: 10_000 * 5 * GIB, ..UNKNOWN.limits },
        addressing: Addressing::VirtualHost,
        region: "ap-guangzhou",
        hosts: &["myqcloud.com"],
        source: "Tencent's pages; the shortest part: a guess; the protocol \"cos-xml\" does more",
        ..UNKNOWN
    },
    Preset {
        name: "swift",
        limits: Limits { parts: 1000, object_max: 1000 * 5 * GIB, ..UNKNOWN.limits },
        source: "a server of version 2.30.1, run: 1000 parts unless its operator allows more; sums are ignored; conditions of \
                 a put are refused",
        ..UNKNOWN
    },
    UNKNOWN,
];

impl Preset {
    /// The service of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        PRESETS.iter().find(|preset| preset.name == name)
    }

    /// Amazon's own.
    pub fn amazon() -> &'static Self {
        &AWS
    }

    /// The service that a host is of, as far as its name tells; `other` where it does not.
    pub fn of_host(host: &str) -> &'static Self {
        let ends =
            |name: &&str| host.strip_suffix(*name).is_some_and(|before| before.is_empty() || before.ends_with('.'));
        PRESETS.iter().find(|preset| preset.hosts.iter().any(ends)).unwrap_or(&UNKNOWN)
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_service_has_one_row_with_a_source() {
        let names: BTreeSet<&str> = PRESETS.iter().map(|preset| preset.name).collect();
        assert_eq!(names.len(), PRESETS.len());
        for name in ["aws", "minio", "r2", "b2", "ceph", "garage", "gcs", "oss", "cos", "swift", "other"] {
            let preset = Preset::named(name).unwrap();
            assert!(!preset.source.is_empty(), "{name}");
            let Limits { part_min, part_max, parts, put_max, object_max, page } = preset.limits;
            assert!(0 < part_min && part_min < part_max && put_max >= part_min && parts > 0 && page > 0, "{name}");
            assert!(object_max <= preset.limits.part_max * u64::from(parts), "{name}");
        }
        assert_eq!(Preset::named("nobody"), None);
    }

    #[test]
    fn hosts_tell_whose_they_are() {
        for (host, name) in [
            ("s3.eu-west-1.amazonaws.com", "aws"),
            ("s3.cn-north-1.amazonaws.com.cn", "aws"),
            ("0123.r2.cloudflarestorage.com", "r2"),
            ("s3.us-west-004.backblazeb2.com", "b2"),
            ("storage.googleapis.com", "gcs"),
            ("oss-cn-hangzhou.aliyuncs.com", "oss"),
            ("cos.ap-guangzhou.myqcloud.com", "cos"),
            ("notamazonaws.com", "other"),
            ("127.0.0.1", "other"),
        ] {
            assert_eq!(Preset::of_host(host).name, name, "{host}");
        }
    }
}
