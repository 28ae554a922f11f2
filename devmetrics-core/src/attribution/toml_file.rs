use std::ops::Range;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::check::check;
use super::date::instant;
use super::lines::Lines;
use crate::model::{BotRules, Membership, Parent, Person, Roster, Team};
use crate::suggest::did_you_mean;
use crate::zone::zone;
use crate::{Error, Id, Result};

const TEAM_KEYS: [&str; 6] = ["id", "name", "zone", "parent", "parents", "member"];
const PARENT_KEYS: [&str; 3] = ["team", "from", "until"];
const MEMBER_KEYS: [&str; 6] = ["email", "handle", "name", "from", "until", "primary"];

/// Reads a roster from the text of a `teams.toml`; `name` is the file's, for messages.
///
/// ```toml
/// [[team]]
/// id = "payments"
/// name = "Payments"            # default: the id
/// zone = "Europe/Berlin"       # default: the query's; dates below are midnights of it, else of UTC
/// parent = "engineering"       # or: parents = [{ team = "engineering", from = 2024-01-01, until = 2025-01-01 }]
///
/// [[team.member]]
/// email = ["ada@example.com", "ada@home.example"]
/// handle = "ada"
/// name = "Ada Lovelace"        # used only when neither e-mail nor handle decides
/// from = 2024-01-01            # the first day; default: since ever
/// until = 2025-07-01           # the first day after; default: still
/// primary = true               # the main team, for the policy `primary`
///
/// [[team]]
/// id = "engineering"
///
/// [bots]
/// accounts = ["release-robot"] # bots that do not look like it
/// humans = ["abbot"]           # people who do
/// ```
///
/// # Errors
/// `InvalidInput` that names the file, the line, the team and the member, and what to do.
pub fn roster_from_toml(name: &str, text: &str) -> Result<Roster> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader {
        lines: Lines::of(name),
        line_starts: text.match_indices('\n').map(|(index, _)| index + 1).collect(),
        roster: Roster::default(),
    };
    let document = DeTable::parse(text).map_err(|error| {
        let line = error.span().map(|span| reader.line(span));
        reader.lines.error(line, format!("not TOML: {}", error.message()))
    })?;
    let document = document.get_ref();
    reader.check_keys(document, &["team", "bots"], "the file")?;
    if let Some(teams) = document.get("team") {
        for team in reader.tables(teams, "[[team]]")? {
            reader.read_team(team)?;
        }
    }
    if let Some(bots) = document.get("bots") {
        reader.read_bots(bots)?;
    }
    check(&reader.roster, &reader.lines)?;
    Ok(reader.roster)
}

type Value<'i> = Spanned<DeValue<'i>>;

struct Reader {
    lines: Lines,
    /// Where each line after the first begins, in bytes.
    line_starts: Vec<usize>,
    roster: Roster,
}

impl Reader {
    /// The line that a span begins in, counted from 1.
    fn line(&self, span: Range<usize>) -> u64 {
        self.line_starts.partition_point(|begin| *begin <= span.start) as u64 + 1
    }

    fn error(&self, at: &Value<'_>, message: impl Into<String>) -> Error {
        self.lines.error(Some(self.line(at.span())), message)
    }

    fn read_team(&mut self, value: &Value<'_>) -> Result<()> {
        let table = self.table(value, "[[team]]")?;
        let Some(id) = table.get("id") else {
            return Err(self.error(
                value,
                "a team has no `id`; give it one, such as `id = \"platform\"`",
            ));
        };
        let id = self.text_of(id, "`id` of a team")?;
        let of_team = format!("team `{id}`");
        self.check_keys(table, &TEAM_KEYS, &of_team)?;
        let name = match table.get("name") {
            Some(name) => self.text_of(name, &format!("`name` of {of_team}"))?,
            None => id.clone(),
        };
        let zone_of_team = match table.get("zone") {
            Some(value) => {
                let text = self.text_of(value, &format!("`zone` of {of_team}"))?;
                let zone = zone(&text)
                    .map_err(|error| self.error(value, format!("{of_team}: {}", error.message())))?;
                Some(zone)
            }
            None => None,
        };
        let zone = zone_of_team.unwrap_or(Tz::UTC);
        let mut parents = Vec::new();
        if let Some(value) = table.get("parent") {
            for parent in self.texts(value, &format!("`parent` of {of_team}"))? {
                parents.push(Parent {
                    team: Id::new(parent),
                    valid_from: None,
                    valid_to: None,
                });
            }
        }
        if let Some(value) = table.get("parents") {
            let what = format!("`parents` of {of_team}");
            for parent in self.tables(value, &what)? {
                parents.push(self.parent(parent, zone, &of_team)?);
            }
        }
        let line = self.line(value.span());
        self.lines.push_team(line);
        self.roster.teams.push(Team {
            id: Id::new(id.clone()),
            name,
            zone: zone_of_team,
            parents,
        });
        if let Some(members) = table.get("member") {
            for member in self.tables(members, &format!("`member` of {of_team}"))? {
                self.read_member(member, &id, zone)?;
            }
        }
        Ok(())
    }

