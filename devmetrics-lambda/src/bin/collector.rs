//! The function of the collector: planner, worker, or both in one.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use devmetrics_core::{Error as CoreError, ErrorKind};
use devmetrics_lambda::emf::Emf;
use devmetrics_lambda::{Aws, Collector, Container, Event, Queue, Settings, logging};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use tracing::Instrument;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    logging::start();
    let read_env = |name: &str| std::env::var(name).ok();
    let settings = Settings::load(&read_env)?;
    let aws = Aws::of_function(&read_env);
    let queue = settings
        .queue_url
        .as_deref()
        .map(|url| Arc::new(aws.queue(url)) as Arc<dyn Queue>);
    let emf = Emf::new(&settings.function, std::io::stdout());
    let (tenant, group_size) = (settings.config.tenant.clone(), settings.group_size);
    let container = Container::new(settings, Arc::new(aws.secrets()), Some(aws));
    let collector = Collector::new(Arc::new(container), queue, emf, tenant, group_size);
    let collector = &collector;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| async move {
        let id = event.context.request_id.clone();
        let span = tracing::info_span!("invocation", request.id = %id);
        handle(collector, event).instrument(span).await
    }))
    .await
}

async fn handle(collector: &Collector, event: LambdaEvent<Value>) -> Result<Value, Error> {
    let done = async {
        let deadline = deadline(event.context.deadline)?;
        let read = Event::read(event.payload)?;
        collector.handle(read, &event.context.request_id, deadline).await
    };
    done.await.map_err(|error| {
        tracing::error!(error = %error, cause = ?std::error::Error::source(&error), "the invocation failed");
        // Lambda shows it to whoever invoked: the message is without its causes.
        Error::from(error.to_string())
    })
}

/// The instant at which Lambda ends the invocation.
fn deadline(milliseconds: u64) -> Result<DateTime<Utc>, CoreError> {
    let instant = i64::try_from(milliseconds)
        .ok()
        .and_then(DateTime::from_timestamp_millis);
    instant.ok_or_else(|| CoreError::new(ErrorKind::InvalidInput, "the invocation has no deadline"))
}
