//! Which samples a custom metric is about.

use std::collections::HashMap;

use globset::{Glob, GlobSet, GlobSetBuilder};

use super::spec::{FilterSpec, LabelSpec, Presence, State};
use crate::metric::{DeploymentSample, Facts, FailureSample, IncidentSample, PullRequestSample};
use crate::model::{Deployment, DeploymentStatus, Repository};
use crate::{Error, ErrorKind, Id, Result};

/// A filter with its patterns compiled.
///
/// Its answers are `Some(true)` and `Some(false)`, and `None` where a condition asks for what is not known and no other
/// condition says no.
#[derive(Clone, Debug)]
pub(super) struct Filter {
    spec: FilterSpec,
    repositories: Option<GlobSet>,
    base_branch: Option<GlobSet>,
    environment: Option<GlobSet>,
}

/// What is known beside a sample.
#[derive(Debug)]
pub(super) struct Beside<'a> {
    facts: &'a Facts,
    failures: HashMap<&'a Id<Deployment>, Vec<&'a FailureSample>>,
}

impl<'a> Beside<'a> {
    pub(super) fn of(facts: &'a Facts) -> Self {
        let mut failures: HashMap<_, Vec<_>> = HashMap::new();
        for failure in &facts.failures {
            failures.entry(&failure.deployment).or_default().push(failure);
        }
        Self { facts, failures }
    }

    /// A repository's name; its id where nobody told the name.
    fn name<'i>(&'i self, id: &'i Id<Repository>) -> &'i str {
        self.facts.names.get(id).map_or(id.as_str(), String::as_str)
    }
}

/// Whether all conditions hold.
fn all(conditions: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    let mut known = true;
    for condition in conditions {
        match condition {
            Some(false) => return Some(false),
            Some(true) => {}
            None => known = false,
        }
    }
    known.then_some(true)
}

impl Filter {
    /// # Errors
    /// `InvalidInput` for a pattern that is none, naming the key and the pattern.
    pub(super) fn compile(spec: &FilterSpec) -> Result<Self> {
        Ok(Self {
            repositories: globs("repositories", spec.repositories.as_deref())?,
            base_branch: globs("base_branch", spec.base_branch.as_deref())?,
            environment: globs("environment", spec.environment.as_deref())?,
            spec: spec.clone(),
        })
    }

    pub(super) fn spec(&self) -> &FilterSpec {
        &self.spec
    }

    pub(super) fn pull_request(&self, sample: &PullRequestSample, beside: &Beside<'_>) -> Option<bool> {
        let spec = &self.spec;
        let is = |wanted: Option<bool>, found: Option<bool>| match wanted {
            Some(wanted) => found.map(|found| found == wanted),
            None => Some(true),
        };
        let reviewed = sample.review_rounds.map(|rounds| rounds > 0);
        let approved = sample.review_rounds.map(|_| sample.approved_at.is_some());
        all([
            Some(self.repository(&sample.repository, beside)),
            Some(labels(spec.labels.as_ref(), &sample.labels)),
            Some(bots(spec.bots, sample.bot)),
            Some(
                spec.state
                    .as_ref()
                    .is_none_or(|states| states.contains(&state(sample))),
            ),
            Some(matches(self.base_branch.as_ref(), &sample.base_branch)),
            self.lines(sample),
            is(spec.reviewed, reviewed),
            is(spec.approved, approved),
            is(spec.self_merged, sample.self_merged),
            is(spec.reverted, Some(sample.reverted_at.is_some())),
        ])
    }

    pub(super) fn deployment(&self, sample: &DeploymentSample, beside: &Beside<'_>) -> bool {
        let spec = &self.spec;
        let only = |presence: Option<Presence>, has: bool| presence != Some(Presence::Only) || has;
        self.repository(&sample.repository, beside)
            && bots(spec.bots, sample.bot)
            && matches(self.environment.as_ref(), &sample.environment)
            && one_of(spec.status.as_deref(), Some(sample.status))
            && one_of(spec.rework.as_deref(), sample.rework)
            && (spec.failed_by.is_none() || self.failure(sample, beside).is_some())
            && only(spec.redeploys, is_redeploy(sample))
            && only(spec.rollbacks, is_rollback(sample))
    }

