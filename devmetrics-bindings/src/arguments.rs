//! The arguments of a call: those that it has, and no other.

use devmetrics_core::{Error, ErrorKind, Result, did_you_mean};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Arguments by name, of which a call takes what it has. What is left at the [end](Self::end) is an error.
///
/// Calls share groups of arguments, which serde's `flatten` allows only without strictness: hence by hand.
#[derive(Debug)]
pub(crate) struct Arguments {
    given: Map<String, Value>,
    known: Vec<&'static str>,
}

/// One name, or several.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "a text or a list of texts")]
enum Names {
    One(String),
    Several(Vec<String>),
}

impl Arguments {
    /// Those of a JSON object; an empty text has none.
    pub(crate) fn parse(json: &str) -> Result<Self> {
        let given = match json.trim() {
            "" => Map::new(),
            text => serde_json::from_str(text).map_err(|error| {
                let message = format!("the arguments of a call are a JSON object: {error}");
                Error::new(ErrorKind::InvalidInput, message)
            })?,
        };
        Ok(Self {
            given,
            known: Vec::new(),
        })
    }

    /// The value of an argument; `None` where it is not given, or null.
    pub(crate) fn take<T: DeserializeOwned>(&mut self, name: &'static str) -> Result<Option<T>> {
        self.known.push(name);
        let value = match self.given.remove(name) {
            None | Some(Value::Null) => return Ok(None),
            Some(value) => value,
        };
        serde_path_to_error::deserialize(value)
            .map(Some)
            .map_err(|error| {
                let path = error.path().to_string();
                let field = match path.as_str() {
                    "." => name.to_owned(),
                    path if path.starts_with('[') => format!("{name}{path}"),
                    path => format!("{name}.{path}"),
                };
                wrong(&field, format!("`{field}` cannot be read: {}", error.inner()))
            })
    }

    /// The value of an argument that must be given.
    pub(crate) fn need<T: DeserializeOwned>(&mut self, name: &'static str) -> Result<T> {
        self.take(name)?
            .ok_or_else(|| wrong(name, format!("`{name}` is missing: give it")))
    }

    /// Whether an argument is given that is true.
    pub(crate) fn flag(&mut self, name: &'static str) -> Result<bool> {
        Ok(self.take(name)?.unwrap_or_default())
    }

    /// The names of an argument; none where it is not given.
    pub(crate) fn names(&mut self, name: &'static str) -> Result<Vec<String>> {
        Ok(match self.take(name)? {
            None => Vec::new(),
            Some(Names::One(one)) => vec![one],
            Some(Names::Several(names)) => names,
        })
    }

    /// Refuses what no one took.
    pub(crate) fn end(self) -> Result<()> {
        let Some(name) = self.given.keys().next() else {
            return Ok(());
        };
        let known = match self.known.is_empty() {
            true => "it has none".to_owned(),
            false => format!("there are: {}", self.known.join(", ")),
        };
        let near = did_you_mean(name, self.known.iter().copied());
        Err(wrong(
            name,
            format!("this call has no argument `{name}`{near}; {known}"),
        ))
    }
}

/// An argument that cannot be taken.
pub(crate) fn wrong(field: &str, message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidInput, message).with("field", field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_or_not_readable_is_named() {
        let mut arguments = Arguments::parse(r#"{"limit": 5, "team": "web", "zone": null}"#).unwrap();
        assert_eq!(arguments.take::<usize>("limit").unwrap(), Some(5));
        assert_eq!(arguments.names("team").unwrap(), ["web"]);
        assert_eq!(arguments.take::<String>("zone").unwrap(), None);
        arguments.end().unwrap();

        let mut arguments = Arguments::parse(r#"{"limt": 5}"#).unwrap();
        assert_eq!(arguments.take::<usize>("limit").unwrap(), None);
        let error = arguments.end().unwrap_err();
        assert!(error.message().contains("did you mean `limit`?"), "{error}");

        let of = |json| Arguments::parse(json).unwrap();
        let error = of(r#"{"limit": "x"}"#).take::<usize>("limit").unwrap_err();
        assert_eq!(error.context(), [("field", "limit".to_owned())]);
        let error = of(r#"{"team": ["a", 7]}"#).names("team").unwrap_err();
        assert!(error.message().contains("`team`"), "{error}");
        let error = of(r#"{"list": [1, "b"]}"#).take::<Vec<u8>>("list").unwrap_err();
        assert_eq!(error.context(), [("field", "list[1]".to_owned())]);
        assert!(of("").need::<usize>("limit").is_err());
        assert!(Arguments::parse("[]").is_err());
    }
}
