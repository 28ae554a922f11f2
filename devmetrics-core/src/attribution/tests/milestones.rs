use super::*;
use crate::model::{Activity, OwnCommit, Review, Verdict};

fn approval(id: &str, who: &str, instant: &str) -> Review {
    Review {
        id: id.into(),
        verdict: Verdict::Approved,
        submitted_at: Some(at(instant)),
        author: Actor {
            handle: Some(who.into()),
            ..Actor::default()
        },
        commit: None,
        comments: None,
    }
}

/// Approved by an account that looks like a person's at first.
fn reviewed(activity: Activity) -> Subject {
    match opened(by_email("ada@example.com"), "2026-01-01T00:00:00Z") {
        Subject::PullRequest {
            id,
            actor,
            milestones,
            ..
        } => Subject::PullRequest {
            id,
            actor,
            milestones,
            activity: Some(Box::new(activity)),
        },
        other => other,
    }
}

#[test]
fn who_is_a_bot_decides_which_review_is_the_first() {
    let subject = reviewed(Activity {
        reviews: vec![
            approval("1", "abbot", "2026-01-02T00:00:00Z"),
            approval("2", "grace", "2026-01-05T00:00:00Z"),
        ],
        ..Activity::default()
    });
    let first_review = |bots: &str| {
        let roster = roster_from_toml("teams.toml", bots).unwrap();
        let told = attributor(&roster).attribute(&subject).milestones.unwrap();
        assert_eq!(told.first_review_at, told.approved_at);
        told.first_review_at
    };
    assert_eq!(first_review(""), Some(at("2026-01-02T00:00:00Z")));
    assert_eq!(
        first_review("[bots]\naccounts = [\"abbot\"]"),
        Some(at("2026-01-05T00:00:00Z"))
    );
}

#[test]
fn without_activity_the_milestones_stay_as_they_are() {
    let told = attributor(&Roster::default()).attribute(&opened(Actor::default(), "2026-01-01T00:00:00Z"));
    assert_eq!(told.milestones, None);
}

/// A source that does not tell when it was opened.
#[test]
fn the_first_commit_that_activity_tells_is_an_instant_of_attribution() {
    let text = "[[team]]\nid = \"old\"\nmember = [{ email = \"ada@example.com\", until = 2026-03-01 }]";
    let roster = roster_from_toml("teams.toml", text).unwrap();
    let commit = OwnCommit {
        id: "c".into(),
        authored_at: at("2026-02-01T00:00:00Z"),
        committed_at: at("2026-04-01T00:00:00Z"),
        author: Actor::default(),
    };
    let subject = Subject::PullRequest {
        id: Id::new("pr"),
        actor: by_email("ada@example.com"),
        milestones: Milestones {
            merged_at: Some(at("2026-05-01T00:00:00Z")),
            ..Milestones::default()
        },
        activity: Some(Box::new(Activity {
            commits: vec![commit],
            ..Activity::default()
        })),
    };
    assert_eq!(brief(&attributor(&roster).attribute(&subject)), ["old 1 pd"]);
}
