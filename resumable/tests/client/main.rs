//! The clients, over an OSS server in memory: what a program meets.

mod bad_input;
mod continued;
#[cfg(feature = "profiles")]
mod cut;
mod existing;
mod interrupted;
mod many;
mod one;
#[cfg(feature = "115")]
mod p115;
#[cfg(feature = "profiles")]
mod related;
mod renewal;
mod sent;
#[path = "../thread_timer/mod.rs"]
mod thread_timer;
#[cfg(feature = "tracing")]
mod traced;
mod world;

/// Makes each test twice: over the blocking client and over the async one. `send` ends an upload in either style.
macro_rules! in_both_styles {
    ($($(#[$meta:meta])* fn $name:ident($world:ident, $client:ident, $send:ident) $body:block)+) => {
        mod blocking {
            use super::*;
            use resumable::blocking::Client as TheClient;

            $($(#[$meta])* #[test] fn $name() {
                let $world = World::new();
                let $client = || TheClient::builder().transport($world.clone());
                #[allow(unused_macros)]
                macro_rules! $send { ($upload:expr) => { $upload } }
                $body
            })+
        }

        mod asynchronous {
            use super::*;
            use resumable::Client as TheClient;

            $($(#[$meta])* #[test] fn $name() {
                let $world = World::new();
                let $client = || TheClient::builder().transport($world.clone());
                #[allow(unused_macros)]
                macro_rules! $send { ($upload:expr) => { futures::executor::block_on($upload) } }
                $body
            })+
        }
    };
}
use in_both_styles;
