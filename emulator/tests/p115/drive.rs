//! Folders and files: `get_info`, `folder/add`, `ufile/files`.

use resumable_emulator::p115::{FoldersInList, Missing, NameTaken, SameContent};
use serde_json::{Value, json};

use crate::client::*;

fn names(answer: &Answer) -> Vec<&str> {
    let rows = answer.data().as_array().expect("rows").iter();
    rows.map(|row| row["fn"].as_str().expect("a name")).collect()
}

#[test]
fn a_file_shows_two_seconds_after_it_came() {
    let emulator = emulator();
    emulator.p115().put_file("theirs.mkv", &bytes(900)).expect("memory");
    let client = client(&emulator);
    let id = client.init("mine.mkv", &bytes(900), &[]).text("file_id");
    for seconds in [0, 1] {
        assert_eq!(client.at(seconds).get(GET_INFO, &[("file_id", &id)]).succeeds().data(), &json!([]));
        assert_eq!(names(&client.at(seconds).get(FILES, &[("cid", "0")])), ["theirs.mkv"]);
    }
    let answer = client.at(2).get(GET_INFO, &[("file_id", &id)]);
    let data = answer.succeeds().data();
    assert_eq!(data["file_id"], id.as_str());
    assert_eq!(data["file_name"], "mine.mkv");
    assert_eq!(data["file_category"], "1");
    assert_eq!((&data["size"], &data["size_byte"]), (&json!("900B"), &json!(900)));
    assert_eq!(data["sha1"], sha1(&bytes(900)).as_str());
    assert_eq!(data["pick_code"], emulator.p115().files()[0].pick_code.as_str());
    assert_eq!(data["paths"][0]["file_id"], "0");
    assert_eq!(names(&client.at(2).get(FILES, &[("cid", "0"), ("asc", "1"), ("o", "file_name")])).len(), 2);
}

#[test]
fn folders_are_made_and_found_by_id_and_by_path() {
    let emulator = emulator();
    let client = client(&emulator);
    let made = client.post(FOLDER_ADD, &[("pid", "0"), ("file_name", "电影")]);
    let id = made.succeeds().text("file_id");
    assert_eq!(made.text("file_name"), "电影");
    let inner = client.post(FOLDER_ADD, &[("pid", &id), ("file_name", "b c")]).succeeds().text("file_id");
    client.post(FOLDER_ADD, &[("pid", "0"), ("file_name", "电影")]).refuses(20_004);
    client.post(FOLDER_ADD, &[("pid", "7"), ("file_name", "x")]).refuses(20_009);
    client.post(FOLDER_ADD, &[("pid", "0")]).refuses(990_002);
    for answer in [
        client.get(GET_INFO, &[("path", "/电影/b c")]),
        client.post(GET_INFO, &[("path", "/电影/b c/")]),
        client.get(GET_INFO, &[("file_id", &inner)]),
    ] {
        let data = answer.succeeds().data();
        assert_eq!((&data["file_id"], &data["file_name"]), (&json!(inner), &json!("b c")));
        assert_eq!(data["file_category"], "0");
        let above: Vec<_> = data["paths"].as_array().expect("folders").iter().map(|it| &it["file_name"]).collect();
        assert_eq!(above, ["根目录", "电影"]);
    }
    let answer = client.get(GET_INFO, &[("path", "/")]);
    assert_eq!(answer.succeeds().data()["file_id"], "0");
    assert_eq!(answer.data()["folder_count"], 1);
    client.init("a", b"a", &[("target", &format!("U_1_{inner}"))]).succeeds();
    client.get(GET_INFO, &[]).refuses(990_002);
}

#[test]
fn what_does_not_exist_is_empty_or_430004() {
    let emulator = emulator();
    let client = client(&emulator);
    let asked = [("file_id", "3000000000000000001"), ("path", "/none")];
    for field in asked {
        assert_eq!(client.get(GET_INFO, &[field]).succeeds().data(), &json!([]));
    }
    let list = client.get(FILES, &[("cid", "7")]);
    assert_eq!((list.succeeds().data(), &list.body["count"]), (&json!([]), &json!(0)));
    let emulator = with(|config| config.p115.switches.missing = Missing::NotFound);
    let client = self::client(&emulator);
    for field in asked {
        client.get(GET_INFO, &[field]).refuses(430_004);
    }
    client.get(FILES, &[("cid", "7")]).refuses(430_004);
}

