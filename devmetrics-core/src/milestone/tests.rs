use proptest::prelude::*;

use super::*;
use crate::model::{Event, OwnCommit};

fn hour(hour: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(hour * 3600, 0).unwrap()
}

/// `ghost` is nobody known.
fn actor(handle: &str) -> Actor {
    Actor {
        handle: (handle != "ghost").then(|| handle.to_owned()),
        ..Actor::default()
    }
}

fn review(id: i64, at: i64, who: &str, verdict: Verdict) -> Review {
    Review {
        id: id.to_string(),
        verdict,
        submitted_at: (verdict != Verdict::Pending).then(|| hour(at)),
        author: actor(who),
        commit: None,
        comments: None,
    }
}

fn event(at: i64, kind: EventKind) -> Event {
    Event {
        kind,
        at: hour(at),
        actor: Actor::default(),
    }
}

/// What happened, in words of one line each: `commit 3 5` (written, committed), `5 approve grace`, `6 dismiss 1 approval`
/// (the review of that number in the story, from 1; `?` for an unknown one), `7 ready`, `8 draft`.
fn activity(story: &str) -> Activity {
    let mut activity = Activity::default();
    let mut reviews = 0;
    for line in story.split(',').map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split(' ').collect();
        let at = || words[0].parse().unwrap();
        let verdict = match words[1] {
            "approve" => Verdict::Approved,
            "object" => Verdict::ChangesRequested,
            "remark" => Verdict::Commented,
            "retracted" => Verdict::Dismissed,
            "pending" => Verdict::Pending,
            "shrug" => Verdict::Unknown,
            "ready" => {
                activity.events.push(event(at(), EventKind::ReadyForReview));
                continue;
            }
            "draft" => {
                activity.events.push(event(at(), EventKind::ConvertedToDraft));
                continue;
            }
            "close" => {
                activity.events.push(event(at(), EventKind::Closed));
                continue;
            }
            "reopen" => {
                activity.events.push(event(at(), EventKind::Reopened));
                continue;
            }
            "dismiss" => {
                let review = (words[2] != "?").then(|| words[2].to_owned());
                let was = match words[3] {
                    "approval" => Verdict::Approved,
                    "objection" => Verdict::ChangesRequested,
                    other => panic!("{other}"),
                };
                activity
                    .events
                    .push(event(at(), EventKind::ReviewDismissed { review, was }));
                continue;
            }
            _ => {
                assert_eq!(words[0], "commit", "{line}");
                activity.commits.push(OwnCommit {
                    id: line.to_owned(),
                    authored_at: hour(words[1].parse().unwrap()),
                    committed_at: hour(words[2].parse().unwrap()),
                    author: Actor::default(),
                });
                continue;
            }
        };
        reviews += 1;
        activity.reviews.push(review(reviews, at(), words[2], verdict));
    }
    activity
}

/// The hours of C, R, V and A of a pull request by Ada, opened at 10 and merged at 20.
fn told(story: &str) -> [Option<i64>; 4] {
    let given = Milestones {
        opened_at: Some(hour(10)),
        merged_at: Some(hour(20)),
        closed_at: Some(hour(20)),
        ..Milestones::default()
    };
    let told = milestones(&given, &actor("ada"), &activity(story), &is_bot);
    assert_eq!(
        (told.opened_at, told.merged_at, told.closed_at),
        (given.opened_at, given.merged_at, given.closed_at)
    );
    let again = milestones(&told, &actor("ada"), &activity(story), &is_bot);
    assert_eq!(again, told, "told anew from what was told: {story}");
    [
        told.first_commit_at,
        told.ready_at,
        told.first_review_at,
        told.approved_at,
    ]
    .map(|at| at.map(|at| at.timestamp() / 3600))
}

fn is_bot(actor: &Actor) -> bool {
    actor.handle.as_deref() == Some("robot")
}

#[test]
fn the_first_commit_begins_the_work() {
    for (story, expected) in [
        ("commit 5 8, commit 7 7", 5),
        ("commit 9 4", 4),
        // A rebase gave them new dates.
        ("commit 12 13", 10),
        ("commit 12 13, commit 3 13", 3),
        // Older than any threshold: kept, and the metric says so.
        ("commit -9000 2", -9000),
        ("", 10),
    ] {
        assert_eq!(told(story)[0], Some(expected), "{story}");
    }
}

