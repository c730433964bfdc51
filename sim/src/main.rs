//! `resumable-sim --cases N --seed S --protocol P [--case K] [--faults FILE] [--verbose] [--driven | --rivals]`, or
//! `--pairs --protocol P`

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use resumable_emulator::Plan;
use resumable_sim::campaign::{self, Campaign};
use resumable_sim::case::{self, Report};
use resumable_sim::census::COMPLETE_FROM;
use resumable_sim::driven;
use resumable_sim::enumerate::{self, Enumeration};
use resumable_sim::outcomes::{self, Known};
use resumable_sim::registry::{self, Entry, Task};
use resumable_sim::transcript::Detail;
use resumable_sim::vendor::{Expectations, Wrapped};

const USAGE: &str = "usage: resumable-sim --cases N --seed S --protocol P [--case K] [--faults FILE] [--verbose]
                     [--known FILE | --keep FILE]
       resumable-sim --driven|--rivals --cases N --seed S --protocol P [--case K] [--verbose]
       resumable-sim --pairs --protocol P

  --cases N      how many cases to run
  --seed S       the run's seed; the same one gives the same cases
  --protocol P   the vendor, or `all` of them, one after the other
  --case K       run only the cases from number K on; one of them shows its transcript if it breaks the property
  --faults FILE  the same uploads under this plan of the server's faults (see docs/emulator.md), and no other trouble
  --known FILE   compare how the first cases ended with what is known of the seed (sim/outcomes.json)
  --keep FILE    put how they ended in place of what is known
  --verbose      with --case: show the transcript in any case
  --driven       the library's own async client in place of the machine alone: its driver, its files, its tokens
  --rivals       two of these clients at once, from two machines to one destination
  --pairs        no chance: every placement of one fault and of two over uploads of three parts, and every effect of the
                 host that fails";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match Args::parse(&args) {
        Ok(args) => {
            let held: Vec<bool> = args.vendors.iter().map(|(name, run)| run(&args, name)).collect();
            if held.contains(&false) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
        }
        Err(what) => {
            let names = registry::all::<Args>().iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
            eprintln!("{what}\n{USAGE}\n\nvendors: {names}");
            ExitCode::from(2)
        }
    }
}

/// What enumerations draw with.
const SEED: u64 = 1;

/// What the command was asked for.
#[derive(Default)]
struct Args {
    cases: u64,
    seed: u64,
    vendors: Vec<Entry<Self>>,
    case: Option<u64>,
    faults: Option<Plan>,
    known: Option<Known>,
    keep: Option<PathBuf>,
    verbose: bool,
    driven: Option<Driven>,
    pairs: bool,
}

/// What the library's own client plays.
#[derive(Clone, Copy)]
enum Driven {
    Alone,
    Rivals,
}

impl Driven {
    fn flag(self) -> &'static str {
        match self {
            Self::Alone => "--driven",
            Self::Rivals => "--rivals",
        }
    }

    fn play<S: Expectations>(self) -> driven::case::Run {
        match self {
            Self::Alone => driven::case::run::<S>,
            Self::Rivals => driven::rivals::run::<S>,
        }
    }
}

impl Args {
    fn parse(args: &[&str]) -> Result<Self, String> {
        let mut parsed = Self::default();
        let mut rest = args.iter();
        while let Some(flag) = rest.next() {
            let mut value = || rest.next().ok_or_else(|| format!("{flag} needs a value"));
            let number = |text: &str| text.parse::<u64>().map_err(|_| format!("{flag}: {text} is no number"));
            match *flag {
                "--cases" => parsed.cases = number(value()?)?,
                "--seed" => parsed.seed = number(value()?)?,
                "--protocol" => parsed.vendors = vendors(value()?)?,
                "--case" => parsed.case = Some(number(value()?)?),
                "--faults" => parsed.faults = Some(plan(value()?)?),
                "--known" => parsed.known = Some(Known::read(value()?.as_ref())?),
                "--keep" => parsed.keep = Some(PathBuf::from(value()?)),
                "--verbose" => parsed.verbose = true,
                "--driven" => parsed.driven = Some(Driven::Alone),
                "--rivals" => parsed.driven = Some(Driven::Rivals),
                "--pairs" => parsed.pairs = true,
                other => return Err(format!("{other} is not known")),
            }
        }
        match parsed {
            Self { driven: Some(driven), pairs, ref faults, .. } if pairs || faults.is_some() => {
                Err(format!("{} goes with neither --pairs nor --faults", driven.flag()))
            }
            Self { cases: 0, pairs: false, .. } => Err("--cases is missing".to_owned()),
            Self { ref vendors, .. } if vendors.is_empty() => Err("--protocol is missing".to_owned()),
            parsed => Ok(parsed),
        }
    }
}

