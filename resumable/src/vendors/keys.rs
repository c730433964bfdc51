//! Keys that sign: written in a profile, or printed by a program that it names.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::credentials::Program;
use crate::profile::{CommandLine, Mistake, from_json};
use crate::{Credentials, Issued};

/// The profile's key.
pub(crate) const CREDENTIAL_COMMAND: &str = "credential_command";

/// What a vendor's credential is made of: a struct with a field for each of the vendor's secrets, which are options.
pub(super) trait Keys: DeserializeOwned {
    /// The credential.
    type Credential: Clone + PartialEq + Send + Sync + 'static;

    /// One of them that is there.
    fn given(&self) -> Option<&'static str>;

    /// The credential.
    ///
    /// # Errors
    /// When one of them is missing, or cannot be one.
    fn credential(self) -> Result<Self::Credential, Mistake>;

    /// What a program printed. No value is in a mistake.
    ///
    /// # Errors
    /// When it is not understood, or cannot be a credential.
    fn read(printed: &str) -> Result<Issued<Self::Credential>, Mistake> {
        read::<Self>(printed)
    }
}

/// What a profile says of a program that prints the keys.
#[derive(Deserialize)]
pub(crate) struct Command {
    credential_command: Option<CommandLine>,
}

/// A point in time, as RFC 3339 writes it.
#[derive(Deserialize)]
struct Expiration {
    expiration: Option<String>,
}

impl Command {
    /// True if there is a program.
    #[cfg(feature = "s3")]
    pub(super) fn is_given(&self) -> bool {
        self.credential_command.is_some()
    }

    /// The keys that the profile writes, or those that the program prints.
    ///
    /// # Errors
    /// When there are both, or a key is missing or cannot be one.
    pub(super) fn or<K: Keys + 'static>(self, keys: K) -> Result<Credentials<K::Credential>, Mistake> {
        let Some(CommandLine { program, args }) = self.credential_command else {
            return keys.credential().map(Credentials::fixed);
        };
        if let Some(key) = keys.given() {
            let why = format!("{key} and {CREDENTIAL_COMMAND} are both set: remove one of them");
            return Err(Mistake::wrong(key, why));
        }
        let parse = |printed: &str| K::read(printed).map_err(|mistake| format!("in its output: {mistake}").into());
        let (path, args) = (program.into(), args.into_iter().map(Into::into).collect());
        Ok(Credentials::from_source(Program { name: CREDENTIAL_COMMAND, path, args, parse }))
    }
}

/// What a program printed: an object of JSON with the profile's own keys, and perhaps their `expiration`. No value is in a
/// mistake.
pub(super) fn read<K: Keys>(printed: &str) -> Result<Issued<K::Credential>, Mistake> {
    let (keys, Expiration { expiration }) = from_json::<(K, Expiration)>(printed)?;
    issued(keys.credential()?, expiration)
}

/// A credential that is good until then, if it ends.
///
/// # Errors
/// When the time is none, or past.
pub(super) fn issued<C>(credential: C, expiration: Option<String>) -> Result<Issued<C>, Mistake> {
    let Some(expiration) = expiration else { return Ok(credential.into()) };
    let end = time(&expiration)
        .ok_or_else(|| Mistake::wrong("expiration", "expiration must be a time like \"2026-01-31T03:04:05Z\""))?;
    if end <= SystemTime::now() {
        return Err(Mistake::wrong(
            "expiration",
            "expiration is in the past: check the program, and this machine's clock",
        ));
    }
    Ok(Issued::until(credential, end))
}

fn time(text: &str) -> Option<SystemTime> {
    let since_1970 = text.parse::<Timestamp>().ok()?.as_second();
    Some(UNIX_EPOCH + Duration::from_secs(u64::try_from(since_1970).unwrap_or(0)))
}

#[cfg(all(test, feature = "cos-v2", feature = "oss", feature = "xfyun"))]
mod tests {
    use super::*;
    use crate::vendors::{cos, oss, xfyun};

    /// What a profile would say.
    fn of<K: Keys>(printed: &str) -> Result<Issued<K::Credential>, String> {
        K::read(printed).map_err(|mistake| mistake.to_string())
    }

    #[track_caller]
    fn signs_as_written<K: Keys>(keys: &str) {
        let Ok(without_end) = of::<K>(&format!("{{{keys}, \"expiration\": null}}")) else { panic!("{keys}") };
        let Ok(issued) =
            of::<K>(&format!("{{{keys}, \"expiration\": \"2999-01-31T03:04:05+08:00\", \"other\": {{}}}}"))
        else {
            panic!("{keys}")
        };
        let Ok(written) = from_json::<K>(&format!("{{{keys}}}")).and_then(Keys::credential) else { panic!("{keys}") };
        assert!(issued.credential == written && without_end.credential == written);
        assert!(issued.expires_in.is_some() && without_end.expires_in.is_none());
    }

    #[test]
    fn what_a_program_prints_signs_as_if_it_were_written() {
        signs_as_written::<oss::AccessKeys>("\"access_key_id\": \" a\\n\", \"access_key_secret\": \"b\"");
        signs_as_written::<oss::AccessKeys>(
            "\"access_key_id\": \"a\", \"access_key_secret\": \"b\", \"security_token\": \"c\"",
        );
        signs_as_written::<cos::ApiKeys>("\"secret_id\": \"a\", \"secret_key\": \"b\"");
        signs_as_written::<xfyun::ApiKeys>("\"api_key\": \"a\", \"api_secret\": \"b\"");
    }

    #[test]
    fn what_a_program_prints_amiss_is_named_and_not_shown() {
        for (printed, says) in [
            ("s3cr3t", "it is not a JSON object"),
            ("[\"s3cr3t\"]", "it is not a JSON object"),
            ("{}", "access_key_id is missing"),
            ("{\"access_key_id\": \"s3cr3t\"}", "access_key_secret is missing"),
            ("{\"access_key_id\": null, \"access_key_secret\": \"s3cr3t\"}", "access_key_id is missing"),
            ("{\"access_key_id\": 5, \"access_key_secret\": \"s3cr3t\"}", "access_key_id must be a text in quotes"),
            ("{\"access_key_id\": \"\", \"access_key_secret\": \"s3cr3t\"}", "access_key_id is empty"),
        ] {
            let Err(error) = of::<oss::AccessKeys>(printed) else { panic!("{printed}") };
            assert!(error.starts_with(says) && !error.contains("s3cr3t"), "{printed}: {error}");
        }
        for (expiration, says) in [
            ("\"s3cr3t\"", "expiration must be a time like"),
            ("4102444800", "expiration must be a text"),
            ("\"2001-01-31T03:04:05Z\"", "expiration is in the past"),
        ] {
            let printed = format!("{{\"secret_id\": \"s3cr3t\", \"secret_key\": \"b\", \"expiration\": {expiration}}}");
            let Err(error) = of::<cos::ApiKeys>(&printed) else { panic!("{printed}") };
            assert!(error.starts_with(says) && !error.contains("s3cr3t"), "{printed}: {error}");
        }
    }
}