    pub(super) fn incident(&self, sample: &IncidentSample, beside: &Beside<'_>) -> bool {
        let state = match sample.resolved_at {
            Some(_) => State::Resolved,
            None => State::Open,
        };
        self.repository(&sample.repository, beside)
            && labels(self.spec.labels.as_ref(), &sample.labels)
            && bots(self.spec.bots, sample.bot)
            && one_of(self.spec.state.as_deref(), Some(state))
    }

    /// The reason of highest precedence by which a deployment failed, of those that the filter takes.
    pub(super) fn failure<'a>(
        &self,
        sample: &DeploymentSample,
        beside: &Beside<'a>,
    ) -> Option<&'a FailureSample> {
        let rules = self.spec.failed_by.as_ref()?;
        let reasons = beside.failures.get(&sample.id)?.iter().copied();
        reasons
            .filter(|failure| rules.contains(&failure.rule))
            .min_by_key(|failure| (failure.rule, &failure.cause))
    }

    fn repository(&self, id: &Id<Repository>, beside: &Beside<'_>) -> bool {
        matches(self.repositories.as_ref(), beside.name(id))
            || matches(self.repositories.as_ref(), id.as_str())
    }

    fn lines(&self, sample: &PullRequestSample) -> Option<bool> {
        let Some(wanted) = self.spec.lines else {
            return Some(true);
        };
        let lines = sample.additions? + sample.deletions?;
        Some(wanted.min.is_none_or(|min| min <= lines) && wanted.max.is_none_or(|max| lines <= max))
    }
}

fn globs(field: &'static str, patterns: Option<&[String]>) -> Result<Option<GlobSet>> {
    let Some(patterns) = patterns else {
        return Ok(None);
    };
    let wrong = |pattern: &str, error: &globset::Error| {
        Error::new(
            ErrorKind::InvalidInput,
            format!("`{pattern}` is no pattern: {}", error.kind()),
        )
        .with("field", field)
    };
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(Glob::new(pattern).map_err(|error| wrong(pattern, &error))?);
    }
    let set = set.build().map_err(|error| wrong(&patterns.join(", "), &error))?;
    Ok(Some(set))
}

fn matches(patterns: Option<&GlobSet>, text: &str) -> bool {
    patterns.is_none_or(|patterns| patterns.is_match(text))
}

fn one_of<T: PartialEq>(wanted: Option<&[T]>, found: Option<T>) -> bool {
    wanted.is_none_or(|wanted| found.is_some_and(|found| wanted.contains(&found)))
}

fn labels(wanted: Option<&LabelSpec>, found: &[String]) -> bool {
    let Some(LabelSpec { any, all, none }) = wanted else {
        return true;
    };
    let has = |label: &String| found.contains(label);
    (any.is_empty() || any.iter().any(has)) && all.iter().all(has) && !none.iter().any(has)
}

fn bots(presence: Option<Presence>, bot: bool) -> bool {
    presence != Some(Presence::Only) || bot
}

fn state(sample: &PullRequestSample) -> State {
    if sample.merged_at.is_some() {
        State::Merged
    } else if sample.closed_at.is_some() {
        State::Closed
    } else {
        State::Open
    }
}

/// Whether it is the running commit again. A failure brought nothing, and so nothing again.
pub(super) fn is_redeploy(sample: &DeploymentSample) -> bool {
    sample.status == DeploymentStatus::Success && sample.previous_commit.as_ref() == Some(&sample.commit)
}

/// Whether it brought back a version older than the running one.
pub(super) fn is_rollback(sample: &DeploymentSample) -> bool {
    sample.status == DeploymentStatus::Success && sample.deployed_before && !is_redeploy(sample)
}
