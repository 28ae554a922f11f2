use std::error::Error as _;
use std::io::{Read, Write};
use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, Response};
use chrono::TimeDelta;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tokio::net::TcpListener;

use super::*;
use crate::ErrorKind;

/// What the server was asked: method, path with query, and the header `authorization`.
type Asked = Arc<Mutex<Vec<(String, String, Option<String>)>>>;
type Answer = Arc<dyn Fn(&str, usize) -> Response<Body> + Send + Sync>;

/// A server on loopback that answers a path as `answer` says; the number counts the requests.
async fn serve(
    answer: impl Fn(&str, usize) -> Response<Body> + Send + Sync + 'static,
) -> (SocketAddr, Asked) {
    async fn any(State((asked, answer)): State<(Asked, Answer)>, request: Request<Body>) -> Response<Body> {
        let path = request.uri().to_string();
        let authorization = request.headers().get("authorization");
        let authorization = authorization.map(|value| value.to_str().unwrap().to_owned());
        let count = {
            let mut asked = asked.lock().unwrap();
            asked.push((request.method().to_string(), path.clone(), authorization));
            asked.len()
        };
        if path.starts_with("/slow") {
            std::future::pending::<()>().await;
        }
        answer(&path, count)
    }
    let asked = Asked::default();
    let answer: Answer = Arc::new(answer);
    let router = Router::new().fallback(any).with_state((asked.clone(), answer));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, asked)
}

fn reply(status: u16, headers: &[(&str, &str)], body: impl Into<Body>) -> Response<Body> {
    let mut builder = Response::builder().status(status);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(body.into()).unwrap()
}

fn host(address: SocketAddr) -> Host {
    Host::parse(&format!("http://{address}")).unwrap()
}

fn token() -> Credentials {
    Credentials::Token(SecretString::from("ghp_canary"))
}

fn transport(address: SocketAddr, credentials: &Credentials) -> OctocrabTransport {
    OctocrabTransport::new(&host(address), credentials, clock()).unwrap()
}

/// A new RSA key in PEM.
fn private_key() -> SecretString {
    use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
    use aws_lc_rs::rsa::{KeyPair, KeySize};
    let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'_> = key.as_der().unwrap();
    SecretString::from(pem::encode(&pem::Pem::new("PRIVATE KEY", der.as_ref())))
}

fn app() -> Credentials {
    Credentials::App {
        app_id: 7,
        installation_id: 42,
        private_key: private_key(),
    }
}

fn minted(token: &str) -> Response<Body> {
    let expires_at = noon() + TimeDelta::hours(1);
    reply(
        201,
        &[],
        json!({ "token": token, "expires_at": expires_at }).to_string(),
    )
}

#[tokio::test]
async fn an_error_keeps_its_status_headers_and_body() {
    let (address, asked) =
        serve(|_, _| reply(403, &[("X-RateLimit-Remaining", "0"), ("Retry-After", "7")], "no")).await;
    let transport = transport(address, &token());
    let response = transport
        .send(HttpRequest::get("/repos/a/b?page=2"))
        .await
        .unwrap();
    assert_eq!(
        (response.status, response.body.as_slice()),
        (403, b"no".as_slice())
    );
    assert_eq!(response.header("x-ratelimit-remaining"), Some("0"));
    assert_eq!(response.header("retry-after"), Some("7"));
    let authorization = Some("Bearer ghp_canary".to_owned());
    let expected = ("GET".to_owned(), "/repos/a/b?page=2".to_owned(), authorization);
    assert_eq!(*asked.lock().unwrap(), [expected]);
}

