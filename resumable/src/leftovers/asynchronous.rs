use std::sync::Arc;

use resumable_core::leftovers::{Answered, Ask};
use resumable_core::{Leftover, Located};
use resumable_transport::Source;
use resumable_transport::asynchronous::Work;

use super::{Questions, first, turn};
use crate::Client;
use crate::destination::To;
use crate::error::Error;
use crate::handle::Watch;
use crate::put::asynchronous::{drive, opened};
use crate::put::{Put, Settings};
use crate::sources::NoSource;

impl Put<Client> {
    /// The uploads that are open in the destination's bucket, whoever began them, with keys that begin with `prefix`.
    ///
    /// # Errors
    /// When the vendor did not tell, or has no such list ([`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported)).
    pub async fn leftovers(self, prefix: &str) -> Result<Vec<Leftover>, Error> {
        let mut all = Vec::new();
        for answered in self.asked(first(prefix)).await? {
            turn(&mut all, Some(answered));
        }
        Ok(all)
    }

    /// How many bytes one of them holds; `None` if it is gone.
    ///
    /// # Errors
    /// As with [`leftovers`](Self::leftovers).
    pub async fn leftover_size(self, of: &Leftover) -> Result<Option<u64>, Error> {
        let answered = self.asked(Ask::Size { of: of.clone(), after: (0, 0) }).await?;
        let size = |answered| if let Answered::Size(bytes) = answered { Some(bytes) } else { None };
        Ok(answered.into_iter().find_map(size))
    }

    /// Removes one of them, with its parts; one that is gone already is no error. Whether it is of use to anybody is for the
    /// caller to know ([`named_in`](Self::named_in)).
    ///
    /// # Errors
    /// When the vendor did not remove it.
    pub async fn remove_leftover(self, it: &Leftover) -> Result<(), Error> {
        self.asked(Ask::Remove(it.clone())).await.map(drop)
    }

    async fn asked(self, question: Ask) -> Result<Vec<Answered>, Error> {
        let Self { client, destination, settings, watch, ends: _ends } = self;
        destination.0.leftovers_async(question, settings, client, watch).await
    }
}

/// All answers, page after page.
pub(crate) async fn ask<P: Located>(
    to: To<P>,
    question: Ask,
    mut settings: Settings,
    client: Client,
    watch: Arc<Watch>,
) -> Result<Vec<Answered>, Error> {
    client.check_runtime()?;
    let (feed, shared) = (settings.feed.take(), Arc::clone(&client.shared));
    let open = client.off(Work::Look, move || Questions::open(to, settings, &shared, watch));
    let questions = opened(open, feed).await?;
    let source: Arc<dyn Source> = Arc::new(NoSource);
    let (mut answers, mut next) = (Vec::new(), Some(question));
    while let Some(question) = next {
        let mut asked = questions.ask(question)?;
        let answered = questions.answered(drive(&asked.host, &source, &mut asked.run, &client).await)?;
        next = if let Some(Answered::Page(_, next)) = &answered { next.clone() } else { None };
        answers.extend(answered);
    }
    Ok(answers)
}
