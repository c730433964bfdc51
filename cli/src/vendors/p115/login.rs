//! `resumable login`: shows a code, waits until somebody has agreed to it on a phone, and keeps the tokens.

use std::env;
use std::io::IsTerminal as _;
use std::time::Duration;

use bytes::Bytes;
use clap::builder::styling::{AnsiColor, Style};
use http::{Request, Response};
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use resumable_core::{Body, Limits, SendError};
use resumable_proto_115::auth_device_code::DeviceCode;
use resumable_proto_115::qrcode_status::Scan;
use resumable_proto_115::{
    CodeVerifier, NotLoggedIn, P115, Remedy, Site, Tokens, auth_device_code, device_code_to_token, limits,
    qrcode_status,
};
use resumable_transport::CancelFlag;

use super::account::{Account, AccountOptions};
use super::tokens::{Time, Waiting};
use crate::exit::{AUTHORITY, Code, Problem};
use crate::interrupt::Interrupt;
use crate::keys::{NoCredential, Reason};
use crate::profile::{Mistake, Profile};
use crate::transport::Transport;
use crate::vendors::{Context, Vendor as _};
use crate::{printable, say};

/// The vendor holds an answer about a scan back for half a minute or so.
const ANSWERED_WITHIN: Duration = Duration::from_secs(60);
/// How far apart questions about the scan are at least, where the vendor does not hold its answer back.
const EVERY: Duration = Duration::from_secs(1);
/// A code that the vendor says nothing about any more is given up after this; the vendor's own limit is five minutes.
const LONGEST: Duration = Duration::from_secs(600);
/// How often one request is tried.
const TRIES: u32 = 5;

/// Logs a profile in.
///
/// # Errors
/// When nobody agreed in time, or the tokens could not be kept.
pub(super) fn run(mut profile: Profile, context: &Context<'_>, plain: bool) -> Result<(), Problem> {
    profile.apply_environment(P115::SECRETS, |name| env::var_os(name))?;
    let given: AccountOptions = profile.take()?;
    let client_id = given.client_id.clone().ok_or_else(|| {
        profile
            .explain(Mistake::Missing("client_id"))
            .next("It is the number of an application at the vendor's open platform: https://open.115.com")
    })?;
    let account = Account::new(given, context.profile).map_err(|mistake| profile.explain(mistake))?;
    let vendor = Hosts::new(account.site.clone(), context.connection.transport()?, context.interrupt);
    // If the tokens cannot be kept, nobody need take a phone out.
    let refresher = account.refresher(context);
    drop(refresher.lock().map_err(unkept)?);

    let verifier = verifier()?;
    let code = vendor.code(&client_id, &verifier)?;
    show(&code, plain);
    vendor.agreed(&code)?;
    // From here to the end nobody else may refresh: what they get would be dead, or would kill what comes now.
    let guard = refresher.lock().map_err(unkept)?;
    let tokens = vendor.tokens(&code, &verifier)?;
    refresher.keep(&guard, &tokens).map_err(unkept)?;
    say::result(&[
        format!("logged in: {}", printable::text(context.profile)),
        format!("kept in:   {}", printable::path(&account.store(context.state).path())),
    ])
}

fn unkept(error: NoCredential) -> Problem {
    match error.reason {
        Reason::Interrupted => interrupted(),
        Reason::ForNow => Problem::new(Code::GaveUp, error).next("Run the same command again."),
        Reason::Untrusted => Problem::new(Code::GaveUp, error).next(AUTHORITY),
        _ => Problem::new(Code::Other, error).next("Make the state folder writable, or make room there."),
    }
}

fn interrupted() -> Problem {
    Problem::new(Code::Interrupted, "the log-in was stopped, and nothing was changed")
}

fn verifier() -> Result<CodeVerifier, Problem> {
    let mut entropy = [0; 48];
    getrandom::fill(&mut entropy)
        .map_err(|error| Problem::new(Code::Other, format!("the system gives no random numbers: {error}")))?;
    Ok(CodeVerifier::from_bytes(&entropy))
}

/// Draws the code for a phone where there is a terminal, and writes down what is in it.
fn show(code: &DeviceCode, plain: bool) {
    if !plain && std::io::stderr().is_terminal() {
        match picture(&code.qrcode) {
            Some(lines) => lines.iter().for_each(say::err),
            None => say::err("(what is in the code is too long to be drawn)"),
        }
    }
    say::err("Scan this with the 115 app (or make a QR code of it), and agree there:");
    say::err(format!("  {}", printable::text(&code.qrcode)));
    say::err("waiting for it to be scanned; it is good for about five minutes");
}

/// A QR code, dark on light whatever the terminal's colours are.
fn picture(text: &str) -> Option<Vec<String>> {
    let code = QrCode::new(text).ok()?;
    let style = Style::new().fg_color(Some(AnsiColor::Black.into())).bg_color(Some(AnsiColor::BrightWhite.into()));
    let drawn = code.render::<Dense1x2>().quiet_zone(true).build();
    Some(drawn.lines().map(|line| format!("{style}{line}{style:#}")).collect())
}

