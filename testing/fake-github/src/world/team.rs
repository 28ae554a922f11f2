//! Teams of an organization.

use super::{ActorId, NodeId, OrganizationId, TeamId, Text, Timestamp, World};

/// What a member may do in a team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberRole {
    /// May change the team.
    Maintainer,
    /// A member.
    Member,
}

/// A member of a team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub actor: ActorId,
    /// As what.
    pub role: MemberRole,
}

/// A team.
#[derive(Debug, Clone)]
pub struct Team {
    /// The organization.
    pub organization: OrganizationId,
    /// The numeric id.
    pub database_id: u32,
    /// The name in URLs.
    pub slug: Text,
    /// The name.
    pub name: Text,
    /// A description.
    pub description: Option<Text>,
    /// The team above.
    pub parent: Option<TeamId>,
    /// Its own members, without those of teams below.
    pub members: Vec<Member>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl TeamId {
    /// The opaque node id.
    pub fn node_id(self) -> String {
        NodeId::Team(self).encode()
    }
}

impl World {
    /// A new team; its slug is the name in small letters with dashes.
    pub fn add_team(&mut self, organization: OrganizationId, name: &str) -> TeamId {
        let (database_id, now) = (self.new_id(), self.now);
        self.teams.push(Team {
            organization,
            database_id,
            slug: name.to_lowercase().replace(' ', "-").into(),
            name: name.into(),
            description: None,
            parent: None,
            members: Vec::new(),
            created_at: now,
            updated_at: now,
        });
        TeamId(self.teams.len() as u32 - 1)
    }

    /// The team.
    pub fn team(&self, id: TeamId) -> &Team {
        &self.teams[id.0 as usize]
    }

    /// All teams of an organization.
    pub fn teams(&self, organization: OrganizationId) -> impl Iterator<Item = (TeamId, &Team)> {
        let all = self
            .teams
            .iter()
            .enumerate()
            .map(|(index, team)| (TeamId(index as u32), team));
        all.filter(move |(_, team)| team.organization == organization)
    }

    fn change_team(&mut self, id: TeamId, change: impl FnOnce(&mut Team)) {
        let now = self.now;
        let team = &mut self.teams[id.0 as usize];
        change(team);
        team.updated_at = now;
    }

    /// Adds a member, or changes their role.
    pub fn add_member(&mut self, id: TeamId, actor: ActorId, role: MemberRole) {
        self.change_team(id, |team| {
            team.members.retain(|member| member.actor != actor);
            team.members.push(Member { actor, role });
        });
    }

    /// Removes a member.
    pub fn remove_member(&mut self, id: TeamId, actor: ActorId) {
        self.change_team(id, |team| team.members.retain(|member| member.actor != actor));
    }

    /// Puts the team below another one, or at the top.
    pub fn set_parent(&mut self, id: TeamId, parent: Option<TeamId>) {
        self.change_team(id, |team| team.parent = parent);
    }

    /// The team's own members and those of all teams below it, each once.
    pub fn members_with_descendants(&self, id: TeamId) -> Vec<Member> {
        let mut members = self.team(id).members.clone();
        let mut seen = vec![id];
        let mut index = 0;
        while let Some(&above) = seen.get(index) {
            index += 1;
            for (child, team) in self.teams(self.team(id).organization) {
                if team.parent == Some(above) && !seen.contains(&child) {
                    seen.push(child);
                    members.extend(&team.members);
                }
            }
        }
        let mut once: Vec<Member> = Vec::new();
        for member in members {
            if once.iter().all(|found| found.actor != member.actor) {
                once.push(member);
            }
        }
        once
    }
}
