//! The tokens of an account at 115: where they are kept, and how new ones are had.
//!
//! ```text
//! profile, environment ─► Origin ─┬─► the pair that is written there
//!                                 └─► the key of a file in the state folder: newer pairs, one after the other
//! ```
//!
//! A refresh kills the token that it was made with, so there is one at a time over all processes: the system's lock is
//! held from before the stored pair is compared with the refused one until the new pair is durable. Only then is the new
//! access token used. What is written into a profile is where a line of pairs begins, and is never changed. An edit of it
//! begins another line; when the edit is taken back, the old line is found where it was.

mod origin;
mod refresher;
mod store;
mod time;

pub(crate) use self::origin::Origin;
pub(crate) use self::refresher::{TokenEndpoint, TokenRefresher, Trouble};
pub(crate) use self::store::TokenStore;
pub(crate) use self::time::{Time, Waiting};
