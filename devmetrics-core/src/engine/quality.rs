use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::Engine;
use crate::attribution::UNASSIGNED;
use crate::metric::{Extent, SampleQuery};
use crate::model::{Deployment, DeploymentStatus, PullRequest, Repository, Window};
use crate::quality::{DeploymentPlace, QualityReport, RepositoryLife, Survey};
use crate::{Id, Result};

/// How far back is looked where no window is named.
const USUAL_DAYS: i64 = 90;
/// Changes are read by so many days at once.
const DAYS_A_PAGE: i64 = 7;
/// So many deployments, or pull requests in full, are read at once.
const PAGE: usize = 500;
/// Of so many repositories it is asked at once what is open.
const REPOSITORIES_A_PAGE: usize = 50;

impl Engine {
    /// What is wrong or doubtful in what was collected, of a window or of the last 90 days. Facts are read in pages, of which one
    /// is held at a time.
    ///
    /// # Errors
    /// As the store fails.
    pub async fn quality(&self, window: Option<Window>) -> Result<QualityReport> {
        let now = self.now();
        let window = window.unwrap_or(Window {
            from: now - TimeDelta::days(USUAL_DAYS),
            to: now,
        });
        let mut survey = Survey::new(window, now);
        let deploying = self.survey_window(&mut survey, window).await?;
        for repository in &deploying {
            self.survey_deployments(&mut survey, repository, window).await?;
        }
        self.survey_repositories(&mut survey).await?;
        self.introduce_authors(&mut survey).await?;
        let mut report = survey.report();
        self.name_examples(&mut report).await?;
        Ok(report)
    }

    /// Shows the survey the changes and incidents of a window, and gives the repositories that were deployed in it.
    async fn survey_window(&self, survey: &mut Survey, window: Window) -> Result<BTreeSet<Id<Repository>>> {
        let has_teams = !self.roster().await?.teams.is_empty();
        let store = self.store();
        let mut deploying = BTreeSet::new();
        for window in pages(window, self.now()) {
            let of = |extent| SampleQuery {
                extent,
                window,
                open: false,
                places: Vec::new(),
            };
            let all = of(Extent::All);
            let mut changes = store.pull_request_samples(&all).await?;
            // Where one was deployed within the page, it may have been merged in another, and is looked at there.
            changes.retain(|sample| sample.merged_at.is_some_and(|at| window.contains(at)));
            self.mark_base_branches(&mut changes);
            survey.changes(&changes);
            if has_teams {
                let mut changes = store
                    .pull_request_samples(&of(Extent::Team(Id::new(UNASSIGNED))))
                    .await?;
                changes.retain(|sample| sample.merged_at.is_some_and(|at| window.contains(at)));
                self.mark_base_branches(&mut changes);
                survey.unassigned(&changes);
            }
            let mut incidents = store.incident_samples(&all).await?;
            incidents.retain(|sample| window.contains(sample.started_at));
            survey.incidents(&incidents);
            let deployments = store.deployment_samples(&all).await?.into_iter();
            deploying.extend(deployments.map(|sample| sample.repository));
        }
        Ok(deploying)
    }

    /// Shows the survey a repository's deployments of a window: the successes of the environment that counts.
    async fn survey_deployments(
        &self,
        survey: &mut Survey,
        repository: &Id<Repository>,
        window: Window,
    ) -> Result<()> {
        let mut after: Option<(DateTime<Utc>, Id<Deployment>)> = Some((window.from, Id::new("")));
        while let Some(place) = after.take() {
            let environment = Some(self.settings().environment.clone());
            let mut page = self
                .store()
                .deployments_page(repository, environment, Some(place), PAGE as u32)
                .await?;
            if let Some(last) = page.last()
                && page.len() == PAGE
                && last.finished_at < window.to
            {
                after = Some((last.finished_at, last.id.clone()));
            }
            page.retain(|one| one.status == DeploymentStatus::Success && window.contains(one.finished_at));
            survey.deployments(&self.placed_or_not(repository, page).await?);
        }
        Ok(())
    }

    /// Of each deployment whether anything tells what it contains.
    async fn placed_or_not(
        &self,
        repository: &Id<Repository>,
        deployments: Vec<Deployment>,
    ) -> Result<Vec<DeploymentPlace>> {
        let commits: Vec<String> = deployments.iter().map(|one| one.commit.clone()).collect();
        let landings = self.store().landings(repository, &commits).await?;
        let place = |deployment: Deployment| DeploymentPlace {
            placed: deployment.contains_to.is_some()
                || deployment.committed_at.is_some()
                || !deployment.declares.is_empty()
                || landings.contains_key(&deployment.commit),
            id: deployment.id,
            reference: deployment.reference,
        };
        Ok(deployments.into_iter().map(place).collect())
    }

