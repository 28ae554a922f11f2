//! Deployments and their statuses, newest first.

use serde_json::{Value, json};

use super::Call;
use super::list::page;
use crate::graphql::rfc3339;
use crate::reply::Reply;
use crate::world::{Deployment, DeploymentId, DeploymentState, DeploymentStatus, RepositoryId, encode};

pub(super) fn serve(call: &Call<'_>, id: RepositoryId, path: &str, rest: &[&str]) -> Option<Reply> {
    let deployments = call.world.repository(id).deployments.iter().enumerate();
    let mut rows: Vec<(DeploymentId, &Deployment)> = deployments
        .filter_map(|(index, kept)| {
            Some((
                DeploymentId {
                    repository: id,
                    index: index as u32,
                },
                kept.seen(call.seen)?,
            ))
        })
        .collect();
    rows.reverse();
    match rest {
        [] => {
            if let Some(environment) = call.parameter("environment") {
                rows.retain(|(_, found)| *found.environment == *environment);
            }
            Some(page(
                call,
                &format!("{path}/deployments"),
                &rows,
                |(id, found)| show(call, *id, found),
            ))
        }
        [number, "statuses"] => {
            let number: u32 = number.parse().ok()?;
            let (_, found) = rows.iter().find(|(_, found)| found.database_id == number)?;
            let statuses: Vec<_> = found.statuses.iter().rev().collect();
            let path = format!("{path}/deployments/{number}/statuses");
            Some(page(call, &path, &statuses, |status| show_status(id, status)))
        }
        _ => None,
    }
}

fn show(call: &Call<'_>, id: DeploymentId, found: &Deployment) -> Value {
    json!({
        "id": found.database_id,
        "node_id": id.node_id(),
        "sha": found.commit.oid.to_string(),
        "ref": *found.git_ref,
        "task": *found.task,
        "environment": *found.environment,
        "original_environment": *found.original_environment,
        "description": found.description.as_deref(),
        "transient_environment": found.transient,
        "production_environment": found.production,
        "creator": call.actor(found.creator),
        "created_at": rfc3339(found.created_at),
        "updated_at": rfc3339(found.updated_at),
    })
}

fn show_status(repository: RepositoryId, status: &DeploymentStatus) -> Value {
    let state = match status.state {
        DeploymentState::Success | DeploymentState::Active => "success",
        DeploymentState::Failure => "failure",
        DeploymentState::Inactive | DeploymentState::Abandoned | DeploymentState::Destroyed => "inactive",
        DeploymentState::InProgress => "in_progress",
        DeploymentState::Queued => "queued",
        DeploymentState::Pending | DeploymentState::Waiting => "pending",
        DeploymentState::Error => "error",
    };
    json!({
        "id": status.database_id,
        "node_id": encode("DES", repository.0, status.database_id),
        "state": state,
        "environment": status.environment.as_deref(),
        "environment_url": status.environment_url.as_deref().unwrap_or_default(),
        "log_url": status.log_url.as_deref().unwrap_or_default(),
        "description": status.description.as_deref().unwrap_or_default(),
        "created_at": rfc3339(status.created_at),
        "updated_at": rfc3339(status.created_at),
    })
}
