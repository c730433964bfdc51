//! What the emulator is told before it starts.

use serde::{Deserialize, Serialize};

use crate::faults::Plan;
use crate::registry::{ALL, vendors};

macro_rules! config {
    ($($doc:literal $vendor:ident::$server:ident($($with:ident)?);)+) => {
        /// Everything the emulator is told before it starts. All but the faults can be read from a file; what is left out has a
        /// default. Faults have a file of their own, see [`Plan::from_json`].
        #[derive(Clone, Debug, Deserialize, Serialize)]
        #[serde(default, deny_unknown_fields)]
        #[non_exhaustive]
        pub struct Config {
            /// Seconds by which the servers' clocks are ahead of the real one (`0`); it moves expiry checks and the `Date`
            /// header.
            pub clock_offset: i64,
            /// How many of the last exchanges the log keeps (`1000`). Totals are kept in any case.
            pub log_entries: usize,
            /// The services to offer, by name (all of them). Requests for any other meet a 404.
            pub services: Vec<String>,
            /// How long, and how many, connections are kept. Only the `Listener` looks at it.
            pub connections: Connections,
            $(#[doc = $doc] pub $vendor: crate::$vendor::Config,)+
            /// Faults to inject, in the order they are tried.
            #[serde(skip)]
            pub faults: Plan,
        }

        impl Default for Config {
            fn default() -> Self {
                Config {
                    clock_offset: 0,
                    log_entries: 1000,
                    services: ALL.iter().map(|facts| facts.name.to_owned()).collect(),
                    connections: Connections::default(),
                    $($vendor: crate::$vendor::Config::default(),)+
                    faults: Plan::default(),
                }
            }
        }

        impl Config {
            /// The services on offer that anybody may use, because their keys are those that stand in this crate's source.
            pub fn with_public_keys(&self) -> Vec<&str> {
                let all = [$((crate::$vendor::FACTS.name, self.$vendor.has_public_key())),+];
                self.services.iter().map(String::as_str).filter(|name| all.contains(&(name, true))).collect()
            }
        }
    };
}

vendors!(config);

/// What keeps clients that stall, or that are many, from holding the listener's connections for ever.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Connections {
    /// Most connections at a time; a further one waits until another ends (`256`).
    pub max: usize,
    /// How long the head of a request may take, and the TLS handshake, in milliseconds (60,000). A connection that is kept
    /// open for a further request is closed after this time, too.
    pub header_timeout_ms: u64,
    /// How long a body may stand still, in milliseconds (60,000).
    pub body_timeout_ms: u64,
    /// How long a client may leave an answer unread, in milliseconds (60,000).
    pub send_timeout_ms: u64,
}

impl Default for Connections {
    fn default() -> Self {
        Connections { max: 256, header_timeout_ms: 60_000, body_timeout_ms: 60_000, send_timeout_ms: 60_000 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cos_v1, cos_v2, oss, p115, xfyun};

    #[test]
    fn an_empty_file_is_the_default_and_a_typo_is_refused() {
        let config: Config = serde_json::from_str("{}").expect("defaults");
        assert_eq!(config.cos_v2.switches, cos_v2::Switches::default());
        assert_eq!(config.cos_v2.limits, cos_v2::Limits::default());
        assert_eq!(config.cos_v1.switches, cos_v1::Switches::default());
        assert_eq!(config.cos_v1.limits, cos_v1::Limits::default());
        assert_eq!(config.xfyun.switches, xfyun::Switches::default());
        assert_eq!(config.xfyun.limits, xfyun::Limits::default());
        assert_eq!(config.oss.switches, oss::Switches::default());
        assert_eq!(config.oss.limits, oss::Limits::default());
        assert_eq!(config.p115.switches, p115::Switches::default());
        assert_eq!(config.p115.limits, p115::Limits::default());
        assert_eq!(config.services, ["cos-v2", "cos-v1", "xfyun", "oss", "115"]);
        let typo = r#"{"cos_v2": {"switches": {"serial_uplaod": "one"}}}"#;
        assert!(serde_json::from_str::<Config>(typo).is_err());
    }

    #[test]
    fn what_is_written_is_read_back() {
        let text = serde_json::to_string(&Config::default()).expect("serialises");
        let config: Config = serde_json::from_str(&text).expect("parses");
        assert_eq!(config.cos_v2.accounts, Config::default().cos_v2.accounts);
        assert_eq!(config.xfyun.accounts, Config::default().xfyun.accounts);
        assert_eq!(config.oss.accounts, Config::default().oss.accounts);
    }

    #[test]
    fn debug_hides_the_secret() {
        let text = format!("{:?}", Config::default());
        let secrets = ["emulator-secret-key", "emulator-api-secret", "emulator-access-key-secret"];
        assert!(!secrets.iter().any(|secret| text.contains(secret)));
    }
}
