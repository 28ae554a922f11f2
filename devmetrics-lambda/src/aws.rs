//! The clients of AWS, as the function's environment has them.

use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_smithy_http_client::tls;
use devmetrics_core::{Error, ErrorKind, Result};

use crate::{DeadLetters, SecretsManager, SqsQueue};

/// Region, endpoint and credentials, from which clients are made.
#[derive(Clone, Debug)]
pub struct Aws(SdkConfig);

impl Aws {
    /// Reads them from the environment. No connection is made.
    pub async fn load() -> Self {
        let provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(provider)
            .build_https();
        let config = aws_config::defaults(BehaviorVersion::latest()).http_client(http);
        Self(config.load().await)
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
