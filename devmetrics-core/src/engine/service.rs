//! What is asked of a service that is a part of its repositories. Nothing of it is stored: it is computed when asked, by the
//! functions by which whole repositories are settled.

use std::collections::BTreeMap;

use super::Engine;
use crate::matching::{Claim, Fix, Matching, Placed, Running, ServiceRules, Shipment};
use crate::metric::{
    Coverage, DeploymentSample, Extent, Facts, FailureSample, IncidentSample, Needs, PlaceRange,
    PullRequestSample, SampleQuery, Scope,
};
use crate::model::{DeploymentStatus, Incident, Repository, Service, Window};
use crate::suggest::not_found;
use crate::{Error, ErrorKind, Id, Result};

/// A repository's part in a service.
struct Part {
    deployments: Vec<Placed>,
    fixes: Vec<Fix>,
    matching: Matching,
}

/// Which incidents are a service's.
struct Reports {
    rules: ServiceRules,
    others: Vec<ServiceRules>,
    /// The repositories that it looks at.
    repositories: BTreeMap<Id<Repository>, Repository>,
}

impl Reports {
    fn claim(&self, repository: &Id<Repository>, labels: &[String]) -> Option<Claim> {
        let repository = self.repositories.get(repository)?;
        self.rules.claim(repository, labels, &self.others)
    }
}

type Parts = BTreeMap<Id<Repository>, Part>;

impl Engine {
    /// The services of the configuration, in its order.
    pub fn services(&self) -> &[Service] {
        &self.settings().services
    }

