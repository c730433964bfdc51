//! The server as the emulator sees it.

use std::sync::Arc;
use std::time::Duration;

use http::request::Parts;
use serde_json::{Value, json};

use super::answer;
use super::call::Operations;
use super::request::Request;
use super::server::Server;
use crate::faults::{Facts, Fault};
use crate::service::{Outcome, RequestHandler, Service};

impl<A: Operations> Service for Server<A> {
    fn facts(&self) -> &'static Facts {
        A::FACTS
    }

    fn claims(&self, head: &Parts) -> bool {
        head.uri.path().starts_with(A::ROOT)
    }

    fn begin(self: Arc<Self>, clock: Duration, head: &Parts) -> Box<dyn RequestHandler> {
        Box::new(Request::begin(self, clock, head))
    }

    fn fault_response(&self, clock: Duration, fault: &Fault) -> Outcome {
        answer::fault_response(fault, &self.rules, &self.context(clock).0)
    }

    fn ready(&self, base_url: &str) -> Value {
        let Some(account) = self.rules.accounts.first() else {
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
