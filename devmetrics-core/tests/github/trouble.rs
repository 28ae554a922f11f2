//! What is missing, forbidden, renamed or old.

use chrono::TimeDelta;
use devmetrics_core::ErrorKind;
use devmetrics_core::model::{Fact, Repository, TeamSnapshot};
use devmetrics_core::source::SourceProvider;
use devmetrics_core::source::github::GithubOptions;
use fake_github::world::{ActorId, MemberRole, OrganizationId, RepositoryId, World};
use fake_github::{Fault, LimitType, Limits, When};

use crate::harness::{Collector, assert_pull_requests, options, start};

struct Organization {
    world: World,
    acme: OrganizationId,
    person: ActorId,
    repositories: Vec<RepositoryId>,
}

/// An organization with three repositories of five pull requests each.
fn organization() -> Organization {
    let mut world = World::new(start());
    let acme = world.add_organization("acme");
    let person = world.add_user("alice");
    let repositories: Vec<_> = ["api", "web", "old"]
        .into_iter()
        .map(|name| world.add_repository(acme, name))
        .collect();
    for repository in &repositories {
        for n in 0..5 {
            world.advance(60);
            world.open_pull_request(*repository, person, format!("Change {n}").as_str());
        }
    }
    world.advance(3600);
    Organization {
        world,
        acme,
        person,
        repositories,
    }
}

fn repositories(collector: &Collector) -> Vec<&Repository> {
    let facts = collector.facts.values();
    facts
        .filter_map(|fact| match fact {
            Fact::Repository(repository) => Some(repository),
            _ => None,
        })
        .collect()
}

