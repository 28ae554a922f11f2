//! Everything that a deployment has: two functions, a queue with its dead-letter queue, secrets, a database; and a GitHub.

use std::process::Command;
use std::sync::Arc;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use chrono::{DateTime, Utc};
use devmetrics_core::engine::NewKey;
use devmetrics_core::model::{KeyScope, Window};
use devmetrics_core::store::{GroupOutcome, MetricsStore, PostgresStore, Slot};
use devmetrics_core::{Clock, Engine, Settings, SystemClock};
use devmetrics_lambda::{Aws, DeadLetters};
use devmetrics_simulation::truth::{Told, differences};
use devmetrics_testbed::ministack::{REGION, eventually};
use fake_github::generate::{Shape, generate};
use fake_github::{FakeGithub, Server};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use url::Url;

use crate::cloud::Cloud;

const INCIDENT: &str = "incident";

/// The variable that names a Python that can translate the template.
const SAM: &str = "SAM_PYTHON";

/// The variable that names a folder with other builds of the functions, after what they are run by, if anything.
const BOOTSTRAPS: &str = "DEVMETRICS_BOOTSTRAPS";

/// A role of its own for the functions, as they have one.
async fn make_role(database: &SecretString) -> String {
    let mut connection = PgConnection::connect(database.expose_secret()).await.unwrap();
    let role = Url::parse(database.expose_secret()).unwrap().path()[1..].to_owned();
    for change in [
        format!("DROP ROLE IF EXISTS {role}"),
        format!("CREATE ROLE {role} LOGIN PASSWORD '_canary0first'"),
        format!("GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}"),
        format!("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {role}"),
    ] {
        connection.execute(AssertSqlSafe(change)).await.unwrap();
    }
    role
}

fn as_role(database: &SecretString, role: &str, password: &str) -> String {
    let mut url = Url::parse(database.expose_secret()).unwrap();
    url.set_username(role).unwrap();
    url.set_password(Some(password)).unwrap();
    url.into()
}

pub(crate) struct Stack {
    pub(crate) cloud: Cloud,
    pub(crate) github: FakeGithub,
    pub(crate) queue: String,
    pub(crate) dead: String,
    /// As its superuser.
    pub(crate) database: SecretString,
    /// Whom the functions are to the database.
    role: String,
    pub(crate) key: SecretString,
    /// The names of the functions.
    planner: String,
    api: String,
    store: Arc<PostgresStore>,
    _server: Server,
}

/// What was set up for the functions.
struct Parts {
    queue: String,
    dead: String,
    planner: String,
    api: String,
}

/// The command of a function: the program that was built with the tests, or one of the folder that the variable names.
fn program(name: &str) -> String {
    match (std::env::var(BOOTSTRAPS), name) {
        (Ok(folder), name) => format!("{folder}/{name}"),
        (Err(_), "api") => env!("CARGO_BIN_EXE_api").to_owned(),
        (Err(_), _) => env!("CARGO_BIN_EXE_collector").to_owned(),
    }
}

/// By hand: planner and worker are two functions, and a message that failed comes again soon.
async fn by_hand(cloud: &Cloud, config: &str) -> Parts {
    let (dead, dead_arn) = cloud.make_queue("dead", json!({})).await;
    let redrive = json!({ "deadLetterTargetArn": dead_arn, "maxReceiveCount": 3 }).to_string();
    let attributes = json!({ "VisibilityTimeout": "5", "RedrivePolicy": redrive });
    let (queue, queue_arn) = cloud.make_queue("work", attributes).await;
    let variables = json!({ "CONFIG_TOML": config, "DATABASE_SECRET": "database", "SOURCE_SECRET": "source",
        "QUEUE_URL": queue, "GROUP_SIZE": "2" });
    for name in ["planner", "worker"] {
        cloud.make_function(name, &program("collector"), &variables).await;
    }
    let variables = json!({ "CONFIG_TOML": "zone = 'UTC'", "DATABASE_SECRET": "database" });
    cloud.make_function("api", &program("api"), &variables).await;
    cloud.connect(&queue_arn, "worker").await;
    Parts {
        queue,
        dead,
        planner: "planner".into(),
        api: "api".into(),
    }
}

