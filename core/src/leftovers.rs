//! Uploads that are open at a vendor, whoever began them: in a list of the vendor's, not in a checkpoint.
//!
//! A vendor that has such a list answers three questions about them ([`Ask`]) as a [`Lookup`]; [`Asked`](crate::Asked) makes a
//! protocol of it.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::lookup::{Lookup, Unasked};

/// An upload that is open at a vendor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leftover {
    /// The key of the object that it would become.
    pub key: String,
    /// The vendor's name for the upload.
    pub id: String,
    /// When it was begun, as time since 1970-01-01 UTC, if the vendor says it.
    pub begun: Option<Duration>,
}

/// What is asked about leftovers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ask {
    /// Which are there.
    Page {
        /// How their keys begin.
        prefix: String,
        /// The page begins after this one; `None` for the first page.
        after: Option<(String, String)>,
    },
    /// How many bytes one of them holds.
    Size {
        /// Which.
        of: Leftover,
        /// The part after which the list of parts goes on, and the bytes of all parts before.
        after: (u32, u64),
    },
    /// To remove one of them.
    Remove(Leftover),
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    /// Those of a page, and what to ask for the next one.
    Page(Vec<Leftover>, Option<Ask>),
    /// So many bytes.
    Size(u64),
    /// It is gone.
    Removed,
}

/// How a vendor is asked about leftovers.
pub trait Leftovers: Lookup<Question = Ask, Finding = Answered> {}

impl<L: Lookup<Question = Ask, Finding = Answered>> Leftovers for L {}

/// For a vendor that has no list of them.
pub type NoLeftovers<P> = Unasked<P, Ask, Answered>;
