use devmetrics_core::Result;
use devmetrics_core::insight::{Anomalies, Anomaly, Side};

use super::answers::scope;
use super::quantity::{self, plain};
use super::{csv_rows, json, table};
use crate::arguments::Format;

/// Prints what is unlike the rest.
pub(crate) fn anomalies(anomalies: &Anomalies, format: Format) -> Result<()> {
    match format {
        Format::Json => json(anomalies),
        Format::Csv => as_csv(&anomalies.found),
        Format::Table => {
            for_people(anomalies);
            Ok(())
        }
    }
}

fn for_people(anomalies: &Anomalies) {
    if anomalies.found.is_empty() {
        println!("Nothing is unlike the rest.");
    } else {
        let rows = anomalies.found.iter().map(|found| {
            let unit = found.subject.unit;
            [
                found.label.clone(),
                found.subject.metric.replace('_', " "),
                scope(&found.subject.scope),
                quantity::value(Some(found.value), unit),
                side(found.side).to_owned(),
                quantity::value(Some(found.usual), unit),
                found.direction.as_str().to_owned(),
                quantity::probability(found.adjusted_p),
                found.n.to_string(),
            ]
        });
        let header = ["bucket", "metric", "of", "value", "", "usual", "", "p", "n"];
        println!("{}", table(header, &[3, 5, 7, 8], rows));
    }
    let unjudged: u64 = anomalies
        .series
        .iter()
        .flat_map(|one| one.unjudged.values())
        .sum();
    let left_out: u64 = anomalies
        .series
        .iter()
        .flat_map(|one| one.left_out.values())
        .sum();
    println!(
        "\n{} complete buckets tested, {unjudged} too few or too uniform to test, {left_out} not complete. p is adjusted for \
         all of them.",
        anomalies.tested
    );
}

fn as_csv(found: &[Anomaly]) -> Result<()> {
    let header = [
        "metric",
        "definition",
        "unit",
        "of",
        "bucket",
        "from",
        "to",
        "value",
        "n",
        "usual",
        "side",
        "direction",
        "z",
        "p",
        "adjusted_p",
    ];
    let rows = found.iter().map(|found| {
        [
            found.subject.metric.clone(),
            found.subject.definition.clone(),
            found.subject.unit.as_str().to_owned(),
            scope(&found.subject.scope),
            found.label.clone(),
            found.window.from.to_rfc3339(),
            found.window.to.to_rfc3339(),
            found.value.to_string(),
            found.n.to_string(),
            found.usual.to_string(),
            side(found.side).to_owned(),
            found.direction.as_str().to_owned(),
            plain(found.z),
            found.p.to_string(),
            found.adjusted_p.to_string(),
        ]
    });
    csv_rows(header, rows)
}

fn side(side: Side) -> &'static str {
    match side {
        Side::High => "high",
        Side::Low => "low",
    }
}
