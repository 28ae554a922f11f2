//! Answers that are none, too late, cut off, or of which a part is missing.

use chrono::TimeDelta;
use devmetrics_core::ErrorKind;
use devmetrics_core::engine::Outcome;
use devmetrics_core::store::MetricsStore;
use fake_github::{Fault, When};

use super::stage::{DEGRADED, Stage, failures};

/// The rows asked for of a repository whose pages are read alone, page by page.
fn rows(stage: &Stage) -> Vec<(u64, bool)> {
    let asked = stage.asked("PullRequests");
    asked
        .iter()
        .map(|record| {
            (
                record.variables["n0"].as_u64().unwrap(),
                !record.faults.is_empty(),
            )
        })
        .collect()
}

#[tokio::test]
async fn gateway_errors_and_time_outs() {
    for fault in [Fault::BadGateway, Fault::GatewayTimeout, Fault::Hang] {
        let stage = Stage::new();
        let name = fault.name();
        stage.github.world().delete_repository(stage.web);
        stage
            .github
            .inject(fault, When::next(3).operation("PullRequests"));
        stage.passes(3).await;
        let rows = rows(&stage);
        assert_eq!(
            rows[..4],
            [(25, true), (12, true), (6, true), (3, false)],
            "{name}: the same place, in smaller pages"
        );
        assert!(rows[4].0 > 3, "{name}: and in larger ones again: {rows:?}");
        let places: Vec<_> = stage.asked("PullRequests");
        assert!(
            places[..4]
                .iter()
                .all(|place| place.variables["a0"] == places[0].variables["a0"])
        );
        stage.heals().await;
    }
}

#[tokio::test]
async fn resource_limits_and_null_nodes() {
    let stage = Stage::new();
    stage.github.world().delete_repository(stage.web);
    stage
        .github
        .inject(Fault::ResourceLimits, When::next(2).operation("PullRequests"));
    stage.passes(2).await;
    assert_eq!(
        rows(&stage)[..3],
        [(25, true), (12, true), (6, false)],
        "the page is discarded"
    );
    stage.heals().await;
}

#[tokio::test]
async fn not_found_on_one_id() {
    let stage = Stage::read().await;
    let before = stage.kept().await.len();
    let node_id = stage.web.node_id();
    stage
        .github
        .inject(Fault::MissingNode { node_id }, When::always());
    let report = stage.sync().await;
    assert_eq!(report.outcome, DEGRADED);
    assert!(
        failures(&report)
            .iter()
            .all(|(_, kind)| *kind == ErrorKind::NotFound),
        "{:?}",
        report.failures
    );
    let scope = format!(
        "github:repo:{}",
        stage.github.world().repository(stage.web).database_id
    );
    assert!(
        report
            .failures
            .iter()
            .all(|failure| failure.feed.as_ref().unwrap().scope == scope),
        "that repository only"
    );
    assert!(stage.log().len() < 20, "{} requests", stage.log().len());
    let lost = stage.differences().await;
    assert!(lost.iter().all(|line| line.starts_with(&scope)), "{lost:?}");
    assert_eq!(stage.kept().await.len(), before);
    stage.misses_nothing().await;
    stage.heals().await;
}

#[tokio::test]
async fn transient_404() {
    let stage = Stage::read().await;
    stage
        .github
        .inject(Fault::NotFound, When::once().operation("PullRequests"));
    stage.passes(1).await;
    stage.misses_nothing().await;
    stage.heals().await;

    // One that lasts is asked about twice alone.
    let stage = Stage::read().await;
    let of_web = When::always()
        .operation("PullRequests")
        .mentioning(&stage.web.node_id());
    stage.github.inject(Fault::NotFound, of_web);
    let report = stage.sync().await;
    assert_eq!(
        failures(&report),
        [("pull_requests".to_owned(), ErrorKind::NotFound)]
    );
    let struck = stage
        .log()
        .iter()
        .filter(|record| !record.faults.is_empty())
        .count();
    assert!(struck <= 3, "{struck}");
    stage.heals().await;
}

#[tokio::test]
async fn errors_beside_complete_data() {
    for operation in ["PullRequests", "Probe", "Repositories"] {
        let stage = Stage::read().await;
        stage
            .github
            .inject(Fault::ErrorBesideData, When::always().operation(operation));
        let report = stage.passes(9).await;
        assert_eq!(report.quarantined(), 0, "{operation}");
        stage.misses_nothing().await;
        stage.heals().await;
    }
}

#[tokio::test]
async fn something_went_wrong() {
    passes_or_ends(Fault::SomethingWentWrong).await;
}

#[tokio::test]
async fn truncated_empty_or_html_body() {
    for fault in [Fault::TruncatedBody, Fault::EmptyBody, Fault::HtmlBody] {
        passes_or_ends(fault).await;
    }
}

