//! What is asked of a service or an organization, over the stores that need no server.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use devmetrics_core::metric::{Answer, Extent, Facts, MetricQuery, Reason, SampleQuery, Scope};
use devmetrics_core::model::{
    Deployment, FailureRule, Feed, Incident, Paths, PullRequest, Repository, Rework, Roster, Service, Window,
};
use devmetrics_core::store::{Batch, MemoryStore, MetricsStore, SqliteStore};
use devmetrics_core::{Engine, ErrorKind, Id, ManualClock, Settings};
use devmetrics_testkit::builders::*;
use globset::Glob;

const HOUR: f64 = 3_600.0;

/// Each store, empty, with what keeps it alive.
async fn stores() -> Vec<(Arc<dyn MetricsStore>, Option<tempfile::TempDir>)> {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = SqliteStore::open(folder.path().join("devmetrics.sqlite"), "default")
        .await
        .unwrap();
    sqlite.migrate().await.unwrap();
    vec![
        (Arc::new(MemoryStore::new()), None),
        (Arc::new(sqlite), Some(folder)),
    ]
}

fn globs(patterns: &[&str]) -> Vec<Glob> {
    patterns
        .iter()
        .map(|pattern| Glob::new(pattern).unwrap())
        .collect()
}

/// A service that is these repositories together.
fn whole(id: &str, repositories: &[&str]) -> Service {
    Service {
        id: Id::new(id),
        name: None,
        repositories: globs(repositories),
        paths: Vec::new(),
        references: Vec::new(),
        incident_repositories: Vec::new(),
        incident_labels: Vec::new(),
    }
}

/// A service in the monorepo: its folder, its tags and its label.
fn part(id: &str) -> Service {
    Service {
        paths: globs(&[&format!("services/{id}/**")]),
        references: globs(&[&format!("{id}-v*")]),
        incident_labels: vec![id.to_owned()],
        ..whole(id, &["acme/mono"])
    }
}

fn touching(n: u32, services: &[&str]) -> PullRequest {
    let files = services
        .iter()
        .map(|service| format!("services/{service}/{n}.rs"));
    PullRequest {
        repository: named_repository("acme/mono").id,
        paths: Some(Paths {
            files: files.collect(),
            truncated: false,
        }),
        ..pull_request(n)
    }
}

fn released(n: u32, reference: &str) -> Deployment {
    Deployment {
        repository: named_repository("acme/mono").id,
        reference: reference.into(),
        ..deployment(n)
    }
}

/// An incident of `acme/mono` that began at noon of day `n`.
fn outage(n: u32, label: &str) -> Incident {
    Incident {
        repository: named_repository("acme/mono").id,
        labels: vec!["incident".into(), label.into()],
        ..incident(n)
    }
}

/// A page that ends its feed.
fn page(repository: &Repository, kind: &str) -> Batch {
    let feed = Feed {
        scope: repository.id.to_string(),
        ..feed(kind)
    };
    Batch {
        repositories: vec![repository.clone()],
        covered_from: Some(days(0, 1).from),
        complete: true,
        ..batch(feed, None, "end")
    }
}

/// The example of `docs/metrics.md#services`.
async fn monorepo(store: &dyn MetricsStore) {
    let mono = named_repository("acme/mono");
    let mut changes = page(&mono, "changes");
    changes.pull_requests = vec![
        touching(1, &["checkout"]),
        touching(2, &["search"]),
        touching(3, &["checkout", "search"]),
        touching(4, &["search"]),
        PullRequest {
            paths: None,
            ..touching(5, &[])
        },
        touching(6, &["checkout"]),
    ];
    changes.deployments = vec![
        released(1, "checkout-v1"),
        released(2, "search-v1"),
        released(4, "checkout-v2"),
        released(5, "search-v2"),
        released(6, "checkout-v3"),
    ];
    store.commit(changes).await.unwrap();
}

