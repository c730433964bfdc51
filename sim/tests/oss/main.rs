//! Simulated uploads to OSS.

mod broken;
mod enumerated;
mod many;
mod planned;
mod random;
