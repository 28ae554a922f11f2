use super::*;
use crate::attribution::Forgotten;
use crate::model::Actor;

/// What facts say that somebody did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Deed {
    /// Wrote a pull request.
    PullRequest,
    /// Wrote part of one.
    CoAuthored,
    /// Wrote a commit of one.
    Commit,
    /// Reviewed one.
    Review,
    /// Did something else to one.
    Event,
    /// Deployed.
    Deployment,
    /// Reported an incident.
    Incident,
}

impl Deed {
    /// The stored and printed name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PullRequest => "pull_request",
            Self::CoAuthored => "co_authored",
            Self::Commit => "commit",
            Self::Review => "review",
            Self::Event => "event",
            Self::Deployment => "deployment",
            Self::Incident => "incident",
        }
    }
}

/// Somebody whom facts name in one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mention {
    /// As what.
    pub deed: Deed,
    /// Who, with exactly these names.
    pub actor: Actor,
    /// How often.
    pub count: u64,
}

/// Everybody whom facts name, as they are counted.
#[derive(Debug, Default)]
pub(super) struct Mentions(BTreeMap<(Deed, Actor), u64>);

impl Mentions {
    pub(super) fn add(&mut self, deed: Deed, actor: &Actor) {
        if actor.key().is_none() {
            return;
        }
        match self.0.get_mut(&(deed, actor.clone())) {
            Some(count) => *count += 1,
            None => {
                self.0.insert((deed, actor.clone()), 1);
            }
        }
    }

    pub(super) fn add_activity(&mut self, activity: &Activity) {
        let Activity {
            commits,
            reviews,
            events,
        } = activity;
        commits
            .iter()
            .for_each(|commit| self.add(Deed::Commit, &commit.author));
        reviews
            .iter()
            .for_each(|review| self.add(Deed::Review, &review.author));
        events
            .iter()
            .for_each(|event| self.add(Deed::Event, &event.actor));
    }

    pub(super) fn all(self) -> Vec<Mention> {
        let mentions = self.0.into_iter();
        mentions
            .map(|((deed, actor), count)| Mention { deed, actor, count })
            .collect()
    }
}

/// What was rewritten because it named somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    /// Pull requests, with what happened on them.
    pub pull_requests: u64,
    /// Deployments.
    pub deployments: u64,
    /// Incidents.
    pub incidents: u64,
    /// Rosters, declared and observed.
    pub rosters: u64,
    /// Records that could not be understood; what they said is not kept.
    pub quarantined: u64,
}

/// A new secret key.
pub(super) fn forgetting_key() -> Result<Vec<u8>> {
    let mut key = vec![0; Forgotten::KEY_BYTES];
    getrandom::fill(&mut key).map_err(|error| {
        Error::new(
            ErrorKind::Internal,
            "the machine gives no random numbers for a key",
        )
        .caused_by(error)
    })?;
    Ok(key)
}

impl Quarantined {
    /// Keeps of a record that names somebody who is forgotten only that it could not be understood; gives whether it did.
    pub(super) fn forget(&mut self, forgotten: &Forgotten) -> bool {
        const NOT_KEPT: &str = "it names somebody who is forgotten, so that nothing of it is kept";
        let named = forgotten.is_named_in(&self.record.payload) || forgotten.is_named_in_text(&self.error);
        if named {
            self.record.payload = serde_json::Value::Null;
            NOT_KEPT.clone_into(&mut self.error);
        }
        named
    }
}

impl Batch {
    /// The same without the names of who is forgotten.
    pub(super) fn without(mut self, forgotten: &Forgotten) -> Self {
        if forgotten.is_empty() {
            return self;
        }
        for pull_request in &mut self.pull_requests {
            forgotten.rename_pull_request(pull_request);
        }
        for deployment in &mut self.deployments {
            forgotten.rename_deployment(deployment);
        }
        for incident in &mut self.incidents {
            forgotten.rename_incident(incident);
        }
        if let Some(roster) = &mut self.observed {
            forgotten.rename_roster(roster);
        }
        for quarantined in &mut self.quarantined {
            quarantined.forget(forgotten);
        }
        self
    }
}
