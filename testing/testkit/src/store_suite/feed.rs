//! Laws of what a store knows of its feeds.

use std::sync::Arc;

use chrono::TimeDelta;
use devmetrics_core::model::{Checkpoint, Feed};
use devmetrics_core::store::{FeedState, MetricsStore};

use super::commit::{applied, quarantined};
use crate::builders::*;

type Store = Arc<dyn MetricsStore>;

async fn state(store: &Store, kind: &str) -> FeedState {
    let states = store.feeds().await.unwrap();
    states.into_iter().find(|state| state.feed == feed(kind)).unwrap()
}

/// Up to the page's instant, though history is still to come; a restart is not complete by it.
pub async fn who_has_caught_up_covers_the_feed(store: Store) {
    let mut page = batch(feed("pull_requests"), None, "a");
    page.caught_up = true;
    page.at = day(5);
    page.pull_requests = vec![pull_request(1)];
    store.commit(page).await.unwrap();
    assert_eq!(state(&store, "pull_requests").await.covered_to, Some(day(5)));
    let mut page = batch(feed("pull_requests"), Some("a"), "b");
    page.at = day(6);
    store.commit(page).await.unwrap();
    assert_eq!(state(&store, "pull_requests").await.covered_to, Some(day(5)));
    let mut page = batch(feed("pull_requests"), Some("b"), "c");
    page.at = day(7);
    page.caught_up = true;
    page.restart = true;
    assert_eq!(store.commit(page).await.unwrap(), applied(0, 0, 1, 0));
    assert_eq!(state(&store, "pull_requests").await.covered_to, Some(day(7)));
    assert_eq!(store.pull_requests(&[pull_request_id(1)]).await.unwrap().len(), 1);
}

/// Those that stand where they were asked; never back.
pub async fn confirmed_feeds_are_covered(store: Store) {
    for kind in ["changes", "deployments", "issues"] {
        let mut page = batch(feed(kind), None, "a");
        page.complete = kind != "issues";
        page.at = day(5);
        store.commit(page).await.unwrap();
    }
    let asked = |kind: &str, checkpoint: &str| (feed(kind), Checkpoint(checkpoint.into()));
    let all = [
        asked("changes", "a"),
        asked("deployments", "moved"),
        asked("issues", "a"),
        asked("unknown", "a"),
    ];
    store.confirm(&all, day(9)).await.unwrap();
    assert_eq!(state(&store, "changes").await.covered_to, Some(day(9)));
    assert_eq!(state(&store, "deployments").await.covered_to, Some(day(5)));
    assert_eq!(state(&store, "issues").await.covered_to, Some(day(9)));
    assert_eq!(store.feeds().await.unwrap().len(), 3);
    assert_eq!(state(&store, "changes").await.checkpoint, Checkpoint("a".into()));

    store.confirm(&all, day(8)).await.unwrap();
    assert_eq!(state(&store, "changes").await.covered_to, Some(day(9)));
    store.confirm(&[], day(10)).await.unwrap();
    assert_eq!(state(&store, "changes").await.covered_to, Some(day(9)));
}

/// An organization has many repositories, and most are quiet.
pub async fn thousands_of_feeds_are_confirmed_at_once(store: Store) {
    let feeds: Vec<_> = (0..300)
        .map(|n| Feed {
            scope: format!("github:repo:{n}"),
            ..feed("pull_requests")
        })
        .collect();
    for feed in &feeds {
        let mut page = batch(feed.clone(), None, "a");
        page.repositories.clear();
        store.commit(page).await.unwrap();
    }
    let mut asked: Vec<_> = feeds
        .into_iter()
        .map(|feed| (feed, Checkpoint("a".into())))
        .collect();
    asked[7].1 = Checkpoint("moved".into());
    asked.extend((300..5000).map(|n| {
        let scope = format!("github:repo:{n}");
        let unknown = Feed {
            scope,
            ..feed("pull_requests")
        };
        (unknown, Checkpoint("a".into()))
    }));
    store.confirm(&asked, day(9)).await.unwrap();
    let states = store.feeds().await.unwrap();
    assert_eq!(states.len(), 300);
    let covered = states.iter().filter(|state| state.covered_to == Some(day(9)));
    assert_eq!(covered.count(), 299);
}

/// The source does not say it with every page.
pub async fn a_total_is_kept_until_another_is_told(store: Store) {
    let mut expected = None;
    for (round, (told, known)) in [
        (None, None),
        (Some(7), Some(7)),
        (None, Some(7)),
        (Some(0), Some(0)),
    ]
    .into_iter()
    .enumerate()
    {
        let next = round.to_string();
        let mut page = batch(feed("changes"), expected.as_deref(), &next);
        page.total = told;
        store.commit(page).await.unwrap();
        assert_eq!(state(&store, "changes").await.total, known, "round {round}");
        expected = Some(next);
    }
    let mut page = batch(feed("issues"), None, "a");
    page.total = Some(9);
    store.commit(page).await.unwrap();
    assert_eq!(state(&store, "issues").await.total, Some(9));
}

/// Pull requests, deployments and incidents, by the feed that brought them last.
pub async fn a_feed_counts_what_is_stored_of_it(store: Store) {
    let mut page = batch(feed("changes"), None, "a");
    page.pull_requests = vec![pull_request(1), pull_request(2), pull_request(3)];
    page.deployments = vec![deployment(1)];
    store.commit(page).await.unwrap();
    let mut page = batch(feed("issues"), None, "a");
    page.incidents = vec![incident(1), incident(2)];
    page.pull_requests = vec![pull_request(3)];
    store.commit(page).await.unwrap();
    assert_eq!(state(&store, "changes").await.stored, 3);
    assert_eq!(state(&store, "issues").await.stored, 3);
    let mut page = batch(feed("issues"), Some("a"), "b");
    page.removed_incidents = vec![incident_id(1)];
    page.removed_deployments = vec![deployment_id(1)];
    store.commit(page).await.unwrap();
    assert_eq!(state(&store, "changes").await.stored, 2);
    assert_eq!(state(&store, "issues").await.stored, 2);
}

/// Of this feed, and not those that this very page sets aside.
pub async fn understood_records_leave_the_quarantine(store: Store) {
    let mut page = batch(feed("changes"), None, "a");
    let mut other = quarantined("r1", "bad", 1);
    other.feed = feed("deployments");
    page.quarantined = vec![
        quarantined("r1", "bad", 1),
        quarantined("r2", "bad", 1),
        quarantined("r3", "bad", 1),
        other.clone(),
    ];
    store.commit(page).await.unwrap();
    let mut again = quarantined("r3", "worse", 2);
    again.at = day(1) + TimeDelta::hours(1);
    let mut page = batch(feed("changes"), Some("a"), "b");
    page.understood = vec!["r1".into(), "r3".into(), "never".into()];
    page.quarantined = vec![again.clone()];
    store.commit(page).await.unwrap();
    assert_eq!(
        store.quarantine(10).await.unwrap(),
        [quarantined("r2", "bad", 1), other, again]
    );
    assert_eq!(state(&store, "changes").await.quarantined, 2);
}
