//! Metrics for CloudWatch, as lines of the embedded metric format on standard output: no call, no permission, no client.
//!
//! Alarms and dashboards refer to these names.

use std::fmt::{self, Debug};
use std::io::Write;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use devmetrics_core::engine::SyncReport;
use serde_json::{Map, Value, json};

/// The namespace of all of them.
pub const NAMESPACE: &str = "devmetrics";
/// The dimension of all of them: the function's name.
pub const FUNCTION: &str = "Function";
/// A further dimension of [`PARTIAL_RUNS`]: why something was left.
pub const REASON: &str = "Reason";

/// Pull requests read.
pub const PULL_REQUESTS_COLLECTED: &str = "PullRequestsCollected";
/// Points of the source's limit that a run used.
pub const POINTS_USED: &str = "PointsUsed";
/// Points left after it.
pub const POINTS_LEFT: &str = "PointsLeft";
/// Records set aside.
pub const QUARANTINED: &str = "Quarantined";
/// Pull requests that changed without a trace in GitHub's lists, and were found by a sweep.
pub const SWEEP_CHANGES: &str = "SweepChanges";
/// Feeds read anew from their beginning.
pub const RESTARTS: &str = "Restarts";
/// Seconds that a run took.
pub const DURATION_SECONDS: &str = "DurationSeconds";
/// Runs that left something.
pub const PARTIAL_RUNS: &str = "PartialRuns";
/// Slots of the schedule that were planned.
pub const PLANNED_SLOTS: &str = "PlannedSlots";
/// Groups that a slot was shared into.
pub const PLANNED_GROUPS: &str = "PlannedGroups";
/// Groups that came to their end.
pub const ENDED_GROUPS: &str = "EndedGroups";
/// Messages that nobody can read.
pub const POISON_MESSAGES: &str = "PoisonMessages";
/// Seconds since the instant up to which everything is known.
pub const CERTIFICATE_AGE_SECONDS: &str = "CertificateAgeSeconds";

/// Every metric with its unit.
pub const METRICS: [(&str, &str); 13] = [
    (PULL_REQUESTS_COLLECTED, "Count"),
    (POINTS_USED, "Count"),
    (POINTS_LEFT, "Count"),
    (QUARANTINED, "Count"),
    (SWEEP_CHANGES, "Count"),
    (RESTARTS, "Count"),
    (DURATION_SECONDS, "Seconds"),
    (PARTIAL_RUNS, "Count"),
    (PLANNED_SLOTS, "Count"),
    (PLANNED_GROUPS, "Count"),
    (ENDED_GROUPS, "Count"),
    (POISON_MESSAGES, "Count"),
    (CERTIFICATE_AGE_SECONDS, "Seconds"),
];

/// Writes metrics.
pub struct Emf {
    function: String,
    out: Mutex<Box<dyn Write + Send>>,
}

impl Emf {
    /// Of this function, into `out`, which is standard output but for tests.
    pub fn new(function: impl Into<String>, out: impl Write + Send + 'static) -> Self {
        Self {
            function: function.into(),
            out: Mutex::new(Box::new(out)),
        }
    }

    /// Writes these values of metrics, measured at `at`.
    pub fn emit(&self, at: DateTime<Utc>, values: &[(&'static str, f64)]) {
        self.write(&self.line(at, None, values));
    }

    /// Writes that a run left something, and why.
    pub fn emit_partial(&self, at: DateTime<Utc>, reason: &str) {
        self.write(&self.line(at, Some(reason), &[(PARTIAL_RUNS, 1.0)]));
    }

    /// Writes what a run did in so many seconds.
    pub fn emit_run(&self, at: DateTime<Utc>, report: &SyncReport, seconds: f64) {
        let pull_requests = report
            .feeds
            .iter()
            .filter(|feed| feed.feed.kind == "pull_requests");
        let restarts = report.feeds.iter().filter(|feed| feed.restarted).count();
        let mut values = vec![
            (
                PULL_REQUESTS_COLLECTED,
                number(pull_requests.map(|feed| feed.records).sum()),
            ),
            (POINTS_USED, number(report.usage.points)),
            (QUARANTINED, number(report.quarantined())),
            (SWEEP_CHANGES, number(report.swept())),
            (RESTARTS, number(restarts as u64)),
            (DURATION_SECONDS, seconds),
        ];
        if let Some(left) = report.usage.points_left {
            values.push((POINTS_LEFT, number(left)));
        }
        self.emit(at, &values);
    }

    fn line(&self, at: DateTime<Utc>, reason: Option<&str>, values: &[(&'static str, f64)]) -> Value {
        let unit = |name: &str| {
            let found = METRICS.iter().find(|(known, _)| *known == name);
            found.map_or("None", |(_, unit)| unit)
        };
        let metrics: Vec<Value> = values
            .iter()
            .map(|(name, _)| json!({ "Name": name, "Unit": unit(name) }))
            .collect();
        let mut dimensions = vec![json!([FUNCTION])];
        let mut line = Map::new();
        line.insert(FUNCTION.to_owned(), json!(self.function));
        if let Some(reason) = reason {
            dimensions.push(json!([FUNCTION, REASON]));
            line.insert(REASON.to_owned(), json!(reason));
        }
        for (name, value) in values {
            line.insert((*name).to_owned(), json!(value));
        }
        let directive = json!({ "Namespace": NAMESPACE, "Dimensions": dimensions, "Metrics": metrics });
        let meta = json!({ "Timestamp": at.timestamp_millis(), "CloudWatchMetrics": [directive] });
        line.insert("_aws".to_owned(), meta);
        Value::Object(line)
    }

    fn write(&self, line: &Value) {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        // One write a line, so that nothing comes between its parts.
        let written = out
            .write_all(format!("{line}\n").as_bytes())
            .and_then(|()| out.flush());
        if let Err(error) = written {
            tracing::warn!(error = %error, "metrics were not written");
        }
    }
}

/// Exact for everything that is counted here.
fn number(count: u64) -> f64 {
    count as f64
}

impl Debug for Emf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emf")
            .field("function", &self.function)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Arc;

    use super::*;

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// As the specification has it: every metric named in the directive is a member of the line, and so is every dimension.
    #[test]
    fn a_line_says_what_is_in_it() {
        let out = Shared::default();
        let emf = Emf::new("collector", out.clone());
        let at = DateTime::from_timestamp(1_767_225_600, 0).unwrap();
        emf.emit(at, &[(POINTS_USED, 12.0), (DURATION_SECONDS, 1.5)]);
        emf.emit_partial(at, "rate_limited");
        let text = String::from_utf8(out.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(
            lines,
            [
                json!({
                    "_aws": { "Timestamp": 1_767_225_600_000_i64, "CloudWatchMetrics": [{
                        "Namespace": "devmetrics", "Dimensions": [["Function"]],
                        "Metrics": [{ "Name": "PointsUsed", "Unit": "Count" }, { "Name": "DurationSeconds", "Unit": "Seconds" }],
                    }] },
                    "Function": "collector", "PointsUsed": 12.0, "DurationSeconds": 1.5,
                }),
                json!({
                    "_aws": { "Timestamp": 1_767_225_600_000_i64, "CloudWatchMetrics": [{
                        "Namespace": "devmetrics", "Dimensions": [["Function"], ["Function", "Reason"]],
                        "Metrics": [{ "Name": "PartialRuns", "Unit": "Count" }],
                    }] },
                    "Function": "collector", "Reason": "rate_limited", "PartialRuns": 1.0,
                }),
            ]
        );
    }
}
