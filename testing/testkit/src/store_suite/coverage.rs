//! Laws of what is known of which time.

use std::sync::Arc;

use devmetrics_core::Id;
use devmetrics_core::metric::{Coverage, Extent};
use devmetrics_core::model::{Feed, Membership, Person, Roster, Team};
use devmetrics_core::store::MetricsStore;

use crate::builders::*;

type Store = Arc<dyn MetricsStore>;

/// From the earliest begin, up to the earliest end; a restart knows nothing of what was before it.
pub async fn coverage_follows_the_feeds(store: Store) {
    let other = Feed {
        scope: "git:repo:acme/api".into(),
        ..feed("changes")
    };
    assert_eq!(store.coverage(&Extent::All).await.unwrap(), Coverage::default());

    let mut page = batch(feed("changes"), None, "a");
    page.covered_from = Some(day(5));
    store.commit(page).await.unwrap();
    let known = |from, to| Coverage {
        deployments_from: None,
        from,
        to,
        team_from: None,
        incidents_from: None,
        pull_requests_from: None,
    };
    assert_eq!(
        store.coverage(&Extent::All).await.unwrap(),
        known(Some(day(5)), None)
    );

    let mut page = batch(feed("changes"), Some("a"), "b");
    page.complete = true;
    page.at = day(40);
    store.commit(page).await.unwrap();
    assert_eq!(
        store.coverage(&Extent::All).await.unwrap(),
        known(Some(day(5)), Some(day(40)))
    );

    let mut page = batch(other.clone(), None, "a");
    page.covered_from = Some(day(3));
    store.commit(page).await.unwrap();
    assert_eq!(
        store.coverage(&Extent::All).await.unwrap(),
        known(Some(day(3)), None)
    );
    let scope = Extent::Repositories(vec![repository().id]);
    assert_eq!(
        store.coverage(&scope).await.unwrap(),
        known(Some(day(5)), Some(day(40)))
    );
    assert_eq!(
        store
            .coverage(&Extent::Repositories(vec![Id::new("none")]))
            .await
            .unwrap(),
        Coverage::default()
    );

    let mut page = batch(other, Some("a"), "b");
    page.complete = true;
    page.at = day(39);
    store.commit(page).await.unwrap();
    assert_eq!(
        store.coverage(&Extent::All).await.unwrap(),
        known(Some(day(3)), Some(day(39)))
    );

    let mut page = batch(feed("changes"), Some("b"), "c");
    page.restart = true;
    store.commit(page).await.unwrap();
    assert_eq!(store.coverage(&scope).await.unwrap(), known(None, Some(day(40))));
}

/// A repository that is gone is not waited for, but where nothing else is asked about.
pub async fn what_is_gone_holds_nothing_back(store: Store) {
    let to = async |extent: &Extent| store.coverage(extent).await.unwrap().to;
    let mut gone = named_repository("acme/gone");
    let feed_of_gone = Feed {
        scope: gone.id.to_string(),
        ..feed("deployments")
    };
    let page = |of: &Feed, expected: Option<&str>, next: &str, n| {
        let mut page = batch(of.clone(), expected, next);
        page.covered_from = Some(day(1));
        page.complete = true;
        page.at = day(n);
        page
    };
    store.commit(page(&feed("changes"), None, "a", 40)).await.unwrap();
    let mut read = page(&feed_of_gone, None, "a", 20);
    read.repositories = vec![gone.clone()];
    store.commit(read).await.unwrap();
    assert_eq!(to(&Extent::All).await, Some(day(20)), "it is awaited");

    gone.unreachable_since = Some(day(21));
    let mut told = batch(feed("repositories"), None, "a");
    told.repositories = vec![gone.clone()];
    store.commit(told).await.unwrap();
    assert_eq!(to(&Extent::All).await, Some(day(40)));
    let alone = Extent::Repositories(vec![gone.id.clone()]);
    assert_eq!(to(&alone).await, Some(day(20)));
    // Also of a feed that was never read to its end.
    let tags = Feed {
        kind: "tags".into(),
        ..feed_of_gone
    };
    store.commit(batch(tags, None, "a")).await.unwrap();
    assert_eq!(to(&Extent::All).await, Some(day(40)));
    assert_eq!(to(&alone).await, None);

    gone.unreachable_since = None;
    let mut told = batch(feed("repositories"), Some("a"), "b");
    told.repositories = vec![gone];
    store.commit(told).await.unwrap();
    assert_eq!(to(&Extent::All).await, None, "it is back");
}

