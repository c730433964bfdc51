//! One upload as a future. What blocks goes through the client's [`Offload`].

use std::pin::pin;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::Stream;
use futures::channel::mpsc;
use futures::future::{Either, poll_fn, select};
use futures::io::AsyncRead;
use resumable_core::{
    AuthError, AuthReason, Checkpoint, Known, Lane, Lease, Located, Protocol, Receipt, Serves, StoreError, Upload,
};
use resumable_transport::Source;
use resumable_transport::asynchronous::{Offload, Work};

use super::existing::{Before, Beside};
use super::feed::{Feed, feed, pieces_of};
use super::host::UploadHost;
use super::sent_before::ToSend;
use super::session::{Ended, Session};
use super::{Abandoned, Put, Report, Settings};
use crate::Client;
use crate::credentials::{BoxError, Other};
use crate::destination::To;
use crate::drive::asynchronous::{Driver, Host, OffThread, offloaded};
use crate::drive::{Grant, Inquiry};
use crate::error::{Error, ErrorKind};
use crate::event::Event;
use crate::handle::Watch;

impl Put<Client> {
    /// Uploads, or resumes the upload, to its end. Dropping the future stops it, and keeps the checkpoint.
    ///
    /// # Errors
    /// Whatever kept the object from being complete.
    pub async fn send(self) -> Result<Receipt, Error> {
        let Self { client, destination, settings, watch, ends: _ends } = self;
        destination.0.send_async(settings, client, watch).await
    }

    /// Gives the upload up that is saved, and removes what can be removed at the vendor. Reads nothing of the source, which
    /// may be gone if the upload has a [`key`](Self::key).
    ///
    /// # Errors
    /// When the vendor could not be asked. The upload is kept then.
    pub async fn abandon(self) -> Result<Abandoned, Error> {
        self.abandon_and(|_| Ok::<_, Error>(())).await
    }

    /// The same, and calls `told` with what came of it before the checkpoint is removed. If that fails, the checkpoint is
    /// kept, and the next call tells the same again.
    ///
    /// # Errors
    /// When the vendor could not be asked, or `told` failed.
    pub async fn abandon_and<E: Into<BoxError>>(
        self,
        told: impl FnOnce(&Abandoned) -> Result<(), E> + Send + 'static,
    ) -> Result<Abandoned, Error> {
        let told: Report = Box::new(|abandoned| told(abandoned).map_err(Into::into));
        let Self { client, destination, settings, watch, ends: _ends } = self;
        destination.0.abandon_async(settings, told, client, watch).await
    }

    /// Uploads a stream of bytes whose length is not known, like [`spool`](Self::spool). An async reader of tokio is one by
    /// `tokio_util::io::ReaderStream`.
    pub fn spool_stream<B, E>(mut self, stream: impl Stream<Item = Result<B, E>> + Send + 'static) -> Self
    where
        B: Into<Bytes> + Send,
        E: Into<BoxError> + Send,
    {
        let (pieces, feed) = feed(stream);
        self.settings.feed = Some(feed);
        self.spool(pieces)
    }

    /// Uploads what an async reader reads, to its end, like [`spool`](Self::spool).
    pub fn spool_reader(self, reader: impl AsyncRead + Send + 'static) -> Self {
        self.spool_stream(pieces_of(reader))
    }

    /// The events of this upload as a stream. It ends with the upload.
    pub fn events(&mut self) -> impl Stream<Item = Event> + Send + use<> {
        let (tell, told) = mpsc::unbounded();
        self.settings.on_event.push(Arc::new(move |event: &Event| drop(tell.unbounded_send(event.clone()))));
        told
    }
}

pub(crate) async fn send<P: Located>(
    to: To<P>,
    mut settings: Settings,
    client: Client,
    watch: Arc<Watch>,
) -> Result<Receipt, Error> {
    client.check_runtime()?;
    let (starts_over, feed) = (settings.start_over, settings.feed.take());
    let shared = Arc::clone(&client.shared);
    let open = client.off(Work::Look, move || {
        let mut session = Session::open(to, settings, &shared, watch)?;
        Ok((session.consult_record(), session))
    });
    let (to_send, mut session) = opened(open, feed).await?;
    let sent = match to_send {
        ToSend::Yes => None,
        ToSend::IfItDiffers => {
            let (sent, opened) = client.off(Work::Hash, move || Ok((session.is_as_sent()?, session))).await?;
            session = opened;
            sent
        }
        ToSend::No(receipt) => Some(receipt),
    };
    if let Some(receipt) = sent {
        return client.off(Work::Save, move || session.end_there(*receipt)).await;
    }
    if starts_over {
        let (old, opened) = client.off(Work::Look, move || Ok((session.old()?, session))).await?;
        session = opened;
        if let Some(mut old) = old {
            let ended = drive(&session.host, &session.source, &mut old, &client).await;
            let forget = move || {
                session.forget(&old, ended)?;
                Ok(session)
            };
            session = client.off(Work::Save, forget).await?;
        }
    }
    loop {
        if let Some(receipt) = look_first(&mut session, &client).await? {
            return client.off(Work::Save, move || session.end_there(receipt)).await;
        }
        let (mut upload, opened) = client.off(Work::Look, move || Ok((session.begin()?, session))).await?;
        session = opened;
        let ended = drive(&session.host, &session.source, &mut upload, &client).await;
        if !session.begins_anew(&ended) {
            return client.off(Work::Save, move || session.end(&upload, ended)).await;
        }
    }
}

/// Opens what may read a stream, and feeds it as long as it reads.
pub(crate) async fn opened<T>(open: impl Future<Output = T>, feed: Option<Feed>) -> T {
    let Some(feed) = feed else { return open.await };
    match select(pin!(open), feed).await {
        Either::Left((opened, _)) => opened,
        Either::Right(((), open)) => open.await,
    }
}

pub(crate) async fn abandon<P: Located>(
    to: To<P>,
    settings: Settings,
    told: Report,
    client: Client,
    watch: Arc<Watch>,
) -> Result<Abandoned, Error> {
    client.check_runtime()?;
    let settings = Settings { reads_nothing: true, ..settings };
    let shared = Arc::clone(&client.shared);
    let open = move || {
        let mut session = Session::open(to, settings, &shared, watch)?;
        Ok((session.old()?, session))
    };
    let (old, session) = client.off(Work::Look, open).await?;
    let Some(mut old) = old else { return Ok(Abandoned::NotFound) };
    let ended = drive(&session.host, &session.source, &mut old, &client).await;
    client.off(Work::Save, move || session.abandoned(&old, ended, told)).await
}

/// Finds out what stands at the destination. The receipt, if it is the same content.
async fn look_first<P: Located>(session: &mut Session<P>, client: &Client) -> Result<Option<Receipt>, Error> {
    let (source, mut before) = (Arc::clone(&session.source), session.before());
    loop {
        before = match before {
            Before::Send => return Ok(None),
            Before::There(receipt) => return Ok(Some(receipt)),
            Before::Ask(Beside { host, mut run }) => session.answered(drive(&host, &source, &mut run, client).await)?,
            Before::Compare(Beside { host, mut run }) => {
                session.digested(drive(&host, &source, &mut run, client).await)?
            }
        };
    }
}

pub(crate) async fn drive<P: Protocol>(
    host: &Arc<UploadHost<P>>,
    source: &Arc<dyn Source>,
    upload: &mut Upload<P>,
    client: &Client,
) -> Ended<P> {
    let mut driver = Driver::new()
        .with_clock(host.clock)
        .with_rate(host.limits.rate().clone())
        .with_offload(Arc::clone(&client.offload));
    let remote = driver.remote();
    let _connected = host.connect(move |input| remote.send(input));
    let host = AsyncHost::new(Arc::clone(host), Arc::clone(&client.offload));
    driver.run(upload, &*client.transport, Arc::clone(source), &host).await
}

impl Client {
    /// Does what blocks elsewhere. A panic there goes on here.
    pub(crate) async fn off<T: Send + 'static>(
        &self,
        kind: Work,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let done = offloaded(&*self.offload, kind, move |_| work()).await;
        done.unwrap_or_else(|error| Err(Error::new(ErrorKind::Defect, error)))
    }
}

