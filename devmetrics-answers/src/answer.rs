//! Answers of metrics as rows: one of the whole window, and one a bucket.

use devmetrics_core::metric::{Answer, Value as MetricValue};
use devmetrics_core::model::Window;
use serde_json::{Value, json};

use crate::table::{Kind, Tabular};

/// The columns of answers.
const COLUMNS: &[(&str, Kind)] = &[
    ("metric", Kind::Text),
    ("definition", Kind::Text),
    ("unit", Kind::Text),
    ("scope", Kind::Text),
    ("id", Kind::Text),
    ("bucket", Kind::Text),
    ("from", Kind::Instant),
    ("to", Kind::Instant),
    ("value", Kind::Number),
    ("low", Kind::Number),
    ("high", Kind::Number),
    ("n", Kind::Count),
    ("p50", Kind::Number),
    ("p75", Kind::Number),
    ("p90", Kind::Number),
    ("p95", Kind::Number),
    ("mean", Kind::Number),
    ("pending", Kind::Count),
    ("censored_left", Kind::Count),
    ("partial", Kind::Flag),
    ("provisional", Kind::Flag),
    ("low_sample", Kind::Flag),
    ("clock", Kind::Text),
];

impl Tabular for Answer {
    const COLUMNS: &'static [(&'static str, Kind)] = COLUMNS;

    /// The whole window first, without a bucket, then the buckets.
    fn rows(&self) -> serde_json::Result<Vec<Value>> {
        let scope = serde_json::to_value(&self.scope)?;
        let row = |bucket: Option<&str>, window: Window, partial: bool, value: &MetricValue| {
            let quantiles = value.quantiles;
            json!({
                "metric": self.metric,
                "definition": self.definition,
                "unit": self.unit,
                "scope": scope["scope"],
                "id": scope["id"],
                "bucket": bucket,
                "from": window.from,
                "to": window.to,
                "value": value.value,
                "low": value.interval.map(|interval| interval.low),
                "high": value.interval.map(|interval| interval.high),
                "n": value.n,
                "p50": quantiles.map(|quantiles| quantiles.p50),
                "p75": quantiles.map(|quantiles| quantiles.p75),
                "p90": quantiles.map(|quantiles| quantiles.p90),
                "p95": quantiles.map(|quantiles| quantiles.p95),
                "mean": quantiles.map(|quantiles| quantiles.mean),
                "pending": value.censored.pending,
                "censored_left": value.censored.censored_left,
                "partial": partial,
                "provisional": value.provisional,
                "low_sample": value.low_sample,
                "clock": self.clock,
            })
        };
        let whole = row(None, self.window, false, &self.total);
        let buckets = self
            .buckets
            .iter()
            .map(|bucket| row(Some(&bucket.label), bucket.window, bucket.partial, &bucket.value));
        Ok(std::iter::once(whole).chain(buckets).collect())
    }
}

/// Those of each answer, one after the other.
impl Tabular for Vec<Answer> {
    const COLUMNS: &'static [(&'static str, Kind)] = COLUMNS;

    fn rows(&self) -> serde_json::Result<Vec<Value>> {
        let rows: Vec<_> = self
            .iter()
            .map(Tabular::rows)
            .collect::<serde_json::Result<_>>()?;
        Ok(rows.concat())
    }
}
