//! How the samples of a pack are written: texts that repeat once for all, and instants as distances.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta};
use serde::{Deserialize, Serialize};

use crate::metric::{PullRequestSample, SampleQuery};
use crate::model::{DeploymentMatch, Landing, Pause, Repository};
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

/// As it is written; it is read by [`decode`].
#[derive(Serialize)]
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

#[derive(Serialize)]
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
    let mut reader = Reader(postcard::Deserializer::from_bytes(pack));
    let head: Head<'_> = reader.next()?;
    // Shared by the samples: most of their texts are the same few.
    let texts: Vec<Arc<str>> = head.texts.into_iter().map(Arc::from).collect();
    let text = |number: u32| texts.get(number as usize).cloned().ok_or_else(corrupt);
    let repositories: Vec<Id<Repository>> = texts.iter().map(Id::new).collect();
    let repository = |number: u32| repositories.get(number as usize).cloned().ok_or_else(corrupt);
    for _ in 0..head.samples {
        // Field by field as `Packed` has them, and each at its place at once: a million are read for one answer.
        let id: &str = reader.next()?;
        let repository_number = reader.next()?;
        let weight = reader.next()?;
        let primary = reader.next()?;
        let author: Option<u32> = reader.next()?;
        let base_branch = reader.next()?;
        let labels: Vec<u32> = reader.next()?;
        let matched = reader.next()?;
        let landing = reader.next()?;
        let first_commit_estimated = reader.next()?;
        let bot = reader.next()?;
        let self_merged = reader.next()?;
        let position: Option<i64> = reader.next()?;
        let additions = reader.next()?;
        let deletions = reader.next()?;
        let comments = reader.next()?;
        let review_rounds = reader.next()?;
        let origin = DateTime::from_timestamp(reader.next()?, 0).ok_or_else(corrupt)?;
        let at = |since: i64| {
            let since = TimeDelta::try_seconds(since).ok_or_else(corrupt)?;
            origin.checked_add_signed(since).ok_or_else(corrupt)
        };
        let instant = |since: Option<i64>| since.map(at).transpose();
        let first_commit_at = instant(reader.next()?)?;
        let opened_at = instant(reader.next()?)?;
        let ready_at = instant(reader.next()?)?;
        let first_review_at = instant(reader.next()?)?;
        let approved_at = instant(reader.next()?)?;
        let merged_at = instant(reader.next()?)?;
        let closed_at = instant(reader.next()?)?;
        let deployed_at = instant(reader.next()?)?;
        let reverted_at = instant(reader.next()?)?;
        let pauses: Vec<(i64, Option<i64>)> = reader.next()?;
        if !query.picks(opened_at, merged_at, closed_at, deployed_at) {
            continue;
        }
        let pause = |(from, to)| {
            let (from, to) = (at(from)?, instant(to)?);
            Ok(Pause { from, to })
        };
        let repository = repository(repository_number)?;
        let author = author.map(text).transpose()?;
        let base_branch = text(base_branch)?;
        let labels: Result<_> = labels
            .into_iter()
            .map(|label| Ok(text(label)?.to_string()))
            .collect();
        let labels = labels?;
        let pauses: Result<_> = pauses.into_iter().map(pause).collect();
        let pauses = pauses?;
        samples.push(PullRequestSample {
            id: Id::new(id),
            repository,
            author,
            first_commit_at,
            opened_at,
            ready_at,
            first_review_at,
            approved_at,
            merged_at,
            closed_at,
            deployed_at,
            matched,
            reverted_at,
            landing,
            first_commit_estimated,
            base_branch,
            position,
            on_base_branch: position.is_some(),
            paths_unknown: false,
            labels,
            pauses,
            review_rounds,
            self_merged,
            comments,
            bot,
            additions,
            deletions,
            weight,
            primary,
        });
    }
    Ok(())
}

/// A pack that is read value by value.
struct Reader<'a>(postcard::Deserializer<'a, postcard::de_flavors::Slice<'a>>);

