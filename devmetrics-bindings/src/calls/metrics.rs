//! Calls about metrics.

use chrono::TimeDelta;
use devmetrics_answers::{Evidence, cursor};
use devmetrics_core::insight::Outlook;
use devmetrics_core::metric::{Bucket, Catalog, Definition, MetricQuery};
use devmetrics_core::{Result, end_of};

use crate::arguments::{Arguments, wrong};
use crate::question::{PageArguments, Question, When};
use crate::{Session, Told};

/// Twelve complete weeks are the least that a forecast draws from.
const WEEKS_OF_FORECAST: TimeDelta = TimeDelta::weeks(26);

pub(super) async fn metrics(session: &Session, mut arguments: Arguments) -> Result<Told> {
    let named = arguments.names("metrics")?;
    arguments.end()?;
    let catalog = session.engine.catalog();
    let definitions: Vec<Definition> = match named.is_empty() {
        true => catalog.iter().map(|metric| metric.definition().clone()).collect(),
        false => {
            let found = named.iter().map(|name| catalog.find(name));
            found
                .map(|metric| metric.map(|metric| metric.definition().clone()))
                .collect::<Result<_>>()?
        }
    };
    Ok(Told::plain(definitions))
}

pub(super) async fn report(session: &Session, mut arguments: Arguments) -> Result<Told> {
    let asked = Asked::take(&mut arguments)?;
    arguments.end()?;
    let mut answers = Vec::new();
    for query in asked.all(session).await? {
        answers.extend(session.engine.report(&query).await?);
    }
    Ok(Told::rows(answers))
}

pub(super) async fn trend(session: &Session, mut arguments: Arguments) -> Result<Told> {
    let asked = Asked::take(&mut arguments)?;
    arguments.end()?;
    let mut trends = Vec::new();
    for query in asked.all(session).await? {
        trends.extend(session.engine.trend(&query).await?);
    }
    Ok(Told::plain(trends))
}

pub(super) async fn anomalies(session: &Session, mut arguments: Arguments) -> Result<Told> {
    let asked = Asked::take(&mut arguments)?;
    arguments.end()?;
    let queries = asked.all(session).await?;
    Ok(Told::plain(session.engine.anomalies(&queries).await?))
}

pub(super) async fn compare(session: &Session, mut arguments: Arguments) -> Result<Told> {
    let metric: String = arguments.need("metric")?;
    let question = Question::take(&mut arguments)?;
    let before = (arguments.take("before_from")?, arguments.take("before_to")?);
    arguments.end()?;
    let mut queries = question.queries(session).await?;
    match (before, queries.as_slice()) {
        ((from @ Some(_), to @ Some(_)), [after]) => {
            let zone = Some(after.zone);
            let window = When { from, to, zone }.window(session, after.zone, TimeDelta::zero());
            let before = MetricQuery {
                window: window?,
                ..after.clone()
            };
            queries.insert(0, before);
        }
        ((None, None), [_, _, ..]) => {}
        _ => {
            let message =
                "two sides are compared: name two or more, or one with `before_from` and `before_to`";
            return Err(wrong("team", message));
        }
    }
    let mut comparisons = Vec::with_capacity(queries.len());
    if let Some((first, others)) = queries.split_first() {
        for other in others {
            comparisons.push(session.engine.compare(&metric, first, other).await?);
        }
    }
    Ok(Told::plain(comparisons))
}

pub(super) async fn explain(session: &Session, mut arguments: Arguments) -> Result<Told> {
    let metric: String = arguments.need("metric")?;
    let question = Question::take(&mut arguments)?;
    let page = PageArguments::take(&mut arguments)?;
    arguments.end()?;
    let after = page.cursor.as_deref().map(cursor::read).transpose()?;
    let metric = session.engine.catalog().find(&metric)?.definition();
    let query = question.query(session).await?;
    let items = session.engine.explain(&query, &metric.id).await?;
    Ok(Told::rows(Evidence::page(items, after.as_ref(), page.limit)?))
}

pub(super) async fn forecast(session: &Session, mut arguments: Arguments) -> Result<Told> {
    let metric: Option<String> = arguments.take("metric")?;
    let question = Question::take(&mut arguments)?;
    let (items, by): (Option<u32>, Option<String>) = (arguments.take("items")?, arguments.take("by")?);
    let seed: Option<u64> = arguments.take("seed")?;
    arguments.end()?;
    let mut forecasts = Vec::new();
    for mut query in question.queries_over(session, WEEKS_OF_FORECAST).await? {
        let outlook = match (items, &by) {
            (Some(items), None) => Outlook::Items { items },
            (None, Some(by)) => Outlook::By {
                by: end_of(by, query.zone).ok_or_else(|| {
                    wrong(
                        "by",
                        "`by` is no date: write a day (2026-01-31) or an instant (2026-01-31T12:00:00Z)",
                    )
                })?,
            },
            _ => return Err(wrong("items", "give `items` or `by`, and not both")),
        };
        query.metrics = vec![metric.clone().unwrap_or_else(|| "velocity".to_owned())];
        let found = session
            .engine
            .forecast(&query, outlook, seed.unwrap_or_default())
            .await?;
        forecasts.extend(found);
    }
    Ok(Told::plain(forecasts))
}

pub(super) async fn goals(session: &Session, arguments: Arguments) -> Result<Told> {
    arguments.end()?;
    Ok(Told::plain(session.engine.goals().await?))
}

/// What several calls ask of several metrics.
struct Asked {
    metrics: Vec<String>,
    bucket: Option<Bucket>,
    question: Question,
}

impl Asked {
    fn take(arguments: &mut Arguments) -> Result<Self> {
        Ok(Self {
            metrics: arguments.names("metrics")?,
            bucket: arguments.take("bucket")?,
            question: Question::take(arguments)?,
        })
    }

    /// One query a scope.
    async fn all(&self, session: &Session) -> Result<Vec<MetricQuery>> {
        let mut queries = self.question.queries(session).await?;
        for query in &mut queries {
            query.metrics = match self.metrics.as_slice() {
                [] => Catalog::USUAL.map(str::to_owned).to_vec(),
                named => named.to_vec(),
            };
            query.bucket = self.bucket;
        }
        Ok(queries)
    }
}
