//! No secret is seen, whatever happens: not in what is shown, logged or kept, and not in what other processes can see of the
//! command and of those that it starts. What the user has put into the environment is there all the same, and is not what
//! these tests are about: here the secrets are in the configuration file.

use std::collections::HashSet;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use resumable_emulator::{Config, Fault, Rule};

use crate::canary::{COS, Canary, OSS, P115, S3, WRONG, XFYUN, unseen};
use crate::kit::{Home, PART, Ran, Service};

/// Each of these for each vendor.
macro_rules! of_each_vendor {
    ($($test:ident),+ $(,)?) => {
        of_each_vendor!(@ cos_v1 CosV1, $($test)+);
        of_each_vendor!(@ cos_v2 CosV2, $($test)+);
        of_each_vendor!(@ xfyun Xfyun, $($test)+);
        of_each_vendor!(@ oss Oss, $($test)+);
        of_each_vendor!(@ s3 S3, $($test)+);
        of_each_vendor!(@ cos_xml CosXml, $($test)+);
        of_each_vendor!(@ p115 P115, $($test)+);
    };
    (@ $module:ident $service:ident, $($test:ident)+) => {
        mod $module {
            $(
                #[test]
                fn $test() {
                    super::$test(crate::kit::Service::$service);
                }
            )+
        }
    };
}

of_each_vendor! {
    no_secret_is_seen_of_uploads,
    no_secret_is_seen_of_a_refused_key,
    no_secret_is_seen_of_questions,
    no_secret_is_seen_of_a_server_that_repeats_it,
    no_secret_is_seen_of_a_trial,
}

/// A home whose keys are canaries.
struct Sown {
    home: Home,
    service: Service,
    keys: [&'static str; 2],
    /// Those of the keys that may not be seen.
    hidden: Vec<&'static str>,
    tee: Tee,
}

impl Sown {
    fn of(service: Service, transport: &'static str) -> Self {
        let mut config = Config::default();
        config.p115.limits.refresh_pause = 0;
        let keys = sow(service, &mut config);
        let home = Home::of(service, config).over(transport);
        let tee = Tee::before(home.address());
        home.lead_to(tee.address, "");
        Self { home, service, keys, hidden: keys.to_vec(), tee }
    }

    /// What is never seen: the keys, and whatever signed or authorised a request.
    fn canaries(&self) -> Vec<Canary> {
        let mut canaries: Vec<Canary> = self.hidden.iter().chain(&WRONG).map(|key| Canary::new(key)).collect();
        canaries.extend(self.tee.carried().iter().map(|word| Canary::whole(word)));
        if self.service == Service::P115 {
            let (access, refresh) = self.home.emulator.p115().tokens();
            canaries.extend([Canary::new(&access), Canary::new(&refresh)]);
        }
        canaries
    }

    /// Runs it, with everything that can be told told, and looks at the processes meanwhile.
    fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = self.home.command();
        command.args(arguments).args(["--log-file", self.home.path("log").to_str().unwrap()]);
        command.env("TMPDIR", self.home.path("")).env("RUST_BACKTRACE", "full");
        let running = self.home.start(command);
        let watch = Watch::begin(running.pid());
        let ran = running.wait();
        let seen = watch.end();
        let canaries = self.canaries();
        seen.iter().for_each(|seen| unseen(&canaries, &format!("/proc, {arguments:?}"), seen));
        unseen(&canaries, &format!("{arguments:?}"), format!("{}{}", ran.out, ran.err));
        ran
    }

    /// Looks at everything that was written since, which is all that is there but what has to hold keys.
    fn search(&self) {
        let canaries = self.canaries();
        let looked_at = self.search_in(&self.home.path(""), &canaries);
        assert!(looked_at.iter().any(|name| name == "log"), "{looked_at:?}");
    }

    fn search_in(&self, folder: &Path, canaries: &[Canary]) -> Vec<String> {
        let mut looked_at = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            unseen(canaries, "the name of a file", path.to_str().unwrap());
            // Where the keys have to be, what the emulator stores, and what is uploaded.
            let others =
                [self.home.config(), self.home.path("data"), self.home.path("big.bin"), self.home.path("small")];
            if others.contains(&path) {
                continue;
            }
            if path.is_dir() {
                looked_at.extend(self.search_in(&path, canaries));
            } else if self.home.token_files().contains(&path) {
                // Where 115's tokens have to be kept.
                assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            } else {
                unseen(canaries, &path.to_string_lossy(), fs::read(&path).unwrap());
                looked_at.push(name);
            }
        }
        looked_at
    }
}

