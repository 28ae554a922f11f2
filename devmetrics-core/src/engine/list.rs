//! Lists of facts by pages, newest first.

use chrono::{DateTime, TimeDelta, Utc};

use super::Engine;
use crate::metric::{Extent, SampleQuery, Scope};
use crate::model::{Deployment, Incident, PullRequest, Window};
use crate::store::StoredPullRequest;
use crate::{Error, ErrorKind, Id, Result};

/// Which facts are listed.
#[derive(Clone, Debug, PartialEq)]
pub struct ListQuery {
    /// Whose.
    pub scope: Scope,
    /// Of when: when pull requests were merged, or opened if they are open; deployments finished; incidents began.
    pub window: Window,
    /// Of deployments: to where; `None`: to anywhere.
    pub environment: Option<String>,
    /// Only those that come after this place of the list; `None`: from its begin.
    pub after: Option<Place>,
    /// At most so many.
    pub limit: usize,
}

/// A place in a list that is in the order of time, newest first, and then of ids, backwards: the instant and the id.
pub type Place = (DateTime<Utc>, String);

/// A page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// The place of the last one; `None` where no more follow.
    pub next: Option<Place>,
}

#[derive(Clone, Copy)]
enum Kind {
    Merged,
    Open,
    Deployments,
    Incidents,
}

impl Engine {
    /// Merged pull requests, by when they were merged.
    ///
    /// # Errors
    /// `NotFound` for an unknown team, repository or organization, `InvalidInput` for a service; and as the store fails.
    pub async fn merged_pull_requests(&self, query: &ListQuery) -> Result<Listed<StoredPullRequest>> {
        let places = self.places(Kind::Merged, query).await?;
        self.pull_requests_at(places).await
    }

    /// Pull requests that are open now, by when they were opened.
    ///
    /// # Errors
    /// As [`merged_pull_requests`](Self::merged_pull_requests).
    pub async fn open_pull_requests(&self, query: &ListQuery) -> Result<Listed<StoredPullRequest>> {
        let places = self.places(Kind::Open, query).await?;
        self.pull_requests_at(places).await
    }

    /// Deployments, by when they finished.
    ///
    /// # Errors
    /// As [`merged_pull_requests`](Self::merged_pull_requests).
    pub async fn deployments(&self, query: &ListQuery) -> Result<Listed<Deployment>> {
        let Listed { items, next } = self.places(Kind::Deployments, query).await?;
        let ids: Vec<Id<Deployment>> = items.into_iter().map(|(_, id)| Id::new(id)).collect();
        let mut items = self.store().deployments_by_id(&ids).await?;
        items.sort_by(|a, b| (b.finished_at, &b.id).cmp(&(a.finished_at, &a.id)));
        Ok(Listed { items, next })
    }

    /// Incidents, by when they began.
    ///
    /// # Errors
    /// As [`merged_pull_requests`](Self::merged_pull_requests).
    pub async fn incidents(&self, query: &ListQuery) -> Result<Listed<Incident>> {
        let Listed { items, next } = self.places(Kind::Incidents, query).await?;
        let ids: Vec<Id<Incident>> = items.into_iter().map(|(_, id)| Id::new(id)).collect();
        let mut items = self.store().incidents_by_id(&ids).await?;
        items.sort_by(|a, b| (b.started_at, &b.id).cmp(&(a.started_at, &a.id)));
        Ok(Listed { items, next })
    }

    async fn pull_requests_at(&self, places: Listed<Place>) -> Result<Listed<StoredPullRequest>> {
        let ids: Vec<Id<PullRequest>> = places.items.iter().map(|(_, id)| Id::new(id)).collect();
        let mut items = self.store().pull_requests(&ids).await?;
        // A fact may have moved since its place was read: it stays where it was found.
        let place = |stored: &StoredPullRequest| ids.iter().position(|id| *id == stored.pull_request.id);
        items.sort_by_key(place);
        Ok(Listed {
            items,
            next: places.next,
        })
    }

    /// The places of a page.
    async fn places(&self, kind: Kind, query: &ListQuery) -> Result<Listed<Place>> {
        let extent = self.extent(&query.scope).await?;
        let after = query.after.as_ref();
        let is_asked =
            |place: &Place| query.window.contains(place.0) && after.is_none_or(|after| place < after);
        let mut found = Vec::new();
        // A client may come with any place, even the last that there is.
        let end = after.and_then(|(at, _)| at.checked_add_signed(TimeDelta::seconds(1)));
        let mut to = end.map_or(query.window.to, |end| end.min(query.window.to));
        let from = query.window.from.max(DateTime::UNIX_EPOCH);
        // Backwards by spans that grow: a page is read from the days that it covers, and not from the whole window.
        let mut span = TimeDelta::days(1);
        while from < to && found.len() <= query.limit {
            let begin = from.max(to - span);
            let window = match kind {
                // One span of time has all that is open now.
                Kind::Open => Window {
                    from: self.now(),
                    to: self.now() + TimeDelta::seconds(1),
                },
                _ => Window { from: begin, to },
            };
            let samples = SampleQuery {
                extent: extent.clone(),
                window,
                open: matches!(kind, Kind::Open),
                places: Vec::new(),
            };
            let mut page = self.places_of(kind, query, &samples).await?;
            page.retain(|place| {
                is_asked(place) && (matches!(kind, Kind::Open) || samples.window.contains(place.0))
            });
            page.sort_unstable_by(|a, b| b.cmp(a));
            found.append(&mut page);
            (to, span) = match kind {
                Kind::Open => (from, span),
                _ => (begin, span * 2),
            };
        }
        let more = found.len() > query.limit;
        found.truncate(query.limit);
        let next = found.last().filter(|_| more).cloned();
        Ok(Listed { items: found, next })
    }

    async fn places_of(&self, kind: Kind, query: &ListQuery, samples: &SampleQuery) -> Result<Vec<Place>> {
        let store = self.store();
        Ok(match kind {
            Kind::Merged => {
                let found = store.pull_request_samples(samples).await?.into_iter();
                found
                    .filter_map(|sample| Some((sample.merged_at?, sample.id.to_string())))
                    .collect()
            }
            Kind::Open => {
                let found = store.pull_request_samples(samples).await?.into_iter();
                found
                    .filter(|sample| sample.closed_at.is_none() && sample.merged_at.is_none())
                    .filter_map(|sample| Some((sample.opened_at?, sample.id.to_string())))
                    .collect()
            }
            Kind::Deployments => {
                let found = store.deployment_samples(samples).await?.into_iter();
                found
                    .filter(|sample| {
                        let environment = query.environment.as_ref();
                        environment.is_none_or(|environment| sample.environment == *environment)
                    })
                    .map(|sample| (sample.finished_at, sample.id.to_string()))
                    .collect()
            }
            Kind::Incidents => {
                let found = store.incident_samples(samples).await?.into_iter();
                found
                    .map(|sample| (sample.started_at, sample.id.to_string()))
                    .collect()
            }
        })
    }

    async fn extent(&self, scope: &Scope) -> Result<Extent> {
        Ok(match scope {
            Scope::All => Extent::All,
            Scope::Team(id) => Extent::Team(self.team(id.as_str()).await?),
            Scope::Repository(id) => Extent::Repositories(vec![self.repository(id.as_str()).await?]),
            Scope::Organization(name) => Extent::Repositories(self.organization(name).await?.1),
            Scope::Service(_) => {
                let message = "facts are listed by team, repository or organization, and not by service";
                return Err(Error::new(ErrorKind::InvalidInput, message));
            }
        })
    }
}
