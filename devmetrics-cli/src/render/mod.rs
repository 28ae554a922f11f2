//! How answers look: tables for people, JSON for programs, CSV for spreadsheets.

mod anomalies;
mod answers;
mod certificate;
mod comparison;
mod csv;
mod evidence;
mod forecast;
mod goals;
mod imported;
mod matched;
mod person;
mod plan;
mod quality;
mod quantity;
mod sync;
mod table;
mod trend;

pub(crate) use anomalies::anomalies;
pub(crate) use answers::{answers, next_steps};
pub(crate) use certificate::{certificate, certificates};
pub(crate) use comparison::comparison;
pub(crate) use evidence::evidence;
pub(crate) use forecast::forecasts;
pub(crate) use goals::goals;
pub(crate) use imported::imported;
pub(crate) use matched::matched;
pub(crate) use person::{personal_data, what_still_names};
pub(crate) use plan::plans;
pub(crate) use quality::quality;
pub(crate) use sync::sync;
pub(crate) use table::table;
pub(crate) use trend::trends;

use devmetrics_core::{Error, ErrorKind, Result};
use serde::Serialize;

/// Prints a value as indented JSON.
pub(crate) fn json<T: Serialize + ?Sized>(value: &T) -> Result<()> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Error::new(ErrorKind::Internal, "the answer is no JSON").caused_by(error))?;
    println!("{text}");
    Ok(())
}

/// Prints a header and rows as CSV.
fn csv_rows<const N: usize>(header: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> Result<()> {
    let mut writer = ::csv::Writer::from_writer(std::io::stdout());
    writer.write_record(header).map_err(csv_failed)?;
    for row in rows {
        writer.write_record(row).map_err(csv_failed)?;
    }
    writer.flush().map_err(csv_failed)
}

fn csv_failed(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Unavailable, "standard output does not take the CSV").caused_by(error)
}
