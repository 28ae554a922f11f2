//! Laws of rosters that sources observe.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use devmetrics_core::Id;
use devmetrics_core::metric::Extent;
use devmetrics_core::model::{Feed, Membership, Person, Roster, Team};
use devmetrics_core::store::{MetricsStore, ObservedRoster};

use crate::builders::*;

type Store = Arc<dyn MetricsStore>;

/// Teams of one member each, since then.
fn roster(teams: &[(&str, Option<DateTime<Utc>>)]) -> Roster {
    let (teams, memberships) = teams
        .iter()
        .map(|&(id, valid_from)| {
            let team = Team {
                id: Id::new(id),
                name: id.to_uppercase(),
                zone: None,
                parents: Vec::new(),
            };
            let member = Membership {
                team: Id::new(id),
                person: Person {
                    handles: vec![format!("{id}-member")],
                    ..Person::default()
                },
                valid_from,
                valid_to: None,
                primary: false,
            };
            (team, member)
        })
        .unzip();
    Roster {
        teams,
        memberships,
        ..Roster::default()
    }
}

fn teams_of(source: &str, scope: &str) -> Feed {
    Feed {
        source: source.into(),
        scope: scope.into(),
        kind: "teams".into(),
    }
}

/// One a scope, the last one; a page without one leaves it.
pub async fn observed_rosters_come_back(store: Store) {
    let web = roster(&[("web", Some(day(1)))]);
    let api = roster(&[("api", None)]);
    for (source, scope, observed) in [
        ("github", "b", &web),
        ("github", "a", &api),
        ("gitlab", "a", &web),
    ] {
        let mut page = batch(teams_of(source, scope), None, "a");
        page.observed = Some(observed.clone());
        store.commit(page).await.unwrap();
    }
    let of = |source: &str, scope: &str, roster: &Roster| ObservedRoster {
        source: source.into(),
        scope: scope.into(),
        roster: roster.clone(),
    };
    assert_eq!(
        store.observed_rosters().await.unwrap(),
        [
            of("github", "a", &api),
            of("github", "b", &web),
            of("gitlab", "a", &web)
        ]
    );
    let mut page = batch(teams_of("github", "a"), Some("a"), "b");
    page.observed = Some(web.clone());
    store.commit(page).await.unwrap();
    store
        .commit(batch(teams_of("github", "b"), Some("a"), "b"))
        .await
        .unwrap();
    // Another feed of the scope is no other scope.
    let mut page = batch(
        Feed {
            kind: "repositories".into(),
            ..teams_of("gitlab", "a")
        },
        None,
        "a",
    );
    page.observed = Some(api.clone());
    store.commit(page).await.unwrap();
    assert_eq!(
        store.observed_rosters().await.unwrap(),
        [
            of("github", "a", &web),
            of("github", "b", &web),
            of("gitlab", "a", &api)
        ]
    );
}

/// Whichever of them comes first, and whatever changes later; the declared one comes back as it was declared.
pub async fn the_teams_in_force_are_declared_and_observed(store: Store) {
    let start = async |team: &str| {
        let scope = Extent::Team(Id::new(team));
        store.coverage(&scope).await.unwrap().team_from
    };
    let mut page = batch(teams_of("github", "acme"), None, "a");
    page.observed = Some(roster(&[("web", Some(day(1))), ("api", Some(day(2)))]));
    store.commit(page).await.unwrap();
    assert_eq!(
        (start("web").await, start("api").await),
        (Some(day(1)), Some(day(2)))
    );
    assert_eq!(store.roster().await.unwrap(), None);

    // Of a team that is declared, only that counts.
    let declared = roster(&[("web", Some(day(5))), ("ops", Some(day(6)))]);
    store.set_roster(&declared, day(50)).await.unwrap();
    assert_eq!(store.roster().await.unwrap(), Some(declared.clone()));
    assert_eq!(
        (start("web").await, start("api").await),
        (Some(day(5)), Some(day(2)))
    );
    assert_eq!(start("ops").await, Some(day(6)));

    let mut page = batch(teams_of("github", "acme"), Some("a"), "b");
    page.observed = Some(roster(&[("web", Some(day(1))), ("api", Some(day(3)))]));
    store.commit(page).await.unwrap();
    assert_eq!(
        (start("web").await, start("api").await),
        (Some(day(5)), Some(day(3)))
    );
    store.set_roster(&roster(&[]), day(51)).await.unwrap();
    assert_eq!((start("web").await, start("ops").await), (Some(day(1)), None));
}

/// However they interleave, neither is forgotten.
pub async fn of_two_rosters_written_at_once_both_are_in_force(store: Store) {
    let mut expected = None;
    for round in 0..8 {
        let next = round.to_string();
        let mut page = batch(teams_of("github", "acme"), expected.as_deref(), &next);
        page.observed = Some(roster(&[("api", Some(day(round)))]));
        let (first, second) = (Arc::clone(&store), Arc::clone(&store));
        let declared = roster(&[("web", Some(day(50 + round)))]);
        let observe = tokio::spawn(async move { first.commit(page).await });
        let declare = tokio::spawn(async move { second.set_roster(&declared, day(60)).await });
        observe.await.unwrap().unwrap();
        declare.await.unwrap().unwrap();
        for (team, start) in [("api", day(round)), ("web", day(50 + round))] {
            let scope = Extent::Team(Id::new(team));
            let known = store.coverage(&scope).await.unwrap().team_from;
            assert_eq!(known, Some(start), "{team}, round {round}");
        }
        expected = Some(next);
    }
}
