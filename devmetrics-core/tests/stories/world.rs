//! A small world told in sentences, collected into memory, and asked through the engine.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use devmetrics_core::attribution::{AttributionRules, Attributor, Subject};
use devmetrics_core::metric::{Answer, Bucket, MetricQuery, Scope};
use devmetrics_core::model::{
    Activity, Actor, Checkpoint, Deployment, DeploymentStatus, Event, EventKind, Feed, Incident, Landing,
    Milestones, OwnCommit, PullRequest, Review, Roster, Verdict, Window,
};
use devmetrics_core::store::{Batch, MemoryStore, MetricsStore};
use devmetrics_core::{Engine, Id, ManualClock, Settings};
use devmetrics_testkit::builders::named_repository;

/// The `hour`th hour of 2026, whose first of January is a Thursday.
pub(crate) fn hour(hour: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_225_600, 0).unwrap() + TimeDelta::hours(hour)
}

pub(crate) fn hours(from: i64, to: i64) -> Window {
    Window {
        from: hour(from),
        to: hour(to),
    }
}

/// What was collected up to hour 9000, told by sentences, one a line; hours are those of 2026. `of REPOSITORY` may end each.
///
/// - `change p1 from 5 to 20`: p1's first commit was made at 5, it was opened at 6, and merged at 20 by the commit p1.
///   by Eve. Then, in any order: `opened 7`, `by robot[bot]`, `reviewed 12 by eve`, `approved 15 by eve`, `draft until 9`, `reverts p0`,
///   `closes i1`, `labelled hotfix`, `branch release/1`, `landing squash`, `picked p9`
/// - `deploy p1 at 30`: the commit p1 to production; `staging`, `fails`, `id d7`
/// - `deploy x3 made 12 at 30`: of a commit by which nothing landed, made at 12
/// - `incident i1 from 40 to 50` (or `to never`); `caused by p1`
#[derive(Default)]
pub(crate) struct World {
    changes: Vec<PullRequest>,
    deployments: Vec<Deployment>,
    incidents: Vec<Incident>,
}

/// The words of a sentence, by the word before each.
struct Words<'a>(Vec<&'a str>);

impl<'a> Words<'a> {
    fn after(&self, word: &str) -> Option<&'a str> {
        let place = self.0.iter().position(|found| *found == word)?;
        self.0.get(place + 1).copied()
    }

    fn hour(&self, word: &str) -> Option<DateTime<Utc>> {
        self.after(word).and_then(|at| at.parse().ok()).map(hour)
    }

    fn list(&self, word: &str) -> Vec<String> {
        self.after(word).map(str::to_owned).into_iter().collect()
    }

    fn has(&self, word: &str) -> bool {
        self.0.contains(&word)
    }

    fn repository(&self) -> String {
        format!("github:repo:{}", self.after("of").unwrap_or("web"))
    }
}

fn actor(name: &str) -> Actor {
    Actor {
        handle: Some(name.to_owned()),
        bot: name.ends_with("[bot]"),
        ..Actor::default()
    }
}

pub(crate) fn world(story: &str) -> World {
    let mut world = World::default();
    for line in story.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words = Words(line.split_whitespace().collect());
        match words.0[0] {
            "change" => world.changes.push(change(&words)),
            "deploy" => {
                let number = world.deployments.len();
                world.deployments.push(deployment(&words, number));
            }
            "incident" => world.incidents.push(incident(&words)),
            other => panic!("no sentence begins with `{other}`"),
        }
    }
    world
}

