//! The emulator with what is there before.

use fastrand::Rng;
use http::{Method, Request, Response};
use resumable_core::{Body, Segment};
use resumable_emulator::cos_xml::Account;
use resumable_emulator::{Config, Emulator};
use resumable_proto_cos_xml::sign::{Subject, authorization, key_time};

use super::{BUCKET, IDS, KEYS, REGION, Setting, key_pair, object};
use crate::clock::Clock;
use crate::other_client::{emulator, other_than, send, server_clock};
use crate::registry::oss::Before;
use crate::source::Source;

/// A server for one case.
pub(super) fn build(setting: &Setting, source: &Source, chance: &mut Rng) -> Emulator {
    let mut config = Config::default();
    config.cos_xml.accounts = (0..2).map(account).collect();
    config.cos_xml.buckets = vec![BUCKET.to_owned()];
    REGION.clone_into(&mut config.cos_xml.region);
    config.cos_xml.limits = setting.limits.clone();
    config.cos_xml.switches = setting.switches.clone();
    let server = emulator(config, setting.clock_offset);
    let ours = source.bytes();
    let visitor = Visitor { server: &server, setting };
    match setting.before {
        Before::Nothing => {}
        Before::Same => visitor.store(ours),
        Before::Other { same_length } => visitor.store(&other(ours, same_length, chance)),
        Before::Stranger { has_parts } => visitor.begin(&other(ours, chance.bool(), chance), has_parts),
        Before::OtherAndStranger => {
            visitor.store(&other(ours, chance.bool(), chance));
            visitor.begin(&other(ours, chance.bool(), chance), true);
        }
    }
    server
}

fn account(number: usize) -> Account {
    Account { secret_id: IDS[number].to_owned(), secret_key: KEYS[number].to_owned() }
}

/// Content that is not ours; never empty.
fn other(ours: &[u8], same_length: bool, chance: &mut Rng) -> Vec<u8> {
    other_than(ours, same_length && !ours.is_empty(), chance)
}

/// Another client, who was there before.
#[derive(Clone, Copy)]
struct Visitor<'a> {
    server: &'a Emulator,
    setting: &'a Setting,
}

impl Visitor<'_> {
    /// Leaves a finished object, if the vendor takes one so long in one request.
    fn store(self, content: &[u8]) {
        if content.len() as u64 <= self.setting.limits.put_max {
            self.send(Method::PUT, &[], content);
        }
    }

    /// Leaves an unfinished upload, with a part or without.
    fn begin(self, content: &[u8], has_part: bool) {
        let opened = self.send(Method::POST, &[("uploads", String::new())], &[]);
        if !has_part {
            return;
        }
        let opened = String::from_utf8_lossy(opened.body()).into_owned();
        let id = opened.split("<UploadId>").nth(1).and_then(|rest| rest.split('<').next()).expect("an upload");
        let most = usize::try_from(self.setting.limits.part_max).unwrap_or(usize::MAX);
        let part = [("partNumber", "1".to_owned()), ("uploadId", id.to_owned())];
        self.send(Method::PUT, &part, &content[..content.len().min(most)]);
    }

    fn send(self, method: Method, query: &[(&str, String)], content: &[u8]) -> Response<bytes::Bytes> {
        let url = object(self.setting).url().to_owned();
        let pairs: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut body = Body::empty();
        body.push(Segment::Source(0..content.len() as u64));
        let mut request = Request::new(body);
        *request.uri_mut() = format!("{url}?{}", pairs.join("&")).parse().expect("an address");
        let host = request.uri().host().expect("a host").parse().expect("a header");
        request.headers_mut().insert("host", host);
        let path = format!("/{}", self.setting.key);
        let subject = Subject { method: &method, path: &path, query, headers: request.headers() };
        let now = server_clock(Clock::new().server(), self.setting.clock_offset);
        let signed = authorization(&key_pair(0), &key_time(now), &subject).to_header_value();
        request.headers_mut().insert("authorization", signed);
        *request.method_mut() = method;
        let answer = send(self.server, Clock::new().server(), content, request);
        assert!(answer.status().is_success(), "{answer:?}");
        answer
    }
}
