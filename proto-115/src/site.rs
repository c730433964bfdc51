//! Where 115's own hosts are.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;

use http::Uri;
use resumable_core::is_host_name;

/// The vendor's own host for files and uploads.
pub const PROAPI: &str = "https://proapi.115.com";

/// The vendor's own host for tokens.
pub const PASSPORTAPI: &str = "https://passportapi.115.com";

/// The vendor's own host for the state of a code that is to be scanned.
pub const QRCODEAPI: &str = "https://qrcodeapi.115.com";

/// The three hosts that an account is used through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    proapi: Host,
    passportapi: Host,
    qrcodeapi: Host,
}

/// Scheme, host and port.
#[derive(Clone, PartialEq, Eq)]
struct Host(String);

impl Default for Site {
    /// The vendor's own.
    fn default() -> Self {
        Self::new(PROAPI, PASSPORTAPI, QRCODEAPI).expect("the vendor's hosts are valid")
    }
}

impl Site {
    /// Checks the hosts. Each is like [`PROAPI`]: a slash at its end makes no difference, and without `http://` in front
    /// it is https.
    ///
    /// # Errors
    /// When one cannot be used; the error says what to write instead.
    pub fn new(proapi: &str, passportapi: &str, qrcodeapi: &str) -> Result<Self, InvalidSite> {
        Ok(Self {
            proapi: Host::new(proapi, "proapi")?,
            passportapi: Host::new(passportapi, "passportapi")?,
            qrcodeapi: Host::new(qrcodeapi, "qrcodeapi")?,
        })
    }

    /// One host for everything, such as an emulator's.
    ///
    /// # Errors
    /// When it cannot be used.
    pub fn at(endpoint: &str) -> Result<Self, InvalidSite> {
        let host = Host::new(endpoint, "endpoint")?;
        Ok(Self { proapi: host.clone(), passportapi: host.clone(), qrcodeapi: host })
    }

    /// The host for files and uploads.
    pub fn endpoint(&self) -> &str {
        &self.proapi.0
    }

    /// True when the host for uploads was given as `http://`: only then may the storage be reached by http, too.
    pub fn is_plain(&self) -> bool {
        self.proapi.0.starts_with("http://")
    }

    pub(crate) fn proapi(&self, path_and_query: &str) -> Uri {
        self.proapi.uri(path_and_query)
    }

    pub(crate) fn passportapi(&self, path_and_query: &str) -> Uri {
        self.passportapi.uri(path_and_query)
    }

    pub(crate) fn qrcodeapi(&self, path_and_query: &str) -> Uri {
        self.qrcodeapi.uri(path_and_query)
    }
}

impl Host {
    fn new(text: &str, argument: &'static str) -> Result<Self, InvalidSite> {
        checked_host(text, argument).map(Self)
    }

    fn uri(&self, path_and_query: &str) -> Uri {
        format!("{}{path_and_query}", self.0).parse().expect("a checked host, a constant path and an encoded query")
    }
}

fn checked_host(text: &str, argument: &'static str) -> Result<String, InvalidSite> {
    if text.contains('@') {
        return Err(InvalidSite::Credentials(argument));
    }
    if text.contains(['?', '#', '\\']) || text.contains(char::is_whitespace) {
        return Err(InvalidSite::Host(argument));
    }
    let trimmed = text.trim_end_matches('/');
    let url = if trimmed.contains("://") { trimmed.to_owned() } else { format!("https://{trimmed}") };
    let uri: Uri = url.parse().map_err(|_| InvalidSite::Host(argument))?;
    let scheme =
        uri.scheme_str().filter(|scheme| ["http", "https"].contains(scheme)).ok_or(InvalidSite::Host(argument))?;
    let authority =
        uri.authority().filter(|authority| is_host_name(authority.host())).ok_or(InvalidSite::Host(argument))?;
    if authority.as_str().len() > authority.host().len() && authority.port_u16().is_none_or(|port| port == 0) {
        return Err(InvalidSite::Host(argument));
    }
    if uri.path() != "/" {
        return Err(InvalidSite::Path(argument));
    }
    Ok(format!("{scheme}://{}", authority.as_str().to_ascii_lowercase()))
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text cannot be a host of a [`Site`]: each says which argument it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSite {
    /// It is no http or https URL with nothing but a host.
    #[error("the {0} must be https:// (or http://) and a host, like {PROAPI}")]
    Host(&'static str),
    /// It has a path.
    #[error("the {0} must end after the host: /open/upload/init and the like are added to it")]
    Path(&'static str),
    /// It holds a user name or password.
    #[error("the {0} must not contain a user name or password: 115 is asked with an access token")]
    Credentials(&'static str),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_checked() {
        for (text, url) in [
            (PROAPI, PROAPI),
            ("proapi.115.com/", PROAPI),
            ("HTTP://127.0.0.1:8099", "http://127.0.0.1:8099"),
            ("http://[::1]:8080//", "http://[::1]:8080"),
        ] {
            assert_eq!(Site::at(text).unwrap().endpoint(), url, "{text}");
        }
        for bad in ["", "/", "ftp://h", "http://", "h?x", "h#x", "h h", "h:99999", "http://h:", "h\\x"] {
            assert_eq!(Site::at(bad), Err(InvalidSite::Host("endpoint")), "{bad}");
        }
        assert_eq!(Site::at("http://user:secret@h"), Err(InvalidSite::Credentials("endpoint")));
        assert_eq!(Site::at("http://h/open"), Err(InvalidSite::Path("endpoint")));
        assert!(Site::at("http://h").unwrap().is_plain() && !Site::default().is_plain());
    }
}
