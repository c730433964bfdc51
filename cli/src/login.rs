//! `resumable login`: gets the credentials of a profile from its vendor, with the help of a person: shows a code, waits until
//! somebody has agreed to it on a phone, and keeps the tokens.

use std::io::IsTerminal as _;
use std::time::Duration;

use clap::builder::styling::{AnsiColor, Style};
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use resumable::machine::SendError;
use resumable::p115::{LogInError, NoCredential, NotLoggedIn, Reason, Remedy};
use resumable::transport::CancelFlag;

use crate::args::{Global, Login};
use crate::exit::{AUTHORITY, Code, Problem, UPDATE};
use crate::interrupt::Interrupt;
use crate::transport::Connection;
use crate::{printable, profile, say, state};

/// For how long another process that uses the credentials is waited for.
const PATIENCE: Duration = Duration::from_secs(600);
/// What helps after most failures.
const AGAIN: &str = "Run the same command again.";
const NEW_CODE: &str = "Run the same command again for a new code.";

/// Logs a profile in.
///
/// # Errors
/// When its vendor lets nobody log in, nobody agreed in time, or the credentials could not be kept.
pub(crate) fn run(args: &Login, global: &Global, interrupt: &Interrupt) -> Result<(), Problem> {
    let profile = profile::get(&profile::load(global.config.as_deref())?, &args.profile)?;
    let connection = Connection::take(&profile, args.transport)?;
    let state = state::folder(global.state.as_deref())?;
    let log_in = profile.log_in(&connection.context(&state, PATIENCE))?;

    let cancel = CancelFlag::new();
    let flag = cancel.clone();
    interrupt.arm(move || flag.cancel());
    let code = log_in.begin(&cancel).map_err(|error| told(&error))?;
    show(code.text(), args.plain);
    log_in.agreed(&code, &cancel, || say::err("Scanned. Confirm on the phone.")).map_err(|error| told(&error))?;
    let file = log_in.finish(code, &cancel).map_err(|error| told(&error))?;
    say::result(&[format!("Logged in as {}. Tokens: {}", printable::text(&args.profile), printable::path(&file))])
}

/// Why nobody is logged in, and what to do next.
pub(crate) fn told(error: &LogInError) -> Problem {
    let problem = |code| Problem::new(code, error);
    match error {
        LogInError::Cancelled => problem(Code::Interrupted),
        LogInError::Send(SendError::Impossible(_)) => problem(Code::Usage),
        LogInError::Send(SendError::Untrusted(_)) => problem(Code::GaveUp).next(AUTHORITY),
        LogInError::Send(_) => problem(Code::GaveUp).next(AGAIN),
        LogInError::Refused(NotLoggedIn { remedy, .. }) => match remedy {
            Remedy::Configuration => problem(Code::Usage).next("Check client_id in the profile."),
            Remedy::Later(_) | Remedy::Again => problem(Code::GaveUp).next("Run the same command again later."),
            Remedy::NewCode => problem(Code::GaveUp).next(NEW_CODE),
            _ => problem(Code::Credential).next(NEW_CODE),
        },
        LogInError::CodeUsedUp(_) | LogInError::Expired => problem(Code::GaveUp).next(NEW_CODE),
        LogInError::Declined => problem(Code::Credential),
        LogInError::Tokens(error) => unkept(error),
        _ => problem(Code::Other),
    }
}

fn unkept(error: &NoCredential) -> Problem {
    match error.reason() {
        Reason::ForNow => Problem::new(Code::GaveUp, error).next(AGAIN),
        Reason::Untrusted => Problem::new(Code::GaveUp, error).next(AUTHORITY),
        Reason::NewerFile => Problem::new(Code::Other, error).next(UPDATE),
        _ => Problem::new(Code::Other, error).next("Make the state folder writable, or free some space there."),
    }
}

/// Draws the code for a phone where there is a terminal, and writes down what is in it.
fn show(code: &str, plain: bool) {
    let drawn = if !plain && std::io::stderr().is_terminal() { picture(code) } else { None };
    drawn.iter().flatten().for_each(say::err);
    say::err(match drawn {
        Some(_) => "Scan this QR code with the 115 app and confirm. It holds this link:",
        None => "Make a QR code of this link, scan it with the 115 app and confirm:",
    });
    say::err(format!("  {}", printable::text(code)));
    say::err("Waiting for the scan (the code expires in about five minutes)");
}

/// A QR code, dark on light whatever the terminal's colours are.
fn picture(text: &str) -> Option<Vec<String>> {
    let code = QrCode::new(text).ok()?;
    let style = Style::new().fg_color(Some(AnsiColor::Black.into())).bg_color(Some(AnsiColor::BrightWhite.into()));
    let drawn = code.render::<Dense1x2>().quiet_zone(true).build();
    Some(drawn.lines().map(|line| format!("{style}{line}{style:#}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_drawn_dark_on_light_with_a_margin() {
        let lines = picture("https://115.com/scan/dg-0123456789abcdef").unwrap();
        assert!(lines.iter().all(|line| line.starts_with("\x1b[30m\x1b[107m") && line.ends_with("\x1b[0m")));
        let bare: Vec<&str> =
            lines.iter().map(|line| line.trim_start_matches("\x1b[30m\x1b[107m").trim_end_matches("\x1b[0m")).collect();
        let width = bare[0].chars().count();
        assert!(bare.iter().all(|line| line.chars().count() == width) && bare.len() == width.div_ceil(2));
        assert!(bare[0].trim().is_empty() && bare.iter().all(|line| line.starts_with("    ")), "{bare:#?}");
    }
}
