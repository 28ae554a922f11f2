//! Somebody is forgotten: no trace of them is left anywhere, no number changes, and they do not come back.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod names;
mod schema;
mod world;

use std::path::PathBuf;
use std::sync::Arc;

use devmetrics_core::store::{Erased, MemoryStore, MetricsStore, PostgresStore, SqliteStore};
use devmetrics_core::{Engine, ErrorKind};
use devmetrics_testkit::store_suite::key::stored_key;
use schema::Tables;
use world::{CANARY, Numbers, World};

fn texts(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// The same on every store: `trace` searches all that it keeps, and gives where it found the canary.
async fn forgetting_leaves_no_trace(
    store: Arc<dyn MetricsStore>,
    trace: impl AsyncFn() -> Vec<String>,
    places: &[&str],
) {
    let world = World::new(Arc::clone(&store));
    let engine = world.sync().await;
    world.import(&engine).await;
    store.add_key(&stored_key(1)).await.unwrap();
    let before = Numbers::of(&engine).await;
    assert_eq!(
        trace().await,
        places,
        "the world does not name them in every place that may"
    );

    let rehearsed = engine.forget(&texts(&[CANARY]), true).await.unwrap();
    assert!(rehearsed.dry_run && rehearsed.erased == Erased::default());
    assert_eq!(trace().await, places, "a rehearsal changed something");
    let data = rehearsed.data.unwrap();
    assert_eq!(data.identity.person.handles, ["canarycat"]);
    assert_eq!(
        data.identity.person.emails,
        ["canary@mail.example", "canary@old.example"]
    );
    assert_eq!(data.identity.person.names, ["canary feline", "canary of old"]);
    assert!(data.in_settings && data.quarantined == 2 && data.memberships.len() == 2);

    let report = engine.forget(&texts(&[CANARY]), false).await.unwrap();
    assert_eq!(report.data.unwrap(), data);
    assert_eq!(report.erased.quarantined, 2);
    assert_eq!(trace().await, [""; 0], "after forgetting");
    before.assert_same(&Numbers::of(&engine).await, "after forgetting");

    // The settings still name them, and so does all that comes: also to who has not heard of it.
    for round in ["the same engine", "another engine"] {
        let engine = world.sync().await;
        world.import(&engine).await;
        assert_eq!(trace().await, [""; 0], "{round}");
        before.assert_same(&Numbers::of(&engine).await, round);
    }

    let again = engine.forget(&texts(&["@CanaryCat"]), false).await.unwrap();
    assert_eq!((again.data, again.erased), (None, Erased::default()));
    let unknown = engine.forget(&texts(&["bbo"]), false).await.unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::NotFound);
    assert!(unknown.near().contains(&"bob".to_owned()), "{unknown}");
    before.assert_same(&Numbers::of(&engine).await, "after forgetting again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_memory() {
    let store = Arc::new(MemoryStore::new());
    let kept = Arc::clone(&store);
    let trace = async move || match format!("{kept:?}").to_lowercase().contains("canary") {
        true => vec!["memory".to_owned()],
        false => Vec::new(),
    };
    forgetting_leaves_no_trace(store, trace, &["memory"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("devmetrics.sqlite");
    let store = SqliteStore::open(&path, "default").await.unwrap();
    store.migrate().await.unwrap();
    let (tables, files) = (Tables::sqlite(&path).await, files(&path));
    tables.all_are_told_of();
    let trace = async || {
        let mut found = tables.with_canary().await;
        let named = |file: &&PathBuf| std::fs::read(file).is_ok_and(|bytes| schema::has_canary(&bytes));
        // What was not read from a table is in pages that are free, or in the log.
        if found.is_empty() {
            found.extend(files.iter().filter(named).map(|file| file.display().to_string()));
        }
        found
    };
    forgetting_leaves_no_trace(Arc::new(store), trace, &schema::PEOPLE).await;
}

/// The file, and what lies beside it.
fn files(path: &std::path::Path) -> Vec<PathBuf> {
    ["", "-wal", "-shm", "-journal"]
        .map(|end| PathBuf::from(format!("{}{end}", path.display())))
        .to_vec()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgresql() {
    let Some(url) = devmetrics_testbed::postgres::database().await else {
        return;
    };
    let store = PostgresStore::connect(&url, "default").await.unwrap();
    store.migrate().await.unwrap();
    let tables = Tables::postgres(&url).await;
    tables.all_are_told_of();
    forgetting_leaves_no_trace(
        Arc::new(store),
        async || tables.with_canary().await,
        &schema::PEOPLE,
    )
    .await;
}

/// Somebody's handle is not forgotten because it was another's name, and names may be forgotten one after the other.
#[tokio::test]
async fn an_account_that_is_called_like_somebody_else_is_another() {
    let store: Arc<dyn MetricsStore> = Arc::new(MemoryStore::new());
    let world = World::new(Arc::clone(&store));
    let engine = world.sync().await;
    let named_eve = devmetrics_core::model::Person {
        names: texts(&["eve"]),
        handles: texts(&["someone"]),
        ..Default::default()
    };
    store.forget(&named_eve, engine.now()).await.unwrap();
    let data = engine.personal_data(&texts(&["eve"])).await.unwrap().unwrap();
    assert_eq!(data.identity.person.handles, ["eve"]);
    assert_eq!(engine.personal_data(&texts(&["someone"])).await.unwrap(), None);
    let rest = engine
        .personal_data(&texts(&["someone", "bob"]))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(rest.identity.person.handles, ["bob"]);
    let empty = engine.personal_data(&texts(&["@ "])).await.unwrap_err();
    assert_eq!(empty.kind(), ErrorKind::InvalidInput);
}

/// A roster that lists another of their addresses tells that what was done under it was theirs, too.
#[tokio::test]
async fn what_the_roster_says_later_is_forgotten_too() {
    let store: Arc<dyn MetricsStore> = Arc::new(MemoryStore::new());
    let world = World::new(Arc::clone(&store)).without_roster();
    let engine: Engine = world.sync().await;
    engine
        .forget(&texts(&["canary@mail.example"]), false)
        .await
        .unwrap();
    let named =
        |mentions: &[devmetrics_core::store::Mention]| format!("{mentions:?}").contains("canary@old.example");
    assert!(
        named(&store.mentions().await.unwrap()),
        "nothing tells that it is theirs"
    );
    engine.set_roster(&world::roster()).await.unwrap();
    assert!(!named(&store.mentions().await.unwrap()));
    assert!(
        !format!("{:?}", engine.roster().await.unwrap())
            .to_lowercase()
            .contains("canary")
    );
}
