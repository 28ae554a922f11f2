use std::collections::BTreeMap;

use devmetrics_core::Result;
use devmetrics_core::insight::{LeftOut, Trend, UnknownBecause};

use super::answers::scope;
use super::quantity::{self, UNKNOWN, plain};
use super::{csv_rows, json, table};
use crate::arguments::Format;

/// Prints which way metrics go.
pub(crate) fn trends(trends: &[Trend], format: Format) -> Result<()> {
    match format {
        Format::Json => json(trends),
        Format::Csv => as_csv(trends),
        Format::Table => {
            for_people(trends);
            Ok(())
        }
    }
}

fn for_people(trends: &[Trend]) {
    let rows = trends.iter().map(|trend| {
        let unit = trend.subject.unit;
        let slope = trend.slope.map(|slope| quantity::change(slope.per_bucket, unit));
        let interval = trend
            .slope
            .map(|slope| quantity::interval(Some(slope.interval), unit));
        [
            trend.subject.metric.replace('_', " "),
            scope(&trend.subject.scope),
            because(trend.direction.as_str(), trend.unknown_because),
            slope.unwrap_or_else(|| UNKNOWN.to_owned()),
            interval.unwrap_or_default(),
            trend.p.map_or_else(|| UNKNOWN.to_owned(), quantity::probability),
            trend.buckets.to_string(),
            left_out(&trend.left_out),
        ]
    });
    let bucket = trends.first().map_or("bucket", |trend| trend.bucket.as_str());
    let slope = format!("a {bucket}");
    let header = [
        "metric",
        "of",
        "direction",
        &slope,
        "95 % interval",
        "p",
        "n",
        "left out",
    ];
    println!("{}", table(header, &[3, 4, 5, 6], rows));
    println!(
        "\nOf complete {bucket}s, at least 8. The slope is Theil and Sen's, p that of Mann and Kendall."
    );
}

fn as_csv(trends: &[Trend]) -> Result<()> {
    let header = [
        "metric",
        "definition",
        "unit",
        "of",
        "from",
        "to",
        "bucket",
        "direction",
        "slope",
        "low",
        "high",
        "p",
        "buckets",
        "left_out",
    ];
    let rows = trends.iter().map(|trend| {
        let slope = trend.slope;
        [
            trend.subject.metric.clone(),
            trend.subject.definition.clone(),
            trend.subject.unit.as_str().to_owned(),
            scope(&trend.subject.scope),
            trend.window.from.to_rfc3339(),
            trend.window.to.to_rfc3339(),
            trend.bucket.as_str().to_owned(),
            trend.direction.as_str().to_owned(),
            plain(slope.map(|slope| slope.per_bucket)),
            plain(slope.map(|slope| slope.interval.low)),
            plain(slope.map(|slope| slope.interval.high)),
            plain(trend.p),
            trend.buckets.to_string(),
            left_out(&trend.left_out),
        ]
    });
    csv_rows(header, rows)
}

/// A judgement in words, with the reason where there is none: `unknown (too few buckets)`.
pub(super) fn because(judgement: &str, unknown: Option<UnknownBecause>) -> String {
    let judgement = judgement.replace('_', " ");
    unknown.map_or_else(
        || judgement.clone(),
        |reason| format!("{judgement} ({})", reason.as_str().replace('_', " ")),
    )
}

/// Buckets that were not judged, by reason: `partial=1;missing=2`.
pub(super) fn left_out(left_out: &BTreeMap<LeftOut, u64>) -> String {
    let parts: Vec<String> = left_out
        .iter()
        .map(|(reason, n)| format!("{}={n}", reason.as_str()))
        .collect();
    parts.join(";")
}
