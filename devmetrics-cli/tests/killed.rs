//! `kill -9` at any moment, and two syncs at once: the database is that of one undisturbed run.

mod support;

use std::process::Stdio;
use std::time::{Duration, Instant};

use support::{World, assert_same, dump, text};

/// How many runs are killed while they are at work.
const KILLS: usize = 60;

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

#[tokio::test]
async fn killed_at_any_moment_a_sync_ends_as_if_it_never_was() {
    let world = World::new(120);
    world.configure("roster = 'teams.toml'");
    world.write(
        "teams.toml",
        "[[team]]\nid = 'one'\nmember = [{ email = 'p1@example.org' }]\n",
    );
    let started = Instant::now();
    world.stdout(&["sync"]);
    let whole = started.elapsed();
    let undisturbed = dump(&world.path("metrics.db")).await;
    assert!(undisturbed.len() > 120 * 2);

    let mut random = Random(42);
    let (mut kills, mut round) = (0, 0);
    while kills < KILLS {
        round += 1;
        let file = world.path(&format!("round{round}.db"));
        let database = format!("sqlite:{}", file.display());
        let arguments = ["--database", &database, "sync"];
        // Some kills on the way of one database, then a run that is left alone.
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
        assert_same(&dump(&file).await, &undisturbed, &format!("round {round}"));
    }
}

#[tokio::test]
async fn of_two_syncs_at_once_one_is_told_that_it_lost() {
    let world = World::new(60);
    world.configure("");
    world.stdout(&["sync"]);
    let undisturbed = dump(&world.path("metrics.db")).await;
    let mut losers = 0;
    for round in 0..40 {
        let database = format!("sqlite:{}", world.path(&format!("race{round}.db")).display());
        let spawn = || {
            let mut command = world.command(&["--database", &database, "sync"]);
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
        let found = dump(&world.path(&format!("race{round}.db"))).await;
        assert_same(&found, &undisturbed, &format!("round {round}"));
        if losers >= 3 {
            return;
        }
    }
    panic!("no race in 40 rounds: the test proves nothing");
}

#[tokio::test]
async fn ctrl_c_stops_after_the_current_page_and_keeps_it() {
    let world = World::new(120);
    world.configure("");
    world.stdout(&["sync"]);
    let undisturbed = dump(&world.path("metrics.db")).await;
    let started = Instant::now();
    for attempt in 0..20 {
        let file = world.path(&format!("stopped{attempt}.db"));
        let database = format!("sqlite:{}", file.display());
        let mut command = world.command(&["--database", &database, "sync"]);
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
        if sent.success()
            && output.status.code() == Some(130)
            && text(&output.stderr).contains("stopping after the current page")
        {
            assert!(
                text(&output.stdout).contains("Stopped"),
                "{}",
                text(&output.stdout)
            );
            world.stdout(&["--database", &database, "sync"]);
            assert_same(&dump(&file).await, &undisturbed, "stopped");
            return;
        }
    }
    panic!(
        "no run could be stopped in the middle within {:?}",
        started.elapsed()
    );
}
