//! People, bots and organizations.

use super::{ActorId, NodeId, OrganizationId, OwnerId, Text, Timestamp, World};

/// What kind of account an actor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActorKind {
    /// A person, or a machine account that looks like one.
    User,
    /// A GitHub App acting as itself; its login ends in `[bot]` in REST, and lacks that in GraphQL.
    Bot,
    /// A placeholder for the author of imported history.
    Mannequin,
}

/// An account that acts.
#[derive(Debug, Clone)]
pub struct Actor {
    /// User, bot or mannequin.
    pub kind: ActorKind,
    /// The login, without `[bot]`.
    pub login: Text,
    /// The display name.
    pub name: Text,
    /// The e-mail address in this account's commits.
    pub email: Text,
    /// The numeric id.
    pub database_id: u32,
    /// When it joined.
    pub created_at: Timestamp,
    /// A deleted account is served as `null`, GitHub's "ghost".
    pub deleted: bool,
}

/// An organization.
#[derive(Debug, Clone)]
pub struct Organization {
    /// The login.
    pub login: Text,
    /// The numeric id.
    pub database_id: u32,
    /// When it was made.
    pub created_at: Timestamp,
}

impl World {
    /// A new user; the e-mail address is derived from the login.
    pub fn add_user(&mut self, login: &str) -> ActorId {
        self.add_actor(ActorKind::User, login)
    }

    /// A new bot; `login` is without `[bot]`.
    pub fn add_bot(&mut self, login: &str) -> ActorId {
        self.add_actor(ActorKind::Bot, login)
    }

    /// A new mannequin.
    pub fn add_mannequin(&mut self, login: &str) -> ActorId {
        self.add_actor(ActorKind::Mannequin, login)
    }

    fn add_actor(&mut self, kind: ActorKind, login: &str) -> ActorId {
        let database_id = self.new_id();
        self.actors.push(Actor {
            kind,
            login: login.into(),
            name: login.into(),
            email: format!("{login}@example.com").into(),
            database_id,
            created_at: self.now,
            deleted: false,
        });
        ActorId(self.actors.len() as u32 - 1)
    }

    /// A new organization.
    pub fn add_organization(&mut self, login: &str) -> OrganizationId {
        let database_id = self.new_id();
        self.organizations.push(Organization {
            login: login.into(),
            database_id,
            created_at: self.now,
        });
        OrganizationId(self.organizations.len() as u32 - 1)
    }

    /// Deletes an account: it leaves every team, and what it wrote belongs to the ghost.
    pub fn delete_user(&mut self, id: ActorId) {
        self.actors[id.0 as usize].deleted = true;
        for team in &mut self.teams {
            team.members.retain(|member| member.actor != id);
        }
    }

    /// The account.
    pub fn actor(&self, id: ActorId) -> &Actor {
        &self.actors[id.0 as usize]
    }

    /// Changes the account's profile, such as its name; nothing else notices.
    pub fn actor_mut(&mut self, id: ActorId) -> &mut Actor {
        &mut self.actors[id.0 as usize]
    }

    /// All accounts, deleted ones too.
    pub fn actors(&self) -> impl Iterator<Item = (ActorId, &Actor)> {
        self.actors
            .iter()
            .enumerate()
            .map(|(index, actor)| (ActorId(index as u32), actor))
    }

    /// The organization.
    pub fn organization(&self, id: OrganizationId) -> &Organization {
        &self.organizations[id.0 as usize]
    }

    /// All organizations.
    pub fn organizations(&self) -> impl Iterator<Item = (OrganizationId, &Organization)> {
        self.organizations
            .iter()
            .enumerate()
            .map(|(index, found)| (OrganizationId(index as u32), found))
    }

    /// The login of an owner.
    pub fn owner_login(&self, owner: OwnerId) -> &Text {
        match owner {
            OwnerId::Organization(id) => &self.organization(id).login,
            OwnerId::User(id) => &self.actor(id).login,
        }
    }

    /// The owner of that login, whatever the case of its letters.
    pub fn find_owner(&self, login: &str) -> Option<OwnerId> {
        let organization = self
            .organizations()
            .find(|(_, found)| found.login.eq_ignore_ascii_case(login));
        organization
            .map(|(id, _)| id.into())
            .or_else(|| self.find_user(login).map(OwnerId::from))
    }

    /// The living user of that login, whatever the case of its letters.
    pub fn find_user(&self, login: &str) -> Option<ActorId> {
        let found = self.actors().find(|(_, actor)| {
            actor.kind == ActorKind::User && !actor.deleted && actor.login.eq_ignore_ascii_case(login)
        });
        found.map(|(id, _)| id)
    }
}

impl ActorId {
    /// The opaque node id.
    pub fn node_id(self) -> String {
        NodeId::Actor(self).encode()
    }
}
