//! `resumable stat`: what is at a destination.

use crate::args::{Global, Stat};
use crate::asking::{self, arm, explain};
use crate::exit::{Code, Problem};
use crate::interrupt::Interrupt;
use crate::json::object;
use crate::say;

/// Asks, and changes nothing.
///
/// # Errors
/// When nothing is there, or the vendor does not tell.
pub(crate) fn run(args: &Stat, global: &Global, interrupt: &Interrupt) -> Result<(), Problem> {
    let destination = &args.destination;
    let (profile, client) = asking::client(&destination.profile, args.transport, None, global)?;
    let upload = client.put_to(&profile, &destination.path)?;
    arm(interrupt, &upload);
    let found = upload.look_up().map_err(|error| explain(&error))?;
    let found = found.ok_or_else(|| asking::nothing(Code::Other, &destination.to_string()))?;
    if global.output.json {
        return say::result(&[object("stat", asking::fields(&destination.to_string(), &found))]);
    }
    say::result(&asking::lines(&found))
}