    /// Every service of the configuration, in its order.
    ///
    /// # Errors
    /// `InvalidInput` where it names none.
    pub fn every_service(&self) -> Result<Vec<Scope>> {
        if self.services().is_empty() {
            let message =
                "the configuration names no service: write a `[[service]]`, or ask for a repository";
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        let services = self.services().iter();
        Ok(services
            .map(|service| Scope::Service(service.id.clone()))
            .collect())
    }

    /// The service of this id.
    ///
    /// # Errors
    /// `NotFound`, with the nearest service there is.
    pub fn service(&self, id: &str) -> Result<&Service> {
        let services = self.services();
        services
            .iter()
            .find(|service| service.id.as_str() == id)
            .ok_or_else(|| {
                let hint = match services.is_empty() {
                    true => "; the configuration names none: write a `[[service]]`, or ask for a repository",
                    false => "",
                };
                let known = services.iter().map(|service| service.id.as_str());
                not_found(format!("no service `{id}`"), id, known, hint)
            })
    }

    /// The repositories that a service is made of, or of parts of, as far as they were collected; ordered by id.
    ///
    /// # Errors
    /// As the store fails.
    pub async fn repositories_of(&self, service: &Service) -> Result<Vec<Repository>> {
        let rules = ServiceRules::new(service);
        let known = self.store().repositories().await?;
        let repositories = known.into_iter().map(|state| state.repository);
        Ok(repositories.filter(|repository| rules.has(repository)).collect())
    }

    /// The facts of a service that is a part of its repositories.
    pub(super) async fn service_facts(
        &self,
        service: &Service,
        window: Window,
        needs: Needs,
    ) -> Result<Facts> {
        let reports = self.reports(service).await?;
        let parts = self.parts(&reports).await?;
        let own = Extent::Repositories(parts.keys().cloned().collect());
        let reporting = reports
            .repositories
            .values()
            .filter(|known| reports.rules.reports_in(known));
        let reporting = Extent::Repositories(reporting.map(|known| known.id.clone()).collect());
        let samples = SampleQuery {
            extent: own,
            window,
            open: needs.open,
            places: shipped_within(&parts, window),
        };
        let reported = SampleQuery {
            extent: reporting,
            places: Vec::new(),
            ..samples.clone()
        };
        let incidents = async {
            match needs.incidents {
                true => self.store().incident_samples(&reported).await,
                false => Ok(Vec::new()),
            }
        };
        let (pull_requests, deployments, incidents, coverage, elsewhere) = futures::try_join!(
            self.store().pull_request_samples(&samples),
            self.store().deployment_samples(&samples),
            incidents,
            self.store().coverage(&samples.extent),
            self.store().coverage(&reported.extent),
        )?;
        let all = parts.values().flat_map(|part| &part.deployments);
        Ok(Facts {
            pull_requests: self.changes_of(&reports.rules, &parts, pull_requests).await?,
            deployments: deployments_of(&parts, deployments),
            failures: failures_within(&parts, window),
            incidents: incidents_of(&reports, incidents),
            coverage: Coverage {
                deployments_from: all.map(|placed| placed.deployment.finished_at).min(),
                incidents_from: elsewhere.incidents_from,
                ..coverage
            },
            ..Facts::default()
        })
    }

    async fn reports(&self, service: &Service) -> Result<Reports> {
        let rules = ServiceRules::new(service);
        let others = self
            .services()
            .iter()
            .filter(|other| other.id != service.id && other.is_part());
        let known = self.store().repositories().await?;
        let repositories = known.into_iter().map(|state| state.repository);
        Ok(Reports {
            others: others.map(ServiceRules::new).collect(),
            repositories: repositories
                .filter(|repository| rules.has(repository) || rules.reports_in(repository))
                .map(|repository| (repository.id.clone(), repository))
                .collect(),
            rules,
        })
    }

    async fn parts(&self, reports: &Reports) -> Result<Parts> {
        let rules = &reports.rules;
        let mut parts = Parts::new();
        let mut incidents = Vec::new();
        for (id, repository) in &reports.repositories {
            if rules.reports_in(repository) {
                incidents.extend(self.store().incidents(id).await?);
            }
            if rules.has(repository) {
                let part = Part {
                    deployments: self.placed(id, None, Some(rules)).await?,
                    fixes: self.fixes_of(rules, id).await?,
                    matching: Matching::default(),
                };
                parts.insert(id.clone(), part);
            }
        }
        let charged = charge(reports, &parts, incidents, &self.settings().environment);
        for (id, part) in &mut parts {
            let incidents = charged.get(id).map_or(&[][..], Vec::as_slice);
            part.matching = self
                .matching_of(id, &part.deployments, &part.fixes, incidents)
                .await?;
        }
        Ok(parts)
    }

    /// The fixes that are known to touch the service's files: another's would fail its deployments.
    async fn fixes_of(&self, rules: &ServiceRules, repository: &Id<Repository>) -> Result<Vec<Fix>> {
        let hotfix_labels = &self.settings().hotfix_labels;
        let mut fixes = self.store().fixes(repository, hotfix_labels).await?;
        if rules.has_paths() {
            let ids: Vec<_> = fixes.iter().map(|fix| fix.id.clone()).collect();
            let paths = self.store().paths(&ids).await?;
            fixes.retain(|fix| rules.touches(paths.get(&fix.id)) == Some(true));
        }
        Ok(fixes)
    }

    /// The changes that are the service's, deployed when it was.
    async fn changes_of(
        &self,
        rules: &ServiceRules,
        parts: &Parts,
        mut samples: Vec<PullRequestSample>,
    ) -> Result<Vec<PullRequestSample>> {
        if rules.has_paths() {
            let ids: Vec<_> = samples.iter().map(|sample| sample.id.clone()).collect();
            let paths = self.store().paths(&ids).await?;
            samples.retain_mut(|sample| {
                let touches = rules.touches(paths.get(&sample.id));
                sample.paths_unknown = touches.is_none();
                touches != Some(false)
            });
        }
        for sample in &mut samples {
            let shipment = parts
                .get(&sample.repository)
                .zip(sample.position)
                .and_then(|(part, place)| Shipment::at(&part.matching.shipments, place));
            sample.deployed_at = shipment.and_then(|shipment| shipment.deployed_at);
            sample.matched = shipment.and_then(|shipment| shipment.matched);
        }
        Ok(samples)
    }
}

/// Which incidents are told of which repository's deployments. One that names what caused it finds that wherever it is. Of the
/// others, one that is reported where the service is deployed is charged there, and one that is reported elsewhere where the
/// service was deployed last.
fn charge(
    reports: &Reports,
    parts: &Parts,
    incidents: Vec<Incident>,
    environment: &str,
) -> BTreeMap<Id<Repository>, Vec<Incident>> {
    let releases = || {
        parts.iter().flat_map(|(id, part)| {
            let releases = part.deployments.iter().map(|placed| &placed.deployment);
            let releases = releases.filter(|deployment| {
                deployment.environment == environment && deployment.status == DeploymentStatus::Success
            });
            releases.map(move |deployment| (deployment.finished_at, id))
        })
    };
    let mut charged: BTreeMap<Id<Repository>, Vec<Incident>> = BTreeMap::new();
    for incident in incidents {
        let claim = reports.claim(&incident.repository, &incident.labels);
        let to: Vec<&Id<Repository>> = match claim {
            None => continue,
            Some(_) if !incident.caused_by.is_empty() => parts.keys().collect(),
            // Perhaps another service's: it would be a guess on a guess.
            Some(Claim::Shared) => continue,
            Some(Claim::Sole) if parts.contains_key(&incident.repository) => vec![&incident.repository],
            Some(Claim::Sole) => {
                let before = releases().filter(|(at, _)| *at <= incident.started_at);
                before.max().map(|(_, id)| id).into_iter().collect()
            }
        };
        for id in to {
            charged.entry(id.clone()).or_default().push(incident.clone());
        }
    }
    charged
}

/// The places that the service first shipped within the window: of changes that may have been merged long before.
fn shipped_within(parts: &Parts, window: Window) -> Vec<PlaceRange> {
    let mut places = Vec::new();
    for (id, part) in parts {
        let shipped = part.matching.shipments.iter().filter(|shipment| {
            shipment
                .deployed_at
                .is_some_and(|deployed_at| window.contains(deployed_at))
        });
        places.extend(shipped.map(|shipment| PlaceRange {
            repository: id.clone(),
            after: shipment.after,
            through: shipment.through,
        }));
    }
    places
}

/// The deployments that are the service's, with what it ran before.
fn deployments_of(parts: &Parts, samples: Vec<DeploymentSample>) -> Vec<DeploymentSample> {
    let mut before = BTreeMap::new();
    let mut rework = BTreeMap::new();
    for part in parts.values() {
        let mut running = Running::default();
        before.extend(part.deployments.iter().map(|Placed { deployment, .. }| {
            let ran = running.next(&deployment.environment, &deployment.commit, deployment.status);
            (&deployment.id, ran)
        }));
        rework.extend(&part.matching.graph.rework);
    }
    let ours = samples.into_iter().filter_map(|sample| {
        let before = before.get(&sample.id)?;
        Some(DeploymentSample {
            previous_commit: before.running.map(ToOwned::to_owned),
            deployed_before: before.again,
            rework: rework.get(&sample.id).map(|rework| **rework),
            ..sample
        })
    });
    ours.collect()
}

fn failures_within(parts: &Parts, window: Window) -> Vec<FailureSample> {
    let of_part = |(repository, part): (&Id<Repository>, &Part)| -> Vec<FailureSample> {
        let failures = part.matching.graph.within(window);
        let sample = |failure: &crate::model::Failure| FailureSample {
            deployment: failure.deployment.clone(),
            repository: repository.clone(),
            rule: failure.rule,
            cause: failure.cause.clone(),
            failed_at: failure.failed_at,
            ended_at: failure.ended_at,
            remedy: failure.remedy.clone(),
            weight: 1.0,
            primary: true,
        };
        failures.map(sample).collect()
    };
    let mut samples: Vec<_> = parts.iter().flat_map(of_part).collect();
    samples.sort_by(|one, other| {
        let key = |sample: &FailureSample| (sample.failed_at, sample.deployment.clone());
        key(one)
            .cmp(&key(other))
            .then_with(|| one.rule.as_str().cmp(other.rule.as_str()))
            .then_with(|| one.cause.cmp(&other.cause))
    });
    samples
}

fn incidents_of(reports: &Reports, mut samples: Vec<IncidentSample>) -> Vec<IncidentSample> {
    samples.retain(|sample| reports.claim(&sample.repository, &sample.labels).is_some());
    samples
}
