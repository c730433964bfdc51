//! What is wrong with a configuration.

use std::fs;
use std::path::Path;

use resumable::profile::Profiles;
use resumable::{MemoryStore, blocking};

use super::problems;
use crate::exit::Problem;
use crate::profile;

const OSS: &str = "protocol = 'oss'\nendpoint = 'https://oss-cn-shenzhen.aliyuncs.com'\nbucket = 'mybackup'\n\
    access_key_id = 'LTAI5t'\naccess_key_secret = 's3cr3t'";
const COS: &str = "protocol = 'cos-v2'\nendpoint = 'https://sh.file.myqcloud.com'\nappid = '10055004'\n\
    bucket = 'accesslog'\nsecret_id = 'AKID'\nsecret_key = 's3cr3t'";
const S3: &str = "protocol = 's3'\nregion = 'eu-west-1'\nbucket = 'myarchive'\naccess_key_id = 'AKIA5t'\n\
    access_key_secret = 's3cr3t'";
const COS_XML: &str = "protocol = 'cos-xml'\nregion = 'ap-guangzhou'\nbucket = 'photos-1250000000'\nsecret_id = 'AKID'\n\
    secret_key = 's3cr3t'";
const P115: &str = "protocol = '115'\nclient_id = '100195125'";
const XFYUN: &str = "protocol = 'xfyun'\napp_id = '4CC5779A'\napi_key = 'abc'\napi_secret = 's3cr3t'";

