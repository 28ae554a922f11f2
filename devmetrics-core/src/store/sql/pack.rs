//! Samples of whole repositories and teams, packed: a report over years reads some numbers a change, and no row.
//!
//! What is packed is as good as its owner's version is the newest; of others the rows are read. So an answer never depends
//! on whether anything is packed.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::task::JoinError;

use super::pack_draft::Draft;
use super::pack_format::{FORMAT, decode};
use super::*;
use crate::metric::PlaceRange;
use crate::model::Window;

/// How many samples a part holds.
const PART: i64 = 2_000;

/// How many samples, and how many repositories or teams, are read at once.
const SAMPLES: i64 = 16_000;
const OWNERS: i64 = 1_000;

/// How many repositories have the samples of a page, as a rule. To ask of a thousand takes as long as to read a page.
const FEW: i64 = 24;

/// No time.
const NEVER: Window = Window {
    from: DateTime::UNIX_EPOCH,
    to: DateTime::UNIX_EPOCH,
};

/// Whose samples are packed.
#[derive(Clone, Copy)]
enum Kind {
    Repository,
    Team,
}

impl Kind {
    /// The stored name.
    fn as_str(self) -> &'static str {
        match self {
            Self::Repository => "repository",
            Self::Team => "team",
        }
    }
}

/// Of an owner: its version, and how many samples are packed of it; `None` if that is not done.
#[derive(Clone, Deserialize)]
struct State(String, i64, Option<i64>);

/// Packs what of samples may have changed.
pub(super) async fn pack<D: Database>(store: &SqlStore<D>) -> Result<()> {
    for kind in [Kind::Repository, Kind::Team] {
        let mut after = String::new();
        loop {
            let states = match kind {
                Kind::Repository => repositories(store, &Extent::All, &after, OWNERS).await?,
                Kind::Team => teams(store, &after, None).await?,
            };
            let Some(State(last, ..)) = states.last() else {
                break;
            };
            after.clone_from(last);
            for State(owner, version, packed) in states {
                if packed.is_none() {
                    pack_one(store, kind, &owner, version).await?;
                }
            }
        }
    }
    Ok(())
}

/// The version was read first: should a sample change meanwhile, what was packed is of an old one, and not used.
async fn pack_one<D: Database>(store: &SqlStore<D>, kind: Kind, owner: &str, version: i64) -> Result<()> {
    let mut draft = Draft::begin(store, kind.as_str(), owner).await?;
    let reading = Reading { store, kind, owner };
    reading.in_order(&mut draft).await?;
    reading.the_rest(&mut draft).await?;
    draft.finish(version).await
}

/// Reads all samples of an owner, some at a time, and puts them down: a team above all others has more than memory should hold.
struct Reading<'a, D> {
    store: &'a SqlStore<D>,
    kind: Kind,
    owner: &'a str,
}

