//! `resumable-sim --cases N --seed S --protocol cos-v2 [--case K] [--verbose]`

use std::process::ExitCode;
use std::time::Instant;

use resumable_sim::campaign::{self, Campaign};
use resumable_sim::case::{self, Report};
use resumable_sim::census::COMPLETE_FROM;
use resumable_sim::enumerate::{self, Enumeration};
use resumable_sim::protocol::Vendor;
use resumable_sim::protocol::cos_v2::{self, CosV2Vendor};
use resumable_sim::transcript::Detail;

const USAGE: &str = "usage: resumable-sim --cases N --seed S --protocol cos-v2 [--case K] [--verbose]

  --cases N      how many cases to run
  --seed S       the run's seed; the same one gives the same cases
  --protocol P   the vendor: cos-v2
  --case K       run only the cases from number K on; one of them shows its transcript if it breaks the property
  --verbose      with --case: show the transcript in any case";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match Args::parse(&args) {
        Ok(args) if run(&CosV2Vendor::new(), &args) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(what) => {
            eprintln!("{what}\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

/// What the command was asked for.
struct Args {
    cases: u64,
    seed: u64,
    protocol: String,
    case: Option<u64>,
    verbose: bool,
}

impl Args {
    fn parse(args: &[&str]) -> Result<Self, String> {
        let mut parsed = Self { cases: 0, seed: 0, protocol: String::new(), case: None, verbose: false };
        let mut rest = args.iter();
        while let Some(flag) = rest.next() {
            let mut value = || rest.next().ok_or_else(|| format!("{flag} needs a value"));
            let number = |text: &str| text.parse::<u64>().map_err(|_| format!("{flag}: {text} is no number"));
            match *flag {
                "--cases" => parsed.cases = number(value()?)?,
                "--seed" => parsed.seed = number(value()?)?,
                "--protocol" => (*value()?).clone_into(&mut parsed.protocol),
                "--case" => parsed.case = Some(number(value()?)?),
                "--verbose" => parsed.verbose = true,
                other => return Err(format!("{other} is not known")),
            }
        }
        match parsed.protocol.as_str() {
            "cos-v2" if parsed.cases > 0 => Ok(parsed),
            "cos-v2" => Err("--cases is missing".to_owned()),
            other => Err(format!("--protocol {other:?} is not known")),
        }
    }
}

/// True if the property held.
fn run(vendor: &CosV2Vendor, args: &Args) -> bool {
    let (from, seed) = (args.case.unwrap_or_default(), args.seed);
    println!("resumable-sim: protocol {}, seed {seed}, cases {from}..{}", args.protocol, from + args.cases);
    if args.verbose && args.case.is_some() {
        show(&case::run(vendor, case::seed_of(seed, from), Detail::Full));
    }
    let enumerated = args.case.is_some() || enumerations();
    let began = Instant::now();
    let campaign = campaign::run(vendor, seed, from, from + args.cases);
    let seconds = began.elapsed().as_secs_f64();
    print!("{}", campaign.census.table(vendor));
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = args.cases as f64 / seconds;
    println!("{} cases in {seconds:.1} s: {rate:.0} cases/s; {} of them run twice", args.cases, campaign.twice);
    let complete = census_is_complete(vendor, &campaign, args.cases);
    report_violations(vendor, args, &campaign);
    enumerated && complete && campaign.violations == 0
}

fn show(report: &Report) {
    report.transcript.lines().iter().for_each(|line| println!("{line}"));
    println!("ended as: {}", report.ending);
}

fn report_violations(vendor: &CosV2Vendor, args: &Args, campaign: &Campaign) {
    println!("{} violations", campaign.violations);
    for (position, (index, violation)) in campaign.first.iter().enumerate() {
        let own = case::seed_of(args.seed, *index);
        println!("\ncase {index} (its own seed: {own}): {violation}");
        if position == 0 {
            show(&case::run(vendor, own, Detail::Full));
        }
        let (seed, protocol) = (args.seed, &args.protocol);
        println!("replay: cargo xtask sim --cases 1 --seed {seed} --protocol {protocol} --case {index}");
    }
}

fn census_is_complete<V: Vendor>(vendor: &V, campaign: &Campaign, cases: u64) -> bool {
    let missing = campaign.census.missing(vendor);
    if missing.is_empty() {
        return true;
    }
    println!("the census has holes: {}", missing.join("; "));
    if cases < COMPLETE_FROM {
        println!("(below {COMPLETE_FROM} cases that is no failure)");
    }
    cases < COMPLETE_FROM
}

/// Every placement of one fault over small uploads.
fn enumerations() -> bool {
    let vendor = CosV2Vendor::new();
    let mut all = Enumeration::default();
    for (setting, window) in cos_v2::enumerated() {
        let found = enumerate::singles(&vendor, &setting, window, 1);
        all.placements += found.placements;
        all.violations.extend(found.violations.into_iter().map(|what| format!("{setting:?}: {what}")));
    }
    println!("{} placements of one fault: {} violations", all.placements, all.violations.len());
    all.violations.iter().take(3).for_each(|violation| println!("{violation}"));
    all.violations.is_empty()
}
