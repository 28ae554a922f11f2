//! Which repositories there are: a run begins with the owners' lists, which also show the pull request that changed last in
//! each repository. A hundred repositories cost one point.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::checkpoint::{self, KnownRepository, RepositoriesPoint, digest};
use super::client::Answer;
use super::documents::{self, List};
use super::envelope::GqlError;
use super::feed::{Kind, owner_scope, repository_scope};
use super::normalize::RepositoryRecord;
use super::pages::{Connection, PageInfo};
use super::releases::record;
use super::run::{Probe, Run, SeenOwner, SeenRepository};
use super::shapes::{Instant, Line, Number};
use super::source::GithubSource;
use super::{Fault, Outcome};
use crate::model::{Checkpoint, Feed};
use crate::source::SourcePage;
use crate::{Error, ErrorKind, Result};

/// Named repositories in one query: each costs two connections.
const NAMED_AT_ONCE: usize = 50;
/// How long a repository must be missing before it is said to be out of reach: a replica may lag, a transfer take a while.
const MISSING: TimeDelta = TimeDelta::hours(1);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Owner {
    #[serde(rename = "__typename")]
    kind: String,
    login: String,
    repositories: Option<RepositoryList>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RepositoryList {
    page_info: PageInfo,
    nodes: Option<Vec<Option<Repository>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Repository {
    id: String,
    database_id: Option<Number>,
    name_with_owner: Line,
    url: Option<String>,
    created_at: Instant,
    pushed_at: Option<Instant>,
    is_archived: bool,
    is_fork: bool,
    #[serde(default)]
    has_issues_enabled: bool,
    default_branch_ref: Option<Branch>,
    pull_requests: Option<Connection>,
    owner: Option<OwnerName>,
}

#[derive(Deserialize)]
struct Branch {
    name: Line,
}

#[derive(Deserialize)]
struct OwnerName {
    #[serde(rename = "__typename")]
    kind: String,
    login: String,
}

#[derive(Deserialize)]
struct Installed {
    repositories: Vec<InstalledRepository>,
}

#[derive(Deserialize)]
struct InstalledRepository {
    owner: InstalledOwner,
}

#[derive(Deserialize)]
struct InstalledOwner {
    login: String,
}

impl GithubSource {
    /// Begins a run: reads the owners' lists.
    pub(super) async fn list(&self) -> Result<()> {
        self.client.begin_run();
        let used_before = self.client.usage();
        let mut run = Run::new(self.clock.now(), used_before);
        let mut is_first = true;
        let (owners, named) = self.asked_for().await?;
        let mut failures = Vec::new();
        for login in &owners {
            let listed = self.list_owner(login, &mut run, &mut is_first).await;
            if let Err(error) = listed {
                // A limit is the token's; whatever else is wrong is this owner's.
                if error.kind().is_retryable() || error.kind() == ErrorKind::Unauthenticated {
                    return Err(error);
                }
                let seen = SeenOwner {
                    login: login.clone(),
                    is_organization: false,
                    listed: Vec::new(),
                    complete: false,
                    error: Some((error.kind(), error.message().to_owned())),
                };
                run.owners.insert(owner_scope(login), seen);
                failures.push(error);
            }
        }
        for names in named.chunks(NAMED_AT_ONCE) {
            self.list_named(names, &mut run, &mut is_first).await?;
        }
        // With nothing to read, what was wrong is the whole answer.
        if run.repositories.is_empty()
            && !owners.is_empty()
            && failures.len() == owners.len()
            && let Some(error) = failures.pop()
        {
            return Err(error);
        }
        let mut known = self.run();
        // What a repository bears, the next run need not find out again.
        run.paces = std::mem::take(&mut known.paces);
        *known = run;
        Ok(())
    }

    /// The owners to be listed, and single repositories of others.
    async fn asked_for(&self) -> Result<(Vec<String>, Vec<(String, String)>)> {
        let mut owners: BTreeMap<String, String> = BTreeMap::new();
        for login in &self.options.owners {
            owners.insert(login.to_lowercase(), login.clone());
        }
        let patterns = self.options.repositories.iter();
        let patterns: Vec<(&str, &str)> = patterns
            .filter(|pattern| !pattern.starts_with('!'))
            .filter_map(|pattern| pattern.split_once('/'))
            .collect();
        if owners.is_empty() {
            for (owner, name) in &patterns {
                if name.contains('*') && !owner.contains('*') {
                    owners.insert(owner.to_lowercase(), (*owner).to_owned());
                }
            }
        }
        let named: Vec<(String, String)> = patterns
            .iter()
            .filter(|(owner, name)| !owner.contains('*') && !name.contains('*'))
            .filter(|(owner, _)| !owners.contains_key(&owner.to_lowercase()))
            .map(|(owner, name)| ((*owner).to_owned(), (*name).to_owned()))
            .collect();
        if owners.is_empty() && named.is_empty() {
            for login in self.installed_owners().await? {
                owners.insert(login.to_lowercase(), login);
            }
        }
        Ok((owners.into_values().collect(), named))
    }

    /// The owners of the repositories that an App's installation may read.
    async fn installed_owners(&self) -> Result<BTreeSet<String>> {
        const PER_PAGE: usize = 100;
        let mut owners = BTreeSet::new();
        for page in 1.. {
            let path = format!("/installation/repositories?per_page={PER_PAGE}&page={page}");
            let answer: Answer<Installed> = self.client.get(&path).await.map_err(|fault| {
                match fault.outcome {
                Outcome::PermissionDenied | Outcome::NotFound => Error::new(
                    ErrorKind::InvalidInput,
                    "`owners` is empty: name the organizations and people whose repositories are to be read",
                )
                .with("setting", "owners")
                .caused_by(fault.error),
                _ => fault.error,
            }
            })?;
            let count = answer.data.repositories.len();
            owners.extend(
                answer
                    .data
                    .repositories
                    .into_iter()
                    .map(|found| found.owner.login),
            );
            if count < PER_PAGE {
                break;
            }
        }
        Ok(owners)
    }

    async fn list_owner(&self, login: &str, run: &mut Run, is_first: &mut bool) -> Result<()> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Data {
            repository_owner: Option<Owner>,
        }
        let document = documents::repositories();
        // Without forks nothing is asked for, with them the filter is left out.
        let forks = if self.options.forks { None } else { Some(false) };
        let mut after: Option<String> = None;
        let mut seen: Option<SeenOwner> = None;
        loop {
            let variables = json!({ "login": login, "after": after, "forks": forks });
            let answer = self.ask::<Data>("Repositories", &document, variables).await?;
            if std::mem::take(is_first) {
                run.started = answer.date;
            }
            let not_found = || {
                if answer.errors.iter().any(GqlError::is_saml) {
                    return Fault::lasting("Repositories", Outcome::Saml, "")
                        .error
                        .with("owner", login);
                }
                Error::new(
                    ErrorKind::NotFound,
                    "GitHub has no such owner, or the token may not see it; see `devmetrics doctor`",
                )
                .with("owner", login)
            };
            let owner = answer.data.repository_owner.ok_or_else(not_found)?;
            let seen = seen.get_or_insert_with(|| SeenOwner {
                login: owner.login.clone(),
                is_organization: owner.kind == "Organization",
                listed: Vec::new(),
                complete: true,
                error: None,
            });
            let list = owner.repositories.ok_or_else(not_found)?;
            seen.complete &= answer.errors.is_empty() && list.nodes.is_some();
            for repository in list.nodes.into_iter().flatten() {
                match repository {
                    Some(repository) => self.see(run, seen, repository),
                    None => seen.complete = false,
                }
            }
            match list.page_info.end_cursor.filter(|_| list.page_info.has_next_page) {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        if let Some(seen) = seen {
            run.owners.insert(owner_scope(login), seen);
        }
        Ok(())
    }

    async fn list_named(&self, names: &[(String, String)], run: &mut Run, is_first: &mut bool) -> Result<()> {
        let mut variables = Map::new();
        for (n, (owner, name)) in names.iter().enumerate() {
            variables.insert(format!("o{n}"), json!(owner));
            variables.insert(format!("r{n}"), json!(name));
        }
        let document = documents::named_repositories(names.len());
        let answer = self
            .ask::<BTreeMap<String, Value>>("NamedRepositories", &document, variables.into())
            .await;
        let mut answer = match answer {
            // All of them are unknown: that is told below.
            Err(Fault {
                outcome: Outcome::NotFound,
                error,
            }) if names.len() > 1 => return Err(error),
            answer => answer?,
        };
        if std::mem::take(is_first) {
            run.started = answer.date;
        }
        for (n, (owner, name)) in names.iter().enumerate() {
            let found = answer.data.remove(&format!("r{n}"));
            let found = found.and_then(|found| Repository::deserialize(found).ok());
            let Some(repository) = found else {
                tracing::warn!(repository = %format!("{owner}/{name}"), "GitHub has no such repository, or the token may not see it");
                continue;
            };
            let (kind, login) = match &repository.owner {
                Some(owner) => (owner.kind.clone(), owner.login.clone()),
                None => (String::new(), owner.clone()),
            };
            let scope = owner_scope(&login);
            let mut seen = run.owners.remove(&scope).unwrap_or_else(|| SeenOwner {
                login,
                is_organization: kind == "Organization",
                listed: Vec::new(),
                complete: false,
                error: None,
            });
            self.see(run, &mut seen, repository);
            run.owners.insert(scope, seen);
        }
        Ok(())
    }

    fn see(&self, run: &mut Run, owner: &mut SeenOwner, repository: Repository) {
        let number = repository
            .database_id
            .map_or_else(|| repository.id.clone(), |number| number.to_string());
        let scope = repository_scope(&number);
        let record = RepositoryRecord {
            id: scope.as_str().to_owned(),
            name: repository.name_with_owner.0.clone(),
            default_branch: repository.default_branch_ref.map(|branch| branch.name.0),
            url: repository.url,
            archived: repository.is_archived,
            unreachable_since: None,
        };
        let is_read = self.rules.includes(&record.name)
            && (self.options.archived || !repository.is_archived)
            && (self.options.forks || !repository.is_fork);
        if is_read {
            let seen = SeenRepository {
                node: repository.id,
                default_branch: record.default_branch.clone(),
                created_at: repository.created_at.0,
                pushed_at: repository.pushed_at.map(|at| at.0),
                has_issues: repository.has_issues_enabled,
                pull_requests: repository.pull_requests.map(head).unwrap_or_default(),
            };
            run.repositories.insert(record.id.clone(), seen);
        }
        owner.listed.push((record, is_read));
    }

    /// The feeds of what was listed: first what the repositories are.
    pub(super) fn feeds(&self) -> Vec<Feed> {
        let run = self.run();
        let mut feeds: Vec<Feed> = run
            .owners
            .keys()
            .map(|scope| Kind::Repositories.feed(scope))
            .collect();
        let organizations = run.owners.iter().filter(|(_, owner)| owner.is_organization);
        if self.options.teams {
            feeds.extend(organizations.map(|(scope, _)| Kind::Teams.feed(scope)));
        }
        for (scope, repository) in &run.repositories {
            feeds.push(Kind::PullRequests.feed(scope));
            feeds.push(Kind::Deployments.feed(scope));
            feeds.push(Kind::Releases.feed(scope));
            if self.options.tags.is_some() {
                feeds.push(Kind::Tags.feed(scope));
            }
            if repository.has_issues && !self.options.incident_labels.is_empty() {
                feeds.push(Kind::Issues.feed(scope));
            }
        }
        feeds
    }

    /// What is new about the repositories of an owner.
    pub(super) fn fetch_repositories(&self, feed: &Feed, after: Option<Checkpoint>) -> Result<SourcePage> {
        let run = self.run();
        let owner = run
            .owners
            .get(&feed.scope)
            .ok_or_else(|| Error::new(ErrorKind::NotFound, "this owner is not one of the settings"))?;
        if let Some((kind, message)) = &owner.error {
            return Err(Error::new(*kind, message.clone()));
        }
        let mut point: RepositoriesPoint = match &after {
            Some(checkpoint) => checkpoint::read(feed, checkpoint)?,
            None => RepositoriesPoint::default(),
        };
        let mut records = Vec::new();
        for (repository, is_read) in &owner.listed {
            // One that is left out by the settings is told of no further, unless it was before.
            if !is_read && !point.known.contains_key(&repository.id) {
                continue;
            }
            let now = KnownRepository {
                name: repository.name.clone(),
                digest: digest(&json!([
                    repository.name,
                    repository.default_branch,
                    repository.url,
                    repository.archived
                ])),
                missing_since: None,
            };
            if point.known.get(&repository.id) != Some(&now) {
                point.known.insert(repository.id.clone(), now);
                records.push(record(repository.id.clone(), repository)?);
            }
        }
        if owner.complete {
            self.miss(&run, &mut point, &mut records)?;
        }
        Ok(SourcePage {
            records,
            next: checkpoint::write(&point)?,
            caught_up: true,
            covered_from: Some(run.started),
            ..SourcePage::default()
        })
    }

    /// What the list does not show any more, although it came whole: deleted, made private or taken away from the token. It is
    /// told of when it is still missing in a later run, and nothing that was collected of it is lost.
    fn miss(
        &self,
        run: &Run,
        point: &mut RepositoriesPoint,
        records: &mut Vec<crate::model::RawRecord>,
    ) -> Result<()> {
        let listed: BTreeSet<&str> = run
            .owners
            .values()
            .flat_map(|owner| &owner.listed)
            .map(|(repository, _)| repository.id.as_str())
            .collect();
        for (id, known) in &mut point.known {
            if listed.contains(id.as_str()) {
                continue;
            }
            let since = *known.missing_since.get_or_insert(run.started);
            // A digest of nothing says that it was told.
            if run.started - since < MISSING || known.digest == 0 {
                continue;
            }
            known.digest = 0;
            let gone = RepositoryRecord {
                id: id.clone(),
                name: known.name.clone(),
                default_branch: None,
                url: None,
                archived: false,
                unreachable_since: Some(since),
            };
            records.push(record(id.clone(), &gone)?);
        }
        Ok(())
    }
}

/// The newest element of a list, by its last page of one.
pub(super) fn head(connection: Connection) -> Probe {
    let total = connection.total_count;
    let rows = connection.rows(List::PullRequests).unwrap_or_default();
    Probe {
        total,
        newest: rows.into_iter().next_back().map(|row| row.place),
        digest: None,
    }
}
