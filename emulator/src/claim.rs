//! Which service a request is for. The first of these that fits decides:
//!
//! 1. the scheme of its signature, in the head or in the query;
//! 2. a header that only one vendor has;
//! 3. a path that is a vendor's, or a bucket that is there, in the order of the registry.

use std::sync::Arc;

use http::header::AUTHORIZATION;
use http::request::Parts;

use crate::part_store::Query;
use crate::service::Service;

/// By what a vendor's requests can be told from all others, whatever their path.
struct Marks {
    service: &'static str,
    /// How the `Authorization` of its signed requests begins.
    schemes: &'static [&'static str],
    /// The parameter that names the scheme where the signature is in the query.
    parameter: &'static str,
    /// How the names of its own headers begin.
    headers: &'static str,
}

const MARKS: &[Marks] = &[
    Marks {
        service: "oss",
        schemes: &["OSS ", "OSS2 ", "OSS4-HMAC-SHA256"],
        parameter: "x-oss-signature-version",
        headers: "x-oss-",
    },
    Marks { service: "s3", schemes: &["AWS4-HMAC-SHA256"], parameter: "X-Amz-Algorithm", headers: "x-amz-" },
    Marks { service: "cos-xml", schemes: &["q-sign-algorithm="], parameter: "q-sign-algorithm", headers: "x-cos-" },
];

/// The service among those on offer.
pub(crate) fn service(offered: &[Arc<dyn Service>], head: &Parts) -> Option<Arc<dyn Service>> {
    let named = |marks: &Marks| offered.iter().find(|it| it.facts().name == marks.service);
    let marked = |fits: fn(&Marks, &Parts) -> bool| MARKS.iter().filter(|marks| fits(marks, head)).find_map(named);
    let by_place = || offered.iter().find(|service| service.claims(head));
    marked(Marks::are_in_signature).or_else(|| marked(Marks::are_in_headers)).or_else(by_place).cloned()
}

impl Marks {
    fn are_in_signature(&self, head: &Parts) -> bool {
        let authorization = head.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        self.schemes.iter().any(|scheme| authorization.starts_with(scheme))
            || head.uri.query().is_some_and(|query| Query::parse(query).has(self.parameter))
    }

    fn are_in_headers(&self, head: &Parts) -> bool {
        head.headers.keys().any(|name| name.as_str().starts_with(self.headers))
    }
}
