use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::Engine;
use crate::metric::{Extent, PullRequestSample, SampleQuery};
use crate::model::{PullRequest, Repository, Roster, Window};
use crate::quality::{DeploymentPlace, Material, Person, QualityReport, RepositoryLife, judge};
use crate::{Id, Result};

/// How far back is looked where no window is named.
const USUAL_DAYS: i64 = 90;

impl Engine {
    /// What is wrong or doubtful in what was collected, of a window or of the last 90 days.
    ///
    /// # Errors
    /// As the store fails.
    pub async fn quality(&self, window: Option<Window>) -> Result<QualityReport> {
        let now = self.now();
        let window = window.unwrap_or(Window {
            from: now - TimeDelta::days(USUAL_DAYS),
            to: now,
        });
        let samples = SampleQuery {
            extent: Extent::All,
            window,
            open: true,
            places: Vec::new(),
        };
        let store = self.store();
        let (mut pull_requests, incidents, roster) = futures::try_join!(
            store.pull_request_samples(&samples),
            store.incident_samples(&samples),
            self.roster(),
        )?;
        self.mark_base_branches(&mut pull_requests);
        let material = Material {
            window,
            now,
            deployments: self.deployment_places(&samples).await?,
            people: self.people(&pull_requests, &roster, window).await?,
            repositories: self.repository_lives(now).await?,
            pull_requests,
            incidents,
        };
        let mut report = judge(&material);
        self.name_examples(&mut report).await?;
        Ok(report)
    }

    /// The deployments of the window, and whether it is known what they contain.
    async fn deployment_places(&self, samples: &SampleQuery) -> Result<Vec<DeploymentPlace>> {
        let found = self.store().deployment_samples(samples).await?;
        let repositories: BTreeSet<Id<Repository>> =
            found.into_iter().map(|sample| sample.repository).collect();
        let mut places = Vec::new();
        for repository in repositories {
            let mut deployments = self.store().deployments(&repository, None).await?;
            deployments.retain(|deployment| samples.window.contains(deployment.finished_at));
            let commits: Vec<String> = deployments.iter().map(|one| one.commit.clone()).collect();
            let landings = self.store().landings(&repository, &commits).await?;
            places.extend(deployments.into_iter().map(|deployment| DeploymentPlace {
                placed: deployment.contains_to.is_some()
                    || deployment.committed_at.is_some()
                    || !deployment.declares.is_empty()
                    || landings.contains_key(&deployment.commit),
                id: deployment.id,
                reference: deployment.reference,
            }));
        }
        Ok(places)
    }

    /// Who wrote these pull requests and counts as a human. One of each is read in full, for its author's names.
    async fn people(
        &self,
        pull_requests: &[PullRequestSample],
        roster: &Roster,
        window: Window,
    ) -> Result<Vec<Person>> {
        let mut unmapped: BTreeMap<String, u64> = BTreeMap::new();
        if !roster.teams.is_empty() {
            for contributor in self.unmapped_contributors(window).await? {
                if let Some(key) = contributor.actor.key() {
                    unmapped.insert(key, contributor.merged);
                }
            }
        }
        let mut first: BTreeMap<&str, &Id<PullRequest>> = BTreeMap::new();
        for sample in pull_requests.iter().filter(|sample| !sample.bot) {
            if let Some(author) = sample.author.as_deref() {
                first.entry(author).or_insert(&sample.id);
            }
        }
        let ids: Vec<Id<PullRequest>> = first.into_values().cloned().collect();
        let known = self.store().pull_requests(&ids).await?.into_iter();
        let people = known.filter_map(|stored| {
            let actor = stored.pull_request.author;
            let key = actor.key()?;
            let names = [&actor.handle, &actor.name, &actor.email];
            let said_human = roster.bots.humans.iter().any(|human| {
                let is = |name: &&String| name.eq_ignore_ascii_case(human);
                names.iter().copied().flatten().any(|name| is(&name))
            });
            Some(Person {
                unmapped: unmapped.get(&key).copied().unwrap_or_default(),
                said_human,
                key,
                actor,
            })
        });
        Ok(people.collect())
    }

    /// How it goes with every repository that is neither archived nor out of sight.
    async fn repository_lives(&self, now: DateTime<Utc>) -> Result<Vec<RepositoryLife>> {
        let moment = SampleQuery {
            extent: Extent::All,
            window: Window {
                from: now,
                to: now + TimeDelta::seconds(1),
            },
            open: true,
            places: Vec::new(),
        };
        let mut open: BTreeMap<Id<Repository>, u64> = BTreeMap::new();
        for sample in self.store().pull_request_samples(&moment).await? {
            if sample.merged_at.is_none() && sample.closed_at.is_none() {
                *open.entry(sample.repository).or_default() += 1;
            }
        }
        let mut read_to: BTreeMap<String, Option<DateTime<Utc>>> = BTreeMap::new();
        for state in self.store().feeds().await? {
            let known = read_to.entry(state.feed.scope).or_insert(state.covered_to);
            *known = (*known).min(state.covered_to);
        }
        let mut lives = Vec::new();
        for state in self.store().repositories().await? {
            let Repository {
                id,
                name,
                archived,
                unreachable_since,
                ..
            } = state.repository;
            // What is not read by a feed of its own (facts that somebody imported) is never stale.
            let Some(read_to) = read_to.get(id.as_str()).copied() else {
                continue;
            };
            if archived || unreachable_since.is_some() {
                continue;
            }
            let open = open.get(&id).copied().unwrap_or_default();
            // Asked about only where it matters: it reads history backwards.
            let last_change = match open {
                0 => None,
                _ => self.last_change(&id).await?,
            };
            lives.push(RepositoryLife {
                id,
                name,
                read_to,
                last_change,
                open,
            });
        }
        Ok(lives)
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
