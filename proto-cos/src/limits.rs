//! The limits that both versions share, as data.

use core::time::Duration;

/// The largest file that `op=upload` takes, in bytes. The vendor says "files over 20 MB use slices"; its SDKs stop at
/// 20 MiB, and a body that is too large is answered with an HTML page. The smaller reading is safe under both.
pub const ONE_REQUEST_BYTES: u64 = 20_000_000;

/// The largest file that can be uploaded in slices, in bytes: the vendor's 64 GB, read as 64 GiB.
pub const FILE_BYTES: u64 = 64 << 30;

/// The largest slice size that is believed when a server answers it, in bytes: far above the vendor's 3 MiB.
pub const SLICE_SIZE_BELIEVED: u64 = 64 << 20;

/// The longest session that is believed, in bytes. The vendor's have some 100 characters; a session is kept in every
/// checkpoint, so it must not be of any length.
pub const SESSION_BYTES: usize = 1024;

/// The longest URL of a finished object that is kept, in bytes; a longer one is left out of the reply.
pub const URL_BYTES: usize = 2048;

/// The longest life of a multi-effect signature: "about three months" on the vendor's page, here 90 days.
pub const SIGNATURE_LIFE: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// The longest reply to an ordinary call, in bytes; replies are a few hundred bytes.
pub const REPLY_BYTES: u64 = 1 << 20;
