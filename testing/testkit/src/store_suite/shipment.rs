//! Laws of matching changes to deployments.

use std::sync::Arc;

use devmetrics_core::matching::{Matching, Shipment};
use devmetrics_core::model::{Deployment, DeploymentMatch, PullRequest};
use devmetrics_core::store::MetricsStore;
use devmetrics_core::{Id, store::StoredPullRequest};

use crate::builders::*;

type Store = Arc<dyn MetricsStore>;
type Match = (Option<Id<Deployment>>, Option<DeploymentMatch>);

/// Pull requests 0 to 4 of `acme/web`, one without a place, and one of another repository at place 1.
async fn line(store: &Store) {
    let mut page = batch(feed("changes"), None, "a");
    page.pull_requests = (0..6).map(pull_request).collect();
    page.pull_requests[5].position = None;
    let mut elsewhere = pull_request(6);
    elsewhere.repository = named_repository("acme/api").id;
    elsewhere.position = Some(1);
    page.pull_requests.push(elsewhere);
    store.commit(page).await.unwrap();
}

async fn stored(store: &Store) -> Vec<StoredPullRequest> {
    store
        .pull_requests(&[0, 1, 2, 3, 4, 5, 6].map(pull_request_id))
        .await
        .unwrap()
}

async fn matches(store: &Store) -> Vec<Match> {
    stored(store)
        .await
        .into_iter()
        .map(|stored| (stored.deployment, stored.matched))
        .collect()
}

fn ancestry(n: u32) -> Match {
    (Some(deployment_id(n)), Some(DeploymentMatch::Ancestry))
}

const NONE: Match = (None, None);

fn baseline(after: i64, through: i64) -> Shipment {
    let matched = Some(DeploymentMatch::Baseline);
    Shipment {
        after,
        through,
        deployment: None,
        deployed_at: None,
        matched,
    }
}

/// `after < place <= through`, in one repository.
pub async fn ranges_are_shipped_by_place(store: Store) {
    line(&store).await;
    let shipments = vec![baseline(-1, 0), shipment(0, 2, 2), shipment(2, 3, 3)];
    assert_eq!(ship(&*store, &repository().id, shipments).await, Some(4));
    let censored = (None, Some(DeploymentMatch::Baseline));
    let expected = [censored, ancestry(2), ancestry(2), ancestry(3), NONE, NONE, NONE];
    assert_eq!(matches(&store).await, expected);
    assert_eq!(
        stored(&store).await[1].deployed_at,
        Some(deployment(2).finished_at)
    );
    assert_eq!(stored(&store).await[0].deployed_at, None);
}

/// Counts what differs; an earlier deployment that comes to light takes its changes.
pub async fn shipping_again_changes_nothing(store: Store) {
    line(&store).await;
    let shipments = vec![baseline(-1, 0), shipment(0, 4, 4)];
    assert_eq!(ship(&*store, &repository().id, shipments.clone()).await, Some(5));
    assert_eq!(ship(&*store, &repository().id, shipments).await, Some(0));
    let shipments = vec![baseline(-1, 0), shipment(0, 2, 2), shipment(2, 4, 4)];
    assert_eq!(ship(&*store, &repository().id, shipments).await, Some(2));
    let pending = Shipment {
        after: 2,
        through: 4,
        deployment: None,
        deployed_at: None,
        matched: None,
    };
    assert_eq!(ship(&*store, &repository().id, vec![pending]).await, Some(2));
    assert_eq!(
        matches(&store).await[1..5],
        [ancestry(2), ancestry(2), NONE, NONE]
    );
}

/// No range speaks of it.
pub async fn a_change_outside_every_range_keeps_its_match(store: Store) {
    line(&store).await;
    ship(&*store, &repository().id, vec![shipment(-1, 4, 4)]).await;
    assert_eq!(
        ship(&*store, &repository().id, vec![shipment(-1, 1, 1)]).await,
        Some(2)
    );
    assert_eq!(
        matches(&store).await[1..4],
        [ancestry(1), ancestry(4), ancestry(4)]
    );
    assert_eq!(
        ship(&*store, &Id::new("git:repo:none"), vec![shipment(-1, 4, 1)]).await,
        None
    );
}

