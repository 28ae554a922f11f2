use std::collections::HashMap;

use chrono_tz::Tz;
use csv::StringRecord;

use super::check::check;
use super::date::instant;
use super::lines::Lines;
use crate::model::{Membership, Parent, Person, Roster, Team};
use crate::suggest::did_you_mean;
use crate::{Error, Id, Result, csv_rows};

const COLUMNS: [&str; 8] = [
    "team", "parent", "email", "handle", "name", "from", "until", "primary",
];

/// Reads a roster from CSV text with a header line; `name` is the file's, for messages.
///
/// ```csv
/// team,parent,email,handle,name,from,until,primary
/// payments,engineering,ada@example.com;ada@home.example,ada,Ada Lovelace,2024-01-01,2025-07-01,true
/// engineering,,,,,,,
/// ```
///
/// One row is one membership; a row with a team and nothing of a person declares the team. `team` and one of `email`,
/// `handle` and `name` must be there, in any order; `;` separates several values. A date is the midnight of UTC that it
/// begins with; `until` is the first day after. Bots and time zones have no column: see
/// [`roster_from_toml`](super::roster_from_toml).
///
/// # Errors
/// `InvalidInput` that names the file, the line, the team and the member, and what to do.
pub fn roster_from_csv(name: &str, text: &str) -> Result<Roster> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader {
        lines: Lines::of(name),
        columns: HashMap::new(),
        roster: Roster::default(),
        places: HashMap::new(),
    };
    let mut rows = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let header = rows.headers().map_err(|error| reader.unreadable(&error))?.clone();
    reader.read_header(&header)?;
    for row in rows.records() {
        let row = row.map_err(|error| reader.unreadable(&error))?;
        reader.read_row(&row, csv_rows::line(&row, text))?;
    }
    check(&reader.roster, &reader.lines)?;
    Ok(reader.roster)
}

struct Reader {
    lines: Lines,
    columns: HashMap<&'static str, usize>,
    roster: Roster,
    /// Where each team stands in the roster.
    places: HashMap<String, usize>,
}

impl Reader {
    fn unreadable(&self, error: &csv::Error) -> Error {
        let (line, message) = csv_rows::unreadable(error);
        self.lines.error(line, message)
    }

    fn read_header(&mut self, header: &StringRecord) -> Result<()> {
        for (index, column) in header.iter().enumerate() {
            let Some(known) = COLUMNS
                .into_iter()
                .find(|known| known.eq_ignore_ascii_case(column))
            else {
                let hint = did_you_mean(column, COLUMNS);
                return Err(self.lines.error(
                    Some(1),
                    format!(
                        "unknown column `{column}`{hint}; there are: {}",
                        COLUMNS.join(", ")
                    ),
                ));
            };
            if self.columns.insert(known, index).is_some() {
                return Err(self
                    .lines
                    .error(Some(1), format!("column `{known}` is there twice; remove one")));
            }
        }
        let person = ["email", "handle", "name"]
            .iter()
            .any(|column| self.columns.contains_key(column));
        if self.columns.contains_key("team") && person {
            return Ok(());
        }
        Err(self.lines.error(
            Some(1),
            "the header must name `team` and at least one of `email`, `handle` and `name`; the first line should \
             be: team,parent,email,handle,name,from,until,primary",
        ))
    }

    fn read_row(&mut self, row: &StringRecord, line: u64) -> Result<()> {
        let field = |column: &str| {
            self.columns
                .get(column)
                .and_then(|index| row.get(*index))
                .unwrap_or("")
        };
        let all = |column: &str| -> Vec<String> {
            field(column)
                .split(';')
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
                .collect()
        };
        let team = field("team").to_owned();
        let person = Person {
            emails: all("email"),
            handles: all("handle"),
            names: all("name"),
        };
        let fail = |message: String| self.lines.error(Some(line), message);
        if team.is_empty() {
            return Err(fail(format!(
                "the row of `{}` names no team; fill the column `team`",
                person.label()
            )));
        }
        let what = format!("member `{}` of team `{team}`", person.label());
        let at = |column: &str| match field(column) {
            "" => Ok(None),
            text => instant(text, Tz::UTC)
                .map(Some)
                .map_err(|wrong| fail(format!("`{column}` of {what}: {wrong}"))),
        };
        let (valid_from, valid_to) = (at("from")?, at("until")?);
        let primary = match field("primary").to_lowercase().as_str() {
            "" | "false" | "no" | "0" => false,
            "true" | "yes" | "1" => true,
            text => {
                return Err(fail(format!(
                    "`primary` of {what} is `{text}`; write `true` or `false`"
                )));
            }
        };
        let parents = all("parent");
        let declares = person == Person::default() && valid_from.is_none() && valid_to.is_none() && !primary;

        self.place(&team, parents, line)?;
        if !declares {
            self.lines.push_membership(line);
            self.roster.memberships.push(Membership {
                team: Id::new(team),
                person,
                valid_from,
                valid_to,
                primary,
            });
        }
        Ok(())
    }

    /// Adds the team if it is new, and its parents if none were given before.
    fn place(&mut self, team: &str, parents: Vec<String>, line: u64) -> Result<()> {
        let index = match self.places.get(team) {
            Some(index) => *index,
            None => {
                let index = self.roster.teams.len();
                self.places.insert(team.to_owned(), index);
                self.lines.push_team(line);
                self.roster.teams.push(Team {
                    id: Id::new(team),
                    name: team.to_owned(),
                    zone: None,
                    parents: Vec::new(),
                });
                index
            }
        };
        if parents.is_empty() {
            return Ok(());
        }
        let known = &mut self.roster.teams[index].parents;
        if known.is_empty() {
            known.extend(parents.into_iter().map(|parent| Parent {
                team: Id::new(parent),
                valid_from: None,
                valid_to: None,
            }));
            return Ok(());
        }
        let before: Vec<&str> = known.iter().map(|parent| parent.team.as_str()).collect();
        if before == parents {
            return Ok(());
        }
        let message = format!(
            "team `{team}` has the parent `{}` here and `{}` before; give it the same in every row, or several \
             as `a;b`",
            parents.join(";"),
            before.join(";")
        );
        Err(self.lines.error(Some(line), message))
    }
}