/// A report on changes does not wait for teams, issues and lists of repositories, nor begin with them.
pub async fn other_kinds_of_feed_hold_nothing_back(store: Store) {
    let known = |from, to| Coverage {
        deployments_from: None,
        from,
        to,
        team_from: None,
        incidents_from: Some(day(1)), // as the issues tell
        pull_requests_from: Some(day(5)),
    };
    for kind in ["teams", "issues", "repositories"] {
        let mut page = batch(feed(kind), None, "a");
        page.covered_from = Some(day(1));
        store.commit(page).await.unwrap();
        let found = store.coverage(&Extent::All).await.unwrap();
        assert_eq!((found.from, found.to), (None, None), "{kind}");
    }
    let mut page = batch(feed("pull_requests"), None, "a");
    page.covered_from = Some(day(5));
    page.complete = true;
    page.at = day(9);
    store.commit(page).await.unwrap();
    assert_eq!(
        store.coverage(&Extent::All).await.unwrap(),
        known(Some(day(5)), Some(day(9)))
    );
    // What changes are shipped by must be read as far, but need not begin as early.
    for kind in ["deployments", "releases", "tags"] {
        let mut page = batch(feed(kind), None, "a");
        page.covered_from = Some(day(2));
        store.commit(page).await.unwrap();
        assert_eq!(
            store.coverage(&Extent::All).await.unwrap(),
            known(Some(day(5)), None)
        );
        let mut page = batch(feed(kind), Some("a"), "b");
        page.complete = true;
        page.at = day(8);
        store.commit(page).await.unwrap();
        let scope = Extent::Repositories(vec![repository().id]);
        assert_eq!(
            store.coverage(&scope).await.unwrap(),
            known(Some(day(5)), Some(day(8)))
        );
    }
}

/// From the first deployment on, of the repository, of all, or by the team.
pub async fn deployments_are_known_from_the_first_on(store: Store) {
    let mut page = batch(feed("deployments"), None, "a");
    page.deployments = vec![deployment(9), deployment(7)];
    page.attributions = vec![
        attributed_deployment(9, vec![share("web")]),
        attributed_deployment(7, vec![share("unassigned")]),
    ];
    store.commit(page).await.unwrap();
    let from = async |scope| store.coverage(&scope).await.unwrap().deployments_from;
    let first = Some(deployment(7).finished_at);
    assert_eq!(from(Extent::All).await, first);
    assert_eq!(from(Extent::Repositories(vec![repository().id])).await, first);
    assert_eq!(from(Extent::Repositories(vec![Id::new("none")])).await, None);
    assert_eq!(from(Extent::Team(Id::new("unassigned"))).await, first);
    assert_eq!(
        from(Extent::Team(Id::new("web"))).await,
        Some(deployment(9).finished_at)
    );
    assert_eq!(from(Extent::Team(Id::new("api"))).await, None);
}

/// Only a team has a start.
pub async fn a_team_starts_with_its_first_member(store: Store) {
    let team = |id: &str| Team {
        id: Id::new(id),
        name: id.into(),
        zone: None,
        parents: Vec::new(),
    };
    let member = |team: &str, valid_from| Membership {
        team: Id::new(team),
        person: Person {
            handles: vec!["ada".into()],
            ..Person::default()
        },
        valid_from,
        valid_to: None,
        primary: true,
    };
    let roster = Roster {
        teams: vec![team("web"), team("ever")],
        memberships: vec![
            member("web", Some(day(9))),
            member("web", Some(day(7))),
            member("ever", None),
        ],
        ..Roster::default()
    };
    store.set_roster(&roster, day(50)).await.unwrap();
    let mut page = batch(feed("changes"), None, "a");
    page.covered_from = Some(day(1));
    store.commit(page).await.unwrap();
    let of = async |scope| store.coverage(&scope).await.unwrap();
    let known = |team_from| Coverage {
        deployments_from: None,
        from: Some(day(1)),
        to: None,
        team_from,
        incidents_from: None,
        pull_requests_from: None,
    };
    assert_eq!(of(Extent::Team(Id::new("web"))).await, known(Some(day(7))));
    assert_eq!(of(Extent::Team(Id::new("ever"))).await, known(None));
    assert_eq!(of(Extent::Team(Id::new("none"))).await, known(None));
    assert_eq!(of(Extent::All).await, known(None));
}