/// The vendor's hosts, asked one thing at a time.
struct Hosts {
    site: Site,
    transport: Transport,
    cancel: CancelFlag,
    time: Waiting,
}

impl Hosts {
    fn new(site: Site, transport: Transport, interrupt: &Interrupt) -> Self {
        let (cancel, time) = (CancelFlag::new(), Waiting(interrupt.clone()));
        let flag = cancel.clone();
        interrupt.arm(move || flag.cancel());
        Self { site, transport, cancel, time }
    }

    fn code(&self, client_id: &str, verifier: &CodeVerifier) -> Result<DeviceCode, Problem> {
        let request = || auth_device_code::encode(&self.site, client_id, verifier);
        self.ask(request, auth_device_code::decode, told, &self.cancel)
    }

    /// Is not cut off by a signal: its answer may have ended an older log-in, and be the only one.
    fn tokens(&self, code: &DeviceCode, verifier: &CodeVerifier) -> Result<Tokens, Problem> {
        let request = || device_code_to_token::encode(&self.site, code, verifier);
        self.ask(request, device_code_to_token::decode, used_up, &CancelFlag::new())
    }

    /// Waits until somebody has agreed.
    fn agreed(&self, code: &DeviceCode) -> Result<(), Problem> {
        let begun = self.time.now();
        let mut was_scanned = false;
        while self.time.now().saturating_sub(begun) < LONGEST {
            let asked = self.time.now();
            match self.ask(|| qrcode_status::encode(&self.site, code), qrcode_status::decode, told, &self.cancel)? {
                Scan::Confirmed => return Ok(()),
                Scan::Scanned if !was_scanned => {
                    was_scanned = true;
                    say::err("scanned; agree to it on the phone");
                }
                Scan::Refused => return Err(Problem::new(Code::Credential, "the log-in was refused on the phone")),
                Scan::Expired => return Err(expired()),
                Scan::Waiting | Scan::Scanned => {}
            }
            self.wait(EVERY.saturating_sub(self.time.now().saturating_sub(asked)))?;
        }
        Err(expired())
    }

    /// Asks a few times, as long as the vendor cannot answer.
    fn ask<T>(
        &self,
        request: impl Fn() -> Request<Body>,
        decode: impl Fn(&Response<Bytes>) -> Result<T, NotLoggedIn>,
        told: fn(&NotLoggedIn) -> Problem,
        cancel: &CancelFlag,
    ) -> Result<T, Problem> {
        let limits = Limits { reply_bytes: limits::REPLY_BYTES, reply_within: ANSWERED_WITHIN };
        let mut pause = EVERY;
        for tried in 1.. {
            let answer = self.transport.exchange(request(), &limits, cancel);
            if cancel.is_set() {
                return Err(interrupted());
            }
            let last = tried == TRIES;
            match answer {
                Ok(answer) => match decode(&answer) {
                    Ok(decoded) => return Ok(decoded),
                    Err(refused) if last || !passes(&refused) => return Err(told(&refused)),
                    Err(_) => {}
                },
                Err(error @ SendError::Impossible(_)) => return Err(Problem::usage(error)),
                Err(error @ SendError::Untrusted(_)) => return Err(Problem::new(Code::GaveUp, error).next(AUTHORITY)),
                Err(error) if last => {
                    return Err(Problem::new(Code::GaveUp, error).next("Run the same command again."));
                }
                Err(_) => {}
            }
            self.wait(pause)?;
            pause *= 2;
        }
        unreachable!("the last try returns")
    }

    fn wait(&self, time: Duration) -> Result<(), Problem> {
        if self.time.wait(time) { Ok(()) } else { Err(interrupted()) }
    }
}

fn passes(refused: &NotLoggedIn) -> bool {
    refused.remedy == Remedy::Again
}

fn told(NotLoggedIn { fault, remedy }: &NotLoggedIn) -> Problem {
    let problem = |code| Problem::new(code, printable::text(&fault.to_string()));
    match remedy {
        Remedy::Configuration => problem(Code::Usage).next("Check the profile's client_id."),
        Remedy::Later(_) | Remedy::Again => problem(Code::GaveUp).next("Run the same command again, in a while."),
        Remedy::NewCode => problem(Code::GaveUp).next("Run the same command again for a new code."),
        _ => problem(Code::Credential).next("Run the same command again for a new code."),
    }
}

/// The vendor took the application before, so what it refuses is the code: its tokens were given out already, say, in an
/// answer that was lost.
fn used_up(refused: &NotLoggedIn) -> Problem {
    match refused.remedy {
        Remedy::Configuration | Remedy::LogIn | Remedy::ReadAgain => {
            Problem::new(Code::GaveUp, printable::text(&refused.fault.to_string()))
                .next("Run the same command again for a new code.")
        }
        _ => told(refused),
    }
}

fn expired() -> Problem {
    Problem::new(Code::GaveUp, "nobody agreed to the log-in before its code expired; nothing was changed")
        .next("Run the same command again for a new code.")
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
