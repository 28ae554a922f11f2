//! The root of every query.

use apollo_compiler::resolvers::{FieldError, ResolveInfo, ResolvedValue};

use super::actor::{ActorView, OrganizationView, owner_view};
use super::context::{Answer, Context, View, argument, instant, leaf, text, texts};
use super::deployment::DeploymentView;
use super::error::{Failure, item};
use super::issue::IssueView;
use super::pull_request::PullRequestView;
use super::release::ReleaseView;
use super::repository::RepositoryView;
use super::team::TeamView;
use crate::world::{NodeId, OwnerId};

/// `Query`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Query;

impl<'w> View<'w> for Query {
    fn type_name(&self) -> &'static str {
        "Query"
    }

    fn field<'a>(&self, context: &'w Context<'w>, info: &ResolveInfo<'_>) -> Answer<'a>
    where
        'w: 'a,
    {
        match info.field_name() {
            "id" => leaf("Q_kgAB"),
            "viewer" => Ok(context.object(ActorView::viewer(context))),
            "rateLimit" => context.nullable(
                context
                    .rate_limit
                    .filter(|_| !context.effects.no_rate_limit)
                    .map(RateLimitView),
            ),
            "node" => node(context, text(info, "id").unwrap_or_default()),
            "nodes" => {
                let ids: Vec<String> = texts(info, "ids")
                    .unwrap_or_default()
                    .into_iter()
                    .map(String::from)
                    .collect();
                Ok(ResolvedValue::list(
                    ids.into_iter().map(move |id| item(node(context, &id))),
                ))
            }
            "repository" => {
                let follow =
                    argument(info, "followRenames").is_none_or(|follow| follow.as_bool() != Some(false));
                let (owner, name) = (
                    text(info, "owner").unwrap_or_default(),
                    text(info, "name").unwrap_or_default(),
                );
                repository(context, owner, name, follow)
            }
            "repositoryOwner" => {
                let owner = text(info, "login").and_then(|login| context.world.find_owner(login));
                match owner {
                    Some(owner) => owner_view(context, owner),
                    None => Ok(ResolvedValue::null()),
                }
            }
            "organization" => {
                let login = text(info, "login").unwrap_or_default();
                match context.world.find_owner(login) {
                    Some(OwnerId::Organization(id)) => Ok(context.object(OrganizationView(id))),
                    _ => Err(unresolved(format!("an Organization with the login of '{login}'"))),
                }
            }
            "user" => {
                let login = text(info, "login").unwrap_or_default();
                match context.world.find_user(login) {
                    Some(id) => Ok(context.object(ActorView::new(context, id))),
                    None => Err(unresolved(format!("a User with the login of '{login}'"))),
                }
            }
            other => Err(unknown(self.type_name(), other)),
        }
    }
}

pub(super) fn unknown(type_name: &str, field: &str) -> FieldError {
    FieldError {
        message: format!("the fake does not serve {type_name}.{field}"),
    }
}

fn unresolved(what: String) -> FieldError {
    Failure::typed("NOT_FOUND", format!("Could not resolve to {what}.")).into()
}

pub(super) fn repository<'a, 'w: 'a>(
    context: &'w Context<'w>,
    owner: &str,
    name: &str,
    follow: bool,
) -> Answer<'a> {
    let found = context
        .world
        .find_repository(owner, name)
        .filter(|(_, former)| follow || !former);
    match found.filter(|(id, _)| context.sees(*id)) {
        Some((id, _)) => {
            context.single_sign_on(context.world.repository(id).owner)?;
            context.found(&NodeId::Repository(id).encode())?;
            Ok(context.object(RepositoryView::new(context, id)))
        }
        None => Err(unresolved(format!("a Repository with the name '{owner}/{name}'"))),
    }
}

