//! What the emulator is told before it starts.

use serde::{Deserialize, Serialize};

use crate::faults::{self, Plan, PlanError, Rule};
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

impl Plan {
    /// Reads a plan file.
    ///
    /// # Errors
    /// The text is no plan: says where, and what is allowed there.
    pub fn from_json(text: &str) -> Result<Plan, PlanError> {
        faults::read(text, ALL)
    }
}

impl Rule {
    /// Whether a request to one of these services, by name, can meet it.
    pub fn can_strike(&self, services: &[String]) -> bool {
        self.fits_one(ALL.iter().filter(|facts| services.iter().any(|name| name == facts.name)))
    }
}

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
    use crate::faults::Fault;
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

    #[test]
    fn a_rule_strikes_where_its_service_is_offered_and_can_show_it() {
        let services = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let (cos, xfyun) = (services(&["cos-v2", "cos-v1"]), services(&["xfyun"]));
        let slice = Rule::once("upload_slice_data", Fault::DropReply);
        assert!(slice.can_strike(&cos) && !slice.can_strike(&xfyun) && !slice.can_strike(&[]));
        let of_v2 = Rule { service: Some("cos-v2".to_owned()), ..slice };
        assert!(of_v2.can_strike(&cos) && !of_v2.can_strike(&services(&["cos-v1"])));
        let any = Rule::any(Fault::Garbage);
        assert!(any.can_strike(&cos) && any.can_strike(&xfyun));
        let echo = Rule::any(Fault::WrongOffset);
        assert!(echo.can_strike(&cos) && !echo.can_strike(&xfyun));
    }
}
