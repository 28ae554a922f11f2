//! Writing the facts of a page.

use std::collections::{BTreeMap, BTreeSet};

use super::commit::{FeedRow, Page};
use super::*;
use crate::attribution::AttributedId;

/// The statements of one kind of fact.
pub(super) struct FactStatements {
    survey: &'static Statement,
    put: &'static Statement,
    see: &'static Statement,
    pub(super) unseen: &'static Statement,
}

pub(super) const PULL_REQUESTS: FactStatements = FactStatements {
    survey: &statement::SURVEY_PULL_REQUESTS,
    put: &statement::PUT_PULL_REQUESTS,
    see: &statement::SEE_PULL_REQUESTS,
    unseen: &statement::UNSEEN_PULL_REQUESTS,
};

pub(super) const DEPLOYMENTS: FactStatements = FactStatements {
    survey: &statement::SURVEY_DEPLOYMENTS,
    put: &statement::PUT_DEPLOYMENTS,
    see: &statement::SEE_DEPLOYMENTS,
    unseen: &statement::UNSEEN_DEPLOYMENTS,
};

pub(super) const INCIDENTS: FactStatements = FactStatements {
    survey: &statement::SURVEY_INCIDENTS,
    put: &statement::PUT_INCIDENTS,
    see: &statement::SEE_INCIDENTS,
    unseen: &statement::UNSEEN_INCIDENTS,
};

/// The statements of a part of pull requests that has a table of its own.
struct PartStatements {
    put: &'static Statement,
    drop: &'static Statement,
}

const ACTIVITY: PartStatements = PartStatements {
    put: &statement::PUT_ACTIVITY,
    drop: &statement::DROP_ACTIVITY,
};

const PATHS: PartStatements = PartStatements {
    put: &statement::PUT_PATHS,
    drop: &statement::DROP_PATHS,
};

/// The statements of the teams of one kind of fact.
pub(super) struct TeamStatements {
    pub(super) mark_bots: &'static Statement,
    pub(super) revise: &'static Statement,
    pub(super) drop: &'static Statement,
    pub(super) put: &'static Statement,
    pub(super) follow: &'static Statement,
    /// Tells of another bot mark or milestone, where samples of such facts are packed.
    pub(super) touch: Option<&'static Statement>,
}

pub(super) const PULL_REQUEST_TEAMS: TeamStatements = TeamStatements {
    mark_bots: &statement::MARK_PULL_REQUEST_BOTS,
    revise: &statement::REVISE_PULL_REQUESTS,
    drop: &statement::DROP_PULL_REQUEST_TEAMS,
    put: &statement::PUT_PULL_REQUEST_TEAMS,
    follow: &statement::FOLLOW_PULL_REQUESTS,
    touch: Some(&statement::TOUCH_REPOSITORIES),
};

pub(super) const DEPLOYMENT_TEAMS: TeamStatements = TeamStatements {
    mark_bots: &statement::MARK_DEPLOYMENT_BOTS,
    revise: &statement::REVISE_DEPLOYMENTS,
    drop: &statement::DROP_DEPLOYMENT_TEAMS,
    put: &statement::PUT_DEPLOYMENT_TEAMS,
    follow: &statement::FOLLOW_DEPLOYMENTS,
    touch: None,
};

pub(super) const INCIDENT_TEAMS: TeamStatements = TeamStatements {
    mark_bots: &statement::MARK_INCIDENT_BOTS,
    revise: &statement::REVISE_INCIDENTS,
    drop: &statement::DROP_INCIDENT_TEAMS,
    put: &statement::PUT_INCIDENT_TEAMS,
    follow: &statement::FOLLOW_INCIDENTS,
    touch: None,
};

/// Known facts of a page.
#[derive(Default, Deserialize)]
struct Survey {
    known: u64,
    /// Those of which the store has a newer version.
    newer: BTreeSet<String>,
}

/// What became of the facts of one kind.
struct Brought {
    given: u64,
    known: u64,
    /// The ids of those that are new or have changed.
    changed: BTreeSet<String>,
    /// The ids and versions of all, as rows.
    keys: String,
}

/// Attributions by the ids of what they attribute.
type Attributions<'a> = BTreeMap<&'a str, &'a Attribution>;

