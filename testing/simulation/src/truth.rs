//! What the fake's world says is so, held against what a store has. Nothing here uses the collector's own reading of GitHub.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use devmetrics_core::Id;
use devmetrics_core::model::{DeploymentStatus, PullRequest, Repository as Stored, Verdict};
use devmetrics_core::store::MetricsStore;
use fake_github::world::{self, DeploymentState, ReviewState, World};

/// The environments whose name the default configuration takes for production.
const PRODUCTION: [&str; 2] = ["prod", "production"];

/// What the collector was told to read.
#[derive(Clone, Copy, Debug)]
pub struct Told<'t> {
    /// The label that makes an issue an incident.
    pub incident_label: &'t str,
    /// Whether tags are deployments: those that are no nightly build.
    pub tags: bool,
}

/// Every difference between the world and the store, one line each; empty when the store holds exactly what is true.
pub async fn differences(world: &World, store: &dyn MetricsStore, told: Told<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let stored: BTreeMap<_, _> = store
        .repositories()
        .await
        .expect("the store reads")
        .into_iter()
        .map(|state| (state.repository.id.to_string(), state.repository))
        .collect();
    let feeds = store.feeds().await.expect("the store reads");
    for (id, repository) in world.repositories().filter(|(_, repository)| !repository.deleted) {
        let scope = format!("github:repo:{}", repository.database_id);
        let name = world.name_with_owner(id);
        match stored.get(&scope) {
            Some(stored) if stored.name == name => {}
            Some(stored) => found.push(format!("{scope} is called {} and not {name}", stored.name)),
            None => found.push(format!("{name} ({scope}) is missing")),
        }
        let scope: Id<Stored> = Id::new(scope);
        found.extend(pull_requests(world, store, repository, &scope).await);
        found.extend(deployments(store, repository, &scope, told.tags).await);
        found.extend(incidents(store, repository, &scope, told.incident_label).await);
        let kinds = [
            ("pull_requests", repository.pull_requests().len()),
            ("issues", incidents_of(repository, told.incident_label).count()),
        ];
        for (kind, expected) in kinds {
            let state = feeds
                .iter()
                .find(|state| state.feed.scope == scope.as_str() && state.feed.kind == kind);
            let kept = state.map_or(0, |state| state.stored);
            if kept != expected as u64 {
                found.push(format!("{scope} has {kept} {kind} and not {expected}"));
            }
        }
    }
    found.extend(members(world, store).await);
    found
}

async fn pull_requests(
    world: &World,
    store: &dyn MetricsStore,
    repository: &world::Repository,
    scope: &Id<Stored>,
) -> Vec<String> {
    let mut found = Vec::new();
    let ids: Vec<Id<PullRequest>> = repository
        .pull_requests()
        .map(|truth| Id::new(format!("github:pr:{}", truth.database_id)))
        .collect();
    let stored = store.pull_requests(&ids).await.expect("the store reads");
    let stored: BTreeMap<_, _> = stored
        .into_iter()
        .map(|stored| (stored.pull_request.id.to_string(), stored.pull_request))
        .collect();
    for truth in repository.pull_requests() {
        let id = format!("github:pr:{}", truth.database_id);
        match stored.get(&id) {
            None => found.push(format!("{scope} #{} ({id}) is lost", truth.number)),
            Some(kept) => {
                let (true_form, kept_form) = (true_form(world, truth), kept_form(world, kept));
                if true_form != kept_form {
                    found.push(format!(
                        "{scope} #{} is stale:\n  is    {true_form:?}\n  store {kept_form:?}",
                        truth.number
                    ));
                }
            }
        }
    }
    found
}

