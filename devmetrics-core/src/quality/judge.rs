use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, TimeDelta, Timelike, Utc};

use super::{Example, FindingKind, Material, Person, QualityFinding, QualityReport, RepositoryLife};
use crate::metric::{IncidentSample, PullRequestSample, phases};
use crate::model::{Actor, Landing, Milestones};

/// How many of a kind are shown.
const SHOWN: usize = 5;
/// After so many days a merge should have reached users.
const UNSHIPPED_DAYS: i64 = 30;
/// A repository that was not read for so many days is stale.
const UNREAD_DAYS: i64 = 7;
/// In a repository without a change for so many days, open work is forgotten.
const UNCHANGED_DAYS: i64 = 180;
/// More than so many pull requests a day are not opened by hand.
const DAILY: usize = 20;
/// Nobody is awake in every hour of the day: told from so many pull requests on.
const AROUND_THE_CLOCK: usize = 100;
/// Words of the names of machines.
const MACHINES: [&str; 6] = ["bot", "robot", "ci", "automation", "automated", "autobuild"];

/// Judges what was collected.
pub fn judge(material: &Material) -> QualityReport {
    let findings = FindingKind::ALL.iter().filter_map(|kind| {
        let (out_of, found) = of_kind(*kind, material);
        (!found.is_empty()).then(|| QualityFinding {
            kind: *kind,
            count: found.len() as u64,
            out_of: out_of as u64,
            examples: found.into_iter().take(SHOWN).collect(),
            affects: kind.affects(),
            remedy: kind.remedy().to_owned(),
        })
    });
    QualityReport {
        window: material.window,
        findings: findings.collect(),
    }
}

/// How many were looked at, and what was found among them.
fn of_kind(kind: FindingKind, material: &Material) -> (usize, Vec<Example>) {
    let Material {
        pull_requests,
        deployments,
        incidents,
        people,
        repositories,
        now,
        ..
    } = material;
    let merged = || {
        pull_requests
            .iter()
            .filter(|sample| is_merged_change(sample, material))
    };
    match kind {
        FindingKind::SkewedClock => {
            let of_changes = merged().filter_map(skewed_change);
            let found = of_changes.chain(incidents.iter().filter_map(skewed_incident));
            (merged().count() + incidents.len(), found.collect())
        }
        // A source that does not tell of pull requests but of merges alone (a git history) has none of both.
        FindingKind::MissingCommits => {
            let told = || merged().filter(|sample| sample.opened_at.is_some());
            (told().count(), told().filter_map(incomplete).collect())
        }
        FindingKind::UnmappedAuthor => (people.len(), unmapped(people)),
        FindingKind::UnmatchedMerge => {
            let found = merged().filter_map(|sample| unshipped(sample, *now));
            (merged().count(), found.collect())
        }
        FindingKind::DeploymentWithoutCommit => {
            let lost = deployments.iter().filter(|deployment| !deployment.placed);
            let found = lost.map(|deployment| Example {
                id: deployment.id.to_string(),
                name: Some(deployment.reference.clone()),
                detail: "its commit is none by which a change landed, and its time is not known".to_owned(),
            });
            (deployments.len(), found.collect())
        }
        FindingKind::StaleRepository => {
            let found = repositories.iter().filter_map(|life| stale(life, *now));
            (repositories.len(), found.collect())
        }
        FindingKind::SuspiciousBot => (people.len(), suspicious(people, pull_requests)),
    }
}

fn is_merged_change(sample: &PullRequestSample, material: &Material) -> bool {
    sample.on_base_branch
        && sample.landing != Some(Landing::DirectPush)
        && sample.merged_at.is_some_and(|at| material.window.contains(at))
}

fn example(sample: &PullRequestSample, detail: String) -> Example {
    Example {
        id: sample.id.to_string(),
        name: None,
        detail,
    }
}

fn skewed_change(sample: &PullRequestSample) -> Option<Example> {
    let milestones = Milestones {
        first_commit_at: sample.first_commit_at,
        opened_at: sample.opened_at,
        ready_at: sample.ready_at,
        first_review_at: sample.first_review_at,
        approved_at: sample.approved_at,
        merged_at: sample.merged_at,
        ..Milestones::default()
    };
    let skew = phases(&milestones, None)?.skew;
    (skew > 0).then(|| {
        example(
            sample,
            format!("its milestones contradict their order by {skew} s"),
        )
    })
}

fn skewed_incident(sample: &IncidentSample) -> Option<Example> {
    let early = (sample.started_at - sample.resolved_at?).num_seconds();
    (early > 0).then(|| Example {
        id: sample.id.to_string(),
        name: None,
        detail: format!("it was resolved {early} s before it began"),
    })
}

