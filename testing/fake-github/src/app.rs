//! A GitHub App: its installations, and the device flow of its users.

use std::collections::VecDeque;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::Value;

use crate::token::all_permissions;
use crate::world::{ActorId, OwnerId, RepositoryId, Timestamp};

/// The longest time that GitHub lets an app's JSON web token be valid, in seconds.
const MAX_VALIDITY: i64 = 600;

/// A GitHub App.
#[derive(Clone)]
pub struct App {
    /// The numeric id; `iss` of its JSON web tokens.
    pub id: u64,
    /// The client id; accepted as `iss` too.
    pub client_id: String,
    /// The account as which its installations act.
    pub actor: ActorId,
    /// The public key as a DER `RSAPublicKey` (PKCS #1); `None`: signatures are not checked.
    pub public_key: Option<Vec<u8>>,
    /// Whether `iat` and `exp` are held against the virtual clock. Switch it off for a client that signs with the real
    /// one.
    pub check_times: bool,
    /// Where it is installed.
    pub installations: Vec<Installation>,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("id", &self.id)
            .field("installations", &self.installations)
            .finish_non_exhaustive()
    }
}

/// An installation of an app.
#[derive(Debug, Clone)]
pub struct Installation {
    /// The numeric id.
    pub id: u64,
    /// Where it is installed.
    pub account: OwnerId,
    /// Suspended by the account: its tokens and new ones are refused.
    pub suspended: bool,
    /// The repositories chosen; `None`: all of the account.
    pub repositories: Option<Vec<RepositoryId>>,
    /// What it may read.
    pub permissions: Vec<String>,
}

impl Installation {
    /// An installation on all repositories of `account`, with all permissions.
    pub fn new(id: u64, account: impl Into<OwnerId>) -> Self {
        let permissions = all_permissions();
        Self {
            id,
            account: account.into(),
            suspended: false,
            repositories: None,
            permissions,
        }
    }
}

impl App {
    /// An app without installations and without a key.
    pub fn new(id: u64, actor: ActorId) -> Self {
        let client_id = format!("Iv1.{id:016x}");
        Self {
            id,
            client_id,
            actor,
            public_key: None,
            check_times: true,
            installations: Vec::new(),
        }
    }

    /// Checks a JSON web token of this app.
    ///
    /// # Errors
    /// GitHub's message.
    pub(crate) fn check(&self, token: &str, now: Timestamp) -> Result<(), &'static str> {
        const UNREADABLE: &str = "A JSON web token could not be decoded";
        let (signed, signature) = token.rsplit_once('.').ok_or(UNREADABLE)?;
        let (header, payload) = signed.split_once('.').ok_or(UNREADABLE)?;
        let (header, payload) = (part(header).ok_or(UNREADABLE)?, part(payload).ok_or(UNREADABLE)?);
        if header["alg"] != "RS256" {
            return Err(UNREADABLE);
        }
        let issuer = match &payload["iss"] {
            Value::Number(number) => number.to_string(),
            other => other.as_str().unwrap_or_default().to_owned(),
        };
        if issuer != self.id.to_string() && issuer != self.client_id {
            return Err("'Issuer' claim ('iss') must be an Integer");
        }
        let now = now.timestamp();
        let (issued, expires) = (payload["iat"].as_i64(), payload["exp"].as_i64());
        if self.check_times && issued.is_none_or(|issued| issued > now) {
            return Err(
                "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
            );
        }
        if self.check_times && expires.is_none_or(|expires| expires <= now) {
            return Err(
                "'Expiration time' claim ('exp') must be a numeric value representing the future time at \
                        which the assertion expires",
            );
        }
        if self.check_times && expires.is_some_and(|expires| expires > now + MAX_VALIDITY) {
            return Err("'Expiration time' claim ('exp') is too far in the future");
        }
        let Some(key) = &self.public_key else {
            return Ok(());
        };
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| UNREADABLE)?;
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key);
        key.verify(signed.as_bytes(), &signature).map_err(|_| UNREADABLE)
    }
}

fn part(text: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

/// What GitHub answers to one poll of the device flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceAnswer {
    /// `authorization_pending`.
    Pending,
    /// `slow_down`: five seconds more between polls.
    SlowDown,
    /// `expired_token`.
    Expired,
    /// `access_denied`.
    Denied,
    /// A token of this user.
    Granted(ActorId),
}

/// The device flows that are under way.
#[derive(Debug, Default)]
pub(crate) struct DeviceFlow {
    /// What the next polls are answered; without an answer they stay pending.
    pub(crate) answers: VecDeque<DeviceAnswer>,
    /// Codes given out, and until when they hold.
    pub(crate) codes: Vec<(String, Timestamp)>,
    /// Seconds between polls.
    pub(crate) interval: u32,
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use chrono::DateTime;

    use super::App;
    use crate::world::World;

    /// The public half of a key pair whose private half was thrown away after signing `SIGNED`.
    const PUBLIC_KEY: &str = "MIIBCgKCAQEArjGWaD2YuQxuVCaGOUqMjZrHaiSrF6qmqi73OSJHAgu013AIkrp1fpo1rWDhz-dpRwHWpQUFdZjcoJm4lIm\
     vFWkVMMFe9sDZjYll1D_2Ge_vALFtHVywZh-moeacWRmcXt_SZmimTZnxjOOmvHyzjqt7KLlxFJuMcfU8-M-fEbFontq13D\
     CNTxUY-cnAIFfKeRs4VeaW70qoWmNgkMODuggv38tMFStopVGmSbxZDlucZ6A3QhdUXChy8OMGcuBWdYDx5l9srs5LOrGOU\
     LF8oxfokWBDlKWWnlenHlpnBgh3DgQmRZIAxzUYhGdi_Jvx7TyahvyB5QBanVXw6yj35QIDAQAB";

    /// Of app 42, issued at 1767225540, valid until 1767226080.
    const SIGNED: &str = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3NjcyMjU1NDAsImV4cCI6MTc2NzIyNjA4MCwiaXNzIjo0Mn\
     0.WtRSbXmRjQYiRPHiYT52P2GsTzh6tVxE9nsriv-QqjeZRiVI-RnkfCkgUjVIpWFpoFyVDe1IU3NFo7CFd0seDaIxHmkKq\
     E_LgQiZNm79TrIA7RnEDv__nqifjMT_3ahV66uYLbSES-rM1m586iomP-9SJNqFBf1sO-jKGhiLcxcv0fHGaV9CnE0xfU-Q\
     eqkdayDOAHzvZ6wUgNJATG_vETfVpX1yqgwe9KXNtaDKfxSqylaxSDpT4FhPPlMGAeOcKCov3KA0xNIh2EwAhctU543vUFq\
     __8q6Gf-HccXks7Xz6mig08zUQBK9HjNsAkFPoMDVqqWHu-KNdX_2tzGYWQ";

    #[test]
    fn a_signature_is_checked_with_the_public_key() {
        let now = DateTime::from_timestamp(1_767_225_600, 0).unwrap();
        let mut app = App::new(42, World::new(now).add_bot("devmetrics"));
        app.public_key = Some(URL_SAFE_NO_PAD.decode(PUBLIC_KEY).unwrap());
        assert_eq!(app.check(SIGNED, now), Ok(()));
        let (signed, signature) = SIGNED.rsplit_once('.').unwrap();
        let forged = format!("{signed}.{}", signature.replacen('W', "X", 1));
        assert_eq!(
            app.check(&forged, now),
            Err("A JSON web token could not be decoded")
        );
    }
}
