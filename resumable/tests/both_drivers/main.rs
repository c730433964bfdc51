//! What both drivers do alike: slots, credentials that wait, and one event for each request.

mod credential;
mod slots;
#[path = "../thread_timer/mod.rs"]
mod thread_timer;
#[expect(dead_code, unused_imports, reason = "the drivers need the toy vendor and its server, not the rig")]
#[path = "../../../core/tests/toy/mod.rs"]
mod toy;
#[cfg(feature = "tracing")]
mod traced;
mod world;
