use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::classify::Outcome;
use super::client::Client;
use super::credentials::CredentialKind;
use super::envelope::GqlError;
use super::fault::Fault;
use super::options::GithubOptions;
use super::transport::HttpRequest;
use crate::Result;

/// What a credential may see, and what it lacks: for `devmetrics doctor`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// What sort of credential it is.
    pub kind: CredentialKind,
    /// Whose it is; `None` for an App.
    pub login: Option<String>,
    /// The scopes of a classic token or of a login; `None` for credentials with permissions instead.
    pub scopes: Option<Vec<String>>,
    /// GraphQL points an hour; `None` where limits are switched off.
    pub points_limit: Option<u64>,
    /// Points left of them.
    pub points_left: Option<u64>,
    /// When they are whole again.
    pub reset_at: Option<DateTime<Utc>>,
    /// What is seen of each owner.
    pub owners: Vec<OwnerAccess>,
    /// What is missing.
    pub gaps: Vec<Gap>,
}

/// What a credential sees of an organization or person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnerAccess {
    /// The owner's name.
    pub owner: String,
    /// How many repositories are seen, before [`GithubOptions::repositories`] chooses among them.
    pub repositories: u64,
    /// Whether a private one was among those looked at.
    pub sees_private: bool,
    /// How many teams are seen; `None` if teams may not be read, or a person has none.
    pub teams: Option<u64>,
}

/// Something that is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reading {
    /// The owner's repositories at all.
    Repositories,
    /// The private ones among them.
    PrivateRepositories,
    /// Pull requests.
    PullRequests,
    /// Deployments.
    Deployments,
    /// Issues.
    Issues,
    /// Teams and their members.
    Teams,
}

/// A reading that the credential does not allow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// Of which owner.
    pub owner: String,
    /// What cannot be read.
    pub reading: Reading,
    /// What is not measured without it.
    pub costs: String,
    /// How to allow it.
    pub remedy: String,
}

const REPOSITORIES: &str = "
query OwnerRepositories($owner: String!) {
  rateLimit { cost limit remaining resetAt }
  repositoryOwner(login: $owner) {
    repositories(first: 20, orderBy: {field: PUSHED_AT, direction: DESC}) {
      totalCount
      nodes {
        isPrivate
        pullRequests(first: 1) { totalCount }
        deployments(first: 1) { totalCount }
        issues(first: 1) { totalCount }
      }
    }
  }
}";

/// A query of its own: a classic token without its scope is refused the whole query.
const TEAMS: &str = "
query OwnerTeams($owner: String!) {
  rateLimit { cost limit remaining resetAt }
  repositoryOwner(login: $owner) {
    ... on Organization { teams(first: 1) { totalCount nodes { members(first: 1) { totalCount } } } }
  }
}";

/// Looks at what the client's credential, of `kind`, may read of what `options` name.
///
/// # Errors
/// When the credential is refused or GitHub cannot be reached. What may not be read is a [`Gap`] and no error.
pub async fn check_access(client: &Client, kind: CredentialKind, options: &GithubOptions) -> Result<Access> {
    let (login, scopes) = whose(client, kind).await?;
    let mut named = options.named_owners();
    if named.is_empty() {
        named = installed(client, kind).await?;
    }
    let (mut owners, mut gaps) = (Vec::new(), Vec::new());
    for owner in named {
        let mut check = Check {
            kind,
            scopes: scopes.as_deref(),
            owner: &owner,
            gaps: &mut gaps,
        };
        let Some(mut seen) = check.repositories(client).await? else {
            continue;
        };
        if options.teams {
            seen.teams = check.teams(client).await?;
        }
        owners.push(seen);
    }
    let usage = client.usage();
    Ok(Access {
        kind,
        login,
        scopes,
        points_limit: usage.points_limit,
        points_left: usage.points_left,
        reset_at: usage.reset_at,
        owners,
        gaps,
    })
}

fn is_app(kind: CredentialKind) -> bool {
    matches!(kind, CredentialKind::App | CredentialKind::InstallationToken)
}

/// The person's name, and the scopes of a token that has some. An App is no person, and may not ask.
async fn whose(
    client: &Client,
    kind: CredentialKind,
) -> Result<(Option<String>, Option<Vec<String>>), Fault> {
    #[derive(Deserialize)]
    struct User {
        login: String,
    }
    if is_app(kind) {
        return Ok((None, None));
    }
    let reply = client.ask("/user", &HttpRequest::get("/user")).await?;
    let scopes = reply.response.header("x-oauth-scopes").map(|scopes| {
        let scopes = scopes.split(',').map(str::trim).filter(|scope| !scope.is_empty());
        scopes.map(str::to_owned).collect()
    });
    let user: User = reply.read("/user")?;
    Ok((Some(user.login), scopes))
}

