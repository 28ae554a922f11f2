//! Tags that stand for deployments: read where the settings say so, and held against what the repository has.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use devmetrics_core::engine::{Outcome, SyncOptions, SyncReport};
use devmetrics_core::model::{Deployment, Feed, RawRecord};
use devmetrics_core::source::github::{GithubOptions, GithubSource};
use devmetrics_core::source::{SourceProvider, TagRules};
use devmetrics_core::store::{MemoryStore, MetricsStore};
use devmetrics_core::{Engine, Id, Settings};
use devmetrics_testbed::github::{FakeClock, source};
use fake_github::world::{ActorId, Commit, NewRelease, RepositoryId, World};
use fake_github::{FakeGithub, Fault, When};
use serde_json::{Value, json};

use crate::harness::{options, start};

struct Tagged {
    github: FakeGithub,
    store: Arc<MemoryStore>,
    repository: RepositoryId,
    person: ActorId,
}

impl Tagged {
    fn new() -> Self {
        let mut world = World::new(start());
        let acme = world.add_organization("acme");
        let person = world.add_user("alice");
        let repository = world.add_repository(acme, "api");
        world.advance(3_600);
        let github = FakeGithub::new(world);
        github.configure(|settings| settings.elapse = true);
        Self {
            github,
            store: Arc::new(MemoryStore::new()),
            repository,
            person,
        }
    }

    /// A commit of now.
    fn commit(&self) -> Commit {
        let mut world = self.github.world();
        world.advance(60);
        world.new_commit(self.person, "Change")
    }

    fn tag(&self, name: &str, commit: &Commit) {
        self.github.world().tag(self.repository, name, commit, None);
    }

    fn now(&self) -> DateTime<Utc> {
        self.github.world().now()
    }

    /// A run of another process, some hours later.
    async fn sync_with(&self, hours: i64, options: GithubOptions) -> SyncReport {
        self.github.world().advance(hours * 3_600);
        self.github.clear_log();
        let clock = Arc::new(FakeClock(self.github.clone()));
        let source: GithubSource = source(&self.github, options).unwrap();
        let store = Arc::clone(&self.store) as Arc<dyn MetricsStore>;
        let engine = Engine::new(store, clock, Settings::default()).with_source(Arc::new(source));
        let report = engine.sync(SyncOptions::default()).await.unwrap();
        assert_eq!(report.outcome, Outcome::Complete, "{:?}", report.failures);
        report
    }

    async fn sync(&self) -> SyncReport {
        self.sync_with(4, by_tags(TagRules::default())).await
    }

    /// What is kept, by tag.
    async fn kept(&self) -> BTreeMap<String, Deployment> {
        let scope = Id::new(self.scope());
        let kept = self.store.deployments(&scope, None).await.unwrap();
        let tags = kept.into_iter().filter(|kept| kept.id.as_str().contains(":tag:"));
        tags.map(|kept| (kept.reference.clone(), kept)).collect()
    }

    async fn names(&self) -> Vec<String> {
        self.kept().await.into_keys().collect()
    }

    fn scope(&self) -> String {
        let world = self.github.world();
        format!("github:repo:{}", world.repository(self.repository).database_id)
    }

    fn pages_of_tags(&self) -> usize {
        let log = self.github.log();
        let asked = log
            .iter()
            .filter(|record| record.operation.as_deref() == Some("Tags"));
        asked.count()
    }
}

fn by_tags(rules: TagRules) -> GithubOptions {
    GithubOptions {
        tags: Some(rules),
        ..options()
    }
}

#[tokio::test]
async fn a_tag_is_a_deployment_to_production_when_it_was_made() {
    let tagged = Tagged::new();
    let commit = tagged.commit();
    tagged.tag("v1.0.0", &commit);
    tagged.github.world().advance(3_600);
    let made = tagged.now();
    tagged
        .github
        .world()
        .tag(tagged.repository, "v1.0.1", &commit, Some(tagged.person));
    tagged.tag("v1.1.0-rc.1", &commit);
    let new = NewRelease {
        tag_name: "v1.1.0".into(),
        commit: commit.clone(),
        prerelease: false,
    };
    tagged
        .github
        .world()
        .publish_release(tagged.repository, tagged.person, new);
    tagged.sync().await;
    let kept = tagged.kept().await;
    let names: Vec<&String> = kept.keys().collect();
    assert_eq!(names, ["v1.0.0", "v1.0.1", "v1.1.0"], "with a release or without");
    let (light, annotated) = (&kept["v1.0.0"], &kept["v1.0.1"]);
    assert_eq!(light.finished_at, commit.committed_at);
    assert_eq!(light.creator.handle, None);
    assert_eq!(annotated.finished_at, made);
    assert_eq!(annotated.creator.handle.as_deref(), Some("alice"));
    for one in [light, annotated] {
        assert_eq!(one.environment, "production");
        assert_eq!(one.commit, commit.oid.to_string());
        assert_eq!(one.committed_at, Some(commit.committed_at));
        let url = format!("https://github.com/acme/api/commit/{}", commit.oid);
        assert_eq!(one.url.as_deref(), Some(&*url));
    }
}

