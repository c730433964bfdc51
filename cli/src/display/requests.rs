//! Each request, as a line: what the library tells `tracing`.

use std::fmt::{self, Write as _};

use resumable::printable;
use resumable::units::show_size;
use serde_json::{Value, json};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::{args, json, say};

/// Shows each request from now on, where the command line wants it.
pub(crate) fn watch(output: &args::Output) {
    if output.verbose || output.log_file.is_some() {
        // Nobody else in this process listens.
        let _ = tracing::subscriber::set_global_default(Requests { shown: output.verbose });
    }
}

struct Requests {
    /// Not in the log file alone.
    shown: bool,
}

impl Subscriber for Requests {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && metadata.target() == "resumable"
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::DEBUG)
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut request = Traced::default();
        event.record(&mut request);
        say::request(&request.line(), &request.object(), self.shown);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// What is told of a request: nothing of its query, its headers and its bodies.
#[derive(Default)]
struct Traced {
    op: String,
    method: String,
    host: Option<String>,
    status: Option<u64>,
    request_id: Option<String>,
    bytes: u64,
    ms: u64,
    error: Option<String>,
}

impl Visit for Traced {
    fn record_str(&mut self, field: &Field, value: &str) {
        let value = printable::text(value);
        match field.name() {
            "op" => self.op = value,
            "method" => self.method = value,
            "host" => self.host = Some(value),
            "request_id" => self.request_id = Some(value),
            "error" => self.error = Some(value),
            _ => {}
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "status" => self.status = Some(value),
            "bytes" => self.bytes = value,
            "ms" => self.ms = value,
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

impl Traced {
    /// Like `UploadPart (PUT h.example): HTTP 200, 1.0 MiB in 132 ms, request id 7`.
    fn line(&self) -> String {
        let Self { op, method, host, status, request_id, bytes, ms, error } = self;
        let mut line = format!("{op} ({method}");
        let _ = host.iter().try_for_each(|host| write!(line, " {host}"));
        let came = match (status, error) {
            (Some(status), _) => format!("HTTP {status}"),
            (None, Some(error)) => error.clone(),
            (None, None) => "no answer".to_owned(),
        };
        let sent = if *bytes > 0 { format!("{} in ", show_size(*bytes)) } else { String::new() };
        let _ = write!(line, "): {came}, {sent}{ms} ms");
        let _ = request_id.iter().try_for_each(|id| write!(line, ", request id {id}"));
        line
    }

    fn object(&self) -> String {
        let Self { op, method, host, status, request_id, bytes, ms, error } = self;
        let fields: Value = json!({
            "call": op,
            "method": method,
            "host": host,
            "status": status,
            "request_id": request_id,
            "bytes": bytes,
            "milliseconds": ms,
            "error": error,
        });
        json::object("request", fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_a_line() {
        let mut request = Traced {
            op: "UploadPart".to_owned(),
            method: "PUT".to_owned(),
            host: Some("h.example".to_owned()),
            status: Some(200),
            request_id: Some("7".to_owned()),
            bytes: 1 << 20,
            ms: 132,
            error: None,
        };
        assert_eq!(request.line(), "UploadPart (PUT h.example): HTTP 200, 1.0 MiB in 132 ms, request id 7");
        (request.status, request.request_id, request.bytes) = (None, None, 0);
        request.error = Some("no answer: reset".to_owned());
        assert_eq!(request.line(), "UploadPart (PUT h.example): no answer: reset, 132 ms");
    }
}