async fn engine(store: &Arc<dyn MetricsStore>, services: Vec<Service>) -> Engine {
    let settings = Settings {
        services,
        ..Settings::default()
    };
    let clock = Arc::new(ManualClock::new(day(60)));
    let engine = Engine::new(Arc::clone(store), clock, settings);
    // Settles what the test has put into the store.
    engine.set_roster(&Roster::default()).await.unwrap();
    engine
}

fn services() -> Vec<Service> {
    vec![part("checkout"), part("search")]
}

fn service(id: &str) -> Scope {
    Scope::Service(Id::new(id))
}

async fn asked(engine: &Engine, metric: &str, scope: Scope, window: Window) -> Answer {
    let query = MetricQuery::new([metric], window).scope(scope);
    engine.report(&query).await.unwrap().remove(0)
}

async fn facts(engine: &Engine, scope: Scope) -> Facts {
    let query = MetricQuery::new([""; 0], days(0, 20)).scope(scope);
    engine.facts(&query).await.unwrap().1
}

fn hours(found: &Facts) -> BTreeMap<String, Option<DateTime<Utc>>> {
    let samples = found.pull_requests.iter();
    samples
        .map(|sample| (sample.id.to_string(), sample.deployed_at))
        .collect()
}

#[tokio::test]
async fn the_example_of_the_document() {
    for (store, _folder) in stores().await {
        monorepo(&*store).await;
        let engine = engine(&store, services()).await;

        let lead = asked(&engine, "change_lead_time", service("checkout"), days(0, 10)).await;
        assert_eq!((lead.total.n, lead.total.value), (2, Some(37.0 * HOUR)));
        assert_eq!(lead.total.censored.censored_left, 1);
        assert_eq!(lead.total.excluded, BTreeMap::from([(Reason::UnknownPaths, 1)]));
        let lead = asked(&engine, "change_lead_time", service("search"), days(0, 10)).await;
        assert_eq!((lead.total.n, lead.total.value), (2, Some(61.0 * HOUR)));
        assert_eq!(lead.total.censored.censored_left, 1);
        assert_eq!(lead.total.excluded, BTreeMap::from([(Reason::UnknownPaths, 1)]));

        for (scope, deployments, merged) in [
            (service("checkout"), 0.3, 3.0),
            (service("search"), 0.2, 3.0),
            (Scope::Repository(Id::new("acme/mono")), 0.5, 6.0),
        ] {
            let frequency = asked(&engine, "deployment_frequency", scope.clone(), days(0, 10)).await;
            assert_eq!(frequency.total.value, Some(deployments), "{scope:?}");
            let velocity = asked(&engine, "velocity", scope.clone(), days(0, 10)).await;
            assert_eq!(velocity.total.value, Some(merged), "{scope:?}");
        }
        // The same question of the repository: change 3 was deployed with checkout-v2 already.
        let all = facts(&engine, Scope::Repository(Id::new("acme/mono"))).await;
        let three = pull_request_id(3).to_string();
        assert_eq!(hours(&all)[&three], Some(deployment(4).finished_at));
        let search = facts(&engine, service("search")).await;
        assert_eq!(hours(&search)[&three], Some(deployment(5).finished_at));
    }
}

/// Change 3 was merged and first deployed in its repository on days 3 and 4, and with `search` on day 5.
#[tokio::test]
async fn a_change_is_found_by_the_deployment_of_its_service_alone() {
    for (store, _folder) in stores().await {
        monorepo(&*store).await;
        let engine = engine(&store, services()).await;
        let query = MetricQuery::new(["lead-time"], days(5, 6)).scope(service("search"));
        let items = engine.explain(&query, "lead-time").await.unwrap();
        let found: Vec<_> = items
            .iter()
            .map(|item| (item.evidence.item.clone(), item.evidence.end))
            .collect();
        let deployed = Some(deployment(5).finished_at);
        let expected = [3, 4, 5].map(|n| (pull_request_id(n).to_string(), deployed));
        assert_eq!(found, expected);
    }
}

