//! The forms of answers.

use arrow_ipc::reader::StreamReader;

use crate::world::World;

on_both_databases! {
    answers_come_as_csv,
    answers_come_as_arrow,
    every_list_has_every_form,
}

const WEEKS: &str = "/metrics/team/web/velocity?from=2026-01-05&to=2026-03-02&bucket=week&zone=UTC";

async fn answers_come_as_csv(world: World) {
    let got = world.get("reader", &format!("{WEEKS}&format=csv")).await;
    assert_eq!(got.header("content-type"), "text/csv; charset=utf-8");
    let mut rows = csv::Reader::from_reader(got.body.as_slice());
    assert_eq!(
        rows.headers().unwrap().iter().take(8).collect::<Vec<_>>(),
        [
            "metric",
            "definition",
            "unit",
            "scope",
            "id",
            "bucket",
            "from",
            "to"
        ]
    );
    let rows: Vec<_> = rows.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 1 + 8);
    assert_eq!(
        rows[1].iter().skip(3).take(5).collect::<Vec<_>>(),
        [
            "team",
            "web",
            "2026-W02",
            "2026-01-05T00:00:00Z",
            "2026-01-12T00:00:00Z"
        ]
    );
    let by_header = world.get_with("reader", WEEKS, "accept", "text/csv").await;
    assert_eq!(by_header.body, got.body);

    // What has commas, quotes and lines in it stays in its cell.
    let got = world
        .get("reader", "/pull-requests?from=2026-01-01&limit=3&format=csv")
        .await;
    let mut rows = csv::Reader::from_reader(got.body.as_slice());
    let titles: Vec<String> = rows.records().map(|row| row.unwrap()[3].to_owned()).collect();
    assert_eq!(
        titles,
        [
            "Change 89, of \"all\"",
            "Change 88, of \"all\"",
            "Change 87, of \"all\""
        ]
    );
    assert!(got.header("x-next-cursor").contains("git:pr:0087"));
}

async fn answers_come_as_arrow(world: World) {
    let got = world
        .get_with("reader", WEEKS, "accept", "application/vnd.apache.arrow.stream")
        .await;
    assert_eq!(got.header("content-type"), "application/vnd.apache.arrow.stream");
    let reader = StreamReader::try_new(got.body.as_slice(), None).unwrap();
    let batches: Vec<_> = reader.map(Result::unwrap).collect();
    assert_eq!(batches.iter().map(|batch| batch.num_rows()).sum::<usize>(), 1 + 8);
    let schema = batches[0].schema();
    let kind = |name: &str| schema.field_with_name(name).unwrap().data_type().to_string();
    assert_eq!(kind("value"), "Float64");
    assert_eq!(kind("n"), "Int64");
    assert_eq!(kind("from"), "Timestamp(s, \"UTC\")");
    let nothing = world
        .get("reader", "/incidents?from=2020-01-01&to=2020-02-01&format=arrow")
        .await;
    let reader = StreamReader::try_new(nothing.body.as_slice(), None).unwrap();
    assert_eq!(reader.schema().fields().len(), 10);
}

async fn every_list_has_every_form(world: World) {
    for path in [
        "/teams",
        "/teams/web/members",
        "/repositories",
        "/pull-requests",
        "/deployments",
        "/incidents",
        "/metrics/all/velocity",
        "/metrics/all/velocity/evidence",
    ] {
        let count = |body: &[u8]| {
            csv::Reader::from_reader(body)
                .records()
                .map(Result::unwrap)
                .count()
        };
        let rows = count(&world.get("reader", &format!("{path}?format=csv")).await.body);
        let arrow = world.get("reader", &format!("{path}?format=arrow")).await;
        let reader = StreamReader::try_new(arrow.body.as_slice(), None).unwrap();
        assert_eq!(
            reader.map(|batch| batch.unwrap().num_rows()).sum::<usize>(),
            rows,
            "{path}"
        );
        assert!(rows > 0, "{path}");
    }
}

#[tokio::test]
async fn a_form_that_an_answer_does_not_have_is_refused() {
    let world = World::new().await;
    let refused = world.get_with("reader", WEEKS, "accept", "image/png").await;
    refused.problem(406, "not-acceptable");
    let refused = world.get_with("reader", "/catalog", "accept", "text/csv").await;
    refused.problem(406, "not-acceptable");
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    world.get_with("reader", WEEKS, "accept", browser).await.ok();
}

#[tokio::test]
async fn answers_are_packed_for_who_can_unpack_them() {
    let world = World::new().await;
    for (accepted, packed) in [
        ("gzip", Some("gzip")),
        ("zstd", Some("zstd")),
        ("br", None),
        ("identity", None),
    ] {
        let got = world.get_with("reader", WEEKS, "accept-encoding", accepted).await;
        assert_eq!(got.status, 200);
        let found = got
            .headers
            .get("content-encoding")
            .map(|value| value.to_str().unwrap());
        assert_eq!(found, packed, "{accepted}");
        assert!(
            got.headers
                .get_all("vary")
                .iter()
                .any(|value| value.to_str().unwrap().contains("accept"))
        );
    }
}

#[tokio::test]
async fn pages_of_named_origins_may_ask_and_no_others() {
    let world = World::new().await;
    let mut asked = world.request("anonymous", axum::http::Method::OPTIONS, WEEKS);
    for (name, value) in [
        ("origin", "https://dashboard.example.com"),
        ("access-control-request-method", "GET"),
        ("access-control-request-headers", "authorization"),
    ] {
        asked.headers_mut().insert(name, value.parse().unwrap());
    }
    let got = world.send(asked).await;
    assert_eq!(got.status, 200);
    assert_eq!(
        got.header("access-control-allow-origin"),
        "https://dashboard.example.com"
    );
    assert!(
        got.header("access-control-allow-headers")
            .contains("authorization")
    );
    let other = world
        .get_with("reader", WEEKS, "origin", "https://evil.example")
        .await;
    assert!(other.headers.get("access-control-allow-origin").is_none());
}

#[tokio::test]
async fn the_page_of_the_documentation_needs_nothing_from_elsewhere() {
    let world = World::new().await;
    let got = world.get("anonymous", "/docs").await;
    assert_eq!(got.status, 200);
    let page = String::from_utf8(got.body.clone()).unwrap();
    assert!(
        !page.contains("http://") && !page.contains("https://") && !page.contains("src="),
        "{page}"
    );
    assert!(
        got.header("content-security-policy")
            .contains("default-src 'none'")
    );
    let api = world.get("anonymous", "/openapi.json").await.ok();
    assert_eq!(api["openapi"], "3.1.0");
}

#[tokio::test]
async fn the_counters_are_for_prometheus() {
    let world = World::new().await;
    world.get("reader", WEEKS).await.ok();
    world
        .get("anonymous", WEEKS)
        .await
        .problem(401, "unauthenticated");
    let got = world.get("admin", "/metrics").await;
    let text = String::from_utf8(got.body).unwrap();
    for line in [
        "devmetrics_http_requests_total{method=\"GET\",route=\"/metrics/team/{team_id}/velocity\",status=\"200\"} 1",
        "devmetrics_http_requests_total{method=\"GET\",route=\"/metrics/team/{team_id}/velocity\",status=\"401\"} 1",
        "devmetrics_http_request_duration_seconds_count{route=\"/metrics/team/{team_id}/velocity\"} 2",
        "# EOF",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
}
