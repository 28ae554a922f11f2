//! What failed too often: the messages of the dead-letter queue, to look at and to put back.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, Message as Received,
    MessageSystemAttributeName, QueueAttributeName,
};
use chrono::{DateTime, Utc};
use devmetrics_core::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use tracing::warn;

use crate::queue::{BATCH, SqsQueue};
use crate::{Message, Queue};

/// For how many seconds what was received is hidden from others. Whoever is killed meanwhile leaves it so long.
const HIDDEN: i32 = 120;

/// How many seconds a queue looks for messages before it says that there are none.
const WAIT: i32 = 1;

/// A queue's dead-letter queue.
#[derive(Clone, Debug)]
pub struct DeadLetters {
    client: Client,
    /// Where its messages came from, and go back to.
    queue: SqsQueue,
    url: String,
}

/// A message that was received too often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeadLetter {
    /// The id that SQS gave it.
    pub id: String,
    /// When it was put on the queue first.
    pub sent_at: Option<DateTime<Utc>>,
    /// How often it was received; looking at it counts too.
    pub receives: Option<u32>,
    /// What it says; `None` for one that cannot be read.
    pub message: Option<Message>,
    /// Why it cannot be read.
    pub unreadable: Option<String>,
    #[serde(skip)]
    receipt: String,
}

/// What becomes of messages that cannot be read when the others are put back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unreadable {
    /// They stay, for functions that can read them.
    #[default]
    Keep,
    /// They are deleted.
    Delete,
}

/// What a replay did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Replayed {
    /// Put back on the queue.
    pub replayed: Vec<DeadLetter>,
    /// Not to be read, and left where they were.
    pub kept: Vec<DeadLetter>,
    /// Not to be read, and deleted.
    pub deleted: Vec<DeadLetter>,
}

impl DeadLetters {
    /// Those of the queue at `queue_url`, whose redrive policy names where they are.
    ///
    /// # Errors
    /// `NotFound` when there is no such queue or it has no redrive policy; `Unavailable` when SQS does not answer.
    pub(crate) async fn of(client: Client, queue_url: &str) -> Result<Self> {
        let asked = client
            .get_queue_attributes()
            .queue_url(queue_url)
            .attribute_names(QueueAttributeName::RedrivePolicy)
            .send();
        let answer = asked.await.map_err(|error| {
            let missing = error
                .as_service_error()
                .is_some_and(|error| error.is_queue_does_not_exist());
            match missing {
                true => Error::new(ErrorKind::NotFound, "there is no queue at this address")
                    .with("queue", queue_url),
                false => unanswered(error),
            }
        })?;
        let policy = answer
            .attributes()
            .and_then(|attributes| attributes.get(&QueueAttributeName::RedrivePolicy))
            .and_then(|policy| serde_json::from_str::<RedrivePolicy>(policy).ok());
        let Some(policy) = policy else {
            let message =
                "the queue has no redrive policy, and so no dead-letter queue: name the queue of the work";
            return Err(Error::new(ErrorKind::NotFound, message).with("queue", queue_url));
        };
        // arn:aws:sqs:REGION:ACCOUNT:NAME
        let mut parts = policy.dead_letter_target_arn.split(':').skip(4);
        let (account, name) = (parts.next(), parts.next());
        let found = client
            .get_queue_url()
            .set_queue_owner_aws_account_id(account.map(str::to_owned))
            .set_queue_name(name.map(str::to_owned))
            .send()
            .await
            .map_err(unanswered)?;
        Ok(Self {
            queue: SqsQueue::new(client.clone(), queue_url),
            url: found.queue_url.unwrap_or_default(),
            client,
        })
    }

    /// The messages, the oldest first. They stay; a replay at the same time may be kept from some of them for two minutes.
    ///
    /// # Errors
    /// `Unavailable` when SQS does not answer.
    pub async fn list(&self) -> Result<Vec<DeadLetter>> {
        let letters = self.receive().await?;
        self.release(&letters).await;
        Ok(letters)
    }

