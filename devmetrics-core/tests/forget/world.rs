//! A world in which somebody is named wherever a person can be, and all numbers that come of it.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use devmetrics_core::attribution::roster_from_toml;
use devmetrics_core::engine::{ImportOptions, Outcome};
use devmetrics_core::import::{IncidentRecord, Records};
use devmetrics_core::metric::{Bucket, MetricQuery, Policy, Scope};
use devmetrics_core::model::{
    Actor, Checkpoint, Fact, Feed, Incident, Milestones, ObservedTeam, PullRequest, RawRecord, Roster,
    TeamSnapshot, Verdict,
};
use devmetrics_core::source::{ProviderInfo, SourcePage, SourceProvider};
use devmetrics_core::store::MetricsStore;
use devmetrics_core::{Engine, Error, ErrorKind, Id, ManualClock, Result, Settings};
use devmetrics_testkit::builders::*;
use serde_json::{Value, json};

/// The handle of who is forgotten. All of their names, and nothing else, have `canary` in them.
pub(crate) const CANARY: &str = "CanaryCat";

/// Settings that go on naming them: by an address under which they have no account, as well.
const TEAMS: &str = "
[[team]]
id = 'web'
member = [
  { email = ['Canary@mail.example', 'canary@old.example'], name = 'Canary Feline' },
  { handle = 'bob' },
]
[[team]]
id = 'api'
member = [{ handle = 'eve' }]
[bots]
humans = ['canarycat']
accounts = ['release-robot']
";

pub(crate) fn roster() -> Roster {
    roster_from_toml("teams.toml", TEAMS).unwrap()
}

/// With an account, as a host tells; with an address alone, as a git history does; with an older address.
fn canary(form: u32) -> Actor {
    let (name, email, handle) = match form % 3 {
        0 => ("Canary Feline", "canary@mail.example", Some(CANARY)),
        1 => ("Canary Feline", "Canary@Mail.example", None),
        _ => ("Canary of old", "canary@old.example", None),
    };
    Actor {
        name: Some(name.into()),
        email: Some(email.into()),
        handle: handle.map(str::to_owned),
        bot: false,
    }
}

fn somebody(n: u32) -> Actor {
    match n % 4 {
        0 => canary(n / 4),
        1 => person("eve"),
        2 => person("bob"),
        _ => person("release-robot"),
    }
}

fn change(n: u32) -> PullRequest {
    let usual = pull_request(n);
    let mut activity = activity(n, "eve", Verdict::Approved);
    activity.commits[0].author = somebody(n);
    activity.reviews[0].author = somebody(n + 1);
    activity.events[0].actor = somebody(n + 2);
    PullRequest {
        author: somebody(n),
        co_authors: vec![somebody(n + 3), somebody(n + 1)],
        milestones: Milestones {
            opened_at: Some(day(n) - TimeDelta::hours(4)),
            ..usual.milestones
        },
        reverts: (n % 7 == 6).then(|| landing_commit(n - 1)).into_iter().collect(),
        activity: (n % 5 != 4).then_some(activity),
        ..usual
    }
}

/// All facts, in feeds of two kinds.
fn facts() -> Vec<(&'static str, Vec<Fact>)> {
    let changes = (1..30).map(|n| Fact::PullRequest(Box::new(change(n))));
    let deployments = (1..30).step_by(3).map(|n| {
        let mut deployment = deployment(n);
        deployment.creator = somebody(n / 3);
        Fact::Deployment(deployment)
    });
    let incidents = (2..30).step_by(5).map(|n| {
        let usual = incident(n);
        Fact::Incident(Incident {
            author: somebody(n),
            caused_by: vec![landing_commit(n)],
            ..usual
        })
    });
    let teams = Fact::Teams(TeamSnapshot {
        taken_at: day(40),
        teams: vec![ObservedTeam {
            id: Id::new("seen"),
            name: "Seen".into(),
            parent: None,
            members: Some(vec![CANARY.into(), "eve".into()]),
        }],
        complete: true,
    });
    vec![
        (
            "changes",
            [Fact::Repository(repository())]
                .into_iter()
                .chain(changes)
                .collect(),
        ),
        ("deployments", deployments.collect()),
        ("incidents", incidents.collect()),
        ("teams", vec![teams]),
    ]
}

/// Tells everything, and everything again, and something that nobody understands.
#[derive(Debug)]
struct Told;

#[async_trait]
impl SourceProvider for Told {
    fn info(&self) -> ProviderInfo {
        ProviderInfo {
            source: "git".into(),
            description: "a world".into(),
            metered: true,
        }
    }

    async fn discover(&self) -> Result<Vec<Feed>> {
        Ok(facts().into_iter().map(|(kind, _)| feed(kind)).collect())
    }

