//! Deployments and their statuses.

use apollo_compiler::resolvers::ResolveInfo;

use super::actor::ActorView;
use super::commit::CommitView;
use super::context::maybe_text;
use super::context::{Answer, Context, View, instant, int_id, leaf, window};
use super::query::unknown;
use super::refs::named_ref;
use crate::page::Key;
use crate::world::{Deployment, DeploymentId, DeploymentState, DeploymentStatus, RepositoryId, encode};

/// `Deployment`.
#[derive(Clone, Copy)]
pub(super) struct DeploymentView<'w> {
    id: DeploymentId,
    pub(super) deployment: &'w Deployment,
}

impl<'w> DeploymentView<'w> {
    pub(super) fn find(context: &'w Context<'w>, id: DeploymentId) -> Option<Self> {
        let kept = context
            .world
            .repository(id.repository)
            .deployments
            .get(id.index as usize)?;
        Some(Self {
            id,
            deployment: kept.seen(context.seen)?,
        })
    }
}

/// The name of the state, for GraphQL.
pub(super) fn state_name(state: DeploymentState) -> &'static str {
    match state {
        DeploymentState::Abandoned => "ABANDONED",
        DeploymentState::Active => "ACTIVE",
        DeploymentState::Destroyed => "DESTROYED",
        DeploymentState::Error => "ERROR",
        DeploymentState::Failure => "FAILURE",
        DeploymentState::Inactive => "INACTIVE",
        DeploymentState::InProgress => "IN_PROGRESS",
        DeploymentState::Pending => "PENDING",
        DeploymentState::Queued => "QUEUED",
        DeploymentState::Success => "SUCCESS",
        DeploymentState::Waiting => "WAITING",
    }
}

impl<'w> View<'w> for DeploymentView<'w> {
    fn type_name(&self) -> &'static str {
        "Deployment"
    }

    fn field<'a>(&self, context: &'w Context<'w>, info: &ResolveInfo<'_>) -> Answer<'a>
    where
        'w: 'a,
    {
        let (deployment, repository) = (self.deployment, self.id.repository);
        match info.field_name() {
            "id" => leaf(self.id.node_id()),
            "databaseId" => int_id(deployment.database_id.into()),
            "createdAt" => instant(deployment.created_at),
            "updatedAt" => instant(deployment.updated_at),
            "environment" | "latestEnvironment" => leaf(&*deployment.environment),
            "originalEnvironment" => leaf(&*deployment.original_environment),
            "commitOid" => leaf(deployment.commit.oid.to_string()),
            "commit" => Ok(context.object(CommitView::new(repository, &deployment.commit))),
            "ref" => context.nullable(named_ref(
                context.world.repository(repository),
                repository,
                &deployment.git_ref,
            )),
            "task" => leaf(&*deployment.task),
            "state" => leaf(state_name(deployment.state)),
            "description" => maybe_text(deployment.description.as_ref()),
            // GitHub declares it as never null, so a deleted creator makes the whole deployment null.
            "creator" => context.nullable(ActorView::living(context, deployment.creator)),
            "latestStatus" => {
                let last = deployment.statuses.last();
                context.nullable(last.map(|status| StatusView { repository, status }))
            }
            "statuses" => {
                let statuses = deployment.statuses.iter().map(|status| {
                    let key = Key::number(status.created_at.timestamp(), status.database_id);
                    (key, StatusView { repository, status })
                });
                // The newest comes first.
                context.connection("DeploymentStatus", window(info)?.page(statuses.collect(), true))
            }
            other => Err(unknown(self.type_name(), other)),
        }
    }
}

#[derive(Clone, Copy)]
struct StatusView<'w> {
    repository: RepositoryId,
    status: &'w DeploymentStatus,
}

impl<'w> View<'w> for StatusView<'w> {
    fn type_name(&self) -> &'static str {
        "DeploymentStatus"
    }

    fn field<'a>(&self, _: &'w Context<'w>, info: &ResolveInfo<'_>) -> Answer<'a>
    where
        'w: 'a,
    {
        let Self { repository, status } = self;
        match info.field_name() {
            "id" => leaf(encode("DES", repository.0, status.database_id)),
            "state" => leaf(state_name(status.state)),
            "createdAt" | "updatedAt" => instant(status.created_at),
            "environment" => maybe_text(status.environment.as_ref()),
            "environmentUrl" => maybe_text(status.environment_url.as_ref()),
            "logUrl" => maybe_text(status.log_url.as_ref()),
            "description" => maybe_text(status.description.as_ref()),
            other => Err(unknown(self.type_name(), other)),
        }
    }
}