/// From the first fact on, and again with every change; matching settles it.
pub async fn repositories_are_unmatched_when_facts_change(store: Store) {
    let unmatched = async || -> Vec<bool> {
        store
            .repositories()
            .await
            .unwrap()
            .into_iter()
            .map(|state| state.unmatched)
            .collect()
    };
    let mut page = batch(feed("changes"), None, "a");
    page.repositories.push(named_repository("acme/api"));
    page.pull_requests = vec![pull_request(1)];
    store.commit(page).await.unwrap();
    for repository in ["acme/api", "acme/web"] {
        ship(&*store, &named_repository(repository).id, Vec::new()).await;
    }
    assert_eq!(unmatched().await, [false, false]);

    let mut page = batch(feed("changes"), Some("a"), "b");
    page.pull_requests = vec![pull_request(1), pull_request(2)];
    store.commit(page).await.unwrap();
    assert_eq!(unmatched().await, [false, true]);
    ship(&*store, &repository().id, Vec::new()).await;

    let mut page = batch(feed("deployments"), None, "a");
    page.deployments = vec![deployment(1)];
    store.commit(page).await.unwrap();
    assert_eq!(unmatched().await, [false, true]);
    ship(&*store, &repository().id, Vec::new()).await;

    let mut page = batch(feed("deployments"), Some("a"), "b");
    page.removed_deployments = vec![deployment_id(1)];
    store.commit(page).await.unwrap();
    assert_eq!(unmatched().await, [false, true]);
    ship(&*store, &repository().id, Vec::new()).await;

    // A page with facts of both, of which only one changes.
    let mut page = batch(feed("changes"), Some("b"), "c");
    page.pull_requests = vec![pull_request(1), pull_request(3)];
    page.pull_requests[1].repository = named_repository("acme/api").id;
    store.commit(page).await.unwrap();
    assert_eq!(unmatched().await, [true, false]);
}

/// Another collector brought something in after the deployments were read.
pub async fn what_was_computed_from_an_older_revision_is_not_applied(store: Store) {
    line(&store).await;
    let revision = store.repositories().await.unwrap()[0].revision;
    let mut page = batch(feed("deployments"), None, "a");
    page.deployments = vec![deployment(1)];
    store.commit(page).await.unwrap();
    let before = matches(&store).await;
    let stale = store
        .ship(
            &repository().id,
            revision,
            Matching {
                shipments: vec![shipment(-1, 4, 4)],
                ..Matching::default()
            },
        )
        .await
        .unwrap();
    assert_eq!(stale, None);
    assert_eq!(matches(&store).await, before);
    let state = store.repositories().await.unwrap().remove(0);
    assert!(state.unmatched && state.revision > revision);
}

/// More changes than are matched at a time, some of them at one place where that ends.
pub async fn a_long_line_is_matched_to_its_end(store: Store) {
    let mut page = batch(feed("changes"), None, "a");
    page.pull_requests = (0..10_010u32)
        .map(|n| at_place(n, i64::from(n).clamp(0, 9_999).max(i64::from(n) - 5)))
        .collect();
    store.commit(page).await.unwrap();
    let shipments = vec![
        baseline(-1, 9_997),
        shipment(9_997, 9_999, 4),
        shipment(9_999, i64::MAX, 5),
    ];
    assert_eq!(
        ship(&*store, &repository().id, shipments.clone()).await,
        Some(10_010)
    );
    assert_eq!(ship(&*store, &repository().id, shipments).await, Some(0));
    for (n, by) in [
        (0, None),
        (9_997, None),
        (9_998, Some(4)),
        (10_004, Some(4)),
        (10_005, Some(5)),
        (10_009, Some(5)),
    ] {
        let stored = store.pull_requests(&[pull_request_id(n)]).await.unwrap();
        assert_eq!(stored[0].deployment, by.map(deployment_id), "{n}");
    }
}

/// A host that does not show the line gives seconds for places.
pub async fn places_may_lie_far_apart(store: Store) {
    let places = [1_000_000_000, 1_767_268_800, 1_767_268_800, 1_900_000_000];
    let mut page = batch(feed("pull_requests"), None, "a");
    page.pull_requests = (1u32..)
        .zip(places)
        .map(|(n, place)| at_place(n, place))
        .collect();
    store.commit(page).await.unwrap();
    let shipments = vec![
        baseline(-1, 1_000_000_000),
        shipment(1_000_000_000, 1_767_268_800, 4),
        shipment(1_767_268_800, i64::MAX, 5),
    ];
    assert_eq!(ship(&*store, &repository().id, shipments).await, Some(4));
    let ids: Vec<_> = (1u32..=4).map(pull_request_id).collect();
    let stored = store.pull_requests(&ids).await.unwrap();
    let deployments: Vec<_> = stored.into_iter().map(|stored| stored.deployment).collect();
    let (fourth, fifth) = (Some(deployment_id(4)), Some(deployment_id(5)));
    assert_eq!(deployments, [None, fourth.clone(), fourth, fifth]);
}

