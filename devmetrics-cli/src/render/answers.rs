use std::collections::BTreeMap;

use devmetrics_core::metric::{Answer, BucketValue, ClockKind, Scope, Value};
use devmetrics_core::{Config, Result};
use sparklines::{StringSpark, TICKS};

use super::quantity::{self, UNKNOWN};
use super::table::unframed;
use super::{csv, json, table};
use crate::arguments::Format;

/// Prints answers: a line each, then their buckets side by side.
pub(crate) fn answers(answers: &[Answer], format: Format) -> Result<()> {
    match format {
        Format::Json => json(answers),
        Format::Csv => csv::answers(answers),
        Format::Table => {
            for_people(answers);
            Ok(())
        }
    }
}

fn for_people(answers: &[Answer]) {
    let rows = answers.iter().map(|answer| {
        let total = &answer.total;
        let quantile = |pick: fn(&devmetrics_core::metric::Quantiles) -> f64| {
            quantity::value(total.quantiles.as_ref().map(pick), answer.unit)
        };
        [
            answer.metric.replace('_', " "),
            scope(&answer.scope),
            format!(
                "{}{}",
                quantity::value(total.value, answer.unit),
                mark(total, false)
            ),
            quantity::interval(total.interval, answer.unit),
            if total.quantiles.is_some() {
                quantile(|q| q.p75)
            } else {
                String::new()
            },
            if total.quantiles.is_some() {
                quantile(|q| q.p90)
            } else {
                String::new()
            },
            total.n.to_string(),
            sparkline(&answer.buckets),
        ]
    });
    println!(
        "{}",
        table(
            [
                "metric",
                "of",
                "value",
                "95 % interval",
                "p75",
                "p90",
                "n",
                "trend"
            ],
            &[2, 3, 4, 5, 6],
            rows
        )
    );
    for line in answers.iter().filter_map(remarks) {
        println!("  {line}");
    }
    for of_one_scope in answers.chunk_by(|one, next| one.scope == next.scope) {
        bucket_table(of_one_scope, answers.len() > of_one_scope.len());
    }
    if let Some(answer) = answers.first() {
        let day = |instant: chrono::DateTime<chrono::Utc>| {
            instant.with_timezone(&answer.zone).format("%Y-%m-%d %H:%M")
        };
        println!(
            "\n{} to {} ({}). Durations are medians{}.",
            day(answer.window.from),
            day(answer.window.to),
            answer.zone,
            match answer.clock {
                ClockKind::Wall => "",
                ClockKind::Working => " of working time",
            }
        );
        let marks = [
            ("*", "partial"),
            ("~", "can still change"),
            ("?", "fewer than 5 samples"),
        ];
        let legend: Vec<String> = marks
            .iter()
            .map(|(mark, meaning)| format!("{mark} {meaning}"))
            .collect();
        println!("{}; {UNKNOWN} not known.", legend.join(", "));
    }
}

/// One row a bucket, one column an answer; all of one scope, which is named where there are several.
fn bucket_table(answers: &[Answer], named: bool) {
    let mut cells: BTreeMap<(chrono::DateTime<chrono::Utc>, &str), BTreeMap<usize, String>> = BTreeMap::new();
    for (column, answer) in answers.iter().enumerate() {
        for bucket in &answer.buckets {
            let text = quantity::value(bucket.value.value, answer.unit);
            let row = cells.entry((bucket.window.from, &bucket.label)).or_default();
            row.insert(column, format!("{text}{}", mark(&bucket.value, bucket.partial)));
        }
    }
    let Some(first) = answers.first().filter(|_| !cells.is_empty()) else {
        return;
    };
    let corner = if named { scope(&first.scope) } else { String::new() };
    let mut shown = unframed();
    shown.set_header(
        std::iter::once(corner).chain(answers.iter().map(|answer| answer.metric.replace('_', " "))),
    );
    for ((_, label), row) in cells {
        let values =
            (0..answers.len()).map(|column| row.get(&column).cloned().unwrap_or_else(|| UNKNOWN.to_owned()));
        shown.add_row(std::iter::once(label.to_owned()).chain(values));
    }
    for column in shown.column_iter_mut().skip(1) {
        column.set_cell_alignment(comfy_table::CellAlignment::Right);
    }
    println!("\n{shown}");
}

