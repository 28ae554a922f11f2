//! What is stored about a person, and how it goes.

use serde::{Deserialize, Serialize};
use tracing::info;

use super::{Engine, Settled};
use crate::attribution::{Forgotten, Identity, identify};
use crate::model::{Actor, Membership, Person, Roster};
use crate::store::{Erased, Mention, ObservedRoster};
use crate::suggest::not_found;
use crate::{Error, ErrorKind, Result};

/// What is stored about a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonalData {
    /// Who.
    #[serde(flatten)]
    pub identity: Identity,
    /// What facts say that they did, by the names that they did it under.
    pub mentions: Vec<Mention>,
    /// Where rosters have them: the declared one, and those that were observed.
    pub memberships: Vec<Membership>,
    /// How many records that could not be understood name them.
    pub quarantined: u64,
    /// Whether the roster's file, which nobody but its owner changes, names them.
    pub in_settings: bool,
}

/// What became of a person who was to be forgotten.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForgetReport {
    /// What was stored; `None` where they were forgotten before.
    pub data: Option<PersonalData>,
    /// What was rewritten.
    pub erased: Erased,
    /// What was derived anew.
    pub settled: Settled,
    /// Whether nothing was written.
    pub dry_run: bool,
}

impl Engine {
    /// What is stored about who is called by these names, the first of which is somebody's: a handle, an e-mail address or a full
    /// name ([`identify`]). `None` where all of them are forgotten.
    ///
    /// # Errors
    /// `NotFound`, with the nearest names there are; `InvalidInput` where the names are not one person's; and as the store fails.
    pub async fn personal_data(&self, names: &[String]) -> Result<Option<PersonalData>> {
        let mut names: Vec<String> = names.iter().map(|name| name.trim().to_owned()).collect();
        if names.iter().any(|name| name.trim_start_matches('@').is_empty()) {
            return Err(Error::new(ErrorKind::InvalidInput, "a name of a person is empty"));
        }
        let mentions = self.store().mentions().await?;
        let seen: Vec<Actor> = mentions.iter().map(|mention| mention.actor.clone()).collect();
        let roster = self.roster().await?;
        let forgotten = self.store().forgotten().await?;
        // What is somebody's name may be the account of somebody else, who is not forgotten.
        let is_nobody =
            |name: &String| matches!(identify(std::slice::from_ref(name), &seen, &roster), Ok(None));
        names.retain(|name| !(forgotten.knows(name) && is_nobody(name)));
        let Some(first) = names.first() else {
            return Ok(None);
        };
        let Some(identity) = identify(&names, &seen, &roster)? else {
            let named = seen
                .iter()
                .flat_map(|actor| [&actor.handle, &actor.email, &actor.name]);
            let message = format!("nobody is called `{first}`");
            return Err(not_found(message, first, named.flatten().map(String::as_str), ""));
        };
        Ok(Some(self.data_of(identity, mentions).await?))
    }

    /// Forgets who is called by these names: other names take the place of theirs, everywhere and for good, and no number
    /// changes. Whatever is read of them later is stored without their names, too ([`MetricsStore::forget`]).
    ///
    /// [`MetricsStore::forget`]: crate::store::MetricsStore::forget
    ///
    /// # Errors
    /// As [`personal_data`](Self::personal_data), and as the store fails.
    pub async fn forget(&self, names: &[String], dry_run: bool) -> Result<ForgetReport> {
        let data = self.personal_data(names).await?;
        if dry_run {
            return Ok(ForgetReport {
                data,
                dry_run,
                ..ForgetReport::default()
            });
        }
        // Who is forgotten already is forgotten again: perhaps the last time was cut off.
        let nobody = Person::default();
        let person = data.as_ref().map_or(&nobody, |data| &data.identity.person);
        let erased = self.store().forget(person, self.now()).await?;
        info!(
            forgotten.pull_requests = erased.pull_requests,
            forgotten.deployments = erased.deployments,
            forgotten.incidents = erased.incidents,
            "a person was forgotten"
        );
        Ok(ForgetReport {
            data,
            erased,
            settled: self.settle().await?,
            dry_run,
        })
    }

    /// The roster without the names of who is forgotten. If it tells more of their names, these are forgotten first: else what was
    /// done under them would be nobody's.
    pub(super) async fn forgetting(&self, roster: &Roster) -> Result<Roster> {
        for person in self.store().forgotten().await?.told_more_of(roster) {
            self.store().forget(&person, self.now()).await?;
        }
        let mut roster = roster.clone();
        self.store().forgotten().await?.rename_roster(&mut roster);
        Ok(roster)
    }

    async fn data_of(&self, identity: Identity, mut mentions: Vec<Mention>) -> Result<PersonalData> {
        // Whoever would be forgotten is who is meant.
        let mut them = Forgotten::new(vec![0; Forgotten::KEY_BYTES], []);
        them.add(&identity.person);
        mentions.retain(|mention| them.rename(&mut mention.actor.clone()));
        let declared = self.store().roster().await?;
        let observed = self.store().observed_rosters().await?;
        let observed = observed.into_iter().map(|ObservedRoster { roster, .. }| roster);
        let memberships = declared
            .into_iter()
            .chain(observed)
            .flat_map(|roster| roster.memberships);
        let quarantine = self.store().quarantine(u32::MAX).await?;
        let named = quarantine
            .iter()
            .filter(|one| them.is_named_in(&one.record.payload) || them.is_named_in_text(&one.error));
        let in_settings = self.settings().roster.clone();
        Ok(PersonalData {
            mentions,
            memberships: memberships
                .filter(|membership| them.is_person(&membership.person))
                .collect(),
            quarantined: named.count() as u64,
            in_settings: in_settings.is_some_and(|mut roster| them.rename_roster(&mut roster)),
            identity,
        })
    }
}
