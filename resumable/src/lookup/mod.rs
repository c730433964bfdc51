//! What stands at a destination, and whether it is a source's content: asked without an upload, and nothing is changed.

#[cfg(feature = "async")]
pub(crate) mod asynchronous;
#[cfg(feature = "blocking")]
pub(crate) mod blocking;

use std::sync::Arc;

use resumable_core::{Asked, Digest, Digesting, Failure, Found, HashKind, Located, Options, SourceInfo};
use resumable_transport::{Clock, Source};

use crate::client::Shared;
use crate::credentials::Credentials;
use crate::destination::{Advice, To};
use crate::error::{Error, ErrorKind};
use crate::event::Event;
use crate::handle::Watch;
use crate::limits::Limits;
use crate::put::{Beside, Ended, OnEvent, Opened, Settings, UploadHost};
use crate::sources::NoSource;

/// What stands at a destination, held against a source.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// What stands there.
    pub found: Found,
    /// The source's length in bytes.
    pub len: u64,
    /// The source's digest, of the kind that the vendor told. `None` if the lengths differ already, or the vendor told none.
    pub digest: Option<(HashKind, Digest)>,
}

impl Verified {
    /// Whether the content is the same. `None` if the vendor tells no digest: that the lengths agree proves nothing.
    pub fn is_same(&self) -> Option<bool> {
        if self.found.is_folder || self.found.len.is_some_and(|len| len != self.len) {
            return Some(false);
        }
        let (kind, ours) = self.digest.as_ref()?;
        self.found.digest(*kind).map(|theirs| theirs == ours)
    }
}

/// What came of it.
pub(crate) struct Looked {
    pub(crate) found: Option<Found>,
    /// The source's length, and its digest where there was something to compare it with.
    pub(crate) source: Option<(u64, Option<(HashKind, Digest)>)>,
}

impl Looked {
    pub(crate) fn verified(self) -> Result<Option<Verified>, Error> {
        let missing = || Error::argument("source", "is missing: say what to compare, by `.file(path)` for example");
        let (len, digest) = self.source.ok_or_else(missing)?;
        Ok(self.found.map(|found| Verified { found, len, digest }))
    }
}

/// A question, before it is asked. All of it may block.
pub(crate) struct Inquiry<P: Located> {
    lookup: P::Lookup,
    advice: Advice<P>,
    credentials: Credentials<P::Credential>,
    limits: Limits,
    clock: Clock,
    watch: Arc<Watch>,
    on_event: Vec<OnEvent>,
    options: Options,
    source: Option<(Arc<dyn Source>, SourceInfo)>,
}

impl<P: Located> Inquiry<P> {
    pub(crate) fn open(to: To<P>, settings: Settings, shared: &Shared, watch: Arc<Watch>) -> Result<Self, Error> {
        let Settings { input, tuning, on_event, .. } = settings;
        let tuning = tuning.over(&shared.tuning);
        tuning.check()?;
        let options = tuning.options(shared.limits.tell(&watch, 1))?;
        let what = format!("{} cannot be asked what is at this destination", P::ID);
        let lookup = to.protocol.lookup().ok_or_else(|| Error::new(ErrorKind::Unsupported, what))?;
        let source = match input {
            Some(input) => {
                let name = input.name()?;
                let Opened { source, info, .. } = input.open(&name, &watch, shared.clock)?;
                info.map(|info| (source, info))
            }
            None => None,
        };
        let To { advice, credentials, .. } = to;
        let (limits, clock) = (shared.limits.clone(), shared.clock);
        Ok(Self { lookup, advice, credentials, limits, clock, watch, on_event, options, source })
    }

    fn host<Q: resumable_core::Protocol<Credential = P::Credential>>(&self) -> UploadHost<Q> {
        let (credentials, watch) = (self.credentials.clone(), Arc::clone(&self.watch));
        UploadHost::alone(credentials, self.limits.clone(), self.clock, watch, self.on_event.clone())
    }

    pub(crate) fn ask(&self) -> Beside<Asked<P::Lookup>> {
        let (host, nothing) = (self.host(), SourceInfo::new(0, [0; 32]));
        host.show(&Event::LookingUp { target: resumable_core::Lookup::target(&self.lookup) });
        Beside::on(host, Asked(self.lookup.clone()), &nothing, self.options.clone())
    }

    pub(crate) fn answered(&self, ended: Ended<Asked<P::Lookup>>) -> Result<Option<Found>, Error> {
        ended.map_err(|failure| {
            let failure = match failure {
                Failure::Refused(fault) if P::is_of_keys(&fault) => Failure::Credential(fault),
                other => other,
            };
            self.advice.explain(failure, None)
        })
    }

    /// The pass over the source that it takes to compare it, if it can be compared at all.
    pub(crate) fn compare(&self, found: Option<&Found>) -> Option<(HashKind, Beside<Digesting<P::Credential>>)> {
        let (_, info) = self.source.as_ref()?;
        let (kind, _) = found?.comparable(info.len)?;
        Some((*kind, Beside::on(self.host(), Digesting::new(*kind), info, self.options.clone())))
    }

    pub(crate) fn digested(&self, ended: Ended<Digesting<P::Credential>>) -> Result<Digest, Error> {
        ended.map_err(|failure| self.advice.explain(failure.map_fault(|never| match never {}), None))
    }

    pub(crate) fn source(&self) -> Arc<dyn Source> {
        self.source.as_ref().map_or_else(|| Arc::new(NoSource) as Arc<dyn Source>, |(source, _)| Arc::clone(source))
    }

    pub(crate) fn ended(self, found: Option<Found>, digest: Option<(HashKind, Digest)>) -> Looked {
        let source = self.source.map(|(_, info)| (info.len, digest));
        Looked { found, source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verified(len: Option<u64>, theirs: Option<u8>, ours: Option<u8>) -> Verified {
        let digest = |byte: u8| (HashKind::Sha1, Digest::new([byte; 20]));
        let mut found = Found::default();
        found.len = len;
        found.digests.extend(theirs.map(digest));
        Verified { found, len: 5, digest: ours.map(digest) }
    }

    #[test]
    fn a_digest_proves_and_equal_lengths_alone_do_not() {
        assert_eq!(verified(Some(5), Some(1), Some(1)).is_same(), Some(true));
        assert_eq!(verified(Some(5), Some(1), Some(2)).is_same(), Some(false));
        assert_eq!(verified(Some(5), None, None).is_same(), None);
        assert_eq!(verified(None, None, None).is_same(), None);
        assert_eq!(verified(Some(6), None, None).is_same(), Some(false));
        assert_eq!(verified(Some(6), Some(1), Some(1)).is_same(), Some(false));
        let mut folder = verified(None, None, None);
        folder.found.is_folder = true;
        assert_eq!(folder.is_same(), Some(false));
    }
}
