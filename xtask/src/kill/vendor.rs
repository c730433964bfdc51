//! What the rounds have to know of each vendor: its calls, a profile with small parts, and an emulator that takes them.

use std::path::{Path, PathBuf};

use resumable_emulator::Config;
use resumable_emulator::cos::{Account, DateForm};

/// A protocol, and what its calls are named in the emulator's log.
#[derive(Debug)]
pub(super) struct Vendor {
    pub(super) name: &'static str,
    /// What begins an upload in parts: no byte of the file leaves before each of these is answered.
    pub(super) openings: &'static [&'static str],
    /// What carries a part.
    pub(super) part_call: &'static str,
    /// What completes the object: where the last part does, the same as `part_call`.
    pub(super) completing: &'static str,
    /// Bytes of a part.
    pub(super) part: u64,
    /// Lines that a profile may have beside the others; a round draws one.
    pub(super) choices: &'static [&'static str],
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Oss,
    S3,
    CosXml,
    CosV1,
    CosV2,
    Xfyun,
    P115,
}

/// The shortest part that the emulator takes where its vendor's shortest is a large one.
const SHORTEST: u64 = 100 << 10;
const SMALL: u64 = 128 << 10;
/// The shortest slice of both COS JSON APIs: a client may ask for no other ones.
const SLICE: u64 = 512 << 10;

const CRC32C: &str = "checksum = 'crc32c'";
pub(super) const NO_INTEGRITY: &str = "integrity = 'none'";

const MULTIPART: Vendor = Vendor {
    name: "oss",
    openings: &["initiate"],
    part_call: "upload_part",
    completing: "complete",
    part: SMALL,
    choices: &["", "sequential = true", "signature = 'v1'", "forbid_overwrite = true"],
    kind: Kind::Oss,
};

pub(super) static ALL: [Vendor; 7] = [
    Vendor {
        name: "115",
        openings: &["upload/init", "initiate"],
        choices: &["", "signature = 'v1'"],
        kind: Kind::P115,
        ..MULTIPART
    },
    MULTIPART,
    Vendor {
        name: "s3",
        choices: &["", CRC32C, "checksum = 'none'", "payload = 'signed'"],
        kind: Kind::S3,
        ..MULTIPART
    },
    Vendor { name: "cos-xml", choices: &["", "forbid_overwrite = true"], kind: Kind::CosXml, ..MULTIPART },
    Vendor {
        name: "cos-v1",
        openings: &["upload_slice_init"],
        part_call: "upload_slice_data",
        completing: "upload_slice_data",
        part: SLICE,
        choices: &["", "parallel = true", "insert_only = false"],
        kind: Kind::CosV1,
    },
    Vendor {
        name: "cos-v2",
        openings: &["upload_slice_init"],
        part_call: "upload_slice_data",
        completing: "upload_slice_finish",
        part: SLICE,
        choices: &["", "integrity = 'sha1'", NO_INTEGRITY, "insert_only = false"],
        kind: Kind::CosV2,
    },
    Vendor {
        name: "xfyun",
        openings: &["mpupload/init"],
        part_call: "mpupload/upload",
        completing: "mpupload/complete",
        part: SMALL,
        choices: &["", "parallel = true", "digest = 'body'"],
        kind: Kind::Xfyun,
    },
];

pub(super) fn named(name: &str) -> Option<&'static Vendor> {
    ALL.iter().find(|vendor| vendor.name == name)
}

/// What every emulator is told: small parts, and no patience with connections that stand still, so that a process that was
/// stopped for long finds its connections closed.
pub(super) fn config() -> Config {
    let mut config = Config::default();
    config.log_entries = 1 << 20;
    config.connections.header_timeout_ms = 1000;
    config.connections.body_timeout_ms = 1000;
    config.oss.limits.part_min = SHORTEST;
    config.s3.limits.part_min = SHORTEST;
    config.cos_xml.limits.part_min = SHORTEST;
    config.xfyun.limits.slice_min = SHORTEST;
    // Dates that say where they are of: by others no clock is corrected.
    config.cos_v1.switches.date = DateForm::ImfFixdate;
    config.cos_v2.switches.date = DateForm::ImfFixdate;
    // A client that digests the file as a whole and not its slices.
    config.cos_v2.switches.uploadparts_with_sha = false;
    config.p115.limits.refresh_pause = 0;
    config.p115.limits.visible_after = 0;
    config
}

impl Vendor {
    /// Whether the last part completes the object.
    pub(super) fn completes_with_a_part(&self) -> bool {
        self.completing == self.part_call
    }

    /// Whether the vendor names objects itself.
    pub(super) fn names_objects(&self) -> bool {
        self.kind == Kind::Xfyun
    }