#[tokio::test]
async fn nobody_asks_for_tags_who_does_not_ship_by_them() {
    let tagged = Tagged::new();
    tagged.tag("v1.0.0", &tagged.commit());
    tagged.sync_with(4, options()).await;
    assert_eq!(tagged.names().await, Vec::<String>::new());
    assert_eq!(tagged.pages_of_tags(), 0);
}

#[tokio::test]
async fn what_is_new_moved_or_gone_is_seen() {
    let tagged = Tagged::new();
    let (old, new) = (tagged.commit(), tagged.commit());
    tagged.tag("v1.0.0", &old);
    tagged.tag("v2.0.0", &new);
    tagged.sync().await;
    assert_eq!(tagged.kept().await["v2.0.0"].finished_at, new.committed_at);
    let quiet = tagged.sync().await;
    assert_eq!(
        (tagged.pages_of_tags(), quiet.applied().updated),
        (0, 0),
        "nothing is new"
    );

    tagged.tag("v2.0.0", &old);
    tagged.tag("v0.9.0", &old);
    tagged.github.world().delete_tag(tagged.repository, "v1.0.0");
    tagged.sync().await;
    let kept = tagged.kept().await;
    assert_eq!(kept.keys().collect::<Vec<_>>(), ["v0.9.0", "v2.0.0"]);
    assert_eq!(kept["v2.0.0"].commit, old.oid.to_string(), "moved back");
    assert_eq!(kept["v2.0.0"].finished_at, old.committed_at);
}

#[tokio::test]
async fn deep_in_a_long_list_a_move_is_seen_within_a_day() {
    let tagged = Tagged::new();
    let oldest = tagged.commit();
    for n in 0..250 {
        tagged.tag(&format!("v1.{n}"), &tagged.commit());
    }
    tagged.sync().await;
    assert_eq!((tagged.names().await.len(), tagged.pages_of_tags()), (250, 3));

    tagged.tag("v1.3", &oldest);
    tagged.sync().await;
    assert_eq!(
        tagged.pages_of_tags(),
        0,
        "its beginning and its length are the same"
    );
    tagged.sync_with(25, by_tags(TagRules::default())).await;
    assert_eq!(tagged.kept().await["v1.3"].commit, oldest.oid.to_string());
    tagged.github.world().delete_tag(tagged.repository, "v1.7");
    tagged.sync().await;
    assert_eq!(tagged.names().await.len(), 249, "the length tells of it at once");
}

#[tokio::test]
async fn other_rules_read_the_tags_anew() {
    let tagged = Tagged::new();
    let commit = tagged.commit();
    tagged.tag("v1.0.0", &commit);
    tagged.tag("deploy-7", &commit);
    tagged.sync().await;
    assert_eq!(tagged.names().await, ["v1.0.0"]);
    let rules = TagRules {
        pattern: "^deploy-".to_owned(),
        ..TagRules::default()
    };
    tagged.sync_with(4, by_tags(rules)).await;
    assert_eq!(tagged.names().await, ["deploy-7"]);
}

#[tokio::test]
async fn a_tag_of_no_commit_is_no_deployment_and_a_strange_one_is_an_error() {
    let tagged = Tagged::new();
    let source = source(&tagged.github, by_tags(TagRules::default())).unwrap();
    let feed = Feed {
        source: "github".to_owned(),
        scope: "github:repo:7".to_owned(),
        kind: "tags".to_owned(),
    };
    let normalized = |target: Value| {
        let record = RawRecord {
            id: "v1.0".to_owned(),
            payload: json!({ "id": "REF_1", "name": "v1.0", "target": target }),
        };
        source.normalize(&feed, &record)
    };
    for target in [
        json!({ "__typename": "Tree", "oid": "1" }),
        json!({ "__typename": "Tag", "oid": "1", "target": { "__typename": "Tag", "oid": "2" } }),
        json!(null),
    ] {
        assert_eq!(normalized(target.clone()).unwrap(), [], "{target}");
    }
    let wrong = normalized(json!({ "__typename": "Commit", "oid": "1", "committedDate": "soon" }));
    assert!(wrong.unwrap_err().to_string().contains("record"));
}

#[tokio::test]
async fn a_walk_whose_place_is_refused_begins_anew() {
    let tagged = Tagged::new();
    for n in 0..150 {
        tagged.tag(&format!("v1.{n}"), &tagged.commit());
    }
    let second = When::nth(2).operation("Tags");
    tagged.github.inject(Fault::InvalidCursor, second);
    tagged.sync().await;
    assert_eq!(tagged.names().await.len(), 150);
    assert_eq!(tagged.pages_of_tags(), 4, "one, refused, and both again");
}
