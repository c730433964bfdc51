//! What one upload is told besides where it leads.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use resumable_core::{Failure, Lane, MAX_WINDOW, Options, Receipt, SourceInfo};
use resumable_transport::{Clock, Source, SourceError};

use super::Abandoned;
use super::existing::Choice;
use super::host::OnEvent;
use super::origin::Origin;
use crate::credentials::BoxError;
use crate::error::{Error, ErrorKind};
use crate::file::{FileSource, InvalidKey, Key, Label};
use crate::foreign_code::catch;
use crate::handle::Watch;
use crate::sources::{MemorySource, NoSource, spool};

/// What is done with the receipt before the checkpoint goes.
pub(crate) type Deliver = Box<dyn FnOnce(&Receipt) -> Result<(), BoxError> + Send>;

/// What is done with what came of an upload that is given up, before the checkpoint goes.
pub(crate) type Report = Box<dyn FnOnce(&Abandoned) -> Result<(), BoxError> + Send>;

/// What is uploaded.
pub(crate) enum Input {
    File(PathBuf),
    Memory(Bytes),
    Source(Arc<dyn Source>),
    Spool(Box<dyn Read + Send>),
}

/// What is uploaded, opened.
pub(crate) struct Opened {
    pub(crate) source: Arc<dyn Source>,
    /// How it looks; `None` if it is not read, because the upload is given up.
    pub(crate) info: Option<SourceInfo>,
    /// Looks at it anew, whatever became of what was opened.
    pub(crate) look: Look,
}

pub(crate) type Look = Box<dyn Fn() -> Option<SourceInfo> + Send + Sync>;

impl Opened {
    fn new(source: Arc<dyn Source>) -> Result<Self, Error> {
        let (info, looked_at) = (Some(source.info()?), Arc::clone(&source));
        Ok(Self { source, info, look: Box::new(move || looked_at.info().ok()) })
    }

    pub(crate) fn nothing() -> Self {
        Self { source: Arc::new(NoSource), info: None, look: Box::new(|| None) }
    }
}

impl Input {
    /// True for what can be read only once.
    pub(crate) fn is_stream(&self) -> bool {
        matches!(self, Self::Spool(_))
    }

    /// The name that its checkpoint is found by.
    pub(crate) fn name(&self) -> Result<PathBuf, Error> {
        match self {
            Self::File(given) => {
                // The path that was given is opened first, so that an error names it.
                FileSource::open(given)?;
                Ok(given.canonicalize().map_err(SourceError::from)?)
            }
            Self::Memory(_) | Self::Source(_) => Ok("source".into()),
            Self::Spool(_) => Ok("spool".into()),
        }
    }

    /// Opens what has this name: blocks, as long as it takes to take a digest of bytes, or to write a stream down while it
    /// is wanted.
    pub(crate) fn open(self, name: &Path, watch: &Watch, clock: Clock) -> Result<Opened, Error> {
        match self {
            Self::File(_) => {
                let (source, path) = (FileSource::open_by(clock, name)?, name.to_owned());
                let look = move || FileSource::open_by(clock, &path).and_then(|source| source.info()).ok();
                Ok(Opened { look: Box::new(look), ..Opened::new(Arc::new(source))? })
            }
            Self::Memory(bytes) => Opened::new(Arc::new(MemorySource::new(bytes))),
            Self::Source(source) => Opened::new(source),
            Self::Spool(mut reader) => {
                let spooled = catch("the source", || Ok(spool(&mut *reader, || !watch.is_over())));
                let spooled = spooled.unwrap_or_else(|panic| Err(SourceError::Read(io::Error::other(panic))))?;
                Opened::new(Arc::new(spooled.ok_or_else(|| Error::from(Failure::<BoxError>::Stopped))?))
            }
        }
    }
}

/// How parallel and how patient an upload goes; where nothing is said, as the machine does by itself.
#[derive(Clone, Default)]
pub(crate) struct Tuning {
    pub(crate) window: Option<usize>,
    pub(crate) patience: Option<Duration>,
    pub(crate) first_contact: Option<Duration>,
    pub(crate) reply_timeout: Option<Duration>,
    /// What chance is drawn from, in the system's place.
    pub(crate) seed: Option<u64>,
}

