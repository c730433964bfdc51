//! Keys that a program prints, in place of keys in the profile.

use std::fs;
use std::process::Command;

use crate::kit::{Home, PART, over_each_transport, until};

over_each_transport! {
    keys_that_a_program_prints_serve,
    a_program_that_fails_is_4_and_mended_the_upload_goes_through,
    an_interrupt_ends_the_wait_for_a_program_that_hangs,
}

/// Puts a program in place of the profile's keys; gives these as JSON.
fn print_by(home: &Home, script: &str) -> String {
    let config = fs::read_to_string(home.config()).unwrap();
    let (keys, rest): (Vec<&str>, Vec<&str>) = config.lines().partition(|line| line.starts_with("secret_"));
    assert_eq!(keys.len(), 2, "{config}");
    home.write_config(&format!("{}\ncredential_command = [\"sh\", \"-c\", '''{script}''']\n", rest.join("\n")));
    let pairs = keys.iter().map(|line| line.split_once(" = ").unwrap());
    let pairs: Vec<String> = pairs.map(|(key, value)| format!("\"{key}\": {}", value.replace('\'', "\""))).collect();
    format!("{{{}, \"expiration\": \"2999-01-31T03:04:05Z\"}}", pairs.join(", "))
}

fn keys_that_a_program_prints_serve(home: &Home) {
    let file = home.file("big.bin", 10 * PART, 1);
    let printed = home.path("keys.json");
    let keys = print_by(home, &format!("cat {}", printed.display()));
    fs::write(&printed, keys).unwrap();
    home.put(&file, "/x", &[]).ends(0);
    assert!(home.holds("/x", &file));
}

fn a_program_that_fails_is_4_and_mended_the_upload_goes_through(home: &Home) {
    let file = home.file("big.bin", 10 * PART, 1);
    let printed = home.path("keys.json");
    let keys = print_by(home, &format!("cat {0} || {{ echo emulator-secret-key; exit 3; }}", printed.display()));
    home.put(&file, "/x", &[]).ends(4).says(&["credential_command: it failed, exit status: 3: cat: ", "keys.json"]);
    fs::write(&printed, "{\"secret_id\": \"emulator-secret-key\"}").unwrap();
    home.put(&file, "/x", &[]).ends(4).says(&["credential_command: in its output: secret_key is missing"]);
    assert_eq!(home.emulator.totals().received_file_bytes, 0);
    fs::write(&printed, keys).unwrap();
    home.put(&file, "/x", &[]).ends(0);
    assert!(home.holds("/x", &file));
}

fn an_interrupt_ends_the_wait_for_a_program_that_hangs(home: &Home) {
    let file = home.file("big.bin", 10 * PART, 1);
    let pid = home.path("pid");
    print_by(home, &format!("echo $$ > {0}.new; mv {0}.new {0}; exec sleep 1000", pid.display()));
    let running = home.start(home.put_command(&file, "/x", &[]));
    until("the program runs", || pid.exists());
    running.signal("INT");
    running.wait().ends(130);
    if home.transport() == "reqwest" {
        // The async driver waits for no thread of the host's, so the command may be gone before that kills the program.
        let kill = format!("kill {}", fs::read_to_string(&pid).unwrap().trim());
        let _ = Command::new("sh").args(["-c", &kill]).status();
    }
    let still = format!("kill -0 {}", fs::read_to_string(&pid).unwrap().trim());
    until("the program has ended", || !Command::new("sh").args(["-c", &still]).status().unwrap().success());
}
