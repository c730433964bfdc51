//! No secret in what the command says or saves.

use std::fs;

use resumable_emulator::{Account, Config, Fault, Rule};

use crate::kit::{Home, PART, Ran};

const ID: &str = "AKID-canary-4711";
const KEY: &str = "key-canary-0815";

fn clean(home: &Home, ran: &Ran) {
    let checkpoints = home.checkpoints().into_iter().map(|path| fs::read_to_string(path).unwrap());
    for text in checkpoints.chain([ran.out.clone(), ran.err.clone()]) {
        assert!(!text.contains("canary") && !text.contains("sign="), "{text}");
    }
}

#[test]
fn field_bug_30_no_secret_is_ever_shown_or_saved() {
    let mut config = Config::default();
    config.accounts[0] = Account { secret_id: ID.to_owned(), secret_key: KEY.to_owned(), ..Account::default() };
    let mut home = Home::with(config);
    let file = home.file("big.bin", 10 * PART, 1);
    home.emulator.inject(Rule::once("upload_slice_data", Fault::DropReply));
    home.emulator.inject(Rule::once("upload_slice_list", Fault::Html { status: 500 }));
    home.emulator.inject(Rule::once("upload_slice_init", Fault::CutBefore));
    clean(&home, &home.put(&file, "/a", &[]).ends(0));
    let other = home.file("other.bin", 10 * PART, 2);
    home.break_off(&other, "/b");
    clean(&home, &home.run(&["list"]).ends(0));
    let text = fs::read_to_string(home.config()).unwrap();
    home.write_config(&text.replace(KEY, "wrong-canary"));
    clean(&home, &home.put(&other, "/b", &[]).ends(4));
    home.write_config(&text.replace("secret_key", "secret_kye"));
    clean(&home, &home.put(&other, "/b", &[]).ends(2));
    home.write_config(&text.replace(&format!("'{KEY}'"), KEY));
    clean(&home, &home.put(&other, "/b", &[]).ends(2));
    home.write_config(&text.replace(&format!("'{KEY}'"), &format!("['{KEY}']")));
    clean(&home, &home.put(&other, "/b", &[]).ends(2));
    home.write_config(&text);
    home.unplug();
    clean(&home, &home.put(&other, "/b", &["--patience", "0s"]).ends(5));
    clean(&home, &home.run(&["abort", &home.key(), "--patience", "0s"]).ends(5));
}
