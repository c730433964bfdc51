//! Behaviours of both COS APIs that nobody has proven.

use serde::{Deserialize, Serialize};

use crate::switch::switch;

switch! {
    /// The form of the `Date` header.
    DateForm {
        /// `Wed Aug 31 20:46:40 2016`, Beijing time, as the vendor's pages print it.
        AsctimeBeijing,
        /// `Wed, 31 Aug 2016 12:46:40 GMT`.
        ImfFixdate,
    }
}
switch! {
    /// The code of an expired signature.
    ExpiredCode {
        /// -96.
        Proxy,
        /// -59.
        Sign,
    }
}
switch! {
    /// The code of a path no object may have.
    BadPath {
        /// -180.
        IllegalPath,
        /// -5999.
        Parameter,
    }
}
switch! {
    /// A literal `+` in a path, or in `?sign=`.
    QueryPlus {
        /// A space, as in a form; base64 then breaks.
        Space,
        /// A plus.
        Literal,
    }
}
switch! {
    /// A slice sent again with other bytes, where no `uploadparts` tells which are right.
    ChangedSlice {
        /// The new bytes replace the old.
        Replace,
        /// -4016.
        Refuse,
    }
}
switch! {
    /// Upload into a directory that does not exist.
    MissingDirectory {
        /// It comes into being.
        Create,
        /// Nothing is there.
        Refuse,
    }
}
switch! {
    /// `stat` of an unfinished upload.
    StatUnfinished {
        /// Nothing is there.
        NotFound,
        /// An answer whose `filelen` is less than its `filesize`.
        Partial,
    }
}
