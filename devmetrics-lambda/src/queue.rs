//! Where work waits.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_sqs::error::DisplayErrorContext;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use devmetrics_core::{Error, ErrorKind, Result};

use crate::Message;

/// The longest that a queue keeps a message back.
pub const LONGEST_DELAY: Duration = Duration::from_secs(15 * 60);

/// How many messages go with one request to SQS.
pub(crate) const BATCH: usize = 10;

/// A queue of messages, each delivered at least once, in any order.
#[async_trait]
pub trait Queue: Debug + Send + Sync + 'static {
    /// Puts messages on the queue, kept back for `delay` (at most [`LONGEST_DELAY`]).
    ///
    /// # Errors
    /// `Unavailable` when not all of them are on it; some may be.
    async fn send(&self, messages: &[Message], delay: Duration) -> Result<()>;
}

/// A queue of SQS.
#[derive(Clone, Debug)]
pub struct SqsQueue {
    client: aws_sdk_sqs::Client,
    url: String,
}

impl SqsQueue {
    /// The queue at `url`.
    pub fn new(client: aws_sdk_sqs::Client, url: impl Into<String>) -> Self {
        Self {
            client,
            url: url.into(),
        }
    }

    async fn send_batch(&self, messages: &[Message], delay: i32) -> Result<()> {
        let mut batch = self.client.send_message_batch().queue_url(&self.url);
        for (n, message) in messages.iter().enumerate() {
            let entry = SendMessageBatchRequestEntry::builder()
                .id(n.to_string())
                .message_body(message.write()?)
                .delay_seconds(delay)
                .build()
                .map_err(|error| unsent(error.to_string()))?;
            batch = batch.entries(entry);
        }
        let answer = batch
            .send()
            .await
            .map_err(|error| unsent(DisplayErrorContext(error).to_string()))?;
        match answer.failed().first() {
            None => Ok(()),
            Some(first) => Err(unsent(format!(
                "{} of {} messages: {}",
                answer.failed().len(),
                messages.len(),
                first.code()
            ))),
        }
    }
}

fn unsent(cause: String) -> Error {
    Error::new(ErrorKind::Unavailable, "the queue did not take everything").caused_by(cause)
}

#[async_trait]
impl Queue for SqsQueue {
    async fn send(&self, messages: &[Message], delay: Duration) -> Result<()> {
        let delay = i32::try_from(delay.min(LONGEST_DELAY).as_secs()).unwrap_or_default();
        for batch in messages.chunks(BATCH) {
            self.send_batch(batch, delay).await?;
        }
        Ok(())
    }
}