impl<'a, T: Transaction> Page<'a, T> {
    pub(super) async fn put_pull_requests(&mut self, feed: &FeedRow) -> Result<()> {
        let batch = self.batch;
        let mut attributions = self.attributions(|id| match id {
            AttributedId::PullRequest(id) => Some(id.as_str()),
            _ => None,
        });
        if batch.pull_requests.is_empty() {
            return self.attribute(&PULL_REQUEST_TEAMS, attributions).await;
        }
        let facts: Vec<_> = batch
            .pull_requests
            .iter()
            .map(|fact| (fact.id.as_str(), fact, fact.updated_at))
            .collect();
        let mut brought = self
            .bring(&PULL_REQUESTS, feed, &facts, &mut attributions)
            .await?;
        if !brought.changed.is_empty() {
            let rows = write::ids(facts.iter().map(|(id, ..)| *id))?;
            // Of what was reverted before, and is now.
            self.touch_teams_of(&brought.changed).await?;
            self.execute(&statement::DROP_REVERTS, &rows).await?;
            self.execute(&statement::PUT_REVERTS, &rows).await?;
            self.touch_teams_of(&brought.changed).await?;
        }
        self.put_part(&ACTIVITY, &mut brought, |fact| fact.activity.as_ref())
            .await?;
        self.put_part(&PATHS, &mut brought, |fact| fact.paths.as_ref())
            .await?;
        self.finish(&PULL_REQUESTS, feed, &brought).await?;
        self.share(&PULL_REQUEST_TEAMS, &brought, attributions).await
    }

    pub(super) async fn put_deployments(&mut self, feed: &FeedRow) -> Result<()> {
        let batch = self.batch;
        let mut attributions = self.attributions(|id| match id {
            AttributedId::Deployment(id) => Some(id.as_str()),
            _ => None,
        });
        if batch.deployments.is_empty() {
            return self.attribute(&DEPLOYMENT_TEAMS, attributions).await;
        }
        let facts: Vec<_> = batch
            .deployments
            .iter()
            .map(|fact| (fact.id.as_str(), fact, fact.updated_at))
            .collect();
        let brought = self.bring(&DEPLOYMENTS, feed, &facts, &mut attributions).await?;
        self.finish(&DEPLOYMENTS, feed, &brought).await?;
        self.share(&DEPLOYMENT_TEAMS, &brought, attributions).await
    }

    pub(super) async fn put_incidents(&mut self, feed: &FeedRow) -> Result<()> {
        let batch = self.batch;
        let mut attributions = self.attributions(|id| match id {
            AttributedId::Incident(id) => Some(id.as_str()),
            _ => None,
        });
        if batch.incidents.is_empty() {
            return self.attribute(&INCIDENT_TEAMS, attributions).await;
        }
        let facts: Vec<_> = batch
            .incidents
            .iter()
            .map(|fact| (fact.id.as_str(), fact, fact.updated_at))
            .collect();
        let brought = self.bring(&INCIDENTS, feed, &facts, &mut attributions).await?;
        self.finish(&INCIDENTS, feed, &brought).await?;
        self.share(&INCIDENT_TEAMS, &brought, attributions).await
    }

    fn attributions(&self, id: impl Fn(&'a AttributedId) -> Option<&'a str>) -> Attributions<'a> {
        self.batch
            .attributions
            .iter()
            .filter_map(|a| Some((id(&a.subject)?, a)))
            .collect()
    }

    /// Samples of the teams of these pull requests, and of what they revert, may be others.
    async fn touch_teams_of(&mut self, pull_requests: &BTreeSet<String>) -> Result<()> {
        let ids = write::ids(pull_requests.iter().map(String::as_str))?;
        attribute::teams_of(&mut self.transaction, self.tenant, &ids, &mut self.touched_teams).await
    }

    /// Writes facts of one kind. An attribution of a fact of which the store has a newer version is taken out.
    async fn bring<F>(
        &mut self,
        kind: &FactStatements,
        feed: &FeedRow,
        facts: &[(&'a str, &'a F, DateTime<Utc>)],
        attributions: &mut Attributions<'a>,
    ) -> Result<Brought>
    where
        write::Judged<'a, F>: Serialize,
        F: Sync,
    {
        let keys = write::keys(facts.iter().map(|&(id, _, updated_at)| (id, updated_at)))?;
        let survey = self.survey(kind, &keys).await?;
        // What followed from an older version of a fact says nothing about the newer one that is kept.
        attributions.retain(|id, _| !survey.newer.contains(*id));
        let revision = self.batch.revision.as_str();
        let rows: Vec<_> = facts
            .iter()
            .map(|&(id, fact, _)| match attributions.get(id) {
                Some(attribution) => write::Judged {
                    fact,
                    bot: attribution.bot,
                    revision,
                },
                None => write::Judged {
                    fact,
                    bot: false,
                    revision: "",
                },
            })
            .collect();
        let mut changed = BTreeSet::new();
        for (id, repository) in self.write(kind, feed, &json(&rows)?).await? {
            changed.insert(id);
            self.touched.insert(repository);
        }
        Ok(Brought {
            given: facts.len() as u64,
            known: survey.known,
            changed,
            keys,
        })
    }

