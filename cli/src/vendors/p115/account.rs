//! The account part of a 115 profile: hosts, tokens, the application, and the request that refreshes.

use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use resumable_core::{Cause, Limits, SendError};
use resumable_proto_115::{
    AccessToken, InvalidToken, PASSPORTAPI, PROAPI, QRCODEAPI, RefreshToken, Site, Tokens, limits, refresh_token,
};
use resumable_transport::CancelFlag;
use serde::Deserialize;

use super::tokens::{Origin, TokenEndpoint, TokenRefresher, TokenStore, Trouble, Waiting};
use crate::exit::Problem;
use crate::profile::{Mistake, Secret};
use crate::transport::Connection;
use crate::vendors::Context;

/// How long the vendor may take over new tokens. Nothing ends that request early: its answer may be the only one.
const REFRESHED_WITHIN: Duration = Duration::from_secs(30);

/// What a profile says of the account.
#[derive(Debug, Deserialize)]
pub(crate) struct AccountOptions {
    endpoint: Option<String>,
    passport: Option<String>,
    qrcode: Option<String>,
    /// What logs in.
    pub(crate) client_id: Option<String>,
    account: Option<String>,
    access_token: Option<Secret>,
    refresh_token: Option<Secret>,
}

/// Whose drive, through which hosts.
pub(crate) struct Account {
    /// The vendor's hosts.
    pub(crate) site: Site,
    /// Where the tokens begin.
    pub(crate) origin: Origin,
}

impl Account {
    /// What a profile of this name says.
    ///
    /// # Errors
    /// When a host or a token cannot be one.
    pub(crate) fn new(given: AccountOptions, profile: &str) -> Result<Self, Mistake> {
        let (site, hosts) = given.site()?;
        let account = given.account.unwrap_or_else(|| profile.to_owned());
        let access_token = token("access_token", given.access_token, |text| AccessToken::new(text))?;
        let refresh_token = token("refresh_token", given.refresh_token, |text| RefreshToken::new(text))?;
        Ok(Self { site, origin: Origin { hosts, account, access_token, refresh_token } })
    }

    /// The file of its tokens.
    pub(crate) fn store(&self, state: &Path) -> TokenStore {
        TokenStore::new(state, &self.origin)
    }

    /// What hands its tokens out.
    pub(crate) fn refresher(&self, context: &Context<'_>) -> TokenRefresher<Passport, Waiting> {
        TokenRefresher {
            origin: self.origin.clone(),
            store: self.store(context.state),
            vendor: Passport { site: self.site.clone(), connection: context.connection.clone() },
            patience: context.patience,
            time: Waiting(context.interrupt.clone()),
            fate: Mutex::default(),
        }
    }
}

impl AccountOptions {
    /// The vendor's hosts, and their names. Who writes an endpoint of their own means it for everything.
    fn site(&self) -> Result<(Site, String), Mistake> {
        let everything = self.endpoint.as_deref();
        let hosts = [
            ("endpoint", everything, PROAPI),
            ("passport", self.passport.as_deref(), PASSPORTAPI),
            ("qrcode", self.qrcode.as_deref(), QRCODEAPI),
        ];
        let hosts = hosts.map(|(key, given, default)| (key, given.or(everything).unwrap_or(default)));
        let mut names = Vec::new();
        for (key, host) in hosts {
            let site =
                Site::at(host).map_err(|error| Mistake::wrong(key, error.to_string().replacen("endpoint", key, 1)))?;
            names.push(site.endpoint().to_owned());
        }
        let [(_, proapi), (_, passport), (_, qrcode)] = hosts;
        let site = Site::new(proapi, passport, qrcode).map_err(|error| Mistake::wrong("endpoint", error))?;
        Ok((site, names.join(" ")))
    }
}

fn token<T>(
    key: &'static str,
    given: Option<Secret>,
    make: impl FnOnce(&str) -> Result<T, InvalidToken>,
) -> Result<Option<T>, Mistake> {
    let token = given.map(|secret| make(secret.expose())).transpose();
    token.map_err(|error| Mistake::wrong(key, format!("{key}: {error}")))
}

/// The vendor's host for tokens.
pub(crate) struct Passport {
    site: Site,
    connection: Connection,
}

impl TokenEndpoint for Passport {
    /// With connections of its own: it is seldom asked, and on whatever thread.
    fn refresh(&self, token: &RefreshToken) -> Result<Tokens, Trouble> {
        let unable = |problem: Problem| Trouble::Sent(SendError::NotSent(Cause::text(problem.what())));
        let transport = self.connection.transport().map_err(unable)?;
        let limits = Limits { reply_bytes: limits::REPLY_BYTES, reply_within: REFRESHED_WITHIN };
        let request = refresh_token::encode(&self.site, token);
        let answer = transport.exchange(request, &limits, &CancelFlag::new()).map_err(Trouble::Sent)?;
        refresh_token::decode(&answer).map_err(Trouble::Said)
    }
}
