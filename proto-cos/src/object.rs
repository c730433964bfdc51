//! What the vendor says of a finished object.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::lenient;
use crate::limits::URL_BYTES;

/// The addresses of a finished object, in the vendor's names. None of them is needed for uploading; treat them as
/// opaque.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ObjectUrls {
    /// Where it can be fetched through the CDN (if the account has one).
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub access_url: Option<String>,
    /// Where it can be fetched without the CDN.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub source_url: Option<String>,
    /// The file URL of this API.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// `/appid/bucket/path`.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub resource_path: Option<String>,
    /// A preview, for text and the like.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub preview_url: Option<String>,
}

impl ObjectUrls {
    /// The address to show to a person: the CDN's, else the origin's, else the API's.
    pub fn best(&self) -> Option<&str> {
        self.access_url.as_deref().or(self.source_url.as_deref()).or(self.url.as_deref())
    }

    /// `None` when not one address is there: then the answer does not say that an object is complete. Addresses that
    /// are too long to keep, or not printable, are left out.
    pub fn if_any(self) -> Option<Self> {
        let Self { access_url, source_url, url, resource_path, preview_url } = self;
        if [&access_url, &source_url, &url, &resource_path].into_iter().all(Option::is_none) {
            return None;
        }
        let kept = |text: Option<String>| text.filter(|t| t.len() <= URL_BYTES && !t.contains(char::is_control));
        Some(Self {
            access_url: kept(access_url),
            source_url: kept(source_url),
            url: kept(url),
            resource_path: kept(resource_path),
            preview_url: kept(preview_url),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_survive_being_saved() {
        let urls = ObjectUrls { access_url: Some("http://a/b".into()), ..ObjectUrls::default() };
        let json = serde_json::to_string(&urls).unwrap();
        assert_eq!(json, r#"{"access_url":"http://a/b"}"#);
        assert_eq!(serde_json::from_str::<ObjectUrls>(&json).unwrap(), urls);
        assert_eq!(urls.best(), Some("http://a/b"));
    }

    #[test]
    fn an_address_of_any_length_is_not_kept() {
        let urls = ObjectUrls {
            url: Some("u".repeat(URL_BYTES + 1)),
            source_url: Some("s\n".into()),
            ..ObjectUrls::default()
        };
        assert_eq!(urls.if_any(), Some(ObjectUrls::default()));
        assert_eq!(ObjectUrls::default().if_any(), None);
    }
}