#[test]
fn a_list_comes_in_pages_folders_first() {
    let emulator = emulator();
    let server = emulator.p115();
    for (name, length) in [("c.mkv", 3), ("a.bin", 1), ("b.bin", 2)] {
        server.put_file(&format!("/d/{name}"), &bytes(length)).expect("memory");
    }
    server.put_folder("/d/z").expect("memory");
    let folder = server.put_folder("/d").expect("memory");
    let list = |more: &[(&str, &str)]| {
        let fields = [&[("cid", folder.as_str()), ("o", "file_name"), ("asc", "1")], more].concat();
        client(&emulator).get(FILES, &fields)
    };
    assert_eq!(names(&list(&[])), ["a.bin", "b.bin", "c.mkv"]);
    let all = list(&[("show_dir", "1")]);
    assert_eq!(names(all.succeeds()), ["z", "a.bin", "b.bin", "c.mkv"]);
    assert_eq!(all.body["count"], 4);
    let (dir, file) = (&all.data()[0], &all.data()[3]);
    assert_eq!((&dir["fc"], &dir["pid"], &dir["aid"]), (&json!("0"), &json!(folder), &json!("1")));
    assert_eq!(
        (&file["fc"], &file["fs"], &file["isv"], &file["ico"]),
        (&json!("1"), &json!(3), &json!(1), &json!("mkv"))
    );
    let known = server.files();
    assert_eq!((&file["fid"], &file["pc"]), (&json!(known[2].file_id), &json!(known[2].pick_code)));
    let pages: Vec<_> =
        ["0", "2", "4", "9"].map(|offset| list(&[("show_dir", "1"), ("limit", "2"), ("offset", offset)])).into();
    assert_eq!(pages.iter().flat_map(names).collect::<Vec<_>>(), names(&all));
    assert_eq!(pages[1].body["offset"], 2);
    list(&[("limit", "x")]).refuses(990_002);
    let emulator = with(|config| {
        config.p115.limits.page_max = 1;
        config.p115.switches.folders_in_list = FoldersInList::Always;
    });
    emulator.p115().put_file("/f/a", b"a").expect("memory");
    emulator.p115().put_file("/b", b"a").expect("memory");
    let answer = client(&emulator).get(FILES, &[("limit", "100")]);
    assert_eq!((names(&answer), &answer.body["count"]), (vec!["f"], &json!(2)));
}

#[test]
fn a_list_may_be_ordered_by_size() {
    let emulator = emulator();
    for (name, length) in [("a", 2), ("b", 3), ("c", 1)] {
        emulator.p115().put_file(name, &bytes(length)).expect("memory");
    }
    let list = |asc: &str| client(&emulator).get(FILES, &[("o", "file_size"), ("asc", asc)]);
    assert_eq!(names(&list("1")), ["c", "a", "b"]);
    assert_eq!(names(&list("0")), ["b", "a", "c"]);
}

#[test]
fn names_that_are_taken_get_numbers_or_their_files_give_way() {
    let after = |same_content, name_taken, length| {
        let emulator = with(|config| {
            config.p115.switches.same_content = same_content;
            config.p115.switches.name_taken = name_taken;
        });
        let server = emulator.p115();
        server.put_file("mine.bin", &bytes(10)).expect("memory");
        server.put_file("else/theirs", &bytes(length)).expect("memory");
        let answer = client(&emulator).init("mine.bin", &bytes(length), &[]);
        assert_eq!(answer.init_status(), (2, 0));
        let files = server.files().into_iter().filter(|file| !file.path.starts_with("/else"));
        let found: Vec<(String, u64)> = files.map(|file| (file.path, file.size)).collect();
        let named: Vec<_> = found.iter().map(|(path, size)| (path.as_str(), *size)).collect();
        assert_eq!(
            server.read_file("mine.bin").expect("memory").map(|it| it.len() as u64),
            Some(named[named.len() - 1].1)
        );
        json!(named)
    };
    let numbered: fn(usize) -> Value = |length| json!([["/mine(1).bin", length], ["/mine.bin", 10]]);
    assert_eq!(after(SameContent::Number, NameTaken::Number, 11), numbered(11));
    assert_eq!(after(SameContent::Number, NameTaken::Replace, 10), numbered(10));
    assert_eq!(after(SameContent::Same, NameTaken::Number, 10), json!([["/mine.bin", 10]]));
    assert_eq!(after(SameContent::Same, NameTaken::Number, 11), numbered(11));
    assert_eq!(after(SameContent::Number, NameTaken::Replace, 11), json!([["/mine.bin", 11]]));
}

#[test]
fn a_file_takes_no_folders_place() {
    let emulator = with(|config| config.p115.switches.name_taken = NameTaken::Replace);
    emulator.p115().put_file("d/theirs", &bytes(10)).expect("memory");
    assert_eq!(client(&emulator).init("d", &bytes(10), &[]).init_status(), (2, 0));
    assert_eq!(emulator.p115().files().iter().map(|it| it.path.as_str()).collect::<Vec<_>>(), ["/d(1)", "/d/theirs"]);
    assert!(emulator.p115().put_file("d", b"x").is_err());
    assert!(emulator.p115().put_file("d/theirs/x", b"x").is_err());
}
