//! The server as the emulator sees it.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http::request::Parts;
use serde_json::{Value, json};

use super::answer;
use super::op::FACTS;
use super::request::Request;
use super::server::CosXml;
use super::target::Target;

use crate::faults::{Facts, Fault};
use crate::service::{Outcome, RequestHandler, Service};

impl Service for CosXml {
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
        answer::fault_response(fault, &self.context(clock, String::new(), false, ""))
    }

    fn ready(&self, base_url: &str) -> Value {
        let mut ready = json!({ "endpoint": base_url });
        if let Some(bucket) = self.config.buckets.first() {
            ready["bucket"] = json!(bucket);
        }
        if let Some(account) = self.config.accounts.first() {
            ready["secret_id"] = json!(account.secret_id);
            ready["secret_key"] = json!(account.secret_key);
        }
        // No name can stand in front of an address.
        if is_address(base_url) {
            ready["addressing"] = json!("path");
        }
        ready
    }
}

fn is_address(base_url: &str) -> bool {
    let authority = base_url.parse::<http::Uri>().ok().and_then(|uri| uri.authority().cloned());
    authority.is_some_and(|it| it.host().trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok())
}
