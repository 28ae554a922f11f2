//! Laws of incidents.

use std::sync::Arc;

use chrono::TimeDelta;
use devmetrics_core::Id;
use devmetrics_core::attribution::{AttributedId, Attribution};
use devmetrics_core::matching::{FailureGraph, Fix, Matching};
use devmetrics_core::metric::{Extent, FailureSample, IncidentSample, SampleQuery};
use devmetrics_core::model::{Actor, Failure, FailureRule, Rework};
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

/// A deployment may have failed by one.
pub async fn incidents_unmatch_a_repository(store: Store) {
    store.commit(batch(feed("issues"), None, "a")).await.unwrap();
    let unmatched = async || store.repositories().await.unwrap()[0].unmatched;
    let shipped = async || {
        ship(&*store, &repository().id, Vec::new()).await.unwrap();
        assert!(!unmatched().await);
    };
    shipped().await;
    let mut page = batch(feed("issues"), Some("a"), "b");
    page.incidents = vec![incident(1)];
    store.commit(page).await.unwrap();
    assert!(unmatched().await);
    shipped().await;
    let mut page = batch(feed("issues"), Some("b"), "c");
    page.incidents = vec![incident(1)];
    store.commit(page).await.unwrap();
    assert!(!unmatched().await, "nothing changed");
    let mut page = batch(feed("issues"), Some("c"), "d");
    page.removed_incidents = vec![incident_id(1)];
    store.commit(page).await.unwrap();
    assert!(unmatched().await);
}

/// Teams by share, repositories by their facts; what began or ended in the window, or is not over.
pub async fn incident_samples_are_those_of_the_window(store: Store) {
    let mut page = batch(feed("issues"), None, "a");
    page.incidents = (1..=4).map(incident).collect();
    page.incidents[1].resolved_at = None;
    page.incidents[3].repository = named_repository("acme/api").id;
    page.attributions = page
        .incidents
        .iter()
        .enumerate()
        .map(|(place, fact)| Attribution {
            subject: AttributedId::Incident(fact.id.clone()),
            bot: place == 0,
            milestones: None,
            shares: vec![share(if place == 2 { "api" } else { "web" })],
        })
        .collect();
    store.commit(page.clone()).await.unwrap();
    let sampled = async |extent, from, to| -> Vec<(String, bool)> {
        let query = SampleQuery {
            extent,
            window: days(from, to),
            open: false,
            places: Vec::new(),
        };
        let samples = store.incident_samples(&query).await.unwrap();
        let of = |sample: IncidentSample| (sample.id.to_string(), sample.bot);
        samples.into_iter().map(of).collect()
    };
    let ids = |numbers: &[u32]| -> Vec<(String, bool)> {
        let id = |n: &u32| (incident_id(*n).to_string(), *n == 1);
        numbers.iter().map(id).collect()
    };
    let web = || Extent::Team(Id::new("web"));
    assert_eq!(sampled(Extent::All, 0, 50).await, ids(&[1, 2, 3, 4]));
    assert_eq!(sampled(web(), 0, 50).await, ids(&[1, 2, 4]));
    assert_eq!(
        sampled(Extent::Repositories(vec![repository().id]), 0, 50).await,
        ids(&[1, 2, 3])
    );
    // 1 began and ended on its day; 2 is not over yet.
    assert_eq!(sampled(Extent::All, 0, 2).await, ids(&[1]));
    assert_eq!(sampled(Extent::All, 4, 5).await, ids(&[2, 4]));

    // Another team, and another time.
    page.expected = Some(page.next.clone());
    page.incidents.truncate(1);
    page.incidents[0].started_at = day(9);
    page.incidents[0].resolved_at = Some(day(10));
    page.incidents[0].updated_at = day(11);
    page.attributions.truncate(1);
    page.attributions[0].shares = vec![share("api")];
    store.commit(page).await.unwrap();
    assert_eq!(sampled(web(), 0, 2).await, ids(&[]));
    assert_eq!(sampled(Extent::Team(Id::new("api")), 9, 10).await, ids(&[1]));
}

