use devmetrics_core::engine::{Outcome, PartialReason, SyncReport};

/// Says in a few lines what a sync did.
pub(crate) fn sync(report: &SyncReport) {
    let applied = report.applied();
    let read: u64 = report.feeds.iter().map(|feed| feed.records).sum();
    if read == 0 {
        println!("Nothing new since the last sync.");
    } else {
        println!(
            "{read} records read: {} new, {} changed, {} unchanged, {} removed.",
            applied.inserted, applied.updated, applied.unchanged, applied.removed
        );
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
    for failure in &report.failures {
        println!("Not done: {} ({})", failure.message, failure.source);
    }
    match report.outcome {
        Outcome::Partial { reason } => match reason {
            PartialReason::Stopped => println!("Stopped; the next sync goes on from here."),
            PartialReason::Deadline => println!("The time was up; the next sync goes on from here."),
            PartialReason::RateLimited { reset_at } => println!(
                "The source's limit is used up until {}; the next sync after that goes on from here.",
                reset_at.format("%F %H:%M UTC")
            ),
            _ => {}
        },
        _ => {}
    }
}
