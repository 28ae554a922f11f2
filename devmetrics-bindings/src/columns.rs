//! The columns of pull requests.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Float64Builder, Int32Builder, Int64Builder, ListBuilder, StringBuilder,
    TimestampSecondBuilder,
};
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, RecordBatch};
use arrow_schema::{ArrowError, Field, Schema};
use chrono::{DateTime, Utc};
use devmetrics_answers::person;
use devmetrics_core::metric::PullRequestSample;

/// Columns that grow by a pull request at a time.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    id: StringBuilder,
    repository: Words,
    author: Words,
    bot: BooleanBuilder,
    base_branch: Words,
    on_base_branch: BooleanBuilder,
    landing: Words,
    first_commit_at: TimestampSecondBuilder,
    first_commit_estimated: BooleanBuilder,
    opened_at: TimestampSecondBuilder,
    ready_at: TimestampSecondBuilder,
    first_review_at: TimestampSecondBuilder,
    approved_at: TimestampSecondBuilder,
    merged_at: TimestampSecondBuilder,
    closed_at: TimestampSecondBuilder,
    deployed_at: TimestampSecondBuilder,
    matched: Words,
    reverted_at: TimestampSecondBuilder,
    review_rounds: Int64Builder,
    self_merged: BooleanBuilder,
    comments: Int64Builder,
    additions: Int64Builder,
    deletions: Int64Builder,
    labels: ListBuilder<StringBuilder>,
    weight: Float64Builder,
    primary: BooleanBuilder,
}

impl Columns {
    pub(crate) fn push(&mut self, sample: &PullRequestSample) {
        let seconds = |at: Option<DateTime<Utc>>| at.map(|at| at.timestamp());
        self.id.append_value(sample.id.as_str());
        self.repository
            .push(Some(sample.repository.as_str()), str::to_owned);
        let author = sample.author.as_deref();
        self.author
            .push(author, |key| person::told_apart(key).into_owned());
        self.bot.append_value(sample.bot);
        self.base_branch.push(Some(&sample.base_branch), str::to_owned);
        self.on_base_branch.append_value(sample.on_base_branch);
        let landing = sample.landing.map(|landing| landing.as_str());
        self.landing.push(landing, str::to_owned);
        self.first_commit_at
            .append_option(seconds(sample.first_commit_at));
        self.first_commit_estimated
            .append_value(sample.first_commit_estimated);
        self.opened_at.append_option(seconds(sample.opened_at));
        self.ready_at.append_option(seconds(sample.ready_at));
        self.first_review_at
            .append_option(seconds(sample.first_review_at));
        self.approved_at.append_option(seconds(sample.approved_at));
        self.merged_at.append_option(seconds(sample.merged_at));
        self.closed_at.append_option(seconds(sample.closed_at));
        self.deployed_at.append_option(seconds(sample.deployed_at));
        let matched = sample.matched.map(|matched| matched.as_str());
        self.matched.push(matched, str::to_owned);
        self.reverted_at.append_option(seconds(sample.reverted_at));
        self.review_rounds.append_option(sample.review_rounds);
        self.self_merged.append_option(sample.self_merged);
        self.comments.append_option(sample.comments);
        self.additions.append_option(sample.additions);
        self.deletions.append_option(sample.deletions);
        for label in &sample.labels {
            self.labels.values().append_value(label);
        }
        self.labels.append(true);
        self.weight.append_value(sample.weight);
        self.primary.append_value(sample.primary);
    }

    pub(crate) fn batch(mut self) -> Result<RecordBatch, ArrowError> {
        let instants = |mut builder: TimestampSecondBuilder| -> ArrayRef {
            Arc::new(builder.finish().with_timezone("UTC"))
        };
        let columns: [(&str, ArrayRef); 26] = [
            ("id", Arc::new(self.id.finish())),
            ("repository", self.repository.finish()?),
            ("author", self.author.finish()?),
            ("bot", Arc::new(self.bot.finish())),
            ("base_branch", self.base_branch.finish()?),
            ("on_base_branch", Arc::new(self.on_base_branch.finish())),
            ("landing", self.landing.finish()?),
            ("first_commit_at", instants(self.first_commit_at)),
            (
                "first_commit_estimated",
                Arc::new(self.first_commit_estimated.finish()),
            ),
            ("opened_at", instants(self.opened_at)),
            ("ready_at", instants(self.ready_at)),
            ("first_review_at", instants(self.first_review_at)),
            ("approved_at", instants(self.approved_at)),
            ("merged_at", instants(self.merged_at)),
            ("closed_at", instants(self.closed_at)),
            ("deployed_at", instants(self.deployed_at)),
            ("matched", self.matched.finish()?),
            ("reverted_at", instants(self.reverted_at)),
            ("review_rounds", Arc::new(self.review_rounds.finish())),
            ("self_merged", Arc::new(self.self_merged.finish())),
            ("comments", Arc::new(self.comments.finish())),
            ("additions", Arc::new(self.additions.finish())),
            ("deletions", Arc::new(self.deletions.finish())),
            ("labels", Arc::new(self.labels.finish())),
            ("weight", Arc::new(self.weight.finish())),
            ("primary", Arc::new(self.primary.finish())),
        ];
        // Every batch has the same columns, whether something is unknown in it or not.
        let field = |(name, column): &(&str, ArrayRef)| Field::new(*name, column.data_type().clone(), true);
        let schema = Schema::new(columns.iter().map(field).collect::<Vec<_>>());
        let columns = columns.into_iter().map(|(_, column)| column).collect();
        RecordBatch::try_new(Arc::new(schema), columns)
    }
}

/// A column of texts that come again and again: each is kept once, and told by its number.
#[derive(Debug, Default)]
struct Words {
    numbers: HashMap<String, i32>,
    last: Option<(String, i32)>,
    words: StringBuilder,
    keys: Int32Builder,
}

impl Words {
    /// Adds a row; what a word is told as is asked once a word.
    fn push(&mut self, word: Option<&str>, tell: impl Fn(&str) -> String) {
        let Some(word) = word else {
            self.keys.append_null();
            return;
        };
        let number = match &self.last {
            Some((last, number)) if last == word => *number,
            _ => self.number(word, tell),
        };
        self.keys.append_value(number);
    }

    fn number(&mut self, word: &str, tell: impl Fn(&str) -> String) -> i32 {
        let number = match self.numbers.get(word) {
            Some(number) => *number,
            None => {
                self.words.append_value(tell(word));
                // A batch has fewer rows than that.
                let number = i32::try_from(self.numbers.len()).unwrap_or(i32::MAX);
                self.numbers.insert(word.to_owned(), number);
                number
            }
        };
        self.last = Some((word.to_owned(), number));
        number
    }

    fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        let words = Arc::new(self.words.finish());
        let column = DictionaryArray::<Int32Type>::try_new(self.keys.finish(), words)?;
        Ok(Arc::new(column))
    }
}
