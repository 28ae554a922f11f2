//! Writing which teams facts belong to.

use std::collections::BTreeSet;

use super::facts::{DEPLOYMENT_TEAMS, PULL_REQUEST_TEAMS, TeamStatements};
use super::*;
use crate::attribution::AttributedId;

/// Replaces attributions, and gives the number of facts whose teams, shares, bot mark or milestones
/// changed.
pub(super) async fn attribute(
    transaction: &mut impl Transaction,
    tenant: &str,
    attributions: &[Attribution],
    revision: &str,
) -> Result<u64> {
    let (pull_requests, deployments): (Vec<_>, Vec<_>) = attributions
        .iter()
        .partition(|attribution| matches!(attribution.subject, AttributedId::PullRequest(_)));
    Ok(
        replace(transaction, tenant, &PULL_REQUEST_TEAMS, &pull_requests, revision).await?
            + replace(transaction, tenant, &DEPLOYMENT_TEAMS, &deployments, revision).await?,
    )
}

/// The same for facts of one kind.
pub(super) async fn replace(
    transaction: &mut impl Transaction,
    tenant: &str,
    teams: &TeamStatements,
    attributions: &[&Attribution],
    revision: &str,
) -> Result<u64> {
    if attributions.is_empty() {
        return Ok(0);
    }
    let (marks, shares) = write::attributions(attributions)?;
    let (marks, shares) = (marks.as_str(), shares.as_str());
    let mut changed = BTreeSet::new();
    changed.extend(
        transaction
            .query(teams.mark_bots, &[tenant.into(), marks.into()])
            .await?,
    );
    if let Some(milestones) = write::milestones(attributions)? {
        let params = [tenant.into(), milestones.as_str().into()];
        let moved = transaction.query(&statement::SET_MILESTONES, &params).await?;
        if !moved.is_empty() {
            let ids = write::ids(moved.iter().map(String::as_str))?;
            transaction
                .execute(teams.follow, &[tenant.into(), ids.as_str().into()])
                .await?;
            changed.extend(moved);
        }
    }
    let revised = [tenant.into(), marks.into(), revision.into()];
    transaction.execute(teams.revise, &revised).await?;
    let dropped = [tenant.into(), marks.into(), shares.into()];
    changed.extend(transaction.query(teams.drop, &dropped).await?);
    changed.extend(
        transaction
            .query(teams.put, &[tenant.into(), shares.into()])
            .await?,
    );
    Ok(changed.len() as u64)
}
