//! Matching the changes of a repository to the deployments that first shipped them.

use std::collections::BTreeSet;

use super::*;
use crate::matching::{FailureGraph, Shipment};

/// How many changes are matched by one statement.
const SHIPPED_AT_ONCE: i64 = 1_000;

pub(super) async fn ship(
    transaction: &mut impl Transaction,
    tenant: &str,
    repository: &Id<Repository>,
    shipments: &[Shipment],
    touched: &mut BTreeSet<String>,
) -> Result<u64> {
    let mut moved = 0;
    let mut after = -1;
    // By and by, because the ids of what moved come back: a repository may have a million changes.
    while let Some(through) = next_positions(transaction, tenant, repository, after).await? {
        moved += ship_places(
            transaction,
            tenant,
            repository,
            shipments,
            (after, through),
            touched,
        )
        .await?;
        after = through;
    }
    Ok(moved)
}

/// The last place of the next changes after a place; `None` at the end of the line.
async fn next_positions(
    transaction: &mut impl Transaction,
    tenant: &str,
    repository: &Id<Repository>,
    after: i64,
) -> Result<Option<i64>> {
    let params = [
        tenant.into(),
        repository.as_str().into(),
        after.into(),
        SHIPPED_AT_ONCE.into(),
    ];
    let statement = &statement::NEXT_POSITIONS;
    let rows = transaction.query(statement, &params).await?;
    let last: Option<(Option<i64>,)> = rows.first().map(|row| parse(statement, row)).transpose()?;
    Ok(last.and_then(|(last,)| last))
}

/// Matches the changes at the places after the first up to the second one; gives how many moved.
async fn ship_places(
    transaction: &mut impl Transaction,
    tenant: &str,
    repository: &Id<Repository>,
    shipments: &[Shipment],
    (after, through): (i64, i64),
    touched: &mut BTreeSet<String>,
) -> Result<u64> {
    let ranges: Vec<_> = shipments
        .iter()
        .filter(|range| range.after < through && after < range.through)
        .map(|range| {
            let at = range.deployed_at.map(|at| at.timestamp());
            (
                range.after.max(after),
                range.through.min(through),
                &range.deployment,
                at,
                range.matched,
            )
        })
        .collect();
    let ranges = json(&ranges)?;
    let params = [tenant.into(), repository.as_str().into(), ranges.as_str().into()];
    let shipped = transaction.query(&statement::SHIP, &params).await?;
    if !shipped.is_empty() {
        let ids = format!("[{}]", shipped.join(","));
        transaction
            .execute(
                &statement::FOLLOW_PULL_REQUESTS,
                &[tenant.into(), ids.as_str().into()],
            )
            .await?;
        attribute::teams_of(transaction, tenant, &ids, touched).await?;
    }
    Ok(shipped.len() as u64)
}

/// Replaces the failures and the rework of a repository.
pub(super) async fn put_graph(
    transaction: &mut impl Transaction,
    tenant: &str,
    repository: &Id<Repository>,
    graph: &FailureGraph,
) -> Result<()> {
    let failures = write::failures(&graph.failures)?;
    let rework = json(&graph.rework.iter().collect::<Vec<_>>())?;
    for (statement, rows) in [
        (&statement::DROP_FAILURES, &failures),
        (&statement::PUT_FAILURES, &failures),
        (&statement::SET_REWORK, &rework),
    ] {
        let params = [tenant.into(), repository.as_str().into(), rows.as_str().into()];
        transaction.execute(statement, &params).await?;
    }
    Ok(())
}
