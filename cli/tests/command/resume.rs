//! Uploads that are broken off, and go on.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{self, JoinHandle};

use resumable_emulator::{Fault, Rule};

use crate::kit::{APPID, BUCKET, Home, PART, until};

#[test]
fn a_killed_upload_goes_on_where_it_was() {
    let home = Home::new();
    let file = home.file("big.bin", 16 * PART, 1);
    home.break_off(&file, "/big.bin");
    let stored = home.emulator.totals().file_bytes;
    assert!((3 * PART..16 * PART).contains(&stored));
    let ran = home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming "]);
    assert_eq!(ran.result("bytes sent"), (16 * PART - stored).to_string());
    assert!(home.holds("/big.bin", &file));
    assert!(home.checkpoints().is_empty());
    let received = home.emulator.totals().received_file_bytes;
    assert!(received <= 16 * PART + 4 * PART, "{received}: one window more than the file for one kill");
}

#[test]
fn a_crash_after_finish_and_before_the_checkpoint_is_removed_ends_well() {
    let home = Home::new();
    let file = home.file("big.bin", 12 * PART, 2);
    home.break_off(&file, "/big.bin");
    let (checkpoint, kept) = (home.checkpoint(), home.path("kept"));
    fs::copy(&checkpoint, &kept).unwrap();
    home.put(&file, "/big.bin", &[]).ends(0);
    let before = home.emulator.totals().received_file_bytes;
    fs::copy(&kept, &checkpoint).unwrap();
    let ran = home.put(&file, "/big.bin", &[]).ends(0);
    assert_eq!(ran.result("bytes sent"), "0");
    assert!(ran.result("url").starts_with("http"));
    assert_eq!(home.emulator.totals().received_file_bytes, before);
    assert!(home.holds("/big.bin", &file) && home.checkpoints().is_empty());
}

#[test]
fn field_bug_52_a_second_put_is_told_who_holds_the_upload() {
    let home = Home::new();
    let file = home.file("big.bin", 16 * PART, 3);
    let first = home.begin(&file, "/big.bin");
    let pid = format!("process {}", first.pid());
    home.put(&file, "/big.bin", &[]).ends(8).says(&[&pid]);
    home.run(&["abort", &home.key()]).ends(8).says(&[&pid]);
    let list = home.run(&["list"]).ends(0);
    assert!(list.out.contains(&pid), "{list:?}");
    assert!(home.emulator.slices(APPID, BUCKET, "big.bin").is_some(), "the first one was not disturbed");
    first.kill();
    home.emulator.clear_faults();
    home.put(&file, "/big.bin", &[]).ends(0);
}

#[test]
fn field_bug_53_ctrl_c_keeps_the_session() {
    for signal in ["INT", "TERM"] {
        let home = Home::new();
        let file = home.file("big.bin", 16 * PART, 4);
        let running = home.begin(&file, "/big.bin");
        running.signal(signal);
        running.wait().ends(130).says(&["stopping at a safe point", "Run the same command again"]);
        home.emulator.clear_faults();
        assert!(home.emulator.slices(APPID, BUCKET, "big.bin").is_some(), "{signal}");
        assert!(home.emulator.log().iter().all(|entry| entry.op != "delete"), "{signal}");
        home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming "]);
        assert!(home.holds("/big.bin", &file));
        let received = home.emulator.totals().received_file_bytes;
        assert!(received <= 16 * PART + 4 * PART, "{signal}: {received}");
    }
}

#[test]
fn a_second_ctrl_c_ends_it_at_once() {
    let home = Home::new();
    let file = home.file("big.bin", 12 * PART, 5);
    let running = home.begin(&file, "/big.bin");
    running.signal("INT");
    until("it says that it stops", || running.said().contains("stopping"));
    running.signal("INT");
    running.wait().ends(130);
    home.emulator.clear_faults();
    home.put(&file, "/big.bin", &[]).ends(0);
    assert!(home.holds("/big.bin", &file));
}

#[test]
fn field_bug_55_a_dead_server_is_given_up_and_a_living_one_resumed() {
    let mut home = Home::new();
    let file = home.file("big.bin", 12 * PART, 6);
    home.break_off(&file, "/big.bin");
    home.unplug();
    let dead = Dead::at(home.address());
    let ran = home.put(&file, "/big.bin", &["--patience", "2s"]).ends(5);
    let ran = ran.says(&["gave up", "no progress for 2 s", "Run the same command again", "trying again in"]);
    assert!(ran.err.lines().count() < 12, "an outage is a few lines, not a storm: {ran:?}");
    let connections = dead.bury();
    assert!((2..40).contains(&connections), "{connections} connections within two seconds");
    home.plug_in();
    home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming "]);
    assert!(home.holds("/big.bin", &file));
    assert!(home.emulator.totals().received_file_bytes <= 12 * PART);
}

#[test]
fn lost_replies_are_no_failures() {
    let home = Home::new();
    let file = home.file("big.bin", 9 * PART, 7);
    home.emulator.inject(Rule::once("upload_slice_data", Fault::DropReply));
    home.emulator.inject(Rule::once("upload_slice_finish", Fault::DropReply));
    let ran = home.put(&file, "/big.bin", &[]).ends(0).says(&["trying again"]);
    assert_eq!(ran.result("retries"), "2");
    assert!(home.holds("/big.bin", &file));
    assert!(home.emulator.totals().received_file_bytes <= 10 * PART);
}

#[test]
fn one_upload_a_target_and_a_file() {
    let home = Home::new();
    let file = home.file("big.bin", 12 * PART, 8);
    home.break_off(&file, "/one.bin");
    home.break_off(&file, "/two.bin");
    assert_eq!(home.checkpoints().len(), 2);
    std::os::unix::fs::symlink(&file, home.path("link")).unwrap();
    home.put(&home.path("link"), "/one.bin", &[]).ends(0).says(&["resuming "]);
    assert_eq!(home.checkpoints().len(), 1);
}

/// A server that closes every connection at once, and counts them.
struct Dead {
    address: SocketAddr,
    connections: Arc<AtomicU32>,
    thread: JoinHandle<()>,
}

impl Dead {
    fn at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let connections = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&connections);
        let thread = thread::spawn(move || {
            for _ in listener.incoming() {
                if count.fetch_add(1, Ordering::SeqCst) >= OVER {
                    return;
                }
            }
        });
        Self { address, connections, thread }
    }

    /// How many connections there were.
    fn bury(self) -> u32 {
        let connections = self.connections.fetch_add(OVER, Ordering::SeqCst);
        TcpStream::connect(self.address).unwrap();
        self.thread.join().unwrap();
        connections
    }
}

/// More connections than there ever are: the sign to stop.
const OVER: u32 = 1 << 30;
