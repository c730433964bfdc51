//! Profiles of the 115 open platform.

use resumable_proto_115::{
    AccessToken, Fault, InvalidOptions, InvalidToken, Options, P115, PASSPORTAPI, PROAPI, QRCODEAPI, RefreshToken,
    Site, Target,
};
use resumable_proto_oss::Version;
use serde::{Deserialize, Deserializer};

use super::multipart::Sizes;
use super::{Context, Vendor, oss};
use crate::p115::{Account, AccountTokens, LogIn};
use crate::profile::{Mistake, Profile, ProfileError, Reading, Secret};
use crate::{Credentials, printable};

/// What a profile says of the account.
#[derive(Debug, Deserialize)]
pub(crate) struct AccountOptions {
    endpoint: Option<String>,
    passport: Option<String>,
    qrcode: Option<String>,
    /// What logs in.
    client_id: Option<String>,
    account: Option<String>,
    access_token: Option<Secret>,
    refresh_token: Option<Secret>,
}

/// What a profile says of uploads.
#[derive(Debug, Deserialize)]
pub(crate) struct OwnOptions {
    create_folders: Option<bool>,
    #[serde(default, deserialize_with = "signature")]
    signature: Option<Version>,
}

fn signature<'de, D: Deserializer<'de>>(given: D) -> Result<Option<Version>, D::Error> {
    oss::SignatureName::deserialize(given).map(Some)
}

impl Vendor for P115 {
    const NAME: &'static str = "115";
    const SECRETS: &'static [&'static str] = &["access_token", "refresh_token"];
    const PAGE: &'static str = include_str!("p115.toml");
    type Options = (AccountOptions, Sizes, OwnOptions);

    fn from_profile(
        (given, sizes, own): Self::Options,
        path: &str,
        profile: &str,
        context: &Context,
    ) -> Result<(Self, Credentials<AccessToken>), Mistake> {
        let target: Target = path.parse().map_err(|error| Mistake::path(path, error))?;
        let account = given.account(profile)?;
        let mut options = Options::default();
        sizes.apply(&mut options.limits, &mut options.part_size, &mut options.one_request_max)?;
        // As with every other vendor: a path that is named is made.
        options.create_folders = own.create_folders.unwrap_or(true);
        options.signature = own.signature;
        let credentials = context.tokens(&account).map_err(Mistake::Other)?.credentials_by(context.transport.clone());
        let protocol = P115::new(account.site().clone(), account.name().to_owned(), target, options);
        let protocol = protocol.map_err(|error| match error {
            InvalidOptions::Account => Mistake::wrong("account", error),
            _ => Mistake::Other(error.to_string()),
        })?;
        Ok((protocol, credentials))
    }

    fn credential_help(profile: &str) -> Vec<String> {
        vec![format!("Log in: resumable login {}", printable::text(profile))]
    }

    fn hint(fault: &Fault) -> Option<&'static str> {
        match fault {
            Fault::NoFolder { .. } => Some("To have it created, remove create_folders = false from the profile."),
            fault if fault.may_be_the_name() => {
                Some("If other uploads to this account work, give the file another name in PROFILE:PATH.")
            }
            Fault::Unreadable { .. } => Some("If this persists, check endpoint and proxy in the profile."),
            Fault::Oss(fault) => oss::hint(fault),
            _ => None,
        }
    }
}

impl AccountOptions {
    fn account(self, profile: &str) -> Result<Account, Mistake> {
        let everything = self.endpoint.as_deref();
        let hosts = [
            ("endpoint", everything, PROAPI),
            ("passport", self.passport.as_deref(), PASSPORTAPI),
            ("qrcode", self.qrcode.as_deref(), QRCODEAPI),
        ];
        // Who writes an endpoint of their own means it for everything.
        let hosts = hosts.map(|(key, given, default)| (key, given.or(everything).unwrap_or(default)));
        for (key, host) in hosts {
            Site::at(host).map_err(|error| Mistake::wrong(key, error.to_string().replacen("endpoint", key, 1)))?;
        }
        let [(_, proapi), (_, passport), (_, qrcode)] = hosts;
        let name = self.account.clone().unwrap_or_else(|| profile.to_owned());
        let mut account =
            Account::at(name, proapi, passport, qrcode).map_err(|error| Mistake::wrong("endpoint", error))?;
        if let Some(access_token) = token("access_token", self.access_token, |text| AccessToken::new(text))? {
            account = account.access_token(access_token);
        }
        if let Some(refresh_token) = token("refresh_token", self.refresh_token, |text| RefreshToken::new(text))? {
            account = account.refresh_token(refresh_token);
        }
        Ok(account)
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

impl Context {
    fn tokens(&self, account: &Account) -> Result<AccountTokens, String> {
        let folder =
            self.tokens.as_ref().ok_or("there is no folder for the tokens of 115: name one with `.tokens(folder)`")?;
        Ok(AccountTokens::new(folder, account.clone()).patience(self.patience).clock(self.clock))
    }
}

impl Profile {
    /// The log-in that gives this profile tokens: of a person, at the 115 open platform.
    ///
    /// # Errors
    /// When the profile is of another vendor, a key is wrong, or no transport can be made.
    pub fn log_in(&self, context: &Context) -> Result<LogIn, ProfileError> {
        let mut reading = Reading::new(self);
        reading.connection()?;
        if reading.protocol()? != P115::NAME {
            return Err(ProfileError::new(format!(
                "only 115 profiles need a login; \"{}\" uses keys from the profile or the environment",
                self.name()
            )));
        }
        let given: AccountOptions = reading.take()?;
        let client_id = given.client_id.clone().ok_or_else(|| {
            reading
                .explain(Mistake::Missing("client_id"))
                .next("It is the number of your application at the 115 open platform: https://open.115.com")
        })?;
        let account = given.account(self.name()).map_err(|mistake| reading.explain(mistake))?;
        let transport = (context.transport)().map_err(ProfileError::new)?;
        Ok(context.tokens(&account).map_err(ProfileError::new)?.log_in(client_id, transport))
    }
}