/// The host as futures. An upload that waits for a credential that another one asks for holds no thread.
struct AsyncHost<P: Protocol> {
    host: Arc<UploadHost<P>>,
    off_thread: OffThread<UploadHost<P>>,
    offload: Arc<dyn Offload>,
}

impl<P: Protocol> AsyncHost<P> {
    fn new(host: Arc<UploadHost<P>>, offload: Arc<dyn Offload>) -> Self {
        let off_thread = OffThread::new(Arc::clone(&host)).on(Arc::clone(&offload));
        Self { host, off_thread, offload }
    }

    async fn refresh(&self, refused: Option<P::Credential>) -> Result<(Lease<P::Credential>, u64), crate::BoxError> {
        let (credentials, clock) = (self.host.credentials.clone(), self.host.clock);
        if let Some(asked) = credentials.ask_as_future(clock) {
            return asked.await;
        }
        // Until the job runs, the turn is this future's: it may be dropped, or find no thread.
        let turn = credentials.turn();
        let job = move |cancel: &_| turn.refresh(refused.as_ref(), cancel, clock);
        offloaded(&*self.offload, Work::Credential, job).await.unwrap_or_else(|error| Err(error.into()))
    }
}

#[async_trait]
impl<P: Protocol> Host<P> for AsyncHost<P> {
    async fn save(&self, checkpoint: Checkpoint<P>) -> Result<(), StoreError> {
        self.off_thread.save(checkpoint).await
    }

    async fn settled(&self) {
        Host::<P>::settled(&self.off_thread).await;
    }

    async fn credential(
        &self,
        reason: AuthReason,
        refused: Option<P::Credential>,
    ) -> Result<Lease<P::Credential>, AuthError> {
        let asked = {
            let mut asking = self.host.asking(reason, refused.as_ref());
            poll_fn(|context| self.host.credentials.poll_other(&mut asking, context)).await
        };
        let given = match asked {
            Other::Given(lease, generation) => Ok((lease, generation)),
            Other::Failed(error) => Err(error),
            Other::YourTurn => self.refresh(refused).await,
        };
        self.host.answered(given)
    }

    fn inquire(&self, inquiry: Inquiry<P>) {
        crate::drive::Host::inquire(&*self.host, inquiry);
    }

    fn share(&self, question: &str, known: &Known<P::Reply>, serves: Serves) {
        crate::drive::Host::share(&*self.host, question, known, serves);
    }

    fn slot(&self, lane: Lane, grant: Grant) {
        crate::drive::Host::slot(&*self.host, lane, grant);
    }

    fn tell(&self, event: &resumable_core::Event) {
        crate::drive::Host::tell(&*self.host, event);
    }
}