/// By the template, as it is deployed.
async fn by_template(cloud: &Cloud, config: &str) -> Parts {
    for name in ["collector", "api"] {
        cloud.upload(name, &program(name)).await;
    }
    let python = std::env::var(SAM).unwrap_or_else(|_| {
        panic!(
            "start the tests with `cargo xtask test`, or set {SAM} to a Python that has aws-sam-translator"
        )
    });
    let manifest = env!("CARGO_MANIFEST_DIR");
    let translated = Command::new(python)
        .arg(format!("{manifest}/tests/emulator/translate.py"))
        .arg(format!("{manifest}/../deploy/template.yaml"))
        .output()
        .unwrap();
    assert!(
        translated.status.success(),
        "{}",
        String::from_utf8_lossy(&translated.stderr)
    );
    let template = String::from_utf8(translated.stdout).unwrap();
    let parameters = [
        ("ConfigToml", config),
        ("DatabaseSecretArn", "database"),
        ("SourceSecretArn", "source"),
        ("GroupSize", "2"),
    ];
    let made = cloud.create_stack(&template, &parameters).await;
    let declared: Value = serde_json::from_str(&template).unwrap();
    for name in declared["Resources"].as_object().unwrap().keys() {
        assert!(made.contains_key(name), "{name} was not created");
    }
    Parts {
        queue: made["WorkQueue"].clone(),
        dead: made["DeadLetterQueue"].clone(),
        planner: made["CollectorFunction"].clone(),
        api: made["ApiFunction"].clone(),
    }
}

impl Stack {
    /// Sets it up by hand; `None` when tests that need PostgreSQL are left out.
    pub(crate) async fn start() -> Option<Self> {
        Self::begin(false).await
    }

    /// Sets it up by the template.
    pub(crate) async fn deploy() -> Option<Self> {
        Self::begin(true).await
    }

    async fn begin(template: bool) -> Option<Self> {
        let database = devmetrics_testbed::postgres::database().await?;
        let store = Arc::new(PostgresStore::connect(&database, "default").await.unwrap());
        store.migrate().await.unwrap();
        let key = NewKey {
            name: "test".into(),
            scope: KeyScope::Read,
            team: None,
            expires_at: None,
        };
        let engine = Engine::new(
            Arc::clone(&store) as Arc<_>,
            Arc::new(SystemClock),
            Settings::default(),
        );
        let (_, key) = engine.create_key(key).await.unwrap();

        let now = SystemClock.now();
        let shape = Shape::tiny();
        let shape = Shape {
            start: now - (shape.end - shape.start),
            end: now,
            repositories: 3,
            pull_requests: 40,
            ..shape
        };
        let github = FakeGithub::new(generate(3, &shape));
        let viewer = github.world().add_user("collector");
        let token = github.add_token("collector", viewer);
        let server = github.serve("127.0.0.1:0".parse().unwrap()).await.unwrap();

        let cloud = Cloud::start().await;
        let role = make_role(&database).await;
        cloud
            .put_secret("database", &as_role(&database, &role, "_canary0first"))
            .await;
        cloud
            .put_secret("source", &json!({ "GITHUB_TOKEN": token }).to_string())
            .await;
        let config = format!(
            "[[source]]\nkind = 'github'\nhost = '{}'\nowners = ['acme']\nforks = true\nincident_labels = ['{INCIDENT}']\npage_size = 5\n",
            server.base_url()
        );
        let parts = match template {
            true => by_template(&cloud, &config).await,
            false => by_hand(&cloud, &config).await,
        };
        Some(Self {
            cloud,
            github,
            queue: parts.queue,
            dead: parts.dead,
            planner: parts.planner,
            api: parts.api,
            database,
            role,
            key,
            store,
            _server: server,
        })
    }

