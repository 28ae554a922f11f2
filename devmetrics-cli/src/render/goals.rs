use devmetrics_core::Result;
use devmetrics_core::insight::Progress;
use devmetrics_core::metric::Unit;

use super::answers::scope;
use super::quantity::{self, plain};
use super::trend::because;
use super::{csv_rows, json, table};
use crate::arguments::Format;

/// Prints how goals go.
pub(crate) fn goals(goals: &[Progress], format: Format) -> Result<()> {
    match format {
        Format::Json => json(goals),
        Format::Csv => as_csv(goals),
        Format::Table => {
            for_people(goals);
            Ok(())
        }
    }
}

fn for_people(goals: &[Progress]) {
    if goals.is_empty() {
        println!("There are no goals yet: write [[goal]] into devmetrics.toml (docs/configuration.md).");
        return;
    }
    let rows = goals.iter().map(|progress| {
        let goal = &progress.goal;
        let figure = |value: Option<f64>| match (value, progress.unit) {
            (Some(value), Unit::PullRequests | Unit::Count) => {
                format!("{} /week", quantity::value(Some(value), progress.unit))
            }
            (value, unit) => quantity::value(value, unit),
        };
        [
            because(progress.state.as_str(), progress.unknown_because),
            scope(&goal.scope),
            goal.metric.replace('_', " "),
            goal.statistic.to_string(),
            figure(Some(goal.target)),
            goal.by.to_string(),
            figure(progress.value),
            quantity::interval(progress.interval, progress.unit),
            progress.direction.as_str().replace('_', " "),
            progress.n.to_string(),
        ]
    });
    let header = [
        "goal",
        "of",
        "metric",
        "",
        "target",
        "by",
        "now",
        "95 % interval",
        "trend",
        "n",
    ];
    println!("{}", table(header, &[4, 6, 7, 9], rows));
}

fn as_csv(goals: &[Progress]) -> Result<()> {
    let header = [
        "state",
        "metric",
        "definition",
        "unit",
        "of",
        "statistic",
        "target",
        "by",
        "from",
        "to",
        "value",
        "low",
        "high",
        "n",
        "direction",
        "expected",
        "provisional",
    ];
    let rows = goals.iter().map(|progress| {
        let goal = &progress.goal;
        [
            progress.state.as_str().to_owned(),
            goal.metric.clone(),
            progress.definition.clone(),
            progress.unit.as_str().to_owned(),
            scope(&goal.scope),
            goal.statistic.to_string(),
            goal.target.to_string(),
            goal.by.to_string(),
            progress.window.from.to_rfc3339(),
            progress.window.to.to_rfc3339(),
            plain(progress.value),
            plain(progress.interval.map(|interval| interval.low)),
            plain(progress.interval.map(|interval| interval.high)),
            progress.n.to_string(),
            progress.direction.as_str().to_owned(),
            plain(progress.expected),
            progress.provisional.to_string(),
        ]
    });
    csv_rows(header, rows)
}
