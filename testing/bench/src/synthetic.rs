//! A synthetic history: pull requests of a large organization over years, the same in every run.

use chrono::{DateTime, TimeDelta, Utc};
use devmetrics_core::Id;
use devmetrics_core::attribution::{AttributedId, Attribution, Share};
use devmetrics_core::model::{Actor, Landing, Milestones, PullRequest, Repository};

/// The span of the history in years.
pub const YEARS: i64 = 5;
/// Repositories.
pub const REPOSITORIES: usize = 200;
/// Authors.
pub const AUTHORS: usize = 2_000;
/// Teams.
pub const TEAMS: usize = 100;
/// Every team belongs to one of these as well, so that a pull request has two shares.
pub const GROUPS: usize = 10;

/// When the history begins.
pub fn begin() -> DateTime<Utc> {
    DateTime::from_timestamp(1_600_000_000, 0).unwrap_or_default()
}

/// The same for the same `n`, and spread over all numbers: SplitMix64.
pub fn scatter(n: usize) -> usize {
    let mut z = (n as u64).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 1) as usize
}

/// One of the repositories.
pub fn repository(n: usize) -> Repository {
    Repository {
        id: Id::new(format!("github:repo:{n:06}")),
        name: format!("acme/service-{n}"),
        default_branch: Some("main".into()),
        url: None,
        partial_history: false,
        archived: false,
        unreachable_since: None,
    }
}

/// The id of a team.
pub fn team(n: usize) -> String {
    format!("team-{n:02}")
}

/// The `n`th of `count` pull requests.
pub fn pull_request(n: usize, count: usize) -> PullRequest {
    let random = scatter(n);
    let author = random % AUTHORS;
    let merged_at = begin() + TimeDelta::seconds(365 * YEARS * 86_400 * n as i64 / count as i64);
    let minutes = |most: usize, salt: usize| TimeDelta::minutes((scatter(n ^ salt << 40) % most) as i64);
    let opened_at = merged_at - minutes(5_000, 1);
    PullRequest {
        id: Id::new(format!("github:pr:{n:09}")),
        repository: repository(n % REPOSITORIES).id,
        number: Some((n / REPOSITORIES) as i64),
        title: format!("Make the handling of case {random:016x} faster and simpler"),
        url: Some(format!(
            "https://github.com/acme/service-{}/pull/{}",
            n % REPOSITORIES,
            n / REPOSITORIES
        )),
        author: Actor {
            name: Some(format!("Person Number {author}")),
            email: Some(format!("person.{author}@example.com")),
            handle: Some(format!("person-{author}")),
            bot: false,
        },
        co_authors: Vec::new(),
        base_branch: "main".into(),
        landing: Some(Landing::Merge),
        milestones: Milestones {
            first_commit_at: Some(opened_at - minutes(3_000, 2)),
            opened_at: Some(opened_at),
            ready_at: Some(opened_at),
            first_review_at: Some(opened_at),
            approved_at: Some(merged_at),
            merged_at: Some(merged_at),
            closed_at: Some(merged_at),
            review_rounds: Some(1 + (random % 3) as i64),
            self_merged: Some(random.is_multiple_of(7)),
            ..Milestones::default()
        },
        first_commit_estimated: false,
        first_commit: Some(format!("{random:040x}")),
        landing_commit: Some(format!("{:040x}", scatter(random))),
        // As the source of GitHub places changes: by the second of their merge.
        position: Some(merged_at.timestamp()),
        commits: Some(3),
        additions: Some((random % 500) as i64),
        deletions: Some((random % 200) as i64),
        changed_files: Some(4),
        draft: false,
        labels: Vec::new(),
        closes: Vec::new(),
        comments: None,
        activity: None,
        paths: None,
        reverts: Vec::new(),
        cherry_picked_from: Vec::new(),
        updated_at: merged_at,
    }
}

/// Its two teams.
pub fn attribution(n: usize) -> Attribution {
    let of = scatter(n) % AUTHORS % TEAMS;
    let share = |team: String, direct| Share {
        team: Id::new(team),
        weight: 1.0,
        primary: true,
        direct,
    };
    Attribution {
        subject: AttributedId::PullRequest(Id::new(format!("github:pr:{n:09}"))),
        milestones: None,
        bot: false,
        shares: vec![
            share(format!("group-{}", of % GROUPS), false),
            share(team(of), true),
        ],
    }
}
