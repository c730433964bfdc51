use std::sync::Arc;

use resumable_core::{Found, Located};
use resumable_transport::asynchronous::Work;

use super::{Inquiry, Looked, Verified};
use crate::Client;
use crate::destination::To;
use crate::error::Error;
use crate::handle::Watch;
use crate::put::asynchronous::{drive, opened};
use crate::put::{Put, Settings};

impl Put<Client> {
    /// What stands at the destination. Changes nothing, and reads nothing of the source.
    ///
    /// # Errors
    /// When the vendor did not tell, or its API cannot be asked ([`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported)).
    pub async fn look_up(self) -> Result<Option<Found>, Error> {
        Ok(self.without_source().looked().await?.found)
    }

    /// What stands at the destination, held against the source, which is read once if the lengths agree. `None` if nothing
    /// stands there.
    ///
    /// # Errors
    /// As with [`look_up`](Self::look_up), and when the source cannot be read.
    pub async fn verify(self) -> Result<Option<Verified>, Error> {
        self.looked().await?.verified()
    }

    async fn looked(self) -> Result<Looked, Error> {
        let Self { client, destination, settings, watch, ends: _ends } = self;
        destination.0.look_up_async(settings, client, watch).await
    }
}

pub(crate) async fn look_up<P: Located>(
    to: To<P>,
    mut settings: Settings,
    client: Client,
    watch: Arc<Watch>,
) -> Result<Looked, Error> {
    client.check_runtime()?;
    let (feed, shared) = (settings.feed.take(), Arc::clone(&client.shared));
    let open = client.off(Work::Look, move || Inquiry::open(to, settings, &shared, watch));
    let inquiry = opened(open, feed).await?;
    let (source, mut asked) = (inquiry.source(), inquiry.ask());
    let found = inquiry.answered(drive(&asked.host, &source, &mut asked.run, &client).await)?;
    let digest = match inquiry.compare(found.as_ref()) {
        Some((kind, mut pass)) => {
            Some((kind, inquiry.digested(drive(&pass.host, &source, &mut pass.run, &client).await)?))
        }
        None => None,
    };
    Ok(inquiry.ended(found, digest))
}
