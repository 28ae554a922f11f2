//! Calls about what was collected, and what is brought.

use chrono::TimeDelta;
use devmetrics_core::Result;
use devmetrics_core::engine::{IMPORT, ImportOptions};
use devmetrics_core::import::{DeploymentRecord, IncidentRecord, Record, Records};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::question::{Question, When, instant};
use crate::{Session, Told};

/// How far back is looked for what is doubtful.
const USUAL: TimeDelta = TimeDelta::days(90);

pub(super) async fn status(session: &Session, arguments: Arguments) -> Result<Told> {
    arguments.end()?;
    Ok(Told::plain(session.engine.certificates().await?))
}

pub(super) async fn quality(session: &Session, mut arguments: Arguments) -> Result<Told> {
    let when = When::take(&mut arguments)?;
    arguments.end()?;
    let window = when.window(session, when.zone.unwrap_or(session.zone), USUAL)?;
    Ok(Told::plain(session.engine.quality(Some(window)).await?))
}

pub(super) async fn match_coverage(session: &Session, mut arguments: Arguments) -> Result<Told> {
    let question = Question::of_one(&mut arguments)?;
    arguments.end()?;
    let query = question.query(session).await?;
    let coverage = session.engine.match_coverage(&query.scope, query.window).await?;
    Ok(Told::plain(coverage))
}

pub(super) async fn import_deployments(session: &Session, arguments: Arguments) -> Result<Told> {
    let (records, options) = import::<DeploymentRecord>(session, arguments)?;
    Ok(Told::plain(
        session.engine.import_deployments(&records, &options).await?,
    ))
}

pub(super) async fn import_incidents(session: &Session, arguments: Arguments) -> Result<Told> {
    let (records, options) = import::<IncidentRecord>(session, arguments)?;
    Ok(Told::plain(
        session.engine.import_incidents(&records, &options).await?,
    ))
}

fn import<R: Record>(session: &Session, mut arguments: Arguments) -> Result<(Records<R>, ImportOptions)> {
    let records: Value = arguments.need("records")?;
    let source: Option<String> = arguments.take("source")?;
    let since: Option<String> = arguments.take("since")?;
    let options = ImportOptions {
        source: source.unwrap_or_else(|| IMPORT.to_owned()),
        complete: arguments.flag("complete")?,
        repositories: arguments.names("repositories")?,
        since: since
            .map(|text| instant("since", &text, session.zone, session.engine.now()))
            .transpose()?,
        create_repositories: arguments.flag("create_repositories")?,
        dry_run: arguments.flag("dry_run")?,
    };
    arguments.end()?;
    Ok((Records::from_json("records", &records.to_string())?, options))
}
