//! Laws of leases.

use std::sync::Arc;

use chrono::TimeDelta;
use devmetrics_core::ErrorKind;
use devmetrics_core::model::Roster;
use devmetrics_core::store::{Batch, Lease, MetricsStore};

use super::commit::{an_empty_store_knows_nothing, applied, quarantined};
use crate::builders::*;

type Store = Arc<dyn MetricsStore>;

/// Asks for `acme` on day `now` for ten days.
async fn ask(store: &Store, owner: &str, now: u32) -> Option<Lease> {
    store
        .lease("github", "acme", owner, day(now), day(now + 10))
        .await
        .unwrap()
}

/// A page with something of everything, under a lease.
fn page(lease: &Lease) -> Batch {
    let mut page = batch(feed("changes"), None, "a");
    page.lease = Some(lease.clone());
    page.pull_requests = vec![pull_request(1)];
    page.incidents = vec![incident(1)];
    page.observed = Some(Roster::default());
    page.quarantined = vec![quarantined("r1", "bad", 1)];
    page
}

/// Who has it gets it again; others have to wait; other scopes are free.
pub async fn a_scope_has_one_holder(store: Store) {
    let held = ask(&store, "one", 0).await.unwrap();
    assert_eq!((held.source.as_str(), held.scope.as_str()), ("github", "acme"));
    assert_eq!(held.until, day(10));
    assert_eq!(ask(&store, "two", 1).await, None);
    let again = ask(&store, "one", 5).await.unwrap();
    assert_eq!((again.fence, again.until), (held.fence, day(15)));
    assert_eq!(ask(&store, "two", 11).await, None);
    for (source, scope) in [("github", "other"), ("gitlab", "acme")] {
        let other = store.lease(source, scope, "two", day(1), day(2)).await.unwrap();
        assert!(other.is_some(), "{source}/{scope}");
    }
}

/// At its end, and not a second before; whoever takes it then has a higher fence, even who had it.
pub async fn a_lease_that_ended_is_free(store: Store) {
    let first = ask(&store, "one", 0).await.unwrap();
    let before = day(10) - TimeDelta::seconds(1);
    let early = store.lease("github", "acme", "two", before, day(20)).await;
    assert_eq!(early.unwrap(), None);
    let second = ask(&store, "two", 10).await.unwrap();
    assert!(second.fence > first.fence);
    assert_eq!(ask(&store, "one", 11).await, None);
    let third = ask(&store, "two", 20).await.unwrap();
    assert!(third.fence > second.fence);
}

/// Only who has it can give it back.
pub async fn a_lease_given_back_is_free(store: Store) {
    let first = ask(&store, "one", 0).await.unwrap();
    store.release(&first).await.unwrap();
    let second = ask(&store, "two", 1).await.unwrap();
    assert!(second.fence > first.fence);
    store.release(&first).await.unwrap();
    assert_eq!(ask(&store, "one", 2).await, None);
    store.release(&second).await.unwrap();
    store.release(&second).await.unwrap();
    let third = ask(&store, "two", 3).await.unwrap();
    assert!(third.fence > second.fence);
}

/// However late it comes, and whatever became of the lease.
pub async fn nothing_is_written_under_a_lease_that_was_lost(store: Store) {
    let first = ask(&store, "one", 0).await.unwrap();
    let never = Lease {
        scope: "other".into(),
        ..first.clone()
    };
    let second = ask(&store, "two", 10).await.unwrap();
    for lost in [&first, &never] {
        let error = store.commit(page(lost)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict);
        let words = format!("github/{}", lost.scope);
        assert!(error.message().contains(&words), "{error}");
        an_empty_store_knows_nothing(Arc::clone(&store)).await;
    }
    assert_eq!(store.commit(page(&second)).await.unwrap(), applied(3, 0, 0, 0));

    store.release(&second).await.unwrap();
    let mut late = page(&second);
    late.expected = Some(late.next.clone());
    let error = store.commit(late).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    // It did not come to life again.
    assert!(ask(&store, "one", 11).await.is_some());
}

/// To where it says, never back, and only if the page is applied.
pub async fn a_commit_extends_its_lease(store: Store) {
    let mut lease = ask(&store, "one", 0).await.unwrap();
    lease.until = day(30);
    store.commit(page(&lease)).await.unwrap();
    assert_eq!(ask(&store, "two", 20).await, None);

    lease.until = day(40);
    store.commit(page(&lease)).await.unwrap_err();
    lease.until = day(25);
    let mut next = batch(feed("changes"), Some("a"), "b");
    next.lease = Some(lease);
    store.commit(next).await.unwrap();
    assert_eq!(ask(&store, "two", 29).await, None);
    assert!(ask(&store, "two", 30).await.is_some());
}

/// However they interleave.
pub async fn of_two_who_take_a_lease_at_once_one_wins(store: Store) {
    for round in 0..4 {
        let asked: Vec<_> = ["one", "two", "three", "four"]
            .into_iter()
            .map(|owner| {
                let store = Arc::clone(&store);
                tokio::spawn(async move { ask(&store, owner, 10 * round).await })
            })
            .collect();
        let mut held = 0;
        for answer in asked {
            held += u32::from(answer.await.unwrap().is_some());
        }
        assert_eq!(held, 1, "round {round}");
    }
}
