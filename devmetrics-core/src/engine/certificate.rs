use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Engine;
use crate::Result;
use crate::model::Repository;
use crate::store::FeedState;

/// How completely a scope (a repository, an organization) has been collected, feed by feed, with what stands against it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// The scope's id.
    pub scope: String,
    /// What people call it: the repository's name, else the id.
    pub name: String,
    /// Whether every feed is known from its beginning (or the configured one) to its last run, and nothing is set aside.
    pub complete: bool,
    /// The time that all its feeds are known for up to: the earliest of their last runs; `None` while one is not done.
    pub known_to: Option<DateTime<Utc>>,
    /// What is missing, for people; empty when complete.
    pub missing: Vec<String>,
    /// Its feeds.
    pub feeds: Vec<FeedState>,
}

impl Certificate {
    /// What people call the scope: its name, else the last part of its id.
    pub fn label(&self) -> &str {
        match self.name == self.scope {
            true => self.scope.rsplit(':').next().unwrap_or_default(),
            false => &self.name,
        }
    }
}

impl Engine {
    /// The scopes of feeds that people call by these names: those of a repository or an owner, by name or id.
    ///
    /// # Errors
    /// `NotFound` for what was never collected, with the nearest repository there is; and as the store fails.
    pub async fn feed_scopes(&self, names: &[String]) -> Result<Vec<String>> {
        let certificates = self.certificates().await?;
        let mut scopes = Vec::with_capacity(names.len());
        for name in names {
            let known = certificates
                .iter()
                .find(|certificate| certificate.label() == name || certificate.scope == *name);
            scopes.push(match known {
                Some(certificate) => certificate.scope.clone(),
                None => self.repository(name).await?.to_string(),
            });
        }
        Ok(scopes)
    }

    /// One certificate for each scope that was ever collected, in order of name.
    ///
    /// # Errors
    /// As the store fails.
    pub async fn certificates(&self) -> Result<Vec<Certificate>> {
        let repositories: BTreeMap<String, Repository> = self
            .store()
            .repositories()
            .await?
            .into_iter()
            .map(|state| (state.repository.id.to_string(), state.repository))
            .collect();
        let mut scopes: BTreeMap<String, Vec<FeedState>> = BTreeMap::new();
        for state in self.store().feeds().await? {
            scopes.entry(state.feed.scope.clone()).or_default().push(state);
        }
        let mut certificates: Vec<_> = scopes
            .into_iter()
            .map(|(scope, feeds)| certify(repositories.get(&scope), scope, feeds))
            .collect();
        certificates.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(certificates)
    }
}

fn certify(repository: Option<&Repository>, scope: String, feeds: Vec<FeedState>) -> Certificate {
    let mut missing: Vec<String> = feeds.iter().flat_map(lacks).collect();
    if let Some(since) = repository.and_then(|repository| repository.unreachable_since) {
        missing.push(format!(
            "out of the source's sight since {}",
            since.format("%F %H:%M")
        ));
    }
    let known_to = feeds.iter().map(|state| state.covered_to).min().flatten();
    Certificate {
        name: repository.map_or_else(|| scope.clone(), |repository| repository.name.clone()),
        scope,
        complete: missing.is_empty(),
        known_to,
        missing,
        feeds,
    }
}

/// What stands against a feed's completeness.
fn lacks(state: &FeedState) -> Vec<String> {
    let kind = &state.feed.kind;
    let mut lacks = Vec::new();
    if state.covered_to.is_none() {
        lacks.push(format!("{kind}: the first run has not come to its end"));
    }
    if let Some(total) = state.total
        && state.stored + state.quarantined < total
    {
        lacks.push(format!(
            "{kind}: {} of the {total} that the source counts are stored",
            state.stored
        ));
    }
    if state.quarantined > 0 {
        lacks.push(format!("{kind}: {} records are set aside", state.quarantined));
    }
    lacks
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::model::{Checkpoint, Feed};

    fn state(kind: &str, covered_to: Option<i64>, (stored, total): (u64, Option<u64>)) -> FeedState {
        FeedState {
            feed: Feed {
                source: "github".into(),
                scope: "github:repo:1".into(),
                kind: kind.into(),
            },
            checkpoint: Checkpoint("c".into()),
            covered_from: None,
            covered_to: covered_to.map(|hours| DateTime::<Utc>::UNIX_EPOCH + TimeDelta::hours(hours)),
            quarantined: 0,
            stored,
            total,
        }
    }

    #[test]
    fn a_scope_is_as_complete_as_its_least_complete_feed() {
        let whole = certify(
            None,
            "s".into(),
            vec![
                state("pull_requests", Some(9), (7, Some(7))),
                state("deployments", Some(4), (0, None)),
            ],
        );
        assert!(whole.complete, "{:?}", whole.missing);
        assert_eq!(
            whole.known_to,
            Some(DateTime::<Utc>::UNIX_EPOCH + TimeDelta::hours(4))
        );

        let short = certify(
            None,
            "s".into(),
            vec![
                state("pull_requests", Some(9), (5, Some(7))),
                state("deployments", None, (0, None)),
            ],
        );
        assert!(!short.complete);
        assert_eq!(short.known_to, None);
        assert_eq!(
            short.missing,
            [
                "pull_requests: 5 of the 7 that the source counts are stored",
                "deployments: the first run has not come to its end",
            ]
        );
    }

    #[test]
    fn what_is_set_aside_or_out_of_sight_is_told() {
        let mut aside = state("pull_requests", Some(9), (6, Some(7)));
        aside.quarantined = 1;
        let repository = Repository {
            id: crate::Id::new("github:repo:1"),
            name: "acme/web".into(),
            default_branch: None,
            url: None,
            partial_history: false,
            archived: false,
            unreachable_since: Some(DateTime::<Utc>::UNIX_EPOCH),
        };
        let certificate = certify(Some(&repository), "github:repo:1".into(), vec![aside]);
        assert_eq!(certificate.name, "acme/web");
        assert_eq!(
            certificate.missing,
            [
                "pull_requests: 1 records are set aside",
                "out of the source's sight since 1970-01-01 00:00"
            ]
        );
    }
}
