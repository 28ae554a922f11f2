use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Duration, Utc};

use super::finding::seconds;
use super::{
    Bucket, Calendar, ClockKind, Coverage, DeploymentSample, FailureSample, IncidentSample, MetricQuery,
    Period, Policy, PullRequestSample, periods,
};
use crate::model::{Repository, Window};
use crate::{Error, ErrorKind, Id, Result};

/// How many complete weeks the median beside velocity looks back.
pub(super) const WEEKS_BACK: usize = 8;

/// What the metrics are computed from: the samples of the window that [`Catalog::needed`](super::Catalog::needed) names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// The scope's pull requests that were merged or deployed within the window, and with [`Needs::open`] those that were open.
    pub pull_requests: Vec<PullRequestSample>,
    /// The scope's deployments that finished within the window, ordered by finish.
    pub deployments: Vec<DeploymentSample>,
    /// Why deployments of the scope failed; known where [`Needs::failures`] asks for them.
    pub failures: Vec<FailureSample>,
    /// The scope's incidents; empty unless [`Needs::incidents`].
    pub incidents: Vec<IncidentSample>,
    /// What is known of which time.
    pub coverage: Coverage,
    /// When the scope's people work.
    pub calendar: Calendar,
    /// What people call repositories; empty unless [`Needs::names`].
    pub names: BTreeMap<Id<Repository>, String>,
}

impl Facts {
    /// Drops the samples, and keeps what is known of all of them.
    pub(crate) fn forget_samples(&mut self) {
        self.pull_requests.clear();
        self.deployments.clear();
        self.failures.clear();
        self.incidents.clear();
    }
}

/// What metrics are computed from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Pull requests that were merged or deployed within the window.
    pub pull_requests: bool,
    /// Pull requests that were open within the window, too.
    pub open: bool,
    /// Deployments.
    pub deployments: bool,
    /// Failures of deployments.
    pub failures: bool,
    /// Incidents.
    pub incidents: bool,
    /// The names of repositories.
    pub names: bool,
}

impl Needs {
    const NOTHING: Self = Self {
        pull_requests: false,
        open: false,
        deployments: false,
        failures: false,
        incidents: false,
        names: false,
    };

    /// Pull requests that were merged or deployed.
    pub const PULL_REQUESTS: Self = Self {
        pull_requests: true,
        ..Self::NOTHING
    };

    /// Those, and what was open.
    pub const OPEN: Self = Self {
        pull_requests: true,
        open: true,
        ..Self::NOTHING
    };

    /// Deployments.
    pub const DEPLOYMENTS: Self = Self {
        deployments: true,
        ..Self::NOTHING
    };
}

impl std::ops::BitOr for Needs {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self {
            pull_requests: self.pull_requests || other.pull_requests,
            open: self.open || other.open,
            deployments: self.deployments || other.deployments,
            failures: self.failures || other.failures,
            incidents: self.incidents || other.incidents,
            names: self.names || other.names,
        }
    }
}

/// The terms under which samples are judged.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'q> {
    /// Of when.
    pub window: Window,
    /// How a fact of several teams is shared.
    pub policy: Policy,
    /// Whether commits pushed without a pull request count as changes.
    pub direct_pushes: bool,
    /// The environment whose deployments are releases to users.
    pub environment: &'q str,
    /// Up to when everything was collected; `None` while that is not known.
    pub collected_to: Option<DateTime<Utc>>,
    /// The present.
    pub now: DateTime<Utc>,
    /// Whose working hours durations are measured by; `None` for all the time that passes.
    pub calendar: Option<&'q Calendar>,
}

impl<'q> Terms<'q> {
    /// The terms of `query` over `facts`, in its own window.
    pub fn of(query: &'q MetricQuery, facts: &'q Facts, now: DateTime<Utc>) -> Self {
        Self {
            window: query.window,
            policy: query.policy,
            direct_pushes: query.direct_pushes,
            environment: &query.environment,
            collected_to: facts.coverage.to,
            now,
            calendar: (query.clock == ClockKind::Working).then_some(&facts.calendar),
        }
    }

    /// The seconds from one instant to another, by the clock of the query; negative where the second comes first.
    pub fn seconds(&self, begin: DateTime<Utc>, end: DateTime<Utc>) -> i64 {
        match self.calendar {
            None => seconds(begin, end),
            Some(calendar) => calendar.working_seconds(begin, end),
        }
    }

    /// The part of the window that was collected; `None` if none of it was.
    pub fn collected(&self) -> Option<Window> {
        let collected = Window {
            from: self.window.from,
            to: self.collected_to.unwrap_or(self.now).min(self.window.to),
        };
        (collected.from < collected.to).then_some(collected)
    }

    /// What a fact with this `weight` counts.
    pub fn weight(&self, weight: f64) -> f64 {
        match self.policy {
            Policy::Full | Policy::Primary => 1.0,
            Policy::Fractional => weight,
        }
    }
}

impl Coverage {
    /// The time that counts of the scope are known for: from the first collected instant, or the team's first
    /// membership where that is later, up to the last collected one. `None` where nothing is known. While a feed has not
    /// been read to its end, `now` stands for the end, and what is counted is provisional.
    pub fn observed(&self, now: DateTime<Utc>) -> Option<Window> {
        let from = self.from?.max(self.team_from.unwrap_or(DateTime::<Utc>::MIN_UTC));
        let to = self.to.unwrap_or(now).min(now);
        (from < to).then_some(Window { from, to })
    }
}

impl Window {
    /// What lies in both; `None` if nothing does.
    pub(super) fn overlap(&self, other: &Self) -> Option<Self> {
        let both = Self {
            from: self.from.max(other.from),
            to: self.to.min(other.to),
        };
        (both.from < both.to).then_some(both)
    }
}

/// That the query's window ends after it begins, within the years that every calendar and front-end can write.
pub(super) fn check_window(window: &Window) -> Result<()> {
    let text = |instant: DateTime<Utc>| instant.format("%FT%TZ").to_string();
    let wrong = if let Some(far) = [window.from, window.to]
        .into_iter()
        .find(|at| !(1..=9999).contains(&at.year()))
    {
        format!(
            "the year of {} is not one from 1 to 9999; correct `from` or `to`",
            text(far)
        )
    } else if window.from >= window.to {
        format!(
            "`from` ({}) is not before `to` ({}); `to` is the first instant after the window",
            text(window.from),
            text(window.to)
        )
    } else {
        return Ok(());
    };
    Err(Error::new(ErrorKind::InvalidInput, wrong))
}

/// The last [`WEEKS_BACK`] ISO weeks that are over at the end of the query's window, and at `now`.
pub(super) fn weeks_back(query: &MetricQuery, now: DateTime<Utc>) -> Result<Vec<Period>> {
    let to = query.window.to.min(now);
    // One week more than asked for: the first is cut wherever `to` is no Monday.
    let Some(from) = to.checked_sub_signed(Duration::weeks(WEEKS_BACK as i64 + 1)) else {
        return Ok(Vec::new());
    };
    let mut weeks = periods(Window { from, to }, Bucket::Week, query.zone, now)?;
    weeks.retain(|week| !week.partial);
    Ok(weeks.split_off(weeks.len().saturating_sub(WEEKS_BACK)))
}
