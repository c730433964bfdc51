//! What the field complained of later about Aliyun OSS: one test a row of that list.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use resumable_emulator::{Fault, Rule};

use crate::kit::{Home, PART, Ran, until};
use crate::oss::{home_with, keeps};

fn home(lines: &str) -> Home {
    home_with("ureq", |_| {}, lines)
}

const LINES: &str = "part_size = '1MiB'\none_request_max = '0'";

/// A box on the way between a home's command and its emulator: it may answer in the vendor's place, or change the head
/// of an answer.
struct MiddleBox {
    address: SocketAddr,
    gone: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// Shown the head of a request and of the vendor's answer; gives the whole answer that goes on instead, if any does.
type Meddling = dyn Fn(&str, &str) -> Option<String> + Send + Sync;

impl MiddleBox {
    fn before(home: &Home, lines: &str, meddle: impl Fn(&str, &str) -> Option<String> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((home.address().ip(), 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let (behind, gone, meddle) = (home.address(), Arc::new(AtomicBool::new(false)), Arc::new(meddle));
        let left = Arc::clone(&gone);
        let thread = thread::spawn(move || {
            for connection in listener.incoming() {
                if left.load(Ordering::SeqCst) {
                    return;
                }
                let meddle: Arc<Meddling> = Arc::clone(&meddle) as Arc<Meddling>;
                thread::spawn(move || connection.and_then(|client| carry(client, behind, &*meddle)));
            }
        });
        home.lead_to(address, &format!("{LINES}\n{lines}"));
        Self { address, gone, thread: Some(thread) }
    }
}

impl Drop for MiddleBox {
    fn drop(&mut self) {
        self.gone.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// One request and its answer; the connection ends with it.
fn carry(client: TcpStream, behind: SocketAddr, meddle: &Meddling) -> std::io::Result<()> {
    let mut client = BufReader::new(client);
    let asked = head(&mut client)?;
    let mut server = TcpStream::connect(behind)?;
    server.write_all(asked.replacen("\r\n", "\r\nConnection: close\r\n", 1).as_bytes())?;
    server.write_all(&body(&mut client, &asked)?)?;
    let mut server = BufReader::new(server);
    let answered = head(&mut server)?;
    let content = if asked.starts_with("HEAD ") { Vec::new() } else { body(&mut server, &answered)? };
    let mut client = client.into_inner();
    match meddle(&asked, &answered) {
        Some(answer) if answer.ends_with("\r\n\r\n") => {
            client.write_all(answer.as_bytes())?;
            client.write_all(&content)
        }
        Some(answer) => client.write_all(answer.as_bytes()),
        None => {
            client.write_all(closing(&answered).as_bytes())?;
            client.write_all(&content)
        }
    }
}

fn head(from: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if from.read_line(&mut head)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(head)
}

fn body(from: &mut BufReader<TcpStream>, head: &str) -> std::io::Result<Vec<u8>> {
    let length = field(head, "content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    from.read_exact(&mut body)?;
    Ok(body)
}

fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let pairs = head.lines().filter_map(|line| line.split_once(':'));
    pairs.filter(|(it, _)| it.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
}

/// A head with another value of a field, if it has the field.
fn with(head: &str, name: &str, value: &str) -> String {
    let same = |line: &str| line.split_once(':').is_some_and(|(it, _)| it.eq_ignore_ascii_case(name));
    let line = |line: &str| if same(line) { format!("{name}: {value}") } else { line.to_owned() };
    head.lines().map(|it| line(it) + "\r\n").collect()
}

fn closing(head: &str) -> String {
    head.replacen("\r\n", "\r\nConnection: close\r\n", 1)
}

/// The vendor's own refusal, with further elements.
fn refusal(status: u16, code: &str, more: &str) -> String {
    let id = "695584A0EMU00000000000AB";
    let xml = format!("<Error><Code>{code}</Code><Message>as it is</Message><RequestId>{id}</RequestId>{more}</Error>");
    let length = xml.len();
    format!(
        "HTTP/1.1 {status} No\r\nConnection: close\r\nContent-Length: {length}\r\nx-oss-request-id: {id}\r\n\r\n{xml}"
    )
}

fn is_initiate(head: &str) -> bool {
    head.starts_with("POST ") && head.contains("?uploads")
}

#[test]
fn field_bug_60_the_right_endpoint_is_named_with_the_profiles_keys() {
    let home = home("");
    let file = home.file("big.bin", 3 * PART, 60);
    let _box = MiddleBox::before(&home, "", |asked, _| {
        let more = "<Endpoint>oss-cn-beijing.aliyuncs.com</Endpoint>";
        is_initiate(asked).then(|| refusal(403, "AccessDenied", more))
    });
    let ran = home.put(&file, "/big.bin", &[]).ends(6);
    ran.says(&[
        "the bucket is at another endpoint",
        "set endpoint to \"oss-cn-beijing.aliyuncs.com\" and region to \"cn-beijing\"",
        "AccessDenied",
        "Set endpoint in the profile to that address",
    ]);
}

#[test]
fn field_bug_61_a_refusal_for_good_is_6_at_once_with_a_hint() {
    for (status, code, hint) in [
        (403, "SecondLevelDomainForbidden", "addressing = \"virtual-host\""),
        (403, "DepositUnpaid", "owes money"),
        (403, "KmsServiceNotEnabled", "enable KMS"),
        (501, "NotImplemented", "only resembles OSS"),
        (409, "NobodyKnowsThis", "request id 695584A0EMU00000000000AB"),
    ] {
        let home = home("");
        let file = home.file("big.bin", 3 * PART, 61);
        let _box = MiddleBox::before(&home, "", move |asked, _| is_initiate(asked).then(|| refusal(status, code, "")));
        let ran = home.put(&file, "/big.bin", &[]).ends(6).says(&[code, "as it is", hint]);
        assert!(!ran.err.contains("retrying in"), "{ran:?}");
        assert_eq!(home.asked("initiate"), 1);
        home.configure(LINES);
        home.put(&file, "/big.bin", &[]).ends(0);
        assert!(keeps(&home, "big.bin", &file));
    }
}

#[test]
fn field_bug_62_an_endpoint_of_another_bucket_is_a_mistake_in_the_profile() {
    let home = home("");
    let file = home.file("big.bin", PART, 62);
    let text = fs::read_to_string(home.config()).unwrap();
    let endpoint = text.lines().find(|line| line.starts_with("endpoint")).unwrap();
    home.write_config(&text.replace(endpoint, "endpoint = 'mine.oss-cn-hangzhou.aliyuncs.com'"));
    let says = ["line 3", "the endpoint begins with the name of another bucket", "https://oss-cn-"];
    home.put(&file, "/big.bin", &[]).ends(2).says(&says);
}

#[test]
fn field_bug_66_a_useless_date_leaves_the_servers_time() {
    for date in ["Thu, 01 Jan 1970 12:52:37 GMT", "yesterday"] {
        let home = home_with("ureq", |config| config.clock_offset = 7200, "");
        let file = home.file("big.bin", 3 * PART, 66);
        let _box = MiddleBox::before(&home, "", move |_, answered| Some(closing(&with(answered, "Date", date))));
        let ran = home.put(&file, "/big.bin", &[]).ends(0);
        let ahead = ran.err.split("this machine's clock is ").nth(1).unwrap_or_else(|| panic!("{ran:?}"));
        assert!(ahead.starts_with("2 h behind the vendor's"), "{ran:?}");
        assert!(keeps(&home, "big.bin", &file));
    }
}

/// A time of the vendor's, in seconds since 1970, as its documents write it; far from now.
fn far_off(home: &Home, years: &str) -> (Ran, MiddleBox) {
    let file = home.file("big.bin", 3 * PART, 94);
    let (time, date) = (format!("{years}-01-01T00:00:00.000Z"), format!("Sun, 01 Jan {years} 00:00:00 GMT"));
    let middle_box = MiddleBox::before(home, "", move |asked, _| {
        assert!(!asked.contains("x-oss-date: 2046"), "{asked}");
        let refused = refusal(403, "RequestTimeTooSkewed", &format!("<ServerTime>{time}</ServerTime>"));
        Some(refused.replacen("\r\n", &format!("\r\nDate: {date}\r\n"), 1))
    });
    (home.put(&file, "/big.bin", &[]), middle_box)
}

#[test]
fn field_bug_94_a_clock_that_is_years_ahead_dates_no_request_and_is_told() {
    let home = home("");
    let (ran, middle_box) = far_off(&home, "2046");
    let ran = ran.ends(4).says(&[
        "one of the two clocks is wrong by ",
        "the vendor's answer says Mon, 01 Jan 2046 00:00:00 GMT",
        "RequestTimeTooSkewed",
        "If this machine's clock is wrong, set it.",
        "an https endpoint in the profile prevents that",
    ]);
    assert!(!ran.err.contains("requests are dated by the vendor's"), "{ran:?}");
    drop(middle_box);
    let (ran, _middle_box) = far_off(&home, "1970");
    ran.ends(4).says(&["the time in the answer cannot be right", "something on the way may have written it"]);
}

#[test]
fn field_bug_68_a_region_as_the_console_writes_it_is_taken() {
    let home = home("");
    let file = home.file("big.bin", 2 * PART, 68);
    let text = fs::read_to_string(home.config()).unwrap();
    let region = text.lines().find_map(|line| line.strip_prefix("region = '")?.strip_suffix("'")).unwrap().to_owned();
    for written in [format!("oss-{region}"), format!("oss-{region}-internal")] {
        home.write_config(&text.replace(&format!("region = '{region}'"), &format!("region = '{written}'")));
        home.put(&file, &format!("/{written}"), &[]).ends(0);
        assert!(keeps(&home, &written, &file));
    }
}

/// A box repacks the answers: every tag is weak. Parts without a CRC-64 are known by their tag alone.
#[test]
fn field_bug_72_weak_tags_are_compared_and_sent_back_without_their_mark() {
    let home = home("");
    let file = home.file("big.bin", 5 * PART, 72);
    let _box = MiddleBox::before(&home, "", |_, answered| {
        let tag = field(answered, "etag")?.to_owned();
        let no_crc64 = with(answered, "x-oss-hash-crc64ecma", "none");
        Some(closing(&with(&no_crc64, "ETag", &format!("W/{tag}"))))
    });
    home.put(&file, "/big.bin", &[]).ends(0);
    assert!(keeps(&home, "big.bin", &file));
    assert_eq!((home.asked("upload_part"), home.asked("complete")), (5, 1), "nothing is sent again");
}

/// The answer to complete is lost, the run is killed, and the head of the object tells another CRC-64.
#[test]
fn field_bug_87_an_abort_does_not_say_that_nothing_is_left_while_our_object_is_there() {
    let home = home("");
    let file = home.file("big.bin", 3 * PART, 87);
    home.emulator.inject(Rule::once("complete", Fault::DropReply));
    home.emulator.inject(Rule::once("complete", Fault::Delay { millis: 600_000 }).skip(1).times(Rule::ALWAYS));
    let running = home.start(home.put_command(&file, "/big.bin", &[]));
    until("complete was made again", || home.asked("complete") > 0 && running.said().contains("retrying in"));
    running.kill();
    home.settle();
    assert!(keeps(&home, "big.bin", &file));
    home.emulator.inject(Rule::once("head_object", Fault::WrongCrc).times(Rule::ALWAYS));
    let ran = home.run(&["abort", &home.key()]).ends(0);
    assert!(ran.result("left at the vendor").starts_with("unknown"), "{ran:?}");
    assert!(keeps(&home, "big.bin", &file), "and it is still there");
}

/// The program is killed while it opens an upload: the server has one whose name nobody knows.
#[test]
fn field_bug_93_an_upload_that_a_kill_left_open_is_told() {
    let home = home("");
    let file = home.file("big.bin", 3 * PART, 93);
    home.emulator.inject(Rule::once("initiate", Fault::Delay { millis: 600_000 }));
    let running = home.start(home.put_command(&file, "/big.bin", &[]));
    until("the server has opened it", || home.emulator.oss().unfinished("examplebucket").len() == 1);
    running.kill();
    home.settle();
    assert_eq!(home.checkpoints().len(), 1, "it was saved before it was sent");
    let told = "1 request got no answer and may have left another copy or an unfinished upload";
    home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming ", told]);
    assert!(keeps(&home, "big.bin", &file));
    assert_eq!(home.emulator.oss().unfinished("examplebucket").len(), 1, "the one that was told");
}
