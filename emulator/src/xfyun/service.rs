//! The server as the emulator sees it.

use std::sync::Arc;
use std::time::Duration;

use http::request::Parts;
use serde_json::{Value, json};

use super::answer;
use super::op::{FACTS, ROOT};
use super::request::Request;
use super::server::Xfyun;
use crate::faults::{Facts, Fault};
use crate::service::{Outcome, RequestHandler, Service};

impl Service for Xfyun {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn claims(&self, head: &Parts) -> bool {
        head.uri.path().starts_with(ROOT)
    }

    fn begin(self: Arc<Self>, clock: Duration, head: &Parts) -> Box<dyn RequestHandler> {
        Box::new(Request::begin(self, clock, head))
    }

    fn fault_response(&self, clock: Duration, fault: &Fault) -> Outcome {
        answer::fault_response(fault, &self.context(clock))
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
