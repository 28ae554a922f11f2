use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::bots::{Bots, WELL_KNOWN, WELL_KNOWN_EMAILS};
use super::check::holds;
use super::person::{folded, people};
use super::{AttributedId, Attribution, AttributionInstant, AttributionRules, Forgotten, Share, Subject};
use crate::Id;
use crate::milestone::milestones;
use crate::model::{Actor, Roster, Team};

/// The id of the team that stands for nobody's team: what belongs to none is shown, never dropped.
pub const UNASSIGNED: &str = "unassigned";

/// Raised whenever the same roster and rules would give other shares or milestones.
const ALGORITHM: &str = "attribution@3";

/// Says which teams a fact belongs to. Made once of a roster, asked for every fact.
#[derive(Debug)]
pub struct Attributor {
    rules: AttributionRules,
    today: DateTime<Utc>,
    revision: String,
    bots: Bots,
    teams: Vec<Node>,
    /// The memberships of each person, in the order of the roster.
    people: Vec<Vec<Place>>,
    emails: HashMap<String, usize>,
    handles: HashMap<String, usize>,
    /// `None` for a name that two people bear: it decides nothing.
    names: HashMap<String, Option<usize>>,
    forgotten: Forgotten,
}

/// A team with the teams above it.
#[derive(Debug)]
struct Node {
    id: Id<Team>,
    parents: Vec<Place>,
}

/// A place in a team for a time.
#[derive(Clone, Copy, Debug)]
struct Place {
    team: usize,
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
    primary: bool,
}

impl Place {
    /// Whether it holds at an instant; where none is known, only what has no dates does.
    fn holds(&self, at: Option<DateTime<Utc>>) -> bool {
        match at {
            Some(at) => holds((self.from, self.to), at),
            None => self.from.is_none() && self.to.is_none(),
        }
    }
}

impl Attributor {
    /// Indexes a roster. `now` matters only to [`AttributionInstant::Current`], and only its day does, so that the
    /// revision stays the same for a day.
    ///
    /// What a valid roster has not (see [`check_roster`](super::check_roster)) is passed over: members of unknown teams,
    /// unknown parents.
    pub fn new(roster: &Roster, rules: AttributionRules, now: DateTime<Utc>) -> Self {
        let today = DateTime::from_timestamp(now.timestamp().div_euclid(86_400) * 86_400, 0).unwrap_or(now);
        let places: HashMap<&Id<Team>, usize> = roster
            .teams
            .iter()
            .enumerate()
            .map(|(index, team)| (&team.id, index))
            .collect();
        let teams = roster
            .teams
            .iter()
            .map(|team| Node {
                id: team.id.clone(),
                parents: team
                    .parents
                    .iter()
                    .filter_map(|parent| {
                        Some(Place {
                            team: *places.get(&parent.team)?,
                            from: parent.valid_from,
                            to: parent.valid_to,
                            primary: false,
                        })
                    })
                    .collect(),
            })
            .collect();
        let mut attributor = Self {
            rules,
            today,
            revision: revision(roster, rules, today),
            bots: Bots::new(&roster.bots),
            teams,
            people: vec![Vec::new(); roster.memberships.len()],
            emails: HashMap::new(),
            handles: HashMap::new(),
            names: HashMap::new(),
            forgotten: Forgotten::default(),
        };
        for (membership, person) in roster.memberships.iter().zip(people(&roster.memberships)) {
            if let Some(team) = places.get(&membership.team) {
                attributor.people[person].push(Place {
                    team: *team,
                    from: membership.valid_from,
                    to: membership.valid_to,
                    primary: membership.primary,
                });
            }
            for email in &membership.person.emails {
                attributor.emails.insert(folded(email), person);
            }
            for handle in &membership.person.handles {
                attributor.handles.insert(folded(handle), person);
            }
            for name in &membership.person.names {
                attributor
                    .names
                    .entry(folded(name))
                    .and_modify(|known| *known = known.filter(|known| *known == person))
                    .or_insert(Some(person));
            }
        }
        attributor
    }

    /// The same with those whose names the roster does not have any more.
    #[must_use]
    pub fn forgetting(self, forgotten: Forgotten) -> Self {
        Self { forgotten, ..self }
    }

    /// By what facts have to be renamed before they are attributed.
    pub fn forgotten(&self) -> &Forgotten {
        &self.forgotten
    }

