//! One event for each request, for programs that collect them with `tracing` (feature `tracing`).

#[cfg(feature = "tracing")]
pub(super) use self::on::Sending;

#[cfg(not(feature = "tracing"))]
pub(super) use self::off::Sending;

#[cfg(feature = "tracing")]
mod on {
    use std::time::Instant;

    use http::uri::Authority;
    use http::{HeaderMap, Method, Request};
    use resumable_core::{Answer, Body, SendError};

    /// Under which names vendors, and boxes on the way, say how they call a request.
    const REQUEST_IDS: [&str; 5] =
        ["x-oss-request-id", "x-cos-request-id", "x-nos-request-id", "x-amz-request-id", "x-request-id"];

    /// The most of such a name that is told, in bytes.
    const MOST: usize = 100;

    /// A request that is being sent. Its query, its headers and both bodies may hold secrets: nothing of them is kept.
    pub(in crate::drive) struct Sending {
        op: &'static str,
        method: Method,
        place: Option<Authority>,
        bytes: u64,
        begun: Instant,
    }

    impl Sending {
        pub(in crate::drive) fn begin(op: &'static str, request: &Request<Body>) -> Self {
            Self {
                op,
                method: request.method().clone(),
                place: request.uri().authority().cloned(),
                bytes: request.body().source_len(),
                begun: Instant::now(),
            }
        }

        pub(in crate::drive) fn end(self, answer: &Result<Answer, SendError>) {
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

    fn request_id(headers: &HeaderMap) -> Option<&str> {
        let said = REQUEST_IDS.iter().find_map(|name| headers.get(*name)?.to_str().ok())?;
        Some(&said[..said.len().min(MOST)])
    }
}

#[cfg(not(feature = "tracing"))]
mod off {
    use http::Request;
    use resumable_core::{Answer, Body, SendError};

    /// A request that nothing is told of.
    pub(in crate::drive) struct Sending;

    impl Sending {
        pub(in crate::drive) fn begin(_: &'static str, _: &Request<Body>) -> Self {
            Self
        }

        #[expect(clippy::unused_self, reason = "its twin tells what it knows")]
        pub(in crate::drive) fn end(self, _: &Result<Answer, SendError>) {}
    }
}
