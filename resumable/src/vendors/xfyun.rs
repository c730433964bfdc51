//! Profiles of iFLYTEK's OST file upload.

use resumable_proto_xfyun::limits::ONE_REQUEST_BYTES;
use resumable_proto_xfyun::{
    App, Credential, DigestMode, ENDPOINT, Fault, InvalidApp, InvalidCredential, Limits, Op, Options, Xfyun,
};
use serde::Deserialize;

use super::keys::{Command, Keys};
use super::{Context, Vendor};
use crate::Credentials;
use crate::profile::{Mistake, Secret, Size, set};
use crate::units::show_size;

/// What a profile says.
#[derive(Debug, Deserialize)]
pub(crate) struct ProfileOptions {
    endpoint: Option<String>,
    app_id: String,
    cloud_id: Option<String>,
    slice_size: Option<Size>,
    one_request_below: Option<Size>,
    parallel: Option<bool>,
    #[serde(default, with = "DigestName")]
    digest: DigestMode,
    slice_min: Option<Size>,
    slice_max: Option<Size>,
    slices_max: Option<Size>,
}

/// What signs.
#[derive(Debug, Deserialize)]
pub(crate) struct ApiKeys {
    api_key: Option<Secret>,
    api_secret: Option<Secret>,
}

#[derive(Deserialize)]
#[serde(remote = "DigestMode", rename_all = "lowercase")]
enum DigestName {
    Empty,
    Body,
}

impl Vendor for Xfyun {
    const NAME: &'static str = "xfyun";
    const SECRETS: &'static [&'static str] = &["api_key", "api_secret"];
    const PART_SIZE: &'static str = "slice_size";
    const PAGE: &'static str = include_str!("xfyun.toml");
    type Options = (ProfileOptions, ApiKeys, Command);

    /// The path is a label: the vendor has none, and gives the object a url of its own.
    fn from_profile(
        (given, keys, command): Self::Options,
        _: &str,
        _: &str,
        _: &Context,
    ) -> Result<(Self, Credentials<Self::Credential>), Mistake> {
        let options = given.options()?;
        let app = App::new(given.endpoint.as_deref().unwrap_or(ENDPOINT), &given.app_id, given.cloud_id.as_deref());
        let app = app.map_err(|error| match error {
            InvalidApp::AppId => Mistake::wrong("app_id", error),
            InvalidApp::CloudId => Mistake::wrong("cloud_id", error),
            _ => Mistake::wrong("endpoint", error),
        })?;
        let protocol = Xfyun::new(app, options).map_err(|error| Mistake::Other(error.to_string()))?;
        Ok((protocol, command.or(keys)?))
    }

    fn hint(fault: &Fault) -> Option<&'static str> {
        match fault {
            Fault::Vendor { code: Some(10001), op: Op::MpuploadUpload, .. } => {
                Some("If the profile has parallel = true, slice_min, slice_max or slices_max, remove them.")
            }
            Fault::Vendor { code: Some(10001), .. } => {
                Some("Check app_id in the profile: it is the application that api_key and api_secret belong to.")
            }
            Fault::FileTooBig { .. } => Some("If the profile has slice_max or slices_max, make them larger."),
            Fault::BadPartSize { .. } => Some("Change slice_size, slice_min or slice_max in the profile."),
            Fault::TooLarge { .. } => Some("Set a smaller slice_size or one_request_below in the profile."),
            Fault::Unreadable { .. } => Some("If this persists, check endpoint and proxy in the profile."),
            Fault::UrlLost(_) => Some("Run the same command again to upload the file once more, only to get its url."),
            _ => None,
        }
    }
}

impl Keys for ApiKeys {
    type Credential = Credential;

    fn given(&self) -> Option<&'static str> {
        let keys = [("api_key", &self.api_key), ("api_secret", &self.api_secret)];
        keys.into_iter().find_map(|(key, secret)| secret.as_ref().map(|_| key))
    }

    fn credential(self) -> Result<Credential, Mistake> {
        let key = self.api_key.ok_or(Mistake::Missing("api_key"))?;
        let secret = self.api_secret.ok_or(Mistake::Missing("api_secret"))?;
        Credential::new(key.expose(), secret.0).map_err(|error| match error {
            InvalidCredential::ApiSecret => Mistake::wrong("api_secret", error),
            _ => Mistake::wrong("api_key", error),
        })
    }
}

impl ProfileOptions {
    fn options(&self) -> Result<Options, Mistake> {
        let mut options = Options::default();
        options.limits = self.limits()?;
        let (least, most) = (options.limits.part_min, options.limits.part_max);
        options.part_size = options.part_size.clamp(least, most);
        set(&mut options.part_size, self.slice_size);
        if !(least..=most).contains(&options.part_size) {
            let (least, most) = (show_size(least), show_size(most));
            return Err(Mistake::wrong("slice_size", format!("slice_size must be from {least} to {most}")));
        }
        if let Some(below) = self.one_request_below.map(u64::from) {
            if below > ONE_REQUEST_BYTES + 1 {
                return Err(Mistake::wrong("one_request_below", "one_request_below must be at most 30MiB"));
            }
            options.one_request_max = below.saturating_sub(1);
        }
        set(&mut options.parallel, self.parallel);
        options.digest = self.digest;
        Ok(options)
    }

    /// Private deployments may have other limits than the vendor's page.
    fn limits(&self) -> Result<Limits, Mistake> {
        let mut limits = Limits::default();
        set(&mut limits.part_min, self.slice_min);
        set(&mut limits.part_max, self.slice_max);
        set(&mut limits.parts, self.slices_max);
        if limits.part_min == 0 {
            return Err(Mistake::wrong("slice_min", "slice_min must be at least 1 byte"));
        }
        if limits.part_max < limits.part_min {
            return Err(Mistake::wrong("slice_max", "slice_max must not be smaller than slice_min"));
        }
        if limits.parts == 0 {
            return Err(Mistake::wrong("slices_max", "slices_max must be at least 1"));
        }
        Ok(limits)
    }
}
