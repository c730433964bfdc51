//! A server: scheme, host and port.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;

use http::Uri;
use resumable_core::is_host_name;

/// A server as an endpoint names it, like `https://storage.example.com:8443`.
#[derive(Clone, PartialEq, Eq)]
pub struct Origin {
    https: bool,
    authority: String,
}

impl Origin {
    /// Checks an endpoint. Without a scheme it is https; a slash at its end and blanks around it make no difference.
    ///
    /// # Errors
    /// When it is no http or https URL with nothing but a host.
    pub fn new(endpoint: &str) -> Result<Self, InvalidOrigin> {
        let trimmed = endpoint.trim().trim_end_matches('/');
        if trimmed.contains('@') {
            return Err(InvalidOrigin::Credentials);
        }
        if trimmed.contains(['?', '#', '\\', '%']) || trimmed.contains(char::is_whitespace) {
            return Err(InvalidOrigin::Url);
        }
        let schemed = if trimmed.contains("://") { trimmed.to_owned() } else { format!("https://{trimmed}") };
        let uri: Uri = schemed.parse().map_err(|_| InvalidOrigin::Url)?;
        let https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(InvalidOrigin::Url),
        };
        let authority = uri.authority().ok_or(InvalidOrigin::Url)?;
        let has_port = authority.as_str().rsplit_once(']').map_or(authority.as_str(), |(_, rest)| rest).contains(':');
        if !is_host_name(authority.host()) || (has_port && authority.port_u16().is_none_or(|port| port == 0)) {
            return Err(InvalidOrigin::Url);
        }
        if uri.path() != "/" {
            return Err(InvalidOrigin::Path);
        }
        Ok(Self { https, authority: authority.as_str().to_ascii_lowercase() })
    }

    /// The same server under another host, with a port where it has one.
    #[must_use]
    pub fn at(&self, authority: impl Into<String>) -> Self {
        Self { https: self.https, authority: authority.into() }
    }

    /// The same over https, whatever it said.
    #[must_use]
    pub fn over_https(self) -> Self {
        Self { https: true, ..self }
    }

    /// True when requests are encrypted.
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// The scheme, host and port.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme(), self.authority)
    }

    /// True for an address in place of a name, and for `localhost`.
    pub fn is_address(&self) -> bool {
        let host = self.host();
        host == "localhost" || host.starts_with('[') || is_ipv4(host)
    }

    /// `https` or `http`.
    pub fn scheme(&self) -> &'static str {
        if self.https { "https" } else { "http" }
    }

    /// The host, and the port if one was said.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The host.
    pub fn host(&self) -> &str {
        match self.authority.find(']') {
            Some(end) => &self.authority[..=end],
            None => self.authority.split(':').next().unwrap_or_default(),
        }
    }
}

fn is_ipv4(host: &str) -> bool {
    host.split('.').count() == 4 && host.split('.').all(|byte| byte.parse::<u8>().is_ok())
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url())
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Origin({})", self.url())
    }
}

/// Why a text names no server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidOrigin {
    /// It is no http or https URL with nothing but a host.
    #[error("the endpoint must be a host, with http:// or https:// before it")]
    Url,
    /// It has a path.
    #[error("the endpoint must end after the host: bucket and key are given separately")]
    Path,
    /// It holds a user name or password.
    #[error("the endpoint must not contain a user name or password")]
    Credentials,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_may_be_left_out_and_is_then_https() {
        for (text, url, address) in [
            ("Storage.example.com", "https://storage.example.com", false),
            ("http://storage.example.com/", "http://storage.example.com", false),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080", true),
            ("http://[::1]:8080//", "http://[::1]:8080", true),
            ("http://localhost:1", "http://localhost:1", true),
            ("https://1.2.3.4.example.com", "https://1.2.3.4.example.com", false),
        ] {
            let origin = Origin::new(text).unwrap();
            assert_eq!((origin.url().as_str(), origin.is_address()), (url, address), "{text}");
            assert!(origin.over_https().url().starts_with("https://"));
        }
    }

    #[test]
    fn what_is_no_server_is_refused() {
        for bad in ["", "ftp://h", "http://", "http:///x", "h?x", "h#x", "h h", "h:99999", "a%2eb"] {
            assert_eq!(Origin::new(bad), Err(InvalidOrigin::Url), "{bad}");
        }
        assert_eq!(Origin::new("http://user:secret@h"), Err(InvalidOrigin::Credentials));
        assert_eq!(Origin::new("https://h/bucket"), Err(InvalidOrigin::Path));
    }
}
