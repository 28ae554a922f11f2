//! Samples of whole repositories, packed: a report over years reads some numbers a change, and no row.
//!
//! What is packed is as good as its repository's version is the newest; of others the rows are read. So an answer never depends
//! on whether anything is packed.

use std::collections::BTreeSet;

use super::pack_format::{FORMAT, decode, encode};
use super::*;
use crate::metric::PlaceRange;
use crate::model::Window;

/// How many samples a part holds.
const PART: i64 = 2_000;

/// How many samples, and how many repositories, are read at once.
const SAMPLES: i64 = 32_000;
const REPOSITORIES: i64 = 1_000;

/// Of a repository: its version, and how many samples are packed of it; `None` if that is not done.
#[derive(Clone, Deserialize)]
struct State(Id<Repository>, i64, Option<i64>);

/// A part of the samples of a repository.
struct Part {
    count: usize,
    /// Before and after which no sample has to do with anything.
    from_at: i64,
    to_at: i64,
    samples: Vec<u8>,
}

impl Part {
    fn of(samples: &[PullRequestSample]) -> Result<Self> {
        let begins = samples
            .iter()
            .flat_map(|sample| [sample.opened_at, sample.merged_at, sample.deployed_at])
            .flatten()
            .map(|at| at.timestamp());
        let ends = samples.iter().flat_map(|sample| {
            let open = (sample.opened_at.is_some() && sample.closed_at.is_none()).then_some(i64::MAX);
            let instants = [sample.merged_at, sample.closed_at, sample.deployed_at];
            instants
                .into_iter()
                .flatten()
                .map(|at| at.timestamp())
                .chain(open)
        });
        Ok(Self {
            count: samples.len(),
            from_at: begins.min().unwrap_or(i64::MAX),
            to_at: ends.max().unwrap_or(i64::MIN),
            samples: encode(samples)?,
        })
    }
}

/// Packs the repositories of which samples may have changed.
pub(super) async fn pack<D: Database>(store: &SqlStore<D>) -> Result<()> {
    let mut after = None;
    loop {
        let states = states(store, &Extent::All, after.as_ref()).await?;
        let Some(State(last, ..)) = states.last() else {
            return Ok(());
        };
        after = Some(last.clone());
        for State(repository, version, packed) in states {
            if packed.is_none() {
                pack_one(store, &repository, version).await?;
            }
        }
    }
}

/// The version was read first: should the repository change meanwhile, what was packed is of an old one, and not used.
async fn pack_one<D: Database>(store: &SqlStore<D>, repository: &Id<Repository>, version: i64) -> Result<()> {
    let mut parts = landed(store, repository).await?;
    parts.extend(unlanded(store, repository).await?);
    if parts.is_empty() {
        parts.push(Part::of(&[])?);
    }
    let tenant = store.tenant.as_str();
    let mut transaction = store.database.begin().await?;
    let dropped = [tenant.into(), repository.as_str().into()];
    transaction.execute(&statement::DROP_PACKS, &dropped).await?;
    for (number, part) in (0..).zip(&parts) {
        let params = [
            tenant.into(),
            repository.as_str().into(),
            Param::Int(Some(number)),
            version.into(),
            FORMAT.into(),
            (part.count as i64).into(),
            part.from_at.into(),
            part.to_at.into(),
            Param::Bytes(&part.samples),
        ];
        transaction.execute(&statement::PUT_PACK, &params).await?;
    }
    transaction.commit().await
}

/// What landed, in the order of the line, which is nearly that of time: so a window touches few parts.
async fn landed<D: Database>(store: &SqlStore<D>, repository: &Id<Repository>) -> Result<Vec<Part>> {
    let mut parts = Vec::new();
    let mut after = -1;
    loop {
        let params = [
            store.tenant.as_str().into(),
            repository.as_str().into(),
            after.into(),
            PART.into(),
        ];
        let last: Option<(Option<i64>,)> = store.row(&statement::NEXT_POSITIONS, &params).await?;
        let Some((Some(through),)) = last else {
            return Ok(parts);
        };
        let place = PlaceRange {
            repository: repository.clone(),
            after,
            through,
        };
        parts.push(Part::of(&named(store, vec![place], &[]).await?)?);
        after = through;
    }
}

