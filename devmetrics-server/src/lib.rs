//! The HTTP API of devmetrics: [`router`] for whoever has a server, [`Server`] for whoever has none.
//!
//! Thin: a route takes a request apart, asks the [`Engine`](devmetrics_core::Engine), and writes the answer down. What a client
//! may rely on is in `docs/api.md` and, in full, in the OpenAPI document that [`openapi`] gives.

mod ask;
mod attempts;
mod cache;
mod caller;
mod coalesced;
mod format;
mod layers;
mod openapi;
mod params;
mod path;
mod problem;
mod routes;
pub mod schema;
mod serve;
mod state;
mod text;
mod traffic;

pub use openapi::openapi;
pub use problem::Problem;
pub use routes::router;
pub use serve::{Listen, Server, Tls};
pub use state::{Limits, Options, ServerState};
