//! The command against a GitHub: collecting, planning, logging in, and what it says when something is missing.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::process::Stdio;
use std::time::Duration;

use fake_github::{DeviceAnswer, Fault, LimitType, Token, TokenKind, When};
use serde_json::Value;
use support::github::{Host, TOKEN};
use support::text;

/// Pull requests of the organization, as the fake has them.
fn pull_requests(host: &Host) -> u64 {
    let world = host.github.world();
    let counts = world.repositories().map(|(_, found)| found.pull_requests().len());
    counts.sum::<usize>() as u64
}

/// A configured repository's name.
fn a_repository(host: &Host) -> String {
    let world = host.github.world();
    let (id, _) = world.repositories().next().unwrap();
    world.name_with_owner(id)
}

/// The hour's points are used up.
fn used_up() -> Fault {
    Fault::GraphqlLimit {
        limit_type: LimitType::RateLimited,
        remaining: 0,
    }
}

fn records(report: &Value, kind: &str) -> u64 {
    let feeds = report["feeds"].as_array().unwrap().iter();
    let of_kind = feeds.filter(|feed| feed["feed"]["kind"] == kind);
    of_kind.map(|feed| feed["records"].as_u64().unwrap()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn sync_reads_everything_once_and_tells_what_it_cost() {
    let host = Host::tiny().await;
    let report = host.json(&["sync", "--json"]);
    assert_eq!(report["outcome"]["outcome"], "complete", "{report:#}");
    assert_eq!(records(&report, "pull_requests"), pull_requests(&host));
    let counted: u64 = host.github.counts().values().map(|count| count.points).sum();
    assert_eq!(report["usage"]["points"], counted);

    host.github.clear_log();
    let told = host.stdout(&["sync"]);
    assert!(told.contains("had nothing new"), "{told}");
    let requests = host.github.log().len();
    assert!(
        told.contains(&format!("{requests} requests, ")) && told.contains("are left until"),
        "{told}"
    );
    let velocity = host.json(&["report", "velocity", "--format", "json", "--from", "30d"]);
    assert!(
        velocity[0]["total"]["value"].as_f64().unwrap() > 10.0,
        "{velocity:#}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_counts_what_a_first_sync_then_reads_and_reads_nothing_itself() {
    let host = Host::tiny().await;
    let plans = host.json(&["sync", "--plan", "--json"]);
    let feeds = plans[0]["feeds"].as_array().unwrap();
    let of_kind = |kind: &str| -> u64 {
        let these = feeds.iter().filter(|feed| feed["feed"]["kind"] == kind);
        these.map(|feed| feed["records"].as_u64().unwrap()).sum()
    };
    assert_eq!(of_kind("pull_requests"), pull_requests(&host));
    assert!(plans[0]["done_at"].is_string());
    let told = host.stdout(&["sync", "--plan"]);
    for word in [
        &*a_repository(&host),
        "pull requests",
        "points of 5000 an hour are left",
        "devmetrics backfill",
    ] {
        assert!(told.contains(word), "`{word}` is not in:\n{told}");
    }
    assert!(host.json(&["status", "--json"]).as_array().unwrap().is_empty());

    let report = host.json(&["sync", "--json"]);
    for kind in ["deployments", "releases"] {
        assert_eq!(of_kind(kind), records(&report, kind), "{kind}");
    }
    let plans = host.json(&["sync", "--plan", "--json"]);
    assert!(plans[0]["feeds"].as_array().unwrap().is_empty(), "{plans:#}");
    assert!(plans[0]["done_at"].is_null());
    assert!(host.stdout(&["sync", "--plan"]).contains("Nothing to plan"));
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_middle_of_a_history_only_the_rest_is_planned() {
    let host = Host::tiny().await;
    // So that each repository has several pages, whatever the day brought.
    host.configure("page_size = 5");
    host.github.on_request(|n, _| (n > 5).then(used_up));
    let report = host.json(&["sync", "--json"]);
    assert_eq!(
        report["outcome"]["reason"]["reason"], "rate_limited",
        "{report:#}"
    );
    let read = records(&report, "pull_requests");
    assert!(0 < read && read < pull_requests(&host), "{read}");
    host.github.clear_faults();
    let plans = host.json(&["sync", "--plan", "--json"]);
    let feeds = plans[0]["feeds"].as_array().unwrap();
    let these = feeds
        .iter()
        .filter(|feed| feed["feed"]["kind"] == "pull_requests");
    let planned: u64 = these.map(|feed| feed["records"].as_u64().unwrap()).sum();
    assert_eq!(planned, pull_requests(&host) - read);
}

#[tokio::test(flavor = "multi_thread")]
async fn status_certifies_each_repository_and_knows_them_by_name() {
    let host = Host::tiny().await;
    assert!(host.stdout(&["status"]).contains("devmetrics sync"));
    host.stdout(&["sync"]);
    let name = a_repository(&host);
    let shown = host.stdout(&["status"]);
    assert!(shown.contains(&name) && shown.contains("complete"), "{shown}");
    let detail = host.json(&["status", &name, "--json"]);
    assert_eq!(detail.as_array().unwrap().len(), 1);
    let feed = |kind: &str| {
        let feeds = detail[0]["feeds"].as_array().unwrap();
        feeds
            .iter()
            .find(|feed| feed["feed"]["kind"] == kind)
            .unwrap()
            .clone()
    };
    assert_eq!(feed("pull_requests")["stored"], feed("pull_requests")["total"]);
    assert!(feed("deployments")["covered_to"].is_string());
    assert!(host.stdout(&["status", &name]).contains("last success"));
    assert!(host.stdout(&["status", "acme"]).contains("repositories"));
    let mistyped = format!("{name}x");
    let output = host.run(&["status", &mistyped]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains(&format!("did you mean `{name}`?")));
}

#[tokio::test(flavor = "multi_thread")]
async fn resync_reads_again_what_is_named_since_when_it_is_said() {
    // So that each repository has several pages, whatever the day brought and however the pages grew.
    let host = Host::of(400).await;
    let output = host.run(&["resync"]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    host.stdout(&["sync"]);
    let name = a_repository(&host);
    let all = host.json(&["resync", &name, "--json"]);
    let part = host.json(&["resync", &name, "--since", "7d", "--json"]);
    let scopes: Vec<_> = all["feeds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|feed| &feed["feed"]["scope"])
        .collect();
    assert!(scopes.iter().all(|scope| *scope == scopes[0]), "{scopes:?}");
    let (all, part) = (records(&all, "pull_requests"), records(&part, "pull_requests"));
    assert!(0 < part && part < all, "{part} of {all}");
    assert!(all < pull_requests(&host));
    let output = host.run(&["resync", "--since", "yesterday"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("--since"));
}

#[tokio::test(flavor = "multi_thread")]
async fn sync_of_one_repository_leaves_the_others() {
    let host = Host::tiny().await;
    host.stdout(&["sync", "--deadline", "1h", "--concurrency", "1"]);
    let name = a_repository(&host);
    let report = host.json(&["sync", "--repository", &name, "--json"]);
    let asked = report["feeds"].as_array().unwrap().len() as u64 + report["unchanged"].as_u64().unwrap();
    assert!((1..=4).contains(&asked), "{report:#}");
    let output = host.run(&["sync", "--repository", "acme/nothing-like-it"]);
    assert_eq!(output.status.code(), Some(3));
    for wrong in [["--deadline", "soon"], ["--concurrency", "0"]] {
        let output = host.run(&[&["sync"], &wrong[..]].concat());
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_time_and_with_the_limit_used_up_a_sync_says_so_and_is_no_failure() {
    let host = Host::tiny().await;
    let told = host.stdout(&["sync", "--deadline", "1s"]);
    assert!(told.contains("The time was up"), "{told}");
    host.github.inject(used_up(), When::always());
    let told = host.stdout(&["sync"]);
    assert!(
        told.contains("limit is used up until") && told.contains("devmetrics backfill"),
        "{told}"
    );
    host.github.clear_faults();
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_backfill_waits_for_the_limit_says_so_and_ends_at_sigterm() {
    let host = Host::tiny().await;
    host.github.inject(used_up(), When::always());
    let mut command = host.command(&["backfill"]);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let id = child.id().to_string();
    let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap());
    let asked = async {
        while host.github.log().is_empty() {
            tokio::task::yield_now().await;
        }
        pause(Duration::from_millis(700)).await;
    };
    tokio::time::timeout(Duration::from_secs(20), asked)
        .await
        .unwrap();
    let sent = std::process::Command::new("kill")
        .args(["-TERM", &id])
        .status()
        .unwrap();
    assert!(sent.success());
    let output = output.await.unwrap();
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{error}");
    assert!(
        error.contains("waiting until") && error.contains(" UTC: "),
        "{error}"
    );
    assert!(error.contains("stopping after the current page"), "{error}");
}

async fn pause(time: Duration) {
    tokio::time::timeout(time, std::future::pending::<()>())
        .await
        .unwrap_err();
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_tells_what_the_token_sees_what_is_missing_and_what_that_costs() {
    let host = Host::tiny().await;
    let told = host.stdout(&["doctor"]);
    for word in [
        "classic token of",
        "of 5000 points an hour",
        "acme: 2 repositories",
    ] {
        assert!(told.contains(word), "`{word}` is not in:\n{told}");
    }
    let mut token = Token::classic("canary", TOKEN, host.viewer);
    token.kind = TokenKind::Classic(vec!["public_repo".to_owned()]);
    host.github.put_token(token);
    let output = host.run(&["doctor"]);
    let told = text(&output.stdout);
    for word in ["teams cannot be read", "read:org", "roster by hand"] {
        assert!(told.contains(word), "`{word}` is not in:\n{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn login_by_code_keeps_a_token_that_sync_uses_and_logout_forgets_it() {
    let host = Host::tiny().await;
    host.configure("login = true");
    let run = |arguments: &[&str]| {
        let mut command = host.command(arguments);
        command.env_remove("GITHUB_TOKEN");
        command.output().unwrap()
    };
    let output = run(&["sync"]);
    assert_eq!(output.status.code(), Some(5));
    assert!(text(&output.stderr).contains("devmetrics login"));
    let output = run(&["login"]);
    assert_eq!(output.status.code(), Some(2));
    for word in [
        "register an OAuth App",
        "Device Flow",
        "DEVMETRICS_GITHUB_CLIENT_ID",
    ] {
        assert!(text(&output.stderr).contains(word), "{}", text(&output.stderr));
    }

    host.github
        .script_device_flow([DeviceAnswer::Granted(host.viewer)]);
    let mut command = host.command(&["login"]);
    let output = command
        .env("DEVMETRICS_GITHUB_CLIENT_ID", "Iv1.abc")
        .output()
        .unwrap();
    let told = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    for word in [
        "/login/device",
        "FAKE-0001",
        "Logged in to 127.0.0.1",
        ".config/devmetrics/",
    ] {
        assert!(told.contains(word), "`{word}` is not in:\n{told}");
    }
    let file = told
        .split("is kept in ")
        .nth(1)
        .unwrap()
        .split(',')
        .next()
        .unwrap();
    let token = std::fs::read_to_string(file).unwrap();
    assert!(!told.contains(token.trim()) && !text(&output.stderr).contains(token.trim()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            std::fs::metadata(file).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    assert!(run(&["sync"]).status.success());
    assert!(run(&["logout"]).status.success());
    assert_eq!(run(&["sync"]).status.code(), Some(5));

    host.github.script_device_flow([DeviceAnswer::Denied]);
    let output = run(&["login", "--client-id", "Iv1.abc"]);
    assert_eq!(output.status.code(), Some(5), "{}", text(&output.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn init_for_an_owner_writes_what_doctor_then_understands() {
    let host = Host::tiny().await;
    std::fs::create_dir(host.world.path("new")).unwrap();
    let told = host.stdout(&["--config", "new/devmetrics.toml", "init", "--github", "acme"]);
    assert!(
        told.contains("GITHUB_TOKEN") && told.contains("sync --plan"),
        "{told}"
    );
    let written = std::fs::read_to_string(host.world.path("new/devmetrics.toml")).unwrap();
    assert!(written.contains("owners = [\"acme\"]"), "{written}");
    // The address is the only thing that an invented GitHub has not in common with the real one.
    let local = format!("{written}host = '{}'\n", host.server.base_url());
    host.world.write("new/devmetrics.toml", &local);
    host.stdout(&["--config", "new/devmetrics.toml", "doctor"]);
    let output = host.run(&["--config", "other.toml", "init", "--github", "acme/web"]);
    assert_eq!(output.status.code(), Some(2));
}

#[cfg(feature = "demo")]
#[tokio::test(flavor = "multi_thread")]
async fn the_demo_needs_nothing_and_shows_teams_phases_and_what_it_cost() {
    let world = support::World::empty();
    let told = world.stdout(&["--database", "sqlite:demo.db", "demo"]);
    for word in [
        "points per 1,000",
        "velocity",
        "pickup time",
        "review time",
        "change lead time",
        "engineering",
        "devmetrics --database sqlite:demo.db explain",
    ] {
        assert!(told.contains(word), "`{word}` is not in:\n{told}");
    }
    let status = world.json(&["--database", "sqlite:demo.db", "status", "--json"]);
    assert!(status.as_array().unwrap().len() > 4);
}
