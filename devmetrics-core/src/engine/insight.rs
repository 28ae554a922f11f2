use super::Engine;
use crate::insight::{self, Anomalies, Compared, Comparison, Forecast, Outlook, Samples, Trend};
use crate::metric::{Answer, Bucket, MetricQuery};
use crate::{Error, ErrorKind, Result};

impl Engine {
    /// Which way each metric of the query goes, bucket by bucket; by week where the query names no bucket.
    ///
    /// # Errors
    /// As [`report`](Self::report), and `InvalidInput` for more than 2,500 buckets.
    pub async fn trend(&self, query: &MetricQuery) -> Result<Vec<Trend>> {
        self.by_bucket(query).await?.iter().map(insight::trend).collect()
    }

    /// The buckets that are unlike the others, over every metric of every query together: the more are asked about, the
    /// less one bucket says. By week where a query names no bucket.
    ///
    /// # Errors
    /// As [`trend`](Self::trend).
    pub async fn anomalies(&self, queries: &[MetricQuery]) -> Result<Anomalies> {
        let mut answers = Vec::new();
        for query in queries {
            answers.extend(self.by_bucket(query).await?);
        }
        insight::anomalies(&answers)
    }

    /// How a metric of the second query differs from that of the first: of two teams, or of two windows.
    ///
    /// # Errors
    /// As [`report`](Self::report), and `InvalidInput` for queries by different clocks.
    pub async fn compare(
        &self,
        metric: &str,
        first: &MetricQuery,
        second: &MetricQuery,
    ) -> Result<Comparison> {
        let definition = self.catalog().find(metric)?.definition();
        if first.clock != second.clock {
            let message = "two sides are compared by one clock: ask for both by `wall` or by `working`";
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        let clock = first.clock;
        let (first, second) = futures::try_join!(
            self.side(&definition.id, first),
            self.side(&definition.id, second)
        )?;
        Ok(insight::compare(definition, clock, &first, &second))
    }

    /// When so much is done, or how much is done by then, for each metric of the query, drawn from the weeks of its window.
    /// The same facts, question and `seed` give the same forecast.
    ///
    /// # Errors
    /// As [`report`](Self::report), and `InvalidInput` for a metric that counts nothing a week, and for a question of
    /// nothing, of the past or of more than ten years.
    pub async fn forecast(&self, query: &MetricQuery, outlook: Outlook, seed: u64) -> Result<Vec<Forecast>> {
        let weekly = query.clone().bucket(Bucket::Week);
        let answers = self.report(&weekly).await?;
        let of = |answer| insight::forecast(answer, outlook, self.now(), seed);
        answers.iter().map(of).collect()
    }

    async fn by_bucket(&self, query: &MetricQuery) -> Result<Vec<Answer>> {
        let bucket = query.bucket.unwrap_or_default();
        self.report(&query.clone().bucket(bucket)).await
    }

    async fn side(&self, metric: &str, query: &MetricQuery) -> Result<Compared> {
        let asked = MetricQuery {
            metrics: vec![metric.to_owned()],
            bucket: None,
            ..query.clone()
        };
        let (asked, facts) = self.facts(&asked).await?;
        let evidence = self.catalog().explain(&asked, metric, &facts, self.now())?;
        let answer = self
            .catalog()
            .answer(&asked, &facts, self.now())?
            .pop()
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::Internal,
                    format!("one metric was asked about, and none answered: {metric}"),
                )
            })?;
        Ok(Compared {
            samples: Samples::of(&answer, &evidence, self.now()),
            scope: answer.scope,
            window: answer.window,
        })
    }
}
