//! How fast the command sends, by the time of the day, and changed while it runs.

use std::fs;

use crate::kit::{Home, PART, over_each_transport, until};

over_each_transport! {
    a_file_with_the_speed_is_followed_and_a_mistake_in_it_changes_nothing,
}

/// At 1000 bytes per second the file would take hours.
fn a_file_with_the_speed_is_followed_and_a_mistake_in_it_changes_nothing(home: &mut Home) {
    let file = home.file("big.bin", 20 * PART, 1);
    let speed = home.path("speed");
    fs::write(&speed, "00:00,1k 12:00,1k # slow\n").unwrap();
    let running = home.start(home.put_command(&file, "/x", &["--limit-rate-file", speed.to_str().unwrap()]));
    until("it has begun", || running.said().contains("uploading"));
    running.signal("USR1");
    until("it says how fast it is", || running.said().contains("at most 1000 bytes per second"));
    fs::write(&speed, "fast").unwrap();
    until("the mistake is told", || running.said().contains("the upload speed stays as it is"));
    assert!(!home.path("data/cos-v2/10055004/accesslog/x").exists());
    fs::write(&speed, "off").unwrap();
    running.wait().ends(0).says(&["upload speed: not limited"]);
    assert!(home.holds("/x", &file));
}

#[test]
fn a_timetable_is_taken_and_what_is_none_is_a_mistake_of_usage() {
    let home = Home::new();
    let file = home.file("f", PART, 1);
    home.put(&file, "/x", &["--limit-rate", "08:00,500M 23:00,off"]).ends(0);
    assert!(home.holds("/x", &file));
    for (given, says) in
        [("25:00,1M", "each entry of a timetable"), ("08:00,x", "a rate is like"), ("fast", "a rate is like")]
    {
        home.put(&file, "/y", &["--limit-rate", given]).ends(2).says(&[says]);
    }
    let none = home.path("none");
    home.put(&file, "/y", &["--limit-rate-file", none.to_str().unwrap()]).ends(2).says(&["No such file"]);
    home.put(&file, "/y", &["--limit-rate-file", "f", "--limit-rate", "1M"]).ends(2).says(&["cannot be used with"]);
}
