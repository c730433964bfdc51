//! Cases that broke the property once, for ever.
//!
//! A change of what is drawn makes another case of the same numbers. Then a row is a case like any other; what was found by it
//! has a test of its own beside what was mended.

use resumable_sim::case;
use resumable_sim::registry::{self, Task};
use resumable_sim::transcript::Detail;
use resumable_sim::vendor::{Expectations, Wrapped};

struct Found {
    /// As `cargo xtask sim --protocol` has it.
    protocol: &'static str,
    seed: u64,
    case: u64,
    what: &'static str,
}

const fn found(protocol: &'static str, seed: u64, case: u64, what: &'static str) -> Found {
    Found { protocol, seed, case, what }
}

/// What was wrong in a protocol, or in the machine.
const BUGS: [Found; 13] = [
    found("115", 1, 16_856, "a question at the start of a run counted as the last one of the run before"),
    found("cos-v2", 1, 1_002, "a session that cannot be deleted was sent again in every run"),
    found("cos-v2", 4_138_517_133_727_020_636, 3_538, "it was saved too late that bytes leave undigested"),
    found(
        "cos-v2",
        1,
        810_271,
        "a clock was set back while a fresh file was given time, and its content was not trusted",
    ),
    found("oss", 9_001, 219_820, "\"nothing is left\" was told with the object there"),
    found("oss", 9_001, 167_845, "\"nothing is left\" was told with the object there"),
    found("oss", 777, 19_876, "\"nothing is left\" was told with the object there"),
    found("oss", 777, 230_877, "\"nothing is left\" was told with the object there"),
    found("s3", 77, 1_747, "a bare 400 to HEAD was not taken for a token that has ended"),
    found("s3", 1, 788, "a SHA-256 that came while no upload was open was asked for once more"),
    found(
        "s3",
        11,
        26_741,
        "the list was read anew with each look after a lost complete, until the budget of answers ran out",
    ),
    found("s3", 101, 8_351, "an object of our name counted although its sum was another"),
    found("s3", 1, 1_406_453, "who aborted did not leave the vendor alone for as long as it had asked"),
];

/// What was right, and called wrong.
const MISJUDGED: [Found; 26] = [
    found("115", 1, 1_000_361, "115 asked nine times for proofs, so a run took more than 40 requests"),
    found("115", 1, 1_078_533, "a resume of a dead process took effect after that of the next one"),
    found("115", 4, 15_455, "a page of 405 came from the storage"),
    found("115", 7, 50_589, "keys that live for 5 s lead a slow host nowhere"),
    found("115", 21, 70_432, "25 lost answers came to 64 without progress"),
    found("115", 32, 17_174, "an answer was delayed for longer than a challenge lives"),
    found("115", 17_597_674_549_401_905_940, 5_065, "keys live for 5 s, and requests take longer"),
    found("cos-v1", 1, 691_130, "the restarts ran out, that was saved, and the disk was full before it could be told"),
    found("cos-v1", 21, 20_060, "an edited checkpoint left a spoilt session"),
    found("cos-v2", 1, 139_636, "other bytes arrived twice, and a stat shows an object"),
    found("cos-v2", 1, 490_241, "other bytes arrived twice, and a stat shows an object"),
    found("cos-v2", 1, 515_678, "other bytes arrived twice, and a stat shows an object"),
    found("cos-v2", 5, 2_895, "an older file was completed by a finish without an answer"),
    found("cos-v2", 13, 10_597, "a page that is not the vendor's used up patience"),
    found("cos-v2", 22, 76_836, "a single look of the first format missed a write"),
    found("cos-xml", 1, 1_052_247, "the object has other bytes, and the vendor refuses to replace it"),
    found("cos-xml", 4, 16_404, "the result of a complete was cut off"),
    found("cos-xml", 5, 13_463, "a slow answer outlasted patience"),
    found("oss", 11, 48_718, "a file grew while it was read"),
    found("oss", 12, 69_227, "a request that was answered before it was sent whole left no digest"),
    found("s3", 1, 30_552, "a bare 400 to HEAD is a token's end"),
    found("s3", 3, 24_446, "a receipt told the sum of an edited checkpoint"),
    found("s3", 3, 27_164, "a receipt told the sum of a list that lied"),
    found("s3", 4, 10_349, "a machine slept while it waited for answers alone"),
    found("s3", 5, 15_903, "HEAD lied about the tag of an object that came in one request"),
    found("xfyun", 1, 408_229, "a checkpoint without a checksum was edited, and it alone knows what arrived"),
];

impl Task for Found {
    fn run<S: Expectations>(&self, name: &str) -> bool {
        let Self { seed, case, what, .. } = self;
        let report = case::run(&Wrapped::<S>::own(), case::seed_of(*seed, *case), Detail::Off);
        if let Some(violation) = &report.violation {
            println!("{what}: {violation}");
            println!("replay: cargo xtask sim --cases 1 --seed {seed} --protocol {name} --case {case}");
        }
        report.violation.is_none()
    }
}

fn holds(found: &Found) -> bool {
    let vendors = registry::all::<Found>();
    let (name, run) = vendors.iter().find(|(name, _)| *name == found.protocol).expect("a vendor of that name");
    run(found, name)
}

#[test]
fn what_was_wrong_once_stays_right() {
    assert_eq!(BUGS.iter().filter(|found| !holds(found)).count(), 0);
}

#[test]
fn what_was_misjudged_once_is_judged_right() {
    assert_eq!(MISJUDGED.iter().filter(|found| !holds(found)).count(), 0);
}
