use std::sync::Arc;

use resumable_core::leftovers::{Answered, Ask};
use resumable_core::{Leftover, Located};
use resumable_transport::blocking::Transport;

use super::{Questions, first, turn};
use crate::blocking::Client;
use crate::client::Shared;
use crate::destination::To;
use crate::drive::trace;
use crate::error::Error;
use crate::handle::Watch;
use crate::put::blocking::drive;
use crate::put::{Put, Settings};
use crate::sources::NoSource;

impl Put<Client> {
    /// The uploads that are open in the destination's bucket, whoever began them, with keys that begin with `prefix`.
    ///
    /// # Errors
    /// When the vendor did not tell, or has no such list ([`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported)).
    pub fn leftovers(self, prefix: &str) -> Result<Vec<Leftover>, Error> {
        let mut all = Vec::new();
        self.asked(first(prefix), |answered| turn(&mut all, answered))?;
        Ok(all)
    }

    /// How many bytes one of them holds; `None` if it is gone.
    ///
    /// # Errors
    /// As with [`leftovers`](Self::leftovers).
    pub fn leftover_size(self, of: &Leftover) -> Result<Option<u64>, Error> {
        let mut size = None;
        self.asked(Ask::Size { of: of.clone(), after: (0, 0) }, |answered| {
            size = answered.and_then(|it| if let Answered::Size(bytes) = it { Some(bytes) } else { None });
            None
        })?;
        Ok(size)
    }

    /// Removes one of them, with its parts; one that is gone already is no error. Whether it is of use to anybody is for the
    /// caller to know ([`named_in`](Self::named_in)).
    ///
    /// # Errors
    /// When the vendor did not remove it.
    pub fn remove_leftover(self, it: &Leftover) -> Result<(), Error> {
        self.asked(Ask::Remove(it.clone()), |_| None)
    }

    fn asked(self, question: Ask, mut then: impl FnMut(Option<Answered>) -> Option<Ask>) -> Result<(), Error> {
        let Self { client, destination, settings, watch, ends: _ends } = self;
        destination.0.leftovers(question, &mut then, settings, &client.shared, watch, &*client.transport)
    }
}

pub(crate) fn ask<P: Located>(
    to: To<P>,
    question: Ask,
    then: &mut dyn FnMut(Option<Answered>) -> Option<Ask>,
    settings: Settings,
    shared: &Shared,
    watch: Arc<Watch>,
    transport: &dyn Transport,
) -> Result<(), Error> {
    let _span = trace::upload(P::ID, &to.protocol.target());
    let questions = Questions::open(to, settings, shared, watch)?;
    let mut next = Some(question);
    while let Some(question) = next {
        let mut asked = questions.ask(question)?;
        next = then(questions.answered(drive(&asked.host, &NoSource, &mut asked.run, transport))?);
    }
    Ok(())
}
