use chrono::{DateTime, Utc};
use devmetrics_core::engine::Certificate;
use devmetrics_core::store::FeedState;

use super::quantity::UNKNOWN;
use super::table;

/// What is missing of scopes beyond these is counted and not listed.
const SHOWN: usize = 20;

/// One line a scope, then what is missing.
pub(crate) fn certificates(certificates: &[Certificate]) {
    if certificates.is_empty() {
        println!("Nothing was collected yet: run `devmetrics sync`.");
        return;
    }
    let rows = certificates.iter().map(|certificate| {
        let feeds = &certificate.feeds;
        // All of them are known from where the last of them begins.
        let from = feeds.iter().filter_map(|feed| feed.covered_from).max();
        [
            certificate.label().to_owned(),
            feeds.iter().map(told).collect::<Vec<_>>().join(", "),
            day(from),
            instant(certificate.known_to),
            counted(feeds),
            feeds.iter().map(|feed| feed.quarantined).sum::<u64>().to_string(),
            yes_or_no(certificate.complete).to_owned(),
        ]
    });
    let header = ["name", "feeds", "from", "to", "stored", "set aside", "complete"];
    println!("{}", table(header, &[4, 5], rows));
    let incomplete: Vec<_> = certificates
        .iter()
        .filter(|certificate| !certificate.complete)
        .collect();
    for certificate in incomplete.iter().take(SHOWN) {
        println!("  {}: {}", certificate.label(), certificate.missing.join("; "));
    }
    if incomplete.len() > SHOWN {
        println!(
            "  and {} more: see `devmetrics status NAME`",
            incomplete.len() - SHOWN
        );
    }
}

/// One line a feed, then what is missing.
pub(crate) fn certificate(certificate: &Certificate) {
    println!(
        "{} ({}): {}",
        certificate.label(),
        certificate.scope,
        if certificate.complete {
            "complete"
        } else {
            "not complete"
        }
    );
    let rows = certificate.feeds.iter().map(|feed| {
        [
            told(feed),
            day(feed.covered_from),
            instant(feed.covered_to),
            counted(std::slice::from_ref(feed)),
            feed.quarantined.to_string(),
        ]
    });
    println!(
        "{}",
        table(
            ["feed", "from", "last success", "stored", "set aside"],
            &[3, 4],
            rows
        )
    );
    for missing in &certificate.missing {
        println!("  {missing}");
    }
}

/// What a feed carries, and who told it where it was imported.
fn told(state: &FeedState) -> String {
    let kind = state.feed.kind.replace('_', " ");
    match state.is_imported() {
        true => format!("{kind} ({})", state.feed.source),
        false => kind,
    }
}

fn yes_or_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

fn day(instant: Option<DateTime<Utc>>) -> String {
    instant.map_or_else(
        || UNKNOWN.to_owned(),
        |instant| instant.format("%Y-%m-%d").to_string(),
    )
}

fn instant(instant: Option<DateTime<Utc>>) -> String {
    instant.map_or_else(
        || UNKNOWN.to_owned(),
        |instant| instant.format("%Y-%m-%d %H:%M UTC").to_string(),
    )
}

/// What is stored, of what the source counts where it counts all of it.
fn counted(feeds: &[FeedState]) -> String {
    let stored: u64 = feeds.iter().map(|feed| feed.stored).sum();
    match feeds.iter().map(|feed| feed.total).sum::<Option<u64>>() {
        Some(total) => format!("{stored}/{total}"),
        None => stored.to_string(),
    }
}
