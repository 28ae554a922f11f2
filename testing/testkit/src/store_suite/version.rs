//! Laws of the version of the data.

use std::sync::Arc;

use devmetrics_core::metric::{Extent, SampleQuery};
use devmetrics_core::model::{Checkpoint, Roster};
use devmetrics_core::store::MetricsStore;

use super::key::stored_key;
use crate::builders::*;

type Store = Arc<dyn MetricsStore>;

/// With every kind of write that may change an answer.
pub async fn the_version_moves_with_every_change(store: Store) {
    let mut last = store.version().await.unwrap();
    let mut moved = async |what: &str| {
        let now = store.version().await.unwrap();
        assert!(now > last, "{what}: {last}, then {now}");
        last = now;
    };
    let mut page = batch(feed("changes"), None, "a");
    page.pull_requests = vec![pull_request(1)];
    store.commit(page).await.unwrap();
    moved("commit").await;
    store.commit(batch(feed("deployments"), None, "a")).await.unwrap();
    moved("commit of another feed").await;
    let read = [(feed("changes"), Checkpoint("a".into()))];
    store.confirm(&read, day(50)).await.unwrap();
    moved("confirm").await;
    let web = vec![attributed(1, vec![share("web")])];
    assert_eq!(store.attribute(web, REVISION).await.unwrap(), 1);
    moved("attribute").await;
    ship(&*store, &repository().id, vec![shipment(0, 1, 1)])
        .await
        .unwrap();
    moved("ship").await;
    store.set_roster(&Roster::default(), day(1)).await.unwrap();
    moved("set_roster").await;
}

/// However long one looks, and whatever else is written.
pub async fn the_version_lies_still_when_nothing_changes(store: Store) {
    let mut page = batch(feed("changes"), None, "a");
    page.pull_requests = vec![pull_request(1)];
    page.attributions = vec![attributed(1, vec![share("web")])];
    store.commit(page).await.unwrap();
    let read = [(feed("changes"), Checkpoint("a".into()))];
    store.confirm(&read, day(50)).await.unwrap();
    let before = store.version().await.unwrap();

    let lease = store.lease("git", "acme", "one", day(0), day(10)).await.unwrap();
    store.release(&lease.unwrap()).await.unwrap();
    store.confirm(&read, day(49)).await.unwrap();
    store
        .confirm(&[(feed("changes"), Checkpoint("b".into()))], day(60))
        .await
        .unwrap();
    store.commit(batch(feed("changes"), None, "z")).await.unwrap_err();
    let web = vec![attributed(1, vec![share("web")])];
    assert_eq!(store.attribute(web, REVISION).await.unwrap(), 0);
    store.pack().await.unwrap();
    let key = stored_key(1);
    store.add_key(&key).await.unwrap();
    store.touch_key(&key.key.id, day(3)).await.unwrap();
    store.revoke_key(&key.key.id, day(4)).await.unwrap();
    let query = SampleQuery {
        extent: Extent::All,
        window: days(0, 9),
        open: true,
        places: Vec::new(),
    };
    assert_eq!(store.pull_request_samples(&query).await.unwrap().len(), 1);
    store.coverage(&Extent::All).await.unwrap();
    store.repositories().await.unwrap();
    assert_eq!(store.version().await.unwrap(), before);
}

/// Whoever writes beside whom, none of their moves is lost.
pub async fn writes_at_once_all_move_the_version(store: Store) {
    let writes: Vec<_> = (0..12)
        .map(|n| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let name = format!("acme/{n}");
                let mut of = feed("changes");
                of.scope = named_repository(&name).id.to_string();
                let mut page = batch(of, None, "a");
                page.repositories = vec![named_repository(&name)];
                store.commit(page).await.unwrap();
            })
        })
        .collect();
    for write in writes {
        write.await.unwrap();
    }
    assert_eq!(store.version().await.unwrap(), 12);
}
