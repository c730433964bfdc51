//! Uploads to xfyun.

mod broken;
mod changed;
mod enumerated;
mod planned;
mod random;
mod signed;
