//! What the bindings of devmetrics for other languages share: everything but the conversion of values.
//!
//! A binding opens a [`Session`], hands it the name of a call with its arguments as JSON, and gives its user what comes back: as
//! JSON, or where an answer has rows as an Arrow batch. It knows no metric and hardly any call: what is new here is new in every
//! language.
//!
//! ```
//! use devmetrics_bindings::{Opening, Session};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> devmetrics_core::Result<()> {
//! let session = Session::open(Opening::parse("memory:")?, Vec::new()).await?;
//! let answer = session.call("report", r#"{"metrics": "velocity", "from": "2026-01-01", "to": "2026-04-01"}"#).await?;
//! assert!(answer.starts_with(r#"[{"metric":"velocity""#));
//!
//! let error = session.call("report", r#"{"metric": "velocity"}"#).await.unwrap_err();
//! assert!(error.message().contains("did you mean `metrics`?"));
//! # Ok(()) }
//! ```
//!
//! | call | arguments | what comes back |
//! |---|---|---|
//! | `metrics` | `metrics` | a list of definitions |
//! | `report` | `metrics`, whose, when, how, `bucket` | a list of answers |
//! | `compare` | `metric`, whose (two or more; or one), when, how, `before_from`, `before_to` | a list of comparisons with the first |
//! | `explain` | `metric`, whose (one), when, how, `limit`, `cursor` | a page of evidence |
//! | `trend`, `anomalies` | `metrics`, whose, when, how, `bucket` | a list of trends; what was found |
//! | `forecast` | `metric`, whose, when, how, `items` or `by`, `seed` | a list of forecasts |
//! | `goals`, `status` | | a list of goals; of certificates |
//! | `quality` | when | what is doubtful |
//! | `match_coverage` | whose (one), when | a list of repositories |
//! | `teams`, `repositories` | `limit`, `cursor` | a page |
//! | `members` | `team`, `at` | a list |
//! | `pull_requests` | `state`, whose (one), when, `limit`, `cursor` | a page |
//! | `deployments`, `incidents` | `environment` (deployments), whose (one), when, `limit`, `cursor` | a page |
//! | `import_deployments`, `import_incidents` | `records`, `source`, `complete`, `repositories`, `since`, `create_repositories`, `dry_run` | what became of them |
//!
//! *Whose*: one of `team`, `service`, `repository` and `organization`, each a text or a list of texts, or `all_teams` or
//! `all_services`; none of them for everything. *When*: `from` and `to`, each a day, an instant (RFC 3339) or a span back from now
//! (`90d`), and `zone`. *How*: `policy`, `clock`, `direct_pushes`. An argument that is null is not given.

mod arguments;
mod calls;
mod columns;
mod defect;
mod facts;
mod failure;
mod opening;
mod question;
mod session;
mod source;
mod told;

pub use defect::{guarded, guarded_now};
pub use facts::{FactPages, FactReader};
pub use failure::Failure;
pub use opening::Opening;
pub use session::Session;
pub use source::{ForeignSource, JsonSource};
pub use told::Told;
