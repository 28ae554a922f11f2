//! Incidents and deployments that nobody collects: told by a file or a program. Pure.
//!
//! A file's records are read by [`Records::from_json`] and [`Records::from_csv`]; a program makes them itself, or lets serde do
//! it. [`Engine::import_incidents`](crate::Engine::import_incidents) and
//! [`Engine::import_deployments`](crate::Engine::import_deployments) take both. The format is that of `docs/import.md` and of the
//! JSON Schemas beside it.

mod csv_file;
mod deployment;
mod incident;
mod instant;
mod json_file;
mod name;
mod record;
mod records;

pub use deployment::DeploymentRecord;
pub use incident::IncidentRecord;
pub use record::{Record, Terms, Wrong};
pub use records::Records;
