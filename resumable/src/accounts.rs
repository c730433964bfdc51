//! Uploads whose vendor and account a profile names.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use resumable_core::IfExists;

use crate::Credentials;
use crate::destination::{Advice, Destination, To};
use crate::error::Error;
use crate::file::Label;
use crate::limits::Limits;
use crate::profile::Profile;
use crate::put::Put;
use crate::vendors::{Context, Task, Vendor};

/// The credentials of the profiles that a client has uploaded with: uploads with the same profile share them.
pub(crate) struct Accounts {
    context: Context,
    known: Mutex<HashMap<[u8; 32], Box<dyn Any + Send>>>,
}

impl fmt::Debug for Accounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Accounts").field("context", &self.context).finish_non_exhaustive()
    }
}

impl Accounts {
    pub(crate) fn new(context: Context) -> Self {
        Self { context, known: Mutex::default() }
    }

    /// An upload to an object at this path.
    pub(crate) fn put<C>(&self, client: C, limits: &Limits, profile: &Profile, path: &str) -> Result<Put<C>, Error> {
        let destination = profile.with(path, &self.context, Open { accounts: self, limits, profile })?;
        let label = Label { profile: profile.name().to_owned(), path: String::new(), destination: path.to_owned() };
        Ok(Put::new(client, destination).label(label))
    }
}

struct Open<'a> {
    accounts: &'a Accounts,
    limits: &'a Limits,
    profile: &'a Profile,
}

impl Task for Open<'_> {
    type Out = Destination;

    fn run<P: Vendor>(
        self,
        protocol: P,
        credentials: Credentials<P::Credential>,
        if_exists: Option<IfExists>,
    ) -> Destination {
        let mut known = self.accounts.known.lock().unwrap_or_else(PoisonError::into_inner);
        let shared = known.entry(self.profile.identity()).or_insert_with(|| Box::new(credentials.clone()));
        let credentials = shared.downcast_ref::<Credentials<P::Credential>>().cloned().unwrap_or(credentials);
        let advice = Advice {
            hint: P::hint,
            credentials: P::credential_help(self.profile.name()),
            is_same_object: P::is_same_object,
        };
        let speeds = (!self.profile.says(P::PART_SIZE)).then(|| self.limits.clone());
        Destination::new(To { protocol, credentials, advice, if_exists, speeds })
    }
}
