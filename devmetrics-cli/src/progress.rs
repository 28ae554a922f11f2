//! What a sync shows while it runs: bars on a terminal, plain lines elsewhere.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::IsTerminal;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use devmetrics_core::Engine;
use devmetrics_core::engine::Progress;
use devmetrics_core::model::Feed;
use devmetrics_core::source::Usage;
use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};

/// Kinds of feeds whose records are pull requests.
const PULL_REQUESTS: [&str; 2] = ["pull_requests", "changes"];

/// A listener for [`devmetrics_core::engine::SyncOptions::progress`].
pub(crate) fn listener(engine: &Engine) -> Arc<dyn Fn(Progress) + Send + Sync> {
    let names = Names::of(engine);
    if std::io::stderr().is_terminal() {
        let bars = Mutex::new(Bars::new(names));
        Arc::new(move |event| bars.lock().unwrap_or_else(PoisonError::into_inner).show(event))
    } else {
        Arc::new(move |event| line(&names, &event))
    }
}

/// A bar for each feed that is being read, and one for the run below them.
struct Bars {
    all: MultiProgress,
    feeds: BTreeMap<Feed, ProgressBar>,
    run: ProgressBar,
    /// Pull requests read, and about how many are still to come, by feed.
    read: BTreeMap<Feed, (u64, u64)>,
    names: Names,
}

impl Bars {
    fn new(names: Names) -> Self {
        let all = MultiProgress::new();
        let run = all.add(ProgressBar::no_length().with_style(style("{msg}")));
        Self {
            all,
            feeds: BTreeMap::new(),
            run,
            read: BTreeMap::new(),
            names,
        }
    }

    fn show(&mut self, event: Progress) {
        self.names.listen(&event);
        match event {
            Progress::FeedStarted { feed } => {
                let bar = ProgressBar::no_length().with_style(style("{msg:40!} {spinner} {pos} {rate}"));
                let bar = self.all.insert_before(&self.run, bar);
                bar.set_message(self.names.title(&feed));
                self.feeds.insert(feed, bar);
            }
            Progress::PageCommitted {
                feed,
                records,
                remaining,
                usage,
                ..
            } => {
                if let Some(bar) = self.feeds.get(&feed) {
                    if let Some(remaining) = remaining {
                        bar.set_length(records + remaining);
                        bar.set_style(style("{msg:40!} {bar:24} {pos}/{len} {rate} ETA {eta}"));
                    }
                    bar.set_message(self.names.title(&feed));
                    bar.set_position(records);
                }
                self.count(feed, records, remaining.unwrap_or(0), &usage);
            }
            Progress::Waiting { until, reason, .. } => self.run.set_message(waiting(until, &reason)),
            Progress::FeedFinished { feed } => {
                if let Some(bar) = self.feeds.remove(&feed) {
                    bar.finish_and_clear();
                }
            }
            Progress::Settling => self.run.finish_and_clear(),
            _ => {}
        }
    }

    /// Brings the run's bar up to date.
    fn count(&mut self, feed: Feed, records: u64, remaining: u64, usage: &Usage) {
        if PULL_REQUESTS.contains(&feed.kind.as_str()) {
            self.read.insert(feed, (records, remaining));
            let read: u64 = self.read.values().map(|(read, _)| read).sum();
            let to_come: u64 = self.read.values().map(|(_, to_come)| to_come).sum();
            self.run.set_length(read + to_come);
            self.run.set_position(read);
            self.run
                .set_style(style("{pos}/{len} pull requests, {rate}, ETA {eta}{msg}"));
        }
        let points = points(usage);
        let apart = if points.is_empty() || self.read.is_empty() {
            ""
        } else {
            "; "
        };
        self.run.set_message(format!("{apart}{points}"));
    }
}

/// A style of this template, which is a constant that indicatif understands; a default bar is shown if it ever did not.
fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    style.with_key("rate", |state: &ProgressState, text: &mut dyn Write| {
        // A failed write leaves the rate out; there is nobody to tell.
        let _ = write!(text, "{:.0}/s", state.per_sec());
    })
}

fn line(names: &Names, event: &Progress) {
    names.listen(event);
    match event {
        Progress::PageCommitted {
            feed,
            records,
            remaining,
            usage,
            ..
        } => {
            let to_come = match remaining {
                Some(remaining) if *remaining > 0 => format!(", about {remaining} to come"),
                _ => String::new(),
            };
            let points = points(usage);
            let points = if points.is_empty() {
                points
            } else {
                format!(" ({points})")
            };
            eprintln!("{}: {records} read{to_come}{points}", names.title(feed));
        }
        Progress::Waiting { until, reason, .. } => eprintln!("{}", waiting(*until, reason)),
        _ => {}
    }
}

fn waiting(until: DateTime<Utc>, reason: &str) -> String {
    format!("waiting until {} UTC: {reason}", until.format("%H:%M:%S"))
}

/// Points used and left; nothing where a source counts none.
fn points(usage: &Usage) -> String {
    match usage.points_left {
        Some(left) => format!("{} points used, {left} left", usage.points),
        None if usage.points > 0 => format!("{} points used", usage.points),
        None => String::new(),
    }
}

/// What people call the scopes of feeds. A source may know them by numbers; the store learns their names while they are read.
#[derive(Clone)]
struct Names {
    engine: Engine,
    known: Arc<Mutex<BTreeMap<String, String>>>,
}

impl Names {
    fn of(engine: &Engine) -> Self {
        let names = Self {
            engine: engine.clone(),
            known: Arc::default(),
        };
        names.learn();
        names
    }

    /// Learns the names anew when repositories were read.
    fn listen(&self, event: &Progress) {
        if matches!(event, Progress::FeedFinished { feed } if feed.kind == "repositories") {
            self.learn();
        }
    }

    fn learn(&self) {
        let names = self.clone();
        tokio::spawn(async move {
            // Without the names the numbers are shown: not worth an error.
            let Ok(status) = names.engine.status().await else {
                return;
            };
            let repositories = status.repositories.into_iter().map(|state| state.repository);
            let found = repositories.map(|repository| (repository.id.to_string(), repository.name));
            names
                .known
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .extend(found);
        });
    }

    fn title(&self, feed: &Feed) -> String {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let short = feed.scope.rsplit(['/', ':']).next().unwrap_or(&feed.scope);
        let name = known.get(&feed.scope).map_or(short, String::as_str);
        format!("{name} {}", feed.kind.replace('_', " "))
    }
}
