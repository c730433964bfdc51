//! What several vendors need alike, and only that.

pub mod crc64;
mod excerpt;
mod foreign;
mod form;
mod http_date;
mod ranges;
mod tally;

pub use excerpt::printable;
pub use foreign::{advice_on_foreign, is_page};
pub use form::{FilePart, Form};
pub use http_date::{parse_gmt_date, retry_after};
pub use ranges::Ranges;
pub use tally::Tally;
