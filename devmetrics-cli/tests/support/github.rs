//! A small GitHub at work beside the command, and the command's configuration for it.

use std::process::{Command, Output};

use chrono::{DateTime, TimeDelta, Utc};
use devmetrics_core::{Clock, SystemClock};
use fake_github::generate::{Shape, generate};
use fake_github::world::ActorId;
use fake_github::{FakeGithub, Server, Token};

use super::World;

/// Looks like a classic token, and must never be seen again.
pub(crate) const TOKEN: &str = "ghp_canary0123456789";

pub(crate) struct Host {
    pub(crate) github: FakeGithub,
    pub(crate) server: Server,
    pub(crate) viewer: ActorId,
    pub(crate) world: World,
}

impl Host {
    /// The organization `acme` with two repositories and 60 pull requests in the last month, and a token that sees it all.
    pub(crate) async fn tiny() -> Self {
        Self::of(Shape::tiny().pull_requests).await
    }

    /// The same with about so many pull requests.
    pub(crate) async fn of(pull_requests: usize) -> Self {
        let now: DateTime<Utc> = SystemClock.now();
        let start = now - TimeDelta::days(30);
        let shape = Shape {
            start,
            end: now,
            pull_requests,
            ..Shape::tiny()
        };
        let world = generate(7, &shape);
        let viewer = world.actors().map(|(id, _)| id).next().unwrap();
        let github = FakeGithub::new(world);
        github.put_token(Token::classic("canary", TOKEN, viewer));
        let server = github.serve("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let host = Self {
            github,
            server,
            viewer,
            world: World::empty(),
        };
        host.configure("");
        host
    }

    /// Writes a configuration with these more keys of the source.
    pub(crate) fn configure(&self, more: &str) {
        let text = format!(
            "database = 'sqlite:metrics.db'\n[[source]]\nkind = 'github'\nhost = '{}'\nowners = ['acme']\n{more}\n",
            self.server.base_url()
        );
        self.world.write("devmetrics.toml", &text);
    }

    /// The command with the token in its environment, and a home of its own.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.world.command(arguments);
        command
            .env("GITHUB_TOKEN", TOKEN)
            .env("HOME", self.world.path("home"));
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// What a successful command prints.
    pub(crate) fn stdout(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            super::text(&output.stderr)
        );
        super::text(&output.stdout)
    }

    /// What a successful command prints, as JSON.
    pub(crate) fn json(&self, arguments: &[&str]) -> serde_json::Value {
        serde_json::from_str(&self.stdout(arguments)).unwrap()
    }
}
