//! Laws of `commit`.

use std::sync::Arc;

use chrono::TimeDelta;
use devmetrics_core::model::Pause;
use devmetrics_core::model::{
    Actor, Checkpoint, DeploymentStatus, Landing, Milestones, RawRecord, Roster, Team, Verdict,
};
use devmetrics_core::store::{Applied, FeedState, MetricsStore, Quarantined};
use devmetrics_core::{ErrorKind, Id};
use serde_json::json;

use crate::builders::*;

type Store = Arc<dyn MetricsStore>;

/// The counts of a commit.
pub(super) fn applied(inserted: u64, updated: u64, unchanged: u64, removed: u64) -> Applied {
    Applied {
        inserted,
        updated,
        unchanged,
        removed,
    }
}

/// A store that knows nothing says so.
pub async fn an_empty_store_knows_nothing(store: Store) {
    assert_eq!(store.checkpoint(&feed("changes")).await.unwrap(), None);
    assert_eq!(store.feeds().await.unwrap(), []);
    assert_eq!(store.quarantine(10).await.unwrap(), []);
    assert_eq!(store.roster().await.unwrap(), None);
    assert_eq!(store.repositories().await.unwrap(), []);
    assert_eq!(store.pull_requests(&[pull_request_id(1)]).await.unwrap(), []);
    assert_eq!(store.deployments(&repository().id, None).await.unwrap(), []);
    assert_eq!(store.incidents(&repository().id).await.unwrap(), []);
    assert_eq!(store.observed_rosters().await.unwrap(), []);
    assert_eq!(store.unattributed("r", 10).await.unwrap(), []);
}

/// Facts, checkpoint and counts.
pub async fn a_batch_is_applied_with_its_checkpoint(store: Store) {
    let mut page = batch(feed("changes"), None, "a");
    page.pull_requests = vec![pull_request(2), pull_request(1)];
    page.deployments = vec![deployment(1)];
    page.covered_from = Some(day(0));
    assert_eq!(store.commit(page).await.unwrap(), applied(4, 0, 0, 0));
    assert_eq!(
        store.checkpoint(&feed("changes")).await.unwrap(),
        Some(Checkpoint("a".into()))
    );
    assert_eq!(store.checkpoint(&feed("deployments")).await.unwrap(), None);
    let state = FeedState {
        feed: feed("changes"),
        checkpoint: Checkpoint("a".into()),
        covered_from: Some(day(0)),
        covered_to: None,
        quarantined: 0,
        stored: 3,
        total: None,
    };
    assert_eq!(store.feeds().await.unwrap(), [state]);

    let ids = [
        pull_request_id(2),
        pull_request_id(9),
        pull_request_id(1),
        pull_request_id(2),
    ];
    let stored = store.pull_requests(&ids).await.unwrap();
    let facts: Vec<_> = stored.into_iter().map(|stored| stored.pull_request).collect();
    assert_eq!(facts, [pull_request(1), pull_request(2)]);
    assert_eq!(
        store.deployments(&repository().id, None).await.unwrap(),
        [deployment(1)]
    );
}