fn sow(service: Service, config: &mut Config) -> [&'static str; 2] {
    let text = |key: &str| key.to_owned();
    match service {
        Service::CosV1 | Service::CosV2 => {
            for account in [&mut config.cos_v1.accounts[0], &mut config.cos_v2.accounts[0]] {
                (account.secret_id, account.secret_key) = (text(COS[0]), text(COS[1]));
            }
            COS
        }
        Service::CosXml => {
            let account = &mut config.cos_xml.accounts[0];
            (account.secret_id, account.secret_key) = (text(COS[0]), text(COS[1]));
            COS
        }
        Service::Xfyun => {
            let account = &mut config.xfyun.accounts[0];
            (account.api_key, account.api_secret) = (text(XFYUN[0]), text(XFYUN[1]));
            XFYUN
        }
        Service::Oss => {
            let account = &mut config.oss.accounts[0];
            (account.access_key_id, account.access_key_secret) = (text(OSS[0]), text(OSS[1]));
            OSS
        }
        Service::S3 => {
            let account = &mut config.s3.accounts[0];
            (account.access_key_id, account.access_key_secret) = (text(S3[0]), text(S3[1]));
            S3
        }
        Service::P115 => {
            let user = &mut config.p115.user;
            (user.access_token, user.refresh_token) = (text(P115[0]), text(P115[1]));
            P115
        }
    }
}

fn no_secret_is_seen_of_uploads(service: Service) {
    let sown = Sown::of(service, "ureq");
    let home = &sown.home;
    let (file, other) = (home.file("big.bin", 12 * PART, 1), home.file("small", 5000, 2));
    home.break_off(&file, "/big.bin");
    assert!(!home.checkpoints().is_empty());
    sown.search_checkpoints();
    for arguments in [&["list"][..], &["list", "--json"]] {
        sown.run(arguments).ends(0);
    }
    let (file, other) = (file.to_str().unwrap(), other.to_str().unwrap());
    let on_done = format!("sh -c 'env > {}; tr \"\\\\0\" \" \" < /proc/$$/cmdline'", home.path("seen").display());
    sown.run(&["put", file, "emu:/big.bin", "-v", "--json", "--on-done", &on_done]).ends(0);
    assert!(fs::read_to_string(home.path("seen")).unwrap().contains("RESUMABLE_STATUS=done"));
    // A second process of the credential's own: 115's token is refreshed, and a lost answer is told.
    home.emulator.inject(Rule::any(Fault::CutBefore));
    home.emulator.inject(Rule::any(Fault::ExpireToken).skip(1));
    sown.run(&["put", file, other, "emu:/folder/", "-v", "--force", "--if-exists", "replace"]);
    sown.search();
}

fn no_secret_is_seen_of_a_refused_key(service: Service) {
    let sown = Sown::of(service, "ureq");
    let home = &sown.home;
    let file = home.file("big.bin", 12 * PART, 1);
    let config = fs::read_to_string(home.config()).unwrap();
    for (key, wrong) in sown.keys.iter().zip(WRONG) {
        // Of 115, a wrong access token is replaced if the other one is right.
        let replaced: &[&str] = if service == Service::P115 { &sown.keys } else { &[key] };
        home.write_config(&replaced.iter().fold(config.clone(), |config, key| config.replace(key, wrong)));
        sown.run(&["put", file.to_str().unwrap(), "emu:/x", "-v"]).ends(4);
        sown.run(&["put", file.to_str().unwrap(), "emu:/x", "--json"]).ends(4);
        if service != Service::Xfyun {
            // The answer to a HEAD has no body, and does not always say what was refused.
            assert_ne!(sown.run(&["check", "emu", "-v"]).code, 0);
            assert_ne!(sown.run(&["stat", "emu:/x"]).code, 0);
        }
    }
    // Whoever takes one half for the other.
    let halves = config.replace(sown.keys[0], "\u{1}").replace(sown.keys[1], sown.keys[0]);
    home.write_config(&halves.replace('\u{1}', sown.keys[1]));
    assert_ne!(sown.run(&["put", file.to_str().unwrap(), "emu:/x", "-v"]).code, 0);
    sown.search();
}

