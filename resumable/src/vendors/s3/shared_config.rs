//! The files in which Amazon's own tools keep keys: `~/.aws/credentials` and `~/.aws/config`.
//!
//! ```text
//! credentials: [NAME]            aws_access_key_id, aws_secret_access_key, aws_session_token
//! config:      [profile NAME]    the same, or credential_process: a program that prints keys as JSON
//! ```
//!
//! They are read anew whenever keys are wanted, because other programs renew what is in them.

use std::collections::HashMap;
use std::fs;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use configparser::ini::{Ini, IniDefault};
use resumable_proto_s3::Credential;
use resumable_transport::CancelFlag;
use serde::Deserialize;
use toml::Value;

use super::AccessKeys;
use crate::credentials::{CredentialSource, Program};
use crate::printable;
use crate::profile::{Mistake, Secret, from_json};
use crate::vendors::keys::{Keys as _, issued};
use crate::{BoxError, Issued};

/// What is longer is no configuration; in bytes.
const LONGEST: u64 = 4 << 20;
/// The profile of Amazon's tools that is meant where none is named.
const DEFAULT: &str = "default";
/// Ways to keys that need requests of their own: the first word of each, and what a person calls it.
const ELSEWHERE: [&str; 6] =
    ["sso_session", "sso_start_url", "role_arn", "web_identity_token_file", "login_session", "credential_source"];

/// One profile in the files of Amazon's tools.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct SharedConfig {
    #[serde(rename = "aws_credentials")]
    credentials: Option<PathBuf>,
    #[serde(rename = "aws_config")]
    config: Option<PathBuf>,
    #[serde(rename = "aws_profile")]
    profile: Option<String>,
}

/// What a profile says of keys.
enum Found {
    Keys(AccessKeys),
    Process(String),
}

type Section = HashMap<String, Option<String>>;

impl SharedConfig {
    /// True if somebody named the profile, or the files have one without a name that says anything of keys.
    pub(super) fn is_meant(&self) -> bool {
        self.profile.is_some() || !matches!(self.find(), Ok(None))
    }

    /// True if somebody named the profile.
    pub(super) fn is_named(&self) -> bool {
        self.profile.is_some()
    }

    fn name(&self) -> &str {
        self.profile.as_deref().unwrap_or(DEFAULT)
    }

    /// What the files say; `None` if they have no such profile, or it says nothing of keys.
    fn find(&self) -> Result<Option<Found>, String> {
        let name = self.name();
        let of_credentials = section(self.credentials.as_deref(), &[name])?;
        let titles: &[&str] =
            if name == DEFAULT { &["profile default", DEFAULT] } else { &[&format!("profile {name}")] };
        let of_config = section(self.config.as_deref(), titles)?;
        if let Some(keys) = keys(&of_credentials)? {
            return Ok(Some(Found::Keys(keys)));
        }
        if let Some(line) = value(&of_credentials, "credential_process").or(value(&of_config, "credential_process")) {
            return Ok(Some(Found::Process(line.to_owned())));
        }
        if let Some(keys) = keys(&of_config)? {
            return Ok(Some(Found::Keys(keys)));
        }
        match ELSEWHERE.iter().find(|key| value(&of_config, key).or(value(&of_credentials, key)).is_some()) {
            Some(key) => Err(format!(
                "it gets keys by {key}, which this program cannot: write into the own profile credential_command = [\"aws\", \
                 \"configure\", \"export-credentials\", \"--profile\", \"{}\"]",
                printable::text(name)
            )),
            None => Ok(None),
        }
    }

    fn issue(&self, cancel: &CancelFlag) -> Result<Issued<Credential>, BoxError> {
        match self.find()? {
            Some(Found::Keys(keys)) => Ok(keys.credential()?.into()),
            Some(Found::Process(line)) => {
                let mut words = shlex::split(&line).unwrap_or_default().into_iter().map(Into::into);
                let path = words.next().ok_or("credential_process is no command line: check its quotes")?;
                let parse = |printed: &str| read(printed).map_err(|mistake| format!("in its output: {mistake}").into());
                Program { name: "credential_process", path, args: words.collect(), parse }.issue(None, cancel)
            }
            None => Err("it has no keys: neither aws_access_key_id nor credential_process".into()),
        }
    }
}

impl CredentialSource<Credential> for SharedConfig {
    fn issue(&self, _: Option<&Credential>, cancel: &CancelFlag) -> Result<Issued<Credential>, BoxError> {
        let named = |error: BoxError| format!("the AWS profile \"{}\": {error}", printable::text(self.name())).into();
        self.issue(cancel).map_err(named)
    }
}

