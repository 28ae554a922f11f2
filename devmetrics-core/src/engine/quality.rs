use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::Engine;
use crate::attribution::UNASSIGNED;
use crate::metric::{Extent, PullRequestSample, SampleQuery};
use crate::model::{Deployment, DeploymentStatus, PullRequest, Repository, Window};
use crate::quality::{DeploymentPlace, QualityReport, RepositoryLife, Survey};
use crate::{Id, Result};

/// How far back is looked where no window is named.
const USUAL_DAYS: i64 = 90;
/// Changes of so many days are read by pages of repositories.
const DAYS_OF_CHANGES: i64 = 91;
/// What a store gives at once is read by so many days.
const DAYS_A_PAGE: i64 = 7;
/// So many deployments, or pull requests in full, are read at once.
const PAGE: usize = 500;

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
        self.survey_changes(&mut survey, window).await?;
        self.survey_unassigned(&mut survey, window).await?;
        for repository in &self.survey_incidents(&mut survey, window).await? {
            self.survey_deployments(&mut survey, repository, window).await?;
        }
        self.survey_repositories(&mut survey).await?;
        self.introduce_authors(&mut survey).await?;
        let mut report = survey.report();
        self.name_examples(&mut report).await?;
        Ok(report)
    }

    /// Shows the survey the changes of a window.
    async fn survey_changes(&self, survey: &mut Survey, window: Window) -> Result<()> {
        for window in pieces(window, DAYS_OF_CHANGES, self.now()) {
            let query = samples(Extent::All, window);
            let mut after = None;
            loop {
                let page = self.store().pull_request_page(&query, after).await?;
                survey.changes(&self.merged_within(window, page.samples));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Shows the survey which of the changes that it has seen belong to no team; nobody's do as long as there are no teams.
    async fn survey_unassigned(&self, survey: &mut Survey, window: Window) -> Result<()> {
        if self.roster().await?.teams.is_empty() {
            return Ok(());
        }
        for window in pieces(window, DAYS_A_PAGE, self.now()) {
            let query = samples(Extent::Team(Id::new(UNASSIGNED)), window);
            let page = self.store().pull_request_samples(&query).await?;
            survey.unassigned(&self.merged_within(window, page));
        }
        Ok(())
    }

    /// Those merged within the window. One that was deployed within it was perhaps merged in another, and is looked at there.
    fn merged_within(&self, window: Window, mut samples: Vec<PullRequestSample>) -> Vec<PullRequestSample> {
        samples.retain(|sample| sample.merged_at.is_some_and(|at| window.contains(at)));
        self.mark_base_branches(&mut samples);
        samples
    }

    /// Shows the survey the incidents of a window, and gives the repositories that were deployed in it.
    async fn survey_incidents(
        &self,
        survey: &mut Survey,
        window: Window,
    ) -> Result<BTreeSet<Id<Repository>>> {
        let mut deploying = BTreeSet::new();
        for window in pieces(window, DAYS_A_PAGE, self.now()) {
            let query = samples(Extent::All, window);
            let mut incidents = self.store().incident_samples(&query).await?;
            // One that lasts is in the page of its begin.
            incidents.retain(|sample| window.contains(sample.started_at));
            survey.incidents(&incidents);
            let deployments = self.store().deployment_samples(&query).await?.into_iter();
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
            finished_at: deployment.finished_at,
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
        let mut open = self.open_now().await?;
        for state in self.store().repositories().await? {
            let Repository { id, name, .. } = state.repository;
            let out_of_use = state.repository.archived || state.repository.unreachable_since.is_some();
            let Some(read_to) = read_to.get(id.as_str()).copied().filter(|_| !out_of_use) else {
                continue;
            };
            let open = open.remove(&id).unwrap_or_default();
            // Asked about only where it matters: it reads history backwards.
            let last_change = match open {
                0 => None,
                _ => self.last_change(&id).await?,
            };
            survey.repository(&RepositoryLife {
                id,
                name,
                read_to,
                last_change,
                open,
            });
        }
        Ok(())
    }

    /// How many pull requests of each repository are open now; a repository with none is left out.
    async fn open_now(&self) -> Result<BTreeMap<Id<Repository>, u64>> {
        let now = self.now();
        let moment = Window {
            from: now,
            to: now + TimeDelta::seconds(1),
        };
        let query = SampleQuery {
            open: true,
            ..samples(Extent::All, moment)
        };
        let mut open = BTreeMap::new();
        let mut after = None;
        loop {
            let page = self.store().pull_request_page(&query, after).await?;
            let still = |sample: &PullRequestSample| sample.merged_at.is_none() && sample.closed_at.is_none();
            for sample in page.samples.into_iter().filter(still) {
                *open.entry(sample.repository).or_default() += 1;
            }
            after = page.next;
            if after.is_none() {
                return Ok(open);
            }
        }
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

fn samples(extent: Extent, window: Window) -> SampleQuery {
    SampleQuery {
        extent,
        window,
        open: false,
        places: Vec::new(),
    }
}

/// A window in pieces of so many days, as far as anything can have happened in it: up to `now`, and not before there were clocks.
fn pieces(window: Window, days: i64, now: DateTime<Utc>) -> impl Iterator<Item = Window> {
    let from = window.from.max(DateTime::UNIX_EPOCH);
    let to = window.to.min(now + TimeDelta::seconds(1));
    let step = TimeDelta::days(days);
    let begins = std::iter::successors(Some(from), move |from| from.checked_add_signed(step));
    begins.take_while(move |from| *from < to).map(move |from| Window {
        from,
        to: to.min(from + step),
    })
}