#[tokio::test]
async fn redirects_are_given_and_not_followed() {
    let (address, asked) = serve(|_, _| reply(301, &[("location", "/repositories/7")], "")).await;
    let response = transport(address, &token())
        .send(HttpRequest::get("/repos/a/b"))
        .await
        .unwrap();
    assert_eq!(
        (response.status, response.header("location")),
        (301, Some("/repositories/7"))
    );
    assert_eq!(asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_failing_server_is_asked_once() {
    let (address, asked) = serve(|_, _| reply(502, &[], "<html>")).await;
    let request = HttpRequest::post(Face::Graphql, "", b"{}".to_vec());
    let response = transport(address, &token()).send(request).await.unwrap();
    assert_eq!(response.status, 502);
    let asked = asked.lock().unwrap();
    assert_eq!(asked.len(), 1);
    assert_eq!((asked[0].0.as_str(), asked[0].1.as_str()), ("POST", "/graphql"));
    assert!(asked[0].2.is_some());
}

#[tokio::test]
async fn the_web_pages_never_get_the_token() {
    let (address, asked) = serve(|_, _| reply(200, &[], "{}")).await;
    let request = HttpRequest::post(Face::Web, "/login/device/code", b"{}".to_vec());
    transport(address, &token()).send(request).await.unwrap();
    assert_eq!(asked.lock().unwrap()[0].2, None);
}

#[tokio::test]
async fn an_etag_is_sent_as_a_condition() {
    let (address, _) = serve(|_, _| reply(304, &[("etag", "\"x\"")], "")).await;
    let request = HttpRequest {
        etag: Some("\"x\"".to_owned()),
        ..HttpRequest::get("/user")
    };
    let response = transport(address, &token()).send(request).await.unwrap();
    assert_eq!((response.status, response.header("etag")), (304, Some("\"x\"")));
}

#[tokio::test]
async fn a_slow_answer_is_given_up() {
    let (address, _) = serve(|_, _| reply(200, &[], "")).await;
    let transport = transport(address, &token()).with_timeout(Duration::from_millis(50));
    let error = transport.send(HttpRequest::get("/slow")).await.unwrap_err();
    assert_eq!(error.kind, TransportErrorKind::Timeout);
}

#[tokio::test]
async fn a_slow_body_is_given_up_too() {
    let endless = || Body::from_stream(futures::stream::pending::<Result<Vec<u8>, std::io::Error>>());
    let (address, _) = serve(move |_, _| reply(200, &[], endless())).await;
    let transport = transport(address, &token()).with_timeout(Duration::from_millis(50));
    let error = transport.send(HttpRequest::get("/user")).await.unwrap_err();
    assert_eq!(error.kind, TransportErrorKind::Timeout);
}

#[tokio::test]
async fn a_body_without_end_is_not_read_to_it() {
    let endless = || {
        Body::from_stream(futures::stream::repeat_with(|| {
            Ok::<_, std::io::Error>(vec![b' '; 1 << 20])
        }))
    };
    let (address, _) = serve(move |_, _| reply(200, &[], endless())).await;
    let error = transport(address, &token())
        .send(HttpRequest::get("/user"))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind, error.before_bytes),
        (TransportErrorKind::TooLarge, false)
    );
}

#[tokio::test]
async fn no_server_no_head_and_half_a_body_are_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = transport(address, &token())
        .send(HttpRequest::get("/"))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind, error.before_bytes),
        (TransportErrorKind::Connect, true)
    );

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let closing = tokio::spawn(async move {
        loop {
            drop(listener.accept().await.unwrap());
        }
    });
    let error = transport(address, &token())
        .send(HttpRequest::get("/"))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind, error.before_bytes),
        (TransportErrorKind::Reset, true)
    );
    closing.abort();

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        assert!(stream.read(&mut [0; 4096]).unwrap() > 0);
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[1,")
            .unwrap();
    });
    let error = transport(address, &token())
        .send(HttpRequest::get("/"))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind, error.before_bytes),
        (TransportErrorKind::Reset, false)
    );
}

#[test]
fn one_transport_serves_runtimes_one_after_the_other() {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    };
    let server = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let (address, _) = server.block_on(serve(|_, _| reply(200, &[], "{}")));
    let transport = transport(address, &token());
    for _ in 0..3 {
        let response = runtime()
            .block_on(transport.send(HttpRequest::get("/user")))
            .unwrap();
        assert_eq!(response.status, 200);
    }
}