/// The first section with one of these titles; nothing where there is none, or no file.
fn section(file: Option<&Path>, titles: &[&str]) -> Result<Section, String> {
    let Some(file) = file else { return Ok(Section::new()) };
    let unreadable = |why: &dyn std::fmt::Display| format!("{} cannot be read: {why}", printable::path(file));
    let mut text = String::new();
    match fs::File::open(file).and_then(|opened| opened.take(LONGEST).read_to_string(&mut text)) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Section::new()),
        Err(error) => return Err(unreadable(&error)),
        Ok(_) => {}
    }
    let mut ini = Ini::new_from_defaults(as_amazon_writes_it());
    // What the parser says of a line may have some of it.
    let mut sections = ini.read(text).map_err(|_| unreadable(&"a line in it is no `name = value`"))?;
    let found = titles.iter().find_map(|title| sections.remove(*title));
    Ok(found.unwrap_or_default())
}

fn as_amazon_writes_it() -> IniDefault {
    let mut rules = IniDefault::default();
    // What stands before the first title is of no profile.
    rules.default_section = String::new();
    rules.delimiters = vec!['='];
    rules.case_sensitive = true;
    rules.multiline = true;
    rules.enable_inline_comments = false;
    rules
}

fn value<'a>(section: &'a Section, key: &str) -> Option<&'a str> {
    section.get(key)?.as_deref().map(str::trim).filter(|value| !value.is_empty())
}

fn keys(section: &Section) -> Result<Option<AccessKeys>, String> {
    if value(section, "aws_access_key_id").is_none() {
        return Ok(None);
    }
    let secret = |key| {
        // A remark may follow it. No key has a blank in it.
        let bare = value(section, key).map(|value| value.split([' ', '\t']).next().unwrap_or_default());
        let secret = bare.map(|bare| Secret::try_from(Value::from(bare))).transpose();
        secret.map_err(|why| format!("{key} {why}"))
    };
    Ok(Some(AccessKeys {
        access_key_id: secret("aws_access_key_id")?,
        access_key_secret: secret("aws_secret_access_key")?,
        session_token: secret("aws_session_token")?,
    }))
}

/// What a `credential_process` prints.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Printed {
    access_key_id: Option<Secret>,
    secret_access_key: Option<Secret>,
    session_token: Option<Secret>,
    expiration: Option<String>,
}

/// Keys as Amazon's tools print them. No value is in a mistake.
pub(super) fn read(printed: &str) -> Result<Issued<Credential>, Mistake> {
    let Printed { access_key_id, secret_access_key, session_token, expiration } = from_json(printed)?;
    if secret_access_key.is_none() {
        return Err(Mistake::Missing("SecretAccessKey"));
    }
    if access_key_id.is_none() {
        return Err(Mistake::Missing("AccessKeyId"));
    }
    let keys = AccessKeys { access_key_id, access_key_secret: secret_access_key, session_token };
    issued(keys.credential()?, expiration)
}

