use url::Url;

use super::transport::Face;
use crate::{Error, ErrorKind, Result};

/// Where a GitHub is: the public one, one with data residency, or an own server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// How it is called: `github.com`.
    name: String,
    /// Scheme, host and port of the interfaces.
    api: String,
    /// The same of the web pages.
    web: String,
    rest: &'static str,
    graphql: &'static str,
}

impl Host {
    /// Reads `github.com`, `https://github.example.com`, `acme.ghe.com` or `http://127.0.0.1:9000`.
    ///
    /// # Errors
    /// `InvalidInput` for anything that is no such address, and for a server that would get the token unencrypted.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |why: &str| {
            Error::new(
                ErrorKind::InvalidInput,
                format!("`host` {why}; write `github.com` or an address as `https://github.example.com`"),
            )
            .with("setting", "host")
        };
        let address = if text.contains("://") {
            text.to_owned()
        } else {
            format!("https://{text}")
        };
        let url = Url::parse(&address).map_err(|_| wrong("is no address"))?;
        // What was written is not shown: it may hold a password.
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("holds a user or password"));
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("has a path"));
        }
        let host = url.host_str().ok_or_else(|| wrong("is no address"))?;
        let is_local = matches!(host, "127.0.0.1" | "localhost" | "[::1]");
        match url.scheme() {
            "https" => {}
            "http" if is_local => {}
            _ => return Err(wrong("is not `https`")),
        }
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let origin = format!("{}://{host}{port}", url.scheme());
        let (api, web, own) = match host {
            "github.com" | "api.github.com" | "www.github.com" => (
                "https://api.github.com".to_owned(),
                "https://github.com".to_owned(),
                false,
            ),
            _ if is_local => (origin.clone(), origin, false),
            _ if host.ends_with(".ghe.com") => {
                let residence = host.strip_prefix("api.").unwrap_or(host);
                (
                    format!("https://api.{residence}"),
                    format!("https://{residence}"),
                    false,
                )
            }
            _ => (origin.clone(), origin, true),
        };
        Ok(Self::new(api, web, own))
    }

    fn new(api: String, web: String, own: bool) -> Self {
        let name = web
            .split_once("://")
            .map_or(web.as_str(), |(_, name)| name)
            .to_owned();
        Self {
            name,
            api,
            web,
            rest: if own { "/api/v3" } else { "" },
            graphql: if own { "/api/graphql" } else { "/graphql" },
        }
    }

    /// An own server at `origin`, which a real one never is: on loopback.
    #[cfg(test)]
    pub(super) fn own_server(origin: String) -> Self {
        Self::new(origin.clone(), origin, true)
    }

    /// How it is called, with its port where it has one: `github.com`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Scheme, host and port that `face` is at.
    pub(super) fn origin(&self, face: Face) -> &str {
        match face {
            Face::Rest | Face::Graphql => &self.api,
            Face::Web => &self.web,
        }
    }

    /// What the paths of `face` begin with.
    pub(super) fn prefix(&self, face: Face) -> &'static str {
        match face {
            Face::Rest => self.rest,
            Face::Graphql => self.graphql,
            Face::Web => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(host: &str) -> [String; 3] {
        let host = Host::parse(host).unwrap();
        [Face::Rest, Face::Graphql, Face::Web]
            .map(|face| format!("{}{}", host.origin(face), host.prefix(face)))
    }

    #[test]
    fn each_kind_of_github_has_its_addresses() {
        let public = [
            "https://api.github.com",
            "https://api.github.com/graphql",
            "https://github.com",
        ];
        assert_eq!(addresses("github.com"), public);
        assert_eq!(addresses("https://github.com/"), public);
        assert_eq!(
            addresses("https://git.example.com:8443"),
            [
                "https://git.example.com:8443/api/v3",
                "https://git.example.com:8443/api/graphql",
                "https://git.example.com:8443"
            ]
        );
        assert_eq!(
            addresses("acme.ghe.com"),
            [
                "https://api.acme.ghe.com",
                "https://api.acme.ghe.com/graphql",
                "https://acme.ghe.com"
            ]
        );
        assert_eq!(
            addresses("http://127.0.0.1:9000"),
            [
                "http://127.0.0.1:9000",
                "http://127.0.0.1:9000/graphql",
                "http://127.0.0.1:9000"
            ]
        );
        assert_eq!(
            Host::parse("http://127.0.0.1:9000").unwrap().name(),
            "127.0.0.1:9000"
        );
    }

    #[test]
    fn a_token_is_never_sent_unencrypted_or_beside_a_password() {
        for wrong in [
            "http://github.com",
            "ftp://github.com",
            "https://me:canary@github.com",
            "https://github.com/acme",
            "https://github.com?x=1",
            "",
            "two words",
        ] {
            let error = Host::parse(wrong).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{wrong}");
            assert!(
                error.message().contains("`host`") && !format!("{error:?}").contains("canary"),
                "{error}"
            );
        }
    }
}
