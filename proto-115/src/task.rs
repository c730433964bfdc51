//! An announced file: where its bytes are to go.

use alloc::borrow::ToOwned;
use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::envelope::Fields;
use crate::limits::CALLBACK_BYTES;

/// What [`crate::init`] and [`crate::resume`] give when bytes are needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// The vendor's name for it, by which it can be resumed. It is not that of the finished file.
    pub pick_code: String,
    /// The bucket of Aliyun OSS.
    pub bucket: String,
    /// The object's key in it.
    pub object: String,
    /// What OSS is to call when it has the object: JSON, to be passed on byte for byte.
    pub callback: String,
    /// The values that it is to call it with: JSON, to be passed on byte for byte.
    pub callback_var: String,
}

impl Task {
    /// A task, if the answer holds one; else what it lacks. `callback` is an object, an array of one, or `[]` where
    /// there is none.
    pub(crate) fn of(data: &Fields, sent_pick_code: Option<&str>) -> Result<Self, &'static str> {
        let callback = data.object("callback");
        let json = |name: &'static str| {
            let usable = |text: &String| text.len() <= CALLBACK_BYTES && !text.contains(char::is_control);
            callback.text(name).filter(usable).ok_or(name)
        };
        let pick_code = data.name("pick_code").or_else(|| sent_pick_code.map(str::to_owned));
        Ok(Self {
            pick_code: pick_code.ok_or("pick_code")?,
            bucket: data.name("bucket").ok_or("bucket")?,
            object: data.name("object").ok_or("object")?,
            callback: json("callback")?,
            callback_var: json("callback_var")?,
        })
    }

    /// True when both are about one object: only then parts that were sent for the one are of use for the other.
    pub fn same_object(&self, other: &Self) -> bool {
        self.bucket == other.bucket && self.object == other.object
    }
}
