//! Laws of a feed that begins anew.

use std::sync::Arc;

use devmetrics_core::store::MetricsStore;

use super::commit::{applied, quarantined};
use crate::builders::*;

type Store = Arc<dyn MetricsStore>;

async fn there(store: &Store, numbers: &[u32]) -> Vec<u32> {
    let ids: Vec<_> = numbers.iter().map(|n| pull_request_id(*n)).collect();
    let stored = store.pull_requests(&ids).await.unwrap();
    stored
        .into_iter()
        .filter_map(|stored| stored.pull_request.number?.try_into().ok())
        .collect()
}

/// A rewritten history: what is in both stays as it is, what is only in the old one goes.
pub async fn a_restart_removes_what_does_not_come_again(store: Store) {
    let mut page = batch(feed("changes"), None, "a");
    page.pull_requests = vec![pull_request(1), pull_request(2), pull_request(3)];
    page.pull_requests[2].reverts = vec![landing_commit(1)];
    page.deployments = vec![deployment(1), deployment(2)];
    page.attributions = vec![
        attributed(2, vec![share("web")]),
        attributed_deployment(1, vec![share("web")]),
    ];
    page.complete = true;
    store.commit(page).await.unwrap();
    ship(&*store, &repository().id, Vec::new()).await;

    let mut page = batch(feed("changes"), Some("a"), "b");
    page.restart = true;
    page.pull_requests = vec![pull_request(1)];
    assert_eq!(store.commit(page).await.unwrap(), applied(0, 0, 2, 0));
    assert!(!store.repositories().await.unwrap()[0].unmatched);
    let mut page = batch(feed("changes"), Some("b"), "c");
    page.pull_requests = vec![pull_request(4)];
    page.deployments = vec![deployment(2)];
    page.complete = true;
    assert_eq!(store.commit(page).await.unwrap(), applied(1, 0, 2, 3));
    assert_eq!(there(&store, &[1, 2, 3, 4]).await, [1, 4]);
    assert_eq!(
        store.deployments(&repository().id, None).await.unwrap(),
        [deployment(2)]
    );
    assert!(store.repositories().await.unwrap()[0].unmatched);
    let scope = devmetrics_core::metric::Extent::Team(devmetrics_core::Id::new("web"));
    let query = devmetrics_core::metric::SampleQuery {
        extent: scope,
        window: days(0, 50),
        open: false,
        places: Vec::new(),
    };
    assert_eq!(store.pull_request_samples(&query).await.unwrap(), []);
    assert_eq!(store.deployment_samples(&query).await.unwrap(), []);
    // The change that reverted it is gone.
    let query = devmetrics_core::metric::SampleQuery {
        extent: devmetrics_core::metric::Extent::All,
        ..query
    };
    assert_eq!(
        store.pull_request_samples(&query).await.unwrap()[0].reverted_at,
        None
    );

    // The generation is closed: the next complete page removes nothing.
    let mut page = batch(feed("changes"), Some("c"), "d");
    page.complete = true;
    assert_eq!(store.commit(page).await.unwrap(), applied(0, 0, 1, 0));
    assert_eq!(there(&store, &[1, 4]).await, [1, 4]);
}

/// Facts of other feeds are theirs.
pub async fn a_restart_does_not_touch_other_feeds(store: Store) {
    let mut page = batch(feed("changes"), None, "a");
    page.pull_requests = vec![pull_request(1), pull_request(2)];
    store.commit(page).await.unwrap();
    let mut page = batch(feed("deployments"), None, "a");
    page.deployments = vec![deployment(1)];
    // Both carry it; the last that brought it keeps it.
    page.pull_requests = vec![pull_request(2)];
    store.commit(page).await.unwrap();
    let mut page = batch(feed("changes"), Some("a"), "b");
    page.restart = true;
    page.complete = true;
    assert_eq!(store.commit(page).await.unwrap(), applied(0, 0, 1, 1));
    assert_eq!(there(&store, &[1, 2]).await, [2]);
    assert_eq!(store.deployments(&repository().id, None).await.unwrap().len(), 1);
}

/// A restart that restarts: only the last generation counts, and only at its end.
pub async fn an_interrupted_restart_removes_nothing_early(store: Store) {
    let mut page = batch(feed("changes"), None, "a");
    page.pull_requests = vec![pull_request(1), pull_request(2), pull_request(3)];
    page.complete = true;
    store.commit(page).await.unwrap();
    let mut page = batch(feed("changes"), Some("a"), "b");
    page.restart = true;
    page.pull_requests = vec![pull_request(1)];
    store.commit(page).await.unwrap();
    let mut page = batch(feed("changes"), Some("b"), "c");
    page.restart = true;
    page.pull_requests = vec![pull_request(2)];
    assert_eq!(store.commit(page).await.unwrap(), applied(0, 0, 2, 0));
    assert_eq!(there(&store, &[1, 2, 3]).await, [1, 2, 3]);
    // An older version also tells that the source still has it.
    let mut page = batch(feed("changes"), Some("c"), "d");
    page.complete = true;
    page.pull_requests = vec![pull_request(3)];
    page.pull_requests[0].updated_at = day(0);
    assert_eq!(store.commit(page).await.unwrap(), applied(0, 0, 2, 1));
    assert_eq!(there(&store, &[1, 2, 3]).await, [2, 3]);
}

/// What still cannot be understood is set aside again.
pub async fn a_restart_clears_the_quarantine_of_its_feed(store: Store) {
    let mut page = batch(feed("changes"), None, "a");
    page.quarantined = vec![quarantined("r1", "bad", 1), quarantined("r2", "bad", 1)];
    let mut other = quarantined("r1", "bad", 1);
    other.feed = feed("deployments");
    page.quarantined.push(other.clone());
    store.commit(page).await.unwrap();
    let mut page = batch(feed("changes"), Some("a"), "b");
    page.restart = true;
    page.quarantined = vec![quarantined("r2", "still bad", 2)];
    store.commit(page).await.unwrap();
    assert_eq!(
        store.quarantine(10).await.unwrap(),
        [other, quarantined("r2", "still bad", 2)]
    );
}
