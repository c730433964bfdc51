//! The log-in: a code is shown, somebody agrees to it on a phone, and the tokens are kept. Showing the code is the program's
//! part.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::{Body, Limits, SendError};
use resumable_proto_115::auth_device_code::DeviceCode;
use resumable_proto_115::qrcode_status::Scan;
use resumable_proto_115::{
    CodeVerifier, NotLoggedIn, Remedy, Site, Tokens, auth_device_code, device_code_to_token, limits, qrcode_status,
};
use resumable_transport::blocking::Transport;
use resumable_transport::{CancelFlag, Clock};

use super::exchange::exchange;
use super::tokens::{NoCredential, Passport, Time, TokenRefresher};
use crate::printable;

/// The vendor holds an answer about a scan back for half a minute or so.
const ANSWERED_WITHIN: Duration = Duration::from_secs(60);
/// How far apart questions about the scan are at least, where the vendor does not hold its answer back.
const EVERY: Duration = Duration::from_secs(1);
/// A code that the vendor says nothing about any more is given up after this; the vendor's own limit is five minutes.
const LONGEST: Duration = Duration::from_secs(600);
/// How often one request is tried.
const TRIES: u32 = 5;

/// Why nobody is logged in. No token is in it. Unless the error is of the tokens themselves, nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogInError {
    /// The flag was set.
    #[error("the login was cancelled; nothing was changed")]
    Cancelled,
    /// The vendor could not be asked.
    #[error("{0}")]
    Send(SendError),
    /// The vendor refused. [`NotLoggedIn::remedy`] says what to do about it.
    #[error("{}", printable::text(&.0.to_string()))]
    Refused(NotLoggedIn),
    /// The vendor refused the code although somebody agreed to it: its tokens were given out already, say, in an answer that
    /// was lost. Another log-in with another code may succeed.
    #[error("{}", printable::text(&.0.to_string()))]
    CodeUsedUp(NotLoggedIn),
    /// The person with the phone said no.
    #[error("the login was declined on the phone")]
    Declined,
    /// Nobody said anything in time.
    #[error("the code expired before anybody confirmed the login; nothing was changed")]
    Expired,
    /// The tokens cannot be kept, or were had and could not be kept.
    #[error(transparent)]
    Tokens(#[from] NoCredential),
    /// The system gives no random numbers.
    #[error("the system provides no random numbers: {0}")]
    NoRandomNumbers(String),
}

/// A code to be agreed to, on a phone with the 115 app.
pub struct LogInCode {
    code: DeviceCode,
    verifier: CodeVerifier,
}

impl LogInCode {
    /// What the QR code shows. It comes from the vendor as it is: escape control characters before you print it.
    pub fn text(&self) -> &str {
        &self.code.qrcode
    }
}

// Whoever has it can get the tokens.
impl fmt::Debug for LogInCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogInCode").finish_non_exhaustive()
    }
}

/// A log-in by a code, in three steps: [`begin`](Self::begin), [`agreed`](Self::agreed), [`finish`](Self::finish). Each
/// blocks, and ends soon after its flag is set.
///
/// ```no_run
/// # use std::sync::Arc;
/// # use resumable::transport::blocking::Transport;
/// use resumable::p115::{Account, AccountTokens, LogInError};
/// use resumable::transport::CancelFlag;
///
/// # fn log_in(transport: Arc<dyn Transport + Send>) -> Result<(), LogInError> {
/// let cancel = CancelFlag::new();
/// let log_in = AccountTokens::new("tokens", Account::new("films")).log_in("100195125", transport);
/// let code = log_in.begin(&cancel)?;
/// println!("make a QR code of this, and scan it with the 115 app: {:?}", code.text());
/// log_in.agreed(&code, &cancel, || println!("Scanned. Confirm on the phone."))?;
/// let file = log_in.finish(code, &cancel)?;
/// println!("the tokens are in {}", file.display());
/// # Ok(())
/// # }
/// ```
pub struct LogIn {
    site: Site,
    client_id: String,
    refresher: TokenRefresher<Passport, Clock>,
    transport: Arc<dyn Transport + Send>,
}

// The refresher may hold tokens.
impl fmt::Debug for LogIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogIn").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

impl LogIn {
    pub(super) fn new(
        site: Site,
        client_id: String,
        refresher: TokenRefresher<Passport, Clock>,
        transport: Arc<dyn Transport + Send>,
    ) -> Self {
        Self { site, client_id, refresher, transport }
    }