/// A review: its id, its verdict, when it was sent, and by whom.
type ReviewForm = (String, &'static str, Option<DateTime<Utc>>, Option<String>);

/// A pull request in a form that both sides can take.
#[derive(Debug, PartialEq)]
struct Form {
    title: String,
    draft: bool,
    author: Option<String>,
    base: String,
    opened: Option<DateTime<Utc>>,
    closed: Option<DateTime<Utc>>,
    merged: Option<DateTime<Utc>>,
    landing: Option<String>,
    size: [Option<i64>; 5],
    labels: BTreeSet<String>,
    closes: BTreeSet<String>,
    commits: Vec<String>,
    reviews: BTreeSet<ReviewForm>,
    updated: DateTime<Utc>,
}

fn true_form(world: &World, truth: &world::PullRequest) -> Form {
    let login = |actor| {
        let actor = world.actor(actor);
        (!actor.deleted).then(|| actor.login.to_string())
    };
    Form {
        title: truth.title.to_string(),
        draft: truth.is_draft,
        author: login(truth.author),
        base: truth.base_ref.to_string(),
        opened: Some(truth.created_at),
        closed: truth.closed_at,
        merged: truth.merged_at,
        landing: truth.merge_commit.as_ref().map(|commit| commit.oid.to_string()),
        size: [
            Some(truth.commits.len() as i64),
            Some(truth.additions.into()),
            Some(truth.deletions.into()),
            Some(truth.changed_files.into()),
            Some((truth.comments + truth.reviews.iter().map(|review| review.comments).sum::<u32>()).into()),
        ],
        labels: truth.labels.iter().map(ToString::to_string).collect(),
        closes: truth
            .closes
            .iter()
            .filter_map(|issue| world.issue(*issue))
            .map(|issue| format!("github:issue:{}", issue.database_id))
            .collect(),
        commits: truth
            .commits
            .iter()
            .map(|commit| commit.oid.to_string())
            .collect(),
        reviews: truth
            .reviews
            .iter()
            // A review that was not sent is seen by its author alone.
            .filter(|review| review.state != ReviewState::Pending)
            .map(|review| {
                let verdict = match review.state {
                    ReviewState::Approved => "approved",
                    ReviewState::ChangesRequested => "changes requested",
                    ReviewState::Commented => "commented",
                    ReviewState::Dismissed => "dismissed",
                    ReviewState::Pending => "pending",
                };
                (
                    review.database_id.to_string(),
                    verdict,
                    review.submitted_at,
                    login(review.author),
                )
            })
            .collect(),
        updated: truth.updated_at,
    }
}

/// A deleted account disappears from what it wrote without any trace of a change: the store may still know its name.
fn kept_form(world: &World, kept: &PullRequest) -> Form {
    let ghosts: BTreeSet<&str> = world
        .actors()
        .filter(|(_, actor)| actor.deleted)
        .map(|(_, actor)| &*actor.login)
        .collect();
    let alive = |handle: Option<String>| handle.filter(|handle| !ghosts.contains(handle.as_str()));
    let activity = kept.activity.clone().unwrap_or_default();
    let mut commits: Vec<String> = activity.commits.into_iter().map(|commit| commit.id).collect();
    commits.dedup();
    Form {
        title: kept.title.clone(),
        draft: kept.draft,
        author: alive(kept.author.handle.clone()),
        base: kept.base_branch.clone(),
        opened: kept.milestones.opened_at,
        closed: kept.milestones.closed_at,
        merged: kept.milestones.merged_at,
        landing: kept.landing_commit.clone(),
        size: [
            kept.commits,
            kept.additions,
            kept.deletions,
            kept.changed_files,
            kept.comments,
        ],
        labels: kept.labels.iter().cloned().collect(),
        closes: kept.closes.iter().map(ToString::to_string).collect(),
        commits,
        reviews: activity
            .reviews
            .into_iter()
            .filter(|review| review.verdict != Verdict::Pending)
            .map(|review| {
                let verdict = match review.verdict {
                    Verdict::Approved => "approved",
                    Verdict::ChangesRequested => "changes requested",
                    Verdict::Commented => "commented",
                    Verdict::Dismissed => "dismissed",
                    _ => "?",
                };
                let id = review.id.rsplit(':').next().unwrap_or_default().to_owned();
                (id, verdict, review.submitted_at, alive(review.author.handle))
            })
            .collect(),
        updated: kept.updated_at,
    }
}

type Finished = BTreeMap<String, (String, DeploymentStatus, DateTime<Utc>, String)>;

async fn deployments(
    store: &dyn MetricsStore,
    repository: &world::Repository,
    scope: &Id<Stored>,
    tags: bool,
) -> Vec<String> {
    let stored: Finished = store
        .deployments(scope, None)
        .await
        .expect("the store reads")
        .into_iter()
        .map(|kept| {
            let what = (kept.environment, kept.status, kept.finished_at, kept.commit);
            (kept.id.to_string(), what)
        })
        .collect();
    let deployed = repository.deployments().filter_map(|truth| {
        let first = |states: &[DeploymentState]| {
            let mut statuses = truth.statuses.iter();
            statuses
                .find(|status| states.contains(&status.state))
                .map(|status| status.created_at)
        };
        let success = first(&[DeploymentState::Success]).map(|at| (DeploymentStatus::Success, at));
        let (status, at) = success.or_else(|| {
            let at = first(&[DeploymentState::Failure, DeploymentState::Error])?;
            Some((DeploymentStatus::Failure, at))
        })?;
        let environment = truth.environment.to_lowercase();
        let environment = if PRODUCTION.contains(&environment.as_str()) {
            "production".to_owned()
        } else {
            truth.environment.to_string()
        };
        Some((
            format!("github:deployment:{}", truth.database_id),
            (environment, status, at, truth.commit.oid.to_string()),
        ))
    });
    let released = repository.releases().filter_map(|truth| {
        Some((
            format!("github:release:{}", truth.database_id),
            (
                "release".to_owned(),
                DeploymentStatus::Success,
                truth.published_at?,
                truth.tag_commit.as_ref()?.oid.to_string(),
            ),
        ))
    });
    let named = repository
        .tags
        .iter()
        .filter(|tag| tags && !tag.name.starts_with("nightly"));
    let tagged = named.map(|truth| {
        let at = truth
            .annotation
            .map_or(truth.committed_at, |annotation| annotation.at);
        (
            format!("github:tag:{}:{}", repository.database_id, truth.name),
            (
                "production".to_owned(),
                DeploymentStatus::Success,
                at,
                truth.commit.to_string(),
            ),
        )
    });
    let all = deployed.chain(released).chain(tagged).collect();
    compare(scope, "deployment", &all, &stored)
}

fn incidents_of<'a>(
    repository: &'a world::Repository,
    label: &'a str,
) -> impl Iterator<Item = &'a world::Issue> {
    repository.issues().filter(move |issue| {
        !repository.issues_disabled && issue.labels.iter().any(|found| **found == *label)
    })
}

