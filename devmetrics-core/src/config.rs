//! The configuration, and the one place where concrete sources meet concrete stores.

mod calendar;
mod day;
mod goal;
mod metrics;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono_tz::Tz;
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use globset::Glob;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

pub use calendar::CalendarConfig;
pub use day::Day;
pub use goal::{GoalConfig, Target};
pub use metrics::metrics_from_toml;

use crate::attribution::{AttributionRules, roster_from_csv, roster_from_toml};
use crate::metric::Policy;
use crate::model::{HOTFIX, PRODUCTION, Roster, Service};
use crate::source::SourceProvider;
use crate::source::git::GitOptions;
#[cfg(feature = "local")]
use crate::source::git::GitSource;
use crate::source::github::{
    Access, Client, CredentialKind, Credentials, GithubOptions, GithubSource, HttpSend, OctocrabTransport,
    check_access,
};
#[cfg(feature = "local")]
use crate::store::{MemoryStore, SqliteStore};
use crate::store::{MetricsStore, PostgresStore};
use crate::suggest::did_you_mean;
use crate::{Engine, Error, ErrorKind, Result, Settings, SystemClock};

/// Everything that can be set, in `devmetrics.toml` or by environment variables `DEVMETRICS_…` (which win; `__` descends:
/// `DEVMETRICS_ATTRIBUTION__INSTANT=merged`).
///
/// ```
/// use devmetrics_core::Config;
///
/// let config = Config::from_toml("devmetrics.toml", r#"
///     database = "sqlite:metrics.db"
///     zone = "Europe/Berlin"
///
///     [[source]]
///     kind = "git"
///     path = "."
/// "#)?;
/// assert_eq!(config.zone, chrono_tz::Europe::Berlin);
///
/// let error = Config::from_toml("devmetrics.toml", "databse = 'x'").unwrap_err();
/// assert!(error.to_string().contains("did you mean `database`?"));
/// # Ok::<(), devmetrics_core::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where facts are kept: `sqlite:PATH`, `postgres://user:password@host/database` or `memory:`. Its `Debug` shows
    /// nothing of it.
    pub database: SecretString,
    /// Whose facts these are, where one database serves several organizations.
    pub tenant: String,
    /// The IANA zone that weeks are cut in.
    #[serde(deserialize_with = "zone_by_name")]
    pub zone: Tz,
    /// How a change counts whose author is in several teams.
    pub policy: Policy,
    /// The environment whose deployments are releases to users.
    pub environment: String,
    /// The branches whose merges count, as names or globs (`release/*`); none for each repository's default branch.
    pub base_branches: Vec<String>,
    /// Changes with one of these labels are unplanned fixes.
    pub hotfix_labels: Vec<String>,
    /// The roster's file, `.toml` or `.csv`; brought in at every sync when it changed.
    pub roster: Option<PathBuf>,
    /// How facts find their teams.
    pub attribution: AttributionRules,
    /// The client id of the OAuth App or GitHub App that `devmetrics login` asks for: no secret.
    pub github_client_id: Option<String>,
    /// When people work.
    pub calendar: CalendarConfig,
    /// The files that define further metrics.
    pub metrics: Vec<PathBuf>,
    /// What is aimed at.
    #[serde(rename = "goal")]
    pub goals: Vec<GoalConfig>,
    /// What to collect from.
    #[serde(rename = "source")]
    pub sources: Vec<SourceConfig>,
    /// What is deployed by itself, where that is not simply a repository.
    #[serde(rename = "service")]
    pub services: Vec<Service>,
}

/// One source.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum SourceConfig {
    /// A local git repository.
    Git(GitOptions),
    /// GitHub, or a server of its kind.
    Github(GithubOptions),
}

/// Gives the value of a variable, where a configuration names one instead of a credential; `None` when there is none.
pub type ReadVariable = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// The variables of the process.
fn environment() -> ReadVariable {
    Arc::new(|name| std::env::var(name).ok())
}

impl SourceConfig {
    /// The source, opened, with what it names as environment variables.
    ///
    /// # Errors
    /// As the source says: see [`GitSource::open`](crate::source::git::GitSource::open) and [`GithubOptions::credentials`].
    pub fn open(&self) -> Result<Arc<dyn SourceProvider>> {
        self.open_with(&environment())
    }

