//! Which teams a fact belongs to, by dated membership. Pure.
//!
//! A [`Roster`](crate::model::Roster) comes from a file ([`roster_from_toml`], [`roster_from_csv`]) or is built by a program
//! and held to the same rules ([`check_roster`]), or follows from what a host shows ([`observe`]); [`join`] makes one of the
//! file's and the host's. An [`Attributor`] is made of it once and asked for every fact.
//!
//! Who somebody is by all of their names, [`identify`] tells; whose names are not kept, [`Forgotten`] knows.

mod attributor;
mod bots;
mod check;
mod csv_file;
mod date;
mod forgotten;
mod identity;
mod join;
mod lines;
mod observe;
mod person;
mod rename;
mod rules;
mod share;
mod start;
mod toml_file;

#[cfg(test)]
mod tests;

pub use attributor::{Attributor, UNASSIGNED};
pub use check::check_roster;
pub use csv_file::roster_from_csv;
pub use forgotten::Forgotten;
pub use identity::{Identity, identify};
pub use join::join;
pub use observe::observe;
pub use rules::{AttributionInstant, AttributionRules};
pub use share::{AttributedId, Attribution, Share, Subject};
pub use start::team_starts;
pub use toml_file::roster_from_toml;
