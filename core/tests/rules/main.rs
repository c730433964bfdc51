//! The rules of the machine (`docs/architecture.md`), each driven through the public [`resumable_core::Upload`].

mod bad_input;
mod bounds;
mod budgets;
mod commands;
mod damage;
#[path = "../extremes/mod.rs"]
mod extremes;
mod field_bugs_numbers;
mod field_bugs_transport;
mod keys;
#[path = "../numbers/mod.rs"]
mod numbers;
mod planning;
mod questions;
mod saving;
mod schedule;
mod slots;
mod source;
#[path = "../toy/mod.rs"]
mod toy;
mod vendor;
