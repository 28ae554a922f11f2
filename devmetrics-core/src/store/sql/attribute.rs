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
    let mut touched = BTreeSet::new();
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
        changed += replace(transaction, tenant, teams, &attributions, revision, &mut touched).await?;
    }
    touch_teams(transaction, tenant, &touched).await?;
    Ok(changed)
}

/// The teams that have one of these pull requests, or one that they revert.
pub(super) async fn teams_of(
    transaction: &mut impl Transaction,
    tenant: &str,
    pull_requests: &str,
    touched: &mut BTreeSet<String>,
) -> Result<()> {
    let statement = &statement::TEAMS_OF;
    let rows = transaction
        .query(statement, &[tenant.into(), pull_requests.into()])
        .await?;
    for row in rows {
        let (team,) = parse(statement, &row)?;
        touched.insert(team);
    }
    Ok(())
}

/// Tells that samples of these teams may be others. Last in a transaction: many collectors wait for the same few rows.
pub(super) async fn touch_teams(
    transaction: &mut impl Transaction,
    tenant: &str,
    touched: &BTreeSet<String>,
) -> Result<()> {
    if touched.is_empty() {
        return Ok(());
    }
    let teams = write::ids(touched.iter().map(String::as_str))?;
    let params = [tenant.into(), teams.as_str().into()];
    transaction.execute(&statement::TOUCH_TEAMS, &params).await?;
    Ok(())
}

/// The same for facts of one kind; adds the teams of which samples that are packed may be others.
pub(super) async fn replace(
    transaction: &mut impl Transaction,
    tenant: &str,
    teams: &TeamStatements,
    attributions: &[&Attribution],
    revision: &str,
    touched: &mut BTreeSet<String>,
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
        let moved = [tenant.into(), ids.as_str().into()];
        transaction.execute(touch, &moved).await?;
        teams_of(transaction, tenant, &ids, touched).await?;
    }
    let revised = [tenant.into(), marks.into(), revision.into()];
    transaction.execute(teams.revise, &revised).await?;
    let dropped = [tenant.into(), marks.into(), shares.into()];
    let put = [tenant.into(), shares.into()];
    for (statement, params) in [(teams.drop, dropped.as_slice()), (teams.put, put.as_slice())] {
        for row in transaction.query(statement, params).await? {
            let (id, team) = parse(statement, &row)?;
            changed.insert(id);
            if teams.touch.is_some() {
                touched.insert(team);
            }
        }
    }
    Ok(changed.len() as u64)
}