    /// The password of the functions' role is changed, and whoever is connected by the old one is cut off.
    pub(crate) async fn rotate_password(&self) {
        let mut connection = PgConnection::connect(self.database.expose_secret())
            .await
            .unwrap();
        let role = &self.role;
        for change in [
            format!("ALTER ROLE {role} PASSWORD '_canary0second'"),
            format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{role}'"),
        ] {
            connection.execute(AssertSqlSafe(change)).await.unwrap();
        }
        let secret = as_role(&self.database, role, "_canary0second");
        self.cloud.rotate_secret("database", &secret).await;
    }

    /// The database lets the functions in no more, or again; who is connected is cut off.
    pub(crate) async fn lock_out(&self, locked: bool) {
        let mut connection = PgConnection::connect(self.database.expose_secret())
            .await
            .unwrap();
        let role = &self.role;
        let login = if locked { "NOLOGIN" } else { "LOGIN" };
        for change in [
            format!("ALTER ROLE {role} {login}"),
            format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{role}'"),
            // The minute passes for which what a killed worker held is kept for it.
            "UPDATE leases SET until = 0".to_owned(),
        ] {
            connection.execute(AssertSqlSafe(change)).await.unwrap();
        }
    }

    /// The dead letters of the queue, as an operator sees them.
    pub(crate) async fn dead_letters(&self) -> DeadLetters {
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .region(Region::new(REGION))
            .endpoint_url(self.cloud.url(""))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                "test", "test", None, None, "test",
            )))
            .build();
        Aws::new(config).dead_letters(&self.queue).await.unwrap()
    }

    /// The schedule's instant comes; gives the slot.
    pub(crate) async fn schedule(&self) -> DateTime<Utc> {
        let slot = DateTime::from_timestamp(SystemClock.now().timestamp(), 0).unwrap();
        let event = json!({"version": "0", "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa", "detail-type": "Scheduled Event",
            "source": "aws.scheduler", "account": "123456789012", "time": slot, "region": "us-east-1",
            "resources": ["arn:aws:scheduler:us-east-1:123456789012:schedule/default/collect"], "detail": "{}"});
        let (done, answer) = self.cloud.invoke(&self.planner, &event).await;
        assert!(done, "{answer}\n{}", self.cloud.log());
        slot
    }

    pub(crate) async fn slots(&self) -> Vec<Slot> {
        let window = Window {
            from: DateTime::UNIX_EPOCH,
            to: DateTime::<Utc>::MAX_UTC,
        };
        self.store.slots(window).await.unwrap()
    }

    /// Waits until a slot came to its end; gives how its groups did.
    pub(crate) async fn ended(&self, at: DateTime<Utc>) -> Vec<GroupOutcome> {
        eventually("the slot to end", async || {
            let slot = self.slots().await.into_iter().find(|slot| slot.at == at)?;
            slot.groups
                .iter()
                .map(|group| group.end.map(|end| end.outcome))
                .collect()
        })
        .await
    }

    pub(crate) async fn is_true(&self) {
        let world = self.github.world().clone();
        let told = Told {
            incident_label: INCIDENT,
            tags: false,
        };
        let found = differences(&world, &*self.store, told).await;
        assert_eq!(found, Vec::<String>::new());
    }

    /// What the API answers to an event: its status, and its body.
    pub(crate) async fn ask(&self, event: &Value) -> (u64, Value) {
        let (done, answer) = self.cloud.invoke(&self.api, event).await;
        assert!(done, "{answer}\n{}", self.cloud.log());
        let body = answer["body"].as_str().unwrap_or_default();
        (
            answer["statusCode"].as_u64().unwrap(),
            serde_json::from_str(body).unwrap_or(Value::Null),
        )
    }
}
