//! What stands at the destination already, found out before a fresh upload reads or sends anything.
//!
//! ```text
//! before ─┬─────────────────────────────────────────────────────────────────────────────► Send
//!         └─ Ask ─► answered ─┬─ nothing there, or the vendor does what is wanted itself ─► Send
//!                             ├─ as long, and a digest ─ Compare ─► digested ─┬─ the same ─► There
//!                             │                                               └─ differs ──┐
//!                             └─ something else ───────────────────────────────────────────┴─► replace, refuse, or
//!                                                                                              Ask for another name
//! ```
//!
//! What stands there is asked for by the vendor's own lookup. Whatever comes between question and upload is left to the
//! vendor's own guard ([`Located::with_if_exists`]).

use std::fmt;
use std::sync::Arc;

use resumable_core::{
    Asked, Digest, Digesting, Failure, Found, HashKind, IfExists, Located, Lookup as _, Protocol, Receipt, SourceInfo,
    Upload,
};

use super::host::UploadHost;
use super::session::{Ended, Session};
use crate::error::{Error, ErrorKind};
use crate::event::Event;
use crate::units::{show_count, show_number};

/// A source from this length on is asked for although the vendor does by itself what is wanted: to read or send it for
/// nothing costs more than the request.
const WORTH_ASKING: u64 = 8 << 20;

/// How many other names are tried, `name (1)` and on, before it is an error that all are taken.
const NAMES: u32 = 100;

/// What an upload is told of what stands at its destination.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Choice {
    /// What to do with it; `None` leaves it to the profile, and then to the vendor.
    pub(crate) if_exists: Option<IfExists>,
    /// To be asked for although nothing was chosen.
    pub(crate) looks_first: bool,
    /// The same content is sent all the same.
    pub(crate) resend: bool,
}

/// What is to be done before an upload begins.
pub(crate) enum Before<P: Located> {
    Ask(Beside<Asked<P::Lookup>>),
    Compare(Beside<Digesting<P::Credential>>),
    /// The upload may begin.
    Send,
    /// The same content is there already.
    There(Receipt),
}

/// Something that is driven beside the upload, and leaves nothing in the store.
pub(crate) struct Beside<Q: Protocol> {
    pub(crate) host: Arc<UploadHost<Q>>,
    pub(crate) run: Upload<Q>,
}

/// What is known of the destination so far.
pub(crate) struct Existing<P> {
    policy: IfExists,
    choice: Choice,
    /// The upload under another name, and that name.
    renamed: Option<(P, String)>,
    nth: u32,
    found: Found,
    /// The source's digest.
    ours: Option<(HashKind, Digest)>,
}

impl<P: Located> Session<P> {
    /// What is to be done first. Nothing for an upload that goes on, or a source that nobody has looked at.
    pub(crate) fn before(&mut self) -> Before<P> {
        let choice = self.choice;
        let (Some(info), Some(own), true) = (&self.info, self.to.protocol.if_exists(), self.is_fresh()) else {
            return Before::Send;
        };
        let policy = choice.if_exists.unwrap_or(own);
        let is_wanted = choice.if_exists.is_some() || choice.looks_first;
        // What the vendor does not take at all is told by the upload itself.
        if !is_wanted || self.to.protocol.outline(info).is_err() || !self.is_worth_asking(policy, info.len) {
            return Before::Send;
        }
        self.existing = Some(Existing { policy, choice, renamed: None, nth: 0, found: Found::default(), ours: None });
        self.ask()
    }

    /// A short source is as cheap to send as to ask for, where the vendor then does what is wanted. Its refusal does not say
    /// that a file was skipped.
    fn is_worth_asking(&self, policy: IfExists, len: u64) -> bool {
        let protocol = &self.to.protocol;
        let wish = if policy == IfExists::Skip { IfExists::Refuse } else { policy };
        let settles = protocol.with_if_exists(wish).is_some() && protocol.compares_content();
        len >= WORTH_ASKING || policy == IfExists::Skip || !settles && policy != IfExists::Replace
    }

