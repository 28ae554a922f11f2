//! How the samples of a pack are written: texts that repeat once for all, and instants as distances.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::DateTime;
use serde::{Deserialize, Serialize};

use crate::metric::{PullRequestSample, SampleQuery};
use crate::model::{DeploymentMatch, Landing, Pause};
use crate::store::sql::read::Instant;
use crate::{Error, ErrorKind, Id, Result};

/// Raised whenever packs are written otherwise: those of another format are passed over, and written anew.
pub(super) const FORMAT: i64 = 1;

/// What comes first; then the samples, one after the other.
#[derive(Deserialize, Serialize)]
struct Head<'a> {
    #[serde(borrow)]
    texts: Vec<&'a str>,
    samples: usize,
}

#[derive(Deserialize, Serialize)]
struct Packed<'a> {
    id: &'a str,
    repository: u32,
    /// Of what is a team's: its part, and whether it counts it alone.
    weight: f64,
    primary: bool,
    author: Option<u32>,
    base_branch: u32,
    labels: Vec<u32>,
    matched: Option<DeploymentMatch>,
    landing: Option<Landing>,
    first_commit_estimated: bool,
    bot: bool,
    self_merged: Option<bool>,
    position: Option<i64>,
    additions: Option<i64>,
    deletions: Option<i64>,
    comments: Option<i64>,
    review_rounds: Option<i64>,
    /// What the instants are counted from, in seconds since 1970.
    origin: i64,
    instants: Instants,
    pauses: Vec<(i64, Option<i64>)>,
}

#[derive(Clone, Copy, Deserialize, Serialize)]
struct Instants {
    first_commit_at: Option<i64>,
    opened_at: Option<i64>,
    ready_at: Option<i64>,
    first_review_at: Option<i64>,
    approved_at: Option<i64>,
    merged_at: Option<i64>,
    closed_at: Option<i64>,
    deployed_at: Option<i64>,
    reverted_at: Option<i64>,
}

/// Texts by their numbers, in the order in which they came.
#[derive(Default)]
struct Texts<'a> {
    all: Vec<&'a str>,
    numbers: HashMap<&'a str, u32>,
}

impl<'a> Texts<'a> {
    fn number(&mut self, text: &'a str) -> u32 {
        let next = self.all.len() as u32;
        let number = *self.numbers.entry(text).or_insert(next);
        if number == next {
            self.all.push(text);
        }
        number
    }
}

/// Packs samples of one repository or team.
pub(super) fn encode(samples: &[PullRequestSample]) -> Result<Vec<u8>> {
    let mut texts = Texts::default();
    let count = samples.len();
    let packed: Vec<Packed<'_>> = samples
        .iter()
        .map(|sample| {
            let origin = sample
                .opened_at
                .or(sample.merged_at)
                .map_or(0, |at| at.timestamp());
            let since = |at: Instant| at.timestamp() - origin;
            Packed {
                id: sample.id.as_str(),
                repository: texts.number(sample.repository.as_str()),
                weight: sample.weight,
                primary: sample.primary,
                author: sample.author.as_deref().map(|author| texts.number(author)),
                base_branch: texts.number(&sample.base_branch),
                labels: sample.labels.iter().map(|label| texts.number(label)).collect(),
                matched: sample.matched,
                landing: sample.landing,
                first_commit_estimated: sample.first_commit_estimated,
                bot: sample.bot,
                self_merged: sample.self_merged,
                position: sample.position,
                additions: sample.additions,
                deletions: sample.deletions,
                comments: sample.comments,
                review_rounds: sample.review_rounds,
                origin,
                instants: Instants {
                    first_commit_at: sample.first_commit_at.map(since),
                    opened_at: sample.opened_at.map(since),
                    ready_at: sample.ready_at.map(since),
                    first_review_at: sample.first_review_at.map(since),
                    approved_at: sample.approved_at.map(since),
                    merged_at: sample.merged_at.map(since),
                    closed_at: sample.closed_at.map(since),
                    deployed_at: sample.deployed_at.map(since),
                    reverted_at: sample.reverted_at.map(since),
                },
                pauses: sample
                    .pauses
                    .iter()
                    .map(|pause| (since(pause.from), pause.to.map(since)))
                    .collect(),
            }
        })
        .collect();
    let unpackable = |error| Error::new(ErrorKind::Internal, "samples could not be packed").caused_by(error);
    let head = Head {
        texts: texts.all,
        samples: count,
    };
    let mut pack = postcard::to_stdvec(&head).map_err(unpackable)?;
    for sample in &packed {
        pack = postcard::to_extend(sample, pack).map_err(unpackable)?;
    }
    Ok(pack)
}

