//! Whom facts name, and who is forgotten.

use super::read_facts::{ActorRow, NamedPullRequestRow};
use super::*;
use crate::attribution::Forgotten;
use crate::model::{Actor, Person};
use crate::store::forget::{Mentions, forgetting_key};

/// How many facts are read at once.
const PAGE: i64 = 500;

/// A fact that names one person: its id, and whom.
#[derive(Deserialize)]
struct NamedRow(String, ActorRow);

/// The statements of a kind of fact that names one person.
struct NamingStatements {
    named: &'static Statement,
    rename: &'static Statement,
}

const DEPLOYMENTS: NamingStatements = NamingStatements {
    named: &statement::NAMED_DEPLOYMENTS,
    rename: &statement::RENAME_DEPLOYMENTS,
};

const INCIDENTS: NamingStatements = NamingStatements {
    named: &statement::NAMED_INCIDENTS,
    rename: &statement::RENAME_INCIDENTS,
};

/// Who is forgotten for as long as this write takes: nobody more is before it ends.
pub(super) async fn forgotten_during(transaction: &mut impl Transaction, tenant: &str) -> Result<Forgotten> {
    transaction
        .query(&statement::HOLD_FORGOTTEN, &[tenant.into()])
        .await?;
    forgotten_within(transaction, tenant).await
}

async fn forgotten_within(transaction: &mut impl Transaction, tenant: &str) -> Result<Forgotten> {
    read(&transaction.query(&statement::FORGOTTEN, &[tenant.into()]).await?)
}

/// Who is forgotten by now.
pub(super) async fn forgotten<D: Database>(store: &SqlStore<D>) -> Result<Forgotten> {
    let params = [store.tenant.as_str().into()];
    read(&store.database.query(&statement::FORGOTTEN, &params).await?)
}

/// Nobody is forgotten where there is no row.
fn read(rows: &[String]) -> Result<Forgotten> {
    let Some(row) = rows.first() else {
        return Ok(Forgotten::default());
    };
    let (key, marks): (String, Vec<String>) = parse(&statement::FORGOTTEN, row)?;
    let bytes = hex::decode(key).ok();
    let key = bytes.filter(|bytes| bytes.len() == Forgotten::KEY_BYTES);
    let damaged = || {
        Error::new(
            ErrorKind::Corrupt,
            "the key by which forgotten people are recognised is damaged; restore the database from a backup",
        )
        .with("table", "forgetting_keys")
    };
    Ok(Forgotten::new(key.ok_or_else(damaged)?, marks))
}

/// A row of a page by ids.
trait Paged: DeserializeOwned {
    fn id(&self) -> &str;
}

impl Paged for NamedRow {
    fn id(&self) -> &str {
        &self.0
    }
}

impl Paged for NamedPullRequestRow {
    fn id(&self) -> &str {
        &self.id
    }
}

/// Moves on behind the rows of a page; `None` where there are no more.
fn behind<R: Paged>(rows: Vec<R>, after: &mut String) -> Option<Vec<R>> {
    rows.last()?.id().clone_into(after);
    Some(rows)
}

async fn page<D: Database, R: Paged>(
    store: &SqlStore<D>,
    statement: &Statement,
    after: &mut String,
) -> Result<Option<Vec<R>>> {
    let params = [store.tenant.as_str().into(), after.as_str().into(), PAGE.into()];
    let rows = store.rows(statement, &params).await?;
    Ok(behind(rows, after))
}