/// What has no place on the line.
async fn unlanded<D: Database>(store: &SqlStore<D>, repository: &Id<Repository>) -> Result<Vec<Part>> {
    let mut parts = Vec::new();
    let mut after = String::new();
    loop {
        let params = [
            store.tenant.as_str().into(),
            repository.as_str().into(),
            after.as_str().into(),
            PART.into(),
        ];
        let ids: Vec<(String,)> = store.rows(&statement::UNLANDED, &params).await?;
        let ids: Vec<String> = ids.into_iter().map(|(id,)| id).collect();
        let Some(last) = ids.last() else {
            return Ok(parts);
        };
        after.clone_from(last);
        parts.push(Part::of(&named(store, Vec::new(), &ids).await?)?);
    }
}

/// The samples at these places and of these ids, of no time.
async fn named<D: Database>(
    store: &SqlStore<D>,
    places: Vec<PlaceRange>,
    ids: &[String],
) -> Result<Vec<PullRequestSample>> {
    let query = SampleQuery {
        extent: Extent::All,
        window: Window {
            from: DateTime::UNIX_EPOCH,
            to: DateTime::UNIX_EPOCH,
        },
        open: false,
        places,
    };
    store.pull_request_rows(&query, ids).await
}

/// The repositories of an extent after this one.
async fn states<D: Database>(
    store: &SqlStore<D>,
    extent: &Extent,
    after: Option<&Id<Repository>>,
) -> Result<Vec<State>> {
    let (_, repositories) = extent_params(extent)?;
    let params = [
        store.tenant.as_str().into(),
        Param::Text(repositories.as_deref()),
        FORMAT.into(),
        after.map_or("", Id::as_str).into(),
        REPOSITORIES.into(),
    ];
    store.rows(&statement::PACKED_REPOSITORIES, &params).await
}

/// A page of a query that asks for no team and no places: of as many repositories as make one read worth its while, and no more
/// than memory should hold.
pub(super) async fn page<D: Database>(
    store: &SqlStore<D>,
    query: &SampleQuery,
    after: Option<Id<Repository>>,
) -> Result<SamplePage> {
    let mut group = states(store, &query.extent, after.as_ref()).await?;
    let mut count = 0;
    let fits = group.iter().take_while(|State(_, _, packed)| {
        count += packed.unwrap_or(0);
        count <= SAMPLES
    });
    let fitting = fits.count().max(1);
    let more = fitting < group.len() || group.len() as i64 == REPOSITORIES;
    group.truncate(fitting);
    Ok(SamplePage {
        next: group.last().filter(|_| more).map(|last| last.0.clone()),
        samples: read(store, query, group).await?,
    })
}

async fn read<D: Database>(
    store: &SqlStore<D>,
    query: &SampleQuery,
    group: Vec<State>,
) -> Result<Vec<PullRequestSample>> {
    let packed: Vec<_> = group
        .iter()
        .filter(|State(_, _, packed)| packed.is_some())
        .map(|State(repository, version, _)| (repository, version))
        .collect();
    let packed = json(&packed)?;
    let params = [
        store.tenant.as_str().into(),
        packed.as_str().into(),
        FORMAT.into(),
        query.window.from.timestamp().into(),
        query.window.to.timestamp().into(),
    ];
    let packs = store.database.packs(&statement::PACKS, &params).await?;
    let asked = query.clone();
    // Some milliseconds of a processor for each page: not on the threads that wait for databases.
    let unpacked = tokio::task::spawn_blocking(move || unpack(packs, &asked));
    let (mut samples, found) = unpacked
        .await
        .map_err(|error| Error::new(ErrorKind::Internal, "unpacking samples was ended").caused_by(error))??;
    // The others were changed since they were packed, or just now.
    let rest = group.into_iter().map(|State(repository, ..)| repository);
    let rest: Vec<_> = rest.filter(|repository| !found.contains(repository)).collect();
    if !rest.is_empty() {
        let rest = SampleQuery {
            extent: Extent::Repositories(rest),
            ..query.clone()
        };
        samples.extend(store.pull_request_rows(&rest, &[]).await?);
    }
    Ok(samples)
}

/// The samples of packs, and the repositories that have any.
fn unpack(
    packs: Vec<(String, Option<Vec<u8>>)>,
    query: &SampleQuery,
) -> Result<(Vec<PullRequestSample>, BTreeSet<Id<Repository>>)> {
    let mut samples = Vec::new();
    let mut found = BTreeSet::new();
    for (repository, pack) in packs {
        let repository = Id::new(repository);
        if let Some(pack) = pack {
            decode(&pack, &repository, query, &mut samples)?;
        }
        found.insert(repository);
    }
    Ok((samples, found))
}
