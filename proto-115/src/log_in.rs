//! What to do when a log-in or a refresh is refused.

use core::time::Duration;

use resumable_core::Advice;

use crate::codes::{self, Class};
use crate::fault::{Fault, Refused};

/// A log-in, or a refresh, that did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fault}")]
pub struct NotLoggedIn {
    /// What the vendor said.
    pub fault: Fault,
    /// What to do about it.
    pub remedy: Remedy,
}

/// What the host is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Remedy {
    /// Ask for the very same again, a few times, with pauses: the vendor was unable. After a lost reply to a refresh,
    /// once: the old token may be dead by now.
    Again,
    /// Ask for the same again, not before this time has passed: the vendor was asked too often.
    Later(Duration),
    /// Another process may have refreshed: read the stored tokens again. If they are the same, log in.
    ReadAgain,
    /// The tokens are dead: a person must log in.
    LogIn,
    /// The code to scan is of no use any more: show a new one.
    NewCode,
    /// The application (`client_id`) is not in order: no use trying before somebody has changed that.
    Configuration,
    /// A person must put something right at the vendor, which the fault names.
    Person,
}

impl From<Refused> for NotLoggedIn {
    fn from(refused: Refused) -> Self {
        let remedy = remedy(&refused);
        Self { fault: refused.fault, remedy }
    }
}

fn remedy(refused: &Refused) -> Remedy {
    match refused.fault.code().and_then(codes::find).map(|row| row.class) {
        Some(Class::RefreshToken | Class::AccessToken) => Remedy::LogIn,
        Some(Class::StaleRefreshToken) => Remedy::ReadAgain,
        Some(Class::ScanCode) => Remedy::NewCode,
        Some(Class::Configuration | Class::Refused) => Remedy::Configuration,
        Some(Class::Person) => Remedy::Person,
        _ => match refused.advice {
            Advice::Throttled { least, .. } => Remedy::Later(least),
            Advice::Fatal => Remedy::Configuration,
            _ => Remedy::Again,
        },
    }
}
