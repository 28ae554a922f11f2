//! Which feeds have something new. The pull requests' heads came with the owners' lists; for the other lists, and for what
//! may change in its place, a hundred and forty-nine questions are one point.
//!
//! A run may spend so many points on it that a run without any news stays cheap. What must be known comes first: feeds with
//! open work, repositories that moved lately and feeds that were never read. Then comes what was asked longest ago, and last the
//! comparison of pull requests that may have changed without a trace.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::checkpoint::{
    self, DeploymentsPoint, IssuesPoint, LabelPoint, PullRequestsPoint, ReleasesPoint, TagsPoint,
};
use super::documents::{self, CONNECTIONS_PER_POINT, List, MAX_IDS};
use super::feed::Kind;
use super::lanes::{Lane, Lanes};
use super::pages::{Connection, Question, instant, is_too_heavy};
use super::pull_requests::{self, DAILY, is_due};
use super::reading::question;
use super::run::{Probe, Refreshed, SeenRepository, Swept};
use super::source::GithubSource;
use super::{deployments, issues, releases, tags};
use crate::Result;
use crate::source::{Changes, KnownFeed};

/// Points that a run may spend on finding out what is new, the owners' lists included: so many at least,
const LEAST_POINTS: u64 = 5;
/// and this many a thousand repositories.
const POINTS_PER_THOUSAND: u64 = 15;
/// How long after its last movement a repository is asked about in every run.
const LATELY: TimeDelta = TimeDelta::hours(48);

/// One of the questions that a query holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Ask {
    /// What a list of the repository begins with.
    List(Kind, String),
    /// The same of the issues with the n-th label.
    Label(usize, String),
    /// An element as it is now: a deployment, an issue or a pull request.
    Element(Kind, String),
}

impl Ask {
    /// The variable that holds the node id.
    fn variable(&self) -> String {
        match self {
            Self::List(Kind::Releases, _) => "releases".to_owned(),
            Self::List(Kind::Tags, _) => "tags".to_owned(),
            Self::List(..) => "deployments".to_owned(),
            Self::Label(n, _) => format!("issues{n}"),
            Self::Element(Kind::Deployments, _) => "openDeployments".to_owned(),
            Self::Element(Kind::Issues, _) => "openIssues".to_owned(),
            Self::Element(..) => "pullRequests".to_owned(),
        }
    }

    fn node(&self) -> &str {
        match self {
            Self::List(_, node) | Self::Label(_, node) | Self::Element(_, node) => node,
        }
    }
}

/// Queries that are being filled, each worth one point.
#[derive(Debug, Default)]
struct Queries(Vec<BTreeMap<String, Vec<Ask>>>);

impl Queries {
    /// Places a question; false when that would take more than `most` queries.
    fn place(&mut self, ask: Ask, most: usize) -> bool {
        let variable = ask.variable();
        let has_room = |query: &BTreeMap<String, Vec<Ask>>| {
            query.values().map(Vec::len).sum::<usize>() < CONNECTIONS_PER_POINT
                && query.get(&variable).map_or(0, Vec::len) < MAX_IDS
        };
        let place = self.0.iter().position(has_room);
        let place = match place {
            Some(place) => place,
            None if self.0.len() < most => {
                self.0.push(BTreeMap::new());
                self.0.len() - 1
            }
            None => return false,
        };
        self.0[place].entry(variable).or_default().push(ask);
        true
    }
}

/// A feed of a repository, with its checkpoint read.
struct Candidate {
    known: KnownFeed,
    kind: Kind,
    seen: SeenRepository,
    point: Point,
    asks: Vec<Ask>,
}

enum Point {
    Never,
    PullRequests(Box<PullRequestsPoint>),
    Deployments(DeploymentsPoint),
    Releases(ReleasesPoint),
    Tags(TagsPoint),
    Issues(IssuesPoint),
}

/// What the queries answered: `None` for what GitHub does not show.
type Answers = HashMap<Ask, Option<Value>>;