#[tokio::test]
async fn an_app_buys_one_token_for_all_and_a_new_one_before_it_ends() {
    let (address, asked) = serve(|path, count| match path {
        "/app/installations/42/access_tokens" => minted(&format!("ghs_canary{count}")),
        _ => reply(200, &[], "{}"),
    })
    .await;
    let clock = clock();
    let transport = OctocrabTransport::new(&host(address), &app(), clock.clone()).unwrap();
    let (one, two) = tokio::join!(
        transport.send(HttpRequest::get("/a")),
        transport.send(HttpRequest::post(Face::Graphql, "", b"{}".to_vec()))
    );
    assert_eq!((one.unwrap().status, two.unwrap().status), (200, 200));
    clock.advance(TimeDelta::minutes(49));
    transport.send(HttpRequest::get("/b")).await.unwrap();
    clock.advance(TimeDelta::minutes(1));
    transport.send(HttpRequest::get("/c")).await.unwrap();

    let asked = asked.lock().unwrap();
    let bought = asked
        .iter()
        .filter(|(_, path, _)| path.ends_with("/access_tokens"))
        .count();
    assert_eq!(bought, 2, "{asked:?}");
    for (_, path, authorization) in asked
        .iter()
        .filter(|(_, path, _)| !path.ends_with("/access_tokens"))
    {
        let expected = if path == "/c" {
            "Bearer ghs_canary5"
        } else {
            "Bearer ghs_canary1"
        };
        assert_eq!(authorization.as_deref(), Some(expected), "{path}");
    }
}

#[tokio::test]
async fn an_app_signs_by_the_clock_a_minute_back() {
    use octocrab::jsonwebtoken::dangerous::insecure_decode;
    let (address, asked) = serve(|_, _| minted("ghs_canary")).await;
    transport(address, &app())
        .send(HttpRequest::get("/a"))
        .await
        .unwrap();
    let asked = asked.lock().unwrap();
    let word = asked[0].2.as_deref().unwrap().strip_prefix("Bearer ").unwrap();
    let claims = insecure_decode::<Value>(word).unwrap().claims;
    let second = |seconds: i64| noon().timestamp() + seconds;
    assert_eq!(
        claims,
        json!({ "iat": second(-60), "exp": second(540), "iss": "7" })
    );
}

