use std::sync::Arc;

use resumable_core::{Found, Located};
use resumable_transport::blocking::Transport;

use super::{Inquiry, Looked, Verified};
use crate::blocking::Client;
use crate::client::Shared;
use crate::destination::To;
use crate::drive::trace;
use crate::error::Error;
use crate::handle::Watch;
use crate::put::blocking::drive;
use crate::put::{Put, Settings};

impl Put<Client> {
    /// What stands at the destination. Changes nothing, and reads nothing of the source.
    ///
    /// # Errors
    /// When the vendor did not tell, or its API cannot be asked ([`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported)).
    pub fn look_up(self) -> Result<Option<Found>, Error> {
        Ok(self.without_source().looked()?.found)
    }

    /// What stands at the destination, held against the source, which is read once if the lengths agree. `None` if nothing
    /// stands there.
    ///
    /// # Errors
    /// As with [`look_up`](Self::look_up), and when the source cannot be read.
    pub fn verify(self) -> Result<Option<Verified>, Error> {
        self.looked()?.verified()
    }

    fn looked(self) -> Result<Looked, Error> {
        let Self { client, destination, settings, watch, ends: _ends } = self;
        destination.0.look_up(settings, &client.shared, watch, &*client.transport)
    }
}

pub(crate) fn look_up<P: Located>(
    to: To<P>,
    settings: Settings,
    shared: &Shared,
    watch: Arc<Watch>,
    transport: &dyn Transport,
) -> Result<Looked, Error> {
    let _span = trace::upload(P::ID, &to.protocol.target());
    let inquiry = Inquiry::open(to, settings, shared, watch)?;
    let (source, mut asked) = (inquiry.source(), inquiry.ask());
    let found = inquiry.answered(drive(&asked.host, &*source, &mut asked.run, transport))?;
    let digest = match inquiry.compare(found.as_ref()) {
        Some((kind, mut pass)) => {
            Some((kind, inquiry.digested(drive(&pass.host, &*source, &mut pass.run, transport))?))
        }
        None => None,
    };
    Ok(inquiry.ended(found, digest))
}