#[test]
fn reviews_tell_these_stories() {
    for (what, story, ready, first, approved) in [
        ("nobody looked", "", 10, None, None),
        (
            "an approval is a review",
            "12 approve grace",
            10,
            Some(12),
            Some(12),
        ),
        (
            "a remark is a review and no approval",
            "12 remark grace, 14 approve grace",
            10,
            Some(12),
            Some(14),
        ),
        (
            "a remark changes no verdict",
            "12 approve grace, 14 remark grace",
            10,
            Some(12),
            Some(12),
        ),
        (
            "what is not known changes none",
            "12 approve grace, 14 shrug grace",
            10,
            Some(12),
            Some(12),
        ),
        (
            "her own, a bot's and a draft are none",
            "11 approve ada, 12 approve robot, 13 pending eve",
            10,
            None,
            None,
        ),
        ("case makes nobody another", "11 approve ADA", 10, None, None),
        ("after the merge is too late", "21 approve grace", 10, None, None),
        (
            "at the merge is in time",
            "20 approve grace",
            10,
            Some(20),
            Some(20),
        ),
        (
            "an objection was met",
            "12 object grace, 15 approve grace",
            10,
            Some(12),
            Some(15),
        ),
        (
            "an objection stood",
            "12 approve eve, 13 object grace",
            10,
            Some(12),
            None,
        ),
        (
            "another's approval meets no objection",
            "12 object grace, 13 approve eve, 16 approve grace",
            10,
            Some(12),
            Some(16),
        ),
        (
            "approved, objected and approved again",
            "12 approve eve, 14 object eve, 17 approve eve",
            10,
            Some(12),
            Some(17),
        ),
        (
            "a second approval begins nothing",
            "12 approve eve, 14 approve grace",
            10,
            Some(12),
            Some(12),
        ),
        (
            "within a second the later number is the later verdict",
            "12 approve eve, 12 object eve",
            10,
            Some(12),
            None,
        ),
        (
            "an approval dismissed before the merge",
            "12 retracted eve, 15 dismiss 1 approval",
            10,
            Some(12),
            None,
        ),
        (
            "and another that stood beside it",
            "12 retracted eve, 13 approve grace, 15 dismiss 1 approval",
            10,
            Some(12),
            Some(12),
        ),
        (
            "and another after it",
            "12 retracted eve, 15 dismiss 1 approval, 17 approve eve",
            10,
            Some(12),
            Some(17),
        ),
        (
            "dismissed and given at one instant",
            "12 retracted eve, 15 dismiss 1 approval, 15 approve grace",
            10,
            Some(12),
            Some(12),
        ),
        (
            "dismissed after the merge it held",
            "12 retracted eve, 25 dismiss 1 approval",
            10,
            Some(12),
            Some(12),
        ),
        (
            "dismissed without an event it never held",
            "12 retracted eve",
            10,
            Some(12),
            None,
        ),
        (
            "an objection dismissed",
            "12 approve eve, 13 retracted grace, 16 dismiss 2 objection",
            10,
            Some(12),
            Some(16),
        ),
        (
            "an objection dismissed brings no approval back",
            "12 approve eve, 13 retracted eve, 16 dismiss 2 objection",
            10,
            Some(12),
            None,
        ),
        (
            "an older approval dismissed",
            "12 retracted eve, 13 object eve, 16 dismiss 1 approval",
            10,
            Some(12),
            None,
        ),
        (
            "which review is not said: the latest dismissed",
            "12 retracted eve, 13 retracted grace, 14 dismiss ? approval, 15 dismiss 1 approval",
            10,
            Some(12),
            None,
        ),
        (
            "nor is it known: the latest of its kind",
            "12 object eve, 13 approve grace, 14 object bob, 16 dismiss 99 objection, 17 approve eve",
            10,
            Some(12),
            Some(17),
        ),
        (
            "two deleted accounts are two people",
            "12 object ghost, 13 approve ghost",
            10,
            Some(12),
            None,
        ),
        (
            "a deleted account approves",
            "12 approve ghost",
            10,
            Some(12),
            Some(12),
        ),
        (
            "before the opening there is none",
            "9 approve grace",
            10,
            None,
            None,
        ),
        (
            "from draft to ready",
            "13 ready, 15 approve grace",
            13,
            Some(15),
            Some(15),
        ),
        (
            "twice a draft",
            "11 ready, 12 draft, 14 ready, 15 remark grace",
            14,
            Some(15),
            None,
        ),
        (
            "reviewed in draft",
            "12 remark grace, 14 ready, 16 approve grace",
            10,
            Some(12),
            Some(16),
        ),
        (
            "a bot's review makes nothing ready",
            "12 remark robot, 14 ready, 16 approve grace",
            14,
            Some(16),
            Some(16),
        ),
        (
            "what was dismissed is not what came after it",
            "12 retracted eve, 13 approve eve, 16 dismiss 1 objection",
            10,
            Some(12),
            Some(13),
        ),
        (
            "which review is not said: not one that stands now",
            "12 retracted grace, 13 approve eve, 15 dismiss ? approval",
            10,
            Some(12),
            Some(12),
        ),
        (
            "the example of docs/metrics.md#cycle-time-and-its-phases",
            "13 ready, 14 approve robot, 15 object grace, 16 approve eve, 18 approve grace",
            13,
            Some(15),
            Some(18),
        ),
        ("ready and never reviewed", "13 ready", 13, None, None),
        ("ready after the merge", "22 ready", 10, None, None),
    ] {
        let [_, r, v, a] = told(story);
        assert_eq!((r, v, a), (Some(ready), first, approved), "{what}: {story}");
    }
}

