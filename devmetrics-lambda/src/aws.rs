//! The clients of AWS, as the function's environment has them.

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sdk_sqs::config::SharedHttpClient;
use aws_smithy_http_client::tls;
use devmetrics_core::{Error, ErrorKind, Result};

use crate::{DeadLetters, SecretsManager, SqsQueue};

/// Region, endpoint and credentials, from which clients are made.
#[derive(Clone, Debug)]
pub struct Aws(SdkConfig);

impl Aws {
    /// Finds them wherever the tools of AWS keep them: variables, profiles, the machine's role. No connection is made.
    pub async fn load() -> Self {
        let config = aws_config::defaults(BehaviorVersion::latest()).http_client(https());
        Self(config.load().await)
    }

    /// Those that a function is given as variables: to look no further takes a smaller program, and less time.
    /// [Source](https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime)
    pub fn of_function(read_env: &dyn Fn(&str) -> Option<String>) -> Self {
        let credentials = EnvironmentVariableCredentialsProvider::new();
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(https())
            .credentials_provider(SharedCredentialsProvider::new(credentials));
        config.set_region(read_env("AWS_REGION").map(Region::new));
        config.set_endpoint_url(read_env("AWS_ENDPOINT_URL"));
        Self(config.build())
    }

    /// What these clients are made from, where it is known already.
    pub fn new(config: SdkConfig) -> Self {
        Self(config)
    }

    /// The secrets that the role may read.
    pub fn secrets(&self) -> SecretsManager {
        SecretsManager::new(aws_sdk_secretsmanager::Client::new(&self.0))
    }

    /// The queue at `url`.
    pub fn queue(&self, url: &str) -> SqsQueue {
        SqsQueue::new(aws_sdk_sqs::Client::new(&self.0), url)
    }

    /// What failed too often of the queue at `url`.
    ///
    /// # Errors
    /// `NotFound` when there is no such queue or it has no dead-letter queue; `Unavailable` when SQS does not answer.
    pub async fn dead_letters(&self, url: &str) -> Result<DeadLetters> {
        DeadLetters::of(aws_sdk_sqs::Client::new(&self.0), url).await
    }

    /// Region and present credentials of the role, to sign with.
    ///
    /// # Errors
    /// `InvalidInput` without a region; `Unavailable` without credentials.
    pub(crate) async fn signer(&self) -> Result<(String, Credentials)> {
        let region = self.0.region().map(ToString::to_string).ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidInput,
                "the environment variable AWS_REGION is not set",
            )
        })?;
        let unavailable = || {
            Error::new(
                ErrorKind::Unavailable,
                "the function's role has no credentials just now",
            )
        };
        let provider = self.0.credentials_provider().ok_or_else(unavailable)?;
        match provider.provide_credentials().await {
            Ok(credentials) => Ok((region, credentials)),
            Err(error) => Err(unavailable().caused_by(error)),
        }
    }
}

fn https() -> SharedHttpClient {
    let provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
    aws_smithy_http_client::Builder::new()
        .tls_provider(provider)
        .build_https()
}
