//! The device flow: a user code, and polls until the user has decided.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::app::DeviceAnswer;
use crate::github::State;
use crate::reply::Reply;
use crate::request::Request;
use crate::token::Token;

/// How long a code holds, in seconds.
const VALIDITY: i64 = 900;
const INTERVAL: u32 = 5;

/// A parameter of the body, which is a form or JSON.
fn parameter(request: &Request, name: &str) -> Option<String> {
    if let Ok(json) = serde_json::from_str::<Value>(&request.body) {
        return json[name].as_str().map(String::from);
    }
    let mut pairs = url::form_urlencoded::parse(request.body.as_bytes());
    pairs
        .find(|(found, _)| found == name)
        .map(|(_, value)| value.into_owned())
}

/// GitHub answers with a form unless JSON is asked for.
fn reply(request: &Request, body: &Value) -> Reply {
    if request
        .accept
        .as_deref()
        .is_some_and(|accept| accept.contains("json"))
    {
        return Reply::json(200, body);
    }
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in body.as_object().into_iter().flatten() {
        form.append_pair(
            name,
            &value.as_str().map_or_else(|| value.to_string(), String::from),
        );
    }
    let mut reply = Reply::json(200, body);
    reply.headers = vec![(
        "content-type",
        "application/x-www-form-urlencoded; charset=utf-8".into(),
    )];
    reply.body = form.finish().into_bytes();
    reply
}

fn fail(request: &Request, error: &str, description: &str) -> Reply {
    reply(
        request,
        &json!({ "error": error, "error_description": description }),
    )
}

pub(super) fn begin(state: &mut State, request: &Request) -> Reply {
    if parameter(request, "client_id").is_none() {
        return Reply::message(404, "Not Found");
    }
    let code = state.new_secret("device");
    let expires = state.world.now() + TimeDelta::seconds(VALIDITY);
    state.device_flow.codes.push((code.clone(), expires));
    state.device_flow.interval = INTERVAL;
    let body = json!({
        "device_code": code,
        "user_code": format!("FAKE-{:04}", state.device_flow.codes.len()),
        "verification_uri": format!("{}/login/device", request.base_url),
        "expires_in": VALIDITY,
        "interval": INTERVAL,
    });
    reply(request, &body)
}

pub(super) fn poll(state: &mut State, request: &Request) -> Reply {
    let code = parameter(request, "device_code").unwrap_or_default();
    let Some(&(_, expires)) = state.device_flow.codes.iter().find(|(found, _)| *found == code) else {
        return fail(
            request,
            "incorrect_device_code",
            "The device_code provided is not valid.",
        );
    };
    let answer = match expires <= state.world.now() {
        true => DeviceAnswer::Expired,
        false => state
            .device_flow
            .answers
            .pop_front()
            .unwrap_or(DeviceAnswer::Pending),
    };
    match answer {
        DeviceAnswer::Pending => fail(
            request,
            "authorization_pending",
            "The authorization request is still pending.",
        ),
        DeviceAnswer::SlowDown => {
            state.device_flow.interval += INTERVAL;
            let body = json!({
                "error": "slow_down",
                "error_description": "Too many requests have been made in the same timeframe.",
                "interval": state.device_flow.interval,
            });
            reply(request, &body)
        }
        DeviceAnswer::Expired => fail(request, "expired_token", "The `device_code` has expired."),
        DeviceAnswer::Denied => fail(request, "access_denied", "The authorization request was denied."),
        DeviceAnswer::Granted(user) => {
            state.device_flow.codes.retain(|(found, _)| *found != code);
            let secret = state.new_secret("ghu");
            let login = state.world.actor(user).login.to_string();
            state
                .tokens
                .push(Token::classic(&format!("device-{login}"), &secret, user));
            reply(
                request,
                &json!({ "access_token": secret, "token_type": "bearer", "scope": "repo,read:org" }),
            )
        }
    }
}
