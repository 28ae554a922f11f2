use std::fmt;

use chrono::NaiveDate;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

/// A day, written as TOML's date or as a text: `2026-12-31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day(pub NaiveDate);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DayVisitor)
    }
}

struct DayVisitor;

impl<'de> Visitor<'de> for DayVisitor {
    type Value = Day;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a day such as 2026-12-31")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Day, E> {
        let day = text
            .parse()
            .map_err(|_| E::custom(format!("`{text}` is no day: write it as 2026-12-31")));
        day.map(Day)
    }

    /// How TOML's dates come through serde: a map of one entry.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Day, A::Error> {
        match map.next_entry::<String, String>()? {
            Some((_, text)) => self.visit_str(&text),
            None => Err(A::Error::custom(
                "an empty table is no day: write it as 2026-12-31",
            )),
        }
    }
}
