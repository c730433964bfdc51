//! What the two COS JSON APIs share: accounts, paths, signatures, forms, codes and the envelope of answers.

mod account;
pub(crate) mod answer;
pub(crate) mod code;
pub(crate) mod form;
pub(crate) mod path;
pub(crate) mod sha;
pub(crate) mod signature;
mod switches;

pub use account::Account;
pub use switches::{BadPath, DateForm, ExpiredCode, QueryPlus};
