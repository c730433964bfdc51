//! Uploads to COS by its XML API.

mod broken;
mod changed;
mod enumerated;
mod planned;
mod random;
mod signed;