fn teams(collector: &Collector) -> TeamSnapshot {
    match collector.facts.get("teams") {
        Some(Fact::Teams(snapshot)) => snapshot.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_repository_keeps_its_identity_under_another_name_and_is_missed_when_it_is_gone() {
    let Organization {
        world,
        repositories: ids,
        ..
    } = organization();
    let mut collector = Collector::new(world);
    collector.run().await;
    let before: Vec<String> = repositories(&collector)
        .iter()
        .map(|repository| repository.id.to_string())
        .collect();
    {
        let mut world = collector.github.world();
        world.rename_repository(ids[0], "interface");
        world.archive(ids[1]);
        world.delete_repository(ids[2]);
    }
    collector.pass(TimeDelta::hours(4));
    collector.run().await;
    assert!(
        repositories(&collector)
            .iter()
            .all(|found| found.unreachable_since.is_none())
    );
    collector.pass(TimeDelta::hours(4));
    collector.run().await;
    assert_eq!(collector.failures, []);
    let after = repositories(&collector);
    let ids: Vec<String> = after.iter().map(|repository| repository.id.to_string()).collect();
    assert_eq!(ids, before);
    assert_eq!(after[0].name, "acme/interface");
    assert!(after[1].archived);
    assert!(after[2].unreachable_since.is_some());
    collector.pass(TimeDelta::hours(4));
    collector.run().await;
    assert_eq!(collector.records, [], "it is told once");
}

#[tokio::test]
async fn options_choose_the_repositories() {
    let Organization {
        mut world,
        acme,
        repositories: ids,
        ..
    } = organization();
    let fork = world.add_repository(acme, "fork");
    world.change_repository(fork, |repository| repository.fork = true);
    world.archive(ids[2]);
    let with = |options: GithubOptions| {
        let world = world.clone();
        async move {
            let collector = Collector::with(world, options);
            collector.feeds("pull_requests").await.len()
        }
    };
    assert_eq!(with(options()).await, 3);
    let forks = GithubOptions {
        forks: true,
        archived: false,
        ..options()
    };
    assert_eq!(with(forks).await, 3);
    let globs = GithubOptions {
        repositories: vec!["acme/*".into(), "!acme/w*".into()],
        ..options()
    };
    assert_eq!(with(globs).await, 2);
    let named = GithubOptions {
        owners: Vec::new(),
        repositories: vec!["acme/web".into(), "acme/none".into()],
        ..options()
    };
    assert_eq!(with(named).await, 1);
}

#[tokio::test]
async fn repositories_without_content_or_issues_are_read_as_nothing() {
    let Organization {
        mut world,
        acme,
        repositories: ids,
        ..
    } = organization();
    let empty = world.add_repository(acme, "empty");
    world.change_repository(empty, |repository| repository.empty = true);
    world.change_repository(ids[0], |repository| repository.issues_disabled = true);
    world.change_repository(ids[1], |repository| repository.disabled = true);
    let mut collector = Collector::new(world);
    let changes = collector.run().await;
    assert_eq!(collector.failures, []);
    assert_pull_requests(&collector);
    let issues = changes.to_read.iter().filter(|feed| feed.kind == "issues");
    assert_eq!(issues.count(), 3);
}

#[tokio::test]
async fn single_sign_on_hides_an_owner_and_not_the_others() {
    let Organization {
        mut world, person, ..
    } = organization();
    let other = world.add_organization("other");
    let repository = world.add_repository(other, "app");
    world.open_pull_request(repository, person, "Change");
    world.advance(600);
    let options = GithubOptions {
        owners: vec!["acme".into(), "other".into()],
        ..options()
    };
    let mut collector = Collector::with(world, options);
    collector.run().await;
    assert_eq!(collector.pull_requests().len(), 16);
    collector.github.inject(
        Fault::SingleSignOn {
            owner: "other".into(),
        },
        When::always(),
    );
    for _ in 0..3 {
        collector.pass(TimeDelta::hours(4));
        collector.run().await;
    }
    assert!(
        repositories(&collector)
            .iter()
            .all(|found| found.unreachable_since.is_none()),
        "a list that came with errors says nothing about what it does not show"
    );
    collector.github.clear_faults();
    collector.pass(TimeDelta::hours(4));
    collector.run().await;
    assert_eq!(collector.failures, []);
}

#[tokio::test]
async fn an_owner_that_does_not_exist_fails_alone() {
    let Organization { world, .. } = organization();
    let options = GithubOptions {
        owners: vec!["acme".into(), "nobody".into()],
        ..options()
    };
    let mut collector = Collector::with(world.clone(), options);
    collector.run().await;
    let failures: Vec<_> = collector
        .failures
        .iter()
        .map(|(feed, kind, _)| (feed.scope.as_str(), *kind))
        .collect();
    assert_eq!(failures, [("github:owner:nobody", ErrorKind::NotFound)]);
    assert_pull_requests(&collector);
    let alone = GithubOptions {
        owners: vec!["nobody".into()],
        ..crate::harness::options()
    };
    let collector = Collector::with(world, alone);
    let error = collector.source.discover().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn teams_are_told_when_they_change_and_never_half() {
    let Organization {
        mut world,
        acme,
        person,
        ..
    } = organization();
    let parent = world.add_team(acme, "Engineering");
    let child = world.add_team(acme, "Platform");
    world.set_parent(child, Some(parent));
    for n in 0..230 {
        let member = world.add_user(&format!("member-{n}"));
        world.add_member(child, member, MemberRole::Member);
    }
    world.add_member(parent, person, MemberRole::Maintainer);
    let mut collector = Collector::new(world);
    collector.run().await;
    let snapshot = teams(&collector);
    assert!(snapshot.complete);
    let sizes: Vec<_> = snapshot
        .teams
        .iter()
        .map(|team| {
            (
                team.id.as_str(),
                team.parent.clone().map(|id| id.to_string()),
                team.members.as_ref().map(Vec::len),
            )
        })
        .collect();
    assert_eq!(
        sizes,
        [
            ("engineering", None, Some(1)),
            ("platform", Some("engineering".to_owned()), Some(230))
        ]
    );
    collector.pass(TimeDelta::hours(1));
    collector.run().await;
    assert_eq!(collector.records, [], "an unchanged snapshot is not told again");
    // From now on members cannot be read.
    let forbidden = Fault::Forbidden {
        type_name: "TeamMemberEdge".into(),
        field: "node".into(),
    };
    let whole = Fault::Forbidden {
        type_name: "Team".into(),
        field: "members".into(),
    };
    for fault in [forbidden, whole, Fault::ErrorBesideData] {
        let name = fault.name();
        collector.github.inject(fault, When::always().operation("Teams"));
        collector.pass(TimeDelta::hours(1));
        collector.run().await;
        let snapshot = teams(&collector);
        let is_told = !snapshot.complete || snapshot.teams.iter().any(|team| team.members.is_none());
        assert!(is_told || !collector.failures.is_empty(), "{name}");
        for team in &snapshot.teams {
            let count = team.members.as_ref().map(Vec::len);
            assert!(matches!(count, None | Some(1 | 230)), "{name}: {count:?}");
        }
        collector.github.clear_faults();
    }
}

#[tokio::test]
async fn an_old_server_without_limits_is_asked_in_its_own_words() {
    let Organization { world, .. } = organization();
    let mut collector = Collector::new(world);
    collector.github.set_limits(Limits {
        core: None,
        graphql: None,
    });
    collector.github.configure(|settings| {
        for kind in ["PullRequest", "PullRequestReview", "Issue"] {
            let field = "fullDatabaseId".to_owned();
            settings.removed_fields.push((kind.to_owned(), field));
        }
        let field = ("PullRequest".to_owned(), "mergeCommit".to_owned());
        settings.removed_fields.push(field);
    });
    collector.run().await;
    assert_eq!(collector.failures, []);
    assert_eq!(collector.pull_requests().len(), 15);
}

#[tokio::test]
async fn whatever_passes_is_passed() {
    let faults = [
        Fault::BadGateway,
        Fault::GatewayTimeout,
        Fault::ConnectionReset,
        Fault::ResourceLimits,
        Fault::SomethingWentWrong,
        Fault::TruncatedBody,
        Fault::EmptyBody,
        Fault::HtmlBody,
        Fault::GraphqlLimit {
            limit_type: LimitType::RateLimit,
            remaining: 100,
        },
        Fault::SecondaryLimit {
            status: 403,
            retry_after: Some(String::new()),
        },
    ];
    for fault in faults {
        let name = fault.name();
        let Organization { world, .. } = organization();
        let mut collector = Collector::new(world);
        for operation in ["Repositories", "Probe", "PullRequests", "Teams"] {
            collector
                .github
                .inject(fault.clone(), When::once().operation(operation));
        }
        collector.run().await;
        assert_eq!(collector.failures, [], "{name}");
        assert_pull_requests(&collector);
    }
}