#[tokio::test]
async fn what_ran_before_is_the_service_s_own() {
    for (store, _folder) in stores().await {
        let mono = named_repository("acme/mono");
        let mut changes = page(&mono, "changes");
        let redeployed = Deployment {
            commit: landing_commit(1),
            contains_to: Some(1),
            ..released(3, "checkout-v1")
        };
        changes.deployments = vec![released(1, "checkout-v1"), released(2, "search-v1"), redeployed];
        store.commit(changes).await.unwrap();
        let engine = engine(&store, services()).await;
        let excluded = async |scope| {
            asked(&engine, "deployment_frequency", scope, days(0, 10))
                .await
                .total
                .excluded
        };
        // For the repository it looks as if search-v1 had been taken back.
        assert_eq!(
            excluded(Scope::All).await,
            BTreeMap::from([(Reason::Rollback, 1)])
        );
        assert_eq!(
            excluded(service("checkout")).await,
            BTreeMap::from([(Reason::Redeploy, 1)])
        );
        let checkout = facts(&engine, service("checkout")).await;
        assert_eq!(checkout.failures, []);
        assert!(checkout.deployments.iter().all(|sample| sample.rework.is_none()));
        let all = facts(&engine, Scope::All).await;
        assert_eq!(all.deployments[2].rework, Some(Rework::Rollback));
    }
}

/// Known wrong answer of others: an incident of service B failing service A's deployment.
#[tokio::test]
async fn an_incident_of_service_b_fails_no_deployment_of_service_a() {
    for (store, _folder) in stores().await {
        monorepo(&*store).await;
        let mut issues = page(&named_repository("acme/mono"), "issues");
        issues.incidents = vec![outage(5, "search")];
        store.commit(issues).await.unwrap();
        let engine = engine(&store, services()).await;
        // It began between checkout-v2 and search-v2.
        assert_eq!(facts(&engine, service("checkout")).await.failures, []);
        assert_eq!(facts(&engine, service("search")).await.failures, []);

        let mut later = page(&named_repository("acme/mono"), "incidents");
        later.incidents = vec![
            Incident {
                started_at: day(5) + TimeDelta::hours(2),
                ..outage(7, "search")
            },
            outage(5, "search"),
            Incident {
                id: incident_id(8),
                ..outage(5, "checkout")
            },
            Incident {
                id: incident_id(9),
                ..outage(6, "other")
            },
        ];
        store.commit(later).await.unwrap();
        let failed = async |id| -> Vec<_> {
            let found = facts(&engine, service(id)).await;
            found
                .failures
                .into_iter()
                .map(|failure| (failure.deployment, failure.rule, failure.cause))
                .collect()
        };
        let by = |n| (FailureRule::Time, incident_id(n).to_string());
        assert_eq!(failed("checkout").await, [(deployment_id(4), by(8).0, by(8).1)]);
        assert_eq!(failed("search").await, [(deployment_id(5), by(7).0, by(7).1)]);
        for (id, rate) in [("checkout", 1.0 / 3.0), ("search", 0.5)] {
            let answer = asked(&engine, "change_fail_rate", service(id), days(0, 10)).await;
            assert_eq!(answer.total.value, Some(rate), "{id}");
        }
    }
}

