//! Lists of facts by pages: all of them, once, newest first.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;

use devmetrics_core::engine::{ListQuery, Place};
use devmetrics_core::metric::Scope;
use devmetrics_core::model::{DeploymentStatus, Team};
use devmetrics_core::store::{MemoryStore, MetricsStore, SqliteStore};
use devmetrics_core::{Engine, ErrorKind, Id, ManualClock, Settings};
use devmetrics_testkit::builders::*;

/// 40 changes on 20 days, 9 deployments of which two are to elsewhere, 5 incidents, and two pull requests that are open.
async fn engine(store: Arc<dyn MetricsStore>) -> Engine {
    let mut page = batch(feed("changes"), None, "a");
    page.pull_requests = (0..40)
        .map(|n| {
            let mut merged = pull_request(n);
            merged.milestones.merged_at = Some(day(n / 2 * 3));
            merged.milestones.closed_at = Some(day(n / 2 * 3));
            merged
        })
        .chain([90, 91].map(|n| {
            let mut open = pull_request(n);
            open.milestones = devmetrics_core::model::Milestones {
                opened_at: Some(day(n)),
                ..Default::default()
            };
            (open.landing, open.position, open.landing_commit) = (None, None, None);
            open
        }))
        .collect();
    page.deployments = (0..9)
        .map(|n| {
            let mut deployed = deployment(n * 7);
            if n % 4 == 3 {
                deployed.environment = "staging".into();
                deployed.status = DeploymentStatus::Failure;
            }
            deployed
        })
        .collect();
    page.incidents = (0..5).map(|n| incident(n * 11)).collect();
    page.attributions = (0..40)
        .step_by(4)
        .map(|n| attributed(n, vec![share("web")]))
        .collect();
    store.commit(page).await.unwrap();
    let roster = devmetrics_core::model::Roster {
        teams: vec![Team {
            id: Id::new("web"),
            name: "Web".into(),
            zone: None,
            parents: Vec::new(),
        }],
        ..Default::default()
    };
    store.set_roster(&roster, day(100)).await.unwrap();
    Engine::new(store, Arc::new(ManualClock::new(day(100))), Settings::default())
}

fn query(limit: usize) -> ListQuery {
    ListQuery {
        scope: Scope::All,
        window: days(0, 100),
        environment: None,
        after: None,
        limit,
    }
}

/// Every id of a list by pages of `limit`, and the sizes of the pages.
macro_rules! all {
    ($engine:expr, $list:ident, $query:expr, $id:expr) => {{
        let mut query: ListQuery = $query;
        let (mut ids, mut sizes) = (Vec::new(), Vec::new());
        loop {
            let page = $engine.$list(&query).await.unwrap();
            sizes.push(page.items.len());
            ids.extend(page.items.iter().map($id).map(|id: &str| id.to_owned()));
            match page.next {
                Some(next) => query.after = Some(next),
                None => break (ids, sizes),
            }
        }
    }};
}

async fn lists_are_whole(store: Arc<dyn MetricsStore>) {
    let engine = engine(store).await;
    let mut expected: Vec<Place> = (0..40)
        .map(|n| (day(n / 2 * 3), pull_request_id(n).to_string()))
        .collect();
    expected.sort_by(|a, b| b.cmp(a));
    let expected: Vec<String> = expected.into_iter().map(|(_, id)| id).collect();
    for limit in [1, 7, 40, 100] {
        let (ids, sizes) = all!(engine, merged_pull_requests, query(limit), |stored| stored
            .pull_request
            .id
            .as_str());
        assert_eq!(ids, expected, "by {limit}");
        assert_eq!(sizes.len(), 40_usize.div_ceil(limit), "by {limit}: {sizes:?}");
    }
    let (open, _) = all!(engine, open_pull_requests, query(1), |stored| stored
        .pull_request
        .id
        .as_str());
    assert_eq!(open, [91, 90].map(|n| pull_request_id(n).to_string()));
    let (deployed, _) = all!(engine, deployments, query(2), |deployment| deployment.id.as_str());
    assert_eq!(deployed.len(), 9);
    let (incidents, _) = all!(engine, incidents, query(2), |incident| incident.id.as_str());
    assert_eq!(incidents.len(), 5);

    let of_web = ListQuery {
        scope: Scope::Team(Id::new("web")),
        ..query(3)
    };
    let (ids, _) = all!(engine, merged_pull_requests, of_web.clone(), |stored| stored
        .pull_request
        .id
        .as_str());
    assert_eq!(ids.len(), 10);
    let staging = ListQuery {
        environment: Some("staging".into()),
        window: days(20, 22),
        ..query(3)
    };
    let (ids, _) = all!(engine, deployments, staging, |deployment| deployment.id.as_str());
    assert_eq!(ids, [deployment_id(21).to_string()]);
    let nobody = ListQuery {
        scope: Scope::Team(Id::new("wed")),
        ..of_web
    };
    let error = engine.merged_pull_requests(&nobody).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.message().contains("`web`"), "{error}");
}

#[tokio::test]
async fn lists_are_whole_in_memory() {
    lists_are_whole(Arc::new(MemoryStore::new())).await;
}

#[tokio::test]
async fn lists_are_whole_in_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("lists.sqlite"), "default")
        .await
        .unwrap();
    store.migrate().await.unwrap();
    lists_are_whole(Arc::new(store)).await;
}

/// Places come from clients, who may write what they like.
#[tokio::test]
async fn after_the_last_instant_that_there_is_comes_all() {
    let engine = engine(Arc::new(MemoryStore::new())).await;
    let mut asked = query(100);
    let whole = engine.merged_pull_requests(&asked).await.unwrap().items;
    asked.after = Some((chrono::DateTime::<chrono::Utc>::MAX_UTC, "z".to_owned()));
    assert_eq!(engine.merged_pull_requests(&asked).await.unwrap().items, whole);
    assert!(!whole.is_empty());
}
