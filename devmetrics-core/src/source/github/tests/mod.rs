use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeZone, Utc};
use serde_json::Value;

use super::*;
use crate::ManualClock;

mod access;
mod classify;
mod client;
mod device;
mod governor;
mod options;
mod transport;

/// Monday, 2 November 2026, 12:00 UTC.
fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 2, 12, 0, 0).unwrap()
}

const NOON: &str = "Mon, 02 Nov 2026 12:00:00 GMT";

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(noon()))
}

fn response(status: u16, headers: &[(&str, &str)], body: impl ToString) -> HttpResponse {
    let headers = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    HttpResponse {
        status,
        headers: headers.collect(),
        body: body.to_string().into_bytes(),
        elapsed: Duration::from_millis(100),
    }
}

/// A transport that gives what it was told to, in order, and keeps what it was asked.
#[derive(Debug, Default)]
struct Script {
    replies: Mutex<VecDeque<Result<HttpResponse, TransportError>>>,
    asked: Mutex<Vec<HttpRequest>>,
    refreshed: Mutex<u32>,
}

impl Script {
    fn of(replies: impl IntoIterator<Item = Result<HttpResponse, TransportError>>) -> Arc<Self> {
        Arc::new(Self {
            replies: Mutex::new(replies.into_iter().collect()),
            ..Self::default()
        })
    }

    fn paths(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked.iter().map(|request| request.path.clone()).collect()
    }

    fn body(&self, index: usize) -> Value {
        let asked = self.asked.lock().unwrap();
        serde_json::from_slice(asked[index].body.as_ref().unwrap()).unwrap()
    }
}

#[async_trait]
impl HttpSend for Script {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        self.asked.lock().unwrap().push(request);
        self.replies
            .lock()
            .unwrap()
            .pop_front()
            .expect("the script has ended")
    }

    async fn refresh(&self) -> Result<bool, TransportError> {
        *self.refreshed.lock().unwrap() += 1;
        Ok(true)
    }
}

fn failure(kind: TransportErrorKind, before_bytes: bool) -> TransportError {
    TransportError {
        kind,
        before_bytes,
        message: "as scripted".to_owned(),
    }
}
