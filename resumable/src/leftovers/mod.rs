//! Uploads that are open at a vendor, whoever began them: which there are, how much they hold, and their removal.

#[cfg(feature = "async")]
pub(crate) mod asynchronous;
#[cfg(feature = "blocking")]
pub(crate) mod blocking;

use std::sync::Arc;

use resumable_core::leftovers::{Answered, Ask};
use resumable_core::{Asked, Checkpoint, Leftover, Located, Options, SourceInfo};

use crate::client::Shared;
use crate::credentials::Credentials;
use crate::destination::{Advice, To};
use crate::error::{Error, ErrorKind};
use crate::file::{Folder, Key, LoadError};
use crate::handle::Watch;
use crate::limits::Limits;
use crate::put::{Beside, Ended, OnEvent, Put, Settings, UploadHost};

/// An upload that is open at a vendor and that a checkpoint of a folder names.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Named {
    /// The vendor's name for it ([`Leftover::id`]).
    pub id: String,
    /// The checkpoint's key.
    pub key: Key,
}

impl<C> Put<C> {
    /// The uploads at this vendor that checkpoints in a folder name, whatever their destinations.
    ///
    /// # Errors
    /// When the folder cannot be read, or a checkpoint in it that may be of this vendor: then nobody knows what it names.
    pub fn named_in(&self, folder: &Folder) -> Result<Vec<Named>, Error> {
        self.destination.0.named_in(folder)
    }
}

pub(crate) fn named_in<P: Located>(folder: &Folder) -> Result<Vec<Named>, Error> {
    let unreadable = |error: LoadError| Error::argument("checkpoints", error.to_string());
    let listed = folder.list().map_err(|error| Error::argument("checkpoints", error.to_string()))?;
    let mut named = Vec::new();
    for one in listed {
        let (_, envelope) = one.content.map_err(unreadable)?;
        if envelope.protocol != P::ID {
            continue;
        }
        let read = folder.read(&one.key, Checkpoint::<P>::from_bytes).map_err(unreadable)?;
        // `None`: the upload has ended meanwhile.
        let id = read.as_ref().and_then(|(_, checkpoint)| P::open_upload(checkpoint.session()));
        named.extend(id.map(|id| Named { id: id.to_owned(), key: one.key.clone() }));
    }
    Ok(named)
}

/// Questions to one vendor, before they are asked.
pub(crate) struct Questions<P: Located> {
    protocol: P,
    advice: Advice<P>,
    credentials: Credentials<P::Credential>,
    limits: Limits,
    clock: resumable_transport::Clock,
    watch: Arc<Watch>,
    on_event: Vec<OnEvent>,
    options: Options,
}

impl<P: Located> Questions<P> {
    pub(crate) fn open(to: To<P>, settings: Settings, shared: &Shared, watch: Arc<Watch>) -> Result<Self, Error> {
        let Settings { tuning, on_event, .. } = settings;
        let tuning = tuning.over(&shared.tuning);
        tuning.check()?;
        let options = tuning.options(shared.limits.tell(&watch, 1))?;
        let To { protocol, advice, credentials, .. } = to;
        let (limits, clock) = (shared.limits.clone(), shared.clock);
        Ok(Self { protocol, advice, credentials, limits, clock, watch, on_event, options })
    }

    pub(crate) fn ask(&self, question: Ask) -> Result<Beside<Asked<P::Leftovers>>, Error> {
        let what = || format!("{} has no list of open uploads", P::ID);
        let asked = self.protocol.leftovers(question).ok_or_else(|| Error::new(ErrorKind::Unsupported, what()))?;
        let (credentials, watch) = (self.credentials.clone(), Arc::clone(&self.watch));
        let host = UploadHost::alone(credentials, self.limits.clone(), self.clock, watch, self.on_event.clone());
        Ok(Beside::on(host, Asked(asked), &SourceInfo::new(0, [0; 32]), self.options.clone()))
    }

    pub(crate) fn answered(&self, ended: Ended<Asked<P::Leftovers>>) -> Result<Option<Answered>, Error> {
        ended.map_err(|failure| self.advice.explain(failure, None))
    }
}

/// Takes a page in; what to ask for the next one.
pub(crate) fn turn(all: &mut Vec<Leftover>, answered: Option<Answered>) -> Option<Ask> {
    let Some(Answered::Page(page, next)) = answered else { return None };
    all.extend(page);
    next
}

pub(crate) fn first(prefix: &str) -> Ask {
    Ask::Page { prefix: prefix.to_owned(), after: None }
}
