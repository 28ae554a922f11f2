//! Requests without a good key, which are answered only so often.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;

use chrono::{DateTime, TimeDelta, Utc};

use crate::state::lock;

/// Over which time failures count.
const WINDOW: TimeDelta = TimeDelta::minutes(1);
/// How many an address may have with one key, and with all of them.
const MOST_BY_KEY: u32 = 10;
const MOST_BY_ADDRESS: u32 = 100;
/// How many counters are kept.
const MOST_COUNTERS: usize = 10_000;

/// Who failed: an address, with the public part of the key where it is about one.
type Who = (IpAddr, Option<String>);

/// How often who failed.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    failures: Mutex<HashMap<Who, Failures>>,
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    since: DateTime<Utc>,
    count: u32,
}

impl Attempts {
    /// In how many seconds this address may try this key again; `None`: now.
    pub(crate) fn blocked(&self, address: IpAddr, key: &str, now: DateTime<Utc>) -> Option<u64> {
        let failures = lock(&self.failures);
        let [by_key, by_address] = whose(address, key);
        let wait = |who: &Who, most: u32| {
            let found = failures.get(who).filter(|found| found.count >= most)?;
            let left = found.since + WINDOW - now;
            (left > TimeDelta::zero()).then(|| left.num_seconds().unsigned_abs().max(1))
        };
        wait(&by_key, MOST_BY_KEY).max(wait(&by_address, MOST_BY_ADDRESS))
    }

    /// Counts a failure.
    pub(crate) fn failed(&self, address: IpAddr, key: &str, now: DateTime<Utc>) {
        let mut failures = lock(&self.failures);
        if failures.len() >= MOST_COUNTERS {
            failures.retain(|_, found| now < found.since + WINDOW);
            // Whoever fills the table within a minute has lost the others' counters too: no memory is theirs to take.
            if failures.len() >= MOST_COUNTERS {
                failures.clear();
            }
        }
        for who in whose(address, key) {
            let found = failures.entry(who).or_insert(Failures { since: now, count: 0 });
            if now >= found.since + WINDOW {
                *found = Failures { since: now, count: 0 };
            }
            found.count += 1;
        }
    }
}

/// The two counters of an attempt. One person has 2^64 addresses of IPv6: they count as one.
fn whose(address: IpAddr, key: &str) -> [Who; 2] {
    let address = match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::from((address.to_bits() & !u128::from(u64::MAX)).to_be_bytes()),
        address => address,
    };
    let public: String = key.chars().take(15).collect();
    [(address, Some(public)), (address, None)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_count_by_key_and_by_address_for_a_minute() {
        let attempts = Attempts::default();
        let [one, two]: [IpAddr; 2] = ["10.0.0.1", "10.0.0.2"].map(|text| text.parse().unwrap());
        let now = DateTime::UNIX_EPOCH;
        for _ in 0..MOST_BY_KEY {
            assert_eq!(attempts.blocked(one, "dm_0", now), None);
            attempts.failed(one, "dm_0", now);
        }
        assert_eq!(attempts.blocked(one, "dm_0", now), Some(60));
        assert_eq!(attempts.blocked(one, "dm_1", now), None);
        assert_eq!(attempts.blocked(two, "dm_0", now), None);
        assert_eq!(attempts.blocked(one, "dm_0", now + WINDOW), None);
        for n in 0..MOST_BY_ADDRESS {
            attempts.failed(two, &format!("dm_{n}"), now);
        }
        assert_eq!(attempts.blocked(two, "dm_other", now), Some(60));
    }

    #[test]
    fn the_addresses_of_one_network_count_as_one() {
        let attempts = Attempts::default();
        let [one, two, three]: [IpAddr; 3] =
            ["2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:1::1"].map(|text| text.parse().unwrap());
        for _ in 0..MOST_BY_KEY {
            attempts.failed(one, "k", DateTime::UNIX_EPOCH);
        }
        assert!(attempts.blocked(two, "k", DateTime::UNIX_EPOCH).is_some());
        assert!(attempts.blocked(three, "k", DateTime::UNIX_EPOCH).is_none());
    }

    #[test]
    fn the_table_does_not_grow_without_end() {
        let attempts = Attempts::default();
        for n in 0..30_000_u32 {
            attempts.failed(IpAddr::from(n.to_be_bytes()), "k", DateTime::UNIX_EPOCH);
        }
        assert!(lock(&attempts.failures).len() <= MOST_COUNTERS + 2);
    }
}
