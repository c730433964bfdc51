//! What OSS is asked to call when an object is complete.

use alloc::string::String;
use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};

/// The longest of either text, in bytes.
const LONGEST: usize = 5 << 10;

const CALLBACK: HeaderName = HeaderName::from_static("x-oss-callback");
const CALLBACK_VAR: HeaderName = HeaderName::from_static("x-oss-callback-var");

/// A callback: OSS asks this server once the object is stored, and passes its answer on as the answer to
/// `PutObject` or `CompleteMultipartUpload`. Both texts are JSON, and go out byte for byte as they are.
#[derive(Clone, PartialEq, Eq)]
pub struct Callback {
    callback: String,
    callback_var: Option<String>,
}

impl Callback {
    /// A callback of the vendor's parameters: `callback` with `callbackUrl` and `callbackBody`, `callback_var` with the
    /// values of its `x:` variables.
    ///
    /// # Errors
    /// When either text is no JSON object at first sight, or longer than 5 KiB.
    pub fn new(callback: impl Into<String>, callback_var: Option<String>) -> Result<Self, InvalidCallback> {
        let callback = callback.into();
        let object = |text: &str| text.len() <= LONGEST && text.trim().starts_with('{') && text.trim().ends_with('}');
        if !object(&callback) || !callback_var.as_deref().is_none_or(object) {
            return Err(InvalidCallback);
        }
        Ok(Self { callback, callback_var })
    }

    pub(crate) fn add_to(&self, headers: &mut HeaderMap) {
        let encoded = |text: &str| HeaderValue::try_from(STANDARD.encode(text)).expect("base64 makes a header value");
        headers.insert(CALLBACK, encoded(&self.callback));
        if let Some(var) = &self.callback_var {
            headers.insert(CALLBACK_VAR, encoded(var));
        }
    }
}

// Whoever runs the other server may have put a password into the variables.
impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Callback([redacted])")
    }
}

/// A text that cannot be a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the callback and its variables must be JSON objects of at most 5 KiB, not base64")]
pub struct InvalidCallback;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callbacks_are_checked() {
        assert!(Callback::new(" {\"callbackUrl\":\"x\"}\n", Some("{}".into())).is_ok());
        assert_eq!(Callback::new("eyJ", None), Err(InvalidCallback));
        assert_eq!(Callback::new("{}", Some(String::new())), Err(InvalidCallback));
        assert_eq!(Callback::new(format!("{{{}}}", " ".repeat(LONGEST)), None), Err(InvalidCallback));
    }
}
