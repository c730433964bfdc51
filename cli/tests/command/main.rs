//! The command itself, driven as a person drives it, against the emulator on a socket.
#![cfg(unix)]

mod checkpoints;
mod configuration;
mod credentials;
mod demo;
mod emulator;
mod field_bugs;
mod kit;
mod liar;
mod names;
mod restart;
mod resume;
mod servers;
mod sources;
mod state_folder;
mod uploads;
