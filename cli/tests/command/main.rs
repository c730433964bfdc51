//! The command itself, driven as a person drives it, against the emulator on a socket.
//!
//! | file | |
//! |---|---|
//! | `uploads`, `resume`, `restart`, `demo`, `emulator` | what is done |
//! | `sources` | files that are none, cannot be read, change, or are of an awkward length |
//! | `names` | names on either side, and destinations that are none |
//! | `configuration` | mistakes in the configuration file |
//! | `checkpoints` | damaged, of another version, of another upload, in use |
//! | `state_folder` | that cannot be used, is full, or goes away |
//! | `credentials` | wrong keys, accounts, buckets, endpoints, clocks |
//! | `credential_command` | keys that a program prints |
//! | `config`, `packaged` | profiles that the command writes; completions, manual pages, digests |
//! | `object`, `rate`, `on_done` | options of the object, the speed, and what is run after a file |
//! | `live` | a real account that is tried: here the emulator's |
//! | `login`, `tokens` | who is let in by 115 |
//! | `oss`, `p115` | the other vendors' uploads |
//! | `servers` | down, in trouble, lying |
//! | `unproven` | what the pages of OSS and 115 leave open |
//! | `output` | JSON, the log file, terminals |
//! | `transports` | what carries the requests: which, and from one to the other |
//! | `cos_v1`, `xfyun` | all of that where these differ from COS v2, which the tests above upload to |
//! | `field_bugs`, `field_bugs_cos_v1`, `field_bugs_xfyun`, `field_bugs_oss`, `field_bugs_oss_answers`, `field_bugs_s3`, `field_bugs_115`, `field_bugs_transport` | what went wrong in other clients |
//! | `canaries` | secrets are nowhere: shown, logged, kept, or seen by other processes |
//! | `kit`, `port`, `liar` | homes, processes, a port that is held, and a server that lies |
//! | `field_bugs_state` | and with results, and what lies in the state folder |
//!
//! What is bad has a test of its own each: the exit code, the words, what the vendor and the state folder hold
//! afterwards, and that the right command then finishes with identical bytes. That no panic, backtrace, control
//! character or secret is shown is checked for every command that is run. A store that fails at its n-th write, for
//! every n, is in the core's tests (`failing_store`). What stands in an `over_each_transport!` is run over each of them.
#![cfg(unix)]

mod canaries;
#[path = "../../../core/tests/canary/mod.rs"]
mod canary;
mod checkpoints;
mod config;
mod configuration;
mod cos_v1;
mod credential_command;
mod credentials;
mod demo;
mod emulator;
mod existing;
mod field_bugs;
mod field_bugs_115;
mod field_bugs_content;
mod field_bugs_cos_v1;
mod field_bugs_credentials;
mod field_bugs_emulator;
mod field_bugs_folders;
mod field_bugs_oss;
mod field_bugs_oss_answers;
mod field_bugs_s3;
mod field_bugs_state;
mod field_bugs_transport;
mod field_bugs_verdicts;
mod field_bugs_xfyun;
mod interrupts;
mod kit;
mod liar;
mod list;
mod live;
mod login;
mod many;
mod moved;
mod names;
mod object;
mod on_done;
mod oss;
mod output;
mod p115;
mod packaged;
mod part_stores;
mod port;
mod rate;
mod remote;
mod restart;
mod resume;
mod saved_before;
mod servers;
mod sources;
mod state_folder;
mod tokens;
mod transports;
mod unproven;
mod uploads;
mod xfyun;
