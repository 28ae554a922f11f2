//! How merged changes were reviewed.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::cycle_time::merged_within;
use super::{
    Beside, Better, Context, Coverage, Definition, Facts, Finding, Metric, Outcome, PullRequestSample,
    Reason, Tally, Terms, Unit, Value, summary,
};
use crate::model::Window;

/// One figure of each merged change: a part of them, or a distribution.
#[derive(Debug)]
pub(super) struct Review {
    definition: Definition,
    measure: fn(&PullRequestSample) -> Result<f64, Reason>,
}

const fn definition(
    id: &'static str,
    name: &'static str,
    aliases: &'static [&'static str],
    unit: Unit,
    better: Better,
    summary: &'static str,
    example: &'static str,
) -> Definition {
    Definition {
        id: Cow::Borrowed(id),
        name: Cow::Borrowed(name),
        aliases,
        unit,
        unit_label: None,
        better,
        version: 1,
        summary: Cow::Borrowed(summary),
        example: Some(Cow::Borrowed(example)),
        source: Cow::Borrowed("docs/metrics.md#review"),
    }
}

pub(super) static REVIEW_COVERAGE: Review = Review {
    definition: definition(
        "review_coverage",
        "Review coverage",
        &["reviewed"],
        Unit::Ratio,
        Better::Higher,
        "Merged changes that another human reviewed before the merge",
        "Of four changes two were reviewed, one was not, and of one it is not known: 0.667.",
    ),
    measure: |sample| part(rounds(sample)? > 0),
};

pub(super) static APPROVED_BEFORE_MERGE: Review = Review {
    definition: definition(
        "approved_before_merge",
        "Approved before merge",
        &["approved"],
        Unit::Ratio,
        Better::Higher,
        "Merged changes with an approval that held at the merge",
        "Of two changes whose reviews are known one was approved: 0.5.",
    ),
    measure: |sample| rounds(sample).and_then(|_| part(sample.approved_at.is_some())),
};

pub(super) static SELF_MERGED: Review = Review {
    definition: definition(
        "self_merged",
        "Self-merged",
        &["self_merge_rate"],
        Unit::Ratio,
        Better::Lower,
        "Merged changes that their author merged",
        "Of four changes one was merged by its author: 0.25.",
    ),
    measure: |sample| part(sample.self_merged.ok_or(Reason::UnknownMilestone)?),
};

pub(super) static REVIEW_ROUNDS: Review = Review {
    definition: definition(
        "review_rounds",
        "Review rounds",
        &["rounds"],
        Unit::Rounds,
        Better::Lower,
        "How many states of a reviewed change were looked at before the merge",
        "Of four changes one was not reviewed, one in one round, one in four, and of one it is not known: median 2.5.",
    ),
    measure: |sample| match rounds(sample)? {
        0 => Err(Reason::Unreviewed),
        rounds => Ok(rounds as f64),
    },
};

pub(super) static COMMENTS_PER_100_LINES: Review = Review {
    definition: definition(
        "comments_per_100_lines",
        "Comments per 100 lines",
        &["comment_density"],
        Unit::CommentsPer100Lines,
        Better::Higher,
        "Comments on a merged change, for every hundred of its changed lines",
        "3 comments on 50 lines are 6, none on 900 lines are 0: median 3.",
    ),
    measure: |sample| {
        let comments = sample.comments.ok_or(Reason::UnknownMilestone)?;
        match lines(sample)? {
            0 => Err(Reason::NoLines),
            lines => Ok(100.0 * comments as f64 / lines as f64),
        }
    },
};

pub(super) static PULL_REQUEST_SIZE: Review = Review {
    definition: definition(
        "pull_request_size",
        "Pull request size",
        &["size", "change_size"],
        Unit::Lines,
        Better::Lower,
        "Changed lines (added and deleted) of a merged change",
        "Changes of 0, 5, 50 and 900 lines: median 27.5.",
    ),
    measure: |sample| Ok(lines(sample)? as f64),
};

/// The size classes: the least number of changed lines of each.
const CLASSES: [(&str, f64); 5] = [
    ("size_xs", 0.0),
    ("size_s", 10.0),
    ("size_m", 50.0),
    ("size_l", 250.0),
    ("size_xl", 1000.0),
];

fn part(whether: bool) -> Result<f64, Reason> {
    Ok(f64::from(u8::from(whether)))
}

/// Rounds of review; a source that does not tell of reviews knows none.
fn rounds(sample: &PullRequestSample) -> Result<i64, Reason> {
    sample.review_rounds.ok_or(Reason::UnknownMilestone)
}

fn lines(sample: &PullRequestSample) -> Result<i64, Reason> {
    let lines = sample.additions.zip(sample.deletions);
    lines
        .map(|(added, deleted)| added + deleted)
        .ok_or(Reason::UnknownMilestone)
}

impl Metric for Review {
    fn definition(&self) -> &Definition {
        &self.definition
    }

    fn assess<'a>(&self, facts: &'a Facts, terms: &Terms<'_>) -> Vec<Finding<'a>> {
        merged_within(facts, terms, |sample, merged_at, finding| {
            finding.end = Some(merged_at);
            finding.weight = terms.weight(sample.weight);
            match (self.measure)(sample) {
                Ok(value) => Outcome::Counted {
                    value,
                    skew_clamped: false,
                },
                Err(reason) => Outcome::Excluded { reason },
            }
        })
    }

    fn summarize(&self, tally: Tally, _observed: Option<Window>, _coverage: &Coverage) -> Value {
        match self.definition.unit {
            Unit::Ratio => summary::rate(&tally),
            _ => summary::distribution(tally),
        }
    }

    fn beside(&self) -> Option<Box<dyn Beside>> {
        (self.definition.unit == Unit::Lines).then(|| Box::new(Classes) as Box<dyn Beside>)
    }
}

/// How many changes are of each size class.
#[derive(Debug)]
struct Classes;

impl Beside for Classes {
    fn add(&mut self, _findings: &[Finding<'_>], _context: &Context<'_>) {}

    fn figures(&self, tally: &Tally, _context: &Context<'_>) -> BTreeMap<String, Option<f64>> {
        let sizes = tally.values();
        let of_class = |place: usize| {
            let from = CLASSES[place].1;
            let to = CLASSES.get(place + 1).map_or(f64::INFINITY, |next| next.1);
            sizes.iter().filter(|size| from <= **size && **size < to).count() as f64
        };
        CLASSES
            .iter()
            .enumerate()
            .map(|(place, (name, _))| {
                let known = !sizes.is_empty();
                ((*name).to_owned(), known.then(|| of_class(place)))
            })
            .collect()
    }
}