/// True for an object of JSON with the names that Amazon's tools give.
pub(super) fn is_amazons(printed: &str) -> bool {
    serde_json::from_str::<HashMap<String, serde_json::Value>>(printed).is_ok_and(|it| it.contains_key("AccessKeyId"))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::time::Duration;

    use super::*;

    const CREDENTIALS: &str = "\u{feff}\
# comment = here
aws_access_key_id = OUTSIDE
[default]
aws_access_key_id=AKIADEFAULT
aws_secret_access_key = s3cr3t/+= ; a remark

[work]
aws_access_key_id     = ASIAWORK
aws_secret_access_key = s3cr3t
aws_session_token = FwoG//==
s3 =
  max_concurrent_requests = 20
  aws_access_key_id = NESTED
[half]
aws_access_key_id = AKIAHALF
[broken]
aws_access_key_id = 's3cr3t'
aws_secret_access_key = s3cr3t
";
    const CONFIG: &str = "\
[default]
region = eu-west-1
credential_process = /bin/echo default
[profile only here]
aws_access_key_id = AKIACONFIG
aws_secret_access_key = s3cr3t
[profile sso]
sso_session = my-sso
sso_account_id = 1
[profile role]
role_arn = arn:aws:iam::1:role/x
source_profile = default
[profile nothing]
region = eu-west-1
";

    fn files(folder: &Path, profile: Option<&str>) -> SharedConfig {
        let (credentials, config) = (folder.join("credentials"), folder.join("config"));
        fs::write(&credentials, CREDENTIALS).unwrap();
        fs::write(&config, CONFIG).unwrap();
        SharedConfig { credentials: Some(credentials), config: Some(config), profile: profile.map(str::to_owned) }
    }

    fn issued(profile: Option<&str>) -> Result<Issued<Credential>, String> {
        let folder = tempfile::tempdir().unwrap();
        let issued = CredentialSource::issue(&files(folder.path(), profile), None, &CancelFlag::new());
        issued.map_err(|error| error.to_string())
    }

    #[test]
    fn keys_are_those_of_the_profile() {
        for (profile, id, is_temporary) in [
            (None, "AKIADEFAULT", false),
            (Some("default"), "AKIADEFAULT", false),
            (Some("work"), "ASIAWORK", true),
            (Some("only here"), "AKIACONFIG", false),
        ] {
            let issued = issued(profile).unwrap();
            assert_eq!(issued.credential.access_key_id(), id);
            assert_eq!((issued.credential.is_temporary(), issued.expires_in), (is_temporary, None), "{profile:?}");
        }
        assert!(issued(None).unwrap().credential == Credential::new("AKIADEFAULT", "s3cr3t/+=").unwrap());
    }

    #[test]
    fn what_a_profile_lacks_is_named_and_no_value_is_shown() {
        for (profile, says) in [
            ("half", "the AWS profile \"half\": access_key_secret is missing"),
            ("broken", "aws_access_key_id has quotes around it: remove them"),
            ("absent", "the AWS profile \"absent\": it has no keys: neither aws_access_key_id nor credential_process"),
            ("nothing", "it has no keys"),
            (
                "sso",
                "it gets keys by sso_session, which this program cannot: write into the own profile credential_command = \
                     [\"aws\", \"configure\", \"export-credentials\", \"--profile\", \"sso\"]",
            ),
            ("role", "it gets keys by role_arn"),
        ] {
            let error = issued(Some(profile)).unwrap_err();
            assert!(error.contains(says) && !error.contains("s3cr3t"), "{error}");
        }
    }

    #[test]
    fn files_that_are_not_there_have_no_profile_and_others_say_what_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let absent = |profile: Option<&str>| SharedConfig {
            credentials: Some(folder.path().join("absent")),
            config: None,
            profile: profile.map(str::to_owned),
        };
        assert!(!absent(None).is_meant() && absent(Some("x")).is_meant());
        assert!(files(folder.path(), None).is_meant());
        fs::write(folder.path().join("credentials"), "[default\naws_access_key_id = s3cr3t").unwrap();
        let broken = SharedConfig { credentials: Some(folder.path().join("credentials")), ..absent(None) };
        assert!(broken.is_meant());
        let error = CredentialSource::issue(&broken, None, &CancelFlag::new()).unwrap_err().to_string();
        assert!(error.contains("credentials cannot be read") && !error.contains("s3cr3t"), "{error}");
    }

    #[test]
    fn what_amazons_tools_print_signs_until_it_ends() {
        let printed = |more: &str| {
            format!("{{\"Version\": 1, \"AccessKeyId\": \"ASIA\", \"SecretAccessKey\": \"s3cr3t\"{more}}}")
        };
        let until = ", \"SessionToken\": \"t\", \"Expiration\": \"2999-01-31T03:04:05Z\"";
        let issued = read(&printed(until)).unwrap();
        assert!(issued.credential == Credential::temporary("ASIA", "s3cr3t", "t".to_owned()).unwrap());
        assert!(issued.expires_in > Some(Duration::from_secs(3600)));
        assert_eq!(read(&printed("")).unwrap().expires_in, None);
        assert!(is_amazons(&printed("")) && !is_amazons("{\"access_key_id\": \"a\"}") && !is_amazons("s3cr3t"));
        for (bad, says) in [
            ("s3cr3t".to_owned(), "it is not a JSON object"),
            ("{\"AccessKeyId\": \"a\"}".to_owned(), "SecretAccessKey is missing"),
            ("{\"SecretAccessKey\": \"s3cr3t\"}".to_owned(), "AccessKeyId is missing"),
            (printed(", \"Expiration\": \"2001-01-31T03:04:05Z\""), "expiration is in the past"),
            (printed(", \"Expiration\": 5"), "Expiration must be a text"),
        ] {
            let Err(mistake) = read(&bad) else { panic!("{bad}") };
            let told = mistake.to_string();
            assert!(told.starts_with(says) && !told.contains("s3cr3t"), "{told}");
        }
    }
}
