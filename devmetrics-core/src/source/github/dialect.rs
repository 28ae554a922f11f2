//! Older servers lack fields that the documents name. What one refuses is left out from then on.

use std::collections::BTreeSet;

use regex::Regex;

use crate::Error;

/// What a server does not know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Dialect {
    fields: BTreeSet<String>,
    types: BTreeSet<String>,
}

impl Dialect {
    /// Takes note of what a refusal names; false when it names nothing new.
    pub(super) fn learn(&mut self, refusal: &Error) -> bool {
        let message = refusal.message();
        if let Some(field) = between(message, "Field '", "' doesn't exist on type") {
            return self.fields.insert(field.to_owned());
        }
        if let Some(name) = between(message, "No such type ", ", so it can't be a fragment condition") {
            return self.types.insert(name.to_owned());
        }
        false
    }

    /// The document without what the server does not know.
    pub(super) fn adapt(&self, document: &str) -> String {
        let mut adapted = document.to_owned();
        for field in &self.fields {
            let field = regex::escape(field);
            // A number of 32 bits is better than none.
            let instead = if field == "fullDatabaseId" {
                "fullDatabaseId: databaseId"
            } else {
                ""
            };
            replace(&mut adapted, &format!(r"\b{field}( \{{[^{{}}]*\}}|\b)"), instead);
        }
        for name in &self.types {
            let name = regex::escape(name);
            replace(&mut adapted, &format!(r"(?m)^\s*\.\.\. on {name} \{{.*\}}\n"), "");
            replace(&mut adapted, &format!(r"(, )?\b{}\b", constant(&name)), "");
        }
        adapted
    }
}

fn replace(text: &mut String, expression: &str, instead: &str) {
    if let Ok(expression) = Regex::new(expression) {
        *text = expression.replace_all(text, instead).into_owned();
    }
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found)
}

/// `AddedToMergeQueueEvent` as enumerations write it: `ADDED_TO_MERGE_QUEUE_EVENT`.
fn constant(name: &str) -> String {
    let mut constant = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !constant.is_empty() {
            constant.push('_');
        }
        constant.extend(letter.to_uppercase());
    }
    constant
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use crate::source::github::documents;

    fn learn(dialect: &mut Dialect, message: &str) -> bool {
        dialect.learn(&Error::new(ErrorKind::Unsupported, message))
    }

    #[test]
    fn what_is_refused_is_left_out_and_numbers_are_taken_from_the_older_field() {
        let mut dialect = Dialect::default();
        let refusal =
            "GitHub does not understand (Field 'fullDatabaseId' doesn't exist on type 'PullRequest')";
        assert!(learn(&mut dialect, refusal));
        assert!(!learn(&mut dialect, refusal), "once is enough");
        assert!(learn(
            &mut dialect,
            "No such type AddedToMergeQueueEvent, so it can't be a fragment condition"
        ));
        assert!(learn(
            &mut dialect,
            "Field 'mergeCommit' doesn't exist on type 'PullRequest'"
        ));
        assert!(!learn(&mut dialect, "Something else"));
        let adapted = dialect.adapt(&documents::pages(documents::List::PullRequests, 1));
        assert!(adapted.contains("  fullDatabaseId: databaseId\n"));
        assert!(!adapted.contains("MergeQueueEvent {") || adapted.contains("RemovedFromMergeQueueEvent"));
        for gone in [
            "... on AddedToMergeQueueEvent",
            "ADDED_TO_MERGE_QUEUE_EVENT",
            "mergeCommit",
        ] {
            assert!(!adapted.contains(gone), "{gone} in {adapted}");
        }
    }
}
