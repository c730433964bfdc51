//! The emulator's request parsers: whatever is asked, there is an answer, and it is the same however the body is cut.

use http::request::Parts;
use resumable_emulator::{Delivery, Emulator, Reply};
use resumable_sim::source::{Nature, Source};
use resumable_sim::vendor::Expectations;

use crate::draw::Draw;
use crate::host::BEGINNING;
use crate::message;
use crate::vendor::{self, Work};

/// Sends requests to two servers that are alike, in pieces to the one and as a whole to the other. A NUL is between two
/// requests.
///
/// # Panics
/// When the answers differ.
pub fn run(input: &[u8]) {
    vendor::with(Draw::new(input), &Ask);
}

struct Ask;

impl Work for Ask {
    fn with<S: Expectations>(&self, _: &str, mut draw: Draw<'_>) {
        let pieces = usize::from(draw.byte()) + 1;
        let seed = draw.clone();
        let (one, other) = (server::<S>(&mut draw), server::<S>(&mut seed.clone()));
        while !draw.is_over() {
            let Some(request) = message::request(draw.until(0)) else { continue };
            let (head, body) = request.into_parts();
            let whole = ask(&one, head.clone(), &body, usize::MAX);
            let cut = ask(&other, head, &body, pieces);
            assert_eq!(text(&whole), text(&cut));
            checked(&whole);
        }
    }
}

fn server<S: Expectations>(draw: &mut Draw<'_>) -> Emulator {
    let (setting, mut chance) = vendor::drawn::<S>(draw);
    setting.server(&Source::new(setting.size(), 7, Nature::plain(), BEGINNING), &mut chance)
}

fn ask(server: &Emulator, head: Parts, body: &[u8], pieces: usize) -> Reply {
    let mut exchange = server.begin(BEGINNING, head);
    body.chunks(pieces).for_each(|piece| exchange.feed(piece));
    exchange.end(BEGINNING)
}

fn text(reply: &Reply) -> String {
    String::from_utf8_lossy(&message::of_response(&reply.response)).into_owned()
}

/// What a listener can send.
fn checked(reply: &Reply) {
    let response = &reply.response;
    assert!(reply.delivery == Delivery::Send && reply.fault.is_none());
    assert!((200..600).contains(&response.status().as_u16()), "{}", response.status());
    let said = response.headers().get(http::header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let is_head = response.body().is_empty();
    assert!(is_head || said.is_none_or(|len: usize| len == response.body().len()), "{response:?}");
}
