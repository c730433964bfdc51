//! A span for each upload and an event for each request, for programs that collect them with `tracing` (feature `tracing`).

#[cfg(not(feature = "tracing"))]
pub(crate) use self::off::*;
#[cfg(feature = "tracing")]
pub(crate) use self::on::*;

#[cfg(feature = "tracing")]
mod on {
    use std::time::Instant;

    use http::uri::Authority;
    use http::{HeaderMap, Method, Request};
    use resumable_core::{Answer, Body, SendError, excerpt};

    /// The span of an upload, entered on this thread until what this gives is dropped. Neither text holds a secret.
    #[cfg(feature = "blocking")]
    pub(crate) fn upload(protocol: &str, destination: &str) -> tracing::span::EnteredSpan {
        span(protocol, destination).entered()
    }

    /// The same around a future.
    #[cfg(feature = "async")]
    pub(crate) fn in_upload<F: Future>(
        protocol: &str,
        destination: &str,
        upload: F,
    ) -> tracing::instrument::Instrumented<F> {
        tracing::Instrument::instrument(upload, span(protocol, destination))
    }

    fn span(protocol: &str, destination: &str) -> tracing::Span {
        tracing::info_span!(target: "resumable", "upload", protocol, destination)
    }

    /// The span that a driver was called in: its threads tell of requests within it.
    #[cfg(feature = "blocking")]
    #[derive(Clone)]
    pub(crate) struct Current(tracing::Span);

    #[cfg(feature = "blocking")]
    impl Current {
        pub(crate) fn new() -> Self {
            Self(tracing::Span::current())
        }

        pub(crate) fn enter(&self) -> tracing::span::Entered<'_> {
            self.0.enter()
        }
    }

    /// Under which names vendors, and boxes on the way, say how they call a request.
    const REQUEST_IDS: [&str; 5] =
        ["x-oss-request-id", "x-cos-request-id", "x-nos-request-id", "x-amz-request-id", "x-request-id"];

    /// A request that is being sent. Its query, its headers and both bodies may hold secrets: nothing of them is kept.
    pub(crate) struct Sending {
        op: &'static str,
        method: Method,
        place: Option<Authority>,
        bytes: u64,
        begun: Instant,
    }

    impl Sending {
        pub(crate) fn begin(op: &'static str, request: &Request<Body>) -> Self {
            Self {
                op,
                method: request.method().clone(),
                place: request.uri().authority().cloned(),
                bytes: request.body().source_len(),
                begun: Instant::now(),
            }
        }

        pub(crate) fn end(self, answer: &Result<Answer, SendError>) {
            let (status, request_id, error) = match answer {
                Ok(answer) => {
                    let response = &answer.response;
                    (Some(response.status().as_u16()), request_id(response.headers()), None)
                }
                Err(error) => (None, None, Some(error.to_string())),
            };
            tracing::debug!(
                target: "resumable",
                op = self.op,
                method = self.method.as_str(),
                host = self.place.as_ref().map(Authority::host),
                status,
                request_id,
                bytes = self.bytes,
                ms = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX),
                error,
                "request"
            );
        }
    }

    fn request_id(headers: &HeaderMap) -> Option<String> {
        let said = REQUEST_IDS.iter().find_map(|name| headers.get(*name)?.to_str().ok());
        excerpt::request_id(said?)
    }
}

#[cfg(not(feature = "tracing"))]
mod off {
    use http::Request;
    use resumable_core::{Answer, Body, SendError};

    /// No span.
    #[cfg(feature = "blocking")]
    pub(crate) struct NoSpan;

    /// An upload that nothing is told of.
    #[cfg(feature = "blocking")]
    pub(crate) fn upload(_: &str, _: &str) -> NoSpan {
        NoSpan
    }

    /// The same around a future.
    #[cfg(feature = "async")]
    pub(crate) fn in_upload<F: Future>(_: &str, _: &str, upload: F) -> F {
        upload
    }

    /// Where a driver was called, of which nothing is known.
    #[cfg(feature = "blocking")]
    #[derive(Clone)]
    pub(crate) struct Current;

    #[cfg(feature = "blocking")]
    impl Current {
        pub(crate) fn new() -> Self {
            Self
        }

        #[expect(clippy::unused_self, reason = "its twin enters what it is")]
        pub(crate) fn enter(&self) -> NoSpan {
            NoSpan
        }
    }

    /// A request that nothing is told of.
    pub(crate) struct Sending;

    impl Sending {
        pub(crate) fn begin(_: &'static str, _: &Request<Body>) -> Self {
            Self
        }

        #[expect(clippy::unused_self, reason = "its twin tells what it knows")]
        pub(crate) fn end(self, _: &Result<Answer, SendError>) {}
    }
}
