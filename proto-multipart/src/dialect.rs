//! What one vendor's part-number API says in its own way, as data.

use core::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::checksum::{Checksum, ChecksumKind, number};
use crate::codes::Code;
use crate::op::Op;

/// How one vendor speaks the part-number API: a constant in its crate.
#[derive(Debug)]
pub struct Dialect {
    /// The vendor's name, for people.
    pub vendor: &'static str,
    /// How it calls the opening of an upload in parts.
    pub create: Op,
    /// Its error codes.
    pub codes: &'static [Code],
    /// The header by which each of its answers can be told from a proxy's; `None` for servers that send none.
    pub request_id: Option<&'static str>,
    /// How a refusal without a body says what it is.
    pub bare_refusals: BareRefusals,
    /// The header in which a refusal names the bucket's region.
    pub bucket_region: Option<&'static str>,
    /// The region that a host of the vendor's names.
    pub region_of: fn(host: &str) -> Option<alloc::string::String>,
    /// The sums that it tells of content.
    pub sums: &'static [Sum],
    /// Header and beginning of its value by which an answer says that tags are no MD5, because the content is encrypted.
    pub opaque_tags: &'static [(&'static str, &'static str)],
    /// The metadata that keeps the random name of an upload with its object.
    pub upload_name: Option<&'static str>,
    /// How documents are known.
    pub documents: Documents,
    /// How long the vendor may take from the last byte of a complete to its answer.
    pub completes_within: Duration,
    /// The longest `UploadId` that is believed, in bytes.
    pub upload_id_bytes: usize,
}

/// A sum, and how it is written.
#[derive(Clone, Copy, Debug)]
pub struct Sum {
    /// Which sum.
    pub kind: ChecksumKind,
    /// The header that holds it.
    pub header: &'static str,
    /// The element that holds it, in a list of parts.
    pub element: &'static str,
    /// The element that holds that of the whole, in the answer to a complete; the header does where there is none.
    pub whole: Option<&'static str>,
    /// The form of its value.
    pub form: Form,
}

/// The form of a sum's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// An unsigned decimal number.
    Decimal,
    /// Base64 of its big-endian bytes.
    Base64,
}

/// How a refusal without a body, as that of HEAD, says what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BareRefusals {
    /// In headers: the document in base64, and a finer code.
    InHeaders {
        /// The document, in base64.
        document: &'static str,
        /// The finer code.
        code: &'static str,
    },
    /// By its status alone: a 403 may mean that nothing is there, that the keys may not know, or a wrong clock.
    ByStatus,
}

/// How documents are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Documents {
    /// By the name of their root; a list says of each page whether it is the last.
    Strict,
    /// By how the name of their root begins: servers that resemble the vendor's end it otherwise (`ListPartsResponse`), and
    /// leave out that a page is the last.
    Lax,
}

impl Sum {
    /// Reads a value.
    pub fn read(&self, text: &str) -> Option<Checksum> {
        let text = text.trim();
        let value = match self.form {
            Form::Decimal => text.parse().ok(),
            Form::Base64 => {
                STANDARD.decode(text).ok().filter(|it| it.len() == self.kind.bytes()).as_deref().and_then(number)
            }
        };
        value.map(|value| Checksum { kind: self.kind, value })
    }

    /// Writes a value.
    pub fn write(&self, value: u64) -> alloc::string::String {
        let bytes = value.to_be_bytes();
        match self.form {
            Form::Decimal => format!("{value}"),
            Form::Base64 => STANDARD.encode(&bytes[bytes.len() - self.kind.bytes()..]),
        }
    }
}

impl Dialect {
    /// The row of a code, if it is in the table.
    pub fn find(&self, code: &str) -> Option<&'static Code> {
        self.codes.iter().find(|row| row.code == code)
    }

    /// How a sum is written.
    pub fn sum(&self, kind: ChecksumKind) -> Option<&'static Sum> {
        self.sums.iter().find(|sum| sum.kind == kind)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::codes::Class;

    /// A dialect for the tests of this crate.
    pub(crate) const PLAIN: Dialect = Dialect {
        vendor: "STORE",
        create: Op::InitiateMultipartUpload,
        codes: &[Code { code: "AccessDenied", class: Class::Refused, meaning: "no right", remedy: "ask" }],
        request_id: Some("x-request-id"),
        bare_refusals: BareRefusals::ByStatus,
        bucket_region: Some("x-bucket-region"),
        region_of: |_| None,
        sums: &[Sum { kind: ChecksumKind::Crc32c, header: "x-crc", element: "Crc", whole: None, form: Form::Base64 }],
        opaque_tags: &[("x-encryption", "kms")],
        upload_name: Some("x-meta-name"),
        documents: Documents::Lax,
        completes_within: Duration::from_secs(600),
        upload_id_bytes: 1024,
    };

    #[test]
    fn sums_are_written_as_they_are_read() {
        let decimal = Sum { kind: ChecksumKind::Crc64, header: "a", element: "A", whole: None, form: Form::Decimal };
        let encoded = Sum { kind: ChecksumKind::Crc64Nvme, form: Form::Base64, ..decimal };
        let short = Sum { kind: ChecksumKind::Crc32c, ..encoded };
        for (sum, text) in
            [(decimal, "18446744073709551615"), (decimal, "0"), (encoded, "rosUhgp5mIg="), (short, "4waSgw==")]
        {
            let read = sum.read(&format!(" {text} ")).unwrap();
            assert_eq!((read.kind, sum.write(read.value).as_str()), (sum.kind, text));
        }
        for (sum, bad) in [(decimal, "-1"), (decimal, "18446744073709551616"), (encoded, "4waSgw=="), (short, "x")] {
            assert_eq!(sum.read(bad), None, "{bad}");
        }
    }
}
