//! Who somebody is: all that a person is called, followed from one of their names.

use std::collections::BTreeSet;

use chrono::DateTime;
use serde::{Deserialize, Serialize};

use super::bots::is_known_as_bot;
use super::person::{folded, people};
use super::{AttributionRules, Attributor};
use crate::model::{Actor, Person, Roster};
use crate::{Error, ErrorKind, Result};

/// A person, by all that they are known to be called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Their e-mail addresses, handles and names, each in the form in which they are compared. A name that others bear, too, is
    /// not among them.
    pub person: Person,
    /// Names of theirs that others bear, too: alone they tell nobody.
    pub shared_names: Vec<String>,
    /// Who may be the same person, and may be another: they share a name or an address, and nothing says more.
    pub perhaps: Vec<Actor>,
}

/// Who is called by these names: handles, e-mail addresses or full names, the first of which somebody must have; `None` where
/// nobody has. `seen` are all that facts name, and the roster is the one in force.
///
/// - Whoever the roster lists with one of the names is that person, with all that it lists.
/// - An address that is seen with a handle of theirs is theirs, and a name that is seen with either.
/// - A handle is theirs if it is given, or the roster says so, or it is the only one that was seen with the name or address that is
///   given. Two accounts may share an address that was only seen with one of them.
///
/// # Errors
/// `InvalidInput` where a name that was given is not one person's, where the roster takes what has their handle for
/// different people, and where it is a bot's.
pub fn identify(given: &[String], seen: &[Actor], roster: &Roster) -> Result<Option<Identity>> {
    let attributor = Attributor::new(roster, AttributionRules::default(), DateTime::UNIX_EPOCH);
    let mut names = Names {
        seen,
        roster,
        groups: people(&roster.memberships),
        resolved: seen.iter().map(|actor| attributor.person(actor)).collect(),
        handles: BTreeSet::new(),
        declared_emails: BTreeSet::new(),
        seen_emails: BTreeSet::new(),
        given_names: BTreeSet::new(),
        listed: BTreeSet::new(),
    };
    for (index, name) in given.iter().enumerate() {
        if !names.begin(name)? {
            if index == 0 {
                return Ok(None);
            }
            names.note(name);
        }
    }
    while names.follow()? {}
    let identity = names.identity();
    let person = &identity.person;
    let humans: BTreeSet<String> = roster.bots.humans.iter().map(|text| folded(text)).collect();
    for name in person.handles.iter().chain(&person.emails) {
        if is_known_as_bot(name) && !humans.contains(name) {
            let wrong = format!(
                "`{name}` is a bot's, and no person's; if it is a human's, say so in the roster's `humans`"
            );
            return Err(Error::new(ErrorKind::InvalidInput, wrong));
        }
    }
    Ok(Some(identity))
}

/// What is known of a person so far; all texts folded.
struct Names<'a> {
    seen: &'a [Actor],
    roster: &'a Roster,
    /// The number of the person of each membership.
    groups: Vec<usize>,
    /// The same of whom the roster takes each actor for.
    resolved: Vec<Option<usize>>,
    handles: BTreeSet<String>,
    /// Addresses that were given, or that the roster lists.
    declared_emails: BTreeSet<String>,
    /// Addresses seen with their handles.
    seen_emails: BTreeSet<String>,
    given_names: BTreeSet<String>,
    /// The numbers of the people of the roster that they are.
    listed: BTreeSet<usize>,
}

fn is(text: Option<&String>, name: &str) -> bool {
    text.is_some_and(|text| folded(text) == name)
}