/// No field of a fact is lost or mixed up with another.
pub async fn every_field_comes_back(store: Store) {
    let mut full = pull_request(1);
    full.url = Some("https://example.com/1".into());
    full.author = Actor {
        bot: true,
        ..person("eve")
    };
    full.co_authors = vec![
        person("bob"),
        Actor {
            name: Some("Only Name".into()),
            ..Actor::default()
        },
    ];
    full.base_branch = "release".into();
    full.landing = Some(Landing::PlainMerge);
    full.milestones = Milestones {
        first_commit_at: Some(day(1)),
        opened_at: Some(day(2)),
        ready_at: Some(day(3)),
        first_review_at: Some(day(4)),
        approved_at: Some(day(5)),
        merged_at: Some(day(6)),
        closed_at: Some(day(7)),
        pauses: vec![
            Pause {
                from: day(2),
                to: Some(day(3)),
            },
            Pause {
                from: day(5),
                to: None,
            },
        ],
        review_rounds: Some(2),
        self_merged: Some(true),
    };
    full.first_commit_estimated = true;
    full.first_commit = Some("f1".into());
    full.position = Some(11);
    full.draft = true;
    full.labels = vec!["bug".into(), "\"q\"".into()];
    full.closes = vec![incident_id(1), incident_id(2)];
    full.comments = Some(16);
    full.commits = Some(12);
    full.additions = Some(13);
    full.deletions = Some(14);
    full.changed_files = Some(15);
    full.reverts = vec!["r1".into(), "r2".into()];
    full.cherry_picked_from = vec!["c1".into()];
    let mut bare = pull_request(2);
    bare.number = None;
    bare.author = Actor::default();
    bare.landing = Some(Landing::Unknown);
    bare.milestones = Milestones::default();
    bare.landing_commit = None;
    bare.position = None;
    bare.commits = None;
    bare.additions = None;
    bare.deletions = None;
    bare.changed_files = None;
    let mut failed = deployment(1);
    failed.environment = "staging".into();
    failed.status = DeploymentStatus::Failure;
    failed.committed_at = Some(day(49));
    failed.contains_to = None;
    failed.creator = Actor {
        bot: true,
        ..Actor::default()
    };
    failed.url = Some("https://example.com/v1".into());
    failed.updated_at = day(50);
    let mut known = repository();
    known.default_branch = None;
    known.url = Some("https://example.com".into());
    known.partial_history = true;
    known.archived = true;
    known.unreachable_since = Some(day(60));

    let mut page = batch(feed("changes"), None, "a");
    page.repositories = vec![known.clone()];
    page.pull_requests = vec![full.clone(), bare.clone()];
    page.deployments = vec![failed.clone(), deployment(2)];
    store.commit(page).await.unwrap();

    let stored = store
        .pull_requests(&[full.id.clone(), bare.id.clone()])
        .await
        .unwrap();
    assert_eq!(stored[0].pull_request, full);
    assert_eq!(stored[1].pull_request, bare);
    assert!(
        stored
            .iter()
            .all(|s| !s.bot && s.shares.is_empty() && s.deployment.is_none())
    );
    assert!(
        stored
            .iter()
            .all(|s| s.deployed_at.is_none() && s.matched.is_none())
    );
    assert_eq!(
        store.deployments(&repository().id, None).await.unwrap(),
        [failed, deployment(2)]
    );
    let repositories = store.repositories().await.unwrap();
    assert_eq!(repositories.len(), 1);
    assert_eq!(repositories[0].repository, known);
}

/// Quotes, line ends, signs beyond the first plane.
pub async fn any_text_survives(store: Store) {
    let mut odd = pull_request(1);
    odd.title = "'; DROP TABLE feeds; -- \"q\" \\ \\u0041 \t\n 🦀 ﷽ \u{202e}".into();
    odd.author.name = Some("Zoë \"Zed\" O'Neil".into());
    odd.reverts = vec!["\"".into(), "\\".into()];
    let mut page = batch(feed("changes"), None, "check'\"point 🦀");
    page.pull_requests = vec![odd.clone()];
    store.commit(page).await.unwrap();
    let stored = store.pull_requests(&[odd.id.clone()]).await.unwrap();
    assert_eq!(stored[0].pull_request, odd);
    let checkpoint = store.checkpoint(&feed("changes")).await.unwrap();
    assert_eq!(checkpoint, Some(Checkpoint("check'\"point 🦀".into())));
}

/// A store may not be able to hold NUL, but must not stop at one, nor take the same text for another.
pub async fn a_nul_stops_nothing(store: Store) {
    let nul = |text: &str| text == "a\0b" || text == "a\u{fffd}b";
    let mut odd = pull_request(1);
    odd.title = "a\0b".into();
    odd.labels = vec!["a\0b".into()];
    let mut activity = activity(1, "bob", Verdict::Approved);
    activity.reviews[0].author.name = Some("a\0b".into());
    odd.activity = Some(activity);
    let mut outage = incident(1);
    outage.title = "a\0b".into();
    let mut refused = quarantined("r1", "a\0b", 1);
    refused.record.payload = json!({ "a\0b": ["a\0b"] });
    let team = Team {
        id: Id::new("web"),
        name: "a\0b".into(),
        zone: None,
        parents: Vec::new(),
    };
    let mut page = batch(feed("changes"), None, "a");
    page.pull_requests = vec![odd.clone()];
    page.incidents = vec![outage];
    page.quarantined = vec![refused];
    page.observed = Some(Roster {
        teams: vec![team],
        ..Roster::default()
    });
    assert_eq!(store.commit(page.clone()).await.unwrap(), applied(3, 0, 0, 0));
    page.expected = Some(page.next.clone());
    assert_eq!(store.commit(page).await.unwrap(), applied(0, 0, 3, 0));

    let stored = store
        .pull_requests(&[odd.id])
        .await
        .unwrap()
        .remove(0)
        .pull_request;
    assert!(nul(&stored.title) && nul(&stored.labels[0]), "{stored:?}");
    let author = stored.activity.unwrap().reviews.remove(0).author;
    assert!(nul(&author.name.unwrap()));
    assert!(nul(&store.incidents(&repository().id).await.unwrap()[0].title));
    let kept = store.quarantine(1).await.unwrap().remove(0);
    assert!(nul(&kept.error), "{kept:?}");
    let (key, value) = kept.record.payload.as_object().unwrap().iter().next().unwrap();
    assert!(nul(key) && nul(value[0].as_str().unwrap()), "{kept:?}");
    let observed = store.observed_rosters().await.unwrap().remove(0);
    assert!(nul(&observed.roster.teams[0].name));
}

