//! Where the tokens of an account begin.

use std::path::Path;

use resumable_proto_115::{AccessToken, RefreshToken};
use zeroize::Zeroizing;

use crate::file::{Folder, Key};

/// What tokens begin with: which account, and perhaps a pair.
#[derive(Clone)]
pub(crate) struct Origin {
    /// The hosts that the tokens go to: they are never sent to another one.
    pub(crate) hosts: String,
    /// The account's name.
    pub(crate) account: String,
    /// A token that was given.
    pub(crate) access_token: Option<AccessToken>,
    /// Likewise.
    pub(crate) refresh_token: Option<RefreshToken>,
}

impl Origin {
    /// What its newer pairs are kept under: a hash. Of what is written, if anything is: so another text begins anew, and
    /// profiles with the same text share what becomes of it.
    pub(super) fn key(&self) -> Key {
        let refresh = self.refresh_token.as_ref().map(|token| ["refresh ", token.expose()]);
        let access = self.access_token.as_ref().map(|token| ["access ", token.expose()]);
        let begins = Zeroizing::new(refresh.or(access).unwrap_or(["account ", &self.account]).concat());
        Folder::key("115/tokens", &self.hosts, Path::new(begins.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(account: &str, refresh_token: Option<&str>) -> Origin {
        Origin {
            hosts: "https://proapi.115.com".to_owned(),
            account: account.to_owned(),
            access_token: None,
            refresh_token: refresh_token.map(|text| RefreshToken::new(text).unwrap()),
        }
    }

    #[test]
    fn profiles_share_what_is_written_alike_and_else_what_they_call_alike() {
        assert_eq!(origin("a", Some("r1")).key(), origin("b", Some("r1")).key());
        assert_eq!(origin("a", None).key(), origin("a", None).key());
        let other_host = Origin { hosts: "http://127.0.0.1:1".to_owned(), ..origin("a", None) };
        let access = Origin { access_token: Some(AccessToken::new("r1").unwrap()), ..origin("a", None) };
        let mut keys: Vec<Key> = [
            origin("a", Some("r1")),
            origin("a", Some("r2")),
            origin("a", None),
            origin("b", None),
            other_host,
            access,
        ]
        .iter()
        .map(Origin::key)
        .collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), 6);
    }

    #[test]
    fn a_key_tells_no_token() {
        let key = origin("a", Some("emu-refresh-0001")).key();
        let key = key.as_str();
        assert!(key.len() == 16 && key.bytes().all(|byte| byte.is_ascii_hexdigit()), "{key}");
    }
}