/// Everything about one upload but its destination.
#[derive(Default)]
pub(crate) struct Settings {
    pub(crate) input: Option<Input>,
    /// What the input is fed with, if it is a stream of an async program.
    #[cfg(feature = "async")]
    pub(crate) feed: Option<super::feed::Feed>,
    pub(crate) key: Option<Result<Key, InvalidKey>>,
    pub(crate) label: Option<Label>,
    pub(crate) tuning: Tuning,
    /// The upload under another key that this one continues.
    pub(crate) origin: Option<Origin>,
    pub(crate) start_over: bool,
    pub(crate) choice: Choice,
    /// It is read to its end and compared with what the record has of it, even if its looks leave no doubt.
    pub(crate) checksum: bool,
    /// It is given up, so nothing of the source is read.
    pub(crate) reads_nothing: bool,
    pub(crate) on_event: Vec<OnEvent>,
    pub(crate) deliver: Option<Deliver>,
}

/// The least time that the vendor can be given for an answer.
const SHORTEST_REPLY: Duration = Duration::from_secs(1);

impl Tuning {
    /// What is said here, and where nothing is, what `defaults` say.
    pub(crate) fn over(self, defaults: &Self) -> Self {
        Self {
            window: self.window.or(defaults.window),
            patience: self.patience.or(defaults.patience),
            first_contact: self.first_contact.or(defaults.first_contact),
            reply_timeout: self.reply_timeout.or(defaults.reply_timeout),
            seed: self.seed.or(defaults.seed),
        }
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        if let Some(window) = self.window.filter(|window| !(1..=MAX_WINDOW).contains(window)) {
            return Err(Error::argument("window", format!("must be from 1 to {MAX_WINDOW}, not {window}")));
        }
        if self.reply_timeout.is_some_and(|timeout| timeout < SHORTEST_REPLY) {
            return Err(Error::argument("reply_timeout", "must be at least one second"));
        }
        Ok(())
    }

    /// The machine's options, with chance from the system unless a seed was given.
    pub(crate) fn options(&self, window: usize) -> Result<Options, Error> {
        let drawn = self.seed.map_or_else(getrandom::u64, Ok);
        let seed = drawn.map_err(|error| {
            Error::new(ErrorKind::Defect, format!("the system provides no random numbers: {error}"))
        })?;
        let mut options = Options::new(seed);
        options.window = window;
        options.gated = vec![Lane::Api, Lane::Data];
        options.reply_timeout = self.reply_timeout;
        if let Some(patience) = self.patience {
            options.patience = patience;
        }
        if let Some(first_contact) = self.first_contact {
            options.first_contact = first_contact;
        }
        Ok(options)
    }
}

impl Settings {
    /// How the source looks.
    pub(crate) fn look(&self) -> Result<SourceInfo, Error> {
        match &self.input {
            Some(Input::File(path)) => Ok(FileSource::open(path)?.info()?),
            Some(Input::Memory(bytes)) => Ok(SourceInfo::new(bytes.len() as u64, [0; 32])),
            Some(Input::Source(source)) => Ok(source.info()?),
            Some(Input::Spool(_)) => Err(Error::argument("source", "is a stream, whose length is not known")),
            None => Err(Error::argument("source", "is missing: say what to upload, by `.file(path)` for example")),
        }
    }

    /// The source's length, if it can be had without opening it; else 0.
    pub(crate) fn len_hint(&self) -> u64 {
        match &self.input {
            Some(Input::File(path)) => path.metadata().map_or(0, |metadata| metadata.len()),
            Some(Input::Memory(bytes)) => bytes.len() as u64,
            Some(Input::Source(source)) => catch("the source", || Ok(source.info()?)).map_or(0, |info| info.len),
            Some(Input::Spool(_)) | None => 0,
        }
    }
}
