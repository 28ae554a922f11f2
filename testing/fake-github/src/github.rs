//! The handle that tests hold.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use apollo_compiler::Schema;
use apollo_compiler::validation::Valid;

use crate::app::{App, DeviceAnswer, DeviceFlow};
use crate::fault::{Fault, Injected, When};
use crate::graphql::{full_schema, schema_without};
use crate::quota::{Limits, Quotas, Resource, Standing};
use crate::request::{self, Count, RequestRecord};
use crate::token::Token;
use crate::world::{ActorId, World};

/// What GitHub does with a query that takes longer than it allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overload {
    /// 200 with null nodes and `RESOURCE_LIMITS_EXCEEDED`.
    NullNodes,
    /// 502 with an HTML page.
    BadGateway,
    /// 504 with an HTML page.
    GatewayTimeout,
}

/// How the fake behaves beyond its state.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whether answering moves the virtual clock by the time that GitHub would take.
    pub elapse: bool,
    /// Microseconds per node that a query could return. 460 makes a page of 25 pull requests with all their children
    /// take 2.5 s, and one of 100 over 10 s, as measured in 2026.
    pub micros_per_node: u64,
    /// The longest time that GitHub allows, in milliseconds.
    pub ceiling_ms: u64,
    /// What it does beyond.
    pub overload: Overload,
    /// GraphQL `(type, field)`s that an old GitHub Enterprise Server lacks.
    pub removed_fields: Vec<(String, String)>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            elapse: false,
            micros_per_node: 460,
            ceiling_ms: 10_000,
            overload: Overload::NullNodes,
            removed_fields: Vec::new(),
        }
    }
}

/// Looks at a request before it is served, and may make it fail.
pub(crate) type Hook = Arc<dyn Fn(u64, &RequestRecord) -> Option<Fault> + Send + Sync>;

pub(crate) struct State {
    pub(crate) world: World,
    pub(crate) tokens: Vec<Token>,
    pub(crate) quotas: Quotas,
    pub(crate) settings: Settings,
    pub(crate) log: Vec<RequestRecord>,
    pub(crate) requests: u64,
    pub(crate) faults: Vec<Injected>,
    pub(crate) hooks: Vec<Hook>,
    pub(crate) app: Option<App>,
    pub(crate) device_flow: DeviceFlow,
    /// The schema without the removed fields; `None`: the whole one.
    schema: Option<Arc<Valid<Schema>>>,
    secrets: u64,
}

impl State {
    pub(crate) fn schema(&self) -> SchemaRef {
        self.schema.clone().map_or(SchemaRef::Full, SchemaRef::Trimmed)
    }

    /// A secret that no other token has.
    pub(crate) fn new_secret(&mut self, prefix: &str) -> String {
        self.secrets += 1;
        format!("{prefix}_canary{:032}", self.secrets)
    }
}

/// The schema that requests are held to.
pub(crate) enum SchemaRef {
    Full,
    Trimmed(Arc<Valid<Schema>>),
}

impl Deref for SchemaRef {
    type Target = Valid<Schema>;

    fn deref(&self) -> &Self::Target {
        match self {
            Self::Full => full_schema(),
            Self::Trimmed(schema) => schema,
        }
    }
}

/// A fake GitHub. Clones share one state.
#[derive(Clone)]
pub struct FakeGithub {
    state: Arc<Mutex<State>>,
}

impl fmt::Debug for FakeGithub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeGithub").finish_non_exhaustive()
    }
}