impl GithubSource {
    pub(super) async fn probe(&self, feeds: Vec<KnownFeed>) -> Result<Changes> {
        let mut changes = Changes::default();
        let mut candidates = Vec::new();
        let mut feeds = feeds;
        // The longest unread first; within one repository in the order in which it names them.
        feeds.sort_by_key(|known| known.covered_to);
        for known in feeds {
            match Kind::of(&known.feed) {
                Some(Kind::Repositories | Kind::Teams) => changes.to_read.push(known.feed),
                Some(kind) => match self.candidate(kind, &known) {
                    Ok(Some(candidate)) => candidates.push(candidate),
                    Ok(None) => {}
                    // Reading it tells what is wrong with it.
                    Err(_) => changes.to_read.push(known.feed),
                },
                None => {}
            }
        }
        changes
            .to_read
            .sort_by_key(|feed| (Kind::of(feed), feed.scope.clone()));
        let (queries, sweeps) = self.plan(&candidates);
        let answers = self.ask_all(queries).await?;
        self.compare(&candidates, sweeps, &answers);
        for candidate in &candidates {
            self.judge(candidate, &answers, &mut changes).await?;
        }
        Ok(changes)
    }

    /// A feed with its questions; `None` for one of a repository that is not to be read any more.
    fn candidate(&self, kind: Kind, known: &KnownFeed) -> Result<Option<Candidate>> {
        let Some(seen) = self.run().repositories.get(&known.feed.scope).cloned() else {
            return Ok(None);
        };
        let feed = &known.feed;
        let point = match (&known.checkpoint, kind) {
            (None, _) => Point::Never,
            (Some(point), Kind::Deployments) => Point::Deployments(checkpoint::read(feed, point)?),
            (Some(point), Kind::Releases) => Point::Releases(checkpoint::read(feed, point)?),
            (Some(point), Kind::Tags) => Point::Tags(checkpoint::read(feed, point)?),
            (Some(point), Kind::Issues) => Point::Issues(checkpoint::read(feed, point)?),
            (Some(point), _) => Point::PullRequests(Box::new(checkpoint::read(feed, point)?)),
        };
        let date = self.run().started;
        let mut asks = match kind {
            Kind::Deployments | Kind::Releases | Kind::Tags => vec![Ask::List(kind, seen.node.clone())],
            Kind::Issues => (0..self.options.incident_labels.len())
                .map(|n| Ask::Label(n, seen.node.clone()))
                .collect(),
            _ => Vec::new(),
        };
        let element = |id: &str| Ask::Element(kind, id.to_owned());
        match &point {
            Point::Deployments(point) => asks.extend(point.to_refresh(date).map(element)),
            Point::Issues(point) => asks.extend(point.open.keys().map(|id| element(id))),
            _ => {}
        }
        Ok(Some(Candidate {
            known: known.clone(),
            kind,
            seen,
            point,
            asks,
        }))
    }

    /// Which questions are asked, and up to which pull request each repository is compared.
    fn plan(&self, candidates: &[Candidate]) -> (Queries, Vec<(String, Vec<String>, bool)>) {
        let mut queries = Queries::default();
        let (points, date) = self.points_for_probes();
        let mut ordered: Vec<&Candidate> = candidates.iter().filter(|one| !one.asks.is_empty()).collect();
        // What was never read is asked whatever it costs: it is once, and cheaper than to read what is empty.
        for never in ordered.iter().filter(|one| matches!(one.point, Point::Never)) {
            for ask in &never.asks {
                queries.place(ask.clone(), usize::MAX);
            }
        }
        ordered.retain(|one| !matches!(one.point, Point::Never));
        ordered.sort_by_key(|one| (!one.is_urgent(date), one.known.covered_to));
        // A part is kept for the comparison, which would never come about otherwise.
        let most = queries.0.len() + points - points / 4;
        for one in ordered {
            if !one.asks.iter().all(|ask| queries.place(ask.clone(), most)) {
                break;
            }
        }
        let most = queries.0.len().max(most) + points / 4;
        let mut due: Vec<(&Candidate, &PullRequestsPoint)> = candidates
            .iter()
            .filter_map(|one| match &one.point {
                Point::PullRequests(point) if is_sweep_due(point, date) => Some((one, &**point)),
                _ => None,
            })
            .collect();
        due.sort_by_key(|(_, point)| point.swept_at);
        let mut sweeps = Vec::new();
        for (one, point) in due {
            let from = point.swept_to.clone().unwrap_or_default();
            let mut rest = point
                .watched
                .range::<String, _>((std::ops::Bound::Excluded(from), std::ops::Bound::Unbounded));
            let mut ids = Vec::new();
            let is_whole = rest.all(|(id, _)| {
                let is_placed = queries.place(Ask::Element(Kind::PullRequests, id.clone()), most);
                if is_placed {
                    ids.push(id.clone());
                }
                is_placed
            });
            if is_whole || !ids.is_empty() {
                sweeps.push((one.known.feed.scope.clone(), ids, is_whole));
            }
            if !is_whole {
                break;
            }
        }
        (queries, sweeps)
    }

