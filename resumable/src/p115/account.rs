//! Whose drive: an account's name, its hosts, and the tokens that it begins with.

use std::fmt;

use resumable_proto_115::{
    AccessToken, InvalidArgument, InvalidSite, Options, P115, PASSPORTAPI, PROAPI, QRCODEAPI, RefreshToken, Site,
};

use super::tokens::Origin;

/// An account of the 115 open platform.
#[derive(Clone)]
pub struct Account {
    pub(super) site: Site,
    pub(super) origin: Origin,
}

// The origin may hold tokens.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("name", &self.origin.account).finish_non_exhaustive()
    }
}

impl Account {
    /// An account at the vendor's own hosts. Its name is yours to choose: tokens that a log-in gives are kept under it.
    pub fn new(name: impl Into<String>) -> Self {
        Self::at(name, PROAPI, PASSPORTAPI, QRCODEAPI).expect("the vendor's hosts are valid")
    }

    /// An account at other hosts, such as an emulator's: for files, for tokens, and for the state of a code that is to be
    /// scanned. See [`Site::new`].
    ///
    /// # Errors
    /// When one of the hosts cannot be used.
    pub fn at(name: impl Into<String>, proapi: &str, passportapi: &str, qrcodeapi: &str) -> Result<Self, InvalidSite> {
        let site = Site::new(proapi, passportapi, qrcodeapi)?;
        let mut hosts = Vec::new();
        for host in [proapi, passportapi, qrcodeapi] {
            hosts.push(Site::at(host)?.endpoint().to_owned());
        }
        let origin = Origin { hosts: hosts.join(" "), account: name.into(), access_token: None, refresh_token: None };
        Ok(Self { site, origin })
    }

    /// Begins with this access token, which came another way than by a log-in.
    #[must_use]
    pub fn access_token(mut self, token: AccessToken) -> Self {
        self.origin.access_token = Some(token);
        self
    }

    /// Begins with this refresh token, which came another way than by a log-in. It is good for one refresh; the newer ones
    /// are kept.
    #[must_use]
    pub fn refresh_token(mut self, token: RefreshToken) -> Self {
        self.origin.refresh_token = Some(token);
        self
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.origin.account
    }

    /// Uploads to `path` in it, with default options. `path` is `/folder/NAME` or `FOLDER_ID:NAME`.
    ///
    /// # Errors
    /// When the path, or the account's name, cannot be used; the error names it.
    pub fn to(&self, path: &str) -> Result<P115, InvalidArgument> {
        Ok(P115::new(self.site.clone(), self.name(), path.parse()?, Options::default())?)
    }

    /// Its hosts.
    pub fn site(&self) -> &Site {
        &self.site
    }
}
