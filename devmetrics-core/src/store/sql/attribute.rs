//! Writing which teams facts belong to.

use std::collections::BTreeSet;

use super::commit::{DEPLOYMENTS, FactStatements, PULL_REQUESTS};
use super::*;
use crate::attribution::AttributedId;

/// Replaces attributions, and gives the number of facts whose teams, shares or bot mark changed.
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
        replace(transaction, tenant, &PULL_REQUESTS, &pull_requests, revision).await?
            + replace(transaction, tenant, &DEPLOYMENTS, &deployments, revision).await?,
    )
}

/// The same for facts of one kind.
pub(super) async fn replace(
    transaction: &mut impl Transaction,
    tenant: &str,
    facts: &FactStatements,
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
            .query(facts.mark_bots, &[tenant.into(), marks.into()])
            .await?,
    );
    let revised = [tenant.into(), marks.into(), revision.into()];
    transaction.execute(facts.revise, &revised).await?;
    let dropped = [tenant.into(), marks.into(), shares.into()];
    changed.extend(transaction.query(facts.drop_teams, &dropped).await?);
    changed.extend(
        transaction
            .query(facts.put_teams, &[tenant.into(), shares.into()])
            .await?,
    );
    Ok(changed.len() as u64)
}
