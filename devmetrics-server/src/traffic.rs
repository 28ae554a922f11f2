//! How the server itself goes, for Prometheus.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Upper ends of the buckets of durations, in seconds.
const BUCKETS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5, 10.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    method: &'static str,
    /// The route, and not the path: of paths there are endlessly many.
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct How {
    how: &'static str,
}

/// Counts requests.
#[derive(Debug)]
pub(crate) struct Traffic {
    registry: Registry,
    requests: Family<Request, Counter>,
    durations: Family<Route, Histogram, fn() -> Histogram>,
    spared: Family<How, Counter>,
    /// Requests that are being answered.
    pub(crate) in_flight: Gauge,
}

impl Default for Traffic {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("devmetrics");
        let requests = Family::default();
        registry.register("http_requests", "Requests that were answered", requests.clone());
        let durations = Family::new_with_constructor((|| Histogram::new(BUCKETS)) as fn() -> Histogram);
        registry.register(
            "http_request_duration_seconds",
            "How long requests took",
            durations.clone(),
        );
        let spared = Family::default();
        registry.register(
            "http_answers_spared",
            "Answers for which nothing was computed",
            spared.clone(),
        );
        let in_flight = Gauge::default();
        registry.register(
            "http_requests_in_flight",
            "Requests that are being answered",
            in_flight.clone(),
        );
        Self {
            registry,
            requests,
            durations,
            spared,
            in_flight,
        }
    }
}

impl Traffic {
    /// Counts an answer.
    pub(crate) fn answered(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        let route = route.to_owned();
        self.durations
            .get_or_create(&Route { route: route.clone() })
            .observe(took.as_secs_f64());
        self.requests
            .get_or_create(&Request {
                method,
                route,
                status,
            })
            .inc();
    }

    /// Counts an answer for which nothing was computed.
    pub(crate) fn spared(&self, how: &'static str) {
        self.spared.get_or_create(&How { how }).inc();
    }

    /// What was counted, in the format of OpenMetrics.
    pub(crate) fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