    async fn survey(&mut self, kind: &FactStatements, keys: &str) -> Result<Survey> {
        match self.query(kind.survey, keys).await?.first() {
            Some(row) => parse(kind.survey, row),
            None => Ok(Survey::default()),
        }
    }

    /// Gives the ids of the facts that are new or changed, and their repositories.
    async fn write(
        &mut self,
        kind: &FactStatements,
        feed: &FeedRow,
        rows: &str,
    ) -> Result<Vec<(String, String)>> {
        let params = [
            self.tenant.into(),
            feed.number.into(),
            feed.generation.into(),
            rows.into(),
        ];
        let written = self.transaction.query(kind.put, &params).await?;
        written.iter().map(|row| parse(kind.put, row)).collect()
    }

    /// A pull request of which only such a part is another has changed, too.
    async fn put_part<P: Serialize>(
        &mut self,
        statements: &PartStatements,
        brought: &mut Brought,
        part: impl Fn(&PullRequest) -> Option<&P> + Send,
    ) -> Result<()> {
        let pull_requests = &self.batch.pull_requests;
        let mut changed = BTreeSet::new();
        if pull_requests.iter().any(|fact| part(fact).is_some()) {
            let rows = write::parts(pull_requests, &part)?;
            changed.extend(self.query(statements.put, &rows).await?);
        }
        if brought.known > 0 && pull_requests.iter().any(|fact| part(fact).is_none()) {
            let without = pull_requests.iter().filter(|fact| part(fact).is_none());
            let rows = write::keys(without.map(|fact| (fact.id.as_str(), fact.updated_at)))?;
            changed.extend(self.query(statements.drop, &rows).await?);
        }
        let touched = pull_requests
            .iter()
            .filter(|fact| changed.contains(fact.id.as_str()))
            .map(|fact| fact.repository.to_string());
        self.touched.extend(touched);
        brought.changed.extend(changed);
        Ok(())
    }

    /// Counts the facts, and marks those seen again as of this generation of the feed.
    async fn finish(&mut self, kind: &FactStatements, feed: &FeedRow, brought: &Brought) -> Result<()> {
        self.count(brought.given, brought.known, brought.changed.len() as u64);
        if brought.known > 0 {
            let params = [
                self.tenant.into(),
                feed.number.into(),
                feed.generation.into(),
                brought.keys.as_str().into(),
            ];
            self.transaction.execute(kind.see, &params).await?;
        }
        Ok(())
    }

    /// The teams of facts of one kind.
    async fn share(
        &mut self,
        teams: &TeamStatements,
        brought: &Brought,
        attributions: Attributions<'a>,
    ) -> Result<()> {
        let all_new = brought.known == 0 && attributions.keys().all(|id| brought.changed.contains(*id));
        if all_new {
            // The insert has marked them already, and they have no teams that could be wrong.
            let attributions: Vec<_> = attributions.into_values().collect();
            let (_, shares) = write::attributions(&attributions)?;
            self.query(teams.put, &shares).await?;
            if teams.touch.is_some() {
                self.touch_teams_of(&brought.changed).await?;
            }
            return Ok(());
        }
        if !brought.changed.is_empty() {
            self.execute(teams.follow, &brought.keys).await?;
        }
        self.attribute(teams, attributions).await
    }

    async fn attribute(&mut self, teams: &TeamStatements, attributions: Attributions<'a>) -> Result<()> {
        let attributions: Vec<_> = attributions.into_values().collect();
        let revision = &self.batch.revision;
        let touched = &mut self.touched_teams;
        attribute::replace(
            &mut self.transaction,
            self.tenant,
            teams,
            &attributions,
            revision,
            touched,
        )
        .await?;
        Ok(())
    }
}
