use std::collections::BTreeSet;
use std::path::PathBuf;

use regex::{RegexSet, RegexSetBuilder};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::credentials::Credentials;
use super::governor::GovernorSettings;
use super::host::Host;
use super::login_file::LoginFile;
use crate::source::TagRules;
use crate::source::tags::TagMatcher;
use crate::{Error, ErrorKind, Result};

/// Which GitHub to read, as whom, and what of it. Part of the configuration file; holds no secret, only where one is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GithubOptions {
    /// `github.com`, or the address of another: `https://github.example.com`.
    pub host: String,
    /// The environment variable that holds the token.
    pub token_env: String,
    /// The number of a GitHub App, instead of a token.
    pub app_id: Option<u64>,
    /// The number of the App's installation in the organization.
    pub installation_id: Option<u64>,
    /// The file of the App's private key in PEM.
    pub private_key_file: Option<PathBuf>,
    /// The environment variable that holds the App's private key in PEM, instead of a file.
    pub private_key_env: Option<String>,
    /// Whether to use the token of `devmetrics login`.
    pub login: bool,
    /// The organizations and people whose repositories are read; none: those that `repositories` names, else all that an
    /// App's installation may read.
    pub owners: Vec<String>,
    /// Which of their repositories: `acme/*`, and not `!acme/old-*`. Letters' case does not matter; none: all.
    pub repositories: Vec<String>,
    /// Whether archived repositories are read.
    pub archived: bool,
    /// Whether forks are read.
    pub forks: bool,
    /// The labels that make an issue an incident.
    pub incident_labels: Vec<String>,
    /// Regular expressions, whatever the letters' case: an environment with such a name is production.
    pub production: Vec<String>,
    /// Which tags are deployments to production, of repositories that are shipped by tags; without it no tag is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<TagRules>,
    /// Whether to read which files each pull request touches: a connection more each, so that fewer fit into a page. Set where
    /// a service is told by its files.
    pub paths: bool,
    /// Whether the organization's teams are read.
    pub teams: bool,
    /// Pull requests a page at the start; it adapts. 1 to 100.
    pub page_size: u32,
    /// Points and requests an hour that are left for others. See [`GovernorSettings::reserve`].
    pub reserve: u64,
}

impl Default for GithubOptions {
    fn default() -> Self {
        Self {
            host: "github.com".to_owned(),
            token_env: "GITHUB_TOKEN".to_owned(),
            app_id: None,
            installation_id: None,
            private_key_file: None,
            private_key_env: None,
            login: false,
            owners: Vec::new(),
            repositories: Vec::new(),
            archived: true,
            forks: false,
            incident_labels: vec!["incident".to_owned()],
            production: vec!["^prod(uction)?$".to_owned()],
            tags: None,
            paths: false,
            teams: true,
            page_size: 25,
            reserve: GovernorSettings::default().reserve,
        }
    }
}

impl GithubOptions {
    /// Whether the options can be used together.
    ///
    /// # Errors
    /// `InvalidInput` naming the key.
    pub fn check(&self) -> Result<()> {
        Host::parse(&self.host)?;
        self.rules()?;
        if !(1..=100).contains(&self.page_size) {
            return Err(invalid("page_size", "must be 1 to 100"));
        }
        if let Some(owner) = self
            .owners
            .iter()
            .find(|owner| owner.is_empty() || owner.contains('/'))
        {
            return Err(invalid("owners", &format!("are names as `acme`, not `{owner}`")));
        }
        if self.app_id.is_none() {
            for (key, is_set) in [
                ("installation_id", self.installation_id.is_some()),
                ("private_key_file", self.private_key_file.is_some()),
                ("private_key_env", self.private_key_env.is_some()),
            ] {
                if is_set {
                    return Err(invalid(key, "is of a GitHub App: set `app_id` too"));
                }
            }
            return Ok(());
        }
        if self.login {
            return Err(invalid("login", "and `app_id` are two ways to log in: keep one"));
        }
        if self.installation_id.is_none() {
            return Err(invalid(
                "installation_id",
                "is missing: it is the number at the end of the installation's address in the organization's settings",
            ));
        }
        match (&self.private_key_file, &self.private_key_env) {
            (None, None) => Err(invalid(
                "private_key_file",
                "or `private_key_env` must say where the App's key is",
            )),
            (Some(_), Some(_)) => Err(invalid(
                "private_key_file",
                "and `private_key_env` exclude each other",
            )),
            _ => Ok(()),
        }
    }

    /// The GitHub that [`host`](Self::host) names.
    ///
    /// # Errors
    /// As [`Host::parse`].
    pub fn host(&self) -> Result<Host> {
        Host::parse(&self.host)
    }

    /// The names in the options, ready to compare with.
    ///
    /// # Errors
    /// `InvalidInput` naming the key and the expression.
    pub fn rules(&self) -> Result<GithubRules> {
        GithubRules::new(self)
    }

    /// The owners that the options name, in `owners` or else in `repositories`; none when a pattern leaves the owner open.
    pub fn named_owners(&self) -> Vec<String> {
        if !self.owners.is_empty() {
            return self.owners.clone();
        }
        let included = self
            .repositories
            .iter()
            .filter(|pattern| !pattern.starts_with('!'));
        let owners: Vec<&str> = included
            .filter_map(|pattern| Some(pattern.split_once('/')?.0))
            .collect();
        if owners.iter().any(|owner| owner.contains('*')) {
            return Vec::new();
        }
        BTreeSet::from_iter(owners)
            .into_iter()
            .map(str::to_owned)
            .collect()
    }

