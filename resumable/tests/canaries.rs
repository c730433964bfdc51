//! No secret is in what a program can show of the library: `Debug`, events, receipts, errors, whatever the vendor says.

#[path = "../../core/tests/canary/mod.rs"]
mod canary;

use std::collections::BTreeSet;
use std::error::Error as _;
use std::fmt::{Debug, Write as _};
use std::io::Read as _;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use canary::{COS, Canary, OSS, P115, S3, WRONG, XFYUN, unseen};
use http::header::{AUTHORIZATION, CONTENT_LENGTH};
use http::request::Parts;
use http::{Request, Response};
use resumable::blocking::Client;
use resumable::machine::{Cause, Limits as ReplyLimits, SendError};
use resumable::profile::{Profile, Profiles};
use resumable::transport::blocking::{Outgoing, Transport};
use resumable::{Error, MemoryStore};
use resumable_emulator::{Config, Delivery, Emulator, MemoryStorage};

/// A vendor's name, what its profile says besides keys, and its keys.
struct Vendor {
    name: &'static str,
    place: &'static str,
    names: [&'static str; 2],
    keys: [&'static str; 2],
}

const PLACE_OF_COS: &str = "appid = '10055004'\nbucket = 'accesslog'";
const IDS_OF_COS: [&str; 2] = ["secret_id", "secret_key"];
const IDS_OF_OSS: [&str; 2] = ["access_key_id", "access_key_secret"];

const VENDORS: [Vendor; 7] = [
    Vendor { name: "cos-v1", place: PLACE_OF_COS, names: IDS_OF_COS, keys: COS },
    Vendor { name: "cos-v2", place: PLACE_OF_COS, names: IDS_OF_COS, keys: COS },
    Vendor { name: "cos-xml", place: "bucket = '{cos_xml}'", names: IDS_OF_COS, keys: COS },
    Vendor { name: "xfyun", place: "app_id = 'emulator'", names: ["api_key", "api_secret"], keys: XFYUN },
    Vendor { name: "oss", place: "bucket = '{oss}'\nregion = '{oss_region}'", names: IDS_OF_OSS, keys: OSS },
    Vendor { name: "s3", place: "bucket = '{s3}'\nregion = '{s3_region}'", names: IDS_OF_OSS, keys: S3 },
    Vendor { name: "115", place: "client_id = 'emulator-app'", names: ["access_token", "refresh_token"], keys: P115 },
];

impl Vendor {
    /// The profile, with these keys.
    fn profile(&self, keys: [&str; 2]) -> (Profiles, Profile) {
        let config = Config::default();
        let place = self
            .place
            .replace("{cos_xml}", &config.cos_xml.buckets[0])
            .replace("{oss}", &config.oss.buckets[0])
            .replace("{oss_region}", &config.oss.region)
            .replace("{s3}", &config.s3.buckets[0])
            .replace("{s3_region}", &config.s3.region);
        let [one, other] = self.names;
        let text = format!(
            "[profiles.p]\nprotocol = '{}'\nendpoint = 'http://127.0.0.1:1'\n{place}\n{one} = '{}'\n{other} = '{}'\n\
             proxy = 'http://me:{}@127.0.0.1:1'",
            self.name, keys[0], keys[1], WRONG[0],
        );
        let profiles = Profiles::parse(&text, "p.toml").unwrap();
        let profile = profiles.get("p").unwrap();
        (profiles, profile)
    }
}

/// The vendors' servers, whose keys are canaries.
fn emulator() -> Emulator {
    let mut config = Config::default();
    let text = |key: &str| key.to_owned();
    for account in [&mut config.cos_v1.accounts[0], &mut config.cos_v2.accounts[0]] {
        (account.secret_id, account.secret_key) = (text(COS[0]), text(COS[1]));
    }
    let account = &mut config.cos_xml.accounts[0];
    (account.secret_id, account.secret_key) = (text(COS[0]), text(COS[1]));
    let account = &mut config.xfyun.accounts[0];
    (account.api_key, account.api_secret) = (text(XFYUN[0]), text(XFYUN[1]));
    let account = &mut config.oss.accounts[0];
    (account.access_key_id, account.access_key_secret) = (text(OSS[0]), text(OSS[1]));
    let account = &mut config.s3.accounts[0];
    (account.access_key_id, account.access_key_secret) = (text(S3[0]), text(S3[1]));
    (config.p115.user.access_token, config.p115.user.refresh_token) = (text(P115[0]), text(P115[1]));
    Emulator::new(config, Box::new(MemoryStorage::new())).unwrap()
}

/// Who answers.
#[derive(Clone)]
enum Server {
    Emulator(Arc<Emulator>),
    /// One that knows the keys, and repeats them and the request in a refusal.
    Parrot([&'static str; 2]),
    /// One whose connections break.
    Broken,
    /// The emulator, and which hosts were asked with 115's access token, and which without.
    Watched(Arc<Emulator>, Arc<Mutex<[BTreeSet<String>; 2]>>),
}

impl Transport for Server {
    fn send(&self, head: Parts, body: &mut Outgoing<'_>, _: &ReplyLimits) -> Result<Response<Bytes>, SendError> {
        let mut bytes = Vec::new();
        body.read_to_end(&mut bytes).map_err(|error| SendError::Unsure(Cause(error.into())))?;
        match self {
            Self::Watched(_, hosts) => {
                let authorization = head.headers.get(AUTHORIZATION).map(|value| value.to_str().unwrap());
                let with_token = authorization.is_some_and(|value| value.contains(P115[0]));
                let host = head.uri.host().unwrap().to_owned();
                hosts.lock().unwrap()[usize::from(!with_token)].insert(host);
                self.answer(head, bytes)
            }
            Self::Emulator(_) => self.answer(head, bytes),
            Self::Parrot(keys) => Ok(refusal(*keys, &head)),
            Self::Broken => Err(SendError::Unsure(Cause::text("the connection was cut"))),
        }
    }
}

impl Server {
    fn answer(&self, mut head: Parts, bytes: Vec<u8>) -> Result<Response<Bytes>, SendError> {
        let (Self::Emulator(emulator) | Self::Watched(emulator, _)) = self else { unreachable!() };
        head.headers.insert(CONTENT_LENGTH, bytes.len().into());
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let reply = emulator.handle(now, Request::from_parts(head, bytes.into()));
        match reply.delivery {
            Delivery::Send => Ok(reply.response),
            _ => Err(SendError::Unsure(Cause::text("the connection was cut"))),
        }
    }
}

fn refusal(keys: [&str; 2], head: &Parts) -> Response<Bytes> {
    let headers: Vec<String> =
        head.headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
    let words = format!("{} {} {} {}", head.uri, headers.join(" "), keys[0], keys[1]).replace('"', " ");
    let body = format!("{{\"code\":-97,\"state\":false,\"message\":\"{words}\",\"request_id\":\"{}\"}}", keys[1]);
    Response::builder().status(403).header("x-request-id", keys[1]).body(body.into()).unwrap()
}

/// Uploads by a profile with these keys; gives all that there is to be shown of it.
fn shown(vendor: &Vendor, keys: [&str; 2], server: Server, tokens: &Path) -> (String, Result<(), Error>) {
    let (profiles, profile) = vendor.profile(keys);
    let mut text = format!("{profiles:?} {profile:#?} {:?}", profile.connection());
    let client = Client::builder().transport(server).store(MemoryStore::new()).tokens(tokens);
    let client = client.patience(std::time::Duration::ZERO).build().unwrap();
    let events = Arc::new(Mutex::new(String::new()));
    let told = Arc::clone(&events);
    let put = client.put_to(&profile, "/big.bin").unwrap().memory(vec![7; 3 << 20]);
    let put = put.on_event(move |event| write!(told.lock().unwrap(), "{event:?} ").unwrap());
    show(&mut text, &put);
    show(&mut text, &put.handle());
    let done = put.send();
    text.push_str(&events.lock().unwrap());
    match &done {
        Ok(receipt) => show(&mut text, receipt),
        Err(error) => {
            write!(text, "{error} {error:#} ").unwrap();
            show(&mut text, error);
            let mut cause = error.source();
            while let Some(it) = cause {
                write!(text, "{it} {it:?}").unwrap();
                cause = it.source();
            }
        }
    }
    (text, done.map(drop))
}

fn show(text: &mut String, it: &impl Debug) {
    write!(text, "{it:?} {it:#?} ").unwrap();
}

#[test]
fn no_secret_is_in_what_can_be_shown_of_an_upload() {
    let tokens = tempfile::tempdir().unwrap();
    let emulator = Arc::new(emulator());
    for vendor in &VENDORS {
        let canaries: Vec<Canary> = vendor.keys.iter().chain(&WRONG).map(|key| Canary::new(key)).collect();
        for (what, given, server, is_done) in [
            ("an upload", vendor.keys, Server::Emulator(Arc::clone(&emulator)), true),
            ("a refused key", [vendor.keys[0], WRONG[1]], Server::Emulator(Arc::clone(&emulator)), false),
            ("a server that repeats everything", vendor.keys, Server::Parrot(vendor.keys), false),
            ("a broken connection", vendor.keys, Server::Broken, false),
        ] {
            // An access token that is right needs no other one.
            let given = if vendor.name == "115" && !is_done && given[1] == WRONG[1] { WRONG } else { given };
            let folder = tokens.path().join(format!("{}{what}", vendor.name));
            let (text, done) = shown(vendor, given, server, &folder);
            assert_eq!(done.is_ok(), is_done, "{} {what}: {done:?}", vendor.name);
            unseen(&canaries, &format!("{} {what}", vendor.name), text);
        }
    }
}

#[test]
fn the_access_token_goes_to_115_and_not_to_its_storage() {
    let tokens = tempfile::tempdir().unwrap();
    let hosts = Arc::new(Mutex::default());
    let server = Server::Watched(Arc::new(emulator()), Arc::clone(&hosts));
    let vendor = VENDORS.iter().find(|vendor| vendor.name == "115").unwrap();
    shown(vendor, vendor.keys, server, tokens.path()).1.unwrap();
    let [with_token, without] = hosts.lock().unwrap().clone();
    assert_eq!(with_token, ["127.0.0.1".to_owned()].into());
    assert!(!without.is_empty() && without.is_disjoint(&with_token), "{without:?}");
}
