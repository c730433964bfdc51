//! The library's own driver in the simulated world: a whole call of its async client, as a program makes it, is one future
//! that is polled on one thread, in virtual time.
//!
//! ```text
//! case ─► Client::put(…).file(…).send() ─► executor ─► queue: wakes, jobs of the Offload, what takes effect late
//!              │ transport, timer             │
//!              │ offload, clock, seed         └─ one event after the other; the clock moves to each
//!              └─ real FileSource, Folder, SentRecord and tokens of 115, over a temporary folder
//! ```
//!
//! * *Time* is the thread's (`time`): the client's clock shows it, naps are events, and whatever blocks moves it.
//! * *The network* (`carrier`) reads a body piece by piece, then the whole request takes effect at the emulator at one
//!   moment. A connection is refused or cut, an answer is lost or comes late, and a server fails.
//! * *Death* (`executor`) comes at an event that the seed draws, or between two steps of the store (`mortal`), whose disk may
//!   be full, too. The future is dropped. A killed process, unlike a dropped future, runs no destructor: its folders are put
//!   back as they were at that moment (`home`), and its jobs never run.
//! * *The file* is written to, or touched, in a run or between two. A user stops, drains or pauses.
//! * *The end* (`judge`): errors are explained by what was injected. Without faults an upload ends with the right object
//!   within a few runs, its folder of checkpoints is empty, and the record of what was sent keeps the next run from sending.
//!   Then another version of the file may be sent there, and perhaps the first one again.
//!
//! Out of scope: vendors' lies (the machine alone is tried with those), disks that lose writes, real threads.

mod carrier;
pub mod case;
mod credential_source;
mod executor;
mod home;
mod judge;
mod mortal;
mod plight;
pub mod rivals;
mod time;
mod world;

pub use self::credential_source::CredentialSource;
