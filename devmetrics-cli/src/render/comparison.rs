use devmetrics_core::Result;
use devmetrics_core::insight::{Bounds, ComparedSummary, Comparison, Effect, EffectKind};
use devmetrics_core::metric::Unit;

use super::answers::scope;
use super::quantity::{self, UNKNOWN, plain};
use super::{csv_rows, json, table};
use crate::arguments::Format;

/// Prints how two sides differ.
pub(crate) fn comparison(comparison: &Comparison, format: Format) -> Result<()> {
    match format {
        Format::Json => json(comparison),
        Format::Csv => as_csv(comparison),
        Format::Table => {
            for_people(comparison);
            Ok(())
        }
    }
}

fn for_people(comparison: &Comparison) {
    let value = |side: &ComparedSummary| match (side.value, comparison.unit) {
        (Some(value), Unit::PullRequests | Unit::Count) => {
            format!("{} /day", quantity::value(Some(value), Unit::PullRequests))
        }
        (value, unit) => quantity::value(value, unit),
    };
    let rows = [&comparison.first, &comparison.second].map(|side| {
        [
            scope(&side.scope),
            side.window.from.format("%F").to_string(),
            side.window.to.format("%F").to_string(),
            format!("{}{}", value(side), if side.low_sample { "?" } else { "" }),
            side.n.to_string(),
        ]
    });
    let header = ["of", "from", "to", &comparison.metric.replace('_', " "), "n"];
    println!("{}", table(header, &[3, 4], rows));
    let Some(effect) = comparison.effect else {
        println!("\nNot known: a side has nothing to compare.");
        return;
    };
    let estimate = effect
        .estimate
        .map_or_else(|| UNKNOWN.to_owned(), |estimate| figure(estimate, &effect));
    println!(
        "\n{}: {} {estimate} ({}), p {}.",
        comparison.direction.as_str().replace('_', " "),
        match effect.kind {
            EffectKind::Shift => "shifted by",
            EffectKind::Ratio => "so many times as often:",
            _ => "differs by",
        },
        bounds(effect.interval, &effect),
        quantity::probability(effect.p)
    );
    if comparison.low_sample {
        println!("A side has fewer than 5 samples.");
    }
}

fn figure(value: f64, effect: &Effect) -> String {
    match effect.kind {
        EffectKind::Shift => quantity::change(value, Unit::Seconds),
        EffectKind::Ratio => format!("{value:.2}"),
        _ => format!("{:+.1} points", value * 100.0),
    }
}

fn bounds(bounds: Bounds, effect: &Effect) -> String {
    let end = |end: Option<f64>| end.map_or_else(|| UNKNOWN.to_owned(), |end| figure(end, effect));
    format!("{} … {}", end(bounds.low), end(bounds.high))
}

fn as_csv(comparison: &Comparison) -> Result<()> {
    let header = [
        "metric",
        "definition",
        "unit",
        "of",
        "from",
        "to",
        "value",
        "n",
        "against_of",
        "against_from",
        "against_to",
        "against_value",
        "against_n",
        "effect",
        "estimate",
        "low",
        "high",
        "p",
        "direction",
        "low_sample",
    ];
    let side = |side: &ComparedSummary| {
        [
            scope(&side.scope),
            side.window.from.to_rfc3339(),
            side.window.to.to_rfc3339(),
            plain(side.value),
            side.n.to_string(),
        ]
    };
    let [of, from, to, value, n] = side(&comparison.second);
    let [against_of, against_from, against_to, against_value, against_n] = side(&comparison.first);
    let effect = comparison.effect;
    let kind = effect.map(|effect| match effect.kind {
        EffectKind::Shift => "shift",
        EffectKind::Ratio => "ratio",
        _ => "difference",
    });
    let row = [
        comparison.metric.clone(),
        comparison.definition.clone(),
        comparison.unit.as_str().to_owned(),
        of,
        from,
        to,
        value,
        n,
        against_of,
        against_from,
        against_to,
        against_value,
        against_n,
        kind.unwrap_or_default().to_owned(),
        plain(effect.and_then(|effect| effect.estimate)),
        plain(effect.and_then(|effect| effect.interval.low)),
        plain(effect.and_then(|effect| effect.interval.high)),
        plain(effect.map(|effect| effect.p)),
        comparison.direction.as_str().to_owned(),
        comparison.low_sample.to_string(),
    ];
    csv_rows(header, [row])
}