    async fn fetch(&self, feed: &Feed, after: Option<Checkpoint>) -> Result<SourcePage> {
        let round: u32 = after.map_or(0, |after| after.0.parse().unwrap());
        let facts = facts()
            .into_iter()
            .find(|(kind, _)| *kind == feed.kind)
            .unwrap()
            .1;
        let mut payloads: Vec<Value> = facts.into_iter().map(|fact| json!(fact)).collect();
        if feed.kind == "changes" {
            payloads.push(json!({ "fact": "riddle", "commit": "By Canary Feline <x@y>" }));
            payloads.push(json!({ "fact": "riddle", "error": "no such user: canarycat" }));
            payloads.push(json!({ "fact": "riddle", "commit": "by nobody" }));
        }
        let records = payloads.into_iter().enumerate();
        Ok(SourcePage {
            records: records
                .map(|(n, payload)| RawRecord {
                    id: n.to_string(),
                    payload,
                })
                .collect(),
            next: Checkpoint((round + 1).to_string()),
            covered_from: Some(day(0)),
            ..SourcePage::default()
        })
    }

    fn normalize(&self, _feed: &Feed, record: &RawRecord) -> Result<Vec<Fact>> {
        let fact = serde_json::from_value(record.payload.clone()).map_err(|_| {
            let why = record.payload["error"].as_str().unwrap_or("a riddle");
            Error::new(ErrorKind::Corrupt, why.to_owned())
        })?;
        Ok(vec![fact])
    }
}

pub(crate) struct World {
    store: Arc<dyn MetricsStore>,
    roster: Option<Roster>,
}

impl World {
    pub(crate) fn new(store: Arc<dyn MetricsStore>) -> Self {
        Self {
            store,
            roster: Some(roster()),
        }
    }

    pub(crate) fn without_roster(self) -> Self {
        Self { roster: None, ..self }
    }

    /// Collects everything, as a program does that has just been started.
    pub(crate) async fn sync(&self) -> Engine {
        let settings = Settings {
            roster: self.roster.clone(),
            ..Settings::default()
        };
        let clock = Arc::new(ManualClock::new(day(50)));
        let engine = Engine::new(Arc::clone(&self.store), clock, settings).with_source(Arc::new(Told));
        let report = engine.sync(Default::default()).await.unwrap();
        assert_eq!((report.outcome, report.quarantined()), (Outcome::Complete, 3));
        engine
    }

    /// Takes incidents over that they reported.
    pub(crate) async fn import(&self, engine: &Engine) {
        let records = json!([
            { "id": "1", "repository": "acme/web", "title": "Slow", "started_at": day(20), "author": "@canarycat" },
            { "id": "2", "repository": "acme/web", "title": "Slower", "started_at": day(21), "author": "Canary Feline" },
        ]);
        let records = Records::<IncidentRecord>::from_json("incidents.json", &records.to_string()).unwrap();
        engine
            .import_incidents(&records, &ImportOptions::default())
            .await
            .unwrap();
    }
}

/// Every answer, but for names.
#[derive(PartialEq)]
pub(crate) struct Numbers(Vec<(String, Value)>);

impl Numbers {
    pub(crate) async fn of(engine: &Engine) -> Self {
        let names: Vec<String> = engine
            .catalog()
            .iter()
            .map(|metric| metric.definition().id.to_string())
            .collect();
        let mut scopes = engine.every_team().await.unwrap();
        assert_eq!(scopes.len(), 4, "web, api, what was seen, and nobody's");
        scopes.extend([
            Scope::All,
            Scope::Repository(repository().id),
            Scope::Organization("acme".into()),
        ]);
        let mut numbers = Vec::new();
        for scope in scopes {
            for policy in [Policy::Full, Policy::Fractional, Policy::Primary] {
                let query = MetricQuery::new(names.clone(), days(0, 45))
                    .scope(scope.clone())
                    .policy(policy)
                    .bucket(Bucket::Week);
                let answers = engine.report(&query).await.unwrap();
                // The main team of some is another.
                let told = policy != Policy::Full || answers.iter().any(|answer| answer.total.n > 0);
                assert!(told, "{scope:?} has no number");
                for answer in answers {
                    numbers.push((format!("{scope:?} {policy:?}"), json!(answer)));
                }
                // What is explained does not depend on the policy.
                let explained = names.iter().filter(|_| policy == Policy::Full);
                for name in explained {
                    for item in engine.explain(&query, name).await.unwrap() {
                        numbers.push((format!("{scope:?} {policy:?} {name}"), json!(item.evidence)));
                    }
                }
            }
        }
        for finding in engine.quality(Some(days(0, 45))).await.unwrap().findings {
            numbers.push((
                format!("{:?}", finding.kind),
                json!([finding.count, finding.out_of]),
            ));
        }
        Self(numbers)
    }

    pub(crate) fn assert_same(&self, other: &Self, when: &str) {
        assert_eq!(self.0.len(), other.0.len(), "{when}");
        for (one, other) in self.0.iter().zip(&other.0) {
            assert_eq!(one, other, "{when}");
        }
    }
}
