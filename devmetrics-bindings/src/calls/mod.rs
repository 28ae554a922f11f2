//! What can be called, by name.

mod collection;
mod facts;
mod metrics;

use devmetrics_core::Result;
use futures::future::BoxFuture;

use crate::arguments::Arguments;
use crate::{Session, Told};

/// A call, ready to be run.
type Run = for<'a> fn(&'a Session, Arguments) -> BoxFuture<'a, Result<Told>>;

/// Every call, in alphabetical order.
pub(crate) const CALLS: &[(&str, Run)] = &[
    ("anomalies", |session, arguments| {
        Box::pin(metrics::anomalies(session, arguments))
    }),
    ("compare", |session, arguments| {
        Box::pin(metrics::compare(session, arguments))
    }),
    ("deployments", |session, arguments| {
        Box::pin(facts::deployments(session, arguments))
    }),
    ("explain", |session, arguments| {
        Box::pin(metrics::explain(session, arguments))
    }),
    ("forecast", |session, arguments| {
        Box::pin(metrics::forecast(session, arguments))
    }),
    ("goals", |session, arguments| {
        Box::pin(metrics::goals(session, arguments))
    }),
    ("import_deployments", |session, arguments| {
        Box::pin(collection::import_deployments(session, arguments))
    }),
    ("import_incidents", |session, arguments| {
        Box::pin(collection::import_incidents(session, arguments))
    }),
    ("incidents", |session, arguments| {
        Box::pin(facts::incidents(session, arguments))
    }),
    ("match_coverage", |session, arguments| {
        Box::pin(collection::match_coverage(session, arguments))
    }),
    ("members", |session, arguments| {
        Box::pin(facts::members(session, arguments))
    }),
    ("metrics", |session, arguments| {
        Box::pin(metrics::metrics(session, arguments))
    }),
    ("pull_requests", |session, arguments| {
        Box::pin(facts::pull_requests(session, arguments))
    }),
    ("quality", |session, arguments| {
        Box::pin(collection::quality(session, arguments))
    }),
    ("report", |session, arguments| {
        Box::pin(metrics::report(session, arguments))
    }),
    ("repositories", |session, arguments| {
        Box::pin(facts::repositories(session, arguments))
    }),
    ("status", |session, arguments| {
        Box::pin(collection::status(session, arguments))
    }),
    ("teams", |session, arguments| {
        Box::pin(facts::teams(session, arguments))
    }),
    ("trend", |session, arguments| {
        Box::pin(metrics::trend(session, arguments))
    }),
];
