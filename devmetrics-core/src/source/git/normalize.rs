//! What a record means. Pure: a record is self-contained.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::message::landed;
use super::origin::change_url;
use super::record::{LandingCommit, OwnCommits, Person, Record, Stamp, Tag};
use crate::model::{
    Actor, Deployment, DeploymentStatus, Fact, Feed, Landing, Milestones, PullRequest, RawRecord, Repository,
};
use crate::source::message::handle;
use crate::{Error, ErrorKind, Id, Result};

/// The prefix of repository ids; what follows is the repository's name in other ids.
pub(super) const REPOSITORY: &str = "git:repo:";

/// How much later than the merge a first commit may claim to be and still count as made at the merge: clocks differ.
const SKEW: i64 = 60;

pub(super) fn normalize(feed: &Feed, record: &RawRecord) -> Result<Vec<Fact>> {
    let repository = Id::new(&feed.scope);
    let name = feed.scope.strip_prefix(REPOSITORY).unwrap_or(&feed.scope);
    let read = Record::deserialize(&record.payload)
        .map_err(|error| corrupt("the record has another form than this version writes").caused_by(error));
    let fact = read.and_then(|read| match read {
        Record::Repository(repository) => Ok(Fact::Repository(repository)),
        Record::Landing(landing) => {
            pull_request(*landing, repository, name).map(|found| Fact::PullRequest(Box::new(found)))
        }
        Record::Tag(tag) => deployment(tag, repository, name).map(Fact::Deployment),
        Record::RemovedTag(tag) => Ok(Fact::DeploymentRemoved(deployment_id(name, &tag))),
    });
    fact.map(|fact| vec![fact])
        .map_err(|error| error.with("record", &record.id).with("feed", feed))
}

fn pull_request(commit: LandingCommit, repository: Id<Repository>, name: &str) -> Result<PullRequest> {
    let landed = landed(&commit.message, commit.parents);
    let stamp = |stamp: &Option<Stamp>, role: &str| {
        stamp
            .as_ref()
            .ok_or_else(|| corrupt(format!("the commit's {role} line cannot be understood")))
            .map(|stamp| stamp.at)
            .and_then(|at| instant(at, &format!("the commit's {role} date")))
    };
    let authored_at = stamp(&commit.author, "author")?;
    let merged_at = stamp(&commit.committer, "committer")?;
    let merge = matches!(landed.landing, Landing::Merge | Landing::PlainMerge);
    let (first, first_commit, estimated) = if merge {
        let first = commit.own.as_ref().and_then(|own| own.first.as_ref());
        let at = first
            .map(|first| instant(Some(first.at), "the first commit's date"))
            .transpose()?;
        // Commits that a shallow clone lacks may be earlier.
        let cut = commit.own.as_ref().is_some_and(|own| own.cut);
        (at, first.map(|first| first.commit.clone()), cut)
    } else {
        (Some(authored_at), Some(commit.commit.clone()), true)
    };
    let first_commit_at = first.map(|at| {
        let late = (at - merged_at).num_seconds();
        if (1..=SKEW).contains(&late) { merged_at } else { at }
    });
    let (author, co_authors) = people(&commit);
    Ok(PullRequest {
        id: Id::new(format!("git:pr:{name}@{}", commit.commit)),
        repository,
        number: landed.number,
        title: landed.title.to_owned(),
        url: commit
            .web
            .as_deref()
            .zip(landed.number)
            .and_then(|(web, number)| change_url(web, number)),
        author,
        co_authors,
        landing: Some(landed.landing),
        milestones: Milestones {
            first_commit_at,
            merged_at: Some(merged_at),
            closed_at: Some(merged_at),
            ..Milestones::default()
        },
        first_commit_estimated: estimated,
        first_commit,
        position: Some(commit.position),
        commits: if merge {
            commit.own.as_ref().filter(|own| !own.cut).map(|own| own.count)
        } else {
            Some(1)
        },
        additions: commit.size.map(|size| size.additions),
        deletions: commit.size.map(|size| size.deletions),
        changed_files: commit.size.map(|size| size.files),
        draft: false,
        labels: Vec::new(),
        closes: Vec::new(),
        comments: None,
        paths: commit.paths,
        activity: None,
        reverts: commit.references.reverts,
        cherry_picked_from: commit.references.cherry_picked_from,
        updated_at: merged_at,
        base_branch: commit.branch,
        landing_commit: Some(commit.commit),
    })
}

