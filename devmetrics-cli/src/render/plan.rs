use std::cmp::Reverse;

use devmetrics_core::Result;
use devmetrics_core::engine::Plan;
use devmetrics_core::source::PlannedFeed;

use super::{json, quantity, table};

/// Feeds beyond these are summed up.
const SHOWN: usize = 20;

/// What reading the history would take, source by source.
pub(crate) fn plans(plans: &[Plan], as_json: bool) -> Result<()> {
    if as_json {
        return json(plans);
    }
    plans.iter().for_each(plan);
    Ok(())
}

fn plan(plan: &Plan) {
    println!("{}", plan.source);
    let Some(done_at) = plan.done_at else {
        println!("  Nothing to plan: its history is read, or reading it uses up no points.");
        return;
    };
    let mut feeds: Vec<&PlannedFeed> = plan.feeds.iter().collect();
    feeds.sort_by_key(|feed| Reverse(feed.seconds));
    let rows = feeds.iter().take(SHOWN).map(|feed| {
        [
            feed.name.clone(),
            feed.feed.kind.replace('_', " "),
            feed.records.to_string(),
            feed.requests.to_string(),
            feed.points.to_string(),
            quantity::duration(feed.seconds as f64),
        ]
    });
    let header = ["repository", "feed", "records", "requests", "points", "time"];
    println!("{}", table(header, &[2, 3, 4, 5], rows));
    if feeds.len() > SHOWN {
        println!("  and {} smaller ones", feeds.len() - SHOWN);
    }
    println!(
        "In all about {} records, {} requests, {} points, {}.",
        plan.records(),
        plan.requests(),
        plan.points(),
        quantity::duration(plan.seconds() as f64)
    );
    if let Some(left) = plan.usage.points_left {
        let every_hour = plan
            .usage
            .points_limit
            .map_or_else(String::new, |limit| format!(" of {limit} an hour"));
        println!("{left} points{every_hour} are left.");
    }
    println!(
        "Begun now, it would be done at about {}: `devmetrics backfill` lasts until then, and `devmetrics sync` can be run as \
         often as you like instead.",
        done_at.format("%F %H:%M UTC")
    );
}
