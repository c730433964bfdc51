//! Fuzz targets for this workspace: `cargo xtask fuzz` builds and runs them with libFuzzer.
//!
//! | target | what is fed | what must hold |
//! |---|---|---|
//! | [`decode`] | answers to every vendor's calls, and texts of checkpoints | bounded memory; what is read is written the same |
//! | [`form`] | fields, ranges, a boundary | a parser of others reads what was written |
//! | [`resume`] | checkpoints, and answers to what they lead to | rule 2, no secret shown or saved, an end |
//! | [`machine`] | what becomes of an upload to the emulator | the same; success only of what is there |
//! | [`profile`] | profiles, fault plans, the emulator's settings | errors name a line or a key |
//! | [`emulator`] | requests | an answer, however the body is cut |
//! | [`reply`] | what a server writes into a socket | three transports that take it read the same |
//!
//! None may panic. A module has all that a target does, and a file in `targets/` hands it to libFuzzer. Dictionaries and
//! corpora are beside them; `floors.json` says how far each corpus gets.

pub mod decode;
pub mod draw;
pub mod emulator;
pub mod form;
pub mod host;
pub mod machine;
pub mod memory;
pub mod message;
pub mod profile;
pub mod reply;
pub mod resume;
pub mod seeds;
pub mod vendor;
