//! Where names of people are: in facts, in rosters, and in what nobody understood.

use serde_json::Value;

use super::Forgotten;
use super::forgotten::{Kind, is_stand_in, names};
use crate::model::{Activity, Deployment, Fact, Incident, Person, PullRequest, Roster, TeamSnapshot};

/// The most words of a name that is looked for within a text.
const WORDS: usize = 4;

impl Forgotten {
    /// Renames whom a fact names; gives whether it names somebody who is forgotten.
    pub fn rename_fact(&self, fact: &mut Fact) -> bool {
        match fact {
            Fact::PullRequest(pull_request) => self.rename_pull_request(pull_request),
            Fact::Deployment(deployment) => self.rename_deployment(deployment),
            Fact::Incident(incident) => self.rename_incident(incident),
            Fact::Teams(snapshot) => self.rename_snapshot(snapshot),
            Fact::Repository(_) | Fact::DeploymentRemoved(_) | Fact::IncidentRemoved(_) => false,
        }
    }

    /// The same of a pull request: its authors, and who did what on it.
    pub fn rename_pull_request(&self, pull_request: &mut PullRequest) -> bool {
        let mut renamed = self.rename(&mut pull_request.author);
        for author in &mut pull_request.co_authors {
            renamed |= self.rename(author);
        }
        renamed
            | pull_request
                .activity
                .as_mut()
                .is_some_and(|activity| self.rename_activity(activity))
    }

    /// The same of what happened on a pull request.
    pub fn rename_activity(&self, activity: &mut Activity) -> bool {
        let Activity {
            commits,
            reviews,
            events,
        } = activity;
        let commits = commits.iter_mut().map(|commit| &mut commit.author);
        let reviews = reviews.iter_mut().map(|review| &mut review.author);
        let events = events.iter_mut().map(|event| &mut event.actor);
        let all = commits.chain(reviews).chain(events);
        all.fold(false, |renamed, actor| renamed | self.rename(actor))
    }

    /// The same of a deployment: who deployed.
    pub fn rename_deployment(&self, deployment: &mut Deployment) -> bool {
        self.rename(&mut deployment.creator)
    }

    /// The same of an incident: who reported it.
    pub fn rename_incident(&self, incident: &mut Incident) -> bool {
        self.rename(&mut incident.author)
    }

    /// The same of the members of observed teams.
    fn rename_snapshot(&self, snapshot: &mut TeamSnapshot) -> bool {
        let members = snapshot.teams.iter_mut().filter_map(|team| team.members.as_mut());
        let mut renamed = false;
        for handle in members.flatten().filter(|handle| self.has(Kind::Handle, handle)) {
            *handle = self.stand_in(Kind::Handle, handle);
            renamed = true;
        }
        renamed
    }

    /// The same of a roster: its members, and whom its rules for bots name.
    pub fn rename_roster(&self, roster: &mut Roster) -> bool {
        let mut renamed = false;
        for membership in &mut roster.memberships {
            renamed |= self.rename_person(&mut membership.person);
        }
        for accounts in [&mut roster.bots.accounts, &mut roster.bots.humans] {
            renamed |= self.rename_accounts(accounts);
        }
        renamed
    }

    /// Of the people in a roster who are forgotten, the handles and addresses there that were not known to be theirs.
    pub fn told_more_of(&self, roster: &Roster) -> Vec<Person> {
        let new = |kind, texts: &[String]| -> Vec<String> {
            let new = texts
                .iter()
                .filter(|text| !self.has(kind, text) && !is_stand_in(text) && self.may_rename(kind, text));
            new.cloned().collect()
        };
        let people = roster.memberships.iter().map(|membership| &membership.person);
        people
            .filter(|person| self.is_person(person))
            .map(|person| Person {
                emails: new(Kind::Email, &person.emails),
                handles: new(Kind::Handle, &person.handles),
                names: Vec::new(),
            })
            .filter(|person| *person != Person::default())
            .collect()
    }

    /// Whether somebody in a roster is forgotten: by e-mail or handle, or by name where nothing else is told.
    pub fn is_person(&self, person: &Person) -> bool {
        let only_named = person.emails.is_empty() && person.handles.is_empty();
        names(person).any(|(kind, text)| (kind != Kind::Name || only_named) && self.has(kind, text))
    }

    fn rename_person(&self, person: &mut Person) -> bool {
        if !self.is_person(person) {
            return false;
        }
        for (kind, texts) in [
            (Kind::Email, &mut person.emails),
            (Kind::Handle, &mut person.handles),
            (Kind::Name, &mut person.names),
        ] {
            for text in texts.iter_mut().filter(|text| self.may_rename(kind, text)) {
                *text = self.stand_in(kind, text);
            }
        }
        true
    }

    /// Accounts that rules name by whatever they are called: all that stands in for it takes its place.
    fn rename_accounts(&self, accounts: &mut Vec<String>) -> bool {
        if !accounts.iter().any(|account| self.knows(account)) {
            return false;
        }
        let of = |account: String| {
            let kinds = [Kind::Email, Kind::Handle, Kind::Name];
            let mut stand_ins: Vec<String> = kinds
                .into_iter()
                .filter(|kind| self.has(*kind, &account))
                .map(|kind| self.stand_in(kind, &account))
                .collect();
            if stand_ins.is_empty() {
                stand_ins.push(account);
            }
            stand_ins
        };
        *accounts = std::mem::take(accounts).into_iter().flat_map(of).collect();
        true
    }

    /// Whether anything within a record names somebody who is forgotten.
    pub fn is_named_in(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => self.is_named_in_text(text),
            Value::Array(values) => values.iter().any(|value| self.is_named_in(value)),
            Value::Object(fields) => fields
                .iter()
                .any(|(key, value)| self.is_named_in_text(key) || self.is_named_in(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    /// Whether a text names them: as a whole, by a handle or an address in it, or by a name of some words.
    pub fn is_named_in_text(&self, text: &str) -> bool {
        if self.is_empty() {
            return false;
        }
        let of_a_name = |letter: char| letter.is_alphanumeric() || "._%+-@".contains(letter);
        let accounts = text
            .split(|letter| !of_a_name(letter))
            .map(|account| account.trim_matches(['.', '-', '@']));
        let mut known = accounts.filter(|account| !account.is_empty());
        if self.knows(text) || known.any(|account| self.knows(account)) {
            return true;
        }
        let words: Vec<&str> = text
            .split(|letter: char| !letter.is_alphanumeric() && !"-'.".contains(letter))
            .filter(|word| !word.is_empty())
            .collect();
        (2..=WORDS)
            .flat_map(|count| words.windows(count))
            .any(|name| self.has(Kind::Name, &name.join(" ")))
    }
}