    /// The same, with variables that are kept elsewhere than in the environment.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with(&self, variables: &ReadVariable) -> Result<Arc<dyn SourceProvider>> {
        match self {
            #[cfg(feature = "local")]
            Self::Git(options) => Ok(Arc::new(GitSource::open(options.clone())?)),
            #[cfg(not(feature = "local"))]
            Self::Git(options) => Err(not_here("git clones").with("path", options.path.display())),
            Self::Github(options) => {
                let (transport, _) = connect(options, variables)?;
                Ok(Arc::new(GithubSource::new(
                    options.clone(),
                    transport,
                    Arc::new(SystemClock),
                )?))
            }
        }
    }
}

impl SourceConfig {
    /// Has it read which files changes touch.
    fn read_paths(&mut self) {
        match self {
            Self::Git(options) => options.paths = true,
            Self::Github(options) => options.paths = true,
        }
    }

    /// What the source's credential may see and what it lacks; `None` for a source without a credential.
    ///
    /// # Errors
    /// As the credential is missing or refused, or the source cannot be reached.
    pub async fn access(&self) -> Result<Option<Access>> {
        match self {
            Self::Git(_) => Ok(None),
            Self::Github(options) => {
                let (transport, kind) = connect(options, &environment())?;
                let client = Client::new(transport, Arc::new(SystemClock), options.governor());
                check_access(&client, kind, options).await.map(Some)
            }
        }
    }
}

/// The way to the GitHub of `options`, with the credential that they name.
fn connect(options: &GithubOptions, variables: &ReadVariable) -> Result<(Arc<dyn HttpSend>, CredentialKind)> {
    let credentials = options.credentials(&**variables)?;
    let (place, variables) = (options.clone(), Arc::clone(variables));
    let transport = OctocrabTransport::new(&options.host()?, &credentials, Arc::new(SystemClock))?
        .with_reread(move || match place.credentials(&*variables) {
            Ok(Credentials::Token(token)) => Some(token),
            _ => None,
        });
    Ok((Arc::new(transport), credentials.kind()))
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database: SecretString::from("sqlite:devmetrics.db"),
            tenant: "default".to_owned(),
            zone: Tz::UTC,
            policy: Policy::default(),
            environment: PRODUCTION.to_owned(),
            base_branches: Vec::new(),
            hotfix_labels: vec![HOTFIX.to_owned()],
            roster: None,
            attribution: AttributionRules::default(),
            github_client_id: None,
            calendar: CalendarConfig::default(),
            metrics: Vec::new(),
            goals: Vec::new(),
            sources: Vec::new(),
            services: Vec::new(),
        }
    }
}

/// Variables that begin like ours and are none of the configuration's.
const OTHER_VARIABLES: [&str; 2] = ["config", "test_postgres"];

impl Config {
    /// The name of the configuration file that is read where none is named.
    pub const FILE: &str = "devmetrics.toml";

    /// Reads `file` (none: the defaults) and the environment. Relative paths in the file are relative to the file.
    ///
    /// # Errors
    /// `NotFound` when the file is missing; `InvalidInput` naming the key and where it was set.
    pub fn load(file: Option<&Path>) -> Result<Self> {
        let mut figment = Figment::new();
        if let Some(file) = file {
            let text = read(
                file,
                "write one with `devmetrics init`, or name another with `--config`",
            )?;
            figment = figment.merge(toml(&file.display().to_string(), &text)?);
        }
        let environment = Env::prefixed("DEVMETRICS_").ignore(&OTHER_VARIABLES).split("__");
        let mut config = Self::extract(&figment.merge(environment))?;
        if let Some(folder) = file.and_then(Path::parent) {
            config.resolve(folder);
        }
        config.check()?;
        Ok(config)
    }

    /// Reads a text in TOML; `name` is what errors call it.
    ///
    /// # Errors
    /// `InvalidInput` naming the key or the line.
    pub fn from_toml(name: &str, text: &str) -> Result<Self> {
        let config = Self::extract(&Figment::new().merge(toml(name, text)?))?;
        config.check()?;
        Ok(config)
    }

