//! What a client signs, the server takes, whatever the keys, the names, the headers and the date are; and of what is signed it
//! takes nothing that was changed on the way. The two sides share no code.

use std::fmt::Debug;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Uri, header};
use proptest::prelude::*;
use proptest::sample::Index;
use resumable_core::Protocol;
use resumable_emulator::{Config, Emulator, MemoryStorage};

use super::drive::Drive;

/// How many uploads are drawn for each signature.
pub(crate) const CASES: u32 = 48;
/// The end of the year 9999, less the time that an upload and a signature's life take.
const LATEST: u64 = 253_402_300_799 - 100 * 24 * 3600;

/// What is drawn for an upload.
#[derive(Clone, Debug)]
pub(crate) struct Drawn {
    /// The public half of the credential.
    pub(crate) id: String,
    /// Its secret half.
    pub(crate) secret: String,
    /// The name that the object gets.
    pub(crate) name: String,
    /// Metadata of the user's own.
    pub(crate) metadata: Vec<(String, String)>,
    /// The time since 1970, in seconds.
    pub(crate) unix: u64,
    /// Where a request is changed on the way.
    at: Index,
}

pub(crate) fn drawn() -> impl Strategy<Value = Drawn> {
    let name = "[a-zA-Z0-9 !#$%&'()+,./;=@\\[\\]^_`{}~äß文件😀-]{0,20}[a-z0-9%+~]";
    let metadata = prop::collection::vec(("[a-z0-9]{1,6}(-[a-z0-9]{1,6})?", "[!-~]([ -~]{0,20}[!-~])?"), 0..3);
    let id = "[A-Za-z0-9]{1,40}";
    (id, "[!-~]{1,64}", name, metadata, 0..LATEST, any::<Index>())
        .prop_map(|(id, secret, name, metadata, unix, at)| Drawn { id, secret, name, metadata, unix, at })
}

/// What is changed on the way.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change {
    /// One character of the `Authorization`.
    Authorization,
    /// One character of the path.
    Path,
    /// One character of the value of a header whose name begins so.
    Header(&'static str),
}

/// The server, and what carries requests to it.
pub(crate) struct Line<'a> {
    server: &'a Emulator,
    says_success: fn(&Response<Bytes>) -> bool,
    drawn: &'a Drawn,
    changes: &'a [Change],
    /// How many requests were changed, and refused.
    pub(crate) refused: usize,
}

pub(crate) fn server(config: Config) -> Emulator {
    Emulator::new(config, Box::new(MemoryStorage::new())).expect("memory, and a configuration that can be")
}

impl<'a> Line<'a> {
    /// Before each request, the same one arrives with each of these changes that there is a place for.
    pub(crate) fn new(
        server: &'a Emulator,
        says_success: fn(&Response<Bytes>) -> bool,
        drawn: &'a Drawn,
        changes: &'a [Change],
    ) -> Self {
        Self { server, says_success, drawn, changes, refused: 0 }
    }

    fn carry(&mut self, request: Request<Bytes>, now: Duration) -> Result<Response<Bytes>, String> {
        for change in self.changes {
            let Some(changed) = changed(&request, *change, self.drawn.at) else { continue };
            let shown = format!("{change:?}: {} {:?}", changed.uri(), changed.headers());
            let response = self.server.handle(now, changed).response;
            if (self.says_success)(&response) {
                return Err(format!("{shown}: {}", said(&response)));
            }
            self.refused += 1;
        }
        let shown = format!("{} {:?}", request.uri(), request.headers());
        let response = self.server.handle(now, request).response;
        // Nothing is there before, which a HEAD or a list may say.
        if response.status().is_client_error() && response.status() != StatusCode::NOT_FOUND {
            return Err(format!("{shown}: {}", said(&response)));
        }
        Ok(response)
    }

    /// Uploads [`content`] through it.
    pub(crate) fn upload<P: Protocol<Fault: Debug>>(
        &mut self,
        protocol: P,
        credential: P::Credential,
    ) -> Result<P::Outcome, TestCaseError> {
        let (content, unix) = (content(), Duration::from_secs(self.drawn.unix));
        let done = Drive::new(&content, unix).run(protocol, credential, |request, now| self.carry(request, now));
        done.map_err(TestCaseError::fail)
    }
}

/// What is uploaded.
pub(crate) fn content() -> Vec<u8> {
    (0..SIZE).map(|at| u8::try_from(at % 251).unwrap_or_default()).collect()
}

/// So long that there are several parts, at any of the tiny vendors.
pub(crate) const SIZE: u64 = 3 * 64;

/// The same request with one character changed; `None` if there is none that could be.
fn changed(request: &Request<Bytes>, change: Change, at: Index) -> Option<Request<Bytes>> {
    let mut changed = request.clone();
    match change {
        Change::Authorization => change_header(changed.headers_mut(), &header::AUTHORIZATION, at)?,
        Change::Path => {
            // The bucket's name may be the first segment: another bucket is refused for other reasons.
            let (path, rest) = request.uri().path().rsplit_once('/')?;
            let (name, query) = (another(rest, at)?, request.uri().query().map(|query| format!("?{query}")));
            let text = format!("{path}/{name}{}", query.unwrap_or_default());
            let mut parts = request.uri().clone().into_parts();
            parts.path_and_query = Some(text.parse().ok()?);
            *changed.uri_mut() = Uri::from_parts(parts).ok()?;
        }
        Change::Header(prefix) => {
            let fits = |name: &&HeaderName| name.as_str().starts_with(prefix);
            let names: Vec<HeaderName> = request.headers().keys().filter(fits).cloned().collect();
            let name = names.get(at.index(names.len().max(1)))?;
            change_header(changed.headers_mut(), name, at)?;
        }
    }
    Some(changed)
}

fn change_header(headers: &mut HeaderMap, name: &HeaderName, at: Index) -> Option<()> {
    let value = another(headers.get(name)?.to_str().ok()?, at)?;
    headers.insert(name, HeaderValue::from_str(&value).ok()?);
    Some(())
}

/// The text with one letter or digit replaced by another, none of which is in an escape.
fn another(text: &str, at: Index) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    let in_escape = |at: usize| bytes[at.saturating_sub(2)..at].contains(&b'%');
    let places: Vec<usize> =
        (0..bytes.len()).filter(|at| bytes[*at].is_ascii_alphanumeric() && !in_escape(*at)).collect();
    let place = *places.get(at.index(places.len().max(1)))?;
    bytes[place] = match bytes[place] {
        b'9' => b'0',
        b'z' => b'a',
        b'Z' => b'A',
        other => other + 1,
    };
    String::from_utf8(bytes).ok()
}

fn said(response: &Response<Bytes>) -> String {
    format!("{} {}", response.status(), String::from_utf8_lossy(response.body()))
}