    /// What the client keeps to.
    pub fn governor(&self) -> GovernorSettings {
        GovernorSettings {
            reserve: self.reserve,
        }
    }

    /// The credential, from where the options say it is; `read_env` gives an environment variable.
    ///
    /// # Errors
    /// `Unauthenticated` saying what to set, and `InvalidInput` as [`check`](Self::check) does.
    pub fn credentials(&self, read_env: &dyn Fn(&str) -> Option<String>) -> Result<Credentials> {
        self.check()?;
        if let (Some(app_id), Some(installation_id)) = (self.app_id, self.installation_id) {
            return Ok(Credentials::App {
                app_id,
                installation_id,
                private_key: self.private_key(read_env)?,
            });
        }
        if self.login {
            let file = LoginFile::locate(&self.host()?, read_env)?;
            return file.read()?.map(Credentials::Token).ok_or_else(|| {
                Error::new(
                    ErrorKind::Unauthenticated,
                    "nobody is logged in: run `devmetrics login`",
                )
                .with("file", file.path().display())
            });
        }
        match variable(read_env, &self.token_env) {
            Some(token) => Ok(Credentials::Token(token)),
            None => Err(Error::new(
                ErrorKind::Unauthenticated,
                format!(
                    "there is no token for {}: set the environment variable {}, or `login = true` after \
                     `devmetrics login`, or `app_id` of a GitHub App",
                    self.host, self.token_env
                ),
            )),
        }
    }

    fn private_key(&self, read_env: &dyn Fn(&str) -> Option<String>) -> Result<SecretString> {
        if let Some(name) = &self.private_key_env {
            return variable(read_env, name).ok_or_else(|| {
                Error::new(
                    ErrorKind::Unauthenticated,
                    format!("the environment variable {name} is not set; it must hold the App's private key"),
                )
            });
        }
        let file = self.private_key_file.clone().unwrap_or_default();
        std::fs::read_to_string(&file)
            .map(SecretString::from)
            .map_err(|error| {
                Error::new(ErrorKind::Unauthenticated, "the App's private key cannot be read")
                    .with("file", file.display())
                    .caused_by(error)
            })
    }
}

/// A variable's value without the line's end that shells and secret stores leave; an empty one is none.
fn variable(read_env: &dyn Fn(&str) -> Option<String>, name: &str) -> Option<SecretString> {
    let value = read_env(name)?;
    let value = value.trim();
    (!value.is_empty()).then(|| SecretString::from(value))
}

fn invalid(key: &'static str, why: &str) -> Error {
    Error::new(ErrorKind::InvalidInput, format!("`{key}` {why}")).with("setting", key)
}

/// The names in [`GithubOptions`], compiled.
#[derive(Debug)]
pub struct GithubRules {
    included: RegexSet,
    excluded: RegexSet,
    production: RegexSet,
    tags: Option<TagMatcher>,
}

impl GithubRules {
    fn new(options: &GithubOptions) -> Result<Self> {
        let (excluded, included): (Vec<&str>, Vec<&str>) = options
            .repositories
            .iter()
            .map(String::as_str)
            .partition(|pattern| pattern.starts_with('!'));
        if let Some(wrong) = options
            .repositories
            .iter()
            .find(|pattern| pattern.matches('/').count() != 1)
        {
            return Err(invalid(
                "repositories",
                &format!("are patterns as `acme/*`, not `{wrong}`"),
            ));
        }
        let globs = |patterns: Vec<&str>| {
            let expressions = patterns
                .into_iter()
                .map(|pattern| glob(pattern.trim_start_matches('!')));
            compile("repositories", expressions)
        };
        Ok(Self {
            included: globs(if included.is_empty() {
                vec!["*/*"]
            } else {
                included
            })?,
            excluded: globs(excluded)?,
            production: compile("production", options.production.iter().cloned())?,
            tags: options.tags.as_ref().map(TagMatcher::new).transpose()?,
        })
    }

    /// Whether the repository `name` (`acme/web`) is to be read.
    pub fn includes(&self, name: &str) -> bool {
        self.included.is_match(name) && !self.excluded.is_match(name)
    }

    /// Whether the environment `name` is the one whose deployments are releases to users.
    pub fn is_production(&self, name: &str) -> bool {
        self.production.is_match(name)
    }

    /// Whether the tag `name` stands for a deployment.
    pub fn is_deployment(&self, name: &str) -> bool {
        self.tags.as_ref().is_some_and(|tags| tags.is_deployment(name))
    }
}

/// `*` stands for any characters but `/`.
fn glob(pattern: &str) -> String {
    format!("^{}$", regex::escape(pattern).replace(r"\*", "[^/]*"))
}

fn compile(key: &'static str, expressions: impl IntoIterator<Item = String>) -> Result<RegexSet> {
    RegexSetBuilder::new(expressions)
        .case_insensitive(true)
        .build()
        .map_err(|error| invalid(key, &format!("cannot be used: {error}")))
}
