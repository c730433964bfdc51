//! Uploads to OSS.

mod broken;
mod changed;
mod enumerated;
mod many;
mod planned;
mod random;
mod signed;
