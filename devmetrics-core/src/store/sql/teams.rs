//! Rosters, declared and observed, and the teams that are in force by them.

use super::*;
use crate::attribution::{join, team_starts};

/// A row of the observed rosters.
#[derive(Deserialize)]
pub(super) struct ObservedRow {
    source: String,
    scope: String,
    roster: Roster,
}

impl From<ObservedRow> for ObservedRoster {
    fn from(row: ObservedRow) -> Self {
        Self {
            source: row.source,
            scope: row.scope,
            roster: row.roster,
        }
    }
}

/// Replaces the declared roster.
pub(super) async fn set_roster(
    transaction: &mut impl Transaction,
    tenant: &str,
    roster: &Roster,
    at: DateTime<Utc>,
) -> Result<()> {
    transaction
        .query(&statement::LOCK_TEAMS, &[tenant.into()])
        .await?;
    let document = json(roster)?;
    let params = [tenant.into(), document.as_str().into(), at.timestamp().into()];
    transaction.execute(&statement::SET_ROSTER, &params).await?;
    put_teams(transaction, tenant).await
}

/// Replaces what was observed of the feed's scope.
pub(super) async fn put_observed(
    transaction: &mut impl Transaction,
    tenant: &str,
    feed: &Feed,
    roster: &Roster,
) -> Result<()> {
    transaction
        .query(&statement::LOCK_TEAMS, &[tenant.into()])
        .await?;
    let document = json(roster)?;
    let params = [
        tenant.into(),
        feed.source.as_str().into(),
        feed.scope.as_str().into(),
        document.as_str().into(),
    ];
    let written = transaction
        .execute(&statement::PUT_OBSERVED_ROSTER, &params)
        .await?;
    if written == 0 {
        return Ok(());
    }
    put_teams(transaction, tenant).await
}

/// Writes the teams in force anew, as the views need them.
async fn put_teams(transaction: &mut impl Transaction, tenant: &str) -> Result<()> {
    let roster = teams_in_force(transaction, tenant).await?;
    let starts = team_starts(&roster);
    let rows: Vec<_> = roster
        .teams
        .iter()
        .map(|team| {
            let start = starts.get(&team.id).copied().flatten();
            (
                &team.id,
                &team.name,
                team.zone,
                start.map(|start| start.timestamp()),
            )
        })
        .collect();
    let rows = json(&rows)?;
    transaction
        .execute(&statement::CLEAR_TEAMS, &[tenant.into()])
        .await?;
    transaction
        .execute(&statement::PUT_TEAMS, &[tenant.into(), rows.as_str().into()])
        .await?;
    Ok(())
}

/// What was declared, joined with what was observed.
async fn teams_in_force(transaction: &mut impl Transaction, tenant: &str) -> Result<Roster> {
    let (declared, observed) = rosters(transaction, tenant).await?;
    Ok(join(declared.as_ref(), observed.iter().map(|row| &row.roster)))
}

/// What was declared, and what was observed.
pub(super) async fn rosters(
    transaction: &mut impl Transaction,
    tenant: &str,
) -> Result<(Option<Roster>, Vec<ObservedRoster>)> {
    let rows = transaction.query(&statement::ROSTER, &[tenant.into()]).await?;
    let declared: Option<Roster> = rows
        .first()
        .map(|row| parse(&statement::ROSTER, row))
        .transpose()?;
    let rows = transaction
        .query(&statement::OBSERVED_ROSTERS, &[tenant.into()])
        .await?;
    let observed = rows
        .iter()
        .map(|row| Ok(parse::<ObservedRow>(&statement::OBSERVED_ROSTERS, row)?.into()))
        .collect::<Result<_>>()?;
    Ok((declared, observed))
}