    fn ask(&self) -> Before<P> {
        let renamed = self.existing.as_ref().and_then(|existing| existing.renamed.as_ref());
        let protocol = renamed.map_or(&self.to.protocol, |(protocol, _)| protocol);
        let (Some(lookup), Some(info)) = (protocol.lookup(), &self.info) else { return Before::Send };
        self.host.show(&Event::LookingUp { target: lookup.target() });
        Before::Ask(Beside::new(self, Asked(lookup), info))
    }

    /// The vendor has said what stands there, or did not.
    ///
    /// # Errors
    /// When it did not, or when what stands there is not to be touched.
    pub(crate) fn answered(&mut self, ended: Ended<Asked<P::Lookup>>) -> Result<Before<P>, Error> {
        let Some(existing) = &mut self.existing else { return Ok(Before::Send) };
        match ended {
            Ok(None) => {
                self.take_name();
                Ok(Before::Send)
            }
            Ok(Some(found)) => {
                existing.found = found;
                self.compare()
            }
            // The vendor does by itself what is wanted, and may be told to by keys that may not ask.
            Err(Failure::Refused(fault))
                if P::is_kept_from_asking(&fault) && existing.is_left_to(&self.to.protocol) =>
            {
                Ok(Before::Send)
            }
            Err(failure) => Err(self.not_begun(failure)),
        }
    }

    fn compare(&mut self) -> Result<Before<P>, Error> {
        let (Some(existing), Some(info)) = (&self.existing, &self.info) else { return Ok(Before::Send) };
        let comparable = existing.found.comparable(info.len).filter(|_| !existing.choice.resend);
        let Some((kind, theirs)) = comparable else { return self.taken() };
        match &existing.ours {
            Some((taken, ours)) if taken == kind && ours == theirs => Ok(self.there()),
            Some((taken, _)) if taken == kind => self.taken(),
            _ => Ok(Before::Compare(Beside::new(self, Digesting::new(*kind), info))),
        }
    }

    /// The source's digest is known, or could not be taken.
    ///
    /// # Errors
    /// When it could not be taken, or what stands there is other content that is not to be touched.
    pub(crate) fn digested(&mut self, ended: Ended<Digesting<P::Credential>>) -> Result<Before<P>, Error> {
        let ours = ended.map_err(|failure| self.not_begun(failure.map_fault(|never| match never {})))?;
        let Some(existing) = &mut self.existing else { return Ok(Before::Send) };
        existing.ours = existing.found.digests.first().map(|(kind, _)| (*kind, ours));
        self.compare()
    }

    fn there(&self) -> Before<P> {
        let Some(existing) = &self.existing else { return Before::Send };
        let mut receipt = Receipt::from(existing.found.clone());
        receipt.rows.extend(existing.renamed.iter().map(|(_, name)| name_row(name)));
        Before::There(receipt)
    }

    /// Something else stands there, or it cannot be proven to be the same.
    fn taken(&mut self) -> Result<Before<P>, Error> {
        let Some(existing) = &mut self.existing else { return Ok(Before::Send) };
        match existing.policy {
            IfExists::Replace => return Ok(Before::Send),
            IfExists::Rename if self.to.protocol.with_if_exists(IfExists::Rename).is_some() => {
                return Ok(Before::Send);
            }
            IfExists::Rename if existing.nth < NAMES => {
                existing.nth += 1;
                if let Some(renamed) = self.to.protocol.renamed(existing.nth) {
                    existing.renamed = Some(renamed);
                    return Ok(self.ask());
                }
            }
            _ => {}
        }
        let len = self.info.as_ref().map_or(0, |info| info.len);
        let taken =
            Taken { target: self.to.protocol.target(), policy: existing.policy, found: existing.found.clone(), len };
        let advice = taken.advice(&self.to.protocol);
        Err(Error::new(ErrorKind::Exists, taken).with(None, advice))
    }

