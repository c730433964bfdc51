//! `resumable emulator`, as a process of its own.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Stdio};

use resumable_emulator::{Config, Plan};

use crate::kit::{Home, PART};

struct Emulator {
    child: Child,
    ready: String,
}

impl Emulator {
    fn start(home: &Home, options: &[&str]) -> Self {
        let mut command = home.command();
        command.args(["emulator", "--listen", "127.0.0.1:0", "--data"]).arg(home.path("served")).args(options);
        Self::spawn(command)
    }

    fn spawn(mut command: Command) -> Self {
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
    for service in ["cos-v1", "cos-v2"] {
        for key in ["endpoint", "appid", "bucket", "secret_id", "secret_key"] {
            assert!(ready[service][key].is_string(), "{ready}");
        }
    }
    for key in ["endpoint", "app_id", "api_key", "api_secret"] {
        assert!(ready["xfyun"][key].is_string(), "{ready}");
    }
    assert_eq!(fs::metadata(&config).unwrap().permissions().mode() & 0o777, 0o600);
    let file = home.file("big.bin", 9 * PART, 1);
    let put = |to: &str| home.run(&["--config", config.to_str().unwrap(), "put", file.to_str().unwrap(), to]).ends(0);
    for service in ["cos-v2", "cos-v1"] {
        put(&format!("emu-{service}:/dir/big.bin"));
        let stored = home.path(format!("served/{service}/10055004/accesslog/dir/big.bin"));
        assert_eq!(fs::read(stored).unwrap(), fs::read(&file).unwrap());
    }
    let ran = put("emu-xfyun:a label");
    let name = ran.result("url").rsplit('/').next().unwrap();
    assert_eq!(fs::read(home.path("served/xfyun").join(name)).unwrap(), fs::read(&file).unwrap());
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
    let ahead = Emulator::start(&home, &["--config-out", config, "--clock-offset", "7200"]);
    // Its Date is Beijing time without saying so: nothing to correct a clock by.
    home.run(&["--config", config, "put", file.to_str().unwrap(), destination]).ends(4).says(&["expired", "clock"]);
    drop(ahead);
    let _behind = Emulator::start(&home, &["--config-out", config, "--clock-offset", "-7200"]);
    home.run(&["--config", config, "put", file.to_str().unwrap(), destination]).ends(0);
}

#[test]
fn a_clock_that_tells_the_time_truly_is_followed() {
    let home = Home::new();
    let (config, settings) = (home.path("emu.toml"), home.path("settings.json"));
    fs::write(&settings, r#"{"cos_v2": {"switches": {"date": "imf_fixdate"}}}"#).unwrap();
    let (config, settings) = (config.to_str().unwrap(), settings.to_str().unwrap());
    let file = home.file("big.bin", 9 * PART, 4);
    let options = ["--config-out", config, "--clock-offset", "7200", "--settings", settings];
    let _emulator = Emulator::start(&home, &options);
    home.run(&["--config", config, "put", file.to_str().unwrap(), "emu-cos-v2:/x"]).ends(0);
}

#[test]
fn faults_come_from_a_file() {
    let home = Home::new();
    let (config, plan) = (home.path("emu.toml"), home.path("plan.json"));
    let (config, plan) = (config.to_str().unwrap(), plan.to_str().unwrap());
    let file = home.file("big.bin", 9 * PART, 5);
    fs::write(plan, r#"{"rules": [{"path": "/ill", "times": "always", "fault": "html", "status": 504}]}"#).unwrap();
    let _emulator = Emulator::start(&home, &["--config-out", config, "--faults", plan]);
    let put = |path| home.run(&["--config", config, "put", file.to_str().unwrap(), path, "--patience", "1s"]);
    put("emu-cos-v2:/ill").ends(5).says(&["504"]);
    put("emu-cos-v2:/well").ends(0);
}

#[test]
fn a_bad_plan_or_setting_is_refused_with_its_place() {
    let home = Home::new();
    let file = home.path("bad.json");
    let name = file.to_str().unwrap();
    let data = home.path("served");
    let start = |option| {
        let options = ["emulator", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap(), option, name];
        home.run(&options).ends(2)
    };
    fs::write(&file, "{\"rules\": [\n  {\"op\": \"upload\", \"fault\": \"explode\"}\n]}").unwrap();
    start("--faults").says(&[name, "line 2, column 29, rules[0].fault", "no such fault", "`drop_reply`"]);
    fs::write(&file, "{\"cos_v2\": {\"switches\": {\"date\": \"roman\"}}}").unwrap();
    start("--settings").says(&[name, "roman", "imf_fixdate", "line 1"]);
    fs::remove_file(&file).unwrap();
    start("--faults").says(&[name, "No such file"]);
    assert!(!data.exists(), "nothing is made before all is understood");
}

#[test]
fn services_are_offered_as_the_settings_say_and_mistakes_in_them_are_named() {
    let home = Home::new();
    let (settings, plan) = (home.path("settings.json"), home.path("plan.json"));
    let names = [settings.to_str().unwrap(), plan.to_str().unwrap()];
    let data = home.path("served");
    let start = || {
        let options = ["emulator", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()];
        home.run(&[&options[..], &["--settings", names[0], "--faults", names[1]]].concat()).ends(2)
    };
    fs::write(&plan, r#"{"rules": [{"fault": "garbage"}, {"op": "upload_slice_data", "fault": "garbage"}]}"#).unwrap();
    fs::write(&settings, r#"{"services": ["cos-v2", "cos-v3"]}"#).unwrap();
    start().says(&[names[0], "services: there is no service \"cos-v3\"", "There are cos-v2, cos-v1, xfyun"]);
    fs::write(&settings, r#"{"services": []}"#).unwrap();
    start().says(&[names[0], "services: none is offered"]);
    fs::write(&settings, r#"{"services": ["xfyun"]}"#).unwrap();
    start().says(&[names[1], "rules[1]: none of the services offered can show it", "The settings offer xfyun."]);
    fs::write(&plan, r#"{"rules": [{"service": "cos-v1", "fault": "garbage"}]}"#).unwrap();
    start().says(&[names[1], "rules[0]: none of the services offered can show it"]);
    assert!(!data.exists(), "nothing is made before all is understood");
    fs::write(&plan, r#"{"rules": [{"service": "xfyun", "fault": "garbage"}]}"#).unwrap();
    let emulator = Emulator::start(&home, &["--settings", names[0], "--faults", names[1]]);
    let ready: serde_json::Value = serde_json::from_str(&emulator.ready).unwrap();
    assert_eq!(ready.as_object().unwrap().keys().collect::<Vec<_>>(), ["xfyun"], "{ready}");
}

/// The page's JSON examples, each with the line it begins at.
fn examples() -> Vec<(usize, String)> {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/emulator.md")).unwrap();
    let (mut found, mut open) = (Vec::new(), None);
    for (number, line) in page.lines().enumerate() {
        match (line, &mut open) {
            ("```json", None) => open = Some((number + 2, String::new())),
            ("```", Some(_)) => found.extend(open.take()),
            (line, Some((_, text))) => text.extend([line, "\n"]),
            _ => {}
        }
    }
    found
}

#[test]
fn every_plan_of_the_page_does_what_an_upload_survives() {
    let (plans, settings): (Vec<_>, Vec<_>) = examples().into_iter().partition(|(_, text)| text.contains("rules"));
    assert!(plans.len() > 10 && settings.len() == 1, "{} plans", plans.len());
    serde_json::from_str::<Config>(&settings[0].1).unwrap();
    for (line, text) in plans {
        let mut config = Config::default();
        config.faults = Plan::from_json(&text).unwrap_or_else(|error| panic!("the plan at line {line}: {error}"));
        let home = Home::with(config);
        let file = home.file("big.bin", 10 * PART, 6);
        home.put(&file, "/dir/big.bin", &["--patience", "5m"]).ends(0);
        assert!(home.holds("/dir/big.bin", &file));
        let log = home.emulator.log();
        let met = log.iter().filter(|entry| entry.fault.is_some()).count();
        assert!(met > 0 || text.contains("stalled"), "the plan at line {line} meets nothing");
    }
}

#[test]
fn a_folder_that_another_emulator_uses_is_refused() {
    let home = Home::new();
    let _first = Emulator::start(&home, &[]);
    let data = home.path("served");
    let name = data.to_str().unwrap();
    home.run(&["emulator", "--listen", "127.0.0.1:0", "--data", name])
        .ends(1)
        .says(&[name, "another emulator uses it"]);
}

#[test]
fn over_tls_the_profile_trusts_what_the_emulator_made() {
    let home = Home::new();
    let config = home.path("emu.toml");
    let config = config.to_str().unwrap();
    let emulator = Emulator::start(&home, &["--tls", "--config-out", config]);
    let ready: serde_json::Value = serde_json::from_str(&emulator.ready).unwrap();
    assert!(ready["cos-v2"]["endpoint"].as_str().unwrap().starts_with("https://127.0.0.1:"), "{ready}");
    let ca_file = ready["cos-v2"]["ca_file"].as_str().unwrap();
    assert_eq!(fs::canonicalize(ca_file).unwrap(), fs::canonicalize(home.path("served/ca.pem")).unwrap());
    let file = home.file("big.bin", 9 * PART, 7);
    let put = || {
        home.run(&["--config", config, "put", file.to_str().unwrap(), "emu-cos-v2:/x", "--patience", "1s", "--force"])
    };
    put().ends(0);
    let without: String = fs::read_to_string(config).unwrap().lines().filter(|it| !it.starts_with("ca_file")).fold(
        String::new(),
        |mut text, line| {
            text.extend([line, "\n"]);
            text
        },
    );
    fs::write(config, without).unwrap();
    assert_ne!(put().code, 0, "a stranger's certificate");
}

#[test]
fn without_a_folder_no_byte_is_kept() {
    let home = Home::new();
    let config = home.path("emu.toml");
    let config = config.to_str().unwrap();
    let mut command = home.command();
    command.args(["emulator", "--listen", "127.0.0.1:0", "--null", "--config-out", config]);
    let emulator = Emulator::spawn(command);
    let file = home.file("big.bin", 9 * PART, 8);
    home.run(&["--config", config, "put", file.to_str().unwrap(), "emu-cos-v2:/x"]).ends(0);
    assert_eq!(emulator.stop("TERM"), 0);
    home.run(&["emulator", "--listen", "127.0.0.1:0"]).ends(2).says(&["--data"]);
    home.run(&["emulator", "--listen", "127.0.0.1:0", "--null", "--tls"]).ends(2).says(&["--ca-out"]);
    home.run(&["emulator", "--listen", "localhost:0"]).ends(2).says(&["--data <DIR>|--null"]);
    home.run(&["emulator", "--listen", "8080", "--null"]).ends(2).says(&["an address is HOST:PORT"]);
}
