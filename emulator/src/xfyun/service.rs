//! The server as the emulator sees it.

use std::sync::Arc;
use std::time::Duration;

use http::request::Parts;
use serde_json::{Value, json};

use super::answer;
use super::arrival::Request;
use super::op::{FACTS, ROOT};
use super::server::Xfyun;
use crate::faults::{Facts, Fault};
use crate::service::{Arrival, Outcome, Service};

impl Service for Xfyun {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn claims(&self, head: &Parts) -> bool {
        head.uri.path().starts_with(ROOT)
    }

    fn begin(self: Arc<Self>, clock: Duration, head: &Parts) -> Box<dyn Arrival> {
        Box::new(Request::begin(self, clock, head))
    }

    fn trouble(&self, clock: Duration, fault: &Fault) -> Outcome {
        answer::trouble(fault, &self.stamp(clock))
    }

    fn ready(&self, base_url: &str) -> Value {
        let Some(account) = self.config.accounts.first() else {
            return json!({ "endpoint": base_url });
        };
        json!({
            "endpoint": base_url,
            "app_id": account.app_id,
            "api_key": account.api_key,
            "api_secret": account.api_secret,
        })
    }
}
