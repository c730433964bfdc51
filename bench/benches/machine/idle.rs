//! What a machine takes that waits: its session is open, and as many parts are under way as the window has.

use std::fs;
use std::time::Duration;

use resumable_core::{Action, Input, Now, Options, Output, Upload};

use crate::host::source;
use crate::vendor::{Depot, answer};

const MACHINES: usize = 100_000;

/// Prints bytes for each of so many machines in this process, without what the host keeps of its requests.
pub(crate) fn table() {
    println!(
        "\nbytes of resident memory for each of {MACHINES} machines that wait, and how many of them are the type's own:\n"
    );
    println!("{:>8}{:>9}{:>8}", "window", "memory", "type");
    // All stay: what one window gave back would not count for the next.
    let mut all = Vec::new();
    for window in [1, 4, 16] {
        let Some(before) = resident() else { return println!("only Linux tells it") };
        all.push((0..MACHINES).map(|_| waiting(window)).collect::<Vec<_>>());
        let grown = resident().unwrap_or(before).saturating_sub(before);
        println!("{window:>8}{:>9}{:>8}", grown / MACHINES, size_of::<Upload<Depot<false>>>());
    }
}

fn waiting(window: usize) -> Upload<Depot<false>> {
    let mut options = Options::new(7);
    options.window = window;
    let source = source(10_000);
    let mut upload = Upload::start(Depot, source.clone(), Some(()), options);
    let now = Now { mono: Duration::ZERO, unix: Duration::from_secs(1_000_000_000) };
    let mut sent = 0;
    loop {
        match upload.poll(now) {
            Output::Do(Action::Send { ticket, request, .. }) => {
                sent += 1;
                // The first opens the session; the parts stay under way.
                if sent == 1 {
                    upload.handle(Input::Response(ticket, Ok(answer(request.uri()))));
                }
            }
            Output::Do(Action::Save { ticket, .. }) => upload.handle(Input::Saved(ticket, Ok(()))),
            Output::Do(Action::Check { ticket }) => upload.handle(Input::Source(ticket, Ok(source.clone()))),
            Output::Do(_) | Output::Tell(_) | Output::Share { .. } => {}
            Output::Wait { .. } => break,
            Output::Finished(result) => panic!("it is over: {:?}", result.err()),
        }
    }
    assert_eq!(sent, window + 1);
    upload
}

fn resident() -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<usize>().ok()? * 1024)
}
