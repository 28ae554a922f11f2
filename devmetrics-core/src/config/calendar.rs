use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, Weekday};
use chrono_tz::Tz;
use opening_hours::localization::Country;
use serde::{Deserialize, Deserializer};

use super::{Config, Day};
use crate::metric::{Calendar, CalendarRules, Calendars, WorkingHours};
use crate::suggest::did_you_mean;
use crate::{Error, ErrorKind, Result};

/// `[calendar]`: when people work. What a team leaves out is as for all.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CalendarConfig {
    /// The IANA zone whose clocks they go by.
    #[serde(deserialize_with = "some_zone")]
    pub zone: Option<Tz>,
    /// The days of the week: `["mon", "tue"]`.
    pub weekdays: Option<Vec<Weekday>>,
    /// The hours of a day: `["09:00-12:00", "13:00-17:00"]`.
    pub hours: Option<Vec<WorkingHours>>,
    /// The country whose public holidays are no working days, by ISO 3166: `DE`.
    pub country: Option<String>,
    /// Further days without work.
    pub holidays: Option<Vec<Day>>,
    /// What is otherwise for teams, by their ids.
    pub team: BTreeMap<String, Self>,
}

fn some_zone<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Tz>, D::Error> {
    super::zone_by_name(deserializer).map(Some)
}

impl Config {
    /// The working calendars, checked.
    ///
    /// # Errors
    /// `InvalidInput` that names the field, and the team whose it is.
    pub fn calendars(&self) -> Result<Calendars> {
        let usual = &self.calendar;
        let teams = usual.team.iter().map(|(team, own)| {
            let found = own.within(usual).and_then(|merged| merged.read(self));
            let found = found.map_err(|error| error.with("calendar of the team", team))?;
            Ok((team.clone(), found))
        });
        Ok(Calendars {
            usual: usual.read(self).map_err(|error| error.with("in", "[calendar]"))?,
            teams: teams.collect::<Result<_>>()?,
        })
    }
}