/// The author and the co-authors: of a merge, those of the commits that it brought in, for the merge itself is often a
/// maintainer's or a bot's.
fn people(commit: &LandingCommit) -> (Actor, Vec<Actor>) {
    let own: &[_] = match &commit.own {
        Some(OwnCommits { authors, .. }) => authors,
        None => &[],
    };
    let fallback = commit.author.iter().map(|stamp| &stamp.who);
    let mut people = own
        .iter()
        .map(|author| &author.who)
        .chain(fallback.filter(|_| own.is_empty()))
        .chain(&commit.co_authors)
        .map(actor);
    let author = people.next().unwrap_or_default();
    let mut keys = vec![author.key()];
    let co_authors = people
        .filter(|person| {
            let key = person.key();
            let new = key.is_some() && !keys.contains(&key);
            keys.push(key);
            new
        })
        .collect();
    (author, co_authors)
}

fn actor(person: &Person) -> Actor {
    let known = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let handle = handle(&person.email);
    let bot =
        person.name.contains("[bot]") || handle.as_deref().is_some_and(|handle| handle.contains("[bot]"));
    Actor {
        name: known(&person.name),
        email: known(&person.email),
        handle,
        bot,
    }
}

fn deployment(tag: Tag, repository: Id<Repository>, name: &str) -> Result<Deployment> {
    let target = tag
        .target
        .map_err(|reason| corrupt(format!("the tag cannot be read: {reason}")))?;
    let finished_at = instant(target.finished_at, "the tag's date")?;
    Ok(Deployment {
        declares: Vec::new(),
        committed_at: None,
        id: deployment_id(name, &tag.name),
        repository,
        environment: "production".to_owned(),
        status: DeploymentStatus::Success,
        finished_at,
        reference: tag.name,
        commit: target.commit,
        contains_to: target.contains_to,
        creator: target.tagger.as_ref().map(actor).unwrap_or_default(),
        url: None,
        updated_at: instant(target.updated_at.or(target.finished_at), "the tag's date")?,
    })
}

fn deployment_id(name: &str, tag: &str) -> Id<Deployment> {
    Id::new(format!("git:tag:{name}:{tag}"))
}

fn instant(seconds: Option<i64>, what: &str) -> Result<DateTime<Utc>> {
    seconds
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
        .ok_or_else(|| corrupt(format!("{what} cannot be understood")))
}

fn corrupt(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Corrupt, message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn feed() -> Feed {
        Feed {
            source: "git".to_owned(),
            scope: "git:repo:github.com/acme/app".to_owned(),
            kind: "changes".to_owned(),
        }
    }

    #[test]
    fn private_addresses_tell_the_account() {
        assert_eq!(
            handle("123+octocat@users.noreply.github.com").as_deref(),
            Some("octocat")
        );
        assert_eq!(
            handle("octocat@users.noreply.github.com").as_deref(),
            Some("octocat")
        );
        assert_eq!(handle("noreply@github.com"), None);
        assert_eq!(handle("@users.noreply.github.com"), None);
        let bot = actor(&Person {
            name: "renovate[bot]".to_owned(),
            email: String::new(),
        });
        assert_eq!((bot.bot, bot.email), (true, None));
    }

    #[test]
    fn a_record_of_another_form_is_corrupt_and_says_which_it_was() {
        for payload in [
            json!(null),
            json!({"landing": {"commit": "abc"}}),
            json!({"issue": {}}),
        ] {
            let record = RawRecord {
                id: "abc".to_owned(),
                payload,
            };
            let error = normalize(&feed(), &record).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Corrupt);
            assert!(error.to_string().contains("record: abc"), "{error}");
        }
    }

    #[test]
    fn a_removed_tag_removes_the_deployment_that_the_tag_was() {
        let removed = Record::RemovedTag("v1.0".to_owned()).into_raw().unwrap();
        let id = Id::new("git:tag:github.com/acme/app:v1.0");
        assert_eq!(
            normalize(&feed(), &removed).unwrap(),
            [Fact::DeploymentRemoved(id)]
        );
    }
}