impl<'a> Reader<'a> {
    fn next<T: Deserialize<'a>>(&mut self) -> Result<T> {
        T::deserialize(&mut self.0).map_err(|error| corrupt().caused_by(error))
    }
}

fn corrupt() -> Error {
    Error::new(
        ErrorKind::Corrupt,
        "a pack of samples cannot be read; delete the rows of table packs, and they are made anew",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PullRequest;

    /// A pack as format 1 writes it. Whoever must change it raises [`FORMAT`].
    const PACK: &str = "04047265706f03616461046d61696e036275670102707200000000000000e03f010101020103010201010000\
        0101010e011400010601048087b3950d019f3801000001780001c07001c0700001a0fe0a011400";

    fn sample() -> PullRequestSample {
        let origin: Instant = "2026-01-01T12:00:00Z".parse().unwrap();
        let at = |seconds| Some(origin + chrono::TimeDelta::seconds(seconds));
        PullRequestSample {
            id: Id::<PullRequest>::new("pr"),
            repository: Id::new("repo"),
            author: Some("ada".into()),
            first_commit_at: at(-3600),
            opened_at: at(0),
            ready_at: None,
            first_review_at: at(60),
            approved_at: None,
            merged_at: at(7200),
            closed_at: at(7200),
            deployed_at: None,
            matched: Some(DeploymentMatch::Time),
            reverted_at: at(90_000),
            landing: Some(Landing::Squash),
            first_commit_estimated: false,
            base_branch: "main".into(),
            position: Some(7),
            on_base_branch: true,
            paths_unknown: false,
            labels: vec!["bug".to_owned()],
            pauses: vec![Pause {
                from: origin + chrono::TimeDelta::seconds(10),
                to: None,
            }],
            review_rounds: Some(2),
            self_merged: Some(true),
            comments: Some(3),
            bot: false,
            additions: Some(10),
            deletions: None,
            weight: 0.5,
            primary: true,
        }
    }

    fn everything() -> SampleQuery {
        SampleQuery {
            extent: crate::metric::Extent::All,
            window: crate::model::Window {
                from: DateTime::UNIX_EPOCH,
                to: DateTime::from_timestamp(4_000_000_000, 0).unwrap(),
            },
            open: true,
            places: Vec::new(),
        }
    }

    #[test]
    fn a_pack_is_read_by_later_builds() {
        let written = hex::encode(encode(&[sample()]).unwrap());
        assert_eq!((written.as_str(), FORMAT), (PACK, 1));
        let mut read = Vec::new();
        decode(&encode(&[sample()]).unwrap(), &everything(), &mut read).unwrap();
        assert_eq!(read, [sample()]);
        for (number, matched) in (0..).zip([
            DeploymentMatch::Ancestry,
            DeploymentMatch::Declared,
            DeploymentMatch::Time,
            DeploymentMatch::Baseline,
            DeploymentMatch::Untracked,
        ]) {
            assert_eq!(postcard::to_stdvec(&matched).unwrap(), [number]);
        }
        for (number, landing) in (0..).zip([
            Landing::Merge,
            Landing::Squash,
            Landing::PlainMerge,
            Landing::Rebase,
            Landing::Unknown,
            Landing::DirectPush,
        ]) {
            assert_eq!(postcard::to_stdvec(&landing).unwrap(), [number]);
        }
    }

    /// Whatever is cut off or turned over: an error, or samples; never a panic.
    #[test]
    fn a_damaged_pack_is_an_error() {
        let pack = encode(&[sample(), sample()]).unwrap();
        for length in 0..pack.len() {
            let error = decode(&pack[..length], &everything(), &mut Vec::new()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Corrupt);
        }
        for place in 0..pack.len() {
            let mut damaged = pack.clone();
            damaged[place] ^= 0x5a;
            let read = decode(&damaged, &everything(), &mut Vec::new());
            assert!(read.is_ok() || read.is_err_and(|error| error.kind() == ErrorKind::Corrupt));
        }
    }
}
