use clap::{Args, Subcommand};
use devmetrics_core::Result;
use devmetrics_lambda::{Aws, DeadLetter, DeadLetters, Replayed, Unreadable, Work};

use crate::render;

/// What workers on AWS Lambda could not do (docs/runbook.md).
#[derive(Debug, Args)]
pub(crate) struct Dlq {
    #[command(subcommand)]
    command: DlqCommand,
}

#[derive(Debug, Subcommand)]
enum DlqCommand {
    /// Lists the messages of the dead-letter queue; they stay.
    List {
        #[command(flatten)]
        queue: Queue,
    },
    /// Puts them back on the queue of the work. Those that cannot be read stay.
    Replay {
        #[command(flatten)]
        queue: Queue,

        /// Deletes what cannot be read. A message of another version can be read by functions of that version.
        #[arg(long)]
        delete_unreadable: bool,
    },
}

#[derive(Debug, Args)]
struct Queue {
    /// The address of the queue of the work, `WorkQueueUrl` of the stack; it names its dead-letter queue itself. Region and
    /// credentials are those of the environment, as for `aws`.
    #[arg(long = "queue", env = "QUEUE_URL")]
    url: String,

    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(command: &Dlq) -> Result<()> {
    match &command.command {
        DlqCommand::List { queue } => {
            let letters = open(queue).await?.list().await?;
            match queue.json {
                true => render::json(&letters),
                false => {
                    list(&letters);
                    Ok(())
                }
            }
        }
        DlqCommand::Replay {
            queue,
            delete_unreadable,
        } => {
            let unreadable = match delete_unreadable {
                true => Unreadable::Delete,
                false => Unreadable::Keep,
            };
            let replayed = open(queue).await?.replay(unreadable).await?;
            match queue.json {
                true => render::json(&replayed),
                false => {
                    tell(&replayed);
                    Ok(())
                }
            }
        }
    }
}

async fn open(queue: &Queue) -> Result<DeadLetters> {
    Aws::load().await.dead_letters(&queue.url).await
}

fn list(letters: &[DeadLetter]) {
    if letters.is_empty() {
        println!("No dead letters.");
        return;
    }
    let rows = letters.iter().map(|letter| {
        let message = letter.message.as_ref();
        let work = message.map(|message| match &message.work {
            Work::Plan => "the plan".to_owned(),
            Work::Collect { group, scopes, .. } => format!("group {group}: {} scopes", scopes.len()),
        });
        [
            letter.id.clone(),
            letter
                .sent_at
                .map_or_else(|| "?".to_owned(), |at| at.format("%F %H:%M").to_string()),
            letter
                .receives
                .map_or_else(|| "?".to_owned(), |count| count.to_string()),
            message.map_or_else(
                || "-".to_owned(),
                |message| message.slot.format("%F %H:%M").to_string(),
            ),
            work.or_else(|| letter.unreadable.clone()).unwrap_or_default(),
        ]
    });
    println!(
        "{}",
        render::table(["message", "sent", "received", "slot", "what"], &[2], rows)
    );
}

fn tell(replayed: &Replayed) {
    println!("{} messages are on the queue again.", replayed.replayed.len());
    if !replayed.deleted.is_empty() {
        println!("{} could not be read and were deleted.", replayed.deleted.len());
    }
    if !replayed.kept.is_empty() {
        println!("{} cannot be read and stay:", replayed.kept.len());
        list(&replayed.kept);
    }
}
