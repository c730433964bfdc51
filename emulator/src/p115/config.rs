//! What the 115 server is told before it starts: a user, limits, and a switch for each behaviour nobody has proven.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::shape::Shape;
use super::switches::Switches;

/// Everything the 115 server is told before it starts.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// Whose drive it is, and the tokens that are good from the start. Default: a made-up user.
    pub user: User,
    /// The application that may ask for a device code (`emulator-app`).
    pub client_id: String,
    /// A device code is scanned and confirmed by itself at this poll of its status, from 1 (`3`); `null`: only
    /// [`P115::scan`](super::P115::scan) and [`P115::confirm`](super::P115::confirm) do it.
    pub confirm_at_poll: Option<u32>,
    /// Where OSS has to send its callback (`http://uplb.115.com/3.0/completeupload.php`).
    pub callback_url: String,
    /// The `endpoint` of `get_token`, without a scheme (`null`: the `Host` that the request was sent to).
    pub oss_endpoint: Option<String>,
    /// Whatever looks random comes from this, from the time, and from a counter (`115`).
    pub seed: u64,
    /// Which names a file or a folder may have.
    pub names: Names,
    /// The vendor's numbers.
    pub limits: Limits,
    /// A choice for each unproven behaviour.
    pub switches: Switches,
    /// A choice for each oddity that answers were seen with.
    pub shape: Shape,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            user: User::default(),
            client_id: "emulator-app".to_owned(),
            confirm_at_poll: Some(3),
            callback_url: "http://uplb.115.com/3.0/completeupload.php".to_owned(),
            oss_endpoint: None,
            seed: 115,
            names: Names::default(),
            limits: Limits::default(),
            switches: Switches::default(),
            shape: Shape::default(),
        }
    }
}

impl Config {
    /// Whether one of the first tokens is the one that stands in this crate's source.
    pub(crate) fn has_public_key(&self) -> bool {
        let (user, public) = (&self.user, User::default());
        user.access_token == public.access_token || user.refresh_token == public.refresh_token
    }
}

/// A user and the tokens that are good from the start. The default one is made up, and known to no real server.
#[derive(Clone, Deserialize, Serialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// `user_id` of the callback (`100000001`).
    pub user_id: String,
    /// The first access token (`emulator-access-token`). Never printed by `Debug`.
    pub access_token: String,
    /// The first refresh token (`emulator-refresh-token`). Never printed by `Debug`.
    pub refresh_token: String,
}

impl Default for User {
    fn default() -> Self {
        User {
            user_id: "100000001".to_owned(),
            access_token: "emulator-access-token".to_owned(),
            refresh_token: "emulator-refresh-token".to_owned(),
        }
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("user_id", &self.user_id).finish_non_exhaustive()
    }
}

/// Which names are refused, and how: the vendor's pages do not say.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Names {
    /// Characters that a name must not have (`\ / : * ? " < > |`, without the blanks).
    pub forbidden: String,
    /// Most bytes of a name in UTF-8 (`255`); a larger number is as good as that.
    pub longest: usize,
    /// The code of the refusal (`990002`).
    pub code: i64,
}

impl Default for Names {
    fn default() -> Self {
        Names { forbidden: "\\/:*?\"<>|".to_owned(), longest: 255, code: 990_002 }
    }
}

/// The vendor's numbers. A simulator may make them tiny.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Limits {
    /// How long an access token is good for, in seconds (2 hours): `expires_in`.
    pub access_life: u64,
    /// How long a refresh token is good for, in seconds since the log-in (365 days); a refresh does not extend it.
    pub refresh_life: u64,
    /// A refresh sooner than this after the one before is 40140117, in seconds (60).
    pub refresh_pause: u64,
    /// How long a device code may wait to be confirmed, in seconds (5 minutes).
    pub device_life: u64,
    /// Content that is known and has at least so many bytes has to be proven by a challenge (1 MiB).
    pub challenge_min: u64,
    /// How many bytes a challenge asks for (151); where the file is shorter, all of it.
    pub challenge_length: u64,
    /// How many challenges have to be met before the file is there (1).
    pub challenge_rounds: u32,
    /// How long a `sign_key` is good for, in seconds (5 minutes).
    pub challenge_life: u64,
    /// How long the task of an unfinished upload can be resumed, in seconds (7 days).
    pub task_life: u64,
    /// How long after its registration a file shows in `get_info` and in lists, in seconds (2).
    pub visible_after: u64,
    /// Most entries of one page of a list (1150).
    pub page_max: u64,
    /// Longest file in bytes (`null`: no bound); beyond it 990002.
    pub max_file: Option<u64>,
    /// The drive takes so many bytes (`null`: no bound); beyond it 91005.
    pub space: Option<u64>,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            access_life: 7200,
            refresh_life: 365 * 24 * 3600,
            refresh_pause: 60,
            device_life: 300,
            challenge_min: 1024 * 1024,
            challenge_length: 151,
            challenge_rounds: 1,
            challenge_life: 300,
            task_life: 7 * 24 * 3600,
            visible_after: 2,
            page_max: 1150,
            max_file: None,
            space: None,
        }
    }
}