/// Repeats are allowed, and cost nothing.
pub async fn the_same_batch_again_changes_nothing(store: Store) {
    let mut page = batch(feed("changes"), None, "a");
    page.pull_requests = vec![pull_request(1), pull_request(2)];
    page.deployments = vec![deployment(1)];
    page.attributions = vec![
        attributed(1, vec![share("web")]),
        attributed_deployment(1, vec![share("web")]),
    ];
    store.commit(page.clone()).await.unwrap();
    let before = store
        .pull_requests(&[pull_request_id(1), pull_request_id(2)])
        .await
        .unwrap();
    ship(&*store, &repository().id, Vec::new()).await;

    page.expected = Some(page.next.clone());
    assert_eq!(store.commit(page).await.unwrap(), applied(0, 0, 4, 0));
    assert_eq!(
        store
            .pull_requests(&[pull_request_id(1), pull_request_id(2)])
            .await
            .unwrap(),
        before
    );
    assert!(!store.repositories().await.unwrap()[0].unmatched);
}

/// Pages may come in any order.
pub async fn an_older_version_never_overwrites_a_newer_one(store: Store) {
    let mut newer = pull_request(1);
    newer.title = "newer".into();
    newer.updated_at += TimeDelta::seconds(1);
    let mut deployed = deployment(1);
    deployed.reference = "newer".into();
    deployed.updated_at += TimeDelta::seconds(1);
    let mut page = batch(feed("changes"), None, "a");
    page.pull_requests = vec![newer.clone()];
    page.deployments = vec![deployed.clone()];
    store.commit(page).await.unwrap();

    let mut page = batch(feed("changes"), Some("a"), "b");
    page.pull_requests = vec![pull_request(1)];
    page.deployments = vec![deployment(1)];
    assert_eq!(store.commit(page).await.unwrap(), applied(0, 0, 3, 0));
    assert_eq!(
        store.pull_requests(&[newer.id.clone()]).await.unwrap()[0].pull_request,
        newer
    );
    assert_eq!(
        store.deployments(&repository().id, None).await.unwrap(),
        [deployed]
    );
}

/// A source whose clock does not tell versions apart.
pub async fn of_equal_versions_the_later_commit_wins(store: Store) {
    let mut page = batch(feed("changes"), None, "a");
    page.pull_requests = vec![pull_request(1), pull_request(2)];
    page.deployments = vec![deployment(1)];
    store.commit(page).await.unwrap();
    let (mut renamed, mut moved) = (pull_request(1), deployment(1));
    renamed.title = "renamed".into();
    moved.contains_to = None;
    let mut page = batch(feed("changes"), Some("a"), "b");
    page.pull_requests = vec![renamed.clone(), pull_request(2), pull_request(3)];
    page.deployments = vec![moved.clone()];
    assert_eq!(store.commit(page).await.unwrap(), applied(1, 2, 2, 0));
    assert_eq!(
        store.pull_requests(&[renamed.id.clone()]).await.unwrap()[0].pull_request,
        renamed
    );
    assert_eq!(store.deployments(&repository().id, None).await.unwrap(), [moved]);
}

