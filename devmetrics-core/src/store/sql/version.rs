//! The version of the data.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::*;

/// On how many rows writes are spread.
const SHARDS: u64 = 16;

/// Says that what was read before may be answered otherwise from now on.
///
/// The last statement of a write: who comes later waits for the row, and for nobody who waits in turn.
pub(super) async fn move_version(
    transaction: &mut impl Transaction,
    tenant: &str,
    scope: impl Hash,
) -> Result<()> {
    let mut hasher = DefaultHasher::new();
    scope.hash(&mut hasher);
    let shard = (hasher.finish() % SHARDS).cast_signed();
    transaction
        .execute(&statement::MOVE_VERSION, &[tenant.into(), shard.into()])
        .await?;
    Ok(())
}
