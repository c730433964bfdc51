//! The file to upload: what is no file, what cannot be read, what changes.

use std::fs::{self, File, FileTimes, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use resumable::units::show_number;
use resumable_emulator::{Fault, Rule};

use crate::kit::{APPID, BUCKET, Home, PART, Running, over_each_transport, until};

over_each_transport! {
    a_file_that_shrinks_while_it_is_sent_is_3,
    an_empty_file_is_an_object_without_bytes,
}

/// It ends with 3, these words, no request, and no trace of it in the state folder.
#[track_caller]
fn is_refused(home: &Home, file: impl AsRef<Path>, says: &[&str]) {
    let ran = home.put(file.as_ref(), "/x", &[]).ends(3).says(says).says(&["Nothing was sent."]);
    assert!(ran.out.is_empty() && ran.err.lines().count() == 2, "{ran:?}");
    assert_eq!(home.emulator.totals().requests, 0);
    assert!(!home.state().exists());
}

#[test]
fn a_missing_source_is_3() {
    let home = Home::new();
    is_refused(&home, home.path("missing"), &["no such file: ", "/missing", "Check the file's name."]);
    let file = home.file("file", 1, 1);
    is_refused(&home, file.join("below"), &["no such file: ", "file/below"]);
}

#[test]
fn a_folder_without_r_is_2() {
    let home = Home::new();
    home.put(&home.path("data"), "/x", &[]).ends(2).says(&["data is a folder", "add -r"]);
    assert_eq!(home.emulator.totals().requests, 0);
    assert!(!home.state().exists());
}

#[test]
fn a_pipe_is_3_and_nobody_waits_for_its_other_end() {
    let home = Home::new();
    let pipe = home.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    is_refused(&home, pipe, &["pipe is not a regular file", "Save its content to a file first."]);
}

#[test]
fn a_device_is_3_even_one_that_never_ends() {
    let home = Home::new();
    for device in ["/dev/zero", "/dev/null"] {
        is_refused(&home, device, &[device, "is not a regular file", "Save its content to a file first."]);
    }
}

#[test]
fn a_socket_is_3() {
    let home = Home::new();
    let _socket = UnixListener::bind(home.path("socket")).unwrap();
    is_refused(&home, home.path("socket"), &["socket is not a regular file"]);
}

#[test]
fn a_link_to_a_file_is_that_file() {
    let home = Home::new();
    let file = home.file("file", 9 * PART, 2);
    symlink("file", home.path("link")).unwrap();
    home.put(&home.path("link"), "/x", &[]).ends(0);
    assert!(home.holds("/x", &file));
}

#[test]
fn a_link_to_nothing_is_3_and_called_a_link() {
    let home = Home::new();
    symlink("nothing", home.path("link")).unwrap();
    is_refused(&home, home.path("link"), &["link is a symbolic link to a file that does not exist"]);
    symlink("loop", home.path("loop")).unwrap();
    is_refused(&home, home.path("loop"), &["cannot read ", "loop: ", "symbolic links"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_does_not_know_its_length_is_3_and_no_empty_upload() {
    let home = Home::new();
    assert_eq!(fs::metadata("/proc/version").unwrap().len(), 0);
    is_refused(&home, "/proc/version", &["/proc/version has more or less content than its stated length"]);
}

/// The memory of the process itself: a regular file that opens, and whose first byte cannot be read, not even by root.
#[cfg(target_os = "linux")]
#[test]
fn a_source_that_opens_and_cannot_be_read_is_3() {
    let home = Home::new();
    is_refused(&home, "/proc/self/mem", &["cannot read /proc/self/mem: "]);
}

/// Who runs the test as root lets somebody else run the command, for root may read everything.
#[test]
fn a_source_without_permission_is_3() {
    const NOBODY: u32 = 65_534;
    let home = Home::new();
    let file = home.file("file", 9 * PART, 3);
    fs::set_permissions(&file, Permissions::from_mode(0o000)).unwrap();
    let mut command = home.put_command(&file, "/x", &[]);
    if File::open(&file).is_ok() {
        chown(home.config(), Some(NOBODY), Some(NOBODY)).unwrap();
        command = home.rebuilt(&command);
        command.uid(NOBODY).gid(NOBODY);
    }
    let ran = home.start(command).wait().ends(3);
    ran.says(&["cannot read ", "file: permission denied", "Check the file's permissions. Nothing was sent."]);
    assert_eq!(home.emulator.totals().requests, 0);
    fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    home.put(&file, "/x", &[]).ends(0);
    assert!(home.holds("/x", &file));
}

/// An upload of which some is stored, with seconds to go: every further answer takes three.
fn slowly(home: &Home, file: &Path) -> Running {
    let fault = Fault::Delay { millis: 3_000 };
    home.emulator.inject(Rule::once("upload_slice_data", fault).skip(1).times(Rule::ALWAYS));
    let running = home.start(home.put_command(file, "/x", &[]));
    until("the first bytes are stored", || home.emulator.totals().file_bytes > 3 * PART);
    running
}

/// What somebody does to a file.
type Meddle = fn(&Path);

fn grow(file: &Path) {
    File::options().append(true).open(file).unwrap().write_all(b"more").unwrap();
}

fn shrink(file: &Path) {
    File::options().write(true).open(file).unwrap().set_len(5 * PART).unwrap();
}

fn rewrite(file: &Path) {
    let mut bytes = fs::read(file).unwrap();
    bytes.iter_mut().for_each(|byte| *byte = !*byte);
    fs::write(file, bytes).unwrap();
}

fn replace(file: &Path) {
    let other = file.with_extension("other");
    fs::write(&other, vec![7; usize::try_from(12 * PART).unwrap()]).unwrap();
    fs::rename(other, file).unwrap();
}

/// While it is sent: 3, in both versions, nothing finished; a `--restart` uploads the file as it is then. After it was
/// changed no more than so many bytes are sent.
#[track_caller]
fn changes_while_it_is_sent(home: &Home, meddle: Meddle, still_sent: u64) {
    let file = home.file("big.bin", 12 * PART, 4);
    let running = slowly(home, &file);
    meddle(&file);
    let before = home.emulator.totals().received_file_bytes;
    running.wait().ends(3).says(&["the file changed since its upload began", "then: ", "now:  ", "--restart"]);
    let sent = home.emulator.totals().received_file_bytes - before;
    assert!(sent <= still_sent, "{sent} bytes were sent of neither version");
    assert_eq!(home.emulator.cos_v2().read_object(APPID, BUCKET, "x").unwrap(), None, "no mixture was finished");
    assert!(home.emulator.cos_v2().slices(APPID, BUCKET, "x").is_some(), "and nothing was thrown away");
    home.emulator.clear_faults();
    home.put(&file, "/x", &[]).ends(3).says(&["the file changed", "--restart"]);
    home.put(&file, "/x", &["--restart"]).ends(0);
    assert!(home.holds("/x", &file) && home.checkpoints().is_empty());
}

/// What was read already: a window.
const ON_ITS_WAY: u64 = 4 * PART;

#[test]
fn a_file_that_grows_while_it_is_sent_is_3() {
    changes_while_it_is_sent(&Home::new(), grow, ON_ITS_WAY);
}

fn a_file_that_shrinks_while_it_is_sent_is_3(home: &Home) {
    changes_while_it_is_sent(home, shrink, ON_ITS_WAY);
}

#[test]
fn a_file_that_is_rewritten_while_it_is_sent_is_3() {
    changes_while_it_is_sent(&Home::new(), rewrite, ON_ITS_WAY);
}

#[test]
fn a_file_that_is_replaced_while_it_is_sent_is_3() {
    // The file that was opened is the old one still.
    changes_while_it_is_sent(&Home::new(), replace, 12 * PART);
}

/// Between two runs: 3, in both versions, nothing sent; the old file put back goes on where it was.
#[track_caller]
fn changes_between_two_runs(meddle: Meddle) {
    let home = Home::new();
    let file = home.file("big.bin", 12 * PART, 5);
    let old = Kept::of(&file);
    home.break_off(&file, "/x");
    let (before, saved) = (home.emulator.totals(), fs::read(home.checkpoint()).unwrap());
    meddle(&file);
    let was = format!("then: {} bytes, modified ", show_number(12 * PART));
    let is = format!("now:  {} bytes, modified ", show_number(fs::metadata(&file).unwrap().size()));
    home.put(&file, "/x", &[]).ends(3).says(&["the file changed since its upload began", &was, &is, "--restart"]);
    assert_eq!(home.emulator.totals(), before, "nothing was asked, sent or lost");
    assert_eq!(fs::read(home.checkpoint()).unwrap(), saved);
    old.put_back();
    let ran = home.put(&file, "/x", &[]).ends(0).says(&["resuming "]);
    assert_eq!(ran.result("bytes sent"), (12 * PART - before.file_bytes).to_string());
    assert!(home.holds("/x", &file) && home.checkpoints().is_empty());
}

/// A file as it was.
struct Kept {
    path: PathBuf,
    bytes: Vec<u8>,
    times: FileTimes,
}

impl Kept {
    fn of(path: &Path) -> Self {
        let times = FileTimes::new().set_modified(fs::metadata(path).unwrap().modified().unwrap());
        Self { path: path.to_owned(), bytes: fs::read(path).unwrap(), times }
    }

    fn put_back(self) {
        fs::write(&self.path, self.bytes).unwrap();
        File::options().write(true).open(&self.path).unwrap().set_times(self.times).unwrap();
    }
}

#[test]
fn a_file_that_grew_between_two_runs_is_3() {
    changes_between_two_runs(grow);
}

#[test]
fn a_file_that_shrank_between_two_runs_is_3() {
    changes_between_two_runs(shrink);
}

#[test]
fn a_file_that_was_rewritten_between_two_runs_is_3() {
    changes_between_two_runs(rewrite);
}

#[test]
fn a_file_that_was_replaced_between_two_runs_is_3() {
    changes_between_two_runs(replace);
}

#[test]
fn a_file_whose_time_alone_changed_between_two_runs_goes_on() {
    let home = Home::new();
    let file = home.file("big.bin", 12 * PART, 5);
    home.break_off(&file, "/x");
    let before = home.emulator.totals();
    let earlier = fs::metadata(&file).unwrap().modified().unwrap() - Duration::from_micros(1);
    File::options().write(true).open(&file).unwrap().set_modified(earlier).unwrap();
    let ran = home.put(&file, "/x", &[]).ends(0).says(&["resuming "]);
    assert_eq!(ran.result("bytes sent"), (12 * PART - before.file_bytes).to_string());
    assert!(home.holds("/x", &file) && home.checkpoints().is_empty());
}

#[test]
fn a_file_that_went_away_between_two_runs_is_3_and_comes_back() {
    let home = Home::new();
    let file = home.file("big.bin", 12 * PART, 6);
    let (old, away) = (home.path("big.bin"), home.path("away"));
    home.break_off(&file, "/x");
    fs::rename(&old, &away).unwrap();
    home.put(&file, "/x", &[]).ends(3).says(&["no such file: "]);
    fs::rename(&away, &old).unwrap();
    home.put(&file, "/x", &[]).ends(0).says(&["resuming "]);
    assert!(home.holds("/x", &file));
}

fn an_empty_file_is_an_object_without_bytes(home: &Home) {
    let file = home.file("empty", 0, 0);
    let ran = home.put(&file, "/empty", &[]).ends(0);
    assert_eq!((ran.result("size"), ran.result("requests")), ("0 bytes", "1"));
    assert!(home.holds("/empty", &file) && home.checkpoints().is_empty());
}

/// `len` is sent in this many slices, or in one request; a second run finds it there.
#[track_caller]
fn arrives_whole(home: &Home, len: u64, slices: u64) {
    let file = home.file(format!("{len}"), len, len);
    let path = format!("/{len}");
    home.put(&file, &path, &["--window", "3"]).ends(0);
    assert!(home.holds(&path, &file), "{len}");
    let log = home.emulator.log();
    let sent = |op: &str| log.iter().filter(|entry| entry.path.ends_with(&path) && entry.op == op).count() as u64;
    assert_eq!((sent("upload_slice_data"), sent("upload")), (slices, u64::from(slices == 0)), "{len}");
    let ran = home.put(&file, &path, &[]).ends(0);
    assert!(slices == 0 || ran.result("bytes sent") == "0", "{len}: {ran:?}");
}

#[test]
fn a_file_of_one_slice_and_of_several_and_a_byte_more_or_less_arrives_whole() {
    for (name, slice) in [("512KiB", PART / 2), ("1MiB", PART)] {
        let home = Home::new();
        home.configure(&format!("one_request_max = 0\nslice_size = '{name}'"));
        for slices in [1, 2, 3] {
            for len in [slices * slice - 1, slices * slice, slices * slice + 1] {
                arrives_whole(&home, len, len.div_ceil(slice));
            }
        }
        arrives_whole(&home, 1, 1);
    }
}

#[test]
fn a_file_at_the_limit_of_one_request_and_a_byte_more_or_less_arrives_whole() {
    let home = Home::new();
    for (len, slices) in [(8 * PART - 1, 0), (8 * PART, 0), (8 * PART + 1, 9)] {
        arrives_whole(&home, len, slices);
    }
    // As much as the vendor's page allows at all.
    let home = Home::new();
    home.configure("one_request_max = 20000000");
    for (len, slices) in [(19_999_999, 0), (20_000_000, 0), (20_000_001, 20)] {
        arrives_whole(&home, len, slices);
    }
}

/// The slice size that the server asks for wins, also for sizes that no profile may ask for.
#[test]
fn a_file_around_a_slice_of_the_servers_choice_arrives_whole() {
    let mut config = resumable_emulator::Config::default();
    config.cos_v2.switches.slice_size = Some(64 << 10);
    let home = Home::with(config);
    home.configure("one_request_max = 0");
    for slices in [1, 2, 20] {
        for len in [slices * (64 << 10) - 1, slices * (64 << 10), slices * (64 << 10) + 1] {
            arrives_whole(&home, len, len.div_ceil(64 << 10));
        }
    }
}