    /// How many points are left for finding out, and the run's instant.
    fn points_for_probes(&self) -> (usize, DateTime<Utc>) {
        let run = self.run();
        let thousandths = POINTS_PER_THOUSAND * run.repositories.len() as u64;
        let all = LEAST_POINTS.max(thousandths.div_ceil(1000));
        let used = self.client.usage().points - run.used_before.points;
        let teams = if self.options.teams {
            run.owners.values().filter(|owner| owner.is_organization).count() as u64
        } else {
            0
        };
        let left = all.saturating_sub(used + teams);
        (usize::try_from(left).unwrap_or(usize::MAX), run.started)
    }

    async fn ask_all(&self, queries: Queries) -> Result<Answers> {
        let labels = &self.options.incident_labels;
        let document = documents::probe(labels.len());
        let mut answers = Answers::new();
        for query in queries.0 {
            let ids = |variable: &str| -> Vec<&str> {
                query.get(variable).into_iter().flatten().map(Ask::node).collect()
            };
            let mut variables = Map::new();
            for name in [
                "deployments",
                "releases",
                "tags",
                "openDeployments",
                "openIssues",
                "pullRequests",
            ] {
                variables.insert(name.to_owned(), json!(ids(name)));
            }
            for (n, label) in labels.iter().enumerate() {
                let name = format!("issues{n}");
                variables.insert(name.clone(), json!(ids(&name)));
                variables.insert(format!("label{n}"), json!(label));
            }
            let answer = self
                .ask::<Map<String, Value>>("Probe", &document, variables.into())
                .await;
            let mut answer = match answer {
                Ok(answer) => answer,
                Err(fault) if is_too_heavy(&fault) => {
                    // Whoever was in it is asked about by a later run.
                    tracing::warn!(error = %fault.error, "some feeds were not asked about");
                    continue;
                }
                Err(fault) => return Err(fault.error),
            };
            // Without a reason given, what is missing is a failure and not gone.
            let is_whole = answer.errors.iter().all(|error| error.is("NOT_FOUND"));
            for (variable, asks) in &query {
                let nodes = answer.data.get_mut(variable).and_then(Value::as_array_mut);
                for (ask, node) in asks.iter().zip(nodes.into_iter().flatten()) {
                    let node = Some(node.take()).filter(|node| !node.is_null());
                    if node.is_some() || is_whole {
                        answers.insert(ask.clone(), node);
                    }
                }
            }
        }
        Ok(answers)
    }

    /// Compares watched pull requests with what they are now.
    fn compare(&self, candidates: &[Candidate], sweeps: Vec<(String, Vec<String>, bool)>, answers: &Answers) {
        let points: HashMap<&str, &PullRequestsPoint> = candidates
            .iter()
            .filter_map(|one| match &one.point {
                Point::PullRequests(point) => Some((one.known.feed.scope.as_str(), &**point)),
                _ => None,
            })
            .collect();
        for (scope, ids, is_whole) in sweeps {
            let Some(point) = points.get(scope.as_str()) else {
                continue;
            };
            let mut swept = Swept::default();
            let mut answered = true;
            for id in ids {
                let ask = Ask::Element(Kind::PullRequests, id.clone());
                match answers.get(&ask) {
                    Some(None) => swept.missing.push(id.clone()),
                    Some(Some(node)) if has_changed(point, &id, node) => swept.changed.push(id.clone()),
                    Some(Some(_)) => {}
                    None => answered = false,
                }
                swept.to = Some(id);
            }
            if is_whole {
                swept.to = None;
            }
            if answered {
                self.run().swept.insert(scope, swept);
            }
        }
    }

