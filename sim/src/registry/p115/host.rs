//! The host's side of the tokens: one store for all programs of a person, and one refresh at a time.

use std::time::Duration;

use fastrand::Rng;
use resumable::p115::{Account, AccountTokens};
use resumable_emulator::Emulator;
use resumable_proto_115::{AccessToken, RefreshToken, Site, refresh_token};

use super::TOKENS;
use crate::driven::CredentialSource;
use crate::other_client::send;
use crate::vendor::Renewal;

/// The access token in the store.
pub(super) fn stored(server: &Emulator) -> AccessToken {
    AccessToken::new(server.p115().tokens().0).expect("the server's own token")
}

/// What the host has after a refusal: the store's token, if somebody has put another one there meanwhile, else a new one.
pub(super) fn renewed(
    server: &Emulator,
    now: Duration,
    refused: Option<&AccessToken>,
    chance: &mut Rng,
) -> Renewal<AccessToken> {
    let there = stored(server);
    if refused.is_none_or(|refused| *refused != there) {
        return Renewal { credential: Ok(there), requests: 0 };
    }
    let (_, before) = server.p115().tokens();
    if chance.u8(0..12) > 0 {
        return Renewal { credential: refresh(server, now), requests: 1 };
    }
    // The answer is lost: the same is asked once more, and then a person has to log in.
    let _ = refresh(server, now);
    Renewal { credential: refresh_with(server, now, &before), requests: 2 }
}

/// Refreshes with the refresh token in the store.
pub(super) fn refresh(server: &Emulator, now: Duration) -> Result<AccessToken, &'static str> {
    let (_, token) = server.p115().tokens();
    refresh_with(server, now, &token)
}

fn refresh_with(server: &Emulator, now: Duration, token: &str) -> Result<AccessToken, &'static str> {
    let token = RefreshToken::new(token).map_err(|_| "the refresh token is none")?;
    let answer = send(server, now, &[], refresh_token::encode(&Site::default(), &token));
    let tokens = refresh_token::decode(&answer).map_err(|_| "log in again")?;
    Ok(tokens.access_token)
}

/// What a program keeps of the account: the pair that it was given first, or by a log-in, and the newer ones.
pub(super) fn kept(source: &CredentialSource) -> AccountTokens {
    let first = (TOKENS[usize::from(source.stale)].to_owned(), TOKENS[2].to_owned());
    let (access, refresh) = source.login().cloned().unwrap_or(first);
    let access = AccessToken::new(access).expect("a token of the server's own");
    let refresh = RefreshToken::new(refresh).expect("a token of the server's own");
    let account = Account::new("a").access_token(access).refresh_token(refresh);
    AccountTokens::new(source.folder(), account).clock(source.clock())
}
