//! Simulated uploads to xfyun.

mod broken;
mod enumerated;
mod planned;
mod random;
