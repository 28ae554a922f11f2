//! Keys of the API: made, recognised, taken back.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::Engine;
use crate::model::{ApiKey, KeyScope, Team};
use crate::store::StoredKey;
use crate::suggest::not_found;
use crate::{Error, ErrorKind, Id, Result};

/// What every key begins with, so that a scanner for secrets can know one.
const PREFIX: &str = "dm";
/// The bytes of a key's public part and of its secret one.
const ID_BYTES: usize = 6;
const SECRET_BYTES: usize = 32;
/// How long the name of a key may be.
const LONGEST_NAME: usize = 100;

/// A key to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewKey {
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scope: KeyScope,
    /// The team that it sees, with the teams below it; `None`: everything.
    pub team: Option<String>,
    /// The first instant at which it is good no more; `None`: never.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Why a key is not good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyRefused {
    /// There is none of this text.
    Unknown,
    /// It was taken back.
    Revoked,
    /// It has expired.
    Expired,
}

impl Engine {
    /// Makes a key: 256 random bits, of which only a hash is stored. Its text is here, and never again.
    ///
    /// # Errors
    /// `InvalidInput` for a name that is empty or longer than 100 letters, an expiry that is past, or a team for a key that may
    /// do more than read; `NotFound` for an unknown team; and as the store fails.
    pub async fn create_key(&self, new: NewKey) -> Result<(ApiKey, SecretString)> {
        let wrong =
            |field, message: &str| Err(Error::new(ErrorKind::InvalidInput, message).with("field", field));
        let name = new.name.trim();
        if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
            return wrong(
                "name",
                "a key's name says what it is for: 1 to 100 letters on one line",
            );
        }
        let now = self.now();
        if new.expires_at.is_some_and(|at| at <= now) {
            return wrong("expires_at", "a key that is to be made expires later than now");
        }
        if new.team.is_some() && new.scope != KeyScope::Read {
            let message =
                "a key for one team can only read: what is written belongs to repositories, not to a team";
            return wrong("team", message);
        }
        let team = match &new.team {
            Some(team) => Some(self.team(team).await?),
            None => None,
        };
        let id = format!("{PREFIX}_{}", hex::encode(random::<ID_BYTES>()?));
        let text = format!("{id}_{}", hex::encode(random::<SECRET_BYTES>()?));
        let key = ApiKey {
            id: Id::new(id),
            name: name.to_owned(),
            scope: new.scope,
            team,
            created_at: now,
            expires_at: new.expires_at,
            revoked_at: None,
            last_used_at: None,
        };
        let stored = StoredKey {
            key,
            hash: hash(&text),
        };
        self.store().add_key(&stored).await?;
        Ok((stored.key, text.into()))
    }

    /// Every key that was ever made, oldest first.
    ///
    /// # Errors
    /// As the store fails.
    pub async fn keys(&self) -> Result<Vec<ApiKey>> {
        self.store().keys().await
    }

    /// Takes a key back: from now on it is good no more.
    ///
    /// # Errors
    /// `NotFound`, with the nearest id there is; and as the store fails.
    pub async fn revoke_key(&self, id: &str) -> Result<ApiKey> {
        if self.store().revoke_key(&Id::new(id), self.now()).await?
            && let Some(stored) = self.store().key(&Id::new(id)).await?
        {
            return Ok(stored.key);
        }
        let keys = self.keys().await?;
        let known = keys.iter().map(|key| key.id.as_str());
        Err(not_found(format!("no key `{id}`"), id, known, ""))
    }

    /// The key whose text this is, or why none is good.
    ///
    /// # Errors
    /// As the store fails.
    pub async fn authenticate(&self, text: &str) -> Result<Result<ApiKey, KeyRefused>> {
        let Some(id) = id_of(text) else {
            return Ok(Err(KeyRefused::Unknown));
        };
        let Some(StoredKey { key, hash: known }) = self.store().key(&Id::new(id)).await? else {
            return Ok(Err(KeyRefused::Unknown));
        };
        Ok(if !bool::from(hash(text).as_bytes().ct_eq(known.as_bytes())) {
            Err(KeyRefused::Unknown)
        } else if key.revoked_at.is_some() {
            Err(KeyRefused::Revoked)
        } else if key.expires_at.is_some_and(|at| at <= self.now()) {
            Err(KeyRefused::Expired)
        } else {
            Ok(key)
        })
    }

    /// Notes that a key is used.
    ///
    /// # Errors
    /// As the store fails.
    pub async fn touch_key(&self, key: &ApiKey) -> Result<()> {
        self.store().touch_key(&key.id, self.now()).await
    }

    /// The version of what the store holds: the same question has the same answer as long as it does not move.
    ///
    /// # Errors
    /// As the store fails.
    pub async fn version(&self) -> Result<u64> {
        self.store().version().await
    }

    /// A team and those below it, as of now.
    ///
    /// # Errors
    /// As the store fails.
    pub async fn teams_below(&self, team: &Id<Team>) -> Result<Vec<Id<Team>>> {
        let (roster, now) = (self.known_roster().await?, self.now());
        let mut found = vec![team.clone()];
        let mut next = 0;
        while let Some(above) = found.get(next).cloned() {
            next += 1;
            let below = roster.teams.iter().filter(|team| {
                team.parents.iter().any(|parent| {
                    parent.team == above
                        && parent.valid_from.is_none_or(|from| from <= now)
                        && parent.valid_to.is_none_or(|to| now < to)
                })
            });
            for team in below {
                if !found.contains(&team.id) {
                    found.push(team.id.clone());
                }
            }
        }
        Ok(found)
    }
}

/// The public part of a key's text; `None` where it has not the form of a key.
fn id_of(text: &str) -> Option<&str> {
    let id_length = PREFIX.len() + 1 + 2 * ID_BYTES;
    let (id, secret) = text.split_at_checked(id_length)?;
    let is_hexadecimal = |part: &str| {
        part.bytes()
            .all(|letter| matches!(letter, b'0'..=b'9' | b'a'..=b'f'))
    };
    let id_number = id.strip_prefix(PREFIX)?.strip_prefix('_')?;
    let secret_number = secret.strip_prefix('_')?;
    let is_key = is_hexadecimal(id_number) && is_hexadecimal(secret_number);
    (is_key && secret_number.len() == 2 * SECRET_BYTES).then_some(id)
}

fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        Error::new(
            ErrorKind::Internal,
            "the machine gives no random numbers for a key",
        )
        .caused_by(error)
    })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_names_itself_by_its_first_part() {
        let secret = "a".repeat(64);
        assert_eq!(
            id_of(&format!("dm_0123456789ab_{secret}")),
            Some("dm_0123456789ab")
        );
        for wrong in [
            "",
            "dm_0123456789ab",
            "dm_0123456789ab_",
            &format!("dm_0123456789AB_{secret}"),
            &format!("dm_0123456789ab-{secret}"),
            &format!("dx_0123456789ab_{secret}"),
            &format!("dm_0123456789ab_{secret}0"),
            &format!("dm_0123456789a\u{e9}_{secret}"),
        ] {
            assert_eq!(id_of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_hash_is_sha_256() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(
            hash("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
