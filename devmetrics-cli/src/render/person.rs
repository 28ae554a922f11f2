//! What is stored about a person, as text.

use std::path::Path;

use chrono::{DateTime, Utc};
use devmetrics_core::engine::PersonalData;

use super::table;

/// Who somebody is, what facts and rosters say of them, and what else may be about them.
pub(crate) fn personal_data(data: &PersonalData, roster: Option<&Path>) {
    let person = &data.identity.person;
    for (what, texts) in [
        ("accounts", &person.handles),
        ("addresses", &person.emails),
        ("names", &person.names),
    ] {
        if !texts.is_empty() {
            println!("{what}: {}", texts.join(", "));
        }
    }
    if !data.mentions.is_empty() {
        let rows = data.mentions.iter().map(|mention| {
            let text = |value: &Option<String>| value.clone().unwrap_or_default();
            [
                mention.deed.as_str().replace('_', " "),
                text(&mention.actor.name),
                text(&mention.actor.email),
                text(&mention.actor.handle),
                mention.count.to_string(),
            ]
        });
        println!(
            "\n{}",
            table(["as", "name", "e-mail", "handle", "times"], &[4], rows)
        );
    }
    if !data.memberships.is_empty() {
        let day = |at: Option<DateTime<Utc>>| at.map(|at| at.format("%F").to_string()).unwrap_or_default();
        let rows = data.memberships.iter().map(|membership| {
            [
                membership.team.to_string(),
                day(membership.valid_from),
                day(membership.valid_to),
            ]
        });
        println!("\n{}", table(["member of", "from", "until"], &[], rows));
    }
    if data.quarantined > 0 {
        println!(
            "\nRecords that could not be understood and name them: {}",
            data.quarantined
        );
    }
    what_still_names(data, roster);
}

/// What no command forgets: the file that is somebody else's, and whoever may be another.
pub(crate) fn what_still_names(data: &PersonalData, roster: Option<&Path>) {
    if let Some(file) = roster.filter(|_| data.in_settings) {
        println!(
            "\nThe roster's file names them: {}. It is stored without their names; who wants them gone from the file edits it.",
            file.display()
        );
    }
    if !data.identity.perhaps.is_empty() {
        println!(
            "\nPerhaps the same person; nothing says so. If it is, add `--also` with the account or the address:"
        );
        let rows = data.identity.perhaps.iter().map(|actor| {
            let text = |value: &Option<String>| value.clone().unwrap_or_default();
            [text(&actor.name), text(&actor.email), text(&actor.handle)]
        });
        println!("{}", table(["name", "e-mail", "handle"], &[], rows));
    }
    if !data.identity.shared_names.is_empty() {
        println!(
            "\nOthers bear the same name; where nothing but the name is told, it stays: {}",
            data.identity.shared_names.join(", ")
        );
    }
}
