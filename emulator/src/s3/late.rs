//! Completes whose connection broke, and which are done all the same, some time after: a fault. A server without a clock does them
//! when the next request comes.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::HeaderMap;

use super::call::{Body, Call};
use super::complete;
use super::server::S3;
use crate::part_store::Query;

/// Those that are not done yet.
#[derive(Debug, Default)]
pub(super) struct Late {
    waiting: Mutex<Vec<Complete>>,
}

#[derive(Debug)]
struct Complete {
    due: Duration,
    hidden: bool,
    bucket: String,
    key: String,
    query: Query,
    headers: HeaderMap,
    text: Vec<u8>,
}

impl Late {
    /// Puts a complete off.
    pub(super) fn put_off(&self, call: &Call<'_>, millis: u64, hidden: bool) {
        let Body::Text(text) = &call.body else { return };
        let complete = Complete {
            due: call.clock.saturating_add(Duration::from_millis(millis)),
            hidden,
            bucket: call.bucket.to_owned(),
            key: call.key.to_owned(),
            query: call.query.clone(),
            headers: call.headers.clone(),
            text: text.clone(),
        };
        self.lock().push(complete);
    }

    /// Whether nothing of an upload is to be seen for the moment.
    pub(super) fn hides(&self, told_id: &str) -> bool {
        self.lock().iter().any(|it| it.hidden && it.query.get("uploadId") == Some(told_id))
    }

    /// Does what is due.
    pub(super) fn settle(&self, server: &S3, clock: Duration) {
        let due: Vec<Complete> = self.lock().extract_if(.., |it| it.due <= clock).collect();
        for it in due {
            let call = Call {
                server,
                bucket: &it.bucket,
                key: &it.key,
                query: &it.query,
                headers: &it.headers,
                body: Body::Text(it.text),
                clock: it.due,
                fault: None,
                stored: 0,
            };
            // Nobody hears what came of it.
            let _ = complete::run(&call);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Complete>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
