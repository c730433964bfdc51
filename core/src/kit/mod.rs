//! What several vendors need alike, and only that.

pub mod calendar;
pub mod crc64;
mod excerpt;
mod foreign;
mod form;
mod ranges;
mod retry_after;
mod tally;

pub use excerpt::printable;
pub use foreign::{advice_on_foreign, is_page};
pub use form::{FilePart, Form};
pub use ranges::Ranges;
pub use retry_after::retry_after;
pub use tally::Tally;