/// Of a profile: what stands in place of what, and the path at the destination.
type Edit = (&'static str, &'static str, &'static str);

pub(super) fn all() -> String {
    [
        problems("The file", of_the_file()),
        problems("Any profile", of_profiles(OSS, &ANY)),
        problems("`oss`", of_profiles(OSS, &OF_OSS)),
        problems("`s3`", of_profiles(S3, &OF_S3)),
        problems("`cos-xml`", of_profiles(COS_XML, &OF_COS_XML)),
        problems("`cos-v1`, `cos-v2`", of_profiles(COS, &OF_COS)),
        problems("`115`", of_profiles(P115, &OF_115)),
        problems("`xfyun`", of_profiles(XFYUN, &OF_XFYUN)),
    ]
    .concat()
}

const ANY: [Edit; 14] = [
    ("protocol = 'oss'", "", "x"),
    ("protocol = 'oss'", "protocol = 'ftp'", "x"),
    ("access_key_id", "acces_key_id", "x"),
    ("access_key_id = 'LTAI5t'", "", "x"),
    ("access_key_id = 'LTAI5t'", "access_key_id = ''", "x"),
    ("'s3cr3t'", "'\"s3cr3t\"'", "x"),
    ("'s3cr3t'", "'s3 cr3t'", "x"),
    ("bucket", "part_sise = '1MiB'\nbucket", "x"),
    ("bucket", "part_size = 'much'\nbucket", "x"),
    ("bucket", "window = 0\nbucket", "x"),
    ("bucket", "transport = 'curl'\nbucket", "x"),
    ("bucket", "proxy = 'ftp://h'\nbucket", "x"),
    ("bucket", "reply_timeout = '10ms'\nbucket", "x"),
    ("bucket", "credential_command = ['pass']\nbucket", "x"),
];

const OF_OSS: [Edit; 11] = [
    ("https://", "ftp://", "x"),
    ("https://oss-cn-shenzhen.aliyuncs.com", "https://storage.example", "x"),
    ("https://oss-cn-shenzhen.aliyuncs.com", "http://127.0.0.1:1", "x"),
    ("mybackup", "My_Backup-", "x"),
    ("bucket", "addressing = 'host'\nbucket", "x"),
    ("bucket", "signature = 'v2'\nbucket", "x"),
    ("bucket", "part_size = '1KiB'\nbucket", "x"),
    ("bucket", "one_request_max = '6GiB'\nbucket", "x"),
    ("bucket", "callback = 'x'\nbucket", "x"),
    ("bucket", "callback_var = '{}'\nbucket", "x"),
    ("", "", "a/../b"),
];

const OF_S3: [Edit; 10] = [
    ("bucket", "endpoint = 'ftp://h'\nbucket", "x"),
    ("region = 'eu-west-1'\n", "", "x"),
    ("myarchive", "My_Archive-", "x"),
    ("bucket", "addressing = 'host'\nbucket", "x"),
    ("bucket", "preset = 'amazon'\nbucket", "x"),
    ("bucket", "checksum = 'md5'\nbucket", "x"),
    ("bucket", "part_size = '1MiB'\nbucket", "x"),
    ("bucket", "headers = { x-amz-server-side-encryption-customer-key = 'k' }\nbucket", "x"),
    ("access_key_id = 'AKIA5t'", "aws_profile = 'other'\naccess_key_id = 'AKIA5t'", "x"),
    ("", "", "a/../b"),
];

const OF_COS_XML: [Edit; 7] = [
    ("region = 'ap-guangzhou'\n", "", "x"),
    ("photos-1250000000", "photos", "x"),
    ("bucket", "endpoint = 'https://other-1250000001.cos.ap-guangzhou.myqcloud.com'\nbucket", "x"),
    ("bucket", "part_size = '1KiB'\nbucket", "x"),
    ("bucket", "traffic_limit = '1KiB'\nbucket", "x"),
    ("secret_id = 'AKID'", "", "x"),
    ("", "", "a/.."),
];

const OF_COS: [Edit; 8] = [
    ("https://", "ftp://", "/x"),
    ("10055004", "mine", "/x"),
    ("accesslog", "access log", "/x"),
    ("bucket", "slice_size = '5MiB'\nbucket", "/x"),
    ("bucket", "one_request_max = '1GiB'\nbucket", "/x"),
    ("bucket", "signature_life = '1s'\nbucket", "/x"),
    ("", "", "x"),
    ("", "", "/a?b"),
];

const OF_115: [Edit; 4] = [
    ("client_id", "qrcode = 'ftp://h'\nclient_id", "/x"),
    ("client_id", "access_token = 'a b'\nclient_id", "/x"),
    ("", "", "dir"),
    ("", "", "/films/.."),
];

const OF_XFYUN: [Edit; 4] = [
    ("4CC5779A", "a b", "x"),
    ("api_key", "slice_size = '1MiB'\napi_key", "x"),
    ("api_key", "slices_max = 0\napi_key", "x"),
    ("api_key", "one_request_below = '31MiB'\napi_key", "x"),
];

fn of_the_file() -> Vec<Problem> {
    let texts =
        ["profile = 1", "[profiles]\nwork = 1", "[profiles.work]\nbucket", "[profiles.films]\nprotocol = '115'"];
    let mut told: Vec<Problem> = texts.iter().filter_map(|text| told(text, "work", "x")).collect();
    told.extend(profile::load(Some(Path::new("/no/such/config.toml"))).err());
    told
}

fn of_profiles(profile: &str, edits: &[Edit]) -> Vec<Problem> {
    let told = |(from, to, path): &Edit| {
        let text = if from.is_empty() { profile.to_owned() } else { profile.replacen(from, to, 1) };
        told(&format!("[profiles.work]\n{text}"), "work", path)
            .unwrap_or_else(|| panic!("{to:?} in place of {from:?}, at {path}, is no mistake"))
    };
    edits.iter().map(told).collect()
}

/// What is said of a configuration, with the file called `config.toml`.
fn told(text: &str, name: &str, path: &str) -> Option<Problem> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    fs::write(&file, text).unwrap();
    let problem = open(&file, name, path).err()?;
    Some(problem.with_shorter(&format!("{}/", folder.path().display())))
}

fn open(file: &Path, name: &str, path: &str) -> Result<(), Problem> {
    let profile = Profiles::load(file)?.get(name)?.with_environment(|_| None)?;
    let client = blocking::Client::builder().store(MemoryStore::new()).tokens("/state/tokens");
    let client = client.connection(&profile.connection()?).build()?;
    client.put_to(&profile, path).map(drop).map_err(Problem::from)
}
