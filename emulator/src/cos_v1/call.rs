//! What several operations need.

use super::answer::Data;
use super::config::{Again, Config, UnknownSession};
use crate::cos::call;
use crate::cos::code::{self, Code};

pub(super) type Call<'a> = call::Call<'a, Config>;

/// What is answered where the bytes are there already.
pub(super) fn again(call: &Call<'_>, switch: Again) -> Result<Data, Code> {
    match switch {
        Again::Urls => Ok(Data::Urls(call.urls())),
        Again::Refuse => Err(code::SAME_FILE),
    }
}

pub(super) fn unknown_session(call: &Call<'_>) -> Code {
    match call.config.switches.unknown_session {
        UnknownSession::Failed => code::SESSION_LOST,
        UnknownSession::NoIndex => code::NO_INDEX,
        UnknownSession::Parameter => code::PARAMETER.because("ERROR_CGI_PARAM: session"),
    }
}
