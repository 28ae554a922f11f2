//! What lists contain: repositories that move and vanish, ghosts, odd texts, poison, and what changes while it is read.

use chrono::TimeDelta;
use devmetrics_core::engine::Outcome;
use devmetrics_core::source::github::GithubOptions;
use devmetrics_core::store::MetricsStore;
use devmetrics_core::{ErrorKind, Id};
use fake_github::world::{MergeMethod, ReviewState};
use fake_github::{BrokenText, Fault, Poison, When};

use super::stage::{DEGRADED, Stage, failures};
use crate::harness::options;

#[tokio::test]
async fn repository_deleted_or_made_private() {
    let stage = Stage::read().await;
    let id = format!(
        "github:repo:{}",
        stage.github.world().repository(stage.web).database_id
    );
    let deployed = stage
        .store
        .deployments(&Id::new(id.as_str()), None)
        .await
        .unwrap();
    stage.github.world().delete_repository(stage.web);
    let mut unreachable = Vec::new();
    for _ in 0..3 {
        let report = stage.sync().await;
        assert_eq!(report.outcome, Outcome::Complete, "{:?}", report.failures);
        let states = stage.store.repositories().await.unwrap();
        let state = states
            .iter()
            .find(|state| state.repository.id.as_str() == id)
            .unwrap();
        unreachable.push(state.repository.unreachable_since.is_some());
        stage.pass(TimeDelta::hours(4));
    }
    assert_eq!(unreachable, [false, true, true], "it may come back at once");
    let kept = stage
        .store
        .deployments(&Id::new(id.as_str()), None)
        .await
        .unwrap();
    assert_eq!(kept, deployed, "what was collected of it stays");
    let certificates = stage.engine.certificates().await.unwrap();
    let certificate = certificates
        .iter()
        .find(|certificate| certificate.scope == id)
        .unwrap();
    assert!(
        certificate.missing[0].contains("out of the source's sight"),
        "{certificate:?}"
    );
    stage.is_true().await;
}

#[tokio::test]
async fn repository_renamed_or_transferred() {
    let stage = Stage::with(GithubOptions {
        owners: vec!["acme".to_owned(), "other".to_owned()],
        ..options()
    });
    let other = stage.github.world().add_organization("other");
    assert_eq!(stage.sync().await.outcome, Outcome::Complete);
    let before = stage.store.repositories().await.unwrap();
    {
        let mut world = stage.github.world();
        world.rename_repository(stage.api, "interface");
        world.transfer(stage.web, other);
    }
    stage.work();
    for _ in 0..3 {
        stage.pass(TimeDelta::hours(4));
        assert_eq!(stage.sync().await.outcome, Outcome::Complete);
    }
    let after = stage.store.repositories().await.unwrap();
    let ids = |states: &[devmetrics_core::store::RepositoryState]| {
        let ids = states.iter().map(|state| state.repository.id.to_string());
        ids.collect::<Vec<_>>()
    };
    assert_eq!(ids(&after), ids(&before), "the same ones");
    let mut names: Vec<_> = after.iter().map(|state| state.repository.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["acme/interface", "other/web"]);
    stage.misses_nothing().await;
    stage.heals().await;
}

#[tokio::test]
async fn archived() {
    let stage = Stage::read().await;
    stage.github.world().archive(stage.web);
    let report = stage.sync().await;
    assert_eq!(report.outcome, Outcome::Complete, "{:?}", report.failures);
    stage.is_true().await;
    let states = stage.store.repositories().await.unwrap();
    assert!(states.iter().any(|state| state.repository.archived));
    // From then on it is only asked whether there is something.
    stage.pass(TimeDelta::minutes(10));
    stage.sync().await;
    stage.pass(TimeDelta::hours(1));
    stage.github.clear_log();
    stage.sync().await;
    let counts: Vec<String> = stage.github.counts().into_keys().collect();
    assert_eq!(counts, ["Probe", "Repositories", "Teams"]);
}

#[tokio::test]
async fn empty_repository() {
    let stage = Stage::new();
    {
        let mut world = stage.github.world();
        let empty = world.add_repository(stage.acme, "empty");
        world.change_repository(empty, |repository| repository.empty = true);
    }
    let report = stage.sync().await;
    assert_eq!(report.outcome, Outcome::Complete, "{:?}", report.failures);
    stage.heals().await;
}

#[tokio::test]
async fn pull_requests_or_issues_disabled() {
    let stage = Stage::read().await;
    {
        let mut world = stage.github.world();
        world.change_repository(stage.web, |repository| repository.disabled = true);
        let quiet = world.add_repository(stage.acme, "quiet");
        world.change_repository(quiet, |repository| repository.issues_disabled = true);
    }
    let report = stage.sync().await;
    assert_eq!(report.outcome, Outcome::Complete, "{:?}", report.failures);
    let issues = stage
        .kept()
        .await
        .into_iter()
        .filter(|state| state.feed.kind == "issues");
    assert_eq!(issues.count(), 2, "none of `quiet`");
    stage.heals().await;
}

#[tokio::test]
async fn ghost_user() {
    let stage = Stage::new();
    {
        let mut world = stage.github.world();
        let ghost = world.add_user("gone");
        let id = world.open_pull_request(stage.api, ghost, "By nobody");
        world.review(id, ghost, ReviewState::Approved, 0);
        world.merge(id, ghost, MergeMethod::Squash);
        world.delete_user(ghost);
        world.advance(600);
    }
    let report = stage.sync().await;
    assert_eq!((report.outcome, report.quarantined()), (Outcome::Complete, 0));
    stage.heals().await;
}

