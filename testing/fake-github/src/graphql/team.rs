//! Teams and their members.

use apollo_compiler::resolvers::ResolveInfo;

use super::actor::{ActorView, OrganizationView};
use super::context::maybe_text;
use super::context::{Answer, Context, View, argument, instant, int_id, leaf, order, text, window};
use super::query::unknown;
use crate::page::{Key, Sort};
use crate::world::{Member, MemberRole, OrganizationId, Team, TeamId};

/// `Team`.
#[derive(Clone, Copy)]
pub(super) struct TeamView<'w> {
    id: TeamId,
    team: &'w Team,
}

impl<'w> TeamView<'w> {
    pub(super) fn new(context: &'w Context<'w>, id: TeamId) -> Self {
        Self {
            id,
            team: context.world.team(id),
        }
    }
}

impl<'w> View<'w> for TeamView<'w> {
    fn type_name(&self) -> &'static str {
        "Team"
    }

    fn field<'a>(&self, context: &'w Context<'w>, info: &ResolveInfo<'_>) -> Answer<'a>
    where
        'w: 'a,
    {
        let Self { id, team } = *self;
        match info.field_name() {
            "id" => leaf(id.node_id()),
            "databaseId" => int_id(team.database_id.into()),
            "slug" => leaf(&*team.slug),
            "combinedSlug" => leaf(format!(
                "{}/{}",
                context.world.organization(team.organization).login,
                team.slug
            )),
            "name" => leaf(&*team.name),
            "description" => maybe_text(team.description.as_ref()),
            "createdAt" => instant(team.created_at),
            "updatedAt" => instant(team.updated_at),
            "organization" => Ok(context.object(OrganizationView(team.organization))),
            "parentTeam" => context.nullable(team.parent.map(|parent| Self::new(context, parent))),
            "members" => {
                let own = &team.members;
                let all = || context.world.members_with_descendants(id);
                let members: Vec<Member> = match text(info, "membership") {
                    Some("IMMEDIATE") => own.clone(),
                    Some("CHILD_TEAM") => {
                        let is_own = |member: &Member| own.iter().any(|found| found.actor == member.actor);
                        all().into_iter().filter(|member| !is_own(member)).collect()
                    }
                    _ => all(),
                };
                let role = text(info, "role");
                let rows = members.into_iter().filter_map(|Member { actor, role: has }| {
                    let view = MemberView {
                        actor: ActorView::living_user(context, actor)?,
                        role: has,
                    };
                    let key = Key::number(actor.0.into(), 0);
                    role.is_none_or(|role| role == role_name(has))
                        .then_some((key, view))
                });
                let mut rows: Vec<_> = rows.collect();
                rows.sort_by(|(left, _), (right, _)| left.cmp(right));
                let (_, descending) = order(info, "LOGIN");
                context.connection("TeamMember", window(info)?.page(rows, descending))
            }
            other => Err(unknown(self.type_name(), other)),
        }
    }
}

fn role_name(role: MemberRole) -> &'static str {
    match role {
        MemberRole::Maintainer => "MAINTAINER",
        MemberRole::Member => "MEMBER",
    }
}

/// A user as a member of a team.
#[derive(Clone, Copy)]
struct MemberView<'w> {
    actor: ActorView<'w>,
    role: MemberRole,
}

impl<'w> View<'w> for MemberView<'w> {
    fn type_name(&self) -> &'static str {
        self.actor.type_name()
    }

    fn field<'a>(&self, context: &'w Context<'w>, info: &ResolveInfo<'_>) -> Answer<'a>
    where
        'w: 'a,
    {
        self.actor.field(context, info)
    }

    fn role(&self) -> Option<&'static str> {
        Some(role_name(self.role))
    }
}

/// The teams of an organization, by name.
pub(super) fn teams<'a, 'w: 'a>(
    context: &'w Context<'w>,
    organization: OrganizationId,
    info: &ResolveInfo<'_>,
) -> Answer<'a> {
    let roots = argument(info, "rootTeamsOnly")
        .and_then(|roots| roots.as_bool())
        .unwrap_or(false);
    let teams = context
        .world
        .teams(organization)
        .filter(|(_, team)| !roots || team.parent.is_none());
    let mut rows: Vec<_> = teams
        .map(|(id, team)| {
            (
                Key(Sort::Name(team.name.to_lowercase()), id.0.into()),
                TeamView { id, team },
            )
        })
        .collect();
    rows.sort_by(|(left, _), (right, _)| left.cmp(right));
    let (_, descending) = order(info, "NAME");
    context.connection("Team", window(info)?.page(rows, descending))
}
