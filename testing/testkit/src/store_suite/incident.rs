//! Laws of incidents.

use std::sync::Arc;

use chrono::TimeDelta;
use devmetrics_core::Id;
use devmetrics_core::model::Actor;
use devmetrics_core::store::MetricsStore;

use super::commit::applied;
use crate::builders::*;

type Store = Arc<dyn MetricsStore>;

/// Every field, in the order of start and id, those of the repository alone.
pub async fn incidents_come_back_in_order(store: Store) {
    let mut open = incident(1);
    open.number = None;
    open.url = Some("https://example.com/1".into());
    open.author = Actor {
        bot: true,
        ..Actor::default()
    };
    open.labels = vec!["incident".into(), "sev \"1\"".into()];
    open.started_at = day(3);
    open.resolved_at = None;
    let mut other = incident(4);
    other.repository = named_repository("acme/api").id;
    let mut page = batch(feed("issues"), None, "a");
    page.incidents = vec![incident(3), other.clone(), open.clone(), incident(2), incident(2)];
    assert_eq!(store.commit(page.clone()).await.unwrap(), applied(5, 0, 0, 0));
    assert_eq!(
        store.incidents(&repository().id).await.unwrap(),
        [incident(2), open, incident(3)]
    );
    assert_eq!(store.incidents(&other.repository).await.unwrap(), [other]);

    page.expected = Some(page.next.clone());
    assert_eq!(store.commit(page).await.unwrap(), applied(0, 0, 5, 0));
}

/// Of equal versions the later commit wins.
pub async fn an_older_incident_never_overwrites_a_newer_one(store: Store) {
    let mut newer = incident(1);
    newer.title = "newer".into();
    newer.updated_at += TimeDelta::seconds(1);
    let mut page = batch(feed("issues"), None, "a");
    page.incidents = vec![newer.clone(), incident(2)];
    store.commit(page).await.unwrap();
    let mut equal = incident(2);
    equal.resolved_at = None;
    let mut page = batch(feed("issues"), Some("a"), "b");
    page.incidents = vec![incident(1), equal.clone()];
    assert_eq!(store.commit(page).await.unwrap(), applied(0, 1, 2, 0));
    assert_eq!(store.incidents(&repository().id).await.unwrap(), [newer, equal]);
}

/// An issue that lost its label.
pub async fn removed_incidents_go(store: Store) {
    let mut page = batch(feed("issues"), None, "a");
    page.incidents = vec![incident(1), incident(2), incident(3)];
    store.commit(page).await.unwrap();
    let mut page = batch(feed("issues"), Some("a"), "b");
    page.incidents = vec![incident(3)];
    page.removed_incidents = vec![incident_id(1), incident_id(3), Id::new("never"), incident_id(1)];
    assert_eq!(store.commit(page).await.unwrap(), applied(0, 0, 2, 1));
    assert_eq!(
        store.incidents(&repository().id).await.unwrap(),
        [incident(2), incident(3)]
    );
}

/// What did not come again goes, when the feed has been read to its end.
pub async fn a_restart_removes_incidents(store: Store) {
    let mut page = batch(feed("issues"), None, "a");
    page.incidents = vec![incident(1), incident(2)];
    page.complete = true;
    store.commit(page).await.unwrap();
    let mut page = batch(feed("other"), None, "a");
    page.incidents = vec![incident(3)];
    store.commit(page).await.unwrap();

    let mut page = batch(feed("issues"), Some("a"), "b");
    page.restart = true;
    page.incidents = vec![incident(1)];
    assert_eq!(store.commit(page).await.unwrap(), applied(0, 0, 2, 0));
    let mut page = batch(feed("issues"), Some("b"), "c");
    page.complete = true;
    assert_eq!(store.commit(page).await.unwrap(), applied(0, 0, 1, 1));
    assert_eq!(
        store.incidents(&repository().id).await.unwrap(),
        [incident(1), incident(3)]
    );
}

/// No change is matched to one.
pub async fn incidents_do_not_unmatch_a_repository(store: Store) {
    store.commit(batch(feed("issues"), None, "a")).await.unwrap();
    ship(&*store, &repository().id, Vec::new()).await.unwrap();
    let before = store.repositories().await.unwrap();
    let mut page = batch(feed("issues"), Some("a"), "b");
    page.incidents = vec![incident(1)];
    store.commit(page).await.unwrap();
    let mut page = batch(feed("issues"), Some("b"), "c");
    page.removed_incidents = vec![incident_id(1)];
    store.commit(page).await.unwrap();
    assert_eq!(store.repositories().await.unwrap(), before);
    assert!(!before[0].unmatched);
}
