//! S3 servers that nobody of this project wrote, and the command that uploads to them.
//!
//! | server | what it is good for |
//! |---|---|
//! | `swift` | Swift behind its S3 API. Checks signatures, regions, MD5, the order of parts and their 5 MiB; odd keys |
//! | `moto` | Checks signatures and permissions; takes conditions of a put; tells CRC64NVME |
//! | `rclone` | `rclone serve s3`. Replaces no part, drops an upload whose complete it refuses, pages in a way of its own |
//!
//! `RESUMABLE_FOREIGN` names a Python that has what stands in `requirements.txt`; then all of it has to be there. Without
//! that, `python3` is asked, and tests of a server that it does not have say so and do nothing.
//!
//! | file | |
//! |---|---|
//! | `server.py`, `s3.py` | starts a server; looks into it with the vendor's SDK |
//! | `server`, `gate`, `home` | the same from here; what stands between; the command and its profile |
//! | `answers`, `uploads` | that each server is there, and what is uploaded to it |
#![cfg(unix)]

mod answers;
mod gate;
mod home;
mod server;
mod uploads;
