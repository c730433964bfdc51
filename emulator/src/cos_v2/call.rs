//! What several operations need.

use super::config::{Config, UnknownSession};
use crate::cos::call;
use crate::cos::code::{self, Code};
use crate::cos::session::Session;
use crate::cos::sha::Sha;

pub(super) type Call<'a> = call::Call<'a, Config>;

/// The session the request names, which must be this path's.
pub(super) fn session<'a>(call: &'a mut Call<'_>) -> Result<&'a mut Session, Code> {
    let id = call.need("session")?;
    let unknown = match call.config.switches.unknown_session {
        UnknownSession::NotFound => code::NO_FILE.because("ERROR_CMD_FILE_NOTEXIST: session"),
        UnknownSession::Failed => code::SESSION_LOST,
        UnknownSession::Parameter => code::PARAMETER.because("ERROR_CGI_PARAM: session"),
    };
    let index = call.sessions.iter().position(|known| known.id == id);
    index.map(|index| &mut call.sessions[index]).ok_or(unknown)
}

/// A sha given at init must be given again.
pub(super) fn check_sha(call: &Call<'_>, promised: Option<Sha>) -> Result<(), Code> {
    let Some(promised) = promised else {
        return Ok(());
    };
    match call.sha()? {
        None => Err(code::SHA_MISSING),
        Some(sha) if sha == promised => Ok(()),
        Some(_) => Err(code::SHA_MISMATCH),
    }
}