    /// Whether a feed is to be read, is unchanged, or was not asked about.
    async fn judge(&self, one: &Candidate, answers: &Answers, changes: &mut Changes) -> Result<()> {
        let (feed, scope) = (&one.known.feed, &one.known.feed.scope);
        let is_asked = one.asks.iter().all(|ask| answers.contains_key(ask));
        let has_news = match &one.point {
            Point::Never if one.kind == Kind::PullRequests => {
                self.foresee_first(one, self.pull_requests(), &one.seen.pull_requests);
                true
            }
            Point::PullRequests(point) => {
                let run = self.run();
                let has_head = one.seen.pull_requests.newest != point.lanes.head;
                let by_id = run.swept.contains_key(scope)
                    || point.degraded.iter().any(|known| is_due(known, run.started));
                drop(run);
                if has_head {
                    self.foresee(one, self.pull_requests(), &point.lanes);
                }
                has_head || by_id || point.lanes.next(true).is_some()
            }
            _ => self.judge_asked(one, answers).await?,
        };
        if has_news {
            changes.to_read.push(feed.clone());
        } else if is_asked {
            changes.unchanged.push(feed.clone());
        }
        Ok(())
    }

    /// Takes note of what was answered about a feed; whether it is to be read.
    async fn judge_asked(&self, one: &Candidate, answers: &Answers) -> Result<bool> {
        let scope = &one.known.feed.scope;
        for ask in &one.asks {
            let (label, node) = match (ask, answers.get(ask)) {
                (Ask::List(..), Some(Some(node))) => (None, node),
                (Ask::Label(n, _), Some(Some(node))) => (self.options.incident_labels.get(*n).cloned(), node),
                _ => continue,
            };
            if let Some(probe) = probe_of(one.kind, node) {
                let key = (one.kind, scope.clone(), label);
                self.run().probes.insert(key, probe);
            }
        }
        let refreshed = self.refreshed(one, answers).await?;
        let has_refreshed = !refreshed.is_empty();
        if has_refreshed {
            self.run().refreshed.insert((one.kind, scope.clone()), refreshed);
        }
        let probe = |label: Option<String>| self.run().probes.get(&(one.kind, scope.clone(), label)).cloned();
        Ok(match &one.point {
            Point::Never => {
                self.foresee_never(one, probe(None));
                true
            }
            Point::Deployments(point) => {
                let has_head = probe(None).is_some_and(|probe| probe.newest != point.lanes.head);
                if has_head {
                    self.foresee(one, List::Deployments, &point.lanes);
                }
                has_head || has_refreshed || point.lanes.next(true).is_some()
            }
            Point::Releases(point) => {
                let has_changed = probe(None).is_some_and(|probe| probe.digest != point.digest);
                if has_changed && point.walk.done {
                    self.run()
                        .want(Question::newest(List::Releases, &one.seen, scope, None));
                }
                has_changed || !point.walk.done
            }
            Point::Tags(point) => {
                let probed = probe(None).and_then(|probe| probe.digest);
                let started = self.run().started;
                let has_changed = self.is_due(point, probed, started);
                if has_changed {
                    self.run()
                        .want(Question::newest(List::Tags, &one.seen, scope, None));
                }
                has_changed || !point.walk.done
            }
            Point::Issues(point) => {
                let mut has_news = has_refreshed;
                for label in &self.options.incident_labels {
                    let known = point.labels.get(label).cloned().unwrap_or_default();
                    let is_new = probe(Some(label.clone())).is_some_and(|probe| probe.newest != known.head);
                    if is_new || known.since.is_some() || !point.labels.contains_key(label) {
                        has_news = true;
                        self.foresee_label(one, label, &known);
                    }
                }
                has_news
            }
            Point::PullRequests(_) => false,
        })
    }

    /// The elements of a feed that are not as its checkpoint has them.
    async fn refreshed(&self, one: &Candidate, answers: &Answers) -> Result<Vec<Refreshed>> {
        let mut changed = Vec::new();
        let mut gone = Vec::new();
        for ask in &one.asks {
            let (Ask::Element(_, id), Some(answer)) = (ask, answers.get(ask)) else {
                continue;
            };
            match (answer, &one.point) {
                (None, _) => gone.push(Refreshed::Gone(id.clone())),
                (Some(node), Point::Deployments(point)) => {
                    let known = point.open.get(id).map(|open| open.digest);
                    // More statuses than a page holds are read only if the page has changed.
                    if known != Some(deployments::state(node)) {
                        changed.push(node.clone());
                    }
                }
                (Some(node), Point::Issues(point)) => {
                    let known = point.open.get(id).map(|open| open.digest);
                    if known != Some(issues::state(node)) {
                        changed.push(node.clone());
                    }
                }
                _ => {}
            }
        }
        let list = if one.kind == Kind::Issues {
            List::Issues
        } else {
            List::Deployments
        };
        self.complete(list, changed.iter_mut().collect()).await?;
        gone.extend(changed.into_iter().map(Refreshed::Changed));
        Ok(gone)
    }

