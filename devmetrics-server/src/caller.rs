//! Who asks, and what they may.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use devmetrics_core::Id;
use devmetrics_core::engine::KeyRefused;
use devmetrics_core::metric::Scope;
use devmetrics_core::model::{ApiKey, KeyScope, Team};

use crate::problem::Problem;
use crate::state::ServerState;

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    scope: KeyScope,
    /// The team of the key, and all teams that it sees; `None`: everything.
    sees: Option<(Id<Team>, BTreeSet<Id<Team>>)>,
}

impl Caller {
    /// Who sent a request.
    pub(crate) async fn of(parts: &Parts, state: &ServerState) -> Result<Self, Problem> {
        let address = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|info| info.0.ip());
        let Some(text) = key_text(&parts.headers)? else {
            return anonymous(&parts.headers, address, state).await;
        };
        // Who comes by no known address shares one counter.
        let from = address.unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED));
        let now = state.engine().now();
        if let Some(seconds) = state.attempts().blocked(from, text, now) {
            return Err(Problem::too_many_attempts(seconds));
        }
        match state.authenticate(text).await? {
            Ok(key) => {
                state.touch(&key);
                Self::with(key, state).await
            }
            Err(refused) => {
                state.attempts().failed(from, text, now);
                tracing::info!(client.address = %from, reason = ?refused, "a key was refused");
                Err(Problem::unauthenticated(match refused {
                    KeyRefused::Unknown => {
                        "this is no key of the API; make one with `devmetrics keys create`"
                    }
                    KeyRefused::Revoked => "this key was taken back; ask for another one",
                    KeyRefused::Expired => "this key has expired; ask for another one",
                }))
            }
        }
    }

    async fn with(key: ApiKey, state: &ServerState) -> Result<Self, Problem> {
        let sees = match key.team {
            Some(team) => {
                let teams = state.engine().teams_below(&team).await?;
                Some((team, teams.into_iter().collect()))
            }
            None => None,
        };
        Ok(Self {
            scope: key.scope,
            sees,
        })
    }

    /// That the caller may do what `scope` allows.
    pub(crate) fn needs(&self, scope: KeyScope) -> Result<(), Problem> {
        if self.scope >= scope {
            return Ok(());
        }
        let detail = format!(
            "this needs a key of the scope `{}`, and this one has `{}`",
            scope.as_str(),
            self.scope.as_str()
        );
        Err(Problem::forbidden(detail))
    }

    /// That the caller may see what belongs to no single team.
    pub(crate) fn sees_everything(&self) -> Result<(), Problem> {
        match &self.sees {
            None => Ok(()),
            Some((team, _)) => Err(outside(team)),
        }
    }

    /// That the caller may see what belongs to this scope. Of other teams who is bound to one learns nothing, not even whether
    /// they exist.
    pub(crate) fn sees(&self, scope: &Scope) -> Result<(), Problem> {
        match (&self.sees, scope) {
            (None, _) => Ok(()),
            (Some((_, teams)), Scope::Team(id)) if teams.contains(id) => Ok(()),
            (Some((team, _)), _) => Err(outside(team)),
        }
    }

    /// Whether the caller sees this team.
    pub(crate) fn sees_team(&self, id: &Id<Team>) -> bool {
        self.sees.as_ref().is_none_or(|(_, teams)| teams.contains(id))
    }

    /// The scope of a list where none is named: all that the caller sees.
    pub(crate) fn widest(&self) -> Scope {
        match &self.sees {
            None => Scope::All,
            Some((team, _)) => Scope::Team(team.clone()),
        }
    }

    /// The caller's rights as a text: who has the same ones gets the same answers.
    pub(crate) fn rights(&self) -> String {
        let team = self.sees.as_ref().map(|(team, _)| team.as_str());
        format!("{}/{}", self.scope.as_str(), team.unwrap_or_default())
    }
}

fn outside(team: &Id<Team>) -> Problem {
    Problem::forbidden(format!(
        "this key sees the team `{team}` and those below it, and nothing else"
    ))
}

/// Without a key whoever sits at the machine may do everything, as long as there are no keys.
async fn anonymous(
    headers: &HeaderMap,
    address: Option<IpAddr>,
    state: &ServerState,
) -> Result<Caller, Problem> {
    let needed = || Problem::unauthenticated("send a key: `Authorization: Bearer dm_…` or `X-API-Key: dm_…`");
    if !address.is_some_and(|address| address.to_canonical().is_loopback()) || !is_direct(headers) {
        return Err(needed());
    }
    if !state.engine().keys().await?.is_empty() {
        return Err(needed());
    }
    Ok(Caller {
        scope: KeyScope::Admin,
        sees: None,
    })
}

/// Whether a request from this machine is its user's own: not one that a proxy passed on, nor one of a page that made its name
/// point here.
fn is_direct(headers: &HeaderMap) -> bool {
    const PASSED_ON: [&str; 4] = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];
    if PASSED_ON.iter().any(|name| headers.contains_key(*name)) {
        return false;
    }
    let Some(host) = headers.get(header::HOST) else {
        return true;
    };
    let Ok(host) = host.to_str() else {
        return false;
    };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<IpAddr>();
    name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

/// The key that a request brings, in one of two headers.
fn key_text(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut brought = headers
        .get_all(header::AUTHORIZATION)
        .iter()
        .map(|value| (value, true))
        .chain(headers.get_all("x-api-key").iter().map(|value| (value, false)));
    let Some((value, is_bearer)) = brought.next() else {
        return Ok(None);
    };
    if brought.next().is_some() {
        return Err(Problem::unauthenticated("send one key, in one header"));
    }
    let unreadable =
        || Problem::unauthenticated("send the key as `Authorization: Bearer dm_…` or `X-API-Key: dm_…`");
    let text = value.to_str().map_err(|_| unreadable())?.trim();
    if !is_bearer {
        return Ok(Some(text));
    }
    let (scheme, key) = text.split_once(' ').ok_or_else(unreadable)?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| Some(key.trim()))
        .ok_or_else(unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn a_key_comes_in_one_of_two_headers() {
        for (pairs, key) in [
            (&[][..], Ok(None)),
            (&[("authorization", "Bearer k")], Ok(Some("k"))),
            (&[("authorization", "bearer  k ")], Ok(Some("k"))),
            (&[("x-api-key", "k")], Ok(Some("k"))),
            (&[("authorization", "Basic k")], Err(())),
            (&[("authorization", "k")], Err(())),
            (&[("authorization", "Bearer k"), ("x-api-key", "k")], Err(())),
            (&[("x-api-key", "k"), ("x-api-key", "l")], Err(())),
        ] {
            let headers = headers(pairs);
            assert_eq!(key_text(&headers).map_err(|_| ()), key, "{pairs:?}");
        }
    }

    #[test]
    fn only_the_machine_s_own_user_comes_directly() {
        for host in [
            "localhost",
            "LOCALHOST:8080",
            "127.0.0.1:1",
            "[::1]:8080",
            "[::1]",
        ] {
            assert!(is_direct(&headers(&[("host", host)])), "{host}");
        }
        for host in [
            "evil.example",
            "localhost.evil.example:80",
            "10.0.0.1",
            "127.0.0.1.evil.example",
        ] {
            assert!(!is_direct(&headers(&[("host", host)])), "{host}");
        }
        assert!(is_direct(&headers(&[])));
        assert!(!is_direct(&headers(&[
            ("host", "localhost"),
            ("x-forwarded-for", "10.0.0.1")
        ])));
    }
}