    /// Reads an object with the fields of `devmetrics.toml`; one that is null is not set.
    ///
    /// # Errors
    /// `InvalidInput` naming the key.
    pub fn from_json(object: &Map<String, Value>) -> Result<Self> {
        let mut value = Value::Object(object.clone());
        forget_nulls(&mut value);
        let config = Self::extract(&Figment::new().merge(Serialized::defaults(value)))?;
        config.check()?;
        Ok(config)
    }

    fn extract(figment: &Figment) -> Result<Self> {
        figment.extract().map_err(|error| explain(&error))
    }

    /// What only the fields together tell is told at once too, and not by the first command that needs it.
    fn check(&self) -> Result<()> {
        self.calendars()?;
        self.goals()?;
        Service::check(&self.services)
    }

    fn resolve(&mut self, folder: &Path) {
        for source in &mut self.sources {
            match source {
                SourceConfig::Git(git) => git.path = folder.join(&git.path),
                SourceConfig::Github(github) => {
                    github.private_key_file = github.private_key_file.take().map(|file| folder.join(file));
                }
            }
        }
        self.roster = self.roster.take().map(|roster| folder.join(roster));
        for metrics in &mut self.metrics {
            *metrics = folder.join(&metrics);
        }
        let sqlite = sqlite_path(self.database.expose_secret()).filter(|path| !path.is_absolute());
        if let Some(path) = sqlite {
            self.database = SecretString::from(format!("sqlite:{}", folder.join(path).display()));
        }
    }

    /// The roster's file, read and checked; `None` when none is set.
    ///
    /// # Errors
    /// `NotFound` and `InvalidInput`, naming the file, the line or the member.
    pub fn read_roster(&self) -> Result<Option<Roster>> {
        self.roster.as_deref().map(read_roster).transpose()
    }

    /// The store that [`database`](Self::database) names, opened and not yet migrated.
    ///
    /// # Errors
    /// `InvalidInput` for a name that no store has, and as the store fails to open. No message shows a password.
    pub async fn open_store(&self) -> Result<Arc<dyn MetricsStore>> {
        let database = self.database.expose_secret();
        if let Some(path) = sqlite_path(database) {
            #[cfg(feature = "local")]
            return Ok(Arc::new(SqliteStore::open(&path, &self.tenant).await?));
            #[cfg(not(feature = "local"))]
            return Err(not_here("SQLite").with("path", path.display()));
        }
        if database.starts_with("postgres://") || database.starts_with("postgresql://") {
            return Ok(Arc::new(
                PostgresStore::connect(&self.database, &self.tenant).await?,
            ));
        }
        if database == "memory:" {
            #[cfg(feature = "local")]
            return Ok(Arc::new(MemoryStore::new()));
            #[cfg(not(feature = "local"))]
            return Err(not_here("memory:"));
        }
        // The rest of the value may hold a password, so only its scheme is shown.
        let scheme = database
            .split_once(':')
            .map_or("no scheme at all", |(scheme, _)| scheme);
        Err(Error::new(
            ErrorKind::InvalidInput,
            format!(
                "`database` begins with `{scheme}`, which no store has; write `sqlite:PATH`, \
                 `postgres://user@host/database` or `memory:`"
            ),
        ))
    }
}

impl Engine {
    /// The engine that a configuration describes, its store migrated.
    ///
    /// # Errors
    /// As the configuration is wrong, or a source or the store cannot be opened.
    pub async fn open(config: &Config) -> Result<Self> {
        Self::open_with(config, config.open_store().await?, &environment()).await
    }

