//! Samples of deployments: each with what ran before it.

use std::collections::BTreeMap;

use super::samples::{DeploymentSampleRow, Read};
use super::*;
use crate::matching::Running;

/// From this length of a window on, in seconds, what ran before each deployment is found here, from all that were before the window's end:
/// the database looks it up for one in the time that it takes to read ten.
const LONG: i64 = 365 * 24 * 3600;

/// The samples of a query.
pub(super) async fn samples<D: Database>(
    store: &SqlStore<D>,
    query: &SampleQuery,
) -> Result<Vec<DeploymentSample>> {
    let of_team = matches!(query.extent, Extent::Team(_));
    if of_team || query.window.seconds() < LONG {
        return store
            .samples::<DeploymentSampleRow, _>(&statement::DEPLOYMENT_SAMPLES, query)
            .await;
    }
    let (_, repositories) = extent_params(&query.extent)?;
    let params = [
        store.tenant.as_str().into(),
        Param::Text(repositories.as_deref()),
        query.window.to.timestamp().into(),
    ];
    let rows: Option<Vec<Read<DeploymentSampleRow, DeploymentSample>>> =
        store.row(&statement::DEPLOYMENT_LINE, &params).await?;
    let mut samples: Vec<_> = rows.into_iter().flatten().map(Read::sample).collect();
    tell_what_ran_before(&mut samples);
    samples.retain(|sample| query.window.contains(sample.finished_at));
    Ok(samples)
}

/// Of all deployments of repositories, in order of time.
fn tell_what_ran_before(samples: &mut [DeploymentSample]) {
    let mut repositories: BTreeMap<&str, Running<'_>> = BTreeMap::new();
    let told: Vec<(Option<String>, bool)> = samples
        .iter()
        .map(|sample| {
            let running = repositories.entry(sample.repository.as_str()).or_default();
            let before = running.next(&sample.environment, &sample.commit, sample.status);
            (before.running.map(ToOwned::to_owned), before.again)
        })
        .collect();
    for (sample, (previous_commit, deployed_before)) in samples.iter_mut().zip(told) {
        sample.previous_commit = previous_commit;
        sample.deployed_before = deployed_before;
    }
}