#[tokio::test]
async fn a_refused_token_of_an_app_is_replaced_unless_it_is_new() {
    let (address, asked) = serve(|path, count| match path {
        "/app/installations/42/access_tokens" => minted(&format!("ghs_{count}")),
        _ => reply(401, &[], r#"{"message":"Bad credentials"}"#),
    })
    .await;
    let clock = clock();
    let transport = OctocrabTransport::new(&host(address), &app(), clock.clone()).unwrap();
    assert_eq!(transport.send(HttpRequest::get("/a")).await.unwrap().status, 401);
    assert!(!transport.refresh().await.unwrap(), "it was bought just now");
    clock.advance(TimeDelta::minutes(2));
    assert!(transport.refresh().await.unwrap());
    transport.send(HttpRequest::get("/a")).await.unwrap();
    assert_eq!(
        asked.lock().unwrap().last().unwrap().2.as_deref(),
        Some("Bearer ghs_3")
    );
    assert!(
        !transport_of_a_token(address).refresh().await.unwrap(),
        "a static token has no other"
    );
}

#[tokio::test]
async fn a_refused_token_is_read_again_from_its_place() {
    let (address, asked) = serve(|_, _| reply(200, &[], "{}")).await;
    let kept = Arc::new(Mutex::new("ghp_canary"));
    let place = Arc::clone(&kept);
    let transport = OctocrabTransport::new(&host(address), &token(), clock())
        .unwrap()
        .with_reread(move || Some(SecretString::from(*place.lock().unwrap())));
    assert_eq!(transport.refresh().await, Ok(false), "it is the same");
    *kept.lock().unwrap() = "ghp_rotated";
    transport.send(HttpRequest::get("/user")).await.unwrap();
    assert_eq!(transport.refresh().await, Ok(true));
    transport.send(HttpRequest::get("/user")).await.unwrap();
    let sent: Vec<_> = asked
        .lock()
        .unwrap()
        .iter()
        .map(|asked| asked.2.clone())
        .collect();
    assert_eq!(
        sent,
        [
            Some("Bearer ghp_canary".to_owned()),
            Some("Bearer ghp_rotated".to_owned())
        ]
    );
    assert_eq!(
        transport_of_a_token(address).refresh().await,
        Ok(false),
        "it has no place"
    );
}

fn transport_of_a_token(address: SocketAddr) -> OctocrabTransport {
    transport(address, &token())
}

#[tokio::test]
async fn an_installation_that_is_suspended_removed_or_unknown_says_what_to_do() {
    for (status, said, kind, words) in [
        (
            403,
            "This installation has been suspended",
            ErrorKind::PermissionDenied,
            "suspended",
        ),
        (404, "Not Found", ErrorKind::PermissionDenied, "installation_id"),
        (
            401,
            "A JSON web token could not be decoded",
            ErrorKind::Unauthenticated,
            "app_id",
        ),
        (503, "", ErrorKind::Unavailable, "just now"),
    ] {
        let (address, asked) =
            serve(move |_, _| reply(status, &[], json!({ "message": said }).to_string())).await;
        let transport = Arc::new(transport(address, &app()));
        let error = transport.send(HttpRequest::get("/a")).await.unwrap_err();
        assert_eq!(error.kind, TransportErrorKind::Credential(kind));
        assert!(error.message.contains(words), "{error}");
        let client = Client::new(transport, clock(), GovernorSettings::default());
        let fault = client.get::<Value>("/a").await.unwrap_err();
        // To a caller both are a credential that is of no use for anything.
        let told = match kind {
            ErrorKind::PermissionDenied => ErrorKind::Unauthenticated,
            kind => kind,
        };
        assert_eq!(fault.error.kind(), told);
        assert_eq!(
            fault.error.retry_after().is_some(),
            kind == ErrorKind::Unavailable
        );
        assert!(
            asked
                .lock()
                .unwrap()
                .iter()
                .all(|(_, path, _)| path.ends_with("/access_tokens"))
        );
    }
}

#[test]
fn a_key_that_is_none_is_refused_and_one_on_a_line_is_read() {
    let host = Host::parse("github.com").unwrap();
    let with_key = |private_key| Credentials::App {
        app_id: 7,
        installation_id: 42,
        private_key,
    };
    let error = OctocrabTransport::new(&host, &with_key(SecretString::from("canary")), clock()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(!format!("{error:?}").contains("canary"));
    let line = private_key()
        .expose_secret()
        .replace("\r\n", "\n")
        .replace('\n', "\\n");
    assert!(OctocrabTransport::new(&host, &with_key(SecretString::from(line)), clock()).is_ok());
}

#[tokio::test]
async fn no_error_and_no_debug_shows_a_token() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let transport = Arc::new(transport(address, &token()));
    let error = transport.send(HttpRequest::get("/a")).await.unwrap_err();
    let bad = Credentials::Token(SecretString::from("canary\nx"));
    let unusable = OctocrabTransport::new(&host(address), &bad, clock()).unwrap();
    let refused = unusable.send(HttpRequest::get("/a")).await.unwrap_err();
    assert_eq!(refused.kind, TransportErrorKind::Other);
    let client = Client::new(transport.clone(), clock(), GovernorSettings::default());
    let fault = client.get::<Value>("/a").await.unwrap_err();
    let shown = format!(
        "{transport:?} {unusable:?} {client:?} {error:?} {error} {refused:?} {fault:?} {} {:?}",
        fault.error,
        fault.error.source()
    );
    assert!(
        !shown.contains("canary") && shown.contains("127.0.0.1"),
        "{shown}"
    );
}

#[tokio::test]
async fn a_server_of_ones_own_has_its_interfaces_below_api() {
    let (address, asked) = serve(|path, _| match path {
        "/api/v3/app/installations/42/access_tokens" => minted("ghs_canary"),
        _ => reply(200, &[], "{}"),
    })
    .await;
    let own = Host::own_server(format!("http://{address}"));
    let transport = OctocrabTransport::new(&own, &app(), clock()).unwrap();
    assert_eq!(transport.rest_base(), format!("http://{address}/api/v3"));
    for request in [
        HttpRequest::get("/repos/a/b"),
        HttpRequest::post(Face::Graphql, "", b"{}".to_vec()),
        HttpRequest::post(Face::Web, "/login/device/code", b"{}".to_vec()),
    ] {
        assert_eq!(transport.send(request).await.unwrap().status, 200);
    }
    let asked = asked.lock().unwrap();
    let seen: Vec<_> = asked
        .iter()
        .map(|(_, path, token)| (path.as_str(), token.is_some()))
        .collect();
    let expected = [
        ("/api/v3/app/installations/42/access_tokens", true),
        ("/api/v3/repos/a/b", true),
        ("/api/graphql", true),
        ("/login/device/code", false),
    ];
    assert_eq!(seen, expected);
}
