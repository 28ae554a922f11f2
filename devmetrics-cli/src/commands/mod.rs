//! One file a command.

pub(crate) mod anomalies;
pub(crate) mod backfill;
mod collect;
pub(crate) mod compare;
pub(crate) mod completions;
#[cfg(feature = "demo")]
pub(crate) mod demo;
pub(crate) mod deployments;
#[cfg(feature = "aws")]
pub(crate) mod dlq;
pub(crate) mod doctor;
pub(crate) mod explain;
pub(crate) mod forecast;
pub(crate) mod goals;
mod import;
pub(crate) mod incidents;
pub(crate) mod init;
pub(crate) mod keys;
pub(crate) mod login;
pub(crate) mod metrics;
mod open;
pub(crate) mod people;
pub(crate) mod quality;
pub(crate) mod quickstart;
pub(crate) mod report;
pub(crate) mod resync;
pub(crate) mod serve;
pub(crate) mod services;
pub(crate) mod status;
pub(crate) mod sync;
pub(crate) mod teams;
pub(crate) mod trend;