fn no_secret_is_seen_of_questions(service: Service) {
    let sown = Sown::of(service, "reqwest");
    let home = &sown.home;
    let file = home.file("small", 5000, 1);
    let file = file.to_str().unwrap();
    sown.run(&["put", file, "emu:/x"]).ends(0);
    for arguments in [
        &["check", "emu", "-v"][..],
        &["check", "emu", "--json"],
        &["stat", "emu:/x", "-v"],
        &["stat", "emu:/x", "--json"],
        &["stat", "emu:/nothing"],
        &["verify", file, "emu:/x", "-v"],
        &["put", file, "emu:/x", "--if-exists", "refuse", "-v"],
        &["put", file, "emu:/y", "--dry-run", "-v"],
        &["list", "--remote", "emu", "-v"],
        &["list", "--remote", "emu", "--json"],
        &["abort", "--remote", "emu", "--older-than", "0s", "--yes"],
        &["profiles"],
        &["put", file, "emus:/x"],
        &["put", file, "emu:/../x"],
    ] {
        sown.run(arguments);
    }
    // Not what was sent already: xfyun would not be asked again.
    let file = home.file("big.bin", 5000, 2);
    let file = file.to_str().unwrap();
    let proxy = [Canary::new("Px4Kq8Zw1Nv6Tb3Yh")];
    for proxy_scheme in ["http", "socks5", "socks5h", "https"] {
        let given = format!("proxy = '{proxy_scheme}://me:Px4Kq8Zw1Nv6Tb3Yh@127.0.0.1:9'");
        home.lead_to(sown.tee.address, &given);
        let ran = sown.run(&["put", file, "emu:/z", "-v", "--patience", "0s"]);
        assert_ne!(ran.code, 0, "{ran:?}");
        unseen(&proxy, proxy_scheme, format!("{}{}", ran.out, ran.err));
    }
    unseen(&proxy, "the log", fs::read(home.path("log")).unwrap());
    sown.search();
}

fn no_secret_is_seen_of_a_server_that_repeats_it(service: Service) {
    for transport in ["ureq", "reqwest"] {
        let mut sown = Sown::of(service, transport);
        if [Service::Oss, Service::S3].contains(&service) {
            // The name of a key is no secret, and these are as short as names of requests and of buckets.
            sown.hidden.remove(0);
        }
        let home = &sown.home;
        let file = home.file("big.bin", 12 * PART, 1);
        let file = file.to_str().unwrap();
        for answer in ANSWERS {
            home.lead_to(parrot(answer, sown.keys), "");
            let ran = sown.run(&["put", file, "emu:/x", "-v", "--patience", "0s"]);
            assert_ne!(ran.code, 0, "{ran:?}");
            if service != Service::Xfyun {
                assert_ne!(sown.run(&["check", "emu", "--json", "--patience", "0s"]).code, 0);
            }
        }
        if [Service::Oss, Service::S3, Service::CosXml].contains(&service) {
            assert_ne!(sown.run(&["list", "--remote", "emu", "-v"]).code, 0);
        }
        sown.search();
    }
}

fn no_secret_is_seen_of_a_trial(service: Service) {
    let sown = Sown::of(service, "ureq");
    let report = sown.home.path("report.md");
    sown.run(&["live", "emu", "--yes", "-v", "--report", report.to_str().unwrap()]).ends(0);
    assert!(fs::read_to_string(report).unwrap().contains("killed with "), "another process has the keys, too");
    sown.search();
}

impl Sown {
    fn search_checkpoints(&self) {
        let canaries = self.canaries();
        for checkpoint in self.home.checkpoints() {
            unseen(&canaries, "a checkpoint", fs::read(checkpoint).unwrap());
        }
    }
}

/// Hands everything on, and record what is sent to the server.
struct Tee {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Tee {
    fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&heard);
        thread::spawn(move || {
            for client in listener.incoming() {
                let record = Arc::clone(&record);
                thread::spawn(move || client.and_then(|client| hand_on(client, server, &record)));
            }
        });
        Self { address, heard }
    }

    /// What signed or authorised the requests.
    fn carried(&self) -> HashSet<String> {
        let heard = self.heard.lock().unwrap();
        let text = String::from_utf8_lossy(&heard);
        let value = |line: &str| {
            let (name, value) = line.split_once(": ")?;
            let name = name.to_ascii_lowercase();
            let carries = name == "authorization" || name.ends_with("security-token");
            carries.then(|| value.trim_end().trim_end_matches('"').to_owned())
        };
        // The last word is the signature, or the token itself.
        let last = |value: String| {
            let end = value.trim_end_matches('=').len();
            let begin = value[..end].rfind(['=', ':', ' ', '"', ',']).map_or(0, |at| at + 1);
            value[begin..].to_owned()
        };
        text.split("\r\n").filter_map(value).map(last).filter(|word| word.len() >= 20).collect()
    }
}

fn hand_on(mut client: TcpStream, server: SocketAddr, record: &Mutex<Vec<u8>>) -> std::io::Result<()> {
    let mut server = TcpStream::connect(server)?;
    let (mut from, mut to) = (server.try_clone()?, client.try_clone()?);
    let back = thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(std::net::Shutdown::Write);
    });
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = client.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        // A request begins what is read, because the client waits for the answer to the one before.
        let head = &buffer[..count.min(4096)];
        if head.windows(11).any(|bytes| bytes == b" HTTP/1.1\r\n") {
            record.lock().unwrap().extend_from_slice(head);
        }
        server.write_all(&buffer[..count])?;
    }
    server.shutdown(std::net::Shutdown::Write)?;
    let _ = back.join();
    Ok(())
}

/// What a server can do with a secret.
#[derive(Clone, Copy)]
enum Repeats {
    Page,
    Xml,
    Json,
    Redirect,
    Coding,
    Trouble,
    NoHttp,
}