pub(super) async fn mentions<D: Database>(store: &SqlStore<D>) -> Result<Vec<Mention>> {
    let mut mentions = Mentions::default();
    let mut after = String::new();
    while let Some(rows) =
        page::<_, NamedPullRequestRow>(store, &statement::NAMED_PULL_REQUESTS, &mut after).await?
    {
        for row in rows {
            mentions.add(Deed::PullRequest, &row.author.into());
            for author in &row.co_authors {
                mentions.add(Deed::CoAuthored, author);
            }
            if let Some(activity) = &row.activity {
                mentions.add_activity(activity);
            }
        }
    }
    for (deed, kind) in [(Deed::Deployment, &DEPLOYMENTS), (Deed::Incident, &INCIDENTS)] {
        let mut after = String::new();
        while let Some(rows) = page(store, kind.named, &mut after).await? {
            for NamedRow(_, actor) in rows {
                mentions.add(deed, &actor.into());
            }
        }
    }
    Ok(mentions.all())
}

/// Forgets somebody in one write; what the files of the database still have of them goes after it.
pub(super) async fn forget<D: Database>(
    store: &SqlStore<D>,
    person: &Person,
    at: DateTime<Utc>,
) -> Result<Erased> {
    let tenant = store.tenant.as_str();
    let mut transaction = store.database.begin().await?;
    transaction
        .query(&statement::LOCK_FORGOTTEN, &[tenant.into()])
        .await?;
    let forgotten = add(&mut transaction, tenant, person, at).await?;
    let mut forgetting = Forgetting {
        transaction,
        tenant,
        forgotten,
    };
    let erased = Erased {
        pull_requests: forgetting.pull_requests().await?,
        deployments: forgetting.facts(&DEPLOYMENTS).await?,
        incidents: forgetting.facts(&INCIDENTS).await?,
        rosters: forgetting.rosters(at).await?,
        quarantined: forgetting.quarantine().await?,
    };
    let Forgetting { mut transaction, .. } = forgetting;
    move_version(&mut transaction, tenant, "forgotten").await?;
    transaction.commit().await?;
    store.database.purge().await?;
    Ok(erased)
}

/// Keeps the marks of somebody, and gives who is forgotten now.
async fn add(
    transaction: &mut impl Transaction,
    tenant: &str,
    person: &Person,
    at: DateTime<Utc>,
) -> Result<Forgotten> {
    let key = hex::encode(forgetting_key()?);
    let params = [tenant.into(), key.as_str().into()];
    transaction
        .execute(&statement::PUT_FORGETTING_KEY, &params)
        .await?;
    let mut forgotten = forgotten_within(transaction, tenant).await?;
    forgotten.add(person);
    let marks = write::ids(forgotten.marks())?;
    let params = [tenant.into(), marks.as_str().into(), at.timestamp().into()];
    transaction.execute(&statement::PUT_FORGOTTEN, &params).await?;
    Ok(forgotten)
}

struct Forgetting<'a, T> {
    transaction: T,
    tenant: &'a str,
    forgotten: Forgotten,
}