impl<D: Database> Reading<'_, D> {
    /// What landed on a repository's line, or was merged by a team: in the order of the line, which is nearly that of time, or of
    /// time. So a window touches few parts.
    async fn in_order(&self, draft: &mut Draft<'_, D>) -> Result<()> {
        let (next, mut after) = match self.kind {
            Kind::Repository => (&statement::NEXT_POSITIONS, -1),
            Kind::Team => (&statement::NEXT_MERGED, DateTime::<Utc>::MIN_UTC.timestamp()),
        };
        loop {
            let params = [
                self.store.tenant.as_str().into(),
                self.owner.into(),
                after.into(),
                PART.into(),
            ];
            let last: Option<(Option<i64>,)> = self.store.row(next, &params).await?;
            let Some((Some(through),)) = last else {
                return Ok(());
            };
            let samples = match self.kind {
                Kind::Repository => self.landed(after, through).await?,
                Kind::Team => self.merged(after, through).await?,
            };
            draft.put(&samples).await?;
            after = through;
        }
    }

    /// What has no place in this order.
    async fn the_rest(&self, draft: &mut Draft<'_, D>) -> Result<()> {
        let next = match self.kind {
            Kind::Repository => &statement::UNLANDED,
            Kind::Team => &statement::UNMERGED,
        };
        let mut after = String::new();
        loop {
            let params = [
                self.store.tenant.as_str().into(),
                self.owner.into(),
                after.as_str().into(),
                PART.into(),
            ];
            let ids: Vec<(String,)> = self.store.rows(next, &params).await?;
            let ids: Vec<String> = ids.into_iter().map(|(id,)| id).collect();
            let Some(last) = ids.last() else {
                return Ok(());
            };
            after.clone_from(last);
            let samples = self.named(NEVER, Vec::new(), &ids).await?;
            draft.put(&samples).await?;
        }
    }

    async fn landed(&self, after: i64, through: i64) -> Result<Vec<PullRequestSample>> {
        let place = PlaceRange {
            repository: Id::new(self.owner),
            after,
            through,
        };
        self.named(NEVER, vec![place], &[]).await
    }

    async fn merged(&self, after: i64, through: i64) -> Result<Vec<PullRequestSample>> {
        let instant = |seconds: i64| DateTime::from_timestamp(seconds, 0);
        let window = Window {
            from: instant(after.saturating_add(1)).unwrap_or(DateTime::<Utc>::MIN_UTC),
            to: instant(through.saturating_add(1)).unwrap_or(DateTime::<Utc>::MAX_UTC),
        };
        let mut samples = self.named(window, Vec::new(), &[]).await?;
        // Others were deployed then.
        samples.retain(|sample| sample.merged_at.is_some_and(|at| window.contains(at)));
        Ok(samples)
    }

    /// The owner's samples of this window, at these places and of these ids.
    async fn named(
        &self,
        window: Window,
        places: Vec<PlaceRange>,
        ids: &[String],
    ) -> Result<Vec<PullRequestSample>> {
        let extent = match self.kind {
            // A repository's are named by what no other one has.
            Kind::Repository => Extent::All,
            Kind::Team => Extent::Team(Id::new(self.owner)),
        };
        let query = SampleQuery {
            extent,
            window,
            open: false,
            places,
        };
        self.store.pull_request_rows(&query, ids).await
    }
}

/// How many samples they have packed.
fn samples_of(states: &[State]) -> i64 {
    states.iter().filter_map(|State(_, _, packed)| *packed).sum()
}

/// The teams after this one, or this team.
async fn teams<D: Database>(store: &SqlStore<D>, after: &str, team: Option<&str>) -> Result<Vec<State>> {
    let params = [
        store.tenant.as_str().into(),
        FORMAT.into(),
        after.into(),
        OWNERS.into(),
        Param::Text(team),
    ];
    store.rows(&statement::PACKED_TEAMS, &params).await
}

/// The first repositories of an extent after this one.
async fn repositories<D: Database>(
    store: &SqlStore<D>,
    extent: &Extent,
    after: &str,
    owners: i64,
) -> Result<Vec<State>> {
    let (_, repositories) = extent_params(extent)?;
    let params = [
        store.tenant.as_str().into(),
        Param::Text(repositories.as_deref()),
        FORMAT.into(),
        after.into(),
        owners.into(),
    ];
    store.rows(&statement::PACKED_REPOSITORIES, &params).await
}

