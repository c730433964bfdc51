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
    use serde_json::Value;

    use super::*;
    use crate::faults::Fault;

    fn written(config: &Config) -> Value {
        serde_json::to_value(config).expect("serialises")
    }

    #[test]
    fn an_empty_file_is_the_default_and_a_typo_is_refused() {
        let config: Config = serde_json::from_str("{}").expect("defaults");
        assert_eq!(written(&config), written(&Config::default()));
        assert!(ALL.iter().map(|facts| facts.name).eq(config.services.iter()));
        let members = written(&config);
        let vendors = members.as_object().expect("members").iter().filter(|(_, it)| it.get("switches").is_some());
        for (vendor, _) in vendors {
            let typo = format!(r#"{{"{vendor}": {{"switches": {{"no_such_switch": 1}}}}}}"#);
            let error = serde_json::from_str::<Config>(&typo).expect_err("a typo");
            assert!(error.to_string().contains("no_such_switch"), "{error}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let text = serde_json::to_string(&Config::default()).expect("serialises");
        let config: Config = serde_json::from_str(&text).expect("parses");
        assert_eq!(written(&config), written(&Config::default()));
    }

    /// The values of all members whose names say that they are secret.
    fn secrets(value: &Value) -> Vec<&str> {
        const SECRETS: [&str; 4] = ["secret", "secret_key", "access_token", "refresh_token"];
        let is_secret = |name: &str| SECRETS.iter().any(|end| name.ends_with(end));
        match value {
            Value::Array(items) => items.iter().flat_map(secrets).collect(),
            Value::Object(members) => {
                let own = members.iter().filter(|(name, _)| is_secret(name)).filter_map(|(_, value)| value.as_str());
                own.chain(members.values().flat_map(secrets)).collect()
            }
            _ => Vec::new(),
        }
    }

    #[test]
    fn debug_hides_the_secret() {
        let (text, config) = (format!("{:?}", Config::default()), written(&Config::default()));
        let secrets = secrets(&config);
        assert!(secrets.len() >= ALL.len(), "{secrets:?}");
        assert!(!secrets.iter().any(|secret| text.contains(secret)), "{text}");
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
