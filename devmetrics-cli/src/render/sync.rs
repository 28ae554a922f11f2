use devmetrics_core::engine::{Outcome, PartialReason, SyncReport};
use devmetrics_core::source::Usage;

/// Says in a few lines what a sync did.
pub(crate) fn sync(report: &SyncReport) {
    let applied = report.applied();
    let read: u64 = report.feeds.iter().map(|feed| feed.records).sum();
    if read == 0 {
        let nothing = match report.outcome {
            Outcome::Complete => "Nothing new since the last sync.",
            _ => "Nothing was read.",
        };
        println!("{nothing}");
    } else {
        println!(
            "{read} records read: {} new, {} changed, {} unchanged, {} removed.",
            applied.inserted, applied.updated, applied.unchanged, applied.removed
        );
    }
    if report.unchanged > 0 {
        println!("{} feeds were asked about and had nothing new.", report.unchanged);
    }
    for feed in report.feeds.iter().filter(|feed| feed.restarted) {
        println!(
            "The history of {} was rewritten; it was read anew.",
            feed.feed.scope
        );
    }
    if report.roster_changed || report.settled.reattributed > 0 {
        println!(
            "The roster moved {} facts to other teams.",
            report.settled.reattributed
        );
    }
    if report.settled.rematched > 0 {
        println!(
            "{} changes were matched to deployments anew.",
            report.settled.rematched
        );
    }
    if report.quarantined() > 0 {
        println!(
            "{} records could not be understood and were set aside: see `devmetrics doctor`.",
            report.quarantined()
        );
    }
    usage(&report.usage);
    for failure in &report.failures {
        println!("Not done: {} ({})", failure.message, failure.source);
    }
    outcome(report.outcome);
}

fn usage(usage: &Usage) {
    if usage.requests == 0 {
        return;
    }
    let left = match (usage.points_left, usage.reset_at) {
        (Some(left), Some(reset_at)) => format!("; {left} are left until {}", reset_at.format("%H:%M UTC")),
        (Some(left), None) => format!("; {left} are left"),
        _ => String::new(),
    };
    println!("{} requests, {} points{left}.", usage.requests, usage.points);
}

fn outcome(outcome: Outcome) {
    let Outcome::Partial { reason } = outcome else {
        return;
    };
    match reason {
        PartialReason::Stopped => println!("Stopped; the next sync goes on from here."),
        PartialReason::Deadline => println!("The time was up; the next sync goes on from here."),
        PartialReason::RateLimited { reset_at } => println!(
            "The source's limit is used up until {}; the next sync after that goes on from here, or `devmetrics backfill` \
             waits for it.",
            reset_at.format("%F %H:%M UTC")
        ),
        PartialReason::Degraded => println!("The rest was read; the next sync tries again what was not."),
        _ => println!("Something is left; the next sync goes on from here."),
    }
}