/// Those of one environment, where one is named; a page may end among those of one instant.
pub async fn deployments_come_in_pages(store: Store) {
    let mut page = batch(feed("deployments"), None, "a");
    page.deployments = (1..=6).rev().map(deployment).collect();
    page.deployments[3].finished_at = deployment(2).finished_at;
    page.deployments[1].environment = "staging".into();
    store.commit(page).await.unwrap();
    let id = repository().id;
    let pages = async |environment: Option<&str>| {
        let (mut pages, mut after) = (Vec::new(), None);
        loop {
            let environment = environment.map(str::to_owned);
            let page = store.deployments_page(&id, environment, after, 2).await.unwrap();
            let Some(last) = page.last() else {
                return pages;
            };
            after = Some((last.finished_at, last.id.clone()));
            pages.push(
                page.into_iter()
                    .map(|deployment| deployment.id)
                    .collect::<Vec<_>>(),
            );
        }
    };
    let ids = |numbers: &[u32]| numbers.iter().copied().map(deployment_id).collect::<Vec<_>>();
    assert_eq!(pages(None).await, [ids(&[1, 2]), ids(&[3, 4]), ids(&[5, 6])]);
    let production = [ids(&[1, 2]), ids(&[3, 4]), ids(&[6])];
    assert_eq!(pages(Some("production")).await, production);
}

/// Those of this repository that have a place; of several changes that landed by one commit, the last place.
pub async fn landings_are_found_by_their_commits(store: Store) {
    let mut elsewhere = pull_request(3);
    elsewhere.repository = named_repository("acme/api").id;
    let mut placeless = pull_request(4);
    placeless.position = None;
    let mut same = pull_request(5);
    same.landing_commit = Some(landing_commit(2));
    let mut page = batch(feed("pull_requests"), None, "a");
    page.pull_requests = vec![pull_request(1), pull_request(2), elsewhere, placeless, same];
    store.commit(page).await.unwrap();
    let mut commits: Vec<_> = [2, 3, 4, 9, 2].map(landing_commit).into();
    let id = repository().id;
    let found = store.landings(&id, &commits).await.unwrap();
    assert_eq!(found, [(landing_commit(2), 5)].into());
    commits.push(landing_commit(1));
    let found = store.landings(&id, &commits).await.unwrap();
    assert_eq!(found, [(landing_commit(1), 1), (landing_commit(2), 5)].into());
    assert_eq!(store.landings(&id, &[]).await.unwrap(), [].into());
    assert_eq!(
        store
            .landings(&devmetrics_core::Id::new("none"), &commits)
            .await
            .unwrap(),
        [].into()
    );
}

/// By id and number as by commit; one of another repository is none of this one.
pub async fn landings_are_found_by_ids_and_numbers(store: Store) {
    let mut elsewhere = pull_request(3);
    elsewhere.repository = named_repository("acme/api").id;
    let mut placeless = pull_request(4);
    placeless.position = None;
    let mut same = pull_request(5);
    same.number = Some(2);
    let mut page = batch(feed("pull_requests"), None, "a");
    page.pull_requests = vec![
        pull_request(1),
        pull_request(2),
        elsewhere,
        placeless,
        same,
        pull_request(6),
    ];
    store.commit(page).await.unwrap();
    let find = async |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        store.landings(&repository().id, &names).await.unwrap()
    };
    let known = |places: &[(&str, i64)]| {
        places
            .iter()
            .map(|(name, place)| ((*name).to_owned(), *place))
            .collect()
    };
    let ids = [
        "git:pr:0001",
        "git:pr:0003",
        "git:pr:0004",
        "git:pr:0006",
        "git:pr:9999",
    ];
    assert_eq!(find(&ids).await, known(&[("git:pr:0001", 1), ("git:pr:0006", 6)]));
    let numbers = [
        "#1", "#2", "#3", "#4", "#6", "#5", "#99", "#", "#x", "1", "#-1", "#06", "#+5",
    ];
    assert_eq!(find(&numbers).await, known(&[("#1", 1), ("#2", 5), ("#6", 6)]));
    let commit = landing_commit(5);
    assert_eq!(
        find(&["#1", "git:pr:0002", &commit]).await,
        known(&[("#1", 1), ("git:pr:0002", 2), (&commit, 5)])
    );
}

fn at_place(n: u32, place: i64) -> PullRequest {
    PullRequest {
        position: Some(place),
        ..pull_request(n)
    }
}
