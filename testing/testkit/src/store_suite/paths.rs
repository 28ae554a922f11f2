//! Laws of the files that pull requests touch.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::TimeDelta;
use devmetrics_core::Id;
use devmetrics_core::model::{Paths, PullRequest};
use devmetrics_core::store::MetricsStore;

use super::commit::applied;
use crate::builders::*;

type Store = Arc<dyn MetricsStore>;

fn paths(files: &[&str]) -> Paths {
    Paths {
        files: files.iter().map(ToString::to_string).collect(),
        truncated: false,
    }
}

/// Pull request `n`, which touches these files.
fn touching(n: u32, files: &[&str]) -> PullRequest {
    PullRequest {
        paths: Some(paths(files)),
        ..pull_request(n)
    }
}

async fn known(store: &Store, numbers: &[u32]) -> BTreeMap<Id<PullRequest>, Paths> {
    let ids: Vec<_> = numbers.iter().map(|n| pull_request_id(*n)).collect();
    store.paths(&ids).await.unwrap()
}

/// Of those that are asked for, and of which they are known; with the whole fact, too.
pub async fn paths_come_back(store: Store) {
    let mut large = touching(2, &["a b.rs", "\"é\"/🦀"]);
    large.paths.get_or_insert_default().truncated = true;
    let mut page = batch(feed("changes"), None, "a");
    page.pull_requests = vec![
        touching(1, &["src/main.rs"]),
        large.clone(),
        pull_request(3),
        touching(4, &[]),
    ];
    assert_eq!(store.commit(page).await.unwrap(), applied(5, 0, 0, 0));
    let expected = BTreeMap::from([
        (pull_request_id(2), large.paths.clone().unwrap()),
        (pull_request_id(4), Paths::default()),
    ]);
    assert_eq!(known(&store, &[2, 3, 4, 9]).await, expected);
    assert_eq!(known(&store, &[]).await, BTreeMap::new());
    let stored = store.pull_requests(&[pull_request_id(2)]).await.unwrap();
    assert_eq!(stored[0].pull_request, large);
}

/// A source that is told to read files brings them with versions that are there already.
pub async fn other_paths_alone_are_a_change(store: Store) {
    let mut page = batch(feed("changes"), None, "a");
    page.pull_requests = vec![pull_request(1), touching(2, &["a"]), touching(3, &["a"])];
    store.commit(page).await.unwrap();
    let mut page = batch(feed("changes"), Some("a"), "b");
    page.pull_requests = vec![touching(1, &["b"]), pull_request(2), touching(3, &["a"])];
    assert_eq!(store.commit(page).await.unwrap(), applied(0, 2, 2, 0));
    let expected = BTreeMap::from([
        (pull_request_id(1), paths(&["b"])),
        (pull_request_id(3), paths(&["a"])),
    ]);
    assert_eq!(known(&store, &[1, 2, 3]).await, expected);
}

/// Pages may come in any order.
pub async fn an_older_version_brings_no_paths(store: Store) {
    let mut newer = touching(1, &["new"]);
    newer.updated_at += TimeDelta::seconds(1);
    let mut bare = pull_request(2);
    bare.updated_at += TimeDelta::seconds(1);
    let mut page = batch(feed("changes"), None, "a");
    page.pull_requests = vec![newer, bare];
    store.commit(page).await.unwrap();
    let mut page = batch(feed("changes"), Some("a"), "b");
    page.pull_requests = vec![pull_request(1), touching(2, &["old"])];
    assert_eq!(store.commit(page).await.unwrap(), applied(0, 0, 3, 0));
    let expected = BTreeMap::from([(pull_request_id(1), paths(&["new"]))]);
    assert_eq!(known(&store, &[1, 2]).await, expected);
}

/// What comes back comes back as it is then.
pub async fn removed_pull_requests_leave_no_paths(store: Store) {
    let mut page = batch(feed("changes"), None, "a");
    page.pull_requests = vec![touching(1, &["a"])];
    store.commit(page).await.unwrap();
    let mut page = batch(feed("changes"), Some("a"), "b");
    page.restart = true;
    page.complete = true;
    store.commit(page).await.unwrap();
    assert_eq!(known(&store, &[1]).await, BTreeMap::new());
    let mut page = batch(feed("changes"), Some("b"), "c");
    page.pull_requests = vec![pull_request(1)];
    store.commit(page).await.unwrap();
    assert_eq!(known(&store, &[1]).await, BTreeMap::new());
}
