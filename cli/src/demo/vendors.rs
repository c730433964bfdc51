//! The vendors that the demo plays with: what it has to know of each.

use std::path::{Path, PathBuf};

use resumable_emulator::Config;
use resumable_emulator::cos::Account;

/// A vendor, as the command uploads to it with a profile that says nothing of sizes.
pub(super) struct Vendor {
    /// The protocol's and the service's name.
    pub(super) name: &'static str,
    /// How many bytes a slice has.
    pub(super) slice: u64,
    /// How many slices may have to be sent again after a kill: those on their way, and where the checkpoint alone knows
    /// what has arrived, those that are acknowledged and not saved yet.
    pub(super) window: u64,
    /// A plan's name for what sends a slice.
    pub(super) slice_op: &'static str,
    /// What completes the object.
    pub(super) end: End,
    /// The shortest sample that can be killed half-way and resumed.
    pub(super) least: u64,
    /// Whether content that the vendor has is not sent again.
    pub(super) instant: bool,
    /// The plain file in the emulator's data folder that holds an object, by the path that was given and the url that
    /// came back.
    pub(super) object: fn(config: &Config, path: &str, url: &str) -> PathBuf,
}

/// What completes an object.
#[derive(Clone, Copy)]
pub(super) enum End {
    /// A call of its own, by a plan's name.
    Call(&'static str),
    /// The last slice.
    LastSlice,
}

/// All of them.
pub(super) const VENDORS: [Vendor; 7] = [
    Vendor {
        name: "cos-v2",
        slice: 1 << 20,
        window: 4,
        slice_op: "upload_slice_data",
        end: End::Call("upload_slice_finish"),
        least: 16 << 20,
        instant: true,
        object: |config, path, _| bucket(&config.cos_v2.accounts[0]).join(path.trim_start_matches('/')),
    },
    Vendor {
        name: "cos-v1",
        slice: 1 << 20,
        window: 1,
        slice_op: "upload_slice_data",
        end: End::LastSlice,
        least: 16 << 20,
        instant: true,
        object: |config, path, _| bucket(&config.cos_v1.accounts[0]).join(path.trim_start_matches('/')),
    },
    Vendor {
        name: "xfyun",
        slice: 8 << 20,
        window: 4,
        slice_op: "mpupload/upload",
        end: End::Call("mpupload/complete"),
        // Five slices: below 30,000,000 bytes there would be none.
        least: 40 << 20,
        instant: false,
        object: |_, _, url| PathBuf::from(url.rsplit('/').next().unwrap_or_default()),
    },
    Vendor {
        name: "oss",
        slice: 8 << 20,
        window: 4,
        slice_op: "upload_part",
        end: End::Call("complete"),
        least: 64 << 20,
        instant: false,
        object: |config, path, _| Path::new(&config.oss.buckets[0]).join(path.trim_start_matches('/')),
    },
    Vendor {
        name: "s3",
        slice: 8 << 20,
        window: 4,
        slice_op: "upload_part",
        end: End::Call("complete"),
        least: 64 << 20,
        instant: false,
        object: |config, path, _| Path::new(&config.s3.buckets[0]).join(path.trim_start_matches('/')),
    },
    Vendor {
        name: "cos-xml",
        slice: 8 << 20,
        window: 4,
        slice_op: "upload_part",
        end: End::Call("complete"),
        least: 64 << 20,
        instant: false,
        object: |config, path, _| Path::new(&config.cos_xml.buckets[0]).join(path.trim_start_matches('/')),
    },
    Vendor {
        name: "115",
        slice: 16 << 20,
        // One after the other: 115 does not take them otherwise.
        window: 1,
        slice_op: "upload_part",
        end: End::Call("complete"),
        least: 64 << 20,
        instant: true,
        object: |_, path, _| PathBuf::from(path.trim_start_matches('/')),
    },
];

fn bucket(account: &Account) -> PathBuf {
    [&account.appid, &account.bucket].iter().collect()
}