    /// The same over a store that was opened already, with variables that are kept elsewhere than in the environment.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_with(
        config: &Config,
        store: Arc<dyn MetricsStore>,
        variables: &ReadVariable,
    ) -> Result<Self> {
        let mut engine = Self::described(config, store)?;
        for source in &config.sources {
            let mut source = source.clone();
            if config.services.iter().any(|service| !service.paths.is_empty()) {
                source.read_paths();
            }
            engine = engine.with_source(source.open_with(variables)?);
        }
        engine.migrate().await?;
        Ok(engine)
    }

    /// The same without its sources: it answers from what the store has, and collects nothing.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_without_sources(config: &Config, store: Arc<dyn MetricsStore>) -> Result<Self> {
        let engine = Self::described(config, store)?;
        engine.migrate().await?;
        Ok(engine)
    }

    fn described(config: &Config, store: Arc<dyn MetricsStore>) -> Result<Self> {
        let settings = Settings {
            environment: config.environment.clone(),
            base_branches: base_branches(&config.base_branches)?,
            hotfix_labels: config.hotfix_labels.clone(),
            attribution: config.attribution,
            roster: config.read_roster()?,
            services: config.services.clone(),
            calendars: config.calendars()?,
            catalog: config.catalog()?,
            goals: config.goals()?,
        };
        Ok(Self::new(store, Arc::new(SystemClock), settings))
    }
}

#[cfg(not(feature = "local"))]
fn not_here(what: &str) -> Error {
    let message = format!("this build is for the cloud and was made without {what}");
    Error::new(ErrorKind::Unsupported, message)
}

/// That every pattern is a glob.
fn base_branches(patterns: &[String]) -> Result<Vec<Glob>> {
    let glob = |pattern: &String| {
        Glob::new(pattern).map_err(|error| {
            Error::new(
                ErrorKind::InvalidInput,
                format!(
                    "`base_branches` has `{pattern}`, which is no pattern: {}",
                    error.kind()
                ),
            )
        })
    };
    patterns.iter().map(glob).collect()
}

/// Reads a roster from a `.toml` or `.csv` file.
///
/// # Errors
/// `NotFound`, `PermissionDenied` and `InvalidInput`, naming the file, the line or the member.
pub fn read_roster(file: &Path) -> Result<Roster> {
    let name = file.display().to_string();
    let text = read(file, "write one (see `devmetrics init`), or correct `roster`")?;
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("toml") => roster_from_toml(&name, &text),
        Some("csv") => roster_from_csv(&name, &text),
        _ => Err(Error::new(
            ErrorKind::InvalidInput,
            "a roster's file ends in `.toml` or `.csv`",
        )
        .with("file", name)),
    }
}

fn read(file: &Path, hint: &str) -> Result<String> {
    std::fs::read_to_string(file).map_err(|error| {
        let (kind, what) = match error.kind() {
            std::io::ErrorKind::NotFound => (
                ErrorKind::NotFound,
                format!("there is no file {}: {hint}", file.display()),
            ),
            std::io::ErrorKind::PermissionDenied => (
                ErrorKind::PermissionDenied,
                format!("{} may not be read: check its permissions", file.display()),
            ),
            _ => (
                ErrorKind::InvalidInput,
                format!("{} cannot be read: {error}", file.display()),
            ),
        };
        Error::new(kind, what).caused_by(error)
    })
}

/// The path that `sqlite:PATH` names, or `sqlite:///PATH` as SQLAlchemy writes it, where four slashes begin an absolute one.
fn sqlite_path(database: &str) -> Option<PathBuf> {
    let rest = database.strip_prefix("sqlite:")?;
    let url = rest.strip_prefix("///").or_else(|| rest.strip_prefix("//"));
    Some(PathBuf::from(url.unwrap_or(rest)))
}

/// What is null in an object stands for what is not there.
fn forget_nulls(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.retain(|_, value| !value.is_null());
            object.values_mut().for_each(forget_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_nulls),
        _ => {}
    }
}

/// The text as a provider; syntax errors are told here, with their line.
fn toml(name: &str, text: &str) -> Result<figment::providers::Data<Toml>> {
    text.parse::<toml::Table>().map_err(|error| {
        Error::new(
            ErrorKind::InvalidInput,
            format!("{name} is not valid TOML: {}", error.to_string().trim_end()),
        )
    })?;
    Ok(Toml::string(text))
}

