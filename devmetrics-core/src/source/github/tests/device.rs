use chrono::TimeDelta;
use secrecy::ExposeSecret;
use serde_json::json;

use super::*;
use crate::ErrorKind;

fn codes() -> Result<HttpResponse, TransportError> {
    Ok(response(
        200,
        &[],
        json!({ "device_code": "canary-device", "user_code": "WDJB-MJHT", "verification_uri": "https://github.com/login/device", "expires_in": 900, "interval": 5 }),
    ))
}

fn reply(body: Value) -> Result<HttpResponse, TransportError> {
    Ok(response(200, &[], body))
}

async fn begin(script: &Arc<Script>, clock: &Arc<ManualClock>) -> DeviceLogin {
    let (transport, clock) = (script.clone(), clock.clone());
    DeviceLogin::begin(transport, clock, "Iv1.abc", &["repo", "read:org"])
        .await
        .unwrap()
}

#[tokio::test]
async fn a_login_waits_slows_down_and_ends_with_a_token() {
    let script = Script::of([
        codes(),
        reply(json!({ "error": "authorization_pending" })),
        reply(json!({ "error": "slow_down", "interval": 10 })),
        reply(json!({ "access_token": "gho_canary", "token_type": "bearer", "scope": "repo" })),
    ]);
    let mut login = begin(&script, &clock()).await;
    assert_eq!(login.prompt().user_code, "WDJB-MJHT");
    assert_eq!(login.prompt().expires_at, noon() + TimeDelta::minutes(15));
    assert!(matches!(login.poll().await.unwrap(), LoginState::Pending));
    assert_eq!(login.prompt().interval, TimeDelta::seconds(5));
    assert!(matches!(login.poll().await.unwrap(), LoginState::SlowDown));
    assert_eq!(login.prompt().interval, TimeDelta::seconds(10));
    let state = login.poll().await.unwrap();
    let LoginState::Token(token) = &state else {
        panic!("{state:?}");
    };
    assert_eq!(token.expose_secret(), "gho_canary");
    assert_eq!(script.paths()[0], "/login/device/code");
    assert_eq!(script.body(0)["scope"], "repo read:org");
    assert_eq!(script.body(3)["device_code"], "canary-device");
    let asked = script.asked.lock().unwrap();
    assert!(asked.iter().all(|request| request.face == Face::Web));
    assert!(!format!("{login:?} {state:?} {asked:?}").contains("canary"));
}

#[tokio::test]
async fn a_login_that_is_refused_or_too_late_says_so() {
    let script = Script::of([
        codes(),
        reply(json!({ "error": "access_denied" })),
        reply(json!({ "error": "expired_token" })),
    ]);
    let clock = clock();
    let mut login = begin(&script, &clock).await;
    assert!(matches!(login.poll().await.unwrap(), LoginState::Denied));
    assert!(matches!(login.poll().await.unwrap(), LoginState::Expired));
    clock.advance(TimeDelta::minutes(15));
    assert!(
        matches!(login.poll().await.unwrap(), LoginState::Expired),
        "without asking"
    );
    assert_eq!(script.paths().len(), 3);
}

#[tokio::test]
async fn an_app_without_device_flow_and_an_unknown_one_are_the_callers_mistake() {
    for (answer, kind) in [
        (
            response(200, &[], json!({ "error": "device_flow_disabled" })),
            ErrorKind::InvalidInput,
        ),
        (
            response(404, &[], json!({ "error": "Not Found" })),
            ErrorKind::InvalidInput,
        ),
        (response(502, &[], "<html></html>"), ErrorKind::Unavailable),
        (response(200, &[], "<html></html>"), ErrorKind::Unsupported),
    ] {
        let error = DeviceLogin::begin(Script::of([Ok(answer)]), clock(), "Iv1.abc", &[])
            .await
            .unwrap_err();
        assert_eq!(error.kind(), kind);
    }
    let script = Script::of([Err(failure(TransportErrorKind::Connect, true))]);
    let error = DeviceLogin::begin(script, clock(), "Iv1.abc", &[])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
}
