//! What the environment of a function says: names, and no secret.

use std::path::{Path, PathBuf};

use devmetrics_core::{Config, Error, ErrorKind, Result};
use url::Url;

/// How many scopes one message names, where nothing is said: what a worker reads within minutes, once the past is read.
const GROUP_SIZE: usize = 20;

/// What a function goes by.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The configuration, as for the command line; its `database` is used where no secret is named.
    pub config: Config,
    /// The function's name, for metrics.
    pub function: String,
    /// Whether this runs in Lambda, and not on somebody's machine.
    pub in_lambda: bool,
    /// Name or ARN of the secret with the database's URL (`DATABASE_SECRET`).
    pub database_secret: Option<String>,
    /// Name or ARN of the secret with the sources' credentials (`SOURCE_SECRET`).
    pub source_secret: Option<String>,
    /// How the database knows us (`DATABASE_AUTH`).
    pub database_auth: DatabaseAuth,
    /// A file with the certificates, as PEM, of who vouches for the database (`DATABASE_CA_FILE`).
    pub database_ca: Option<PathBuf>,
    /// Where the work is put (`QUEUE_URL`); without one the planner collects itself.
    pub queue_url: Option<String>,
    /// How many scopes one message names (`GROUP_SIZE`).
    pub group_size: usize,
    /// What a gateway puts before every path (`BASE_PATH`), besides its stage; empty for nothing.
    pub base_path: String,
    /// The origins whose pages may ask the API (`CORS_ORIGINS`, separated by commas).
    pub cors: Vec<String>,
}

/// How the database knows us.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DatabaseAuth {
    /// By the password in its secret.
    #[default]
    Password,
    /// By a signature with the function's role, which is good for 15 minutes.
    Iam,
}

impl Settings {
    /// Reads them; `read_env` gives a variable.
    ///
    /// # Errors
    /// `InvalidInput` naming the variable, and as the configuration is wrong.
    pub fn load(read_env: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let read = |name: &str| read_env(name).filter(|value| !value.trim().is_empty());
        let config = match (read("CONFIG_TOML"), read("CONFIG_FILE")) {
            (Some(_), Some(_)) => Err(wrong(
                "CONFIG_FILE",
                "and CONFIG_TOML are two configurations: keep one",
            )),
            (Some(text), None) => Config::from_toml("CONFIG_TOML", &text),
            (None, Some(file)) => Config::load(Some(Path::new(&file))),
            (None, None) => Err(wrong(
                "CONFIG_FILE",
                "or CONFIG_TOML must say what to collect and how",
            )),
        }?;
        let database_auth = match read("DATABASE_AUTH").as_deref() {
            None | Some("password") => DatabaseAuth::Password,
            Some("iam") => DatabaseAuth::Iam,
            Some(_) => return Err(wrong("DATABASE_AUTH", "is `password` or `iam`")),
        };
        let group_size = match read("GROUP_SIZE").map(|text| text.parse()) {
            None => GROUP_SIZE,
            Some(Ok(size @ 1..=500)) => size,
            Some(_) => return Err(wrong("GROUP_SIZE", "is a number of scopes, 1 to 500")),
        };
        let queue_url = read("QUEUE_URL");
        if queue_url.as_ref().is_some_and(|url| Url::parse(url).is_err()) {
            return Err(wrong("QUEUE_URL", "is the address of a queue of SQS"));
        }
        let base_path = read("BASE_PATH")
            .unwrap_or_default()
            .trim_end_matches('/')
            .to_owned();
        if !base_path.is_empty() && !base_path.starts_with('/') {
            return Err(wrong("BASE_PATH", "begins with `/`"));
        }
        let cors = read("CORS_ORIGINS").unwrap_or_default();
        let cors = cors.split(',').map(str::trim).filter(|origin| !origin.is_empty());
        let function = read("AWS_LAMBDA_FUNCTION_NAME");
        Ok(Self {
            config,
            in_lambda: function.is_some() && read("AWS_SAM_LOCAL").as_deref() != Some("true"),
            function: function.unwrap_or_else(|| "local".to_owned()),
            database_secret: read("DATABASE_SECRET"),
            source_secret: read("SOURCE_SECRET"),
            database_auth,
            database_ca: read("DATABASE_CA_FILE").map(PathBuf::from),
            queue_url,
            group_size,
            base_path,
            cors: cors.map(str::to_owned).collect(),
        })
    }
}

fn wrong(name: &'static str, why: &str) -> Error {
    Error::new(
        ErrorKind::InvalidInput,
        format!("the environment variable {name} {why}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(variables: &[(&str, &str)]) -> Result<Settings> {
        Settings::load(&|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_least_is_a_configuration() {
        let settings = load(&[("CONFIG_TOML", "tenant = 'acme'")]).unwrap();
        assert_eq!(settings.config.tenant, "acme");
        assert!(!settings.in_lambda);
        assert_eq!(settings.function, "local");
        assert_eq!((settings.group_size, settings.queue_url), (GROUP_SIZE, None));
    }

    #[test]
    fn everything_is_read() {
        let settings = load(&[
            ("CONFIG_TOML", ""),
            ("AWS_LAMBDA_FUNCTION_NAME", "collector"),
            ("DATABASE_SECRET", "database"),
            ("SOURCE_SECRET", "source"),
            ("DATABASE_AUTH", "iam"),
            ("DATABASE_CA_FILE", "/opt/rds.pem"),
            ("QUEUE_URL", "https://sqs.eu-central-1.amazonaws.com/1/work"),
            ("GROUP_SIZE", "7"),
            ("BASE_PATH", "/metrics/"),
            ("CORS_ORIGINS", "https://a.example, https://b.example"),
        ]);
        // An empty variable is none, so that a template may leave one empty.
        assert!(settings.unwrap_err().message().contains("CONFIG_FILE"));
        let settings = load(&[
            ("CONFIG_TOML", "tenant = 'a'"),
            ("AWS_LAMBDA_FUNCTION_NAME", "collector"),
            ("DATABASE_AUTH", "iam"),
            ("GROUP_SIZE", "7"),
            ("BASE_PATH", "/metrics/"),
            ("CORS_ORIGINS", "https://a.example, https://b.example"),
        ])
        .unwrap();
        assert!(settings.in_lambda);
        assert_eq!(settings.database_auth, DatabaseAuth::Iam);
        assert_eq!(
            (settings.group_size, settings.base_path.as_str()),
            (7, "/metrics")
        );
        assert_eq!(settings.cors, ["https://a.example", "https://b.example"]);
    }

    #[test]
    fn sam_on_a_machine_is_not_lambda() {
        let settings = load(&[
            ("CONFIG_TOML", "tenant = 'a'"),
            ("AWS_LAMBDA_FUNCTION_NAME", "f"),
            ("AWS_SAM_LOCAL", "true"),
        ]);
        assert!(!settings.unwrap().in_lambda);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (name, value) in [
            ("CONFIG_FILE", "also.toml"),
            ("DATABASE_AUTH", "magic"),
            ("GROUP_SIZE", "0"),
            ("GROUP_SIZE", "many"),
            ("QUEUE_URL", "work"),
            ("BASE_PATH", "metrics"),
        ] {
            let error = load(&[("CONFIG_TOML", "tenant = 'a'"), (name, value)]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.message().contains(name), "{error}");
        }
    }
}
