//! Who may sign for which bucket.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One bucket and the key that opens it. The default one is made up, and works on no real server.
#[derive(Clone, Deserialize, Serialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The numeric application id (`10055004`).
    pub appid: String,
    /// The bucket (`accesslog`).
    pub bucket: String,
    /// The public half of the key (`AKIDemulator`).
    pub secret_id: String,
    /// The secret half (`emulator-secret-key`). Never printed by `Debug`.
    pub secret_key: String,
}

impl Default for Account {
    fn default() -> Self {
        Account {
            appid: "10055004".to_owned(),
            bucket: "accesslog".to_owned(),
            secret_id: "AKIDemulator".to_owned(),
            secret_key: "emulator-secret-key".to_owned(),
        }
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("appid", &self.appid)
            .field("bucket", &self.bucket)
            .field("secret_id", &self.secret_id)
            .finish_non_exhaustive()
    }
}
