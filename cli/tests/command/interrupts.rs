//! Signals: the first one ends an upload so that little is lost, and each has its exit code.

use std::process::Command;

use resumable_emulator::{Config, Fault, Rule};

use crate::kit::{Home, PART, Service, over_each_transport, until};
use crate::oss::keeps;

over_each_transport! {
    of crate::interrupts::home:
    field_bug_76_what_is_in_flight_at_ctrl_c_arrives,
    a_closed_terminal_and_a_supervisor_have_their_own_codes,
}

/// OSS with parts of 1 MiB, and the real clock.
pub(crate) fn home() -> Home {
    let home = Home::of(Service::Oss, Config::default());
    home.configure("part_size = '1MiB'\none_request_max = '0'");
    home.in_real_time();
    home
}

/// At a low rate, what is in flight is most of what was sent.
fn field_bug_76_what_is_in_flight_at_ctrl_c_arrives(home: &Home) {
    let file = home.file("big.bin", 24 * PART, 76);
    let running = home.start(home.put_command(&file, "/x", &["--limit-rate", "4MiB"]));
    until("some parts are stored", || home.emulator.totals().file_bytes >= 2 * PART);
    running.signal("INT");
    running.wait().ends(130).says(&["Stopping… waiting up to ", " in flight; press Ctrl-C again to quit immediately"]);
    let (received, confirmed) = (home.emulator.totals().received_file_bytes, home.confirmed());
    assert!(confirmed < 24 * PART, "it was stopped, and not finished");
    assert_eq!(received, confirmed, "nothing of what was sent is lost");
    let ran = home.put(&file, "/x", &[]).ends(0).says(&["resuming "]);
    assert_eq!(ran.result("bytes sent"), (24 * PART - confirmed).to_string());
    assert!(keeps(home, "x", &file));
}

fn a_closed_terminal_and_a_supervisor_have_their_own_codes(home: &Home) {
    for (signal, code) in [("HUP", 129), ("TERM", 143), ("INT", 130)] {
        let file = home.file(signal, 24 * PART, 1);
        let running = home.start(home.put_command(&file, signal, &["--limit-rate", "4MiB"]));
        until("it sends", || home.checkpoints().len() == 1 && home.confirmed() > 0);
        running.signal(signal);
        running.wait().ends(code).says(&["Stopping…", "Run the same command again"]);
        home.put(&file, signal, &[]).ends(0).says(&["resuming "]);
        assert!(keeps(home, signal, &file) && home.checkpoints().is_empty());
    }
}

/// Whoever starts it with `nohup` wants it to live on.
#[cfg(target_os = "linux")]
#[test]
fn a_closed_terminal_ends_nothing_that_was_told_to_ignore_it() {
    let home = home();
    let file = home.file("big.bin", 8 * PART, 2);
    let put = home.put_command(&file, "/x", &["--limit-rate", "4MiB"]);
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' HUP; exec \"$@\"", "sh"]).arg(put.get_program()).args(put.get_args());
    for (name, value) in put.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    let running = home.start(shell);
    until("some of it is stored", || home.emulator.totals().file_bytes >= PART);
    running.signal("HUP");
    let ran = running.wait().ends(0);
    assert!(!ran.err.contains("Stopping") && keeps(&home, "x", &file), "{ran:?}");
}

/// A digest of half a file is worth nothing.
#[test]
fn a_pass_over_the_file_that_is_interrupted_is_told_to_begin_again() {
    let home = Home::new();
    let file = home.path("big.bin");
    std::fs::File::create(&file).unwrap().set_len(2 << 30).unwrap();
    let running = home.start(home.put_command(&file, "/x", &[]));
    until("it reads the file", || running.said().contains("hashing: "));
    running.signal("INT");
    let ran = running.wait().ends(130);
    let told = ran.err.contains("the next run reads it from the beginning");
    assert!(told || ran.err.contains("sending: "), "{ran:?}");
}

/// What never arrives is not waited for without end.
#[test]
fn field_bug_76_what_never_arrives_is_given_up() {
    let home = crate::oss::home_with("ureq", |_| {}, "");
    home.emulator
        .inject(Rule::once("upload_part", Fault::Delay { millis: 10 * 60 * 1000 }).skip(3).times(Rule::ALWAYS));
    let file = home.file("big.bin", 12 * PART, 3);
    let running = home.start(home.put_command(&file, "/x", &[]));
    until("some of it is stored", || home.emulator.totals().file_bytes > 3 * PART && home.checkpoints().len() == 1);
    running.signal("TERM");
    running.wait().ends(143).says(&["Stopping…", "another signal quits immediately"]);
}