    /// Whether a file that is uploaded twice is there twice.
    pub(super) fn keeps_copies(&self) -> bool {
        matches!(self.kind, Kind::Xfyun | Kind::P115)
    }

    /// Whether the emulator no longer tells whose an object is once it was killed: a url that nobody was told, or what its
    /// client said of it.
    pub(super) fn is_forgotten(&self) -> bool {
        matches!(self.kind, Kind::Xfyun | Kind::S3)
    }

    /// Whether the vendor knows nothing of a file as a whole by which it is known again.
    pub(super) fn takes_no_digest(&self, choice: &str) -> bool {
        match self.kind {
            Kind::Xfyun => true,
            Kind::S3 => choice != CRC32C,
            _ => choice == NO_INTEGRITY,
        }
    }

    /// Whether the command can remove what is open at the vendor, and nobody remembers.
    pub(super) fn lists_uploads(&self) -> bool {
        matches!(self.kind, Kind::Oss | Kind::S3 | Kind::CosXml)
    }

    /// Below the data folder: where objects are.
    pub(super) fn objects(&self) -> &'static str {
        self.name
    }

    /// Below that: where the object of a path is.
    pub(super) fn object(&self, path: &str) -> PathBuf {
        let config = config();
        let cos = |accounts: &[Account]| Path::new(&accounts[0].appid).join(&accounts[0].bucket);
        let bucket = match self.kind {
            Kind::Oss => PathBuf::from(&config.oss.buckets[0]),
            Kind::S3 => PathBuf::from(&config.s3.buckets[0]),
            Kind::CosXml => PathBuf::from(&config.cos_xml.buckets[0]),
            Kind::CosV1 => cos(&config.cos_v1.accounts),
            Kind::CosV2 => cos(&config.cos_v2.accounts),
            Kind::Xfyun | Kind::P115 => PathBuf::new(),
        };
        bucket.join(path)
    }

    /// The lines of a profile: who signs, and how files are cut.
    pub(super) fn profile(&self) -> String {
        let (config, part) = (config(), self.part);
        let cos = |account: &Account| {
            let Account { appid, bucket, secret_id, secret_key, .. } = account;
            format!(
                "appid = '{appid}'\nbucket = '{bucket}'\nsecret_id = '{secret_id}'\nsecret_key = '{secret_key}'\n\
                 slice_size = {part}\none_request_max = 0\n"
            )
        };
        let sizes = format!("part_min = {SHORTEST}\npart_size = {part}\none_request_max = 0\n");
        let amazon = |bucket: &str, region: &str, id: &str, secret: &str| {
            format!(
                "bucket = '{bucket}'\nregion = '{region}'\naccess_key_id = '{id}'\naccess_key_secret = '{secret}'\n{sizes}"
            )
        };
        match self.kind {
            Kind::Oss => {
                let account = &config.oss.accounts[0];
                let (id, secret) = (&account.access_key_id, &account.access_key_secret);
                amazon(&config.oss.buckets[0], &config.oss.region, id, secret)
            }
            Kind::S3 => {
                let account = &config.s3.accounts[0];
                let (id, secret) = (&account.access_key_id, &account.access_key_secret);
                amazon(&config.s3.buckets[0], &config.s3.region, id, secret)
            }
            Kind::CosXml => {
                let (account, bucket) = (&config.cos_xml.accounts[0], &config.cos_xml.buckets[0]);
                let (id, key) = (&account.secret_id, &account.secret_key);
                format!("bucket = '{bucket}'\nsecret_id = '{id}'\nsecret_key = '{key}'\n{sizes}")
            }
            Kind::CosV1 => cos(&config.cos_v1.accounts[0]),
            Kind::CosV2 => cos(&config.cos_v2.accounts[0]),
            Kind::Xfyun => {
                let account = &config.xfyun.accounts[0];
                let (app, key, secret) = (&account.app_id, &account.api_key, &account.api_secret);
                format!(
                    "app_id = '{app}'\napi_key = '{key}'\napi_secret = '{secret}'\nslice_min = {SHORTEST}\n\
                     slice_size = {part}\none_request_below = 0\n"
                )
            }
            Kind::P115 => {
                let (user, client) = (&config.p115.user, &config.p115.client_id);
                let (access, refresh) = (&user.access_token, &user.refresh_token);
                format!("client_id = '{client}'\naccess_token = '{access}'\nrefresh_token = '{refresh}'\n{sizes}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_vendor_of_the_emulator_is_played() {
        let (mut ours, mut theirs) = (ALL.iter().map(|vendor| vendor.name).collect::<Vec<_>>(), config().services);
        ours.sort_unstable();
        theirs.sort_unstable();
        assert_eq!(ours, theirs);
    }
}