/// All reasons of a deployment whose failure has to do with the window; nothing is left of what is no failure any more.
pub async fn failures_come_back_by_window(store: Store) {
    let mut page = batch(feed("deployments"), None, "a");
    page.deployments = (1..=4).map(deployment).collect();
    page.attributions = vec![Attribution {
        subject: AttributedId::Deployment(deployment_id(2)),
        bot: false,
        milestones: None,
        shares: vec![share("web")],
    }];
    store.commit(page).await.unwrap();
    let failure = |n: u32, rule, cause: &str, ended: Option<u32>| Failure {
        deployment: deployment_id(n),
        rule,
        cause: cause.to_owned(),
        failed_at: deployment(n).finished_at,
        ended_at: ended.map(day),
        remedy: ended.map(deployment_id),
    };
    let ship = async |failures: Vec<Failure>, rework: Vec<(u32, Rework)>| {
        let graph = FailureGraph {
            failures,
            rework: rework
                .into_iter()
                .map(|(n, kind)| (deployment_id(n), kind))
                .collect(),
        };
        let revision = store.repositories().await.unwrap()[0].revision;
        let matching = Matching {
            graph,
            ..Matching::default()
        };
        store
            .ship(&repository().id, revision, matching)
            .await
            .unwrap()
            .unwrap();
    };
    ship(
        vec![
            failure(1, FailureRule::Fix, "pr", Some(3)),
            failure(2, FailureRule::Explicit, "incident", None),
            failure(2, FailureRule::Rollback, "deployment", Some(3)),
        ],
        vec![(3, Rework::Rollback), (4, Rework::Hotfix)],
    )
    .await;
    let sampled = async |extent, from, to| -> Vec<String> {
        let query = SampleQuery {
            extent,
            window: days(from, to),
            open: false,
            places: Vec::new(),
        };
        let samples = store.failure_samples(&query).await.unwrap();
        let of = |s: FailureSample| format!("{} {} {}", s.deployment, s.rule.as_str(), s.remedy.is_some());
        samples.into_iter().map(of).collect()
    };
    let (one, two, both) = (
        vec!["git:tag:0001 fix true".to_owned()],
        vec![
            "git:tag:0002 explicit false".to_owned(),
            "git:tag:0002 rollback true".to_owned(),
        ],
        [
            "git:tag:0001 fix true",
            "git:tag:0002 explicit false",
            "git:tag:0002 rollback true",
        ]
        .map(str::to_owned)
        .to_vec(),
    );
    assert_eq!(sampled(Extent::All, 1, 2).await, one);
    assert_eq!(sampled(Extent::All, 2, 3).await, two);
    assert_eq!(sampled(Extent::All, 3, 4).await, both);
    // Not mended yet, by one of its reasons.
    assert_eq!(sampled(Extent::All, 20, 30).await, two);
    assert_eq!(sampled(Extent::Team(Id::new("web")), 3, 4).await, two);
    assert!(sampled(Extent::Repositories(Vec::new()), 3, 4).await.is_empty());
    let rework = async || -> Vec<Option<Rework>> {
        let query = SampleQuery {
            extent: Extent::All,
            window: days(0, 50),
            open: false,
            places: Vec::new(),
        };
        let samples = store.deployment_samples(&query).await.unwrap();
        samples.into_iter().map(|sample| sample.rework).collect()
    };
    assert_eq!(
        rework().await,
        [None, None, Some(Rework::Rollback), Some(Rework::Hotfix)]
    );

    ship(
        vec![failure(2, FailureRule::Rollback, "deployment", Some(4))],
        vec![(4, Rework::Revert)],
    )
    .await;
    assert_eq!(sampled(Extent::All, 0, 50).await, ["git:tag:0002 rollback true"]);
    assert_eq!(rework().await, [None, None, None, Some(Rework::Revert)]);
}

/// Changes that revert a commit, close an incident or have the label, where they landed.
pub async fn fixes_are_found(store: Store) {
    let mut page = batch(feed("issues"), None, "a");
    page.incidents = vec![incident(1)];
    page.pull_requests = (1..=6).map(pull_request).collect();
    page.pull_requests[0].reverts = vec![landing_commit(9)];
    page.pull_requests[1].closes = vec![incident_id(7), incident_id(1)];
    page.pull_requests[2].closes = vec![incident_id(7)];
    page.pull_requests[3].labels = vec!["big".into(), "hotfix".into()];
    page.pull_requests[4].labels = vec!["big".into()];
    page.pull_requests[5].reverts = vec![landing_commit(9)];
    page.pull_requests[5].position = None;
    store.commit(page).await.unwrap();
    let fix = |n: u32| Fix {
        id: pull_request_id(n),
        position: i64::from(n),
        merged_at: Some(day(n)),
        reverts: Vec::new(),
        incidents: Vec::new(),
        hotfix: false,
    };
    let expected = [
        Fix {
            reverts: vec![landing_commit(9)],
            ..fix(1)
        },
        Fix {
            incidents: vec![incident_id(1)],
            ..fix(2)
        },
        Fix {
            hotfix: true,
            ..fix(4)
        },
    ];
    let labels = ["hotfix".to_owned(), "urgent".to_owned()];
    assert_eq!(store.fixes(&repository().id, &labels).await.unwrap(), expected);
    assert_eq!(store.fixes(&repository().id, &[]).await.unwrap(), expected[..2]);
}

/// Deployments and incidents, each once, in the order of their ids; what does not exist is left out.
pub async fn facts_are_found_by_id(store: Store) {
    let mut page = batch(feed("issues"), None, "a");
    page.incidents = vec![incident(1), incident(2), incident(3)];
    page.deployments = vec![deployment(1), deployment(2)];
    store.commit(page).await.unwrap();
    let ids = [
        incident(3).id,
        Id::new("git:none"),
        incident(1).id,
        incident(3).id,
    ];
    assert_eq!(
        store.incidents_by_id(&ids).await.unwrap(),
        [incident(1), incident(3)]
    );
    let ids = [deployment(2).id, Id::new("'; --"), deployment(2).id];
    assert_eq!(store.deployments_by_id(&ids).await.unwrap(), [deployment(2)]);
    assert_eq!(store.deployments_by_id(&[]).await.unwrap(), []);
}
