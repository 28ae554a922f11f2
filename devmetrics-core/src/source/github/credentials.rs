use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

/// What GitHub knows us by. Its `Debug` shows no secret.
#[derive(Clone)]
#[non_exhaustive]
pub enum Credentials {
    /// A token, given as it is.
    Token(SecretString),
    /// An installation of a GitHub App: has limits of its own, and a new token every hour.
    App {
        /// The App's number.
        app_id: u64,
        /// The number of its installation in the organization.
        installation_id: u64,
        /// The App's RSA key in PEM.
        private_key: SecretString,
    },
    /// None: enough to log in.
    Anonymous,
}

/// What sort of credential it is, told by the prefix of the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CredentialKind {
    /// `ghp_`: has scopes, and the person's whole reach.
    ClassicToken,
    /// `github_pat_`: has permissions, for one owner.
    FineGrainedToken,
    /// `gho_`: of a login through an OAuth App.
    OauthToken,
    /// `ghu_`: of a person through a GitHub App.
    AppUserToken,
    /// `ghs_`: of an installation of a GitHub App, or of a workflow.
    InstallationToken,
    /// A GitHub App's key.
    App,
    /// None.
    Anonymous,
    /// A token without a prefix known to us: an old one, or of an old server.
    Unknown,
}

impl Credentials {
    /// What sort of credential this is.
    pub fn kind(&self) -> CredentialKind {
        const PREFIXES: [(&str, CredentialKind); 5] = [
            ("ghp_", CredentialKind::ClassicToken),
            ("github_pat_", CredentialKind::FineGrainedToken),
            ("gho_", CredentialKind::OauthToken),
            ("ghu_", CredentialKind::AppUserToken),
            ("ghs_", CredentialKind::InstallationToken),
        ];
        match self {
            Self::Token(token) => PREFIXES
                .iter()
                .find(|(prefix, _)| token.expose_secret().starts_with(prefix))
                .map_or(CredentialKind::Unknown, |(_, kind)| *kind),
            Self::App { .. } => CredentialKind::App,
            Self::Anonymous => CredentialKind::Anonymous,
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::App {
                app_id,
                installation_id,
                ..
            } => f
                .debug_struct("App")
                .field("app_id", app_id)
                .field("installation_id", installation_id)
                .finish_non_exhaustive(),
            Self::Token(_) | Self::Anonymous => write!(f, "{:?}", self.kind()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_told_apart_by_their_prefix_and_never_shown() {
        for (token, kind) in [
            ("ghp_canary", CredentialKind::ClassicToken),
            ("github_pat_canary", CredentialKind::FineGrainedToken),
            ("gho_canary", CredentialKind::OauthToken),
            ("ghu_canary", CredentialKind::AppUserToken),
            ("ghs_canary", CredentialKind::InstallationToken),
            ("canary", CredentialKind::Unknown),
        ] {
            let credentials = Credentials::Token(SecretString::from(token));
            assert_eq!(credentials.kind(), kind);
            assert!(!format!("{credentials:?}").contains("canary"));
        }
        let app = Credentials::App {
            app_id: 7,
            installation_id: 8,
            private_key: SecretString::from("canary"),
        };
        assert_eq!(app.kind(), CredentialKind::App);
        assert!(!format!("{app:?}").contains("canary"));
    }
}