impl<T: Transaction> Forgetting<'_, T> {
    async fn page<R: Paged>(&mut self, statement: &Statement, after: &mut String) -> Result<Option<Vec<R>>> {
        let params = [self.tenant.into(), after.as_str().into(), PAGE.into()];
        let rows = self.transaction.query(statement, &params).await?;
        let rows: Result<Vec<R>> = rows.iter().map(|row| parse(statement, row)).collect();
        Ok(behind(rows?, after))
    }

    async fn write<R: Serialize + Sync>(&mut self, statement: &Statement, rows: &[R]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let rows = json(rows)?;
        let params = [self.tenant.into(), rows.as_str().into()];
        self.transaction.execute(statement, &params).await?;
        Ok(())
    }

    async fn pull_requests(&mut self) -> Result<u64> {
        let mut renamed = BTreeSet::new();
        let mut after = String::new();
        while let Some(page) = self
            .page::<NamedPullRequestRow>(&statement::NAMED_PULL_REQUESTS, &mut after)
            .await?
        {
            let (mut authors, mut activities) = (Vec::new(), Vec::new());
            for NamedPullRequestRow {
                id,
                author,
                mut co_authors,
                activity,
            } in page
            {
                let mut author = Actor::from(author);
                let mut other = self.forgotten.rename(&mut author);
                for author in &mut co_authors {
                    other |= self.forgotten.rename(author);
                }
                if other {
                    renamed.insert(id.clone());
                    let key = author.key();
                    authors.push((
                        id.clone(),
                        author.name,
                        author.email,
                        author.handle,
                        key,
                        co_authors,
                    ));
                }
                let activity = activity.map(|mut activity| {
                    let other = self.forgotten.rename_activity(&mut activity);
                    (other, activity)
                });
                if let Some((true, activity)) = activity {
                    renamed.insert(id.clone());
                    activities.push((id, activity));
                }
            }
            self.write(&statement::RENAME_PULL_REQUESTS, &authors).await?;
            self.write(&statement::RENAME_ACTIVITY, &activities).await?;
        }
        self.unpack(&renamed).await?;
        Ok(renamed.len() as u64)
    }

    /// What is packed has authors, too. Whoever packs at the same time has read another version of the owners, so that nobody
    /// reads what comes of it.
    async fn unpack(&mut self, pull_requests: &BTreeSet<String>) -> Result<()> {
        let tenant = self.tenant;
        self.transaction
            .execute(&statement::CLEAR_PACKS, &[tenant.into()])
            .await?;
        if pull_requests.is_empty() {
            return Ok(());
        }
        let ids = write::ids(pull_requests.iter().map(String::as_str))?;
        let params = [tenant.into(), ids.as_str().into()];
        self.transaction
            .execute(&statement::TOUCH_REPOSITORIES, &params)
            .await?;
        let mut teams = BTreeSet::new();
        attribute::teams_of(&mut self.transaction, tenant, &ids, &mut teams).await?;
        attribute::touch_teams(&mut self.transaction, tenant, &teams).await
    }

    async fn facts(&mut self, kind: &NamingStatements) -> Result<u64> {
        let mut renamed = 0;
        let mut after = String::new();
        while let Some(page) = self.page::<NamedRow>(kind.named, &mut after).await? {
            let mut rows = Vec::new();
            for NamedRow(id, actor) in page {
                let mut actor = Actor::from(actor);
                if self.forgotten.rename(&mut actor) {
                    rows.push((id, actor.name, actor.email, actor.handle));
                }
            }
            renamed += rows.len() as u64;
            self.write(kind.rename, &rows).await?;
        }
        Ok(renamed)
    }

    async fn rosters(&mut self, at: DateTime<Utc>) -> Result<u64> {
        let tenant = self.tenant;
        let (declared, observed) = teams::rosters(&mut self.transaction, tenant).await?;
        let mut renamed = 0;
        if let Some(mut roster) = declared
            && self.forgotten.rename_roster(&mut roster)
        {
            teams::set_roster(&mut self.transaction, tenant, &roster, at).await?;
            renamed += 1;
        }
        for ObservedRoster {
            source,
            scope,
            mut roster,
        } in observed
        {
            if self.forgotten.rename_roster(&mut roster) {
                let feed = Feed {
                    source,
                    scope,
                    kind: String::new(),
                };
                teams::put_observed(&mut self.transaction, tenant, &feed, &roster).await?;
                renamed += 1;
            }
        }
        Ok(renamed)
    }

    async fn quarantine(&mut self) -> Result<u64> {
        let params = [self.tenant.into(), i64::MAX.into()];
        let statement = &statement::QUARANTINE;
        let mut rows = Vec::new();
        for row in self.transaction.query(statement, &params).await? {
            let mut quarantined = Quarantined::try_from(parse::<read::QuarantineRow>(statement, &row)?)?;
            if quarantined.forget(&self.forgotten) {
                rows.push(quarantined);
            }
        }
        if !rows.is_empty() {
            let written = write::quarantined(&rows)?;
            let params = [self.tenant.into(), written.as_str().into()];
            self.transaction
                .execute(&statement::PUT_QUARANTINE, &params)
                .await?;
        }
        Ok(rows.len() as u64)
    }
}