    /// A short text that follows from everything that attributions follow from: the roster, the rules and this build's
    /// list of well-known bots. Where it is the same, so is every attribution.
    pub fn revision(&self) -> &str {
        &self.revision
    }

    /// The teams of a fact, and the milestones of a pull request whose activity is known.
    pub fn attribute(&self, subject: &Subject) -> Attribution {
        let (id, actor) = match subject {
            Subject::PullRequest { id, actor, .. } => (AttributedId::PullRequest(id.clone()), actor),
            Subject::Deployment { id, actor, .. } => (AttributedId::Deployment(id.clone()), actor),
            Subject::Incident { id, actor, .. } => (AttributedId::Incident(id.clone()), actor),
        };
        let told = match subject {
            Subject::PullRequest {
                actor,
                milestones: given,
                activity: Some(activity),
                ..
            } => Some(milestones(given, actor, activity, &|actor| {
                self.bots.is_bot(actor)
            })),
            _ => None,
        };
        let at = self.rules.instant.of(subject, told.as_ref(), self.today);
        Attribution {
            subject: id,
            bot: self.bots.is_bot(actor),
            milestones: told,
            shares: self.shares(actor, at),
        }
    }

    /// Whether the roster says of this actor that they are a human, whatever they look like.
    pub fn is_declared_human(&self, actor: &Actor) -> bool {
        self.bots.is_declared_human(actor)
    }

    /// The person that an actor is: by e-mail, else by handle, else by name.
    pub(super) fn person(&self, actor: &Actor) -> Option<usize> {
        let by = |text: &Option<String>| text.as_deref().map(folded);
        let by_email = by(&actor.email).and_then(|email| self.emails.get(&email).copied());
        by_email
            .or_else(|| by(&actor.handle).and_then(|handle| self.handles.get(&handle).copied()))
            .or_else(|| by(&actor.name).and_then(|name| self.names.get(&name).copied().flatten()))
    }

    fn shares(&self, actor: &Actor, at: Option<DateTime<Utc>>) -> Vec<Share> {
        let mut own: Vec<usize> = Vec::new();
        let mut primary = None;
        for place in self
            .person(actor)
            .into_iter()
            .flat_map(|person| &self.people[person])
        {
            if place.holds(at) {
                if place.primary {
                    primary = Some(place.team);
                }
                if !own.contains(&place.team) {
                    own.push(place.team);
                }
            }
        }
        let Some(primary) = primary.or(own.first().copied()) else {
            return vec![Share {
                team: Id::new(UNASSIGNED),
                weight: 1.0,
                primary: true,
                direct: true,
            }];
        };
        // Each own team gives its part to itself and once to every team above it.
        let mut parts: Vec<(usize, u32, bool)> = Vec::new();
        for team in &own {
            for above in self.with_ancestors(*team, at) {
                match parts.iter_mut().find(|(known, ..)| *known == above) {
                    Some((_, count, below)) => {
                        *count += 1;
                        *below |= *team == primary;
                    }
                    None => parts.push((above, 1, *team == primary)),
                }
            }
        }
        let mut shares: Vec<Share> = parts
            .into_iter()
            .map(|(team, count, primary)| Share {
                team: self.teams[team].id.clone(),
                weight: f64::from(count) / own.len() as f64,
                primary,
                direct: own.contains(&team),
            })
            .collect();
        shares.sort_by(|a, b| a.team.cmp(&b.team));
        shares
    }

    /// The team and all above it at an instant, each once.
    fn with_ancestors(&self, team: usize, at: Option<DateTime<Utc>>) -> Vec<usize> {
        let mut found = vec![team];
        let mut next = 0;
        while let Some(team) = found.get(next).copied() {
            for parent in &self.teams[team].parents {
                if parent.holds(at) && !found.contains(&parent.team) {
                    found.push(parent.team);
                }
            }
            next += 1;
        }
        found
    }
}

/// The digest of what attributions follow from: FNV-1a of 128 bits, which stays the same from build to build (the standard
/// library's hasher promises nothing). It need not withstand an attacker, who would gain a roster that is not applied anew.
fn revision(roster: &Roster, rules: AttributionRules, today: DateTime<Utc>) -> String {
    let today = (rules.instant == AttributionInstant::Current).then_some(today);
    let text = format!("{ALGORITHM} {rules:?} {today:?} {roster:?} {WELL_KNOWN:?} {WELL_KNOWN_EMAILS:?}");
    let digest = text
        .bytes()
        .fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128, |digest, byte| {
            (digest ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
        });
    format!("{digest:032x}")
}