/// The owners of an App's repositories; a person's own reach is too wide to guess from.
async fn installed(client: &Client, kind: CredentialKind) -> Result<Vec<String>, Fault> {
    #[derive(Deserialize)]
    struct Installed {
        repositories: Vec<Repository>,
    }
    #[derive(Deserialize)]
    struct Repository {
        owner: Owner,
    }
    #[derive(Deserialize)]
    struct Owner {
        login: String,
    }
    if !is_app(kind) {
        return Ok(Vec::new());
    }
    let page = client
        .get::<Installed>("/installation/repositories?per_page=100")
        .await?;
    let owners: BTreeSet<String> = page
        .data
        .repositories
        .into_iter()
        .map(|r| r.owner.login)
        .collect();
    Ok(owners.into_iter().collect())
}

struct Check<'a> {
    kind: CredentialKind,
    scopes: Option<&'a [String]>,
    owner: &'a str,
    gaps: &'a mut Vec<Gap>,
}

impl Check<'_> {
    async fn repositories(&mut self, client: &Client) -> Result<Option<OwnerAccess>, Fault> {
        let variables = json!({ "owner": self.owner });
        let answer = match client
            .graphql::<Value>("OwnerRepositories", REPOSITORIES, variables)
            .await
        {
            Ok(answer) => answer,
            Err(fault) if is_gap(&fault) => {
                self.gap(Reading::Repositories);
                return Ok(None);
            }
            Err(fault) => return Err(fault),
        };
        let repositories = &answer.data["repositoryOwner"]["repositories"];
        let Some(count) = repositories["totalCount"].as_u64() else {
            self.gap(Reading::Repositories);
            return Ok(None);
        };
        let sees_private = repositories["nodes"]
            .as_array()
            .is_some_and(|nodes| nodes.iter().any(|node| node["isPrivate"] == true));
        if self
            .scopes
            .is_some_and(|scopes| !scopes.iter().any(|scope| scope == "repo"))
            && !sees_private
        {
            self.gap(Reading::PrivateRepositories);
        }
        for (field, reading) in [
            ("pullRequests", Reading::PullRequests),
            ("deployments", Reading::Deployments),
            ("issues", Reading::Issues),
        ] {
            if answer.errors.iter().any(|error| is_at(error, field)) {
                self.gap(reading);
            }
        }
        Ok(Some(OwnerAccess {
            owner: self.owner.to_owned(),
            repositories: count,
            sees_private,
            teams: None,
        }))
    }

    async fn teams(&mut self, client: &Client) -> Result<Option<u64>, Fault> {
        let variables = json!({ "owner": self.owner });
        match client.graphql::<Value>("OwnerTeams", TEAMS, variables).await {
            Ok(answer) if answer.errors.is_empty() => {
                Ok(answer.data["repositoryOwner"]["teams"]["totalCount"].as_u64())
            }
            Ok(_) => {
                self.gap(Reading::Teams);
                Ok(None)
            }
            Err(fault) if is_gap(&fault) => {
                self.gap(Reading::Teams);
                Ok(None)
            }
            Err(fault) => Err(fault),
        }
    }

    fn gap(&mut self, reading: Reading) {
        self.gaps.push(Gap {
            owner: self.owner.to_owned(),
            reading,
            costs: costs(reading).to_owned(),
            remedy: remedy(self.kind, reading),
        });
    }
}

fn is_gap(fault: &Fault) -> bool {
    matches!(
        fault.outcome,
        Outcome::PermissionDenied | Outcome::NotFound | Outcome::Saml
    )
}

fn is_at(error: &GqlError, field: &str) -> bool {
    error.path.iter().any(|step| step.as_str() == Some(field))
}

fn costs(reading: Reading) -> &'static str {
    match reading {
        Reading::Repositories => "nothing of this owner is measured",
        Reading::PrivateRepositories => "only public repositories are measured",
        Reading::PullRequests => "no change lead time and no cycle time",
        Reading::Deployments => "no deployment frequency, and lead time ends at the merge",
        Reading::Issues => "no incidents: no change fail rate and no recovery time from them",
        Reading::Teams => "teams must be written into a roster by hand",
    }
}

/// How to allow a reading, by GitHub's names: "Permissions required for fine-grained personal access tokens" and "Scopes for
/// OAuth apps" in its documentation.
fn remedy(kind: CredentialKind, reading: Reading) -> String {
    let (permission, scope) = match reading {
        Reading::Repositories | Reading::PrivateRepositories => ("Metadata: read", "repo"),
        Reading::PullRequests => ("Pull requests: read", "repo"),
        Reading::Deployments => ("Deployments: read", "repo"),
        Reading::Issues => ("Issues: read", "repo"),
        Reading::Teams => ("Members: read (of the organization)", "read:org"),
    };
    let sso = "; where the organization demands single sign-on, authorize it there";
    match kind {
        CredentialKind::App | CredentialKind::InstallationToken | CredentialKind::AppUserToken => format!(
            "give the App the permission `{permission}`, install it for the owner's repositories, and have an owner accept"
        ),
        CredentialKind::FineGrainedToken => {
            format!("edit the token: its owner must be this one, with the permission `{permission}`{sso}")
        }
        CredentialKind::ClassicToken | CredentialKind::OauthToken | CredentialKind::Unknown => {
            format!("use a token with the scope `{scope}` whose person may see it{sso}")
        }
        CredentialKind::Anonymous => "give a token or a GitHub App".to_owned(),
    }
}