fn change(words: &Words<'_>) -> PullRequest {
    let name = words.0[1].to_owned();
    let merged_at = words.hour("to");
    let first_commit_at = words.hour("from").unwrap();
    let opened_at = words
        .hour("opened")
        .unwrap_or(first_commit_at + TimeDelta::hours(1));
    let review = |word: &str, verdict| {
        let at = words.hour(word)?;
        let place = words.0.iter().position(|found| *found == word)?;
        Some(Review {
            id: format!("{name}-{word}"),
            verdict,
            submitted_at: Some(at),
            author: actor(words.0[place + 3]),
            commit: Some(name.clone()),
            comments: None,
        })
    };
    let reviews = [
        review("reviewed", Verdict::Commented),
        review("approved", Verdict::Approved),
    ];
    let ready = words.after("until").and_then(|at| at.parse().ok()).map(hour);
    let events = ready.map(|at| Event {
        kind: EventKind::ReadyForReview,
        at,
        actor: actor("ada"),
    });
    let merged = merged_at.map(|at| Event {
        kind: EventKind::Merged,
        at,
        actor: actor("eve"),
    });
    let author = match words.0.iter().position(|word| *word == "by") {
        Some(place) if words.0[place - 2] != "reviewed" && words.0[place - 2] != "approved" => {
            words.0[place + 1]
        }
        _ => "ada",
    };
    PullRequest {
        id: Id::new(format!("github:pr:{name}")),
        repository: Id::new(words.repository()),
        number: None,
        title: name.clone(),
        url: None,
        author: actor(author),
        co_authors: Vec::new(),
        base_branch: words.after("branch").unwrap_or("main").to_owned(),
        landing: merged_at.map(|_| match words.after("landing") {
            None | Some("merge") => Landing::Merge,
            Some("squash") => Landing::Squash,
            Some("rebase") => Landing::Rebase,
            Some(other) => panic!("no landing is `{other}`"),
        }),
        milestones: Milestones {
            opened_at: Some(opened_at),
            merged_at,
            closed_at: merged_at,
            ..Milestones::default()
        },
        first_commit_estimated: false,
        first_commit: None,
        landing_commit: merged_at.map(|_| name.clone()),
        position: merged_at
            .filter(|_| !words.has("branch"))
            .map(|at| at.timestamp()),
        draft: false,
        labels: words.list("labelled"),
        closes: words.after("closes").map(Id::new).into_iter().collect(),
        commits: Some(1),
        additions: Some(10),
        deletions: Some(0),
        changed_files: Some(1),
        comments: Some(0),
        paths: None,
        activity: Some(Activity {
            commits: vec![OwnCommit {
                id: name.clone(),
                authored_at: first_commit_at,
                committed_at: first_commit_at,
                author: actor(author),
            }],
            reviews: reviews.into_iter().flatten().collect(),
            events: events.into_iter().chain(merged).collect(),
        }),
        reverts: words.list("reverts"),
        cherry_picked_from: words.list("picked"),
        updated_at: hour(0),
    }
}

fn deployment(words: &Words<'_>, number: usize) -> Deployment {
    let finished_at = words.hour("at").unwrap();
    let id = words.after("id").map_or(format!("d{number}"), str::to_owned);
    Deployment {
        id: Id::new(id),
        repository: Id::new(words.repository()),
        environment: if words.has("staging") {
            "staging"
        } else {
            "production"
        }
        .to_owned(),
        status: if words.has("fails") {
            DeploymentStatus::Failure
        } else {
            DeploymentStatus::Success
        },
        finished_at,
        reference: words.0[1].to_owned(),
        commit: words.0[1].to_owned(),
        committed_at: words.hour("made"),
        contains_to: None,
        declares: Vec::new(),
        creator: actor("ada"),
        url: None,
        updated_at: finished_at,
    }
}

fn incident(words: &Words<'_>) -> Incident {
    let started_at = words.hour("from").unwrap();
    Incident {
        id: Id::new(words.0[1]),
        repository: Id::new(words.repository()),
        number: None,
        title: words.0[1].to_owned(),
        url: None,
        author: actor("ada"),
        labels: Vec::new(),
        started_at,
        resolved_at: words.hour("to"),
        caused_by: words
            .after("caused")
            .and(words.after("by"))
            .map(str::to_owned)
            .into_iter()
            .collect(),
        updated_at: started_at,
    }
}

/// Up to when everything was collected.
const COLLECTED: i64 = 9000;