    /// The upload goes to the name that was found to be free.
    fn take_name(&mut self) {
        if let Some((protocol, name)) = self.existing.as_mut().and_then(|existing| existing.renamed.take()) {
            (self.to.protocol, self.name) = (protocol, Some(name));
        }
    }

    /// A checkpoint of an upload that took another name goes on under that name.
    pub(crate) fn take_name_of(&mut self, target: &str) {
        if let Some((protocol, name)) = renamed_to(&self.to.protocol, target) {
            (self.to.protocol, self.name) = (protocol, Some(name));
        }
    }
}

/// The upload under the other name that this target is of.
pub(crate) fn renamed_to<P: Located>(protocol: &P, target: &str) -> Option<(P, String)> {
    if protocol.target() == target {
        return None;
    }
    let mut names = (1..=NAMES).map_while(|nth| protocol.renamed(nth));
    names.find(|(renamed, _)| renamed.target() == target)
}

/// How a receipt tells the name that an upload took.
pub(crate) fn name_row(name: &str) -> (String, String) {
    ("name".to_owned(), name.to_owned())
}

impl<P> Existing<P> {
    /// The vendor does by itself what is wanted, whatever stands there.
    fn is_left_to(&self, protocol: &P) -> bool
    where
        P: Located,
    {
        let wish = if self.policy == IfExists::Skip { IfExists::Refuse } else { self.policy };
        self.nth == 0 && protocol.with_if_exists(wish).is_some()
    }
}

impl<Q: Protocol> Beside<Q> {
    fn new<P: Located<Credential = Q::Credential>>(session: &Session<P>, protocol: Q, info: &SourceInfo) -> Self {
        Self::on(session.host.beside(), protocol, info, session.options())
    }

    /// On this host.
    pub(crate) fn on(host: UploadHost<Q>, protocol: Q, info: &SourceInfo, options: resumable_core::Options) -> Self {
        let run = host.start(protocol, info.clone(), options);
        Self { host: Arc::new(host), run }
    }
}

/// Something else stands at the destination.
pub(crate) struct Taken {
    target: String,
    policy: IfExists,
    found: Found,
    len: u64,
}

impl Taken {
    /// It was to be left there.
    pub(crate) fn is_skipped(&self) -> bool {
        self.policy == IfExists::Skip
    }

    /// What can be chosen instead.
    fn advice<P: Located>(&self, protocol: &P) -> Vec<String> {
        let replaces = protocol.with_if_exists(IfExists::Replace).is_some();
        let ways = if replaces { "\"replace\" or \"rename\"" } else { "\"rename\"" };
        match self.policy {
            IfExists::Skip => Vec::new(),
            IfExists::Rename => vec!["Choose another destination.".to_owned()],
            _ => vec![format!("Choose another destination, or set if_exists = {ways}.")],
        }
    }
}

impl fmt::Display for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { target, policy, found, len } = self;
        match (found.is_folder, found.len) {
            (true, _) => write!(f, "a folder already exists at {target}")?,
            (_, Some(theirs)) if theirs != *len => {
                let (theirs, ours) = (show_count(theirs, "byte", "bytes"), show_number(*len));
                write!(f, "a different file of {theirs} already exists at {target} (this one has {ours})")?;
            }
            (_, Some(_)) if found.digests.is_empty() => {
                write!(
                    f,
                    "a file of the same length already exists at {target}, but the vendor does not tell its content"
                )?;
            }
            (_, Some(_)) => write!(f, "a different file of the same length already exists at {target}")?,
            (_, None) => write!(f, "a different file already exists at {target}")?,
        }
        match policy {
            IfExists::Skip => write!(f, "; it was left alone, and nothing was sent"),
            IfExists::Rename => write!(f, "; {NAMES} other names of it are taken too"),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Taken({self})")
    }
}

impl std::error::Error for Taken {}