fn mark(value: &Value, partial: bool) -> String {
    let marks = [
        (partial, "*"),
        (value.provisional, "~"),
        (value.low_sample && value.quantiles.is_some(), "?"),
    ];
    marks
        .iter()
        .filter(|(applies, _)| *applies)
        .map(|(_, mark)| *mark)
        .collect()
}

/// What was left out of a value, in words; nothing when nothing was.
fn remarks(answer: &Answer) -> Option<String> {
    let total = &answer.total;
    let mut parts: Vec<String> = total
        .excluded
        .iter()
        .map(|(reason, count)| format!("{count} left out ({})", reason.as_str().replace('_', " ")))
        .collect();
    if total.censored.pending > 0 {
        let oldest = total
            .censored
            .oldest_pending_seconds
            .map(|age| quantity::duration(age as f64));
        let oldest = oldest
            .map(|age| format!(", the oldest {age} ago"))
            .unwrap_or_default();
        parts.push(format!(
            "{} merged and not deployed yet{oldest}",
            total.censored.pending
        ));
    }
    if total.censored.open > 0 {
        let oldest = total.censored.oldest_open_seconds;
        let oldest = oldest
            .map(|age| format!(", the oldest for {}", quantity::duration(age as f64)))
            .unwrap_or_default();
        parts.push(format!("{} not over yet{oldest}", total.censored.open));
    }
    if total.censored.censored_left > 0 {
        parts.push(format!(
            "{} deployed before the first known deployment",
            total.censored.censored_left
        ));
    }
    if total.skew_clamped > 0 {
        parts.push(format!(
            "{} a little negative (clock skew), counted as 0",
            total.skew_clamped
        ));
    }
    if total.estimated > 0 {
        parts.push(format!(
            "{} estimated (a squash keeps no earlier commit, or the deployment is matched by time)",
            total.estimated
        ));
    }
    (!parts.is_empty()).then(|| format!("{}: {}", answer.metric.replace('_', " "), parts.join("; ")))
}

/// The buckets as a line from 0 to their highest; a gap where a value is not known.
fn sparkline(buckets: &[BucketValue]) -> String {
    let highest = buckets
        .iter()
        .filter_map(|bucket| bucket.value.value)
        .fold(0.0, f64::max);
    let Ok(line) = StringSpark::<'_>::new_with_min_max(&TICKS, 0.0, highest.max(f64::MIN_POSITIVE)) else {
        return String::new();
    };
    let line: StringSpark<'_> = line;
    buckets
        .iter()
        .map(|bucket| {
            bucket
                .value
                .value
                .map_or_else(|| "·".to_owned(), |value| line.spark(&[value]))
        })
        .collect()
}

pub(super) fn scope(scope: &Scope) -> String {
    match scope {
        Scope::Team(id) => id.to_string(),
        Scope::Service(id) => id.to_string(),
        Scope::Organization(name) => name.clone(),
        Scope::Repository(id) => id.as_str().rsplit('/').next().unwrap_or_default().to_owned(),
        _ => "all".to_owned(),
    }
}

/// What a newcomer does next.
pub(crate) fn next_steps(config: &Config, answers: &[Answer]) {
    println!("\nNext:");
    println!("  devmetrics explain velocity          what a value is made of, change by change");
    println!("  devmetrics report --bucket month --from 365d");
    if config.roster.is_none() {
        println!(
            "  devmetrics init                      a configuration, and a roster of this repository's people to sort into teams"
        );
    }
    let direct = answers.iter().any(|answer| {
        let left_out = answer
            .total
            .excluded
            .get(&devmetrics_core::metric::Reason::DirectPush)
            .copied()
            .unwrap_or(0);
        left_out > answer.total.n
    });
    if direct {
        println!(
            "  devmetrics quickstart --direct-pushes  most commits here were pushed without a pull request: count them too"
        );
    }
}