impl FakeGithub {
    /// A GitHub with that world and no tokens yet.
    pub fn new(world: World) -> Self {
        let state = State {
            world,
            tokens: Vec::new(),
            quotas: Quotas::default(),
            settings: Settings::default(),
            log: Vec::new(),
            requests: 0,
            faults: Vec::new(),
            hooks: Vec::new(),
            app: None,
            device_flow: DeviceFlow::default(),
            schema: None,
            secrets: 0,
        };
        Self {
            state: Arc::new(Mutex::new(state)),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The world, to look at and to change. Requests wait while the guard lives.
    pub fn world(&self) -> WorldGuard<'_> {
        WorldGuard(self.lock())
    }

    /// Adds a classic token of `user` that sees everything; gives its secret.
    pub fn add_token(&self, name: &str, user: ActorId) -> String {
        let secret = self.lock().new_secret("ghp");
        self.put_token(Token::classic(name, &secret, user));
        secret
    }

    /// Adds a token, or replaces the one of the same name.
    pub fn put_token(&self, token: Token) {
        let mut state = self.lock();
        state.tokens.retain(|found| found.name != token.name);
        state.tokens.push(token);
    }

    /// Revokes a token by its name.
    pub fn revoke_token(&self, name: &str) {
        for token in self.lock().tokens.iter_mut().filter(|token| token.name == name) {
            token.revoked = true;
        }
    }

    /// Registers the one GitHub App, or replaces it with its installations.
    pub fn register_app(&self, app: App) {
        self.lock().app = Some(app);
    }

    /// Changes the app and its installations: suspends one, removes one. Nothing happens without an app.
    pub fn change_app(&self, change: impl FnOnce(&mut App)) {
        if let Some(app) = &mut self.lock().app {
            change(app);
        }
    }

    /// What the next polls of the device flow are answered; further ones stay pending.
    pub fn script_device_flow(&self, answers: impl IntoIterator<Item = DeviceAnswer>) {
        self.lock().device_flow.answers = answers.into_iter().collect();
    }

    /// Changes the settings.
    pub fn configure(&self, change: impl FnOnce(&mut Settings)) {
        let mut state = self.lock();
        change(&mut state.settings);
        let removed = &state.settings.removed_fields;
        state.schema = (!removed.is_empty()).then(|| Arc::new(schema_without(removed)));
    }

    /// Sets the hourly limits of all identities.
    pub fn set_limits(&self, limits: Limits) {
        self.lock().quotas.limits = limits;
    }

    /// The rate limit of the token of that name; `None` without such a token or without limits.
    pub fn standing(&self, token: &str, resource: Resource) -> Option<Standing> {
        let mut state = self.lock();
        let identity = state.tokens.iter().find(|found| found.name == token)?.identity();
        let now = state.world.now();
        state.quotas.standing(&identity, resource, now)
    }

    /// Puts a fault into the state. Several may strike one request; the first that answers by itself wins.
    pub fn inject(&self, fault: Fault, when: When) {
        let mut state = self.lock();
        if let Fault::StaleReplica { seconds } = fault {
            state.world.keep_versions(seconds.into());
        }
        state.faults.push(Injected::new(fault, when));
    }

    /// Takes all faults and hooks out of the state.
    pub fn clear_faults(&self) {
        let mut state = self.lock();
        state.faults.clear();
        state.hooks.clear();
    }

    /// Calls `hook` with the number and the record of each request before it is served; what it gives strikes that
    /// request. It may look at the world and change it.
    pub fn on_request(&self, hook: impl Fn(u64, &RequestRecord) -> Option<Fault> + Send + Sync + 'static) {
        self.lock().hooks.push(Arc::new(hook));
    }

    /// Every request so far.
    pub fn log(&self) -> Vec<RequestRecord> {
        self.lock().log.clone()
    }

    /// Forgets the requests so far; numbers go on.
    pub fn clear_log(&self) {
        self.lock().log.clear();
    }

    /// Requests and points by GraphQL operation, or by method and path.
    pub fn counts(&self) -> BTreeMap<String, Count> {
        request::counts(&self.lock().log)
    }
}

/// The world, locked.
pub struct WorldGuard<'a>(MutexGuard<'a, State>);

impl fmt::Debug for WorldGuard<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.world.fmt(f)
    }
}

impl Deref for WorldGuard<'_> {
    type Target = World;

    fn deref(&self) -> &World {
        &self.0.world
    }
}

impl DerefMut for WorldGuard<'_> {
    fn deref_mut(&mut self) -> &mut World {
        &mut self.0.world
    }
}