#[tokio::test]
async fn id_beyond_32_bits() {
    let stage = Stage::new();
    let largest = {
        let world = stage.github.world();
        let largest = world
            .repository(stage.api)
            .pull_requests()
            .map(|found| found.database_id);
        largest.max().unwrap()
    };
    assert!(largest > 1 << 31, "{largest}");
    assert_eq!(stage.sync().await.outcome, Outcome::Complete);
    let id = Id::new(format!("github:pr:{largest}"));
    assert_eq!(stage.store.pull_requests(&[id]).await.unwrap().len(), 1);
    stage.heals().await;
}

#[tokio::test]
async fn odd_texts() {
    for text in [BrokenText::Nul, BrokenText::LoneSurrogate] {
        let stage = Stage::new();
        let long = "x".repeat(65_000);
        let id = {
            let mut world = stage.github.world();
            let id = world.open_pull_request(stage.api, stage.person, long.as_str());
            world.advance(600);
            world.pull_request(id).database_id
        };
        stage.github.inject(Fault::BrokenTitle(text), When::always());
        let report = stage.sync().await;
        assert_eq!((report.outcome, report.quarantined()), (Outcome::Complete, 0));
        let id = Id::new(format!("github:pr:{id}"));
        let kept = stage.store.pull_requests(&[id]).await.unwrap();
        let title = &kept[0].pull_request.title;
        assert!(
            !title.contains('\0') && title.ends_with(&long),
            "{text:?}: {} long",
            title.len()
        );
    }
}

#[tokio::test]
async fn children_that_change_while_they_are_read() {
    let stage = Stage::new();
    let id = {
        let mut world = stage.github.world();
        let id = world.open_pull_request(stage.api, stage.person, "Many commits");
        let commits = (0..230)
            .map(|n| world.new_commit(stage.person, format!("Commit {n}")))
            .collect();
        world.push(id, commits);
        world.advance(600);
        id
    };
    let person = stage.person;
    let change = Fault::change(move |world| {
        let commits = (0..150)
            .map(|n| world.new_commit(person, format!("Again {n}")))
            .collect();
        world.force_push(id, person, commits);
    });
    stage.github.inject(change, When::once().operation("Children"));
    stage.passes(2).await;
    stage.heals().await;
}

#[tokio::test]
async fn poison_pull_request() {
    for poison in [Poison::Combined, Poison::Children, Poison::Always] {
        let stage = Stage::new();
        let node_id = {
            let world = stage.github.world();
            let id = world.pull_request_ids(stage.api).nth(30).unwrap();
            id.node_id()
        };
        let fault = Fault::PoisonPullRequest {
            node_id: node_id.clone(),
            poison,
        };
        stage.github.inject(fault, When::always());
        // A run insists so often and no more; the next one goes on.
        for _ in 0..4 {
            stage.github.clear_log();
            stage.sync().await;
            assert!(
                stage.log().len() < 60,
                "{poison:?}: {} requests",
                stage.log().len()
            );
            stage.pass(TimeDelta::hours(1));
        }
        let report = stage.sync().await;
        assert_eq!(
            report.outcome,
            Outcome::Complete,
            "{poison:?}: {:?}",
            report.failures
        );
        let aside = stage.store.quarantine(9).await.unwrap();
        let lost = stage.differences().await;
        let certificates = stage.engine.certificates().await.unwrap();
        let missing: Vec<_> = certificates
            .iter()
            .flat_map(|certificate| &certificate.missing)
            .collect();
        if poison == Poison::Combined {
            assert_eq!(
                (aside.len(), lost.len(), missing.len()),
                (0, 0, 0),
                "{lost:?} {missing:?}"
            );
        } else {
            assert_eq!(aside.len(), 1, "{poison:?}: {lost:?}");
            assert_eq!(lost.len(), 2, "{poison:?}: {lost:?}: it, and how many there are");
            assert_eq!(missing, ["pull_requests: 1 records are set aside"], "{poison:?}");
        }
        // It is tried again every day, and not before.
        stage.github.clear_log();
        stage.sync().await;
        let struck = stage.log().iter().filter(|record| record.status == 502).count();
        assert_eq!(struck, 0, "{poison:?}");
        stage.heals().await;
        assert_eq!(stage.store.quarantine(9).await.unwrap(), [], "{poison:?}");
    }
}

#[tokio::test]
async fn hot_repository() {
    let stage = Stage::read().await;
    stage
        .github
        .inject(Fault::HotRepository(stage.api), When::always());
    let report = stage.sync().await;
    assert_eq!(report.outcome, Outcome::Complete, "{:?}", report.failures);
    assert!(stage.log().len() < 25, "{}: it is not chased", stage.log().len());
    stage.heals().await;
}

#[tokio::test]
async fn clock_skew() {
    for seconds in [-3_600, 3_600] {
        let stage = Stage::read().await;
        stage.github.inject(Fault::ClockSkew { seconds }, When::always());
        let report = stage.sync().await;
        assert_eq!(
            report.outcome,
            Outcome::Complete,
            "{seconds}: {:?}",
            report.failures
        );
        stage.work();
        stage.pass(TimeDelta::minutes(10));
        let report = stage.sync().await;
        assert_eq!(
            report.outcome,
            Outcome::Complete,
            "{seconds}: {:?}",
            report.failures
        );
        stage.is_true().await;
        stage.heals().await;
    }
}

#[tokio::test]
async fn page_numbers_422() {
    // A list of REST is followed by `Link`. One that cannot be is asked for once, and said.
    let stage = Stage::installed();
    stage.github.inject(Fault::PageNumbers, When::always());
    let report = stage.sync().await;
    assert_eq!(report.outcome, DEGRADED);
    assert_eq!(failures(&report), [("source".to_owned(), ErrorKind::Unsupported)]);
    assert_eq!(stage.log().len(), 1);
    stage.heals().await;
}