/// A fault that passes costs one request; one that lasts is tried three times more, and nothing is lost.
async fn passes_or_ends(fault: Fault) {
    let name = fault.name();
    for operation in [
        "Repositories",
        "Probe",
        "PullRequests",
        "Teams",
        "Deployments",
        "Releases",
        "Issues",
    ] {
        let stage = Stage::read().await;
        stage
            .github
            .inject(fault.clone(), When::once().operation(operation));
        stage.passes(1).await;
    }
    let stage = Stage::read().await;
    stage
        .github
        .inject(fault, When::always().operation("PullRequests"));
    let before = stage.store.repositories().await.unwrap();
    let report = stage.sync().await;
    assert_eq!(report.outcome, DEGRADED, "{name}");
    assert!(
        failures(&report)
            .iter()
            .all(|(_, kind)| *kind == ErrorKind::Unavailable),
        "{name}"
    );
    let tries = stage.asked("PullRequests").len();
    assert!((4..=2 * 4).contains(&tries), "{name}: {tries} tries");
    assert_eq!(stage.store.repositories().await.unwrap().len(), before.len());
    stage.heals().await;
}

#[tokio::test]
async fn cursor_refused() {
    let stage = Stage::read().await;
    stage
        .github
        .inject(Fault::InvalidCursor, When::next(2).operation("PullRequests"));
    let report = stage.passes(2).await;
    assert!(
        report.usage.requests < 25,
        "{}: what was read is not read again",
        report.usage.requests
    );
    stage.heals().await;
}

#[tokio::test]
async fn every_cursor_refused() {
    let stage = Stage::read().await;
    stage
        .github
        .inject(Fault::InvalidCursor, When::always().operation("PullRequests"));
    let report = stage.sync().await;
    assert_eq!(report.outcome, DEGRADED);
    assert!(
        failures(&report).contains(&("pull_requests".into(), ErrorKind::Corrupt)),
        "{:?}",
        report.failures
    );
    assert!(
        report.usage.requests < 60,
        "{}: it is given up",
        report.usage.requests
    );
    stage.heals().await;
}

#[tokio::test]
async fn node_limit_and_undefined_field() {
    let stage = Stage::read().await;
    stage
        .github
        .inject(Fault::MaxNodeLimit, When::always().operation("PullRequests"));
    let report = stage.sync().await;
    assert_eq!(report.outcome, DEGRADED);
    assert!(
        failures(&report)
            .iter()
            .all(|failure| *failure == ("pull_requests".into(), ErrorKind::Unsupported))
    );
    assert_eq!(
        stage.asked("PullRequests").len(),
        report.failures.len(),
        "each is asked once"
    );
    stage.heals().await;

    // A field that an old server does not know is left out from then on.
    let stage = Stage::new();
    stage.github.configure(|settings| {
        let field = ("PullRequest".to_owned(), "url".to_owned());
        settings.removed_fields.push(field);
    });
    let report = stage.sync().await;
    assert_eq!(report.outcome, Outcome::Complete, "{:?}", report.failures);
    stage.heals().await;
}

#[tokio::test]
async fn gone_410() {
    // The interface is gone: said, and not asked again.
    let stage = Stage::read().await;
    let before = stage.kept().await;
    stage.github.inject(Fault::Gone, When::always());
    let report = stage.sync().await;
    assert_eq!(report.outcome, DEGRADED);
    assert_eq!(stage.log().len(), 1);
    assert!(report.failures[0].message.contains("removed"), "{report:?}");
    assert_eq!(stage.kept().await, before);
    stage.heals().await;
}

#[tokio::test]
async fn unavailable_451() {
    let stage = Stage::read().await;
    let node = stage.web.node_id();
    let lists = When::always().operation("PullRequests").mentioning(&node);
    stage.github.inject(Fault::UnavailableForLegalReasons, lists);
    let report = stage.sync().await;
    assert_eq!(
        failures(&report),
        [("pull_requests".to_owned(), ErrorKind::NotFound)]
    );
    assert!(report.failures[0].message.contains("legal"), "{report:?}");
    let struck = stage
        .log()
        .iter()
        .filter(|record| !record.faults.is_empty())
        .count();
    assert!(struck <= 2, "{struck}: it is not asked again");
    stage.misses_nothing().await;
    stage.heals().await;
}

#[tokio::test]
async fn stale_sockets() {
    let stage = Stage::read().await;
    stage.github.inject(Fault::ConnectionReset, When::once());
    let before = stage.now();
    stage.passes(1).await;
    let log = stage.log();
    assert_eq!(log[0].faults, ["connection reset"]);
    assert!(log[1].at - before <= TimeDelta::seconds(1), "at once");
    stage.heals().await;
}

#[tokio::test]
async fn dns_tls_or_proxy() {
    let stage = Stage::read().await;
    let before = stage.kept().await;
    stage.github.inject(Fault::ConnectionReset, When::always());
    let report = stage.sync().await;
    assert_eq!(report.outcome, DEGRADED);
    assert_eq!(failures(&report), [("source".to_owned(), ErrorKind::Unavailable)]);
    // Each of four tries is made on a new connection too; between them 0.5, 2 and 8 s pass, in whole seconds.
    assert_eq!(stage.log().len(), 8);
    let log = stage.log();
    let waits: Vec<_> = [1, 3, 5]
        .map(|n| (log[n + 1].at - log[n].at).num_seconds())
        .into();
    assert!(
        (1..=2).contains(&waits[0]) && (2..=3).contains(&waits[1]) && (8..=9).contains(&waits[2]),
        "{waits:?}"
    );
    assert_eq!(stage.kept().await, before);
    stage.heals().await;
}
