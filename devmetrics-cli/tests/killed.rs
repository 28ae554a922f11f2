//! `kill -9` at any moment, and two syncs at once: the database is that of one undisturbed run.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod support;

use std::process::Stdio;
use std::time::{Duration, Instant};

use support::{Database, World, assert_same, text};

/// A small generator, so that a failing run can be repeated from its seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// Kills this many runs while they are at work, on databases that `fresh` makes; each database gets some kills, then a
/// run that is left alone.
async fn kill(wanted: usize, fresh: impl AsyncFn(&World) -> Option<Database>) {
    let world = World::new(120);
    world.configure("roster = 'teams.toml'");
    world.write(
        "teams.toml",
        "[[team]]\nid = 'one'\nmember = [{ email = 'p1@example.org' }]\n",
    );
    let Some(database) = fresh(&world).await else {
        return;
    };
    let started = Instant::now();
    world.stdout(&["--database", &database.url(), "sync"]);
    let whole = started.elapsed();
    let undisturbed = database.dump().await;
    assert!(undisturbed.len() > 120 * 2);

    let mut random = Random(42);
    let (mut kills, mut round) = (0, 0);
    while kills < wanted {
        round += 1;
        let Some(database) = fresh(&world).await else {
            return;
        };
        let url = database.url();
        let arguments = ["--database", &url, "sync"];
        for _ in 0..4 {
            let mut command = world.command(&arguments);
            let mut child = command
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let patience = Duration::from_micros(random.below(whole.as_micros() as u64));
            tokio::time::timeout(patience, std::future::pending::<()>())
                .await
                .unwrap_err();
            child.kill().unwrap();
            // A run that was through before it could be killed proves nothing, and does not count.
            kills += usize::from(!child.wait().unwrap().success());
        }
        world.stdout(&arguments);
        assert_same(&database.dump().await, &undisturbed, &format!("round {round}"));
    }
}

/// A file of its own for every call.
async fn sqlite(world: &World) -> Option<Database> {
    Some(Database::Sqlite(world.fresh("db")))
}

#[tokio::test]
async fn killed_at_any_moment_a_sync_ends_as_if_it_never_was() {
    kill(60, sqlite).await;
}

#[tokio::test]
async fn killed_at_any_moment_a_sync_into_postgresql_ends_as_if_it_never_was() {
    kill(20, async |_: &World| Database::postgres().await).await;
}

/// Runs two syncs at once on databases that `fresh` makes, until some were told that they lost.
async fn race(wanted: usize, fresh: impl AsyncFn(&World) -> Option<Database>) {
    let world = World::new(60);
    world.configure("");
    let Some(database) = fresh(&world).await else {
        return;
    };
    world.stdout(&["--database", &database.url(), "sync"]);
    let undisturbed = database.dump().await;
    let mut losers = 0;
    for round in 0..40 {
        let Some(database) = fresh(&world).await else {
            return;
        };
        let url = database.url();
        let spawn = || {
            let mut command = world.command(&["--database", &url, "sync"]);
            command
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        };
        let (first, second) = (spawn(), spawn());
        let outputs = [
            first.wait_with_output().unwrap(),
            second.wait_with_output().unwrap(),
        ];
        let mut winners = 0;
        for output in &outputs {
            match output.status.code() {
                Some(0) => winners += 1,
                Some(4) => {
                    losers += 1;
                    let error = text(&output.stderr);
                    assert!(error.contains("another sync"), "{error}");
                }
                other => panic!("{other:?}: {}", text(&output.stderr)),
            }
        }
        assert!(winners >= 1, "both lost in round {round}");
        assert_same(&database.dump().await, &undisturbed, &format!("round {round}"));
        if losers >= wanted {
            return;
        }
    }
    panic!("{losers} lost in 40 rounds: the test proves nothing");
}

#[tokio::test]
async fn of_two_syncs_at_once_one_is_told_that_it_lost() {
    race(3, sqlite).await;
}

#[tokio::test]
async fn of_two_syncs_into_postgresql_at_once_one_is_told_that_it_lost() {
    race(3, async |_: &World| Database::postgres().await).await;
}

#[tokio::test]
async fn ctrl_c_stops_after_the_current_page_and_keeps_it() {
    let world = World::new(120);
    world.configure("");
    let database = Database::Sqlite(world.fresh("db"));
    world.stdout(&["--database", &database.url(), "sync"]);
    let undisturbed = database.dump().await;
    for attempt in 0..20 {
        let database = Database::Sqlite(world.fresh("db"));
        let url = database.url();
        let mut command = world.command(&["--database", &url, "sync"]);
        let child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        tokio::time::timeout(
            Duration::from_millis(40 + 15 * attempt),
            std::future::pending::<()>(),
        )
        .await
        .unwrap_err();
        let sent = std::process::Command::new("kill")
            .args(["-INT", &child.id().to_string()])
            .status()
            .unwrap();
        let output = child.wait_with_output().unwrap();
        let stopped = text(&output.stderr).contains("stopping after the current page");
        if sent.success() && output.status.code() == Some(130) && stopped {
            assert!(
                text(&output.stdout).contains("Stopped"),
                "{}",
                text(&output.stdout)
            );
            world.stdout(&["--database", &url, "sync"]);
            assert_same(&database.dump().await, &undisturbed, "stopped");
            return;
        }
    }
    panic!("no run could be stopped in the middle");
}