fn incomplete(sample: &PullRequestSample) -> Option<Example> {
    let lacks = match (sample.first_commit_at, sample.review_rounds) {
        (None, None) => "neither its commits nor its reviews are known",
        (None, Some(_)) => "its commits are not known",
        (Some(_), None) => "its reviews are not known",
        (Some(_), Some(_)) => return None,
    };
    Some(example(sample, lacks.to_owned()))
}

fn unmapped(people: &[Person]) -> Vec<Example> {
    let mut found: Vec<&Person> = people.iter().filter(|person| person.unmapped > 0).collect();
    found.sort_by(|a, b| b.unmapped.cmp(&a.unmapped).then_with(|| a.key.cmp(&b.key)));
    let told = |person: &&Person| Example {
        id: person.key.clone(),
        name: person.actor.display().map(str::to_owned),
        detail: format!("{} merged changes", person.unmapped),
    };
    found.iter().map(told).collect()
}

fn unshipped(sample: &PullRequestSample, now: DateTime<Utc>) -> Option<Example> {
    let waits = now - sample.merged_at?;
    // One of a repository without deployments, or of before the first known one, has a match that says so.
    let lost = sample.deployed_at.is_none() && sample.matched.is_none();
    (lost && waits > TimeDelta::days(UNSHIPPED_DAYS)).then(|| {
        example(
            sample,
            format!("merged {} days ago and not deployed", waits.num_days()),
        )
    })
}

fn stale(life: &RepositoryLife, now: DateTime<Utc>) -> Option<Example> {
    let days_since = |at: DateTime<Utc>| (now - at).num_days();
    let unread = match life.read_to {
        None => Some("it was not read to its end yet".to_owned()),
        Some(at) => (now - at > TimeDelta::days(UNREAD_DAYS))
            .then(|| format!("last read {} days ago", days_since(at))),
    };
    let quiet = life
        .last_change
        .is_none_or(|at| now - at > TimeDelta::days(UNCHANGED_DAYS));
    let forgotten = (quiet && life.open > 0).then(|| match life.last_change {
        Some(at) => format!(
            "{} open, and the last change is {} days old",
            life.open,
            days_since(at)
        ),
        None => format!("{} open, and nothing was ever merged", life.open),
    });
    let detail: Vec<String> = unread.into_iter().chain(forgotten).collect();
    (!detail.is_empty()).then(|| Example {
        id: life.id.to_string(),
        name: Some(life.name.clone()),
        detail: detail.join("; "),
    })
}

fn suspicious(people: &[Person], pull_requests: &[PullRequestSample]) -> Vec<Example> {
    let mut opened: HashMap<&str, Vec<DateTime<Utc>>> = HashMap::new();
    for sample in pull_requests.iter().filter(|sample| !sample.bot) {
        if let (Some(author), Some(at)) = (sample.author.as_deref(), sample.opened_at) {
            opened.entry(author).or_default().push(at);
        }
    }
    let unsaid = people.iter().filter(|person| !person.said_human);
    let found = unsaid.filter_map(|person| {
        let instants = opened.get(person.key.as_str()).map_or(&[][..], Vec::as_slice);
        let detail = named_like_a_machine(&person.actor).or_else(|| works_like_one(instants))?;
        Some(Example {
            id: person.key.clone(),
            name: person.actor.display().map(str::to_owned),
            detail,
        })
    });
    found.collect()
}

/// Whole words alone: an Abbot is a person.
fn named_like_a_machine(actor: &Actor) -> Option<String> {
    let names = [actor.handle.as_deref(), actor.name.as_deref()];
    names.into_iter().flatten().find_map(|name| {
        let lower = name.to_lowercase();
        let mut words = lower.split(|one: char| !one.is_alphanumeric());
        words
            .any(|word| MACHINES.contains(&word))
            .then(|| format!("the name `{name}`"))
    })
}

fn works_like_one(opened: &[DateTime<Utc>]) -> Option<String> {
    let mut days: BTreeMap<NaiveDate, usize> = BTreeMap::new();
    for at in opened {
        *days.entry(at.date_naive()).or_default() += 1;
    }
    if let Some((day, most)) = days.into_iter().max_by_key(|(_, count)| *count)
        && most > DAILY
    {
        return Some(format!("{most} pull requests opened on {day}"));
    }
    let hours: BTreeSet<u32> = opened.iter().map(Timelike::hour).collect();
    let never_sleeps = opened.len() >= AROUND_THE_CLOCK && hours.len() == 24;
    never_sleeps.then(|| format!("{} pull requests opened in every hour of the day", opened.len()))
}