fn vendors(named: &str) -> Result<Vec<Entry<Args>>, String> {
    let chosen: Vec<_> = registry::all().into_iter().filter(|(name, _)| named == "all" || named == *name).collect();
    if chosen.is_empty() { Err(format!("--protocol {named:?} is not known")) } else { Ok(chosen) }
}

fn plan(file: &str) -> Result<Plan, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    Plan::from_json(&text).map_err(|error| format!("{file}: {error}"))
}

/// One case again, with its transcript.
fn replay<S: Expectations>(args: &Args, index: u64) -> Report {
    let vendor = &Wrapped::<S>::own();
    let own = case::seed_of(args.seed, index);
    match &args.faults {
        None => case::run(vendor, own, Detail::Full),
        Some(plan) => case::run_under(vendor, own, plan, Detail::Full),
    }
}

impl Task for Args {
    /// True if the property held.
    fn run<S: Expectations>(&self, name: &str) -> bool {
        let (args, vendor) = (self, &Wrapped::<S>::own());
        if args.pairs {
            println!("resumable-sim: protocol {name}");
            return pairs::<S>();
        }
        if let Some(driven) = args.driven {
            return driven_cases::<S>(args, driven, name);
        }
        let (from, seed) = (args.case.unwrap_or_default(), args.seed);
        println!("resumable-sim: protocol {name}, seed {seed}, cases {from}..{}", from + args.cases);
        if args.verbose && args.case.is_some() {
            show(&replay::<S>(args, from));
        }
        let enumerated = args.case.is_some() || args.faults.is_some() || enumerations::<S>();
        let began = Instant::now();
        let campaign = match &args.faults {
            None => campaign::run(vendor, seed, from, from + args.cases),
            Some(plan) => campaign::run_under(vendor, plan, seed, from, from + args.cases),
        };
        let seconds = began.elapsed().as_secs_f64();
        print!("{}", campaign.census.table::<S>());
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let rate = args.cases as f64 / seconds;
        println!("{} cases in {seconds:.1} s: {rate:.0} cases/s; {} of them run twice", args.cases, campaign.twice);
        let complete = args.faults.is_some() || census_is_complete::<S>(&campaign, args.cases);
        report_violations::<S>(args, name, &campaign);
        enumerated && complete && ended_as_known(args, name, &campaign) && campaign.violations == 0
    }
}

/// Uploads by the library's async client. True if the property held.
fn driven_cases<S: Expectations>(args: &Args, driven: Driven, name: &str) -> bool {
    let (from, seed, flag, play) = (args.case.unwrap_or_default(), args.seed, driven.flag(), driven.play::<S>());
    println!("resumable-sim: protocol {name}, {flag}, seed {seed}, cases {from}..{}", from + args.cases);
    if args.verbose && args.case.is_some() {
        let report = play(case::seed_of(seed, from), Detail::Full);
        report.transcript.lines().iter().for_each(|line| println!("{line}"));
    }
    let began = Instant::now();
    let all = driven::case::run_all(play, seed, from, from + args.cases);
    all.marks.iter().for_each(|(mark, times)| println!("{times:>10}  {mark}"));
    println!("{} cases in {:.1} s", args.cases, began.elapsed().as_secs_f64());
    for (index, what) in all.violations.iter().take(3) {
        println!("case {index}: {what}");
        println!("  again: {flag} --cases 1 --seed {seed} --protocol {name} --case {index} --verbose");
    }
    println!("{} violations", all.violations.len());
    all.violations.is_empty()
}