impl World {
    /// An engine that collected it: feeds of pull requests, deployments and issues, from hour 0 on.
    pub(crate) async fn engine(self) -> Engine {
        let engine = empty();
        let store = Arc::clone(&engine.1);
        let attributor = Attributor::new(&Roster::default(), AttributionRules::default(), hour(COLLECTED));
        let batch = |scope: &str, kind: &str| {
            let feed = Feed {
                source: "github".into(),
                scope: scope.to_owned(),
                kind: kind.into(),
            };
            Batch {
                complete: true,
                covered_from: Some(hour(0)),
                revision: attributor.revision().to_owned(),
                ..Batch::empty(feed, None, Checkpoint("1".into()), hour(COLLECTED))
            }
        };
        for name in ["web", "api"] {
            let id = Id::new(format!("github:repo:{name}"));
            let mut page = batch(id.as_str(), "pull_requests");
            page.repositories = vec![devmetrics_core::model::Repository {
                id: id.clone(),
                ..named_repository(name)
            }];
            page.pull_requests = self
                .changes
                .iter()
                .filter(|fact| fact.repository == id)
                .cloned()
                .collect();
            page.attributions = page
                .pull_requests
                .iter()
                .map(|fact| attributor.attribute(&Subject::from(fact)))
                .collect();
            store.commit(page).await.unwrap();
            let mut page = batch(id.as_str(), "deployments");
            page.deployments = self
                .deployments
                .iter()
                .filter(|fact| fact.repository == id)
                .cloned()
                .collect();
            store.commit(page).await.unwrap();
            let mut page = batch(id.as_str(), "issues");
            page.incidents = self
                .incidents
                .iter()
                .filter(|fact| fact.repository == id)
                .cloned()
                .collect();
            store.commit(page).await.unwrap();
        }
        engine.0.set_roster(&Roster::default()).await.unwrap();
        engine.0
    }

    /// What a metric's value over the first `to` hours is.
    pub(crate) async fn value(self, metric: &str, to: i64) -> Option<f64> {
        ask(&self.engine().await, metric, hours(0, to)).await.total.value
    }
}

/// An engine over an empty store.
pub(crate) fn empty() -> (Engine, Arc<dyn MetricsStore>) {
    let store: Arc<dyn MetricsStore> = Arc::new(MemoryStore::new());
    let clock = Arc::new(ManualClock::new(hour(COLLECTED)));
    (Engine::new(Arc::clone(&store), clock, Settings::default()), store)
}

pub(crate) async fn ask(engine: &Engine, metric: &str, window: Window) -> Answer {
    ask_of(engine, metric, window, Scope::All).await
}

pub(crate) async fn ask_of(engine: &Engine, metric: &str, window: Window, scope: Scope) -> Answer {
    let query = MetricQuery::new([metric], window)
        .scope(scope)
        .bucket(Bucket::Month);
    engine.report(&query).await.unwrap().remove(0)
}

/// What became of each item behind a value: `p1: 24`, `p2: pending`, `d3: redeploy`; values in hours.
pub(crate) async fn items(engine: &Engine, metric: &str, window: Window) -> BTreeMap<String, String> {
    use devmetrics_core::metric::Outcome;
    let evidence = engine
        .explain(&MetricQuery::new([metric], window), metric)
        .await
        .unwrap();
    let told = evidence.into_iter().map(|item| {
        let item = item.evidence;
        let outcome = match item.outcome {
            Outcome::Counted { value, .. } => format!("{}", value / 3600.0),
            Outcome::Excluded { reason } => reason.as_str().to_owned(),
            Outcome::Pending { .. } => "pending".to_owned(),
            Outcome::CensoredLeft => "baseline".to_owned(),
            Outcome::Open { .. } => "open".to_owned(),
            other => panic!("{other:?}"),
        };
        let noted = item.note.map(|note| format!(", {note}")).unwrap_or_default();
        let name = item.item.rsplit(':').next().unwrap_or_default().to_owned();
        (name, format!("{outcome}{noted}"))
    });
    told.collect()
}
