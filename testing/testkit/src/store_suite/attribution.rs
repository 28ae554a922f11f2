//! Laws of attributions and the roster.

use std::sync::Arc;

use devmetrics_core::Id;
use devmetrics_core::attribution::{AttributedId, Share, Subject};
use devmetrics_core::model::{BotRules, Membership, Parent, Person, Roster, Team};
use devmetrics_core::store::MetricsStore;

use crate::builders::*;

type Store = Arc<dyn MetricsStore>;

/// Three pull requests and a deployment, attributed to nobody yet.
async fn three(store: &Store) {
    let mut page = batch(feed("changes"), None, "a");
    page.pull_requests = vec![pull_request(1), pull_request(2), pull_request(3)];
    page.deployments = vec![deployment(1)];
    store.commit(page).await.unwrap();
}

async fn shares(store: &Store, n: u32) -> Vec<Share> {
    store
        .pull_requests(&[pull_request_id(n)])
        .await
        .unwrap()
        .remove(0)
        .shares
}

/// Another roster, other teams; counts only what differs.
pub async fn attributions_replace_those_before(store: Store) {
    three(&store).await;
    let first = vec![
        attributed(1, vec![share("api"), share("web")]),
        attributed(2, vec![share("web")]),
        attributed_deployment(1, vec![share("web")]),
    ];
    assert_eq!(store.attribute(first, "r1").await.unwrap(), 3);
    assert_eq!(shares(&store, 1).await, [share("api"), share("web")]);

    let half = Share {
        weight: 0.5,
        primary: false,
        direct: false,
        ..share("web")
    };
    let mut bot = attributed(3, vec![share("unassigned")]);
    bot.bot = true;
    let second = vec![
        attributed(1, vec![share("web")]),
        attributed(2, vec![half.clone()]),
        bot,
        attributed_deployment(1, vec![share("web")]),
    ];
    assert_eq!(store.attribute(second, "r2").await.unwrap(), 3);
    assert_eq!(shares(&store, 1).await, [share("web")]);
    assert_eq!(shares(&store, 2).await, [half]);
    assert_eq!(shares(&store, 3).await, [share("unassigned")]);
    assert!(store.pull_requests(&[pull_request_id(3)]).await.unwrap()[0].bot);
    assert_eq!(
        store
            .attribute(vec![attributed(3, vec![share("unassigned")])], "r3")
            .await
            .unwrap(),
        1
    );
    assert!(!store.pull_requests(&[pull_request_id(3)]).await.unwrap()[0].bot);
}

/// The revision moves, the rows do not.
pub async fn attributing_again_changes_nothing(store: Store) {
    three(&store).await;
    let all = vec![
        attributed(1, vec![share("web")]),
        attributed(2, vec![share("web")]),
        attributed(3, vec![share("unassigned")]),
        attributed_deployment(1, vec![share("web")]),
    ];
    assert_eq!(store.attribute(all.clone(), "r1").await.unwrap(), 4);
    assert_eq!(store.attribute(all, "r2").await.unwrap(), 0);
    assert_eq!(store.unattributed("r2", 10).await.unwrap(), []);
    assert_eq!(store.unattributed("r1", 10).await.unwrap().len(), 4);
}

/// Pull requests, then deployments, each by id; what is done does not come again.
pub async fn unattributed_gives_everything_once_in_order(store: Store) {
    three(&store).await;
    let id = |subject: &Subject| match subject {
        Subject::PullRequest { id, .. } => AttributedId::PullRequest(id.clone()),
        Subject::Deployment { id, .. } => AttributedId::Deployment(id.clone()),
        _ => unreachable!("a subject of a kind that the suite does not know"),
    };
    let stale = store.unattributed("r1", 10).await.unwrap();
    let fact = pull_request(1);
    let first = Subject::PullRequest {
        id: fact.id,
        actor: fact.author,
        milestones: fact.milestones,
        activity: None,
    };
    assert_eq!(stale[0], first);
    let fact = deployment(1);
    let last = Subject::Deployment {
        id: fact.id,
        actor: fact.creator,
        finished_at: fact.finished_at,
    };
    assert_eq!(stale[3], last);
    let order: Vec<_> = stale.iter().map(id).collect();
    assert!(order.is_sorted(), "{order:?}");

    // Some under an older revision, some under a newer one, some under none.
    store
        .attribute(vec![attributed(1, vec![share("web")])], "r9")
        .await
        .unwrap();
    store
        .attribute(vec![attributed(3, vec![share("web")])], "r0")
        .await
        .unwrap();
    let mut seen = Vec::new();
    loop {
        let stale = store.unattributed("r1", 3).await.unwrap();
        assert!(stale.len() <= 3);
        if stale.is_empty() {
            break;
        }
        let ids: Vec<_> = stale.iter().map(id).collect();
        assert!(ids.is_sorted(), "{ids:?}");
        seen.extend(ids.clone());
        let attributions = ids
            .into_iter()
            .map(|subject| devmetrics_core::attribution::Attribution {
                subject,
                bot: false,
                milestones: None,
                shares: vec![share("web")],
            });
        store.attribute(attributions.collect(), "r1").await.unwrap();
    }
    seen.sort();
    assert_eq!(seen, order);
}

