//! An organization, a store, a queue, and invocations of the collector.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use devmetrics_core::model::Window;
use devmetrics_core::source::github::{GithubOptions, GithubSource};
use devmetrics_core::store::{GroupOutcome, MemoryStore, MetricsStore, Slot};
use devmetrics_core::{Engine, Result, Settings};
use devmetrics_lambda::emf::Emf;
use devmetrics_lambda::{Collector, Engines, Event};
use devmetrics_simulation::truth::{Told, differences};
use devmetrics_simulation::{KillSwitch, Wire};
use devmetrics_testbed::github::{FakeClock, FakeTransport};
use fake_github::FakeGithub;
use fake_github::generate::{Shape, generate};
use serde_json::{Value, json};

use crate::database::Database;
use crate::sqs::{Entry, Sqs};

pub(crate) const INCIDENT: &str = "incident";

const TIMEOUT: TimeDelta = TimeDelta::minutes(5);

/// Where containers keep their facts.
#[derive(Clone, Debug)]
enum Place {
    Memory(Arc<MemoryStore>),
    Postgres(Database),
}

impl Place {
    async fn open(&self) -> Result<Arc<dyn MetricsStore>> {
        match self {
            Self::Memory(store) => Ok(Arc::clone(store) as Arc<_>),
            Self::Postgres(database) => Ok(database.open().await?),
        }
    }
}

/// A container: its engine, and what it opens when secrets were rotated.
#[derive(Debug)]
pub(crate) struct Opened {
    github: FakeGithub,
    place: Place,
    kill: KillSwitch,
    engine: tokio::sync::Mutex<Option<Engine>>,
    token: String,
    rotated: Mutex<Option<String>>,
}

impl Opened {
    async fn open(&self, token: &str) -> Result<Engine> {
        let options = GithubOptions {
            owners: vec!["acme".to_owned()],
            incident_labels: vec![INCIDENT.to_owned()],
            forks: true,
            page_size: 5,
            ..GithubOptions::default()
        };
        let clock = Arc::new(FakeClock(self.github.clone()));
        let wire = Wire::new(FakeTransport::new(&self.github, token), self.kill.clone());
        let source = GithubSource::new(options, Arc::new(wire), Arc::clone(&clock) as Arc<_>)?;
        let engine = Engine::new(self.place.open().await?, clock, Settings::default());
        Ok(engine.with_source(Arc::new(source)))
    }
}

#[async_trait]
impl Engines for Opened {
    async fn engine(&self) -> Result<Engine> {
        let mut place = self.engine.lock().await;
        match &*place {
            Some(engine) => Ok(engine.clone()),
            None => Ok(place.insert(self.open(&self.token).await?).clone()),
        }
    }

    async fn renewed(&self) -> Result<Option<Engine>> {
        let Some(rotated) = self.rotated.lock().unwrap().take() else {
            return Ok(None);
        };
        let engine = self.open(&rotated).await?;
        *self.engine.lock().await = Some(engine.clone());
        Ok(Some(engine))
    }
}