async fn incidents(
    store: &dyn MetricsStore,
    repository: &world::Repository,
    scope: &Id<Stored>,
    label: &str,
) -> Vec<String> {
    let stored: BTreeMap<_, _> = store
        .incidents(scope)
        .await
        .expect("the store reads")
        .into_iter()
        .map(|kept| {
            (
                kept.id.to_string(),
                (kept.title, kept.started_at, kept.resolved_at),
            )
        })
        .collect();
    let truth = incidents_of(repository, label).map(|issue| {
        (
            format!("github:issue:{}", issue.database_id),
            (issue.title.to_string(), issue.created_at, issue.closed_at),
        )
    });
    compare(scope, "incident", &truth.collect(), &stored)
}

fn compare<T: PartialEq + std::fmt::Debug>(
    scope: &Id<Stored>,
    what: &str,
    truth: &BTreeMap<String, T>,
    stored: &BTreeMap<String, T>,
) -> Vec<String> {
    let ids: BTreeSet<_> = truth.keys().chain(stored.keys()).collect();
    ids.into_iter()
        .filter(|id| truth.get(*id) != stored.get(*id))
        .map(|id| {
            format!(
                "{scope} {what} {id}:\n  is    {:?}\n  store {:?}",
                truth.get(id),
                stored.get(id)
            )
        })
        .collect()
}

/// Who is in which team now.
async fn members(world: &World, store: &dyn MetricsStore) -> Vec<String> {
    let observed = store.observed_rosters().await.expect("the store reads");
    let mut kept: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for roster in &observed {
        for membership in &roster.roster.memberships {
            if membership.valid_to.is_none() {
                kept.entry(membership.team.to_string())
                    .or_default()
                    .extend(membership.person.handles.iter().cloned());
            }
        }
    }
    let mut truth: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (organization, _) in world.organizations() {
        for (_, team) in world.teams(organization) {
            let members = team.members.iter().map(|member| world.actor(member.actor));
            let handles: BTreeSet<_> = members
                .filter(|actor| !actor.deleted)
                .map(|actor| actor.login.to_string())
                .collect();
            if !handles.is_empty() {
                truth.insert(team.slug.to_string(), handles);
            }
        }
    }
    if truth == kept {
        Vec::new()
    } else {
        vec![format!("members:\n  is    {truth:?}\n  store {kept:?}")]
    }
}
