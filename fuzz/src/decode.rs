//! Every vendor's decoders: answers, and what a checkpoint says of calls and sessions.

use std::error::Error;

use bytes::Bytes;
use http::Response;
use resumable_core::leftovers::Ask;
use resumable_core::{
    Advice, Answer, Digest, HashKind, Leftover, Located, Lookup, Observed, Protocol, Ranges, Receipt, SourceInfo, Told,
};
use resumable_proto_115 as p115;
use resumable_proto_multipart::Etag;
use resumable_sim::registry;
use resumable_sim::vendor::{Expectations, Scenario};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::draw::Draw;
use crate::{memory, message, vendor};

/// What a decoder may hold beside its input, whatever that says. An element of XML takes a few hundred bytes, and has 4 in
/// the input at least.
const MEMORY: usize = 1 << 20;
const MEMORY_FOR_A_BYTE: usize = 200;
/// The longest text for people, in characters.
const TEXT: usize = 1000;

/// Decodes an answer, or a text of a checkpoint.
///
/// # Panics
/// When a decoder takes too much memory, says what nobody can show, or reads other than was written.
pub fn run(input: &[u8]) {
    let allowed = MEMORY + MEMORY_FOR_A_BYTE * input.len();
    memory::within(allowed, || vendor::with(Draw::new(input), &Decode));
}

struct Decode;

impl vendor::Work for Decode {
    fn with<S: Expectations>(&self, name: &str, mut draw: Draw<'_>) {
        let (kind, which) = (draw.byte(), draw.byte());
        let (setting, _) = vendor::plain::<S>(&mut draw);
        match kind % 8 {
            0..=4 => {
                let calls = vendor::calls::<S::Protocol>();
                let call = &calls[usize::from(which) % calls.len()];
                let answer = answer(draw.rest());
                checked(setting.protocol().decode(call, &answer).map_err(|it| (it.fault, it.advice)));
            }
            5 => ask(name, which, &answer(draw.rest())),
            6 => log_in(which, &message::response(draw.rest())),
            _ => saved::<S::Protocol>(which, draw.rest()),
        }
    }
}

/// An answer to a request whose bytes were digested.
fn answer(text: &[u8]) -> Answer {
    let kinds = [(HashKind::Md5, 16), (HashKind::Crc64, 8), (HashKind::Crc64Nvme, 8), (HashKind::Crc32c, 4)];
    let observed = kinds.map(|(kind, len)| (kind, Digest::new(vec![0; len])));
    Answer { response: message::response(text), observed: Observed::all(observed.to_vec()) }
}

/// A refusal is one line that people can read, whatever the vendor has sent.
fn checked<T, F: Error>(decoded: Result<T, (F, Advice)>) {
    let Err((fault, advice)) = decoded else { return };
    readable(&fault);
    if let Advice::Throttled { least, most } = advice {
        assert!(least <= most || most.is_zero(), "{least:?} is more than {most:?}");
    }
}

fn readable(fault: &impl Error) {
    let text = fault.to_string();
    assert!(!text.contains(char::is_control), "{text:?}");
    assert!(!text.is_empty() && text.chars().count() < TEXT, "{text}");
}

/// What a vendor is asked about a place, and about uploads that are open.
fn ask(name: &str, which: u8, answer: &Answer) {
    match name {
        "cos-v1" => ask_at(&plain::<registry::cos_v1::Setting>(), which, answer),
        "cos-v2" => ask_at(&plain::<registry::cos_v2::Setting>(), which, answer),
        "cos-xml" => ask_at(&plain::<registry::cos_xml::Setting>(), which, answer),
        "oss" => ask_at(&plain::<registry::oss::Setting>(), which, answer),
        "s3" => ask_at(&plain::<registry::s3::Setting>(), which, answer),
        "115" => ask_at(&plain::<registry::p115::Setting>(), which, answer),
        _ => ask_at(&plain::<registry::xfyun::Setting>(), which, answer),
    }
}

fn plain<S: Scenario>() -> S::Protocol {
    vendor::plain::<S>(&mut Draw::new(&[])).0.protocol()
}

fn ask_at<P: Located>(protocol: &P, which: u8, answer: &Answer) {
    let of = Leftover { key: "f.bin".to_owned(), id: "id".to_owned(), begun: None };
    let question = match which % 4 {
        0 => return protocol.lookup().iter().for_each(|lookup| ask_twice(lookup, answer)),
        1 => Ask::Page { prefix: String::new(), after: None },
        2 => Ask::Size { of, after: (3, 7) },
        _ => Ask::Remove(of),
    };
    if let Some(leftovers) = protocol.leftovers(question) {
        ask_twice(&leftovers, answer);
    }
}

/// The first question, and the one that the answer leads to.
fn ask_twice<L: Lookup>(lookup: &L, answer: &Answer) {
    let told = lookup.decode(&lookup.first(), answer);
    if let Ok(Told::Ask(question)) = &told {
        same_again(question);
        checked(lookup.decode(question, answer).map_err(|it| (it.fault, it.advice)));
    }
    checked(told.map_err(|it| (it.fault, it.advice)));
}

/// What 115 answers outside an upload.
fn log_in(which: u8, response: &Response<Bytes>) {
    let refused = |refused: p115::Refused| (refused.fault, refused.advice);
    let not_logged_in = |refused: p115::NotLoggedIn| readable(&refused.fault);
    match which % 5 {
        0 => p115::auth_device_code::decode(response).map_or_else(not_logged_in, drop),
        1 => p115::qrcode_status::decode(response).map_or_else(not_logged_in, drop),
        2 => p115::device_code_to_token::decode(response).map_or_else(not_logged_in, drop),
        3 => p115::refresh_token::decode(response).map_or_else(not_logged_in, drop),
        _ => checked(p115::callback_reply::decode(response.body()).map_err(refused)),
    }
}

/// What is written down and read again.
fn saved<P: Protocol>(which: u8, text: &[u8]) {
    match which % 6 {
        0 => read::<P::Call>(text),
        1 => read::<P::Session>(text),
        2 => read::<Receipt>(text),
        3 => read::<Etag>(text),
        4 => read::<Ranges>(text),
        _ => read::<SourceInfo>(text),
    }
}

fn read<T: Serialize + DeserializeOwned>(text: &[u8]) {
    if let Ok(value) = serde_json::from_slice::<T>(text) {
        same_again(&value);
    }
}

fn same_again<T: Serialize + DeserializeOwned>(value: &T) {
    let text = serde_json::to_string(value).expect("what was read can be written");
    let again: T = serde_json::from_str(&text).expect("what was written can be read");
    assert_eq!(serde_json::to_string(&again).expect("as before"), text);
}
