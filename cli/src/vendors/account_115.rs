//! The account part of a 115 profile: hosts, tokens, the application, and the request that refreshes.

use std::path::Path;
use std::time::Duration;

use resumable_core::drive::CancelFlag;
use resumable_core::{Cause, Limits, SendError};
use resumable_proto_115::{AccessToken, InvalidToken, RefreshToken, Site, Tokens, limits, refresh_token};
use secrecy::{ExposeSecret as _, SecretString};

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
        let hosts = ["endpoint", "passport", "qrcode"].map(|key| profile.text(key));
        let [endpoint, passport, qrcode] = hosts;
        let (site, hosts) = site(profile, endpoint?, passport?, qrcode?)?;
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
        }
    }
}

/// The vendor's hosts, and their names. Who writes an endpoint of their own means it for everything.
fn site(
    profile: &Profile,
    endpoint: Option<String>,
    passport: Option<String>,
    qrcode: Option<String>,
) -> Result<(Site, String), Problem> {
    use resumable_proto_115::{PASSPORTAPI, PROAPI, QRCODEAPI};
    let or =
        |given: Option<String>, default: &str| given.or_else(|| endpoint.clone()).unwrap_or_else(|| default.to_owned());
    let (proapi, passport, qrcode) = (or(None, PROAPI), or(passport, PASSPORTAPI), or(qrcode, QRCODEAPI));
    for (key, host) in [("endpoint", &proapi), ("passport", &passport), ("qrcode", &qrcode)] {
        Site::at(host).map_err(|error| profile.wrong(key, &error.to_string().replacen("endpoint", key, 1)))?;
    }
    let site = Site::new(&proapi, &passport, &qrcode).map_err(|error| profile.wrong("endpoint", &error.to_string()))?;
    let at = |host: &str| Site::at(host).map(|site| site.endpoint().to_owned()).unwrap_or_default();
    let hosts = format!("{} {}", at(&proapi), at(&passport));
    Ok((site, hosts))
}

fn token<T>(
    profile: &mut Profile,
    secret: Secret,
    make: impl FnOnce(&str) -> Result<T, InvalidToken>,
) -> Result<Option<T>, Problem> {
    let text: Option<SecretString> = profile.secret_if_any(secret)?;
    let made = text.map(|text| make(text.expose_secret())).transpose();
    made.map_err(|error| profile.wrong(secret.key, &format!("{}: {error}", secret.key)))
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
