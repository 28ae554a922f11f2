//! What a sync shows while it runs: bars on a terminal, plain lines elsewhere.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::IsTerminal;
use std::sync::{Arc, Mutex};

use devmetrics_core::engine::Progress;
use devmetrics_core::model::Feed;
use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};

/// A listener for [`devmetrics_core::engine::SyncOptions::progress`].
pub(crate) fn listener() -> Arc<dyn Fn(Progress) + Send + Sync> {
    if std::io::stderr().is_terminal() {
        bars()
    } else {
        Arc::new(|event| line(&event))
    }
}

fn bars() -> Arc<dyn Fn(Progress) + Send + Sync> {
    let all = MultiProgress::new();
    let bars: Mutex<BTreeMap<Feed, ProgressBar>> = Mutex::default();
    // Both templates are constants that indicatif understands; a default bar is shown if it ever did not.
    let style = |template| {
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        style.with_key("rate", |state: &ProgressState, text: &mut dyn Write| {
            // A failed write leaves the rate out; there is nobody to tell.
            let _ = write!(text, "{:.0}/s", state.per_sec());
        })
    };
    let bounded = style("{msg:32!} {bar:24} {pos}/{len} {rate} ETA {eta}");
    let unbounded = style("{msg:32!} {spinner} {pos} {rate}");
    Arc::new(move |event| {
        let mut bars = bars.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        match event {
            Progress::FeedStarted { feed } => {
                let bar = all.add(ProgressBar::no_length().with_style(unbounded.clone()));
                bar.set_message(title(&feed));
                bars.insert(feed, bar);
            }
            Progress::PageCommitted {
                feed,
                records,
                remaining,
                ..
            } => {
                let Some(bar) = bars.get(&feed) else { return };
                if let Some(remaining) = remaining {
                    bar.set_length(records + remaining);
                    bar.set_style(bounded.clone());
                }
                bar.set_position(records);
            }
            Progress::FeedFinished { feed } => {
                if let Some(bar) = bars.remove(&feed) {
                    bar.finish_and_clear();
                }
            }
            _ => {}
        }
    })
}

fn line(event: &Progress) {
    match event {
        Progress::PageCommitted {
            feed,
            records,
            remaining: Some(remaining),
            ..
        } if *remaining > 0 => {
            eprintln!("{}: {records} read, about {remaining} to come", title(feed));
        }
        Progress::PageCommitted { feed, records, .. } => eprintln!("{}: {records} read", title(feed)),
        _ => {}
    }
}

fn title(feed: &Feed) -> String {
    let repository = feed.scope.rsplit('/').next().unwrap_or(&feed.scope);
    format!("{repository} {}", feed.kind)
}
