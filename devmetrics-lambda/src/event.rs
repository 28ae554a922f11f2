//! Which event a collector is given.

use aws_lambda_events::eventbridge::EventBridgeEvent;
use aws_lambda_events::sqs::SqsEvent;
use chrono::{DateTime, Utc};
use devmetrics_core::{Error, ErrorKind, Result};
use serde::Deserialize;
use serde_json::Value;

/// An event of a collector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The schedule's instant has come: an event of EventBridge or its Scheduler, or `{"slot": "…"}`.
    Schedule {
        /// The instant; `None` for `{}`, as from somebody who tries it out: now.
        slot: Option<DateTime<Utc>>,
    },
    /// Messages of the queue.
    Queue(SqsEvent),
}

impl Event {
    /// Tells which event this is.
    ///
    /// # Errors
    /// `InvalidInput` for one that a collector does not know.
    pub fn read(event: Value) -> Result<Self> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Slot {
            slot: Option<DateTime<Utc>>,
        }
        let unknown = || {
            let message =
                "a collector takes events of a schedule (`{\"slot\": \"2026-01-01T04:00:00Z\"}`) and of SQS";
            Error::new(ErrorKind::InvalidInput, message)
        };
        if let Some(records) = event.get("Records").and_then(Value::as_array) {
            if records.iter().any(|record| record["eventSource"] != "aws:sqs") {
                return Err(unknown());
            }
            let event = serde_json::from_value(event).map_err(|error| unknown().caused_by(error))?;
            return Ok(Self::Queue(event));
        }
        if event.get("detail-type").is_some() {
            let event: EventBridgeEvent =
                serde_json::from_value(event).map_err(|error| unknown().caused_by(error))?;
            return match (event.detail_type.as_str(), event.time) {
                ("Scheduled Event", Some(slot)) => Ok(Self::Schedule { slot: Some(slot) }),
                _ => Err(unknown()),
            };
        }
        let Slot { slot } = serde_json::from_value(event).map_err(|error| unknown().caused_by(error))?;
        Ok(Self::Schedule { slot })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn instant(text: &str) -> Option<DateTime<Utc>> {
        Some(text.parse().unwrap())
    }

    /// As AWS writes them, but for the numbers of the account.
    #[test]
    fn schedules_are_told_in_three_ways() {
        let rule = json!({"version": "0", "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa", "detail-type": "Scheduled Event",
            "source": "aws.events", "account": "123456789012", "time": "2026-01-01T04:00:00Z", "region": "eu-central-1",
            "resources": ["arn:aws:events:eu-central-1:123456789012:rule/collect"], "detail": {}});
        // The Scheduler's own form has its `detail` as a text.
        let mut scheduler = rule.clone();
        scheduler["source"] = json!("aws.scheduler");
        scheduler["detail"] = json!("{}");
        for event in [rule, scheduler, json!({"slot": "2026-01-01T04:00:00Z"})] {
            let slot = instant("2026-01-01T04:00:00Z");
            assert_eq!(Event::read(event).unwrap(), Event::Schedule { slot });
        }
        assert_eq!(Event::read(json!({})).unwrap(), Event::Schedule { slot: None });
    }

    #[test]
    fn messages_come_in_records() {
        let event = json!({"Records": [{"messageId": "m1", "receiptHandle": "h", "body": "{}",
            "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1767225600000"}, "messageAttributes": {},
            "md5OfBody": "99914b932bd37a50b983c5e7c90ae93b", "eventSource": "aws:sqs", "awsRegion": "eu-central-1",
            "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:work"}]});
        let Event::Queue(event) = Event::read(event).unwrap() else {
            panic!("an event of SQS is of the queue");
        };
        assert_eq!(event.records[0].message_id.as_deref(), Some("m1"));
        assert_eq!(event.records[0].body.as_deref(), Some("{}"));
    }

    #[test]
    fn others_are_refused() {
        for event in [
            json!({"Records": [{"eventSource": "aws:s3"}]}),
            json!({"detail-type": "EC2 Instance State-change Notification", "source": "aws.ec2", "detail": {},
                "time": "2026-01-01T04:00:00Z"}),
            json!({"detail-type": "Scheduled Event", "source": "aws.events", "detail": {}}),
            json!({"slot": "tomorrow"}),
            json!({"solt": "2026-01-01T04:00:00Z"}),
            json!("collect"),
        ] {
            let error = Event::read(event.clone()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{event}");
        }
    }
}
