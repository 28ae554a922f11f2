use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type, TimestampSecondType};
use arrow_schema::{DataType, TimeUnit};
use devmetrics_bindings::{FactPages, Session};
use devmetrics_testkit::builders::day;

use crate::world::world;

async fn rows(session: &Session, arguments: &str) -> usize {
    let mut pages = session.facts(arguments).await.unwrap();
    let mut rows = 0;
    while let Some(batch) = pages.next().await.unwrap() {
        assert_eq!(batch.schema(), FactPages::schema().unwrap());
        rows += batch.num_rows();
    }
    rows
}

#[tokio::test]
async fn every_merged_pull_request_of_the_window_is_a_row() {
    let (session, _) = world().await;
    assert_eq!(
        rows(&session, r#"{"from": "2026-01-01", "to": "2026-04-01"}"#).await,
        89
    );
    assert_eq!(
        rows(&session, r#"{"from": "2026-01-03", "to": "2026-01-05"}"#).await,
        2
    );
    assert_eq!(
        rows(
            &session,
            r#"{"from": "2026-01-01", "to": "2026-04-01", "team": "api"}"#
        )
        .await,
        29
    );
    assert_eq!(
        rows(&session, r#"{"from": "2026-04-01", "to": "2026-04-11"}"#).await,
        0
    );
    assert_eq!(
        rows(
            &session,
            r#"{"from": "2026-04-01", "to": "2026-04-11", "open": true}"#
        )
        .await,
        1
    );
}

#[tokio::test]
async fn columns_tell_what_samples_do() {
    let (session, _) = world().await;
    let mut pages = session
        .facts(r#"{"from": "2026-01-03", "to": "2026-01-05"}"#)
        .await
        .unwrap();
    let batch = pages.next().await.unwrap().unwrap();
    let column = |name: &str| batch.column_by_name(name).unwrap();
    let instant = DataType::Timestamp(TimeUnit::Second, Some("UTC".into()));
    assert_eq!(column("merged_at").data_type(), &instant);
    let merged = column("merged_at").as_primitive::<TimestampSecondType>();
    let expected = [day(2), day(3)].map(|at| at.timestamp());
    assert_eq!(merged.values(), &expected);
    let authors = column("author").as_dictionary::<Int32Type>();
    let words = authors.values().as_string::<i32>();
    let author = |row: usize| words.value(authors.key(row).unwrap());
    assert_eq!([author(0), author(1)], ["ada", "grace"]);
    assert_eq!(column("additions").as_primitive::<Int64Type>().value(0), 10);
    assert_eq!(column("comments").null_count(), 2);
}

#[tokio::test]
async fn facts_refuse_what_they_do_not_know() {
    let (session, _) = world().await;
    let error = session.facts(r#"{"opn": true}"#).await.unwrap_err();
    assert!(error.message().contains("did you mean `open`?"), "{error}");
}
