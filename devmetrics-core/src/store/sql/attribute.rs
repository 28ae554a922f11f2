//! Writing which teams facts belong to.

use std::collections::BTreeSet;

use super::facts::{DEPLOYMENT_TEAMS, INCIDENT_TEAMS, PULL_REQUEST_TEAMS, TeamStatements};
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
    let of = |kind: fn(&AttributedId) -> bool| -> Vec<_> {
        attributions
            .iter()
            .filter(|attribution| kind(&attribution.subject))
            .collect()
    };
    let mut changed = 0;
    for (teams, attributions) in [
        (
            &PULL_REQUEST_TEAMS,
            of(|id| matches!(id, AttributedId::PullRequest(_))),
        ),
        (
            &DEPLOYMENT_TEAMS,
            of(|id| matches!(id, AttributedId::Deployment(_))),
        ),
        (&INCIDENT_TEAMS, of(|id| matches!(id, AttributedId::Incident(_)))),
    ] {
        changed += replace(transaction, tenant, teams, &attributions, revision).await?;
    }
    Ok(changed)
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
    if let Some(touch) = teams.touch.filter(|_| !changed.is_empty()) {
        let ids = write::ids(changed.iter().map(String::as_str))?;
        let touched = [tenant.into(), ids.as_str().into()];
        transaction.execute(touch, &touched).await?;
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
