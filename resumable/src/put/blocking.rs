//! One upload, on the thread that calls, and threads for what is under way.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use resumable_core::{Located, Protocol, Receipt, Upload};
use resumable_transport::Source;
use resumable_transport::blocking::Transport;

use super::existing::{Before, Beside};
use super::host::UploadHost;
use super::sent_before::ToSend;
use super::session::{Ended, Session};
use super::{Abandoned, Put, Report, Settings};
use crate::blocking::Client;
use crate::client::Shared;
use crate::credentials::BoxError;
use crate::destination::To;
use crate::drive::blocking::Driver;
use crate::drive::trace;
use crate::error::Error;
use crate::event::Event;
use crate::handle::Watch;

impl Put<Client> {
    /// Uploads, or resumes the upload, to its end.
    ///
    /// # Errors
    /// Whatever kept the object from being complete.
    pub fn send(self) -> Result<Receipt, Error> {
        let Self { client, destination, settings, watch, ends: _ends } = self;
        destination.0.send(settings, &client.shared, watch, &*client.transport)
    }

    /// The events of this upload, for another thread. They end with the upload.
    pub fn events(&mut self) -> Receiver<Event> {
        let (tell, told) = channel();
        self.settings.on_event.push(Arc::new(move |event: &Event| drop(tell.send(event.clone()))));
        told
    }

    /// Gives the upload up that is saved, and removes what can be removed at the vendor. Reads nothing of the source, which
    /// may be gone if the upload has a [`key`](Self::key).
    ///
    /// # Errors
    /// When the vendor could not be asked. The upload is kept then.
    pub fn abandon(self) -> Result<Abandoned, Error> {
        self.abandon_and(|_| Ok::<_, Error>(()))
    }

    /// The same, and calls `told` with what came of it before the checkpoint is removed. If that fails, the checkpoint is
    /// kept, and the next call tells the same again.
    ///
    /// # Errors
    /// When the vendor could not be asked, or `told` failed.
    pub fn abandon_and<E: Into<BoxError>>(
        self,
        told: impl FnOnce(&Abandoned) -> Result<(), E> + Send + 'static,
    ) -> Result<Abandoned, Error> {
        let told: Report = Box::new(|abandoned| told(abandoned).map_err(Into::into));
        let Self { client, destination, settings, watch, ends: _ends } = self;
        destination.0.abandon(settings, told, &client.shared, watch, &*client.transport)
    }
}

pub(crate) fn send<P: Located>(
    to: To<P>,
    settings: Settings,
    shared: &Shared,
    watch: Arc<Watch>,
    transport: &dyn Transport,
) -> Result<Receipt, Error> {
    let _span = trace::upload(P::ID, &to.protocol.target());
    let starts_over = settings.start_over;
    let mut session = Session::open(to, settings, shared, watch)?;
    let sent = match session.consult_record() {
        ToSend::Yes => None,
        ToSend::IfItDiffers => session.is_as_sent()?,
        ToSend::No(receipt) => Some(receipt),
    };
    if let Some(receipt) = sent {
        return session.end_there(*receipt);
    }
    if starts_over && let Some(mut old) = session.old()? {
        let ended = drive(&session.host, &*session.source, &mut old, transport);
        session.forget(&old, ended)?;
    }
    loop {
        if let Some(receipt) = look_first(&mut session, transport)? {
            return session.end_there(receipt);
        }
        let mut upload = session.begin()?;
        let ended = drive(&session.host, &*session.source, &mut upload, transport);
        if !session.begins_anew(&ended) {
            return session.end(&upload, ended);
        }
    }
}

pub(crate) fn abandon<P: Located>(
    to: To<P>,
    settings: Settings,
    told: Report,
    shared: &Shared,
    watch: Arc<Watch>,
    transport: &dyn Transport,
) -> Result<Abandoned, Error> {
    let _span = trace::upload(P::ID, &to.protocol.target());
    let settings = Settings { reads_nothing: true, ..settings };
    let mut session = Session::open(to, settings, shared, watch)?;
    let Some(mut old) = session.old()? else { return Ok(Abandoned::NotFound) };
    let ended = drive(&session.host, &*session.source, &mut old, transport);
    session.abandoned(&old, ended, told)
}

/// Finds out what stands at the destination. The receipt, if it is the same content.
fn look_first<P: Located>(session: &mut Session<P>, transport: &dyn Transport) -> Result<Option<Receipt>, Error> {
    let (source, mut before) = (Arc::clone(&session.source), session.before());
    loop {
        before = match before {
            Before::Send => return Ok(None),
            Before::There(receipt) => return Ok(Some(receipt)),
            Before::Ask(Beside { host, mut run }) => session.answered(drive(&host, &*source, &mut run, transport))?,
            Before::Compare(Beside { host, mut run }) => {
                session.digested(drive(&host, &*source, &mut run, transport))?
            }
        };
    }
}

pub(crate) fn drive<P: Protocol>(
    host: &Arc<UploadHost<P>>,
    source: &dyn Source,
    upload: &mut Upload<P>,
    transport: &dyn Transport,
) -> Ended<P> {
    let driver = Driver::new().with_clock(host.clock).with_rate(host.limits.rate().clone());
    let remote = driver.remote();
    let _connected = host.connect(move |input| remote.send(input));
    driver.run(upload, transport, source, &**host)
}
