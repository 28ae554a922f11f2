#![expect(clippy::unwrap_used, reason = "these are tests")]
//! The fake GitHub, asked over HTTP.

mod client;
mod fault;
mod generate;
mod graphql;
mod rest;
