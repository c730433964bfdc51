//! What a slice's answer must repeat of its request.

use alloc::string::String;

use crate::excerpt::printable_session;

/// A slice was acknowledged with another offset, length or session than it was sent with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a slice with {what} {sent} was acknowledged with {what} {answered}")]
pub struct WrongEcho {
    /// The field, in the vendor's name.
    pub what: &'static str,
    /// What was sent.
    pub sent: String,
    /// What the vendor answered.
    pub answered: String,
}

/// Compares what was sent with what came back.
///
/// # Errors
/// When they differ; sessions are shown by their first characters only.
pub fn echoed(what: &'static str, sent: &str, answered: &str) -> Result<(), WrongEcho> {
    if sent == answered {
        return Ok(());
    }
    let (sent, answered) = (short(sent), short(answered));
    Err(WrongEcho { what, sent, answered })
}

/// Offsets whole, sessions by their first characters.
fn short(value: &str) -> String {
    let mut line = printable_session(value);
    if let Some((end, _)) = line.char_indices().nth(20) {
        line.truncate(end);
        line.push('…');
    }
    line
}
