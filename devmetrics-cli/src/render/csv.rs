use devmetrics_core::Result;
use devmetrics_core::metric::{Answer, Value};
use devmetrics_core::model::Window;

use super::{answers::scope, csv_failed};

const HEADER: [&str; 24] = [
    "metric",
    "definition",
    "unit",
    "of",
    "bucket",
    "from",
    "to",
    "value",
    "low",
    "high",
    "n",
    "p50",
    "p75",
    "p90",
    "p95",
    "mean",
    "excluded",
    "pending",
    "censored_left",
    "skew_clamped",
    "partial",
    "provisional",
    "low_sample",
    "clock",
];

/// One row a value: the whole window first (an empty `bucket`), then the buckets.
pub(super) fn answers(answers: &[Answer]) -> Result<()> {
    let mut writer = csv::Writer::from_writer(std::io::stdout());
    writer.write_record(HEADER).map_err(csv_failed)?;
    for answer in answers {
        writer
            .write_record(row(answer, "", answer.window, false, &answer.total))
            .map_err(csv_failed)?;
        for bucket in &answer.buckets {
            let row = row(
                answer,
                &bucket.label,
                bucket.window,
                bucket.partial,
                &bucket.value,
            );
            writer.write_record(row).map_err(csv_failed)?;
        }
    }
    writer.flush().map_err(csv_failed)
}

fn row(answer: &Answer, bucket: &str, window: Window, partial: bool, value: &Value) -> [String; 24] {
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    let quantile =
        |pick: fn(&devmetrics_core::metric::Quantiles) -> f64| number(value.quantiles.as_ref().map(pick));
    let excluded: Vec<String> = value
        .excluded
        .iter()
        .map(|(reason, count)| format!("{}={count}", reason.as_str()))
        .collect();
    [
        answer.metric.clone(),
        answer.definition.clone(),
        answer.unit.as_str().to_owned(),
        scope(&answer.scope),
        bucket.to_owned(),
        window.from.to_rfc3339(),
        window.to.to_rfc3339(),
        number(value.value),
        number(value.interval.map(|interval| interval.low)),
        number(value.interval.map(|interval| interval.high)),
        value.n.to_string(),
        quantile(|quantiles| quantiles.p50),
        quantile(|quantiles| quantiles.p75),
        quantile(|quantiles| quantiles.p90),
        quantile(|quantiles| quantiles.p95),
        quantile(|quantiles| quantiles.mean),
        excluded.join(";"),
        value.censored.pending.to_string(),
        value.censored.censored_left.to_string(),
        value.skew_clamped.to_string(),
        partial.to_string(),
        value.provisional.to_string(),
        value.low_sample.to_string(),
        answer.clock.as_str().to_owned(),
    ]
}
