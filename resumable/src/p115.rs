//! The 115 open platform: the protocol, its options, what the vendor says, the tokens of an account, and the log-in.
//!
//! A person logs in once, by scanning a code ([`AccountTokens::log_in`]). From then on uploads get their access tokens from
//! [`AccountTokens::credentials`], which has them refreshed and keeps the newest pair in a folder:
//!
//! ```no_run
//! use std::sync::Arc;
//! use resumable::p115::{Account, AccountTokens};
//! use resumable::transport::blocking::Transport;
//!
//! # fn of(transport: Arc<dyn Transport + Send>) {
//! let tokens = AccountTokens::new("/var/lib/backup/tokens", Account::new("films"));
//! let credentials = tokens.credentials(transport);
//! # drop(credentials);
//! # }
//! ```

mod account;
mod exchange;
mod log_in;
mod tokens;

pub use resumable_proto_115::*;

pub use self::account::Account;
pub use self::log_in::{LogIn, LogInCode, LogInError};
pub use self::tokens::{AccountTokens, NoCredential, Reason};
