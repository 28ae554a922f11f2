use async_trait::async_trait;
use devmetrics_core::source::github::{HttpRequest, HttpResponse, HttpSend, TransportError};
use devmetrics_testbed::github::FakeTransport;

use crate::KillSwitch;

/// Carries requests to a fake GitHub, until the kill switch strikes: that request reaches GitHub, and never returns.
#[derive(Debug)]
pub struct Wire {
    inner: FakeTransport,
    kill: KillSwitch,
}

impl Wire {
    /// `inner`, cut by `kill`.
    pub fn new(inner: FakeTransport, kill: KillSwitch) -> Self {
        Self { inner, kill }
    }
}

#[async_trait]
impl HttpSend for Wire {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        // While a request is under way, others work.
        tokio::task::yield_now().await;
        let response = self.inner.send(request).await;
        if self.kill.strikes() {
            return std::future::pending().await;
        }
        response
    }

    async fn refresh(&self) -> Result<bool, TransportError> {
        self.inner.refresh().await
    }
}
