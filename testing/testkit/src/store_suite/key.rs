//! Laws of the keys of the API.

use std::sync::Arc;

use devmetrics_core::model::{ApiKey, KeyScope};
use devmetrics_core::store::{MetricsStore, StoredKey};
use devmetrics_core::{ErrorKind, Id};

use crate::builders::*;

type Store = Arc<dyn MetricsStore>;

/// The key `n`, made on day `n`.
pub fn stored_key(n: u32) -> StoredKey {
    StoredKey {
        key: ApiKey {
            id: Id::new(format!("dm_{n:012x}")),
            name: format!("Key {n}"),
            scope: KeyScope::Read,
            team: None,
            created_at: day(n),
            expires_at: None,
            revoked_at: None,
            last_used_at: None,
        },
        hash: format!("{n:064x}"),
    }
}

/// With every field, in the order in which they were made; one that does not exist is none.
pub async fn keys_come_back(store: Store) {
    let mut bound = stored_key(1);
    bound.key.team = Some(Id::new("web"));
    bound.key.expires_at = Some(day(9));
    let keys = [
        StoredKey {
            key: ApiKey {
                scope: KeyScope::Admin,
                created_at: day(5),
                ..stored_key(0).key
            },
            ..stored_key(0)
        },
        bound,
        stored_key(2),
    ];
    for key in &keys {
        store.add_key(key).await.unwrap();
        assert_eq!(store.key(&key.key.id).await.unwrap().as_ref(), Some(key));
    }
    let [first, second, third] = keys.map(|stored| stored.key);
    assert_eq!(store.keys().await.unwrap(), [second, third, first]);
    assert_eq!(store.key(&Id::new("dm_")).await.unwrap(), None);
}

/// Another key of its id does not take its place.
pub async fn a_key_is_never_overwritten(store: Store) {
    let key = stored_key(1);
    store.add_key(&key).await.unwrap();
    let other = StoredKey {
        hash: "0".repeat(64),
        ..key.clone()
    };
    let error = store.add_key(&other).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert_eq!(store.key(&key.key.id).await.unwrap(), Some(key));
}

/// Once; and only that key.
pub async fn a_key_is_revoked_once(store: Store) {
    for n in 0..2 {
        store.add_key(&stored_key(n)).await.unwrap();
    }
    let id = stored_key(0).key.id;
    assert!(store.revoke_key(&id, day(7)).await.unwrap());
    assert!(store.revoke_key(&id, day(8)).await.unwrap());
    assert!(!store.revoke_key(&Id::new("dm_none"), day(7)).await.unwrap());
    let revoked: Vec<_> = store
        .keys()
        .await
        .unwrap()
        .into_iter()
        .map(|key| key.revoked_at)
        .collect();
    assert_eq!(revoked, [Some(day(7)), None]);
}

/// It moves forward only; a key that does not exist is none afterwards either.
pub async fn the_last_use_of_a_key_is_the_latest(store: Store) {
    store.add_key(&stored_key(0)).await.unwrap();
    let id = stored_key(0).key.id;
    for n in [3, 2, 5] {
        store.touch_key(&id, day(n)).await.unwrap();
    }
    store.touch_key(&Id::new("dm_none"), day(9)).await.unwrap();
    let used: Vec<_> = store
        .keys()
        .await
        .unwrap()
        .into_iter()
        .map(|key| key.last_used_at)
        .collect();
    assert_eq!(used, [Some(day(5))]);
}
