//! The command itself, driven as a person drives it, against the emulator on a socket.
#![cfg(unix)]

mod configuration;
mod demo;
mod emulator;
mod endings;
mod kit;
mod names;
mod restart;
mod resume;
mod secrets;
mod uploads;