const ANSWERS: [Repeats; 7] =
    [Repeats::Page, Repeats::Xml, Repeats::Json, Repeats::Redirect, Repeats::Coding, Repeats::Trouble, Repeats::NoHttp];

/// A server that knows the secrets, and repeats them and each request wherever an answer has room for words.
fn parrot(repeats: Repeats, keys: [&'static str; 2]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let count = Arc::new(AtomicUsize::new(0));
    thread::spawn(move || {
        for client in listener.incoming() {
            let key = keys[count.fetch_add(1, Ordering::SeqCst) % keys.len()];
            thread::spawn(move || client.and_then(|client| repeat(client, repeats, key)));
        }
    });
    address
}

fn repeat(mut client: TcpStream, repeats: Repeats, key: &str) -> std::io::Result<()> {
    let (mut heard, mut buffer) = (Vec::new(), [0; 4096]);
    while !heard.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
        match client.read(&mut buffer)? {
            0 => return Ok(()),
            count => heard.extend_from_slice(&buffer[..count]),
        }
    }
    let heard = String::from_utf8_lossy(&heard).replace(['\r', '\n', '"'], " ");
    let words = format!("{key} key={key}; \u{200b}{key} {heard} {}", hexadecimal(key));
    client.write_all(answer(repeats, key, &words).as_bytes())?;
    // To the client's own end: a close with something unread would take the answer with it.
    std::io::copy(&mut client, &mut std::io::sink()).map(drop)
}

fn answer(repeats: Repeats, key: &str, words: &str) -> String {
    let xml = format!(
        "<?xml version=\"1.0\"?><Error><Code>{key}</Code><Message>{words}</Message><RequestId>{key}</RequestId>\
         <EC>{key}</EC><Region>{key}</Region><Endpoint>{key}</Endpoint><StringToSign>{words}</StringToSign></Error>",
    );
    let json = format!(
        "{{\"code\":-97,\"state\":false,\"message\":\"{words}\",\"error\":\"{words}\",\"request_id\":\"{key}\",\
         \"sid\":\"{key}\",\"data\":{{\"session\":\"{key}\",\"url\":\"{key}\"}}}}",
    );
    let (status, header, body) = match repeats {
        Repeats::Page => (403, String::new(), format!("<html><body>{words}</body></html>")),
        Repeats::Xml => (403, String::new(), xml),
        Repeats::Json => (403, String::new(), json),
        Repeats::Redirect => {
            let place = format!("https://me:{key}@elsewhere.example/{key}/x?sign={key}#{key}");
            (307, format!("Location: {place}\r\n"), String::new())
        }
        Repeats::Coding => (200, format!("Content-Encoding: {key}\r\n"), words.to_owned()),
        Repeats::Trouble => (500, String::new(), words.to_owned()),
        Repeats::NoHttp => return format!("{key} {words}\r\n\r\n"),
    };
    let ids: String =
        ["x-oss", "x-cos", "x-nos", "x-amz", "x"].map(|of| format!("{of}-request-id: {key}\r\n")).concat();
    let length = body.len();
    format!("HTTP/1.1 {status} {key}\r\n{ids}{header}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}")
}

fn hexadecimal(text: &str) -> String {
    text.bytes().fold(String::new(), |digits, byte| format!("{digits}{byte:02x}"))
}

/// Looks at what everybody on the machine, or at least every process of this user, can see of a process and of those that
/// it starts.
struct Watch {
    ends: Arc<AtomicBool>,
    thread: JoinHandle<HashSet<Vec<u8>>>,
}

impl Watch {
    fn begin(process: u32) -> Self {
        let ends = Arc::new(AtomicBool::new(false));
        let end = Arc::clone(&ends);
        let thread = thread::spawn(move || {
            let mut seen = HashSet::new();
            while !end.load(Ordering::SeqCst) {
                for process in family(process) {
                    let files = ["cmdline", "environ"].map(|file| fs::read(format!("/proc/{process}/{file}")));
                    seen.extend(files.into_iter().flatten());
                }
                thread::sleep(Duration::from_millis(5));
            }
            seen
        });
        Self { ends, thread }
    }

    fn end(self) -> HashSet<Vec<u8>> {
        self.ends.store(true, Ordering::SeqCst);
        self.thread.join().unwrap()
    }
}

/// A process, and all that descend from it.
fn family(process: u32) -> Vec<u32> {
    let mut family = vec![process];
    let mut next = 0;
    while let Some(process) = family.get(next) {
        let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
        let children = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
        let children: Vec<u32> = children
            .flat_map(|list| list.split_whitespace().filter_map(|it| it.parse().ok()).collect::<Vec<_>>())
            .collect();
        family.extend(children);
        next += 1;
    }
    family
}
