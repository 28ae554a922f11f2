//! Users, bots, mannequins and organizations.

use apollo_compiler::resolvers::ResolveInfo;

use super::context::{Answer, Context, View, argument, instant, int_id, leaf, order, text, window};
use super::error::Failure;
use super::query::{repository, unknown};
use super::repository::RepositoryView;
use super::team::{TeamView, teams};
use crate::page::{Key, Sort};
use crate::world::{Actor, ActorId, ActorKind, NodeId, OrganizationId, OwnerId};

/// `User`, `Bot` or `Mannequin`.
#[derive(Clone, Copy)]
pub(super) struct ActorView<'w> {
    id: ActorId,
    actor: &'w Actor,
    /// The viewer of an app's token is its bot, shown as a user.
    as_user: bool,
}

impl<'w> ActorView<'w> {
    pub(super) fn new(context: &'w Context<'w>, id: ActorId) -> Self {
        Self {
            id,
            actor: context.world.actor(id),
            as_user: false,
        }
    }

    /// Whose token it is.
    pub(super) fn viewer(context: &'w Context<'w>) -> Self {
        Self {
            as_user: true,
            ..Self::new(context, context.token.user)
        }
    }

    /// `None` for the ghost.
    pub(super) fn living(context: &'w Context<'w>, id: ActorId) -> Option<Self> {
        Some(Self::new(context, id)).filter(|view| !view.actor.deleted)
    }

    /// `None` for the ghost, bots and mannequins.
    pub(super) fn living_user(context: &'w Context<'w>, id: ActorId) -> Option<Self> {
        Self::living(context, id).filter(|view| view.actor.kind == ActorKind::User)
    }
}

impl<'w> View<'w> for ActorView<'w> {
    fn type_name(&self) -> &'static str {
        match self.actor.kind {
            _ if self.as_user => "User",
            ActorKind::User => "User",
            ActorKind::Bot => "Bot",
            ActorKind::Mannequin => "Mannequin",
        }
    }

    fn field<'a>(&self, context: &'w Context<'w>, info: &ResolveInfo<'_>) -> Answer<'a>
    where
        'w: 'a,
    {
        match info.field_name() {
            "id" => leaf(self.id.node_id()),
            "databaseId" => int_id(self.actor.database_id.into()),
            "login" if self.as_user && self.actor.kind == ActorKind::Bot => {
                leaf(format!("{}[bot]", self.actor.login))
            }
            "login" => leaf(&*self.actor.login),
            "name" => leaf(&*self.actor.name),
            "email" => leaf(&*self.actor.email),
            "createdAt" => instant(self.actor.created_at),
            "url" => leaf(format!("https://github.com/{}", self.actor.login)),
            "repositories" => repositories(context, self.id.into(), info),
            "repository" => repository(
                context,
                &self.actor.login,
                text(info, "name").unwrap_or_default(),
                true,
            ),
            other => Err(unknown(self.type_name(), other)),
        }
    }
}

/// `Organization`.
#[derive(Clone, Copy)]
pub(super) struct OrganizationView(pub(super) OrganizationId);

impl<'w> View<'w> for OrganizationView {
    fn type_name(&self) -> &'static str {
        "Organization"
    }

    fn field<'a>(&self, context: &'w Context<'w>, info: &ResolveInfo<'_>) -> Answer<'a>
    where
        'w: 'a,
    {
        let Self(id) = *self;
        let organization = context.world.organization(id);
        match info.field_name() {
            "id" => leaf(NodeId::Organization(id).encode()),
            "databaseId" => int_id(organization.database_id.into()),
            "login" | "name" => leaf(&*organization.login),
            "createdAt" => instant(organization.created_at),
            "url" => leaf(format!("https://github.com/{}", organization.login)),
            "repositories" => repositories(context, id.into(), info),
            "repository" => repository(
                context,
                &organization.login,
                text(info, "name").unwrap_or_default(),
                true,
            ),
            "team" | "teams" if !context.token.reads_teams() => {
                let message = "Your token has not been granted the required scopes to execute this query. The \
                               'teams' field requires one of the following scopes: ['read:org'].";
                Err(Failure::typed("INSUFFICIENT_SCOPES", message).into())
            }
            "team" => {
                context.single_sign_on(id.into())?;
                let slug = text(info, "slug").unwrap_or_default();
                let found = context.world.teams(id).find(|(_, team)| &*team.slug == slug);
                context.nullable(found.map(|(team, _)| TeamView::new(context, team)))
            }
            "teams" => {
                context.single_sign_on(id.into())?;
                teams(context, id, info)
            }
            other => Err(unknown(self.type_name(), other)),
        }
    }
}

/// An owner as its own type.
pub(super) fn owner_view<'a, 'w: 'a>(context: &'w Context<'w>, owner: OwnerId) -> Answer<'a> {
    Ok(match owner {
        OwnerId::Organization(id) => context.object(OrganizationView(id)),
        OwnerId::User(id) => context.object(ActorView::new(context, id)),
    })
}

fn repositories<'a, 'w: 'a>(context: &'w Context<'w>, owner: OwnerId, info: &ResolveInfo<'_>) -> Answer<'a> {
    context.single_sign_on(owner)?;
    let (field, descending) = order(info, "CREATED_AT");
    let flag = |name| argument(info, name).and_then(|value| value.as_bool());
    let private = text(info, "privacy").map(|privacy| privacy == "PRIVATE");
    let is = |wanted: Option<bool>, found: bool| wanted.is_none_or(|wanted| wanted == found);
    let mut rows: Vec<_> = context
        .world
        .repositories()
        .filter(|(id, found)| found.owner == owner && context.sees(*id))
        .filter(|(_, found)| is(flag("isArchived"), found.archived_at.is_some()))
        .filter(|(_, found)| is(flag("isFork"), found.fork) && is(private, found.private))
        .map(|(id, found)| {
            let sort = match field {
                "NAME" => Sort::Name(found.name.to_lowercase()),
                "UPDATED_AT" => Sort::Number(found.updated_at.timestamp()),
                "PUSHED_AT" => Sort::Number(found.pushed_at.map_or(0, |at| at.timestamp())),
                _ => Sort::Number(found.created_at.timestamp()),
            };
            (
                Key(sort, found.database_id.into()),
                RepositoryView::new(context, id),
            )
        })
        .collect();
    rows.sort_by(|(left, _), (right, _)| left.cmp(right));
    context.connection("Repository", window(info)?.page(rows, descending))
}
