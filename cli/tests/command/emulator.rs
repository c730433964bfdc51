//! `resumable emulator`, as a process of its own.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Stdio};

use crate::kit::{Home, PART};

struct Emulator {
    child: Child,
    ready: String,
}

impl Emulator {
    fn start(home: &Home, options: &[&str]) -> Self {
        let mut command = home.command();
        command.args(["emulator", "--listen", "127.0.0.1:0", "--data"]).arg(home.path("served")).args(options);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        Self { child, ready }
    }

    fn stop(mut self, signal: &str) -> i32 {
        let kill = format!("kill -{signal} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        self.child.wait().unwrap().code().unwrap()
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn it_says_where_it_is_and_writes_a_configuration_that_works() {
    let home = Home::new();
    let config = home.path("new/emu.toml");
    let emulator = Emulator::start(&home, &["--config-out", config.to_str().unwrap()]);
    let ready: serde_json::Value = serde_json::from_str(&emulator.ready).unwrap();
    for key in ["endpoint", "appid", "bucket", "secret_id", "secret_key"] {
        assert!(ready["cos-v2"][key].is_string(), "{ready}");
    }
    assert_eq!(fs::metadata(&config).unwrap().permissions().mode() & 0o777, 0o600);
    let file = home.file("big.bin", 9 * PART, 1);
    let ran =
        home.run(&["--config", config.to_str().unwrap(), "put", file.to_str().unwrap(), "emu-cos-v2:/dir/big.bin"]);
    ran.ends(0);
    let stored = home.path("served/cos-v2/10055004/accesslog/dir/big.bin");
    assert_eq!(fs::read(stored).unwrap(), fs::read(file).unwrap());
    assert_eq!(emulator.stop("TERM"), 0);
    assert_eq!(Emulator::start(&home, &[]).stop("INT"), 0);
}

#[test]
fn what_it_cannot_use_is_named() {
    let home = Home::new();
    let file = home.file("file", 1, 2);
    let name = file.to_str().unwrap();
    home.run(&["emulator", "--listen", "127.0.0.1:0", "--data", name]).ends(1).says(&[name]);
    home.run(&["emulator", "--listen", "nowhere", "--data", "x"]).ends(2);
    let taken = home.emulator.ready_line("x");
    assert!(taken.is_object());
}

#[test]
fn a_clock_that_is_hours_off_is_told_of() {
    let home = Home::new();
    let config = home.path("emu.toml");
    let config = config.to_str().unwrap();
    let file = home.file("big.bin", 9 * PART, 3);
    let destination = "emu-cos-v2:/x";
    let _emulator = Emulator::start(&home, &["--config-out", config, "--clock-offset", "7200"]);
    // Its Date is Beijing time without saying so: nothing to correct a clock by.
    home.run(&["--config", config, "put", file.to_str().unwrap(), destination]).ends(4).says(&["expired", "clock"]);
    let _emulator = Emulator::start(&home, &["--config-out", config, "--clock-offset", "-7200"]);
    home.run(&["--config", config, "put", file.to_str().unwrap(), destination]).ends(0);
}