/// The samples of a pack that a query picks by their instants.
///
/// # Errors
/// `Corrupt` when it is none.
pub(super) fn decode(pack: &[u8], query: &SampleQuery, samples: &mut Vec<PullRequestSample>) -> Result<()> {
    let corrupt = || {
        Error::new(
            ErrorKind::Corrupt,
            "a pack of samples cannot be read; delete the rows of table packs, and they are made anew",
        )
    };
    let (head, mut rest) =
        postcard::take_from_bytes::<Head<'_>>(pack).map_err(|error| corrupt().caused_by(error))?;
    // Shared by the samples: most of their texts are the same few.
    let texts: Vec<Arc<str>> = head.texts.into_iter().map(Arc::from).collect();
    let text = |number: u32| texts.get(number as usize).cloned().ok_or_else(corrupt);
    for _ in 0..head.samples {
        let (packed, after) =
            postcard::take_from_bytes::<Packed<'_>>(rest).map_err(|error| corrupt().caused_by(error))?;
        rest = after;
        let at = |since: i64| {
            let at = packed.origin.checked_add(since);
            at.and_then(|at| DateTime::from_timestamp(at, 0))
                .ok_or_else(corrupt)
        };
        let instant = |since: Option<i64>| since.map(at).transpose();
        let Instants {
            first_commit_at,
            opened_at,
            ready_at,
            first_review_at,
            approved_at,
            merged_at,
            closed_at,
            deployed_at,
            reverted_at,
        } = packed.instants;
        let [opened_at, merged_at, closed_at, deployed_at] = [
            instant(opened_at)?,
            instant(merged_at)?,
            instant(closed_at)?,
            instant(deployed_at)?,
        ];
        if !query.picks(opened_at, merged_at, closed_at, deployed_at) {
            continue;
        }
        let pause = |&(from, to): &(i64, Option<i64>)| {
            let (from, to) = (at(from)?, instant(to)?);
            Ok(Pause { from, to })
        };
        samples.push(PullRequestSample {
            id: Id::from(Arc::from(packed.id)),
            repository: Id::from(text(packed.repository)?),
            author: packed.author.map(text).transpose()?,
            first_commit_at: instant(first_commit_at)?,
            opened_at,
            ready_at: instant(ready_at)?,
            first_review_at: instant(first_review_at)?,
            approved_at: instant(approved_at)?,
            merged_at,
            closed_at,
            deployed_at,
            matched: packed.matched,
            reverted_at: instant(reverted_at)?,
            landing: packed.landing,
            first_commit_estimated: packed.first_commit_estimated,
            base_branch: text(packed.base_branch)?,
            position: packed.position,
            on_base_branch: packed.position.is_some(),
            paths_unknown: false,
            labels: packed
                .labels
                .iter()
                .map(|label| Ok(text(*label)?.to_string()))
                .collect::<Result<_>>()?,
            pauses: packed.pauses.iter().map(pause).collect::<Result<_>>()?,
            review_rounds: packed.review_rounds,
            self_merged: packed.self_merged,
            comments: packed.comments,
            bot: packed.bot,
            additions: packed.additions,
            deletions: packed.deletions,
            weight: packed.weight,
            primary: packed.primary,
        });
    }
    Ok(())
}