/// Two services share a repository, and neither tells its incidents apart: that one of them failed would be a guess.
#[tokio::test]
async fn an_incident_that_may_be_another_s_fails_nothing_unless_it_names_it() {
    for (store, _folder) in stores().await {
        monorepo(&*store).await;
        let mut issues = page(&named_repository("acme/mono"), "issues");
        let named = Incident {
            caused_by: vec![deployment_id(4).to_string()],
            ..outage(9, "incident")
        };
        issues.incidents = vec![outage(5, "incident"), named];
        store.commit(issues).await.unwrap();
        let untold = |id| Service {
            incident_labels: Vec::new(),
            ..part(id)
        };
        let engine = engine(&store, vec![untold("checkout"), untold("search")]).await;
        let checkout = facts(&engine, service("checkout")).await;
        assert_eq!(checkout.failures.len(), 1);
        assert_eq!(
            (&checkout.failures[0].deployment, checkout.failures[0].rule),
            (&deployment_id(4), FailureRule::Explicit)
        );
        assert_eq!(facts(&engine, service("search")).await.failures, []);

        let alone = Engine::new(
            Arc::clone(&store),
            Arc::new(ManualClock::new(day(60))),
            Settings {
                services: vec![untold("checkout")],
                ..Settings::default()
            },
        );
        assert_eq!(facts(&alone, service("checkout")).await.failures.len(), 2);
    }
}

/// A revert of another service's change is none of this one's, though its deployment contains it.
#[tokio::test]
async fn a_fix_of_other_files_fails_nothing() {
    for (store, _folder) in stores().await {
        let mut changes = page(&named_repository("acme/mono"), "changes");
        changes.pull_requests = (1..=4).map(|n| touching(n, &["search"])).collect();
        changes.pull_requests[2].reverts = vec![landing_commit(2)];
        let hotfix = &mut changes.pull_requests[3];
        hotfix.labels = vec!["hotfix".into()];
        changes.deployments = (1..=4).map(|n| released(n, "checkout-v1")).collect();
        changes.deployments.extend((5..=8).map(|n| Deployment {
            commit: landing_commit(n - 4),
            contains_to: Some(i64::from(n - 4)),
            ..released(n, "search-v1")
        }));
        store.commit(changes).await.unwrap();
        let engine = engine(&store, services()).await;
        let checkout = facts(&engine, service("checkout")).await;
        assert_eq!(checkout.failures, []);
        assert!(checkout.deployments.iter().all(|sample| sample.rework.is_none()));
        let search = facts(&engine, service("search")).await;
        assert_eq!(search.failures.len(), 1);
        assert_eq!(
            (&search.failures[0].deployment, search.failures[0].rule),
            (&deployment_id(6), FailureRule::Fix)
        );
        let rework: Vec<_> = search.deployments.iter().map(|sample| sample.rework).collect();
        assert_eq!(rework, [None, None, Some(Rework::Revert), Some(Rework::Hotfix)]);
    }
}

/// An outage that is reported elsewhere is charged once: where the service was deployed last.
#[tokio::test]
async fn incidents_may_be_reported_elsewhere() {
    for (store, _folder) in stores().await {
        let (pay, web, desk) = (
            named_repository("acme/pay"),
            named_repository("acme/pay-web"),
            named_repository("acme/desk"),
        );
        // Both within a day before the second outage.
        for (repository, n, finished_at) in [(&pay, 2, day(2)), (&web, 3, day(3) - TimeDelta::hours(12))] {
            let mut changes = page(repository, "changes");
            changes.deployments = vec![Deployment {
                repository: repository.id.clone(),
                finished_at,
                ..deployment(n)
            }];
            store.commit(changes).await.unwrap();
        }
        let mut issues = page(&desk, "issues");
        issues.incidents = [2, 3]
            .map(|n| Incident {
                repository: desk.id.clone(),
                ..incident(n)
            })
            .into();
        store.commit(issues).await.unwrap();
        let payments = Service {
            incident_repositories: globs(&["acme/desk"]),
            ..whole("payments", &["acme/pay", "acme/pay-*"])
        };
        let engine = engine(&store, vec![payments]).await;
        let found = facts(&engine, service("payments")).await;
        let failed: Vec<_> = found
            .failures
            .iter()
            .map(|failure| (failure.deployment.clone(), failure.cause.as_str()))
            .collect();
        let causes = [incident_id(2).to_string(), incident_id(3).to_string()];
        assert_eq!(
            failed,
            [
                (deployment_id(2), causes[0].as_str()),
                (deployment_id(3), causes[1].as_str())
            ]
        );
        assert_eq!(found.coverage.incidents_from, Some(days(0, 1).from));
        assert_eq!(found.coverage.deployments_from, Some(day(2)));
    }
}