    /// Gets a code to be shown. It is good for about five minutes.
    ///
    /// # Errors
    /// When the vendor gives none, or its tokens could not be kept: then nobody need take a phone out.
    pub fn begin(&self, cancel: &CancelFlag) -> Result<LogInCode, LogInError> {
        drop(self.refresher.lock_own(cancel).map_err(cancelled)?);
        let mut entropy = [0; 48];
        getrandom::fill(&mut entropy).map_err(|error| LogInError::NoRandomNumbers(error.to_string()))?;
        let verifier = CodeVerifier::from_bytes(&entropy);
        let request = || auth_device_code::encode(&self.site, &self.client_id, &verifier);
        let code = self.ask(request, auth_device_code::decode, LogInError::Refused, cancel, cancel)?;
        Ok(LogInCode { code, verifier })
    }

    /// Waits until somebody has agreed. `on_scanned` is called once, when the code was scanned and nobody has agreed yet.
    ///
    /// # Errors
    /// When somebody has refused, or nobody agreed in time, or the vendor cannot be asked.
    pub fn agreed(&self, code: &LogInCode, cancel: &CancelFlag, on_scanned: impl FnOnce()) -> Result<(), LogInError> {
        let begun = self.now();
        let mut on_scanned = Some(on_scanned);
        while self.now().saturating_sub(begun) < LONGEST {
            let asked = self.now();
            let request = || qrcode_status::encode(&self.site, &code.code);
            match self.ask(request, qrcode_status::decode, LogInError::Refused, cancel, cancel)? {
                Scan::Confirmed => return Ok(()),
                Scan::Scanned => on_scanned.take().into_iter().for_each(|tell| tell()),
                Scan::Refused => return Err(LogInError::Declined),
                Scan::Expired => return Err(LogInError::Expired),
                Scan::Waiting => {}
            }
            self.wait(EVERY.saturating_sub(self.now().saturating_sub(asked)), cancel)?;
        }
        Err(LogInError::Expired)
    }

    /// Gets the tokens and keeps them; gives the file that they are in. A request that is under way is not cut off by the
    /// flag: its answer may have ended an older log-in, and be the only one.
    ///
    /// # Errors
    /// When the vendor gives no tokens, or they could not be kept.
    pub fn finish(&self, code: LogInCode, cancel: &CancelFlag) -> Result<PathBuf, LogInError> {
        // From here to the end nobody else may refresh: what they get would be dead, or would kill what comes now.
        let guard = self.refresher.lock_own(cancel).map_err(cancelled)?;
        let LogInCode { code, verifier } = code;
        let request = || device_code_to_token::encode(&self.site, &code, &verifier);
        let uncut = CancelFlag::new();
        let tokens: Tokens = self.ask(request, device_code_to_token::decode, used_up, &uncut, cancel)?;
        self.refresher.keep(&guard, &tokens, cancel)?;
        Ok(self.refresher.store.path())
    }

    /// Asks a few times, as long as the vendor cannot answer. `cut` ends a request, `cancel` a pause.
    fn ask<T>(
        &self,
        request: impl Fn() -> Request<Body>,
        decode: impl Fn(&Response<Bytes>) -> Result<T, NotLoggedIn>,
        told: fn(NotLoggedIn) -> LogInError,
        cut: &CancelFlag,
        cancel: &CancelFlag,
    ) -> Result<T, LogInError> {
        let limits = Limits { reply_bytes: limits::REPLY_BYTES, reply_within: ANSWERED_WITHIN };
        let mut pause = EVERY;
        for tried in 1.. {
            let answer = exchange(&*self.transport, request(), &limits, cut);
            if cut.is_set() {
                return Err(LogInError::Cancelled);
            }
            let last = tried == TRIES;
            match answer {
                Ok(answer) => match decode(&answer) {
                    Ok(decoded) => return Ok(decoded),
                    Err(refused) if last || refused.remedy != Remedy::Again => return Err(told(refused)),
                    Err(_) => {}
                },
                Err(error @ (SendError::Impossible(_) | SendError::Untrusted(_))) => {
                    return Err(LogInError::Send(error));
                }
                Err(error) if last => return Err(LogInError::Send(error)),
                Err(_) => {}
            }
            self.wait(pause, cancel)?;
            pause *= 2;
        }
        unreachable!("the last try returns")
    }

    fn now(&self) -> Duration {
        self.refresher.time.now().mono
    }

    fn wait(&self, time: Duration, cancel: &CancelFlag) -> Result<(), LogInError> {
        if self.refresher.time.wait(time, cancel) { Ok(()) } else { Err(LogInError::Cancelled) }
    }
}

/// The vendor took the application before, so what it refuses is the code.
fn used_up(refused: NotLoggedIn) -> LogInError {
    match refused.remedy {
        Remedy::Configuration | Remedy::LogIn | Remedy::ReadAgain => LogInError::CodeUsedUp(refused),
        _ => LogInError::Refused(refused),
    }
}

fn cancelled(error: NoCredential) -> LogInError {
    match error.reason() {
        super::Reason::Cancelled => LogInError::Cancelled,
        _ => LogInError::Tokens(error),
    }
}
