//! The account part of a 115 profile: hosts, tokens, the application, and the request that refreshes.

use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use resumable_core::{Cause, Limits, SendError};
use resumable_proto_115::{
    AccessToken, InvalidToken, PASSPORTAPI, PROAPI, QRCODEAPI, RefreshToken, Site, Tokens, limits, refresh_token,
};
use resumable_transport::CancelFlag;
use secrecy::ExposeSecret as _;

use super::{ACCESS_TOKEN, REFRESH_TOKEN};
use crate::exit::Problem;
use crate::interrupt::Interrupt;
use crate::profile::{Profile, Secret};
use crate::tokens::{Keeper, Origin, Refresher, TokenStore, Trouble, Waiting};
use crate::transport::Connection;

/// How long the vendor may take over new tokens. Nothing ends that request early: its answer may be the only one.
const REFRESHED_WITHIN: Duration = Duration::from_secs(30);

/// Whose drive, through which hosts, by which application.
pub(crate) struct Account {
    /// The vendor's hosts.
    pub(crate) site: Site,
    /// What logs in, if the profile names it.
    pub(crate) client_id: Option<String>,
    /// Where the tokens begin.
    pub(crate) origin: Origin,
}

impl Account {
    /// Takes it out of a profile.
    ///
    /// # Errors
    /// When a host or a token cannot be one.
    pub(crate) fn take(profile: &mut Profile) -> Result<Self, Problem> {
        let (site, hosts) = site(profile)?;
        let client_id = profile.text("client_id")?;
        let account = profile.text("account")?.unwrap_or_else(|| profile.name().to_owned());
        let access_token = token(profile, ACCESS_TOKEN, |text| AccessToken::new(text))?;
        let refresh_token = token(profile, REFRESH_TOKEN, |text| RefreshToken::new(text))?;
        Ok(Self { site, client_id, origin: Origin { hosts, account, access_token, refresh_token } })
    }

    /// The file of its tokens.
    pub(crate) fn store(&self, state: &Path) -> TokenStore {
        TokenStore::new(state, &self.origin)
    }

    /// What hands its tokens out.
    pub(crate) fn keeper(
        &self,
        state: &Path,
        connection: &Connection,
        patience: Duration,
        interrupt: &Interrupt,
    ) -> Keeper<Passport, Waiting> {
        Keeper {
            origin: self.origin.clone(),
            store: self.store(state),
            vendor: Passport { site: self.site.clone(), connection: connection.clone() },
            patience,
            time: Waiting(interrupt.clone()),
            fate: Mutex::default(),
        }
    }
}

/// The vendor's hosts, and their names. Who writes an endpoint of their own means it for everything.
fn site(profile: &mut Profile) -> Result<(Site, String), Problem> {
    let endpoint = profile.text("endpoint")?;
    let at = |key, default: &str| (key, endpoint.clone().unwrap_or_else(|| default.to_owned()));
    let mut hosts = [at("endpoint", PROAPI), at("passport", PASSPORTAPI), at("qrcode", QRCODEAPI)];
    for (key, host) in &mut hosts[1..] {
        if let Some(written) = profile.text(key)? {
            *host = written;
        }
    }
    let mut names = Vec::new();
    for (key, host) in &hosts {
        let site =
            Site::at(host).map_err(|error| profile.wrong(key, &error.to_string().replacen("endpoint", key, 1)))?;
        names.push(site.endpoint().to_owned());
    }
    let [(_, proapi), (_, passport), (_, qrcode)] = &hosts;
    let site = Site::new(proapi, passport, qrcode).map_err(|error| profile.wrong("endpoint", &error.to_string()))?;
    Ok((site, names.join(" ")))
}

fn token<T>(
    profile: &mut Profile,
    secret: Secret,
    make: impl FnOnce(&str) -> Result<T, InvalidToken>,
) -> Result<Option<T>, Problem> {
    let written = profile.secret_if_any(secret)?;
    let token = written.map(|text| make(text.expose_secret())).transpose();
    token.map_err(|error| profile.wrong(secret.key, &format!("{}: {error}", secret.key)))
}

/// The vendor's host for tokens.
pub(crate) struct Passport {
    site: Site,
    connection: Connection,
}

impl Refresher for Passport {
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