#[test]
fn an_author_whose_account_is_gone_is_nobody_known() {
    let given = Milestones {
        opened_at: Some(hour(10)),
        ..Milestones::default()
    };
    let told = milestones(&given, &actor("ghost"), &activity("12 approve ghost"), &is_bot);
    assert_eq!(told.approved_at, Some(hour(12)));
}

#[test]
fn while_it_is_open_the_present_is_the_end() {
    let told = milestones(
        &Milestones::default(),
        &actor("ada"),
        &activity("99 approve eve, 98 ready"),
        &is_bot,
    );
    assert_eq!(
        [
            told.first_commit_at,
            told.ready_at,
            told.first_review_at,
            told.approved_at
        ],
        [None, Some(hour(98)), Some(hour(99)), Some(hour(99))]
    );
}

fn verdicts() -> impl Strategy<Value = Verdict> {
    prop::sample::select(vec![
        Verdict::Approved,
        Verdict::ChangesRequested,
        Verdict::Commented,
        Verdict::Dismissed,
        Verdict::Pending,
    ])
}

fn activities() -> impl Strategy<Value = Activity> {
    let who = prop::sample::select(vec!["ada", "eve", "grace", "ghost", "robot"]);
    let reviews = prop::collection::vec((0i64..30, who, verdicts()), 0..7);
    let dismissed =
        (prop::option::of(1i64..9), verdicts()).prop_map(|(review, was)| EventKind::ReviewDismissed {
            review: review.map(|id| id.to_string()),
            was,
        });
    let kind = prop_oneof![
        Just(EventKind::ReadyForReview),
        Just(EventKind::ConvertedToDraft),
        dismissed,
    ];
    let events = prop::collection::vec((0i64..30, kind), 0..7);
    let commits = prop::collection::vec((0i64..30, 0i64..30), 0..3);
    (reviews, events, commits).prop_map(|(reviews, events, commits)| Activity {
        commits: commits
            .into_iter()
            .map(|(authored, committed)| OwnCommit {
                id: String::new(),
                authored_at: hour(authored),
                committed_at: hour(committed),
                author: Actor::default(),
            })
            .collect(),
        reviews: (1i64..)
            .zip(reviews)
            .map(|(id, (at, who, verdict))| review(id, at, who, verdict))
            .collect(),
        events: events.into_iter().map(|(at, kind)| event(at, kind)).collect(),
    })
}

proptest! {
    #[test]
    fn milestones_keep_their_order_and_that_of_the_input_is_nothing(
        (activity, reviews, events, commits) in activities().prop_flat_map(|activity| {
            let reviews = Just(activity.reviews.clone()).prop_shuffle();
            let events = Just(activity.events.clone()).prop_shuffle();
            let commits = Just(activity.commits.clone()).prop_shuffle();
            (Just(activity), reviews, events, commits)
        }),
        merged in prop::option::of(10i64..30),
    ) {
        let given = Milestones {
            opened_at: Some(hour(10)),
            merged_at: merged.map(hour),
            closed_at: merged.map(hour),
            ..Milestones::default()
        };
        let told = milestones(&given, &actor("ada"), &activity, &is_bot);
        let line = [told.first_commit_at, given.opened_at, told.ready_at, told.first_review_at, told.approved_at, told.merged_at];
        let known: Vec<_> = line.into_iter().flatten().collect();
        prop_assert!(known.is_sorted(), "{:?}", told);
        prop_assert!(told.first_review_at.is_some() || told.approved_at.is_none());
        let shuffled = Activity { commits, reviews, events };
        prop_assert_eq!(milestones(&given, &actor("ada"), &shuffled, &is_bot), told);
    }

    /// The definition, instant by instant.
    #[test]
    fn approved_since_the_state_last_became_so(activity in activities(), merged in 10i64..30) {
        let mut activity = activity;
        // What was dismissed, and when, is said by name.
        activity.events.retain(|event| !matches!(event.kind, EventKind::ReviewDismissed { .. }));
        let given = Milestones {
            opened_at: Some(hour(10)),
            merged_at: Some(hour(merged)),
            ..Milestones::default()
        };
        let approved = |now: i64| {
            let mut people: Vec<(Option<&str>, &str, Verdict)> = Vec::new();
            let mut sent: Vec<&Review> = activity.reviews.iter().filter(|review| {
                let at = review.submitted_at;
                at.is_some_and(|at| at >= hour(10) && at <= hour(now))
            }).collect();
            sent.sort_by_key(|review| review.submitted_at);
            for review in sent {
                let who = review.author.handle.as_deref();
                let counts = matches!(review.verdict, Verdict::Approved | Verdict::ChangesRequested);
                if counts && who != Some("ada") && who != Some("robot") {
                    people.retain(|(known, ..)| known.is_none() || *known != who);
                    people.push((who, &review.id, review.verdict));
                }
            }
            people.iter().any(|(.., verdict)| *verdict == Verdict::Approved)
                && people.iter().all(|(.., verdict)| *verdict == Verdict::Approved)
        };
        let expected = approved(merged).then(|| {
            (10..=merged).rev().take_while(|now| approved(*now)).last().unwrap()
        });
        let told = milestones(&given, &actor("ada"), &activity, &is_bot);
        prop_assert_eq!(told.approved_at, expected.map(hour));
    }
}

