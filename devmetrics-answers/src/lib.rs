//! Answers as front-ends give them: the shapes in which facts are told, the pages of lists, and rows for CSV and Arrow.
//!
//! What a metric answers is told as the core has it. Facts are told by shapes of their own, so that a client may rely on them while
//! the core changes, and so that no e-mail address of a person leaves by accident. The HTTP API and the bindings for other languages
//! both write what stands here, which is why they write the same.

mod answer;
pub mod cursor;
mod fact;
mod list;
pub mod person;
mod table;
mod team;

pub use fact::{Because, Deployment, Evidence, Incident, Named, PullRequest};
pub use list::{Items, Page, Row};
pub use table::{Kind, Table, Tabular, arrow_stream};
pub use team::{Member, Repository, Team};