    fn parent(&self, value: &Value<'_>, zone: Tz, of_team: &str) -> Result<Parent> {
        let table = self.table(value, &format!("a parent of {of_team}"))?;
        let what = format!("a parent of {of_team}");
        self.check_keys(table, &PARENT_KEYS, &what)?;
        let Some(team) = table.get("team") else {
            return Err(self.error(value, format!("{what} has no `team`; name the team above")));
        };
        Ok(Parent {
            team: Id::new(self.text_of(team, &format!("`team` in {what}"))?),
            valid_from: self.instant_of(table, "from", zone, &what)?,
            valid_to: self.instant_of(table, "until", zone, &what)?,
        })
    }

    fn read_member(&mut self, value: &Value<'_>, team: &str, zone: Tz) -> Result<()> {
        let mut what = format!("a member of team `{team}`");
        let table = self.table(value, &what)?;
        self.check_keys(table, &MEMBER_KEYS, &what)?;
        let all = |key: &str| match table.get(key) {
            Some(value) => self.texts(value, &format!("`{key}` of {what}")),
            None => Ok(Vec::new()),
        };
        let person = Person {
            emails: all("email")?,
            handles: all("handle")?,
            names: all("name")?,
        };
        if !person.label().is_empty() {
            what = format!("member `{}` of team `{team}`", person.label());
        }
        let primary = match table.get("primary") {
            Some(value) => value
                .get_ref()
                .as_bool()
                .ok_or_else(|| self.error(value, format!("`primary` of {what} must be `true` or `false`")))?,
            None => false,
        };
        let membership = Membership {
            team: Id::new(team),
            person,
            valid_from: self.instant_of(table, "from", zone, &what)?,
            valid_to: self.instant_of(table, "until", zone, &what)?,
            primary,
        };
        let line = self.line(value.span());
        self.lines.push_membership(line);
        self.roster.memberships.push(membership);
        Ok(())
    }

    fn read_bots(&mut self, value: &Value<'_>) -> Result<()> {
        let table = self.table(value, "[bots]")?;
        self.check_keys(table, &["accounts", "humans"], "[bots]")?;
        let all = |key: &str| match table.get(key) {
            Some(value) => self.texts(value, &format!("`{key}` of [bots]")),
            None => Ok(Vec::new()),
        };
        self.roster.bots = BotRules {
            accounts: all("accounts")?,
            humans: all("humans")?,
        };
        Ok(())
    }

    /// That a table has no other keys than these.
    fn check_keys(&self, table: &DeTable<'_>, allowed: &[&str], what: &str) -> Result<()> {
        for key in table.keys() {
            let name = key.get_ref().as_ref();
            if !allowed.contains(&name) {
                let hint = did_you_mean(name, allowed.iter().copied());
                return Err(self.lines.error(
                    Some(self.line(key.span())),
                    format!(
                        "unknown key `{name}` in {what}{hint}; there are: {}",
                        allowed.join(", ")
                    ),
                ));
            }
        }
        Ok(())
    }

    fn table<'v, 'i>(&self, value: &'v Value<'i>, what: &str) -> Result<&'v DeTable<'i>> {
        value
            .get_ref()
            .as_table()
            .ok_or_else(|| self.error(value, format!("{what} must be a table")))
    }

    fn tables<'v, 'i>(&self, value: &'v Value<'i>, what: &str) -> Result<&'v DeArray<'i>> {
        value.get_ref().as_array().ok_or_else(|| {
            self.error(
                value,
                format!("{what} must be a list of tables; write double brackets: `[[…]]`"),
            )
        })
    }

    fn text_of(&self, value: &Value<'_>, what: &str) -> Result<String> {
        let text = value
            .get_ref()
            .as_str()
            .ok_or_else(|| self.error(value, format!("{what} must be a text in quotes")))?;
        Ok(text.to_owned())
    }

    /// A text, or a list of them.
    fn texts(&self, value: &Value<'_>, what: &str) -> Result<Vec<String>> {
        match value.get_ref().as_array() {
            Some(array) => array.iter().map(|value| self.text_of(value, what)).collect(),
            None => Ok(vec![self.text_of(value, what)?]),
        }
    }

    fn instant_of(
        &self,
        table: &DeTable<'_>,
        key: &str,
        zone: Tz,
        what: &str,
    ) -> Result<Option<DateTime<Utc>>> {
        let Some(value) = table.get(key) else {
            return Ok(None);
        };
        let text = match value.get_ref() {
            DeValue::Datetime(datetime) => datetime.to_string(),
            _ => self.text_of(value, &format!("`{key}` of {what}"))?,
        };
        let found = instant(&text, zone);
        found
            .map(Some)
            .map_err(|wrong| self.error(value, format!("`{key}` of {what}: {wrong}")))
    }
}
