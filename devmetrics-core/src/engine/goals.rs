use chrono::TimeDelta;

use super::Engine;
use crate::insight::{Goal, Progress, evaluate};
use crate::metric::{Bucket, MetricQuery};
use crate::model::Window;
use crate::{Error, ErrorKind, Result};

impl Engine {
    /// How every goal of the settings goes, in their order.
    ///
    /// # Errors
    /// As [`report`](Self::report): `NotFound` for a goal of an unknown team, repository or metric.
    pub async fn goals(&self) -> Result<Vec<Progress>> {
        let mut found = Vec::new();
        for goal in &self.settings().goals {
            found.push(
                self.progress(goal)
                    .await
                    .map_err(|error| error.with("goal", &goal.metric))?,
            );
        }
        Ok(found)
    }

    async fn progress(&self, goal: &Goal) -> Result<Progress> {
        let now = self.now();
        let from = now - TimeDelta::days(i64::from(goal.days));
        let zone = self.zone_of(&goal.scope).await?;
        let query = MetricQuery::new([goal.metric.as_str()], Window { from, to: now })
            .scope(goal.scope.clone())
            .bucket(Bucket::Week)
            .zone(zone.unwrap_or(goal.zone))
            .policy(goal.policy)
            .clock(goal.clock);
        let answer = self.report(&query).await?.pop().ok_or_else(|| {
            Error::new(
                ErrorKind::Internal,
                "one metric was asked about, and none answered",
            )
        })?;
        evaluate(goal, &answer, now)
    }
}