/// A page of a query that asks for no places: of as many repositories as make one read worth its while, and no more than memory
/// should hold; or of all of a team.
pub(super) async fn page<D: Database>(
    store: &SqlStore<D>,
    query: &SampleQuery,
    after: Option<Id<Repository>>,
) -> Result<SamplePage> {
    if let Extent::Team(team) = &query.extent {
        let state = teams(store, "", Some(team.as_str())).await?;
        let (samples, found) = packed(store, query, Kind::Team, &state).await?;
        return Ok(SamplePage {
            samples: if found.is_empty() {
                store.pull_request_rows(query, &[]).await?
            } else {
                samples
            },
            next: None,
        });
    }
    let after = after.as_ref().map_or("", Id::as_str);
    let mut asked = FEW;
    let mut group = repositories(store, &query.extent, after, asked).await?;
    if group.len() as i64 == asked && samples_of(&group) < SAMPLES {
        asked = OWNERS;
        group = repositories(store, &query.extent, after, asked).await?;
    }
    let mut count = 0;
    let fits = group.iter().take_while(|State(_, _, packed)| {
        count += packed.unwrap_or(0);
        count <= SAMPLES
    });
    let fitting = fits.count().max(1);
    let more = fitting < group.len() || group.len() as i64 == asked;
    group.truncate(fitting);
    let (mut samples, found) = packed(store, query, Kind::Repository, &group).await?;
    let next = group
        .last()
        .filter(|_| more)
        .map(|State(last, ..)| Id::new(last.as_str()));
    // The others were changed since they were packed, or just now.
    let rest = group.into_iter().map(|State(repository, ..)| repository);
    let rest: Vec<_> = rest
        .filter(|repository| !found.contains(repository))
        .map(Id::new)
        .collect();
    if !rest.is_empty() {
        let rest = SampleQuery {
            extent: Extent::Repositories(rest),
            ..query.clone()
        };
        samples.extend(store.pull_request_rows(&rest, &[]).await?);
    }
    Ok(SamplePage { samples, next })
}

/// The packed samples of a query, and whose there are.
async fn packed<D: Database>(
    store: &SqlStore<D>,
    query: &SampleQuery,
    kind: Kind,
    states: &[State],
) -> Result<(Vec<PullRequestSample>, BTreeSet<String>)> {
    let packed: Vec<_> = states
        .iter()
        .filter(|State(_, _, packed)| packed.is_some())
        .map(|State(owner, version, _)| (owner, version))
        .collect();
    let count = samples_of(states);
    if packed.is_empty() {
        return Ok((Vec::new(), BTreeSet::new()));
    }
    let packed = json(&packed)?;
    let params = [
        store.tenant.as_str().into(),
        packed.as_str().into(),
        FORMAT.into(),
        query.window.from.timestamp().into(),
        query.window.to.timestamp().into(),
        kind.as_str().into(),
    ];
    let mut packs = store.database.packs(&statement::PACKS, &params).await?;
    // A millisecond or two of a processor each, on two of them. (Threads of their own would keep memory of their own.)
    let second = packs.split_off(packs.len() / 2);
    let asked = Arc::new(query.clone());
    // The first has room for the second's, so that no sample is moved but those; of a team few may be asked for.
    let room = match kind {
        Kind::Repository => usize::try_from(count).unwrap_or_default(),
        Kind::Team => 0,
    };
    let unpacked = [(packs, room), (second, room / 2)].map(|(packs, room)| {
        let asked = Arc::clone(&asked);
        tokio::spawn(async move { unpack(packs, &asked, room) })
    });
    let ended =
        |error: JoinError| Error::new(ErrorKind::Internal, "unpacking samples was ended").caused_by(error);
    let [first, second] = unpacked;
    let (mut samples, mut found) = first.await.map_err(ended)??;
    let (more, whose) = second.await.map_err(ended)??;
    samples.extend(more);
    found.extend(whose);
    Ok((samples, found))
}

fn unpack(
    packs: Vec<(String, Option<Vec<u8>>)>,
    query: &SampleQuery,
    room: usize,
) -> Result<(Vec<PullRequestSample>, BTreeSet<String>)> {
    let mut samples = Vec::with_capacity(room);
    let mut found = BTreeSet::new();
    for (owner, pack) in packs {
        if let Some(pack) = pack {
            decode(&pack, query, &mut samples)?;
        }
        found.insert(owner);
    }
    Ok((samples, found))
}
