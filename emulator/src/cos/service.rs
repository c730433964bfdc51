//! The server as the emulator sees it.

use std::sync::Arc;
use std::time::Duration;

use http::request::Parts;
use serde_json::{Value, json};

use super::answer;
use super::arrival::Request;
use super::call::Answer;
use super::server::Server;
use crate::faults::{Facts, Fault};
use crate::service::{Arrival, Outcome, Service};

impl<A: Answer> Service for Server<A> {
    fn facts(&self) -> &'static Facts {
        A::FACTS
    }

    fn claims(&self, head: &Parts) -> bool {
        head.uri.path().starts_with(A::ROOT)
    }

    fn begin(self: Arc<Self>, clock: Duration, head: &Parts) -> Box<dyn Arrival> {
        Box::new(Request::begin(self, clock, head))
    }

    fn trouble(&self, clock: Duration, fault: &Fault) -> Outcome {
        answer::trouble(fault, &self.terms, &self.stamp(clock).0)
    }

    fn ready(&self, base_url: &str) -> Value {
        let Some(account) = self.terms.accounts.first() else {
            return json!({ "endpoint": base_url });
        };
        json!({
            "endpoint": base_url,
            "appid": account.appid,
            "bucket": account.bucket,
            "secret_id": account.secret_id,
            "secret_key": account.secret_key,
        })
    }
}