/// The pauses of a pull request opened at 10, as `10-13`, `15-` while it is a draft.
fn paused(story: &str, draft: bool, closed: Option<i64>) -> Vec<String> {
    let given = Milestones {
        opened_at: Some(hour(10)),
        closed_at: closed.map(hour),
        pauses: draft
            .then_some(crate::model::Pause {
                from: hour(10),
                to: None,
            })
            .into_iter()
            .collect(),
        ..Milestones::default()
    };
    let told = milestones(&given, &actor("ada"), &activity(story), &is_bot);
    let again = milestones(&told, &actor("ada"), &activity(story), &is_bot);
    assert_eq!(again, told, "told anew from what was told: {story}");
    let hours = |at: DateTime<Utc>| at.timestamp() / 3600;
    told.pauses
        .iter()
        .map(|pause| {
            let to = pause.to.map(|to| hours(to).to_string());
            format!("{}-{}", hours(pause.from), to.unwrap_or_default())
        })
        .collect()
}

#[test]
fn a_draft_and_what_is_closed_for_a_time_are_paused() {
    for (story, draft, closed, expected) in [
        ("", false, None, vec![]),
        ("", true, None, vec!["10-"]),
        ("13 ready", false, None, vec!["10-13"]),
        ("13 ready, 15 draft", true, None, vec!["10-13", "15-"]),
        ("15 draft, 17 ready", false, None, vec!["15-17"]),
        ("12 close, 14 reopen", false, None, vec!["12-14"]),
        // Closed as a draft, and ready only after it was opened again.
        (
            "12 draft, 13 close, 15 reopen, 16 ready",
            false,
            None,
            vec!["12-16"],
        ),
        ("13 ready, 20 close", false, Some(20), vec!["10-13"]),
        // Closed for good as the draft that it always was.
        ("20 close", true, Some(20), vec!["10-20"]),
    ] {
        assert_eq!(paused(story, draft, closed), expected, "{story}, {draft}");
    }
}

#[test]
fn a_round_of_review_is_a_state_that_was_looked_at() {
    let rounds = |looked_at: &[Option<&str>]| {
        let mut activity = activity("12 remark eve, ".repeat(looked_at.len()).trim_end_matches(", "));
        for (place, commit) in looked_at.iter().enumerate() {
            activity.reviews[place].commit = commit.map(str::to_owned);
            activity.reviews[place].submitted_at = Some(hour(12 + place as i64));
        }
        let given = Milestones {
            opened_at: Some(hour(10)),
            ..Milestones::default()
        };
        milestones(&given, &actor("ada"), &activity, &is_bot).review_rounds
    };
    assert_eq!(rounds(&[Some("a")]), Some(1));
    assert_eq!(rounds(&[Some("a"), Some("a"), Some("b")]), Some(2));
    assert_eq!(rounds(&[None, None]), Some(1));
    assert_eq!(rounds(&[None, Some("b"), None, Some("c")]), Some(2));
    let nobody = milestones(
        &Milestones::default(),
        &actor("ada"),
        &activity("12 approve ada, 13 approve robot"),
        &is_bot,
    );
    assert_eq!(nobody.review_rounds, Some(0));
}

#[test]
fn who_merges_their_own_work_is_known_where_the_merge_tells() {
    let merged_by = |who: &str| {
        let mut activity = Activity::default();
        activity.events.push(event(20, EventKind::Merged));
        activity.events[0].actor = actor(who);
        let given = Milestones {
            merged_at: Some(hour(20)),
            ..Milestones::default()
        };
        milestones(&given, &actor("ada"), &activity, &is_bot).self_merged
    };
    assert_eq!(merged_by("ada"), Some(true));
    assert_eq!(merged_by("eve"), Some(false));
    assert_eq!(merged_by("ghost"), None);
}
