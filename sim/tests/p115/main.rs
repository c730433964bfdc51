//! Simulated uploads to the 115 open platform.

mod broken;
mod enumerated;
mod planned;
mod random;
