//! `resumable list`, with uploads of several vendors and with what is none.

use std::fs;

use serde_json::Value;

use crate::kit::{Home, PART};

#[test]
fn the_newest_is_last_and_programs_get_the_same_as_json() {
    let home = Home::new();
    let (first, second) = (home.file("first.bin", 12 * PART, 1), home.file("second.bin", 12 * PART, 2));
    home.break_off(&first, "/first");
    let old = home.key();
    home.break_off(&second, "/second");
    // As if it had been saved an hour before: the clock of the command is faster than the file system's.
    let mut kept: Value = serde_json::from_slice(&fs::read(home.state().join(format!("{old}.json"))).unwrap()).unwrap();
    crate::kit::as_first_format(&mut kept);
    kept["checkpoint"]["saved_unix"]["secs"] = 1_000_000_000.into();
    fs::write(home.state().join(format!("{old}.json")), kept.to_string()).unwrap();
    fs::write(home.state().join("cut.json"), "{").unwrap();
    let mut command = home.command();
    command.arg("list").env("TZ", "Asia/Shanghai");
    let ran = home.start(command).wait().ends(0);
    let rows: Vec<&str> = ran.out.lines().collect();
    assert!(rows.len() == 4 && rows[1].contains("emu:/first") && rows[2].contains("emu:/second"), "{ran:?}");
    assert!(rows[1].starts_with(&old) && rows[1].contains(" days  2001-09-09 09:46 "), "{ran:?}");
    assert!(rows[3].starts_with("cut  unreadable: ") && rows[3].contains("cut.json is damaged"), "{ran:?}");
    let ran = home.run(&["list", "--json"]).ends(0);
    assert_eq!(ran.out.lines().count(), 1);
    let object: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&object["version"], &object["unreadable"][0]["key"]), (&1.into(), &"cut".into()));
    let [one, other] = &object["uploads"].as_array().unwrap()[..] else { panic!("{object}") };
    assert_eq!((&one["key"], &one["saved"]), (&old.into(), &"2001-09-09T01:46:40Z".into()));
    assert_eq!((&other["profile"], &other["destination"]), (&"emu".into(), &"/second".into()));
    assert_eq!(other["file"], second.canonicalize().unwrap().to_str().unwrap());
    let (stored, size) = (other["stored"].as_u64().unwrap(), other["size"].as_u64().unwrap());
    assert_eq!((size, &other["percent"]), (12 * PART, &(stored * 100 / size).into()));
    assert_eq!(other["process"], Value::Null);
}

#[test]
fn an_empty_list_is_an_object_too() {
    let home = Home::new();
    let object: Value = serde_json::from_str(&home.run(&["list", "--json"]).ends(0).out).unwrap();
    assert_eq!(object["uploads"], Value::Array(Vec::new()));
}
