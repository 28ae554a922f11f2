//! Spans for a collector of OpenTelemetry: by OTLP, as protobuf over plain HTTP, with the variables that its specification names
//! (`OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_SERVICE_NAME`, `OTEL_BSP_SCHEDULE_DELAY` and so on).
//!
//! Without TLS: a collector stands beside the program, and carries what it takes to other places.

use std::time::Duration;

use async_trait::async_trait;
use devmetrics_core::{Error, ErrorKind, Result};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::runtime::Handle;
use tracing_subscriber::{EnvFilter, Layer};

use crate::logging::BoxedLayer;

/// What turns the export on.
const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
/// Whose spans are exported: not those of the export.
const OURS: &str = "off,devmetrics_core=info,devmetrics_server=info,devmetrics=info";
/// How long an export may take, and how long a collector's answer may be, in bytes.
const TIME: Duration = Duration::from_secs(10);
const LONGEST: usize = 64 * 1024;

/// An export that runs.
#[derive(Debug)]
pub(crate) struct Traces {
    provider: SdkTracerProvider,
}

impl Traces {
    /// Begins the export, if the environment names a collector.
    pub(crate) fn start(runtime: &Handle) -> Result<Option<Self>> {
        let Some(endpoint) = std::env::var_os(ENDPOINT).filter(|endpoint| !endpoint.is_empty()) else {
            return Ok(None);
        };
        let wrong = |message: &str| Error::new(ErrorKind::InvalidInput, message).with("variable", ENDPOINT);
        if !endpoint.to_str().is_some_and(|text| text.starts_with("http://")) {
            return Err(wrong(
                "spans are sent to a collector over plain HTTP: write `http://localhost:4318`",
            ));
        }
        let client = Sender {
            runtime: runtime.clone(),
            client: Client::builder(TokioExecutor::new()).build_http(),
        };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(client)
            .build();
        let exporter = exporter.map_err(|error| wrong("spans cannot be sent there").caused_by(error))?;
        let mut resource = Resource::builder();
        if std::env::var_os("OTEL_SERVICE_NAME").is_none() {
            resource = resource.with_service_name("devmetrics");
        }
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource.build())
            .build();
        Ok(Some(Self { provider }))
    }

    /// What takes the spans.
    pub(crate) fn layer(&self) -> BoxedLayer {
        let tracer = self.provider.tracer("devmetrics");
        tracing_opentelemetry::layer()
            .with_tracer(tracer)
            .with_filter(EnvFilter::new(OURS))
            .boxed()
    }

    /// Sends what was not sent yet. A collector that is away is no failure of what the program was asked for.
    pub(crate) fn end(self) {
        if let Err(error) = self.provider.shutdown() {
            tracing::warn!(error = %error, "the last spans did not reach the collector");
        }
    }
}

/// Sends by the program's runtime, on whose threads the exporter itself does not run.
#[derive(Debug)]
struct Sender {
    runtime: Handle,
    client: Client<HttpConnector, Full<Bytes>>,
}

#[async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> std::result::Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let sent = async move {
            let (head, body) = client.request(request.map(Full::new)).await?.into_parts();
            let body = Limited::new(body, LONGEST).collect().await?.to_bytes();
            Ok::<_, HttpError>(Response::from_parts(head, body))
        };
        self.runtime
            .spawn(async move { tokio::time::timeout(TIME, sent).await? })
            .await?
    }
}
