//! How a behaviour that nobody has proven is written down: an enum of its possibilities.

use serde::{Deserialize, Serialize};

macro_rules! switch {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }
    };
}

pub(crate) use switch;

switch! {
    /// A field that a form has more than once.
    RepeatedField {
        /// A wrong parameter.
        Refuse,
        /// The first one counts.
        First,
        /// The last one counts.
        Last,
    }
}
