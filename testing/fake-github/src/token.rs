//! Tokens: who a request comes from and what it may see.

use std::fmt;

use chrono::TimeDelta;

use crate::world::{ActorId, RepositoryId, Timestamp};

/// Whoever sends no token.
pub(crate) const ANONYMOUS: &str = "anonymous";

/// What kind of token it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenKind {
    /// A classic personal access token or an OAuth token, with scopes.
    Classic(Vec<String>),
    /// A fine-grained personal access token, with permissions such as `pull_requests`.
    FineGrained(Vec<String>),
    /// The token of an app's installation, with permissions such as `pull_requests`.
    Installation {
        /// The installation's id.
        installation: u64,
        /// What it may read.
        permissions: Vec<String>,
    },
}

/// A token of the fake.
#[derive(Clone)]
pub struct Token {
    /// The name in the request log.
    pub name: String,
    pub(crate) secret: String,
    /// Its kind.
    pub kind: TokenKind,
    /// Whose it is; the viewer of GraphQL.
    pub user: ActorId,
    /// The repositories that it may see; `None`: all.
    pub repositories: Option<Vec<RepositoryId>>,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
    /// Revoked by its owner.
    pub revoked: bool,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            secret: _,
            kind,
            user,
            repositories,
            expires_at,
            revoked,
        } = self;
        f.debug_struct("Token")
            .field("name", name)
            .field("kind", kind)
            .field("user", user)
            .field("repositories", repositories)
            .field("expires_at", expires_at)
            .field("revoked", revoked)
            .finish_non_exhaustive()
    }
}

impl Token {
    /// A classic token of `user` that sees everything: scopes `repo` and `read:org`.
    pub fn classic(name: &str, secret: &str, user: ActorId) -> Self {
        Self {
            name: name.into(),
            secret: secret.into(),
            kind: TokenKind::Classic(vec!["repo".into(), "read:org".into()]),
            user,
            repositories: None,
            expires_at: None,
            revoked: false,
        }
    }

    /// A fine-grained token of `user` for some repositories.
    pub fn fine_grained(name: &str, secret: &str, user: ActorId, repositories: Vec<RepositoryId>) -> Self {
        let kind = TokenKind::FineGrained(all_permissions());
        Self {
            kind,
            repositories: Some(repositories),
            ..Self::classic(name, secret, user)
        }
    }

    /// The token of an installation; it works for one hour from `now`.
    pub fn installation(installation: u64, secret: &str, app: ActorId, now: Timestamp) -> Self {
        let kind = TokenKind::Installation {
            installation,
            permissions: all_permissions(),
        };
        let expires_at = Some(now + TimeDelta::hours(1));
        Self {
            kind,
            expires_at,
            ..Self::classic(&format!("installation-{installation}"), secret, app)
        }
    }

    /// Whether it works at `now`.
    pub fn works(&self, now: Timestamp) -> bool {
        !self.revoked && self.expires_at.is_none_or(|at| now < at)
    }

    /// Whether it may see that repository.
    pub fn sees(&self, repository: RepositoryId) -> bool {
        self.repositories
            .as_ref()
            .is_none_or(|allowed| allowed.contains(&repository))
    }

    /// Whether it may read teams and their members.
    pub fn reads_teams(&self) -> bool {
        match &self.kind {
            TokenKind::Classic(scopes) => scopes
                .iter()
                .any(|scope| scope == "read:org" || scope == "admin:org"),
            TokenKind::FineGrained(permissions) | TokenKind::Installation { permissions, .. } => {
                permissions.iter().any(|permission| permission == "members")
            }
        }
    }

    /// Whose rate limit a request draws from.
    pub(crate) fn identity_or_anonymous(token: Option<&Self>) -> String {
        token.map_or_else(|| ANONYMOUS.to_owned(), Self::identity)
    }

    /// Whose rate limit it draws from.
    pub(crate) fn identity(&self) -> String {
        match self.kind {
            TokenKind::Installation { installation, .. } => format!("installation-{installation}"),
            _ => format!("user-{}", self.user.0),
        }
    }
}

/// The permissions of a token that may read all that the fake serves.
pub(crate) fn all_permissions() -> Vec<String> {
    [
        "contents",
        "deployments",
        "issues",
        "members",
        "metadata",
        "pull_requests",
    ]
    .map(String::from)
    .into()
}
