//! What a page means: its facts, whose they are, and what could not be read.

use tracing::warn;

use super::run::Run;
use crate::attribution::{Attributor, Subject, observe};
use crate::model::{Checkpoint, Fact, Feed};
use crate::source::{SourcePage, SourceProvider};
use crate::store::{Batch, Lease, Quarantined};

impl Run<'_> {
    pub(super) fn batch(
        &self,
        source: &dyn SourceProvider,
        feed: &Feed,
        after: Option<Checkpoint>,
        lease: Option<Lease>,
        page: SourcePage,
    ) -> Batch {
        let at = self.engine.now();
        let attributor = self.attributor();
        let mut batch = Batch {
            restart: page.restart,
            complete: !page.has_more,
            caught_up: page.caught_up || !page.has_more,
            total: page.total,
            lease,
            covered_from: page.covered_from,
            revision: attributor.revision().to_owned(),
            ..Batch::empty(feed.clone(), after, page.next, at)
        };
        let quarantined = |record, error| Quarantined {
            feed: feed.clone(),
            record,
            error,
            at,
        };
        for unreadable in page.unreadable {
            warn!(feed = %feed, record.id = %unreadable.record.id, error = %unreadable.error, "record cannot be read");
            batch
                .quarantined
                .push(quarantined(unreadable.record, unreadable.error));
        }
        for record in page.records {
            match source.normalize(feed, &record) {
                Ok(facts) => {
                    batch.understood.push(record.id);
                    facts
                        .into_iter()
                        .for_each(|fact| self.add(&mut batch, &attributor, fact));
                }
                Err(error) => {
                    warn!(feed = %feed, record.id = %record.id, error = %error, "record set aside");
                    batch.quarantined.push(quarantined(record, error.to_string()));
                }
            }
        }
        batch
    }

    fn add(&self, batch: &mut Batch, attributor: &Attributor, mut fact: Fact) {
        attributor.forgotten().rename_fact(&mut fact);
        match fact {
            Fact::Repository(repository) => batch.repositories.push(repository),
            Fact::PullRequest(mut pull_request) => {
                let attribution = attributor.attribute(&Subject::from(&*pull_request));
                if let Some(milestones) = &attribution.milestones {
                    pull_request.milestones.clone_from(milestones);
                }
                batch.attributions.push(attribution);
                batch.pull_requests.push(*pull_request);
            }
            Fact::Deployment(deployment) => {
                batch
                    .attributions
                    .push(attributor.attribute(&Subject::from(&deployment)));
                batch.deployments.push(deployment);
            }
            Fact::DeploymentRemoved(id) => batch.removed_deployments.push(id),
            Fact::Incident(incident) => {
                batch
                    .attributions
                    .push(attributor.attribute(&Subject::from(&incident)));
                batch.incidents.push(incident);
            }
            Fact::IncidentRemoved(id) => batch.removed_incidents.push(id),
            Fact::Teams(snapshot) => {
                let previous = self.observed(&batch.feed);
                batch.observed = Some(observe(previous.as_ref(), &snapshot));
            }
        }
    }
}
