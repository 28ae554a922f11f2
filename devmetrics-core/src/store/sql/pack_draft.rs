//! The packs of an owner while they are written: a part at a time, and nobody reads them before the last one is there.

use super::forget::{forgotten, forgotten_during};
use super::pack_format::{FORMAT, encode};
use super::*;

/// Packs that are being written. Until [`finish`](Self::finish) they are of a version that no owner has.
pub(super) struct Draft<'a, D> {
    store: &'a SqlStore<D>,
    kind: &'static str,
    owner: &'a str,
    /// Less than 0, and so the version of no owner; another for whoever writes the same owner's packs meanwhile.
    version: i64,
    parts: i64,
    /// Who was forgotten before the first sample was read.
    forgotten: Forgotten,
    /// Whether somebody is forgotten since: the samples may name them, and nothing is written any more.
    outdated: bool,
}

impl<'a, D: Database> Draft<'a, D> {
    /// Takes the place of what was packed of an owner.
    pub(super) async fn begin(store: &'a SqlStore<D>, kind: &'static str, owner: &'a str) -> Result<Self> {
        let dropped = [store.tenant.as_str().into(), kind.into(), owner.into()];
        store.execute(&statement::DROP_PACKS, &dropped).await?;
        Ok(Self {
            store,
            kind,
            owner,
            version: fastrand::i64(..0),
            parts: 0,
            forgotten: forgotten(store).await?,
            outdated: false,
        })
    }

    /// Writes the next part.
    pub(super) async fn put(&mut self, samples: &[PullRequestSample]) -> Result<()> {
        let (from_at, to_at) = span(samples);
        let packed = encode(samples)?;
        let params = [
            self.store.tenant.as_str().into(),
            self.kind.into(),
            self.owner.into(),
            self.parts.into(),
            self.version.into(),
            FORMAT.into(),
            (samples.len() as i64).into(),
            from_at.into(),
            to_at.into(),
            Param::Bytes(&packed),
        ];
        let mut transaction = self.store.database.begin().await?;
        self.outdated |= forgotten_during(&mut transaction, &self.store.tenant).await? != self.forgotten;
        if !self.outdated {
            transaction.execute(&statement::PUT_PACK, &params).await?;
            transaction.commit().await?;
            self.parts += 1;
        }
        Ok(())
    }

    /// Gives the parts to readers, as of this version of their owner. Should another one have written over some of them, none is given:
    /// those of the other one are as good, or the rows are read.
    pub(super) async fn finish(mut self, version: i64) -> Result<()> {
        if self.parts == 0 {
            // Of an owner without samples it is to be known, too.
            self.put(&[]).await?;
        }
        let params = [
            self.store.tenant.as_str().into(),
            self.kind.into(),
            self.owner.into(),
            self.version.into(),
            version.into(),
        ];
        let mut transaction = self.store.database.begin().await?;
        let given = transaction.execute(&statement::FINISH_PACKS, &params).await?;
        if !self.outdated && i64::try_from(given).is_ok_and(|given| given == self.parts) {
            transaction.commit().await?;
        }
        Ok(())
    }
}

/// Before and after which no sample has to do with anything.
fn span(samples: &[PullRequestSample]) -> (i64, i64) {
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
    (begins.min().unwrap_or(i64::MAX), ends.max().unwrap_or(i64::MIN))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Person;
    use crate::store::{MetricsStore, SqliteStore};

    /// How many parts a reader finds of the version.
    async fn parts(store: &SqliteStore, version: i64) -> usize {
        let asked = format!(r#"[["web",{version}]]"#);
        let params = [
            store.tenant.as_str().into(),
            asked.as_str().into(),
            FORMAT.into(),
            i64::MIN.into(),
            i64::MAX.into(),
            "team".into(),
        ];
        store
            .database
            .packs(&statement::PACKS, &params)
            .await
            .unwrap()
            .len()
    }

    #[tokio::test]
    async fn of_two_who_pack_at_once_one_is_read_and_never_a_part_of_each() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("metrics.db"), "default")
            .await
            .unwrap();
        store.migrate().await.unwrap();

        let mut first = Draft::begin(&store, "team", "web").await.unwrap();
        first.put(&[]).await.unwrap();
        first.put(&[]).await.unwrap();
        let mut second = Draft::begin(&store, "team", "web").await.unwrap();
        second.put(&[]).await.unwrap();
        first.put(&[]).await.unwrap();
        assert_eq!(parts(&store, 7).await, 0, "a draft is not read");
        first.finish(7).await.unwrap();
        assert_eq!(parts(&store, 7).await, 0, "two of its parts are gone");
        second.finish(7).await.unwrap();
        assert_eq!(parts(&store, 7).await, 1);

        let mut late = Draft::begin(&store, "team", "web").await.unwrap();
        late.put(&[]).await.unwrap();
        let ada = Person {
            handles: vec!["ada".into()],
            ..Person::default()
        };
        store.forget(&ada, DateTime::UNIX_EPOCH).await.unwrap();
        late.put(&[]).await.unwrap();
        late.finish(7).await.unwrap();
        assert_eq!(
            parts(&store, 7).await,
            0,
            "what may name somebody who is forgotten"
        );

        let nothing = Draft::begin(&store, "team", "web").await.unwrap();
        nothing.finish(8).await.unwrap();
        assert_eq!((parts(&store, 7).await, parts(&store, 8).await), (0, 1));
    }
}
