//! The access token and the refresh token that are good together.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::config::Limits;

/// Two tokens that were given out together. Times are in seconds since the Unix epoch.
#[derive(Clone, Deserialize, Serialize, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) access: String,
    pub(super) refresh: String,
    pub(super) access_ends: u64,
    pub(super) refresh_ends: u64,
}

impl Pair {
    /// A pair whose lives begin now.
    pub(super) fn begin(access: String, refresh: String, limits: &Limits, clock: Duration) -> Pair {
        let ends = |life| clock.as_secs().saturating_add(life);
        Pair { access, refresh, access_ends: ends(limits.access_life), refresh_ends: ends(limits.refresh_life) }
    }

    pub(super) fn data(&self, clock: Duration) -> Value {
        json!({
            "access_token": self.access,
            "refresh_token": self.refresh,
            "expires_in": self.access_ends.saturating_sub(clock.as_secs()),
        })
    }
}

/// A pair that takes another's place.
#[derive(Clone, Deserialize, Serialize)]
pub(super) struct Change {
    pub(super) old: Pair,
    pub(super) why: Why,
    pub(super) new: Pair,
    pub(super) at: u64,
}

/// Why a pair is no longer good.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum Why {
    /// Its refresh token was used.
    Used,
    /// The user logged in anew.
    Superseded,
}

impl std::fmt::Debug for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Change").field("why", &self.why).field("at", &self.at).finish_non_exhaustive()
    }
}
