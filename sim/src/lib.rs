//! Simulated uploads: the machine of `resumable-core` against the emulator, under a virtual clock, with faults and
//! crashes drawn from a seed.
//!
//! One property is checked: every upload ends finished with identical bytes, or with an honest error, and
//! stays within its window, its budgets and a bound on bytes sent again. A [`case`] is one upload from its first request
//! to its end, over as many processes as crashes make of it; the same seed gives the same case, whatever else runs.
//!
//! ```text
//! case ─ draws ─► Profile, V::Setting ─► World ── runs ──► Upload (one process each)
//!                                          │                  │ Send      ► network ► emulator      two moments
//!                                          │                  │ Save, …   ► host actions ► store    two moments
//!                                          └─ Script: which fault each action meets
//! oracle ◄─ Ledger (what was injected), the object at the emulator
//! ```
//!
//! In scope: everything the machine asks of its host, the order of answers, both moments of every request (its effect at
//! the server, its answer at the client), crashes between any two of them, bytes that change on their way, a store that loses
//! its power among the library's own steps. Out of scope: sockets, threads, files of the system's.
//!
//! What is known of one vendor stands in a folder of its own under [`registry`], which lists them all; another one joins by
//! implementing the traits of [`vendor`].

mod again;
mod answers;
pub mod calls;
pub mod campaign;
pub mod case;
pub mod census;
mod chance;
pub mod clock;
mod durable;
pub mod enumerate;
pub mod fault;
pub mod fault_kind;
mod fault_log;
mod host_actions;
mod leases;
pub mod ledger;
mod network;
pub mod oracle;
mod other_client;
pub mod outcomes;
mod process;
pub mod profile;
pub mod queue;
pub mod registry;
mod slots;
pub mod source;
pub mod store;
pub mod transcript;
pub mod vendor;
mod world;