#[tokio::test]
async fn a_service_without_parts_and_an_organization_are_their_repositories_together() {
    for (store, _folder) in stores().await {
        for (n, name) in [
            (1, "acme/shop"),
            (2, "acme/shop-web"),
            (3, "acme/api"),
            (4, "other/shop"),
        ] {
            let repository = named_repository(name);
            let mut changes = page(&repository, "changes");
            changes.pull_requests = vec![PullRequest {
                repository: repository.id.clone(),
                ..pull_request(n)
            }];
            store.commit(changes).await.unwrap();
        }
        let services = vec![
            whole("shop", &["acme/shop", "acme/shop-*"]),
            whole("none", &["acme/nothing"]),
        ];
        let engine = engine(&store, services).await;
        let merged = async |scope| {
            let answer = asked(&engine, "velocity", scope, days(0, 10)).await;
            (answer.total.value, answer.scope)
        };
        assert_eq!(merged(service("shop")).await.0, Some(2.0));
        assert_eq!(merged(service("none")).await.0, None, "unknown is not zero");
        let organization = |name: &str| Scope::Organization(name.to_owned());
        assert_eq!(merged(organization("acme")).await.0, Some(3.0));
        assert_eq!(
            merged(organization("Other")).await,
            (Some(1.0), organization("other"))
        );

        let missing = async |scope| {
            let query = MetricQuery::new(["velocity"], days(0, 10)).scope(scope);
            let error = engine.report(&query).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotFound);
            error.to_string()
        };
        assert!(missing(service("shpo")).await.contains("did you mean `shop`?"));
        assert!(
            missing(organization("acmee"))
                .await
                .contains("did you mean `acme`?")
        );
    }
}

/// What is computed when asked is what settling keeps: a service of all deployments is its repository.
#[tokio::test]
async fn a_part_that_is_everything_is_its_repository() {
    for (store, _folder) in stores().await {
        let mono = named_repository("acme/mono");
        let mut changes = page(&mono, "changes");
        changes.pull_requests = (1..=9).map(|n| touching(n, &["checkout"])).collect();
        changes.pull_requests[4].reverts = vec![landing_commit(3)];
        changes.pull_requests[6].labels = vec!["hotfix".into()];
        changes.deployments = [1, 3, 4, 6, 7, 8].map(|n| released(n, "v1")).into();
        // Back to 4, and on another environment.
        changes.deployments[4].commit = landing_commit(4);
        changes.deployments[4].contains_to = Some(4);
        changes.deployments[1].environment = "staging".into();
        store.commit(changes).await.unwrap();
        let mut issues = page(&mono, "issues");
        issues.incidents = vec![outage(5, "incident"), outage(9, "incident")];
        issues.incidents[1].caused_by = vec![landing_commit(6)];
        store.commit(issues).await.unwrap();
        let everything = Service {
            references: globs(&["*"]),
            ..whole("everything", &["acme/mono"])
        };
        let engine = engine(&store, vec![everything]).await;
        let asked = facts(&engine, service("everything")).await;
        let kept = facts(&engine, Scope::Repository(mono.id.clone())).await;
        assert_eq!(asked.pull_requests, kept.pull_requests);
        assert_eq!(asked.deployments, kept.deployments);
        assert_eq!(asked.coverage, kept.coverage);
        let failures = SampleQuery {
            extent: Extent::Repositories(vec![mono.id]),
            window: days(0, 20),
            open: false,
            places: Vec::new(),
        };
        let failures = store.failure_samples(&failures).await.unwrap();
        let rules: BTreeSet<_> = failures.iter().map(|failure| failure.rule.as_str()).collect();
        assert_eq!(rules.len(), 4, "each rule has its say: {rules:?}");
        assert_eq!(asked.failures, failures);
    }
}