impl CalendarConfig {
    /// Its own fields, else those of `usual`.
    fn within(&self, usual: &Self) -> Result<Self> {
        if !self.team.is_empty() {
            let message = "a team's calendar has no `team` of its own: write [calendar.team.NAME]";
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        Ok(Self {
            zone: self.zone.or(usual.zone),
            weekdays: self.weekdays.clone().or_else(|| usual.weekdays.clone()),
            hours: self.hours.clone().or_else(|| usual.hours.clone()),
            country: self.country.clone().or_else(|| usual.country.clone()),
            holidays: self.holidays.clone().or_else(|| usual.holidays.clone()),
            team: BTreeMap::new(),
        })
    }

    fn read(&self, config: &Config) -> Result<Calendar> {
        let usual = CalendarRules::default();
        let mut holidays: BTreeSet<NaiveDate> = self
            .country
            .as_deref()
            .map_or(Ok(BTreeSet::new()), public_holidays)?;
        holidays.extend(self.holidays.iter().flatten().map(|day| day.0));
        Calendar::new(CalendarRules {
            zone: self.zone.unwrap_or(config.zone),
            weekdays: self.weekdays.clone().unwrap_or(usual.weekdays),
            hours: self.hours.clone().unwrap_or(usual.hours),
            holidays,
        })
    }
}

/// The public holidays of a whole country, as far as they are known.
fn public_holidays(code: &str) -> Result<BTreeSet<NaiveDate>> {
    let country: Country = code.parse().map_err(|_| {
        let hint = match code.split_once('-') {
            Some((country, _)) if country.parse::<Country>().is_ok() => {
                format!("; the holidays of whole countries are known: write `{country}`, and list the others under `holidays`")
            }
            _ => did_you_mean(code, Country::ALL.iter().map(|country| country.iso_code())),
        };
        let message = format!("`country` is `{code}`, and no country of ISO 3166 with known holidays{hint}");
        Error::new(ErrorKind::InvalidInput, message)
    })?;
    Ok(country.holidays().get_public().iter().collect())
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;
    use crate::Id;
    use crate::metric::Scope;

    fn calendars(text: &str) -> Result<Calendars> {
        Config::from_toml("devmetrics.toml", text).and_then(|config| config.calendars())
    }

    fn hours(calendar: &Calendar, from: &str, to: &str) -> i64 {
        let at = |day: &str| -> DateTime<Utc> { format!("{day}T00:00:00Z").parse().unwrap() };
        calendar.working_seconds(at(from), at(to)) / 3600
    }

    #[test]
    fn public_holidays_and_listed_days_are_no_working_days() {
        let text =
            "zone = 'Europe/Berlin'\n[calendar]\ncountry = 'DE'\nholidays = [2026-12-24, '2026-12-31']";
        let usual = calendars(text).unwrap().usual;
        assert_eq!(usual.rules().zone, Tz::Europe__Berlin);
        // Monday to Wednesday; Christmas Eve is listed, the 25th a public holiday.
        assert_eq!(hours(&usual, "2026-12-21", "2026-12-28"), 24);
        assert_eq!(
            hours(&usual, "2026-12-28", "2027-01-04"),
            24,
            "three days before New Year's Eve"
        );
        assert_eq!(
            hours(&calendars("").unwrap().usual, "2026-12-21", "2026-12-28"),
            40
        );
    }

    /// `docs/metrics.md#working-time`.
    #[test]
    fn example_working_time() {
        let usual = calendars("zone = 'Europe/Berlin'\ncalendar = { country = 'DE' }")
            .unwrap()
            .usual;
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let (opened, reviewed) = (at("2026-04-02T14:00:00Z"), at("2026-04-07T08:00:00Z"));
        assert_eq!(usual.working_seconds(opened, reviewed), 2 * 3600);
        assert_eq!((reviewed - opened).num_hours(), 114);
    }

    #[test]
    fn what_a_team_leaves_out_is_as_for_all() {
        let found = calendars(
            "[calendar]\nhours = ['08:00-12:00']\ncountry = 'DE'\n\
             [calendar.team.support]\nweekdays = ['sat', 'sun']\nzone = 'America/New_York'",
        )
        .unwrap();
        let support = found.of(&Scope::Team(Id::new("support"))).rules();
        assert_eq!(support.weekdays, [Weekday::Sat, Weekday::Sun]);
        assert_eq!(support.zone, Tz::America__New_York);
        assert_eq!(
            (&support.hours, &support.holidays),
            (&found.usual.rules().hours, &found.usual.rules().holidays)
        );
        assert_eq!(found.of(&Scope::Team(Id::new("payments"))), &found.usual);
        assert_eq!(found.of(&Scope::All), &found.usual);
    }

    #[test]
    fn a_mistake_names_its_field_and_its_team() {
        for (text, words) in [
            (
                "[calendar]\ncountry = 'DX'",
                &["`country`", "`DX`", "[calendar]"][..],
            ),
            ("[calendar]\ncountry = 'DE-BY'", &["write `DE`", "`holidays`"]),
            (
                "[calendar]\nhours = ['9 to 5']",
                &["calendar.hours", "09:00-17:00"],
            ),
            (
                "[calendar]\nhours = ['09:00-12:00', '11:00-17:00']",
                &["`hours`", "overlap"],
            ),
            ("[calendar]\nweekdays = []", &["`weekdays`"]),
            (
                "[calendar]\nholidays = ['Christmas']",
                &["calendar.holidays", "2026-12-31"],
            ),
            ("[calendar]\nhollidays = []", &["did you mean `holidays`?"]),
            (
                "[calendar.team.support]\nhours = []",
                &["`hours`", "calendar of the team: support"],
            ),
            (
                "[calendar.team.a.team.b]\nhours = []",
                &["[calendar.team.NAME]", "team: a"],
            ),
            (
                "[calendar]\nzone = 'Europe/Berln'",
                &["calendar.zone", "did you mean `Europe/Berlin`?"],
            ),
        ] {
            let error = calendars(text).unwrap_err().to_string();
            for word in words {
                assert!(error.contains(word), "`{word}` is not in: {error}");
            }
        }
    }
}
