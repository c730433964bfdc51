//! Uploads to the 115 open platform.

mod broken;
mod changed;
mod enumerated;
mod planned;
mod random;
mod signed;