/// The object of a node id.
fn node<'a, 'w: 'a>(context: &'w Context<'w>, text: &str) -> Answer<'a> {
    let missing = || Err(unresolved(format!("a node with the global id of '{text}'")));
    context.found(text)?;
    let Some(id) = NodeId::decode(text).filter(|id| context.exists(*id)) else {
        return missing();
    };
    if let Some(owner) = context.owner_of(id) {
        context.single_sign_on(owner)?;
    }
    match id {
        NodeId::Actor(id) => Ok(context.object(ActorView::new(context, id))),
        NodeId::Organization(id) => Ok(context.object(OrganizationView(id))),
        NodeId::Team(id) => Ok(context.object(TeamView::new(context, id))),
        NodeId::Repository(id) => Ok(context.object(RepositoryView::new(context, id))),
        NodeId::PullRequest(id) => {
            context.pull_requests.set(context.pull_requests.get() + 1);
            PullRequestView::find(context, id).map_or_else(missing, |view| Ok(context.object(view)))
        }
        NodeId::Issue(id) => {
            IssueView::find(context, id).map_or_else(missing, |view| Ok(context.object(view)))
        }
        NodeId::Deployment(id) => {
            DeploymentView::find(context, id).map_or_else(missing, |view| Ok(context.object(view)))
        }
        NodeId::Release(id) => {
            ReleaseView::find(context, id).map_or_else(missing, |view| Ok(context.object(view)))
        }
    }
}

impl Context<'_> {
    /// Fails when a fault hides that node id.
    fn found(&self, node_id: &str) -> Result<(), FieldError> {
        if self.effects.missing.iter().any(|missing| missing == node_id) {
            return Err(unresolved(format!("a node with the global id of '{node_id}'")));
        }
        Ok(())
    }

    /// Fails when the owner's resources are behind single sign-on.
    pub(super) fn single_sign_on(&self, owner: OwnerId) -> Result<(), FieldError> {
        let login = self.world.owner_login(owner);
        if self
            .effects
            .single_sign_on
            .iter()
            .any(|behind| behind.as_str() == &**login)
        {
            let message = "Resource protected by organization SAML enforcement. You must grant your Personal Access \
                           token access to this organization.";
            return Err(Failure::typed("SAML", message).into());
        }
        Ok(())
    }

    /// Whether the token may see that living repository.
    pub(super) fn sees(&self, id: crate::world::RepositoryId) -> bool {
        self.token.sees(id) && !self.world.repository(id).deleted
    }

    /// Whether the token may see that object, as far as its repository or team tells.
    fn exists(&self, id: NodeId) -> bool {
        let world = self.world;
        match (id, id.repository()) {
            (_, Some(repository)) => {
                (repository.0 as usize) < world.repositories.len() && self.sees(repository)
            }
            (NodeId::Actor(id), None) => world
                .actors
                .get(id.0 as usize)
                .is_some_and(|actor| !actor.deleted),
            (NodeId::Team(id), None) => (id.0 as usize) < world.teams.len() && self.token.reads_teams(),
            (NodeId::Organization(id), None) => (id.0 as usize) < world.organizations.len(),
            (_, None) => false,
        }
    }

    /// Who owns what single sign-on may protect.
    fn owner_of(&self, id: NodeId) -> Option<OwnerId> {
        match id {
            NodeId::Team(team) => Some(self.world.team(team).organization.into()),
            _ => id
                .repository()
                .map(|repository| self.world.repository(repository).owner),
        }
    }
}

#[derive(Clone, Copy)]
struct RateLimitView(super::context::RateLimit);

impl<'w> View<'w> for RateLimitView {
    fn type_name(&self) -> &'static str {
        "RateLimit"
    }

    fn field<'a>(&self, _: &'w Context<'w>, info: &ResolveInfo<'_>) -> Answer<'a>
    where
        'w: 'a,
    {
        let Self(rate) = self;
        match info.field_name() {
            "cost" => leaf(rate.cost),
            "limit" => leaf(rate.standing.limit),
            "nodeCount" => leaf(rate.node_count),
            "remaining" => leaf(rate.standing.remaining()),
            "resetAt" => instant(rate.standing.reset_at),
            "used" => leaf(rate.standing.used),
            other => Err(unknown(self.type_name(), other)),
        }
    }
}