/// A page may hold one record twice.
pub async fn of_one_batch_the_newest_version_is_kept(store: Store) {
    let with = |title: &str, later: i64| {
        let mut fact = pull_request(1);
        fact.title = title.into();
        fact.updated_at += TimeDelta::seconds(later);
        fact
    };
    let mut page = batch(feed("changes"), None, "a");
    page.pull_requests = vec![
        with("old", 0),
        with("first", 9),
        with("last", 9),
        with("older", 1),
    ];
    page.attributions = vec![
        attributed(1, vec![share("web")]),
        attributed(1, vec![share("api")]),
    ];
    page.repositories = vec![repository(), repository()];
    assert_eq!(store.commit(page).await.unwrap(), applied(2, 0, 0, 0));
    let stored = store
        .pull_requests(&[pull_request_id(1)])
        .await
        .unwrap()
        .remove(0);
    assert_eq!(stored.pull_request.title, "last");
    assert_eq!(stored.shares, [share("api")]);
}

/// A second collector of a feed is told, and nothing of its page stays.
pub async fn another_expected_checkpoint_is_a_conflict_and_applies_nothing(store: Store) {
    let mut page = batch(feed("changes"), None, "a");
    page.pull_requests = vec![pull_request(1)];
    store.commit(page).await.unwrap();
    for expected in [None, Some("z")] {
        let mut page = batch(feed("changes"), expected, "b");
        page.pull_requests = vec![pull_request(2)];
        page.restart = true;
        page.complete = true;
        let error = store.commit(page).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict);
        assert!(
            error.to_string().contains(&feed("changes").to_string()),
            "{error}"
        );
    }
    let error = store
        .commit(batch(feed("deployments"), Some("a"), "b"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert_eq!(
        store.checkpoint(&feed("changes")).await.unwrap(),
        Some(Checkpoint("a".into()))
    );
    assert_eq!(store.checkpoint(&feed("deployments")).await.unwrap(), None);
    assert_eq!(store.pull_requests(&[pull_request_id(2)]).await.unwrap(), []);
    assert_eq!(store.pull_requests(&[pull_request_id(1)]).await.unwrap().len(), 1);
}

/// After a conflict the store works on as if nothing had been.
pub async fn a_failed_batch_leaves_nothing_behind(store: Store) {
    let mut page = batch(feed("changes"), Some("never"), "b");
    page.pull_requests = vec![pull_request(1)];
    page.deployments = vec![deployment(1)];
    page.quarantined = vec![quarantined("r1", "bad", 1)];
    page.incidents = vec![incident(1)];
    page.observed = Some(Roster::default());
    store.commit(page.clone()).await.unwrap_err();
    an_empty_store_knows_nothing(Arc::clone(&store)).await;
    page.expected = None;
    assert_eq!(store.commit(page).await.unwrap(), applied(4, 0, 0, 0));
}

/// However two collectors interleave, one page is there in whole and the other is not at all.
pub async fn of_two_commits_at_once_one_wins(store: Store) {
    let mut expected = None;
    for round in 0..8 {
        let commits = [10, 11].map(|who| {
            let store = Arc::clone(&store);
            let next = format!("{round}/{who}");
            let mut page = batch(feed("changes"), expected.as_deref(), &next);
            page.pull_requests = vec![pull_request(100 * round + who)];
            tokio::spawn(async move { (next, store.commit(page).await) })
        });
        let mut won = Vec::new();
        for commit in commits {
            match commit.await.unwrap() {
                (next, Ok(_)) => won.push(next),
                (_, Err(error)) => assert_eq!(error.kind(), ErrorKind::Conflict, "{error}"),
            }
        }
        assert_eq!(won.len(), 1, "round {round}");
        let there = store
            .pull_requests(&[10, 11].map(|who| pull_request_id(100 * round + who)))
            .await
            .unwrap();
        assert_eq!(there.len(), 1, "round {round}");
        expected = won.pop();
    }
    let checkpoint = store.checkpoint(&feed("changes")).await.unwrap();
    assert_eq!(checkpoint.map(|checkpoint| checkpoint.0), expected);
}

/// Teams, bot mark and match are derived from more than the fact.
pub async fn a_changed_fact_keeps_what_was_derived_for_it(store: Store) {
    let mut page = batch(feed("changes"), None, "a");
    page.pull_requests = vec![pull_request(1)];
    page.attributions = vec![attributed(1, vec![share("web")])];
    page.attributions[0].bot = true;
    store.commit(page).await.unwrap();
    ship(&*store, &repository().id, vec![shipment(-1, 5, 5)]).await;

    let mut page = batch(feed("changes"), Some("a"), "b");
    page.pull_requests = vec![pull_request(1)];
    page.pull_requests[0].title = "renamed".into();
    assert_eq!(store.commit(page).await.unwrap(), applied(0, 1, 1, 0));
    let stored = store
        .pull_requests(&[pull_request_id(1)])
        .await
        .unwrap()
        .remove(0);
    assert_eq!(stored.pull_request.title, "renamed");
    assert!(stored.bot);
    assert_eq!(stored.shares, [share("web")]);
    assert_eq!(stored.deployment, Some(deployment_id(5)));
    assert_eq!(stored.deployed_at, Some(deployment(5).finished_at));
    assert_eq!(store.unattributed(REVISION, 10).await.unwrap(), []);
}

/// Repositories have no version: the later commit wins.
pub async fn a_changed_repository_counts_as_updated(store: Store) {
    store.commit(batch(feed("changes"), None, "a")).await.unwrap();
    let mut page = batch(feed("changes"), Some("a"), "b");
    page.repositories[0].default_branch = Some("trunk".into());
    page.repositories[0].unreachable_since = Some(day(9));
    page.repositories.push(named_repository("acme/api"));
    assert_eq!(store.commit(page).await.unwrap(), applied(1, 1, 0, 0));
    let repositories: Vec<_> = store
        .repositories()
        .await
        .unwrap()
        .into_iter()
        .map(|r| r.repository)
        .collect();
    assert_eq!(repositories[0], named_repository("acme/api"));
    assert_eq!(repositories[1].default_branch.as_deref(), Some("trunk"));
    assert_eq!(repositories[1].unreachable_since, Some(day(9)));
}

/// A record of the feed `changes` that was not understood.
pub(super) fn quarantined(id: &str, error: &str, read_on: u32) -> Quarantined {
    Quarantined {
        feed: feed("changes"),
        record: RawRecord {
            id: id.into(),
            payload: json!({ "title": ["\u{1F980}", null, 1.5] }),
        },
        error: error.into(),
        at: day(read_on),
    }
}

/// Oldest first, one row a record.
pub async fn records_set_aside_are_kept_until_they_come_again(store: Store) {
    let mut page = batch(feed("changes"), None, "a");
    page.quarantined = vec![quarantined("r2", "bad", 1), quarantined("r1", "bad", 2)];
    store.commit(page).await.unwrap();
    let kept = store.quarantine(10).await.unwrap();
    assert_eq!(kept, [quarantined("r2", "bad", 1), quarantined("r1", "bad", 2)]);
    assert_eq!(store.quarantine(1).await.unwrap(), [quarantined("r2", "bad", 1)]);

    let mut page = batch(feed("changes"), Some("a"), "b");
    page.quarantined = vec![quarantined("r2", "worse", 3)];
    store.commit(page).await.unwrap();
    let kept = store.quarantine(10).await.unwrap();
    assert_eq!(kept, [quarantined("r1", "bad", 2), quarantined("r2", "worse", 3)]);
    assert_eq!(store.feeds().await.unwrap()[0].quarantined, 2);
}

/// A deleted tag.
pub async fn removed_deployments_go(store: Store) {
    let mut page = batch(feed("deployments"), None, "a");
    page.deployments = vec![deployment(1), deployment(2), deployment(3)];
    page.attributions = vec![attributed_deployment(1, vec![share("web")])];
    store.commit(page).await.unwrap();
    let mut page = batch(feed("deployments"), Some("a"), "b");
    page.deployments = vec![deployment(3)];
    page.removed_deployments = vec![
        deployment_id(1),
        deployment_id(3),
        Id::new("never"),
        deployment_id(1),
    ];
    assert_eq!(store.commit(page).await.unwrap(), applied(0, 0, 2, 1));
    assert_eq!(
        store.deployments(&repository().id, None).await.unwrap(),
        [deployment(2), deployment(3)]
    );
    assert!(store.repositories().await.unwrap()[0].unmatched);
    // It leaves no share behind that its return would find.
    let mut page = batch(feed("deployments"), Some("b"), "c");
    page.deployments = vec![deployment(1)];
    store.commit(page).await.unwrap();
    let attributed = store
        .attribute(vec![attributed_deployment(1, vec![share("web")])], REVISION)
        .await
        .unwrap();
    assert_eq!(attributed, 1);
}