    /// Shows the survey every repository that is read by a feed, not archived and in sight, as it is now.
    async fn survey_repositories(&self, survey: &mut Survey) -> Result<()> {
        let mut read_to: BTreeMap<String, Option<DateTime<Utc>>> = BTreeMap::new();
        // What somebody imported is never read again, and not stale for that.
        for state in self
            .store()
            .feeds()
            .await?
            .into_iter()
            .filter(|state| !state.is_imported())
        {
            let known = read_to.entry(state.feed.scope).or_insert(state.covered_to);
            *known = (*known).min(state.covered_to);
        }
        let known = self.store().repositories().await?.into_iter();
        let lives: Vec<RepositoryLife> = known
            .map(|state| state.repository)
            .filter(|repository| !repository.archived && repository.unreachable_since.is_none())
            .filter_map(|repository| {
                let read_to = *read_to.get(repository.id.as_str())?;
                Some(RepositoryLife {
                    id: repository.id,
                    name: repository.name,
                    read_to,
                    last_change: None,
                    open: 0,
                })
            })
            .collect();
        for page in lives.chunks(REPOSITORIES_A_PAGE) {
            let open = self.open_in(page).await?;
            for life in page {
                let open = open.get(&life.id).copied().unwrap_or_default();
                // Asked about only where it matters: it reads history backwards.
                let last_change = match open {
                    0 => None,
                    _ => self.last_change(&life.id).await?,
                };
                survey.repository(&RepositoryLife {
                    last_change,
                    open,
                    ..life.clone()
                });
            }
        }
        Ok(())
    }

    /// How many pull requests of these repositories are open now.
    async fn open_in(&self, repositories: &[RepositoryLife]) -> Result<BTreeMap<Id<Repository>, u64>> {
        let now = self.now();
        let moment = SampleQuery {
            extent: Extent::Repositories(repositories.iter().map(|life| life.id.clone()).collect()),
            window: Window {
                from: now,
                to: now + TimeDelta::seconds(1),
            },
            open: true,
            places: Vec::new(),
        };
        let mut open = BTreeMap::new();
        for sample in self.store().pull_request_samples(&moment).await? {
            if sample.merged_at.is_none() && sample.closed_at.is_none() {
                *open.entry(sample.repository).or_default() += 1;
            }
        }
        Ok(open)
    }

    /// Tells the survey who the authors of its changes are. One change of each is read in full, for its author's names.
    async fn introduce_authors(&self, survey: &mut Survey) -> Result<()> {
        let attributor = self.attributor().await?;
        let ids: Vec<Id<PullRequest>> = survey.authors().cloned().collect();
        for page in ids.chunks(PAGE) {
            for stored in self.store().pull_requests(page).await? {
                let actor = stored.pull_request.author;
                let said_human = attributor.is_declared_human(&actor);
                survey.introduce(actor, said_human);
            }
        }
        Ok(())
    }

    /// Gives examples that are pull requests their numbers and titles.
    async fn name_examples(&self, report: &mut QualityReport) -> Result<()> {
        let mut nameless: Vec<_> = report
            .findings
            .iter_mut()
            .flat_map(|finding| &mut finding.examples)
            .filter(|example| example.name.is_none())
            .collect();
        let ids: Vec<Id<PullRequest>> = nameless.iter().map(|example| Id::new(&example.id)).collect();
        for stored in self.store().pull_requests(&ids).await? {
            let PullRequest {
                id, number, title, ..
            } = stored.pull_request;
            let name = number.map_or_else(|| title.clone(), |number| format!("#{number} {title}"));
            for example in nameless.iter_mut().filter(|example| example.id == id.as_str()) {
                example.name = Some(name.clone());
            }
        }
        Ok(())
    }
}

/// A window in pieces, as far as anything can have happened in it: up to `now`, and not before there were clocks.
fn pages(window: Window, now: DateTime<Utc>) -> impl Iterator<Item = Window> {
    let from = window.from.max(DateTime::UNIX_EPOCH);
    let to = window.to.min(now + TimeDelta::seconds(1));
    let step = TimeDelta::days(DAYS_A_PAGE);
    let begins = std::iter::successors(Some(from), move |from| from.checked_add_signed(step));
    begins.take_while(move |from| *from < to).map(move |from| Window {
        from,
        to: to.min(from + step),
    })
}
