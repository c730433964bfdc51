//! The server as the emulator sees it.

use std::sync::Arc;
use std::time::Duration;

use http::request::Parts;
use serde_json::{Value, json};

use super::answer;
use super::op::FACTS;
use super::request::Request;
use super::server::Oss;
use super::target::Target;
use crate::faults::{Facts, Fault};
use crate::service::{Outcome, RequestHandler, Service};

impl Service for Oss {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    /// A bucket that is there.
    fn claims(&self, head: &Parts) -> bool {
        Target::of(head, &self.config).bucket.is_some_and(|it| self.config.has_bucket(&it))
    }

    fn begin(self: Arc<Self>, clock: Duration, head: &Parts) -> Box<dyn RequestHandler> {
        Box::new(Request::begin(self, clock, head))
    }

    fn fault_response(&self, clock: Duration, fault: &Fault) -> Outcome {
        answer::fault_response(fault, &self.context(clock, None, false))
    }

    fn ready(&self, base_url: &str) -> Value {
        let mut ready = json!({ "endpoint": base_url, "region": self.config.region });
        if let Some(bucket) = self.config.buckets.first() {
            ready["bucket"] = json!(bucket);
        }
        if let Some(account) = self.config.accounts.first() {
            ready["access_key_id"] = json!(account.access_key_id);
            ready["access_key_secret"] = json!(account.access_key_secret);
        }
        ready
    }
}

#[cfg(test)]
#[path = "service_tests.rs"]
mod tests;