/// Whether the cases ended as they are known to.
fn ended_as_known(args: &Args, name: &str, campaign: &Campaign) -> bool {
    if args.case.is_some() || args.faults.is_some() {
        return true;
    }
    println!("how all ended, in one number: {}", outcomes::text(campaign.outcomes.all));
    let known = args.known.as_ref();
    let differs = known.and_then(|known| known.differs(name, args.seed, args.cases, campaign.outcomes)).map(|what| {
        format!(
            "{what}; if that is meant: cargo xtask sim --cases {} --seed {} --protocol {name} --keep sim/outcomes.json",
            args.cases, args.seed
        )
    });
    let kept =
        args.keep.as_ref().and_then(|path| Known::write(path, name, args.seed, args.cases, campaign.outcomes).err());
    let told = differs.or(kept);
    told.iter().for_each(|what| println!("{what}"));
    told.is_none()
}

fn show(report: &Report) {
    report.transcript.lines().iter().for_each(|line| println!("{line}"));
    println!("ended as: {}", report.ending);
    if !report.plan.rules.is_empty() {
        println!("the server's share of its faults, for `resumable emulator --faults` and for --faults here:");
        println!("{}", as_file(&report.plan));
    }
}

/// A plan file with a rule to a line.
fn as_file(plan: &Plan) -> String {
    let rules = plan.rules.iter().filter_map(|rule| serde_json::to_string(rule).ok());
    format!("{{\"rules\": [\n  {}\n]}}", rules.collect::<Vec<_>>().join(",\n  "))
}

fn report_violations<S: Expectations>(args: &Args, name: &str, campaign: &Campaign) {
    println!("{} violations", campaign.violations);
    for (position, (index, violation)) in campaign.first.iter().enumerate() {
        let own = case::seed_of(args.seed, *index);
        println!("\ncase {index} (its own seed: {own}): {violation}");
        if position == 0 {
            show(&replay::<S>(args, *index));
        }
        let seed = args.seed;
        let faults = if args.faults.is_some() { " --faults FILE" } else { "" };
        println!("replay: cargo xtask sim --cases 1 --seed {seed} --protocol {name} --case {index}{faults}");
    }
}

fn census_is_complete<S: Expectations>(campaign: &Campaign, cases: u64) -> bool {
    let missing = campaign.census.missing::<S>();
    if missing.is_empty() {
        return true;
    }
    println!("the census has holes: {}", missing.join("; "));
    if cases < COMPLETE_FROM {
        println!("(below {COMPLETE_FROM} cases that is no failure)");
        return true;
    }
    let chance = missing.iter().all(|hole| campaign.census.is_chance::<S>(hole));
    if chance {
        println!("(these calls are seldom made: that is no failure)");
    }
    chance
}

/// Every placement of one fault over small uploads.
fn enumerations<S: Expectations>() -> bool {
    hold("placements of one fault", &S::enumerated(), |setting, window| {
        enumerate::singles(&Wrapped::<S>::own(), setting, window, SEED)
    })
}

/// Every placement of one fault and of two over uploads of three parts, and every effect that fails.
fn pairs<S: Expectations>() -> bool {
    let uploads = enumerate::three_parts::<S>();
    let singles = enumerations::<S>();
    let effects = hold("effects that fail", &S::enumerated(), |setting, window| {
        enumerate::failing(&Wrapped::<S>::own(), setting, window, SEED)
    });
    let pairs = hold("placements of two faults over three parts", &uploads, |setting, window| {
        enumerate::pairs(&Wrapped::<S>::own(), setting, window, SEED)
    });
    singles && effects && pairs
}

fn hold<S: Expectations>(
    what: &str,
    uploads: &[(S, usize)],
    enumerate: impl Fn(&S, usize) -> Enumeration + Sync,
) -> bool {
    let began = Instant::now();
    let found = enumerate::over(uploads, enumerate);
    let (count, wrong, seconds) = (found.placements, found.violations.len(), began.elapsed().as_secs_f64());
    println!("{count} {what}, {} uploads: {wrong} violations ({seconds:.1} s)", uploads.len());
    found.violations.iter().take(3).for_each(|violation| println!("{violation}"));
    found.violations.is_empty()
}
