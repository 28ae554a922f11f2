//! Who takes part.

use super::shape::Shape;
use crate::world::{ActorId, ActorKind, MemberRole, OrganizationId, RepositoryId, TeamId, World};

const NAMES: [&str; 24] = [
    "ada", "bela", "chen", "dana", "emil", "farah", "goran", "hana", "ines", "jonas", "kira", "luis", "mira",
    "noor", "olga", "pavel", "quinn", "rosa", "sami", "tara", "umar", "vera", "wen", "yara",
];
const REPOSITORIES: [&str; 6] = ["api", "web", "billing", "mobile", "search", "platform"];
const TEAMS: [&str; 6] = ["Checkout", "Catalog", "Platform", "Mobile", "Data", "Growth"];

/// The organization, its people and what they work on.
#[derive(Debug, Clone)]
pub(super) struct Cast {
    pub(super) organization: OrganizationId,
    pub(super) people: Vec<ActorId>,
    /// A GitHub App, and a machine account that looks like a user.
    pub(super) update_bots: Vec<ActorId>,
    /// The app that deploys.
    pub(super) deploy_bot: Option<ActorId>,
    pub(super) mannequin: Option<ActorId>,
    pub(super) repositories: Vec<RepositoryId>,
    pub(super) teams: Vec<TeamId>,
}

fn numbered(names: &[&str], index: usize) -> String {
    let name = names[index % names.len()];
    match index / names.len() {
        0 => name.to_owned(),
        round => format!("{name}-{}", round + 1),
    }
}

impl Cast {
    /// Makes an organization of that shape.
    pub(super) fn hire(world: &mut World, shape: &Shape) -> Self {
        let organization = world.add_organization("acme");
        let people: Vec<_> = (0..shape.people.max(2))
            .map(|index| world.add_user(&numbered(&NAMES, index)))
            .collect();
        for &person in &people {
            let actor = world.actor_mut(person);
            let mut letters = actor.login.chars();
            let first = letters
                .next()
                .map(|letter| letter.to_ascii_uppercase())
                .unwrap_or_default();
            actor.name = format!("{first}{} Example", letters.as_str()).into();
        }
        world.add_bot("dependabot");
        world.add_user("renovate");
        world.add_bot("github-actions");
        world.add_mannequin("former-colleague");
        for index in 0..shape.repositories.max(1) {
            world.add_repository(organization, &numbered(&REPOSITORIES, index));
        }
        let root = world.add_team(organization, "Engineering");
        for index in 1..shape.teams.max(1) {
            let team = world.add_team(organization, &numbered(&TEAMS, index - 1));
            world.set_parent(team, Some(root));
        }
        let teams: Vec<TeamId> = world.teams(organization).map(|(id, _)| id).collect();
        for (index, &person) in people.iter().enumerate() {
            // The first leads all teams; everyone else is in one of those below.
            let below = teams.get(1..).filter(|below| !below.is_empty()).unwrap_or(&teams);
            let team = if index == 0 {
                root
            } else {
                below[index % below.len()]
            };
            let role = if index <= below.len() {
                MemberRole::Maintainer
            } else {
                MemberRole::Member
            };
            world.add_member(team, person, role);
        }
        Self::of(world).unwrap_or(Self {
            organization,
            people,
            update_bots: Vec::new(),
            deploy_bot: None,
            mannequin: None,
            repositories: Vec::new(),
            teams,
        })
    }

    /// Those of a world who can go on; `None` without an organization, people or repositories.
    pub(super) fn of(world: &World) -> Option<Self> {
        let (organization, _) = world.organizations().next()?;
        let find = |login: &str| {
            world
                .actors()
                .find(|(_, actor)| &*actor.login == login)
                .map(|(id, _)| id)
        };
        let update_bots: Vec<_> = ["dependabot", "renovate"]
            .iter()
            .filter_map(|login| find(login))
            .collect();
        let people = world.actors().filter(|(id, actor)| {
            actor.kind == ActorKind::User && !actor.deleted && !update_bots.contains(id)
        });
        let alive = world
            .repositories()
            .filter(|(_, found)| !found.deleted && found.archived_at.is_none());
        let cast = Self {
            organization,
            people: people.map(|(id, _)| id).collect(),
            deploy_bot: find("github-actions"),
            mannequin: find("former-colleague"),
            repositories: alive.map(|(id, _)| id).collect(),
            teams: world.teams(organization).map(|(id, _)| id).collect(),
            update_bots,
        };
        (cast.people.len() > 1 && !cast.repositories.is_empty()).then_some(cast)
    }
}