    /// Puts every message back on the queue that can be read. Whoever is killed in the middle leaves some of them in both queues,
    /// which does no harm: what was done is not done again.
    ///
    /// # Errors
    /// `Unavailable` when SQS does not answer; what was not put back by then is where it was.
    pub async fn replay(&self, unreadable: Unreadable) -> Result<Replayed> {
        let (replayed, others): (Vec<_>, Vec<_>) = self
            .receive()
            .await?
            .into_iter()
            .partition(|letter| letter.message.is_some());
        for letters in replayed.chunks(BATCH) {
            let messages: Vec<_> = letters
                .iter()
                .filter_map(|letter| letter.message.clone())
                .collect();
            // First the message: a kill between the two leads to it twice, and the other order to none.
            self.queue.send(&messages, Duration::ZERO).await?;
            self.delete(letters).await?;
        }
        let (kept, deleted) = match unreadable {
            Unreadable::Keep => (others, Vec::new()),
            Unreadable::Delete => (Vec::new(), others),
        };
        self.release(&kept).await;
        for letters in deleted.chunks(BATCH) {
            self.delete(letters).await?;
        }
        Ok(Replayed {
            replayed,
            kept,
            deleted,
        })
    }

    /// Receives until nothing new comes.
    async fn receive(&self) -> Result<Vec<DeadLetter>> {
        let mut known = BTreeMap::new();
        loop {
            let before = known.len();
            let answer = self
                .client
                .receive_message()
                .queue_url(&self.url)
                .max_number_of_messages(10)
                .visibility_timeout(HIDDEN)
                .wait_time_seconds(WAIT)
                .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp)
                .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount)
                .send()
                .await
                .map_err(unanswered)?;
            // What comes once more has another receipt, which is the one that is good.
            let received = answer
                .messages
                .unwrap_or_default()
                .into_iter()
                .map(DeadLetter::read);
            known.extend(received.map(|letter| (letter.id.clone(), letter)));
            if known.len() == before {
                break;
            }
        }
        let mut letters: Vec<_> = known.into_values().collect();
        letters.sort_by_key(|letter| letter.sent_at);
        Ok(letters)
    }

    async fn delete(&self, letters: &[DeadLetter]) -> Result<()> {
        let mut batch = self.client.delete_message_batch().queue_url(&self.url);
        for (n, letter) in letters.iter().enumerate() {
            let entry = DeleteMessageBatchRequestEntry::builder()
                .id(n.to_string())
                .receipt_handle(&letter.receipt)
                .build()
                .map_err(|error| undeleted(error.to_string()))?;
            batch = batch.entries(entry);
        }
        let answer = batch.send().await.map_err(unanswered)?;
        match answer.failed().first() {
            None => Ok(()),
            Some(first) => Err(undeleted(first.code().to_owned())),
        }
    }

    /// Has others see them at once. Where that fails they are seen after [`HIDDEN`].
    async fn release(&self, letters: &[DeadLetter]) {
        for letters in letters.chunks(BATCH) {
            let entries = letters.iter().enumerate().filter_map(|(n, letter)| {
                let entry = ChangeMessageVisibilityBatchRequestEntry::builder();
                let entry = entry.id(n.to_string()).receipt_handle(&letter.receipt);
                entry.visibility_timeout(0).build().ok()
            });
            let released = self
                .client
                .change_message_visibility_batch()
                .queue_url(&self.url)
                .set_entries(Some(entries.collect()))
                .send();
            if let Err(error) = released.await {
                warn!(error = %DisplayErrorContext(error), "dead letters stay hidden for two minutes");
            }
        }
    }
}

impl DeadLetter {
    fn read(received: Received) -> Self {
        let attribute = |name| {
            let attributes = received.attributes.as_ref()?;
            attributes.get(&name)?.parse::<i64>().ok()
        };
        let sent_at = attribute(MessageSystemAttributeName::SentTimestamp);
        let receives = attribute(MessageSystemAttributeName::ApproximateReceiveCount);
        let read = Message::read(received.body.as_deref().unwrap_or_default());
        let unreadable = read.as_ref().err().map(Error::to_string);
        Self {
            id: received.message_id.unwrap_or_default(),
            sent_at: sent_at.and_then(DateTime::from_timestamp_millis),
            receives: receives.and_then(|count| count.try_into().ok()),
            message: read.ok(),
            unreadable,
            receipt: received.receipt_handle.unwrap_or_default(),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RedrivePolicy {
    dead_letter_target_arn: String,
}

fn unanswered<E>(error: SdkError<E>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let kind = match error.code() {
        Some(code) if code.contains("AccessDenied") => ErrorKind::PermissionDenied,
        _ => ErrorKind::Unavailable,
    };
    Error::new(kind, "SQS does not do what it is asked").caused_by(DisplayErrorContext(error).to_string())
}

fn undeleted(cause: String) -> Error {
    let message =
        "not every message that was done with is deleted from the dead-letter queue: replay once more";
    Error::new(ErrorKind::Unavailable, message).caused_by(cause)
}
