//! Lives many simulated weeks and says which seeds failed: `cargo xtask soak`.
#![expect(clippy::print_stdout, reason = "a command line tool talks to its terminal")]

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::Parser;
use devmetrics_simulation::{Keep, Week};

#[derive(Parser)]
struct Arguments {
    /// How many weeks.
    #[arg(long, default_value_t = 1_000)]
    weeks: u64,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many weeks at once.
    #[arg(long, default_value_t = 2)]
    threads: u64,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let end = arguments.seed + arguments.weeks;
    let (next, failed) = (AtomicU64::new(arguments.seed), AtomicU64::new(0));
    let sums: [AtomicU64; 5] = Default::default();
    std::thread::scope(|scope| {
        for _ in 0..arguments.threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end {
                        return;
                    }
                    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build()
                    else {
                        failed.fetch_add(1, Ordering::Relaxed);
                        println!("seed {seed}: the runtime does not start");
                        return;
                    };
                    // Every fifth week in a file: it is slower.
                    let keep = if seed.is_multiple_of(5) {
                        Keep::Sqlite
                    } else {
                        Keep::Memory
                    };
                    let report = runtime.block_on(Week { seed, keep }.live());
                    let figures = [
                        report.ended.into(),
                        report.complete.into(),
                        report.killed.into(),
                        report.faults,
                        report.requests,
                    ];
                    for (sum, figure) in sums.iter().zip(figures) {
                        sum.fetch_add(figure, Ordering::Relaxed);
                    }
                    if !report.differences.is_empty() {
                        failed.fetch_add(1, Ordering::Relaxed);
                        println!("seed {seed}: {report}");
                        for difference in &report.differences {
                            println!("  {difference}");
                        }
                    }
                    let done = seed + 1 - arguments.seed;
                    if done.is_multiple_of(50) {
                        println!("{done} weeks, {} failed", failed.load(Ordering::Relaxed));
                    }
                }
            });
        }
    });
    let [ended, complete, killed, faults, requests] = sums.map(AtomicU64::into_inner);
    let failed = failed.into_inner();
    println!(
        "{} weeks: {ended} runs ended, {complete} of them complete, {killed} killed; {faults} of {requests} requests met a fault; \
         {failed} weeks failed",
        arguments.weeks
    );
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
