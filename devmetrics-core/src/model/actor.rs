use serde::{Deserialize, Serialize};

/// Who did something, as the source names them. Which teams they belong to is the roster's business.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Actor {
    /// The display name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The account name at the host (`octocat`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<String>,
    /// Whether the host says that the account is a bot or an app. Names are judged by [`BotRules`](super::BotRules).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bot: bool,
}

impl Actor {
    /// One text that is equal for equal people, for counting distinct ones: handle, else e-mail, else name; `None` for
    /// a deleted account.
    pub fn key(&self) -> Option<String> {
        let text = self
            .handle
            .as_ref()
            .or(self.email.as_ref())
            .or(self.name.as_ref())?;
        Some(text.to_lowercase())
    }

    /// How to show the person: name, else handle, else e-mail.
    pub fn display(&self) -> Option<&str> {
        self.name
            .as_deref()
            .or(self.handle.as_deref())
            .or(self.email.as_deref())
    }
}