/// What was written to standard output.
#[derive(Clone, Debug, Default)]
pub(crate) struct Output(Arc<Mutex<Vec<u8>>>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

pub(crate) struct World {
    pub(crate) github: FakeGithub,
    place: Place,
    pub(crate) store: Arc<dyn MetricsStore>,
    pub(crate) sqs: Sqs,
    pub(crate) output: Output,
    /// How many scopes a message names.
    pub(crate) group_size: usize,
    /// How long an invocation may take.
    pub(crate) timeout: TimeDelta,
    invocations: Mutex<u32>,
    token: String,
    /// What the secret holds by now, where containers were started before.
    rotated: Option<String>,
    /// The names of the tokens after the first.
    rotations: Vec<String>,
}

impl World {
    /// Whose facts are in memory.
    pub(crate) async fn new(seed: u64, shape: &Shape) -> Self {
        Self::begin(seed, shape, Place::Memory(Arc::new(MemoryStore::new()))).await
    }

    /// Whose facts are in a database.
    pub(crate) async fn over(seed: u64, shape: &Shape, database: &Database) -> Self {
        Self::begin(seed, shape, Place::Postgres(database.clone())).await
    }

    async fn begin(seed: u64, shape: &Shape, place: Place) -> Self {
        let github = FakeGithub::new(generate(seed, shape));
        github.configure(|settings| settings.elapse = true);
        let viewer = github.world().add_user("collector");
        let token = github.add_token("collector", viewer);
        let store = place.open().await.unwrap();
        store.migrate().await.unwrap();
        Self {
            sqs: Sqs::new(&github),
            github,
            place,
            store,
            output: Output::default(),
            group_size: 2,
            timeout: TIMEOUT,
            invocations: Mutex::new(0),
            token,
            rotated: None,
            rotations: Vec::new(),
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.github.world().now()
    }

    /// A container that has just been started.
    pub(crate) fn collector(&self, kill: &KillSwitch) -> Collector {
        self.with_tokens(&self.token, self.rotated.as_deref(), true, kill)
    }

    /// One whose secret holds `token`, and `rotated` when it is read again.
    pub(crate) fn with_tokens(
        &self,
        token: &str,
        rotated: Option<&str>,
        queue: bool,
        kill: &KillSwitch,
    ) -> Collector {
        let opened = Opened {
            github: self.github.clone(),
            place: self.place.clone(),
            kill: kill.clone(),
            engine: tokio::sync::Mutex::default(),
            token: token.to_owned(),
            rotated: Mutex::new(rotated.map(str::to_owned)),
        };
        let queue = queue.then(|| Arc::new(self.sqs.clone()) as Arc<_>);
        let emf = Emf::new("collector", self.output.clone());
        Collector::new(Arc::new(opened), queue, emf, "default", self.group_size)
    }

    /// The token is revoked, and the secret holds another one: containers that were started before do not know it yet.
    pub(crate) fn rotate(&mut self, name: &str) {
        self.settle_rotation();
        let viewer = self.github.world().find_user("collector").unwrap();
        self.rotated = Some(self.github.add_token(name, viewer));
        for old in [
            "collector".to_owned(),
            self.rotations.last().cloned().unwrap_or_default(),
        ] {
            self.github.revoke_token(&old);
        }
        self.rotations.push(name.to_owned());
    }

    /// Every container was started anew.
    pub(crate) fn settle_rotation(&mut self) {
        if let Some(token) = self.rotated.take() {
            self.token = token;
        }
    }

    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    fn id(&self) -> String {
        let mut invocations = self.invocations.lock().unwrap();
        *invocations += 1;
        format!("invocation {invocations}")
    }

    pub(crate) async fn handle(&self, collector: &Collector, event: Value) -> Result<Value> {
        if let Place::Postgres(database) = &self.place {
            database.invoked();
        }
        let deadline = self.now() + self.timeout;
        collector
            .handle(Event::read(event).unwrap(), &self.id(), deadline)
            .await
    }

    pub(crate) async fn schedule(&self, slot: DateTime<Utc>) -> Result<Value> {
        let collector = self.collector(&KillSwitch::default());
        self.handle(&collector, json!({ "slot": slot })).await
    }

    /// Receives messages in order and works at them until there is none that can be seen.
    pub(crate) async fn work(&self) {
        while let Some(entry) = self.sqs.receive(|_| 0) {
            let answer = self
                .handle(&self.collector(&KillSwitch::default()), event(&[&entry]))
                .await;
            if failures(&answer.unwrap()).is_empty() {
                self.sqs.delete(&entry.id);
            }
        }
    }

    /// The same until there is none at all, hidden ones included: time passes.
    pub(crate) async fn finish(&self) {
        self.work().await;
        while let Some(next) = self.sqs.next_visible() {
            let now = self.now();
            self.github.world().set_now(next.max(now));
            self.work().await;
        }
    }

    pub(crate) async fn slots(&self) -> Vec<Slot> {
        let window = Window {
            from: DateTime::UNIX_EPOCH,
            to: DateTime::<Utc>::MAX_UTC,
        };
        self.store.slots(window).await.unwrap()
    }

    /// How the groups of the newest slot ended.
    pub(crate) async fn outcomes(&self) -> Vec<Option<GroupOutcome>> {
        let slots = self.slots().await;
        let groups = slots.last().map(|slot| slot.groups.clone()).unwrap_or_default();
        groups
            .iter()
            .map(|group| group.end.map(|end| end.outcome))
            .collect()
    }

    /// What the store has wrong.
    pub(crate) async fn differences(&self) -> Vec<String> {
        let told = Told {
            incident_label: INCIDENT,
            tags: false,
        };
        differences(&self.github.world().clone(), &*self.store, told).await
    }

    pub(crate) async fn is_true(&self) {
        assert_eq!(self.differences().await, Vec::<String>::new());
    }

    /// The values that were written of a metric, in order.
    pub(crate) fn metric(&self, name: &str) -> Vec<f64> {
        let text = String::from_utf8(self.output.0.lock().unwrap().clone()).unwrap();
        let lines = text
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines
            .filter_map(|line| line.get(name).and_then(Value::as_f64))
            .collect()
    }

    /// Why something was left, time by time.
    pub(crate) fn reasons(&self) -> Vec<String> {
        let text = String::from_utf8(self.output.0.lock().unwrap().clone()).unwrap();
        let lines = text
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines
            .filter_map(|line| line.get("Reason").and_then(Value::as_str).map(str::to_owned))
            .collect()
    }
}

/// The event that SQS makes of these messages.
pub(crate) fn event(entries: &[&Entry]) -> Value {
    let record = |entry: &&Entry| {
        json!({"messageId": entry.id, "receiptHandle": format!("handle of {}", entry.id), "body": entry.body,
            "attributes": {"ApproximateReceiveCount": entry.receives.to_string()}, "messageAttributes": {},
            "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:work",
            "awsRegion": "eu-central-1"})
    };
    json!({ "Records": entries.iter().map(record).collect::<Vec<_>>() })
}

/// The messages that have to come again.
pub(crate) fn failures(answer: &Value) -> Vec<String> {
    let failures = answer["batchItemFailures"]
        .as_array()
        .expect("an answer to SQS has them");
    failures
        .iter()
        .map(|failure| failure["itemIdentifier"].as_str().unwrap().to_owned())
        .collect()
}

/// Works until it is done (`Some`), or has had to wait for `n` things and is killed at the next (`None`).
pub(crate) async fn killed_after<T>(n: u32, work: impl Future<Output = T>) -> Option<T> {
    let mut work = std::pin::pin!(work);
    let mut waits = 0;
    std::future::poll_fn(|context| {
        if waits == n {
            return Poll::Ready(None);
        }
        waits += 1;
        work.as_mut().poll(context).map(Some)
    })
    .await
}

/// An organization that is read within seconds.
pub(crate) fn small() -> Shape {
    Shape {
        repositories: 3,
        pull_requests: 30,
        ..Shape::tiny()
    }
}
