//! One file a command.

pub(crate) mod completions;
pub(crate) mod doctor;
pub(crate) mod explain;
pub(crate) mod init;
pub(crate) mod metrics;
mod open;
pub(crate) mod quickstart;
pub(crate) mod report;
pub(crate) mod sync;
pub(crate) mod teams;
