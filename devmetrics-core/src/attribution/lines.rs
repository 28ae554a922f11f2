use crate::{Error, ErrorKind};

/// Where the parts of a roster stand in its file, for messages. Empty for a roster that no file holds.
#[derive(Debug, Default)]
pub(super) struct Lines {
    file: Option<String>,
    teams: Vec<u64>,
    memberships: Vec<u64>,
}

impl Lines {
    pub(super) fn of(file: &str) -> Self {
        Self {
            file: Some(file.to_owned()),
            ..Self::default()
        }
    }

    /// Notes the line of the next team.
    pub(super) fn push_team(&mut self, line: u64) {
        self.teams.push(line);
    }

    /// Notes the line of the next membership.
    pub(super) fn push_membership(&mut self, line: u64) {
        self.memberships.push(line);
    }

    /// An error about the file, at a line if one is known.
    pub(super) fn error(&self, line: Option<u64>, message: impl Into<String>) -> Error {
        let mut error = Error::new(ErrorKind::InvalidInput, message);
        if let Some(file) = &self.file {
            error = error.with("file", file);
        }
        match line {
            Some(line) => error.with("line", line),
            None => error,
        }
    }

    /// An error about the team at this place of the roster.
    pub(super) fn team_error(&self, index: usize, message: impl Into<String>) -> Error {
        self.error(self.teams.get(index).copied(), message)
    }

    /// An error about the membership at this place of the roster.
    pub(super) fn membership_error(&self, index: usize, message: impl Into<String>) -> Error {
        self.error(self.memberships.get(index).copied(), message)
    }

    /// ` (line 12)` of the membership at this place, to point at a second line in a message.
    pub(super) fn membership_line(&self, index: usize) -> String {
        self.memberships
            .get(index)
            .map(|line| format!(" (line {line})"))
            .unwrap_or_default()
    }
}