/// An attribution follows from one version of a fact.
pub async fn a_stale_fact_does_not_bring_its_attribution(store: Store) {
    let mut page = batch(feed("changes"), None, "a");
    page.pull_requests = vec![pull_request(1)];
    page.pull_requests[0].updated_at = day(9);
    page.attributions = vec![attributed(1, vec![share("web")])];
    store.commit(page).await.unwrap();
    let mut page = batch(feed("changes"), Some("a"), "b");
    page.pull_requests = vec![pull_request(1), pull_request(2)];
    page.attributions = vec![
        attributed(1, vec![share("api")]),
        attributed(2, vec![share("api")]),
    ];
    store.commit(page).await.unwrap();
    assert_eq!(shares(&store, 1).await, [share("web")]);
    assert_eq!(shares(&store, 2).await, [share("api")]);
}

/// A third is a third in every store.
pub async fn weights_keep_every_digit(store: Store) {
    let weights: Vec<f64> = (1..=40)
        .flat_map(|of| [1.0 / f64::from(of), 2.0 / f64::from(of)])
        .collect();
    let shares: Vec<_> = weights
        .iter()
        .enumerate()
        .map(|(n, weight)| Share {
            weight: *weight,
            ..share(&format!("team-{n:02}"))
        })
        .collect();
    let mut page = batch(feed("changes"), None, "a");
    page.pull_requests = vec![pull_request(1)];
    page.attributions = vec![attributed(1, shares.clone())];
    store.commit(page).await.unwrap();
    assert_eq!(self::shares(&store, 1).await, shares);
    assert_eq!(
        store.attribute(vec![attributed(1, shares)], "r2").await.unwrap(),
        0
    );
}

/// The roster as it was set, the last one.
pub async fn the_roster_comes_back(store: Store) {
    let team = Team {
        id: Id::new("web"),
        name: "Web \"1\"".into(),
        zone: "Europe/Berlin".parse().ok(),
        parents: vec![Parent {
            team: Id::new("all"),
            valid_from: Some(day(1)),
            valid_to: None,
        }],
    };
    let all = Team {
        id: Id::new("all"),
        name: "All".into(),
        zone: None,
        parents: Vec::new(),
    };
    let member = Membership {
        team: Id::new("web"),
        person: Person {
            emails: vec!["ada@example.com".into()],
            ..Person::default()
        },
        valid_from: Some(day(2)),
        valid_to: Some(day(3)),
        primary: true,
    };
    let bots = BotRules {
        accounts: vec!["robot".into()],
        humans: vec!["abbot".into()],
    };
    let roster = Roster {
        teams: vec![team, all],
        memberships: vec![member],
        bots,
    };
    store.set_roster(&roster, day(5)).await.unwrap();
    assert_eq!(store.roster().await.unwrap(), Some(roster.clone()));
    let smaller = Roster {
        teams: roster.teams[1..].to_vec(),
        ..Roster::default()
    };
    store.set_roster(&smaller, day(6)).await.unwrap();
    assert_eq!(store.roster().await.unwrap(), Some(smaller));
}

/// A fact may have gone since it was asked for.
pub async fn what_does_not_exist_is_not_attributed(store: Store) {
    three(&store).await;
    let attributions = vec![
        attributed(9, vec![share("web")]),
        attributed_deployment(9, vec![share("web")]),
    ];
    assert_eq!(store.attribute(attributions, "r1").await.unwrap(), 0);
    let mut page = batch(feed("changes"), Some("a"), "b");
    page.pull_requests = vec![pull_request(9)];
    store.commit(page).await.unwrap();
    assert_eq!(shares(&store, 9).await, []);
}
