//! Where files go: an endpoint and an application of the vendor's.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;

use http::Uri;
use resumable_core::is_host_name;

/// The vendor's own endpoint.
pub const ENDPOINT: &str = "https://upload-ost-api.xfyun.cn";

/// The longest `app_id` and `cloud_id` that are taken, in characters; the vendor's have about 8.
const ID_LENGTH: usize = 64;

/// An endpoint, and the application that uploads: what every call has in common.
#[derive(Clone, PartialEq, Eq)]
pub struct App {
    endpoint: String,
    host: String,
    id: String,
    cloud: Option<String>,
}

impl App {
    /// Checks the parts. `endpoint` is like [`ENDPOINT`]: a slash at its end makes no difference, and without
    /// `http://` in front it is https. `app_id` is the application that the keys belong to. `cloud_id` names the cloud
    /// of a private deployment; the vendor says that `0` is the public one, and so does leaving it out.
    ///
    /// # Errors
    /// When a part cannot be used; the error says what to write instead.
    pub fn new(endpoint: &str, app_id: &str, cloud_id: Option<&str>) -> Result<Self, InvalidApp> {
        let (endpoint, host) = checked_endpoint(endpoint)?;
        if !is_id(app_id) {
            return Err(InvalidApp::AppId);
        }
        if !cloud_id.is_none_or(is_id) {
            return Err(InvalidApp::CloudId);
        }
        Ok(Self { endpoint, host, id: app_id.to_owned(), cloud: cloud_id.map(str::to_owned) })
    }

    /// Scheme, host and port, in the form in which a transport sends them: lower case, a default port left out.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The value of the `Host` header, which is signed: with the port, unless it is the scheme's own.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The application.
    pub fn app_id(&self) -> &str {
        &self.id
    }

    /// The cloud, where one is configured.
    pub fn cloud_id(&self) -> Option<&str> {
        self.cloud.as_deref()
    }

    pub(crate) fn uri(&self, path: &str) -> Uri {
        format!("{}{path}", self.endpoint).parse().expect("a checked endpoint and a constant path make a URI")
    }
}

fn is_id(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    (1..=ID_LENGTH).contains(&text.len()) && text.bytes().all(plain)
}

/// The endpoint and its `Host`. Transports leave out a port that is the scheme's own, so that a signed one would not be
/// the one that is sent.
fn checked_endpoint(endpoint: &str) -> Result<(String, String), InvalidApp> {
    if endpoint.contains('@') {
        return Err(InvalidApp::Credentials);
    }
    if endpoint.contains(['?', '#', '\\']) || endpoint.contains(char::is_whitespace) {
        return Err(InvalidApp::Endpoint);
    }
    let trimmed = endpoint.trim_end_matches('/');
    let url = if trimmed.contains("://") { trimmed.to_owned() } else { format!("https://{trimmed}") };
    let uri: Uri = url.parse().map_err(|_| InvalidApp::Endpoint)?;
    let default_port = match uri.scheme_str() {
        Some("https") => 443,
        Some("http") => 80,
        _ => return Err(InvalidApp::Endpoint),
    };
    let authority = uri.authority().filter(|authority| is_host_name(authority.host())).ok_or(InvalidApp::Endpoint)?;
    let name = authority.host().to_ascii_lowercase();
    let host = match (authority.as_str().len() > authority.host().len(), authority.port_u16()) {
        (true, None) | (_, Some(0)) => return Err(InvalidApp::Endpoint),
        (_, Some(port)) if port != default_port => format!("{name}:{port}"),
        _ => name,
    };
    if uri.path() != "/" {
        return Err(InvalidApp::EndpointPath);
    }
    let scheme = if default_port == 443 { "https" } else { "http" };
    Ok((format!("{scheme}://{host}"), host))
}

impl fmt::Display for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} app_id={}", self.endpoint, self.id)?;
        self.cloud.as_ref().map_or(Ok(()), |cloud| write!(f, " cloud_id={cloud}"))
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "App({self})")
    }
}

/// Why the parts of an [`App`] cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidApp {
    /// The endpoint is no http or https URL with nothing but a host.
    #[error("the endpoint must be https:// (or http://) and a host, like {ENDPOINT}")]
    Endpoint,
    /// The endpoint has a path.
    #[error("the endpoint must end after the host: /file/upload and the like are added to it")]
    EndpointPath,
    /// The endpoint holds a user name or password.
    #[error("the endpoint must not contain a user name or password: xfyun is asked with an APIKey and an APISecret")]
    Credentials,
    /// The `app_id` is none.
    #[error("the app_id must be the application's, like 4CC5779A: at most 64 letters, digits, '-', '_' and '.'")]
    AppId,
    /// The `cloud_id` is none.
    #[error("the cloud_id must be at most 64 letters, digits, '-', '_' and '.'; leave it out for the public cloud")]
    CloudId,
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn the_host_is_what_transports_send() {
        for (endpoint, url, host) in [
            (ENDPOINT, ENDPOINT, "upload-ost-api.xfyun.cn"),
            ("upload-ost-api.xfyun.cn", ENDPOINT, "upload-ost-api.xfyun.cn"),
            ("HTTPS://Upload-OST-api.xfyun.cn:443//", ENDPOINT, "upload-ost-api.xfyun.cn"),
            ("http://h:80/", "http://h", "h"),
            ("http://h:443", "http://h:443", "h:443"),
            ("https://h:80", "https://h:80", "h:80"),
            ("http://127.0.0.1:18099", "http://127.0.0.1:18099", "127.0.0.1:18099"),
            ("http://127.0.0.1:018099", "http://127.0.0.1:18099", "127.0.0.1:18099"),
            ("http://[::1]:8080", "http://[::1]:8080", "[::1]:8080"),
            ("http://[FE80::1]", "http://[fe80::1]", "[fe80::1]"),
            ("localhost:8443", "https://localhost:8443", "localhost:8443"),
        ] {
            let app = App::new(endpoint, "a", None).unwrap();
            assert_eq!((app.endpoint(), app.host()), (url, host), "{endpoint}");
            assert_eq!(app.uri("/file/upload").to_string(), format!("{url}/file/upload"));
        }
    }

    #[test]
    fn what_is_no_endpoint_is_refused() {
        for bad in ["", "/", "ftp://h", "http://", "http:///x", "h?x", "h#x", "h h", "h:99999", "http://h:", "h\\x"] {
            assert_eq!(App::new(bad, "a", None), Err(InvalidApp::Endpoint), "{bad}");
        }
        assert_eq!(App::new("http://user:secret@h", "a", None), Err(InvalidApp::Credentials));
        assert_eq!(App::new("http://h/file", "a", None), Err(InvalidApp::EndpointPath));
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for bad in ["", "a b", "a\r\nb", "ä", "a\"b", &"a".repeat(65)] {
            assert_eq!(App::new(ENDPOINT, bad, None), Err(InvalidApp::AppId), "{bad}");
            assert_eq!(App::new(ENDPOINT, "a", Some(bad)), Err(InvalidApp::CloudId), "{bad}");
        }
        assert_eq!(App::new(ENDPOINT, "4CC5779A", Some("0")).unwrap().cloud_id(), Some("0"));
    }
}
