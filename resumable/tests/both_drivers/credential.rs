//! A credential that is long in coming.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use resumable_core::{AuthError, Cause, Failure};

use crate::world::{DRIVERS, Desk, Wire};

#[test]
fn an_upload_that_is_stopped_while_its_credential_is_waited_for_ends() {
    for drive in DRIVERS {
        let (tell, told) = channel();
        let tell = std::sync::Mutex::new(tell);
        let desk = Desk {
            on_key: Box::new(move |desk, _, cancel| {
                desk.stop();
                let start = Instant::now();
                while !cancel.is_set() && start.elapsed() < Duration::from_secs(60) {
                    thread::yield_now();
                }
                tell.lock().unwrap().send(cancel.is_set()).unwrap();
                Err(AuthError(Cause::text("nobody waits for it")))
            }),
            ..Desk::default()
        };
        let (desk, wire) = (Arc::new(desk), Wire::default());
        assert!(matches!(drive(&desk, &wire).end, Err(Failure::Stopped)));
        assert!(told.recv().unwrap(), "it was told");
    }
}
