//! The server as the emulator sees it.

use std::sync::Arc;
use std::time::Duration;

use http::request::Parts;
use serde_json::{Value, json};

use super::answer;
use super::error::{Error, Place};
use super::op::FACTS;
use super::request::Request;
use super::server::S3;
use super::target::Target;
use crate::faults::{Facts, Fault};
use crate::service::{Outcome, RequestHandler, Service};

impl Service for S3 {
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
        let place = Place { region: &self.config.region, bucket: None, uri: "/" };
        let refusal = |status: u16, code: &str| Error::injected(status, code, clock, place);
        answer::fault_response(fault, &self.context(clock, "/", false), refusal)
    }

    fn ready(&self, base_url: &str) -> Value {
        let mut ready =
            json!({ "endpoint": base_url, "region": self.config.region, "addressing": "path", "preset": "aws" });
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
