//! A GitHub for tests that keeps state, has a virtual clock, and fails in every way that GitHub is known to fail.
//!
//! ```
//! use fake_github::FakeGithub;
//! use fake_github::world::World;
//!
//! let mut world = World::new(chrono::DateTime::UNIX_EPOCH);
//! let organization = world.add_organization("acme");
//! let author = world.add_user("alice");
//! let repository = world.add_repository(organization, "api");
//! let pull_request = world.open_pull_request(repository, author, "Add a page");
//!
//! let github = FakeGithub::new(world);
//! let token = github.add_token("alice", author);
//! let router = github.router(); // or `github.serve("127.0.0.1:0".parse()?).await?.base_url()`
//! github.world().advance(60);
//! assert_eq!(github.world().pull_request(pull_request).number, 1);
//! # let _ = (token, router);
//! ```

mod answer;
mod app;
mod fault;
pub mod generate;
mod github;
mod graphql;
mod page;
mod quota;
mod reply;
mod request;
mod rest;
mod router;
mod token;
pub mod world;

pub use app::{App, DeviceAnswer, Installation};
pub use fault::{BrokenText, Change, Fault, LimitType, Poison, When};
pub use github::{FakeGithub, Overload, Settings, WorldGuard};
pub use graphql::SDL;
pub use quota::{Limits, Resource, Standing};
pub use request::{Count, RequestRecord};
pub use router::Server;
pub use token::{Token, TokenKind};
