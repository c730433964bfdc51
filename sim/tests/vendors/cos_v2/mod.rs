//! Uploads to Tencent COS v2.

mod broken;
mod changed;
mod enumerated;
mod planned;
mod random;
mod signed;
