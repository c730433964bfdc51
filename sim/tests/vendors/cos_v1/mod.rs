//! Uploads to Tencent COS v1.

mod broken;
mod changed;
mod enumerated;
mod planned;
mod random;
mod signed;
