//! Profiles of iFLYTEK's OST file upload.

use resumable_proto_xfyun::{
    App, Credential, DigestMode, ENDPOINT, Fault, InvalidApp, Limits, Op, Options, Uploaded, Xfyun,
};
use secrecy::ExposeSecret as _;

use super::{API_KEY, API_SECRET, Around, Made, Vendor, written};
use crate::exit::Problem;
use crate::profile::{Profile, Secret};
use crate::units::show_size;

/// The vendor's "smaller than 30M", in its larger reading.
const ONE_REQUEST_MOST: u64 = 30 << 20;

const DIGEST: &[(&str, DigestMode)] = &[("empty", DigestMode::Empty), ("body", DigestMode::Body)];

impl Vendor for Xfyun {
    const NAME: &'static str = "xfyun";
    const SECRETS: &'static [Secret] = &[API_KEY, API_SECRET];

    /// The path is a label: the vendor has none, and gives the object a url of its own.
    fn of_profile(profile: &mut Profile, _: &str, _: &Around<'_>) -> Result<Made<Self>, Problem> {
        let endpoint = profile.text("endpoint")?;
        let (app_id, cloud_id) = (profile.needed("app_id")?, profile.text("cloud_id")?);
        let (api_key, api_secret) = (profile.secret(API_KEY)?, profile.secret(API_SECRET)?);
        let options = options(profile)?;
        let app = App::new(endpoint.as_deref().unwrap_or(ENDPOINT), &app_id, cloud_id.as_deref());
        let app = app.map_err(|error| match error {
            InvalidApp::AppId => profile.wrong("app_id", &error.to_string()),
            InvalidApp::CloudId => profile.wrong("cloud_id", &error.to_string()),
            _ => profile.wrong("endpoint", &error.to_string()),
        })?;
        let credential = Credential::new(api_key.expose_secret(), api_secret);
        let credential = credential.map_err(|error| profile.wrong(API_KEY.key, &error.to_string()))?;
        let protocol = Xfyun::new(app, options).map_err(Problem::usage)?;
        Ok((protocol, written(credential)))
    }

    fn hint(fault: &Fault) -> Option<&'static str> {
        match fault {
            Fault::Vendor { code: Some(10001), op: Op::MpuploadUpload, .. } => {
                Some("If the profile says parallel = true or sets slice_min, slice_max or slices_max, take that out.")
            }
            Fault::Vendor { code: Some(10001), .. } => {
                Some("Check the profile's app_id: it is the application that api_key and api_secret belong to.")
            }
            Fault::FileTooBig { .. } => Some("If the profile says slice_max or slices_max, write larger ones."),
            Fault::BadSliceSize { .. } => Some("Change slice_size, slice_min or slice_max in the profile."),
            Fault::TooLarge { .. } => Some("Write a smaller slice_size or one_request_below into the profile."),
            Fault::Unreadable { .. } => Some("If this goes on, check the profile's endpoint, and proxies on the way."),
            Fault::UrlLost(_) => Some("Run the same command again to upload the file once more, for its url alone."),
            _ => None,
        }
    }

    fn strays(outcome: &Uploaded) -> u32 {
        outcome.strays
    }
}

fn options(profile: &mut Profile) -> Result<Options, Problem> {
    let mut options = Options::default();
    options.limits = limits(profile)?;
    let (least, most) = (options.limits.slice_min, options.limits.slice_max);
    if let Some(slice_size) = profile.size("slice_size")? {
        options.slice_size = slice_size;
    } else {
        options.slice_size = options.slice_size.clamp(least, most);
    }
    if !(least..=most).contains(&options.slice_size) {
        let why = format!("slice_size must be from {} to {}", show_size(least), show_size(most));
        return Err(profile.wrong("slice_size", &why));
    }
    if let Some(below) = profile.size("one_request_below")? {
        if below > ONE_REQUEST_MOST {
            return Err(profile.wrong("one_request_below", "one_request_below may be 30MiB at most"));
        }
        options.one_request_below = below;
    }
    if let Some(parallel) = profile.flag("parallel")? {
        options.parallel = parallel;
    }
    if let Some(digest) = profile.one_of("digest", DIGEST)? {
        options.digest = digest;
    }
    Ok(options)
}

/// Private deployments may have other limits than the vendor's page.
fn limits(profile: &mut Profile) -> Result<Limits, Problem> {
    let mut limits = Limits::default();
    if let Some(least) = profile.size("slice_min")? {
        limits.slice_min = least;
    }
    if let Some(most) = profile.size("slice_max")? {
        limits.slice_max = most;
    }
    if let Some(most) = profile.size("slices_max")? {
        limits.slices = most;
    }
    if limits.slice_min == 0 {
        return Err(profile.wrong("slice_min", "slice_min must be 1 byte at least"));
    }
    if limits.slice_max < limits.slice_min {
        return Err(profile.wrong("slice_max", "slice_max must not be smaller than slice_min"));
    }
    if limits.slices == 0 {
        return Err(profile.wrong("slices_max", "slices_max must be 1 at least"));
    }
    Ok(limits)
}