impl Names<'_> {
    /// Takes a name that was given for a handle, else an address, else a full name, whichever there is; gives whether there is.
    fn begin(&mut self, name: &str) -> Result<bool> {
        let name = folded(name);
        let any = |of: fn(&Actor) -> Option<&String>, listed: fn(&Person) -> &Vec<String>| {
            let mut members = self
                .roster
                .memberships
                .iter()
                .map(|membership| &membership.person);
            self.seen.iter().any(|actor| is(of(actor), &name))
                || members.any(|person| listed(person).iter().any(|text| folded(text) == name))
        };
        if any(|actor| actor.handle.as_ref(), |person| &person.handles) {
            self.handles.insert(name);
        } else if any(|actor| actor.email.as_ref(), |person| &person.emails) {
            self.begin_with_email(name);
        } else if any(|actor| actor.name.as_ref(), |person| &person.names) {
            self.begin_with_name(name)?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// An address leads to an account if one alone was seen with it.
    fn begin_with_email(&mut self, email: String) {
        let handles = self.handles_of(|actor| is(actor.email.as_ref(), &email));
        if handles.len() == 1 {
            self.handles.extend(handles);
        }
        self.declared_emails.insert(email);
    }

    /// The handles that were seen with a name or an address.
    fn handles_of(&self, named: impl Fn(&Actor) -> bool) -> BTreeSet<String> {
        let named = self.seen.iter().filter(|actor| named(actor));
        named
            .filter_map(|actor| actor.handle.as_deref())
            .map(folded)
            .collect()
    }

    /// A name is one person's if one handle at most was seen with it.
    fn begin_with_name(&mut self, name: String) -> Result<()> {
        let handles = self.handles_of(|actor| is(actor.name.as_ref(), &name));
        if handles.len() > 1 {
            let all = handles.into_iter().collect::<Vec<_>>().join("`, `");
            let wrong = format!("several people are called `{name}`; name one of them by handle: `{all}`");
            return Err(Error::new(ErrorKind::InvalidInput, wrong));
        }
        self.handles.extend(handles);
        self.given_names.insert(name);
        Ok(())
    }

    /// Takes note of a name that nothing has: it may come.
    fn note(&mut self, name: &str) {
        let name = folded(name);
        let of = if name.contains('@') {
            &mut self.declared_emails
        } else if name.contains(char::is_whitespace) {
            &mut self.given_names
        } else {
            &mut self.handles
        };
        of.insert(name);
    }

    /// Adds what follows from what is known; gives whether that was anything.
    fn follow(&mut self) -> Result<bool> {
        let before = self.count();
        self.listed = self.find_listed()?;
        let listed = &self.listed;
        for (membership, group) in self.roster.memberships.iter().zip(&self.groups) {
            if listed.contains(group) {
                let Person { emails, handles, .. } = &membership.person;
                self.declared_emails
                    .extend(emails.iter().map(|text| folded(text)));
                self.handles.extend(handles.iter().map(|text| folded(text)));
            }
        }
        for (actor, resolved) in self.seen.iter().zip(&self.resolved) {
            let by_roster = resolved.is_some_and(|group| listed.contains(&group));
            let by_name = actor.handle.is_none()
                && actor
                    .name
                    .as_ref()
                    .is_some_and(|name| self.given_names.contains(&folded(name)));
            if by_roster {
                self.handles.extend(actor.handle.as_deref().map(folded));
            }
            if by_roster || by_name || self.has_handle(actor) {
                let email = actor.email.as_deref().filter(|email| !is_known_as_bot(email));
                self.seen_emails.extend(email.map(folded));
            }
        }
        Ok(self.count() > before)
    }

    fn count(&self) -> usize {
        self.handles.len() + self.declared_emails.len() + self.seen_emails.len()
    }

    /// The numbers of the people of the roster that they are.
    fn find_listed(&self) -> Result<BTreeSet<usize>> {
        let known = |texts: &[String], known: &BTreeSet<String>| {
            texts.iter().any(|text| known.contains(&folded(text)))
        };
        let members = self.roster.memberships.iter().zip(&self.groups);
        let mut listed: BTreeSet<usize> = members
            .filter(|(membership, _)| {
                let Person {
                    emails,
                    handles,
                    names,
                } = &membership.person;
                known(handles, &self.handles)
                    || known(emails, &self.declared_emails)
                    || emails.is_empty() && handles.is_empty() && known(names, &self.given_names)
            })
            .map(|(_, group)| *group)
            .collect();
        let seen = self.seen.iter().zip(&self.resolved);
        let reached: BTreeSet<usize> = seen
            .filter(|(actor, _)| self.has_handle(actor))
            .filter_map(|(_, resolved)| *resolved)
            .filter(|group| !listed.contains(group))
            .collect();
        // Whom the roster knows by address alone is who wrote with it. Who has an account of their own is somebody else.
        let has_account = |group: &usize| {
            let members = self.roster.memberships.iter().zip(&self.groups);
            let mut own = members.filter(|(_, of)| *of == group);
            own.any(|(membership, _)| !membership.person.handles.is_empty())
        };
        if reached.len() > 1 || reached.iter().any(has_account) {
            let handles = self.handles.iter().cloned().collect::<Vec<_>>().join("`, `");
            let wrong = format!(
                "the roster takes some of what `{handles}` did for somebody else's, by address or name; correct it there \
                 first, or name that one, too, if both are one person"
            );
            return Err(Error::new(ErrorKind::InvalidInput, wrong));
        }
        listed.extend(reached);
        Ok(listed)
    }

    fn has_handle(&self, actor: &Actor) -> bool {
        actor
            .handle
            .as_ref()
            .is_some_and(|handle| self.handles.contains(&folded(handle)))
    }

    fn has_email(&self, actor: &Actor) -> bool {
        actor.email.as_ref().is_some_and(|email| {
            let email = folded(email);
            self.declared_emails.contains(&email) || self.seen_emails.contains(&email)
        })
    }

    fn identity(self) -> Identity {
        let own = |actor: &Actor| {
            self.has_handle(actor)
                || self.has_email(actor)
                || actor.handle.is_none()
                    && actor
                        .name
                        .as_ref()
                        .is_some_and(|name| self.given_names.contains(&folded(name)))
        };
        let folded_name = |actor: &Actor| actor.name.as_deref().map(folded);
        let mut names: BTreeSet<String> = self
            .seen
            .iter()
            .filter(|actor| own(actor))
            .filter_map(folded_name)
            .collect();
        let mut others: BTreeSet<String> = self
            .seen
            .iter()
            .filter(|actor| !own(actor) && (actor.handle.is_some() || actor.email.is_some()))
            .filter_map(folded_name)
            .collect();
        for (membership, group) in self.roster.memberships.iter().zip(&self.groups) {
            let theirs = self.listed.contains(group);
            let of = if theirs { &mut names } else { &mut others };
            of.extend(membership.person.names.iter().map(|name| folded(name)));
        }
        names.retain(|name| !is_known_as_bot(name));
        names.extend(self.given_names.iter().cloned());
        let (shared, alone): (BTreeSet<String>, BTreeSet<String>) = names
            .into_iter()
            .partition(|name| others.contains(name) && !self.given_names.contains(name));
        let perhaps: BTreeSet<&Actor> = self
            .seen
            .iter()
            .filter(|actor| {
                let handle_of_another = actor.handle.is_some() && !self.has_handle(actor);
                let namesake =
                    folded_name(actor).is_some_and(|name| shared.contains(&name) || alone.contains(&name));
                handle_of_another && self.has_email(actor) || !own(actor) && namesake
            })
            .collect();
        Identity {
            perhaps: perhaps.into_iter().cloned().collect(),
            shared_names: shared.into_iter().collect(),
            person: Person {
                emails: self
                    .declared_emails
                    .into_iter()
                    .chain(self.seen_emails)
                    .collect::<BTreeSet<_>>()
                    .into_iter()
                    .collect(),
                handles: self.handles.into_iter().collect(),
                names: alone.into_iter().collect(),
            },
        }
    }
}
