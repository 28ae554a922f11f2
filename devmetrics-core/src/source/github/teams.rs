//! The feed of an organization's teams: one snapshot a run. Whatever could not be read whole is said to be unknown, so that
//! nobody leaves a team because of a failure.

use serde::Deserialize;
use serde_json::{Value, json};

use super::Fault;
use super::checkpoint::{self, TeamsPoint, digest};
use super::documents::{self, Child};
use super::normalize::{TeamRecord, TeamsRecord};
use super::pages::{PageInfo, text};
use super::releases::record;
use super::source::GithubSource;
use crate::model::{Checkpoint, Feed};
use crate::source::SourcePage;
use crate::{Error, ErrorKind, Result};

#[derive(Deserialize)]
struct Data {
    organization: Option<Organization>,
}

#[derive(Deserialize)]
struct Organization {
    teams: Option<Teams>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Teams {
    total_count: u64,
    page_info: PageInfo,
    nodes: Option<Vec<Option<Value>>>,
}

impl GithubSource {
    pub(super) async fn fetch_teams(&self, feed: &Feed, after: Option<Checkpoint>) -> Result<SourcePage> {
        let (login, taken_at) = {
            let run = self.run();
            let owner = run.owners.get(&feed.scope).filter(|owner| owner.is_organization);
            let login = owner.map(|owner| owner.login.clone()).ok_or_else(|| {
                Error::new(ErrorKind::NotFound, "GitHub shows no organization of this name")
            })?;
            (login, run.started)
        };
        let mut snapshot = self.read_teams(&login, taken_at).await?;
        snapshot.teams.sort_by(|a, b| a.slug.cmp(&b.slug));
        let next = checkpoint::write(&TeamsPoint {
            digest: digest(&json!([snapshot.complete, snapshot.teams])),
        })?;
        let records = if after.as_ref() == Some(&next) {
            Vec::new()
        } else {
            vec![record("teams".to_owned(), &snapshot)?]
        };
        Ok(SourcePage {
            records,
            next,
            caught_up: true,
            covered_from: Some(taken_at),
            ..SourcePage::default()
        })
    }

    async fn read_teams(&self, login: &str, taken_at: chrono::DateTime<chrono::Utc>) -> Result<TeamsRecord> {
        let document = documents::teams();
        let mut found = TeamsRecord {
            taken_at,
            complete: true,
            teams: Vec::new(),
        };
        let mut cursor: Option<String> = None;
        loop {
            let variables = json!({ "login": login, "after": cursor });
            let answer = self.ask::<Data>("Teams", &document, variables).await?;
            let is_whole = answer.errors.is_empty();
            let teams = answer
                .data
                .organization
                .and_then(|organization| organization.teams);
            let Some(Teams {
                page_info,
                nodes: Some(nodes),
                total_count,
            }) = teams
            else {
                return Err(Error::new(
                    ErrorKind::PermissionDenied,
                    "the token may not read the organization's teams; see `devmetrics doctor`",
                )
                .with("organization", login));
            };
            for node in nodes {
                match node {
                    Some(node) => found.teams.extend(self.team(node, is_whole).await?),
                    None => found.complete = false,
                }
            }
            found.complete &= is_whole;
            match page_info.end_cursor.filter(|_| page_info.has_next_page) {
                Some(next) => cursor = Some(next),
                None => {
                    found.complete &= found.teams.len() as u64 == total_count;
                    return Ok(found);
                }
            }
        }
    }

    /// A team with its members; `None` for one without a name.
    async fn team(&self, mut node: Value, is_whole: bool) -> Result<Option<TeamRecord>> {
        let (Some(id), Some(slug)) = (text(&node, "id"), text(&node, "slug")) else {
            return Ok(None);
        };
        let (id, slug) = (id.to_owned(), slug.to_owned());
        let is_cut = node.pointer("/members/pageInfo/hasNextPage") == Some(&json!(true));
        let is_whole = match is_cut && is_whole {
            true => self.read_rest(&mut node, &id).await?,
            false => is_whole,
        };
        Ok(Some(TeamRecord {
            name: text(&node, "name").unwrap_or(&slug).to_owned(),
            parent: node
                .pointer("/parentTeam/slug")
                .and_then(Value::as_str)
                .map(str::to_owned),
            members: if is_whole { members(&node) } else { None },
            slug,
        }))
    }

    /// Reads all members of a large team; false when they could not be read.
    async fn read_rest(&self, node: &mut Value, id: &str) -> std::result::Result<bool, Fault> {
        match self.read_child(node, id, Child::Members).await {
            Ok(()) => Ok(true),
            // The token's limit ends the snapshot; anything else leaves this team's members unknown.
            Err(fault) if fault.error.kind() == ErrorKind::RateLimited => Err(fault),
            Err(_) => Ok(false),
        }
    }
}

/// The account names of all members, sorted; `None` if one is missing.
fn members(node: &Value) -> Option<Vec<String>> {
    let members = node.get("members")?;
    let nodes = members.get("nodes")?.as_array()?;
    let mut logins: Vec<String> = nodes
        .iter()
        .map(|member| text(member, "login").map(str::to_owned))
        .collect::<Option<_>>()?;
    let total = members.get("totalCount").and_then(Value::as_u64);
    logins.sort();
    (total.is_none() || total == u64::try_from(logins.len()).ok()).then_some(logins)
}