/// What was wrong, at which key, set where, and what was perhaps meant.
fn explain(error: &figment::Error) -> Error {
    use figment::error::Kind;
    let place = match &error.metadata {
        Some(metadata) if metadata.name.contains("environment") => "the environment (DEVMETRICS_…)",
        Some(metadata) if metadata.name.contains("TOML") => "the configuration file",
        _ => "the configuration",
    };
    let key = error.path.join(".");
    let what = match &error.kind {
        Kind::UnknownField(name, known) => format!("unknown key {}", unlike(name, known)),
        Kind::UnknownVariant(name, known) => format!("unknown {}", unlike(name, known)),
        // Shown without the value that was found: it may be the database's URL.
        Kind::InvalidType(_, expected) | Kind::InvalidValue(_, expected) => {
            format!("`{key}` must be {expected}")
        }
        other => other.to_string(),
    };
    Error::new(ErrorKind::InvalidInput, what)
        .with("key", if key.is_empty() { "(top level)" } else { &key })
        .with("in", place)
}

/// A name that is none of those known, the nearest, and all of these.
fn unlike(name: &str, known: &[&str]) -> String {
    let hint = did_you_mean(name, known.iter().copied());
    format!("`{name}`{hint}; known are: {}", known.join(", "))
}

fn zone_by_name<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Tz, D::Error> {
    let name = String::deserialize(deserializer)?;
    crate::zone(&name).map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Config::from_toml("devmetrics.toml", text)
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn nothing_set_means_an_embedded_database_and_no_source() {
        let config = Config::from_toml("devmetrics.toml", "").unwrap();
        assert_eq!(config.database.expose_secret(), "sqlite:devmetrics.db");
        assert!(config.sources.is_empty());
    }

    #[test]
    fn an_unknown_key_names_its_neighbour_wherever_it_is() {
        assert!(
            error("databse = 'x'").contains("did you mean `database`?"),
            "{}",
            error("databse = 'x'")
        );
        let nested = error("[attribution]\ninstnt = 'opened'");
        assert!(
            nested.contains("did you mean `instant`?") && nested.contains("attribution"),
            "{nested}"
        );
        let source = error("[[source]]\nkind = 'git'\npth = '.'");
        assert!(source.contains("did you mean `path`?"), "{source}");
        let github = error("[[source]]\nkind = 'github'\nowner = 'acme'");
        assert!(github.contains("did you mean `owners`?"), "{github}");
        let kind = error("[[source]]\nkind = 'got'\npath = '.'");
        assert!(kind.contains("did you mean `git`?"), "{kind}");
    }

    #[test]
    fn a_wrong_value_names_its_key_and_never_shows_it() {
        assert!(error("database = 7").contains("`database` must be"));
        let wrong = error("zone = 'Europe/Berln'");
        assert!(
            wrong.contains("key: zone") && wrong.contains("did you mean `Europe/Berlin`?"),
            "{wrong}"
        );
        let syntax = error("zone = \n");
        assert!(syntax.contains("line 1"), "{syntax}");
    }

    #[test]
    fn an_object_has_the_fields_of_the_file() {
        let read = |value: Value| match value {
            Value::Object(object) => Config::from_json(&object),
            other => panic!("{other}"),
        };
        let config = read(serde_json::json!({
            "database": "memory:", "zone": "Europe/Berlin", "roster": null,
            "source": [{"kind": "git", "path": "."}],
            "service": [{"id": "checkout", "repositories": ["acme/shop"]}],
        }))
        .unwrap();
        assert_eq!(config.database.expose_secret(), "memory:");
        assert_eq!((config.zone, config.roster), (Tz::Europe__Berlin, None));
        assert_eq!((config.sources.len(), config.services.len()), (1, 1));
        let error = read(serde_json::json!({"source": [{"kind": "git", "pth": "."}]})).unwrap_err();
        assert!(error.to_string().contains("did you mean `path`?"), "{error}");
        let error = read(serde_json::json!({"database": 7})).unwrap_err();
        assert!(error.to_string().contains("`database` must be"), "{error}");
    }

    #[test]
    fn a_path_of_sqlite_is_written_in_three_ways() {
        let path = |text| sqlite_path(text).unwrap().display().to_string();
        assert_eq!(path("sqlite:metrics.db"), "metrics.db");
        assert_eq!(path("sqlite:/srv/metrics.db"), "/srv/metrics.db");
        assert_eq!(path("sqlite:///metrics.db"), "metrics.db");
        assert_eq!(path("sqlite:////srv/metrics.db"), "/srv/metrics.db");
        assert_eq!(path("sqlite://metrics.db"), "metrics.db");
        assert_eq!(sqlite_path("postgres://host/db"), None);
    }

    #[test]
    fn the_debug_form_hides_the_database() {
        let config = Config::from_toml("x", "database = 'postgres://me:s3cret@host/db'").unwrap();
        assert!(!format!("{config:?}").contains("s3cret"));
    }

    #[tokio::test]
    async fn a_database_of_no_store_is_refused_without_showing_its_password() {
        let config = Config::from_toml("x", "database = 'mysql://me:s3cret@host/db'").unwrap();
        let error = config.open_store().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let text = format!("{error} {error:?}");
        assert!(text.contains("mysql") && !text.contains("s3cret"), "{text}");
    }

    #[test]
    fn every_key_is_documented() {
        let document = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/configuration.md"));
        let source = "[[source]]\nkind = 'git'\npath = '.'\n";
        let mut keys = 0;
        for (prefix, text) in [
            ("", "x = 1".to_owned()),
            ("attribution.", "[attribution]\nx = 1".to_owned()),
            ("calendar.", "[calendar]\nx = 1".to_owned()),
            ("goal.", "[[goal]]\nx = 1".to_owned()),
            ("", format!("{source}x = 1")),
            ("tags.", format!("{source}tags = {{ x = 1 }}")),
            ("", "[[source]]\nkind = 'github'\nx = 1".to_owned()),
            ("service.", "[[service]]\nx = 1".to_owned()),
        ] {
            let error = error(&text);
            let known = error
                .split("known are: ")
                .nth(1)
                .unwrap()
                .split(" (")
                .next()
                .unwrap();
            for key in known
                .split(", ")
                .filter(|key| !["source", "service", "attribution", "tags", "goal", "calendar"].contains(key))
            {
                assert!(
                    document.contains(&format!("| `{prefix}{key}` |")),
                    "`{prefix}{key}` is not in docs/configuration.md"
                );
                keys += 1;
            }
        }
        assert!(keys >= 43, "{keys}");
    }

    #[test]
    fn a_service_is_refused_with_the_name_of_its_key() {
        let ok = Config::from_toml(
            "x",
            "[[service]]\nid = 'checkout'\nrepositories = ['acme/shop']\nreferences = ['checkout-v*']",
        )
        .unwrap();
        assert!(ok.services[0].is_part());
        let service = "[[service]]\nid = 'a'\nrepositories = ['acme/shop']\n";
        for (text, expected) in [
            (
                "[[service]]\nid = ' '\nrepositories = ['x']".to_owned(),
                "empty `id`",
            ),
            (format!("{service}{service}"), "two services have the `id` `a`"),
            (
                "[[service]]\nid = 'a'\nrepositories = []".to_owned(),
                "`repositories` of the service `a` is empty",
            ),
            ("[[service]]\nid = 'a'".to_owned(), "missing field `repositories`"),
            (format!("{service}paths = ['a/[']"), "service.0.paths.0"),
            (format!("{service}references = 'v*'"), "service.0.references"),
            (format!("{service}refrences = []"), "did you mean `references`?"),
        ] {
            let error = error(&text);
            assert!(
                error.contains(expected) && error.contains("service"),
                "{text}: {error}"
            );
        }
    }

    #[test]
    fn paths_are_relative_to_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("devmetrics.toml");
        std::fs::write(
            &file,
            "roster = 'teams.toml'\n[[source]]\nkind = 'git'\npath = 'app'\n\
             [[source]]\nkind = 'github'\nprivate_key_file = 'app.pem'\n",
        )
        .unwrap();
        let config = Config::load(Some(&file)).unwrap();
        let [SourceConfig::Git(git), SourceConfig::Github(github)] = config.sources.as_slice() else {
            panic!("{:?}", config.sources);
        };
        assert_eq!(git.path, folder.path().join("app"));
        assert_eq!(github.private_key_file, Some(folder.path().join("app.pem")));
        assert_eq!(config.roster, Some(folder.path().join("teams.toml")));
        assert!(
            config
                .database
                .expose_secret()
                .starts_with(&format!("sqlite:{}", folder.path().display()))
        );
        let missing = config.read_roster().unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::NotFound);
    }
}
