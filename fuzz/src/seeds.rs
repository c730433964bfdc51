//! What corpora begin with: what clients and servers say to each other when nothing goes wrong. libFuzzer does the rest.

use std::cell::RefCell;
use std::path::Path;
use std::{fs, io};

use resumable::profile::CONNECTION_PAGE;
use resumable::vendors;
use resumable_core::{Options, Upload};
use resumable_emulator::Config;
use resumable_sim::source::{Nature, Source};
use resumable_sim::vendor::Expectations;

use crate::draw::Draw;
use crate::host::{BEGINNING, Content, Host, Record, Vendor};
use crate::message;
use crate::vendor::{self, Work};

/// How many settings of each vendor the conversations are taken of.
const SETTINGS: u8 = 12;

/// Writes a folder of inputs for each target.
///
/// # Errors
/// When a file cannot be written.
pub fn write(folder: &Path) -> io::Result<()> {
    let mut seeds = Vec::new();
    for number in 0..u8::try_from(vendor::count()).unwrap_or(u8::MAX) {
        for setting in 0..SETTINGS {
            let talk = RefCell::new(Vec::new());
            vendor::with(Draw::new(&[number]), &Talk { number, setting, seeds: &talk });
            seeds.append(&mut talk.into_inner());
        }
    }
    seeds.extend(files().into_iter().chain(wires()));
    for (count, (target, bytes)) in seeds.iter().enumerate() {
        fs::create_dir_all(folder.join(target))?;
        fs::write(folder.join(target).join(format!("seed-{count}")), bytes)?;
    }
    Ok(())
}

type Seeds = Vec<(&'static str, Vec<u8>)>;

struct Talk<'a> {
    number: u8,
    setting: u8,
    seeds: &'a RefCell<Seeds>,
}

impl Work for Talk<'_> {
    fn with<S: Expectations>(&self, _: &str, _: Draw<'_>) {
        let drawn = [self.setting, 0];
        let (setting, mut chance) = vendor::drawn::<S>(&mut Draw::new(&drawn));
        let source = Source::new(setting.size(), 7, Nature::plain(), BEGINNING);
        let server = setting.server(&source, &mut chance);
        let mut draw = Draw::new(&[]);
        let mut host = Host::new(&mut draw, &setting, Vendor::Emulator(server), Content::Bytes(source)).recording();
        let (looks, credential) = (host.look(), host.credential(None));
        let mut upload = Upload::start(setting.protocol(), looks, Some(credential), Options::new(1));
        host.run(&mut upload);
        if let Some(record) = host.record() {
            self.take(record);
        }
    }
}

impl Talk<'_> {
    fn take(&self, Record { exchanges, saves }: &Record) {
        let (number, setting) = (self.number, self.setting);
        let mut seeds = self.seeds.borrow_mut();
        let (mut requests, mut answers) = (vec![number, 15, setting, 0], Vec::new());
        for (request, response) in exchanges {
            let answer = message::of_response(response);
            seeds.extend((0..60).map(|call| ("decode", [&[number, call % 7, call, 0][..], &answer].concat())));
            requests.extend([message::of_request(request), vec![0]].concat());
            answers.extend([&[0; 6][..], &answer, &[0]].concat());
        }
        seeds.push(("emulator", requests));
        seeds.push(("machine", [&[number, setting, 0, 1, 3][..], &[0; 60]].concat()));
        for saved in saves {
            let fields = &[b"{", &saved[CHECKSUM..]].concat();
            seeds.extend([1, 0x81].map(|mode| ("resume", [&[number, mode, 0][..], fields, b"\n", &answers].concat())));
            seeds.push(("decode", [&[number, 7, 0, 0][..], fields].concat()));
        }
    }
}

/// What a checkpoint begins with: `{"checksum":"…",`.
const CHECKSUM: usize = 47;

/// Files of people's.
fn files() -> Seeds {
    let pages = vendors::entries().map(|vendor| vendor.page.to_owned());
    let secrets = vendors::entries().flat_map(|vendor| {
        let secret = move |key| format!("[profiles.p]\nprotocol = \"{}\"\n{key} = \"hunter2canary\"\n", vendor.name);
        vendor.secrets.iter().map(secret)
    });
    let profiles = pages.chain(secrets).chain([CONNECTION_PAGE.to_owned()]).map(|text| (0, text));
    let plans = PLANS.iter().map(|text| (1, (*text).to_owned()));
    let settings = serde_json::to_value(Config::default()).unwrap_or_default();
    let sections = settings.as_object().into_iter().flatten().map(|(key, value)| format!("{{\"{key}\": {value}}}"));
    let numbers = ["16MiB", "5 GB", "1.5MiB/s", "1h30m", "90s"].map(|text| (3, text.to_owned()));
    let all = profiles.chain(plans).chain(sections.map(|text| (2, text))).chain(numbers);
    all.map(|(kind, text)| ("profile", [&[kind][..], text.as_bytes()].concat())).collect()
}

const PLANS: [&str; 4] = [
    r#"{"rules": [{"op": "upload_slice_data", "fault": "drop_reply", "skip": 3, "times": 2}, {"fault": "throttle", "times": "always"}]}"#,
    r#"{"rules": [{"service": "oss", "op": "UploadPart", "path": "/a*", "fault": "refuse", "status": 403, "code": "AccessDenied", "at_byte": 1000}]}"#,
    "{\n \"rules\": [\n  {\"service\": \"cos-v2\", \"fault\": \"refuse\", \"status\": 500, \"code\": -97, \"commit\": true},\n  {\"fault\": \"delay\", \"millis\": 5}\n ]\n}",
    r#"{"rules": [{"service": "s3", "fault": "blanks", "count": 3, "millis": 1, "code": "InternalError", "cut": true}, {"fault": "late", "millis": 9, "hidden": true}]}"#,
];

/// What goes over connections, and forms.
fn wires() -> Seeds {
    let replies = REPLIES.iter().map(|text| ("reply", [&[0], text.as_bytes()].concat()));
    let forms = FORMS.iter().map(|text| ("form", text.to_vec()));
    replies.chain(forms).collect()
}

const REPLIES: [&str; 7] = [
    "HTTP/1.1 200 OK\r\ncontent-length: 5\r\netag: \"a\"\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\ntrailer: x\r\n\r\n",
    "HTTP/1.0 404 Not Found\r\n\r\nto the end",
    "HTTP/1.1 100 Continue\r\na: b\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
    "HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\nconnection: close\r\n\r\n",
    "HTTP/1.1 307 Elsewhere\r\nlocation: http://127.0.0.1/\r\ncontent-length: 0\r\n\r\n",
    "HTTP/1.1 503 Slow Down\r\ncontent-length: 3\r\ncontent-length: 3\r\nretry-after: 5\r\n\r\nabc",
];

const FORMS: [&[u8]; 2] = [
    b"Boundary7\n\x10the content of a file\n\x00op\nupload\0\x07filecontent\n\x02\x09name.bin\n\x02sha\nvalue\r\n--\0",
    b"b\n\x00\n\x01file\n\x00\x00",
];
