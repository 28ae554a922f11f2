use devmetrics_core::Result;
use devmetrics_core::insight::{Forecast, Likely, Outlook};

use super::answers::scope;
use super::quantity::{UNKNOWN, plain};
use super::trend::because;
use super::{csv_rows, json, table};
use crate::arguments::Format;

/// Prints what is likely.
pub(crate) fn forecasts(forecasts: &[Forecast], format: Format) -> Result<()> {
    match format {
        Format::Json => json(forecasts),
        Format::Csv => as_csv(forecasts),
        Format::Table => {
            for_people(forecasts);
            Ok(())
        }
    }
}

fn for_people(forecasts: &[Forecast]) {
    let rows = forecasts.iter().map(|forecast| {
        let asked = match forecast.outlook {
            Outlook::Items { items } => format!("{items} done by"),
            Outlook::By { by } => format!("done by {}", by.format("%F %H:%MZ")),
        };
        let [even, likely, sure] = match forecast.likely {
            Some(likely) => likely.map(|likely| reached(&likely)),
            None => [(); 3].map(|()| UNKNOWN.to_owned()),
        };
        [
            forecast.subject.metric.replace('_', " "),
            scope(&forecast.subject.scope),
            because(&asked, forecast.unknown_because),
            even,
            likely,
            sure,
            forecast.weeks.to_string(),
        ]
    });
    let header = ["metric", "of", "", "50 %", "85 %", "95 %", "weeks"];
    println!("{}", table(header, &[3, 4, 5, 6], rows));
    println!("\nIf the coming weeks are like those behind, of which at least 12 complete ones are needed.");
}

fn reached(likely: &Likely) -> String {
    let at = likely.at.map(|at| at.format("%F").to_string());
    let items = likely.items.map(|items| items.to_string());
    at.or(items).unwrap_or_else(|| "after ten years".to_owned())
}

fn as_csv(forecasts: &[Forecast]) -> Result<()> {
    let header = [
        "metric",
        "definition",
        "of",
        "asked_items",
        "asked_by",
        "confidence",
        "at",
        "items",
        "weeks",
    ];
    let rows = forecasts.iter().flat_map(|forecast| {
        let (items, by) = match forecast.outlook {
            Outlook::Items { items } => (items.to_string(), String::new()),
            Outlook::By { by } => (String::new(), by.to_rfc3339()),
        };
        let unknown = [50, 85, 95].map(|confidence| Likely {
            confidence,
            at: None,
            items: None,
        });
        forecast.likely.unwrap_or(unknown).map(|likely| {
            [
                forecast.subject.metric.clone(),
                forecast.subject.definition.clone(),
                scope(&forecast.subject.scope),
                items.clone(),
                by.clone(),
                likely.confidence.to_string(),
                likely.at.map(|at| at.to_rfc3339()).unwrap_or_default(),
                plain(likely.items),
                forecast.weeks.to_string(),
            ]
        })
    });
    csv_rows(header, rows)
}
