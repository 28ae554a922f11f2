//! How answers look: tables for people, JSON for programs, CSV for spreadsheets.

mod answers;
mod certificate;
mod csv;
mod evidence;
mod imported;
mod matched;
mod plan;
mod quantity;
mod sync;
mod table;

pub(crate) use answers::{answers, next_steps};
pub(crate) use certificate::{certificate, certificates, name};
pub(crate) use evidence::evidence;
pub(crate) use imported::imported;
pub(crate) use matched::matched;
pub(crate) use plan::plans;
pub(crate) use sync::sync;
pub(crate) use table::table;

use devmetrics_core::{Error, ErrorKind, Result};
use serde::Serialize;

/// Prints a value as indented JSON.
pub(crate) fn json<T: Serialize + ?Sized>(value: &T) -> Result<()> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Error::new(ErrorKind::Internal, "the answer is no JSON").caused_by(error))?;
    println!("{text}");
    Ok(())
}

fn csv_failed(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Unavailable, "standard output does not take the CSV").caused_by(error)
}
