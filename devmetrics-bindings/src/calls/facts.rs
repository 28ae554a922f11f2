//! Calls that list facts and teams.

use devmetrics_answers::{Deployment, Incident, Member, Page, PullRequest, Repository, Team};
use devmetrics_core::Result;
use serde::Deserialize;

use crate::arguments::Arguments;
use crate::question::{PageArguments, Question, instant};
use crate::{Session, Told};

/// What a pull request is.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum State {
    #[default]
    Merged,
    Open,
}

pub(super) async fn pull_requests(session: &Session, mut arguments: Arguments) -> Result<Told> {
    let state: Option<State> = arguments.take("state")?;
    let question = Question::of_one(&mut arguments)?;
    let page = PageArguments::take(&mut arguments)?;
    arguments.end()?;
    let query = question.list(session, None, page).await?;
    let listed = match state.unwrap_or_default() {
        State::Merged => session.engine.merged_pull_requests(&query).await?,
        State::Open => session.engine.open_pull_requests(&query).await?,
    };
    Ok(Told::rows(Page::of(listed, |stored| {
        PullRequest::of(stored, |_| true)
    })))
}

pub(super) async fn deployments(session: &Session, mut arguments: Arguments) -> Result<Told> {
    let environment = arguments.take("environment")?;
    let question = Question::of_one(&mut arguments)?;
    let page = PageArguments::take(&mut arguments)?;
    arguments.end()?;
    let query = question.list(session, environment, page).await?;
    let listed = session.engine.deployments(&query).await?;
    Ok(Told::rows(Page::of(listed, Deployment::from)))
}

pub(super) async fn incidents(session: &Session, mut arguments: Arguments) -> Result<Told> {
    let question = Question::of_one(&mut arguments)?;
    let page = PageArguments::take(&mut arguments)?;
    arguments.end()?;
    let query = question.list(session, None, page).await?;
    let listed = session.engine.incidents(&query).await?;
    Ok(Told::rows(Page::of(listed, Incident::from)))
}

pub(super) async fn repositories(session: &Session, mut arguments: Arguments) -> Result<Told> {
    let page = PageArguments::take(&mut arguments)?;
    arguments.end()?;
    let known = session.engine.status().await?.repositories.into_iter();
    let known: Vec<_> = known.map(|state| Repository::from(state.repository)).collect();
    let page = Page::by_key(
        known,
        |repository| &repository.id,
        page.cursor.as_deref(),
        page.limit,
    );
    Ok(Told::rows(page))
}

pub(super) async fn teams(session: &Session, mut arguments: Arguments) -> Result<Told> {
    let page = PageArguments::take(&mut arguments)?;
    arguments.end()?;
    let teams = Team::all(session.engine.roster().await?, session.engine.now(), |_| true);
    let page = Page::by_key(teams, |team| &team.id, page.cursor.as_deref(), page.limit);
    Ok(Told::rows(page))
}

pub(super) async fn members(session: &Session, mut arguments: Arguments) -> Result<Told> {
    let team: String = arguments.need("team")?;
    let at: Option<String> = arguments.take("at")?;
    arguments.end()?;
    let now = session.engine.now();
    let at = at
        .map(|text| instant("at", &text, session.zone, now))
        .transpose()?;
    let team = session.engine.team(&team).await?;
    Ok(Told::rows(Member::all(session.engine.roster().await?, &team, at)))
}