    /// Says which page will be asked for first, so that it comes along with another.
    fn foresee(&self, one: &Candidate, list: List, lanes: &Lanes) {
        if let Some(lane) = lanes.next(false) {
            let question = question(&one.seen, &one.known.feed.scope, list, lanes, lane);
            self.run().want(question);
        }
    }

    fn foresee_first(&self, one: &Candidate, list: List, probe: &Probe) {
        if probe.total > 0 {
            let lanes = Lanes::default();
            let lane = Lane::Tail;
            let question = question(&one.seen, &one.known.feed.scope, list, &lanes, lane);
            self.run().want(question);
        }
    }

    fn foresee_never(&self, one: &Candidate, probe: Option<Probe>) {
        match one.kind {
            Kind::Issues => {
                for label in &self.options.incident_labels {
                    self.foresee_label(one, label, &LabelPoint::default());
                }
            }
            Kind::Releases if probe.as_ref().is_none_or(|probe| probe.total > 0) => {
                let question = Question::newest(List::Releases, &one.seen, &one.known.feed.scope, None);
                self.run().want(question);
            }
            Kind::Tags if probe.as_ref().is_none_or(|probe| probe.total > 0) => {
                let question = Question::newest(List::Tags, &one.seen, &one.known.feed.scope, None);
                self.run().want(question);
            }
            Kind::Deployments => {
                if let Some(probe) = &probe {
                    self.foresee_first(one, List::Deployments, probe);
                }
            }
            _ => {}
        }
    }

    fn foresee_label(&self, one: &Candidate, label: &str, point: &LabelPoint) {
        let key = (Kind::Issues, one.known.feed.scope.clone(), Some(label.to_owned()));
        let mut run = self.run();
        let is_empty = run.probes.get(&key).is_some_and(|probe| probe.total == 0);
        if !is_empty {
            let question = issues::label_page(&one.seen, &key.1, label, point);
            run.want(question);
        }
    }
}

impl Candidate {
    /// Whether it is asked about in every run.
    fn is_urgent(&self, date: DateTime<Utc>) -> bool {
        let moved = self.seen.pull_requests.newest.as_ref().map(|newest| newest.at);
        let moved = moved.max(self.seen.pushed_at);
        let is_busy = match &self.point {
            Point::Deployments(point) => point.is_busy(),
            Point::Issues(point) => !point.open.is_empty(),
            _ => false,
        };
        is_busy || moved.is_some_and(|moved| moved + LATELY > date)
    }
}

fn is_sweep_due(point: &PullRequestsPoint, date: DateTime<Utc>) -> bool {
    !point.watched.is_empty() && point.swept_at.is_none_or(|swept| swept + DAILY <= date)
}

/// Whether a watched pull request is another than the one that was read, and the list will not tell.
fn has_changed(point: &PullRequestsPoint, id: &str, node: &Value) -> bool {
    let (Some(watched), Some(updated_at)) = (point.watched.get(id), instant(node, "updatedAt")) else {
        return true;
    };
    let is_told = point.lanes.head.as_ref().is_none_or(|head| updated_at > head.at);
    let is_same = updated_at == watched.updated_at && pull_requests::state(node) == watched.digest;
    !is_told && !is_same
}

/// What a list begins with.
fn probe_of(kind: Kind, node: &Value) -> Option<Probe> {
    let connection = Connection::deserialize(node.get("page")?).ok()?;
    let total = connection.total_count;
    let list = match kind {
        Kind::Issues => List::Issues,
        Kind::Tags => List::Tags,
        _ => List::Deployments,
    };
    let rows = connection.rows(list)?;
    let nodes = rows.iter().map(|row| &row.node);
    let digest = match kind {
        Kind::Releases => Some(releases::beginning(nodes, total)),
        Kind::Tags => Some(tags::beginning(nodes, total)),
        _ => None,
    };
    Some(Probe {
        total,
        newest: rows.into_iter().next_back().map(|row| row.place),
        digest,
    })
}
