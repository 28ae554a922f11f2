//! The server, as a program.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use support::{World, text};

/// A running server, ended with the test.
struct Serving {
    child: Child,
    address: String,
}

impl Serving {
    fn start(world: &World) -> Self {
        Self::start_with(world, &[])
    }

    /// With further variables of the environment.
    fn start_with(world: &World, variables: &[(&str, &str)]) -> Self {
        let mut child = world
            .command(&["-v", "--log", "json", "serve", "--listen", "127.0.0.1:0"])
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line.trim().strip_prefix("http://").unwrap_or_default().to_owned();
        Self { child, address }
    }

    fn get(&self, path: &str, header: &str) -> String {
        let mut socket = TcpStream::connect(&self.address).unwrap();
        let head = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{header}\r\n");
        socket.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Ends it as a supervisor does, and gives whether it ended well and what it said on standard error.
    fn end(mut self) -> (bool, String) {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .unwrap()
                .success()
        );
        let mut said = String::new();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        (self.child.wait().unwrap().success(), said)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It is over where a test came to its end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_server_answers_logs_and_ends() {
    let world = World::new(20);
    world.configure("");
    world.stdout(&["sync"]);
    let serving = Serving::start(&world);
    let path = "/metrics/all/velocity?from=2026-01-05&to=2026-02-05";
    let answer = serving.get(path, "X-Request-Id: from-a-test\r\n");
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.contains("\"n\":20"),
        "{answer}"
    );

    // The first key shuts the door.
    let made = world.json(&["keys", "create", "Test", "--json"]);
    let key = made["key"].as_str().unwrap();
    assert!(serving.get(path, "").starts_with("HTTP/1.1 401"));
    let answer = serving.get(path, &format!("Authorization: Bearer {key}\r\n"));
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    world.stdout(&["keys", "revoke", made["id"].as_str().unwrap()]);
    assert!(
        serving
            .get(path, &format!("X-API-Key: {key}\r\n"))
            .starts_with("HTTP/1.1 401")
    );

    let (ended_well, said) = serving.end();
    assert!(ended_well, "{said}");
    assert!(said.contains("NO KEYS"), "{said}");
    let line = said
        .lines()
        .find(|line| line.contains("from-a-test"))
        .unwrap_or_default();
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!(line["fields"]["http.status"], 200, "{line}");
    assert!(!said.contains(key), "a key is in the log");
}

#[test]
fn beyond_this_machine_a_key_is_needed() {
    let world = World::empty();
    world.configure("");
    let output = world.run(&["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).contains("devmetrics keys create"),
        "{}",
        text(&output.stderr)
    );
    let half = world.run(&["serve", "--tls-cert", "chain.pem"]);
    assert_eq!(half.status.code(), Some(2));
}

/// A collector of OpenTelemetry that takes one export: its head and its body.
#[cfg(feature = "otel")]
fn collect(listener: &std::net::TcpListener) -> (String, Vec<u8>) {
    let (mut socket, _) = listener.accept().unwrap();
    let mut reader = BufReader::new(socket.try_clone().unwrap());
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(reader.read_line(&mut head).unwrap() > 0, "{head}");
    }
    let head = head.to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.unwrap().parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    socket
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        .unwrap();
    (head, body)
}

#[cfg(feature = "otel")]
#[test]
fn a_collector_gets_the_spans_of_requests() {
    let world = World::new(1);
    world.configure("");
    world.stdout(&["sync"]);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let serving = Serving::start_with(&world, &[("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint)]);
    let collected = std::thread::spawn(move || collect(&listener));
    serving.get("/catalog", "X-Request-Id: from-a-test\r\n");
    let (ended_well, said) = serving.end();
    assert!(ended_well, "{said}");
    let (head, body) = collected.join().unwrap();
    assert!(head.starts_with("post /v1/traces http/1.1"), "{head}");
    assert!(head.contains("content-type: application/x-protobuf"), "{head}");
    for text in [
        "devmetrics",
        "request",
        "request.id",
        "from-a-test",
        "http.route",
        "/catalog",
    ] {
        let is_there = body.windows(text.len()).any(|part| part == text.as_bytes());
        assert!(is_there, "no {text} in {}", String::from_utf8_lossy(&body));
    }
}

/// Whether somebody takes the spans is nothing to who asks.
#[cfg(feature = "otel")]
#[test]
fn a_collector_that_is_away_holds_nobody_up() {
    let world = World::new(1);
    world.configure("");
    world.stdout(&["sync"]);
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let endpoint = format!("http://{free}");
    let serving = Serving::start_with(&world, &[("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint)]);
    assert!(serving.get("/catalog", "").starts_with("HTTP/1.1 200"));
    let begin = std::time::Instant::now();
    let (ended_well, said) = serving.end();
    assert!(ended_well, "{said}");
    assert!(
        begin.elapsed() < std::time::Duration::from_secs(15),
        "{:?}",
        begin.elapsed()
    );

    let mut command = world.command(&["status"]);
    let output = command
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", "https://localhost:4318")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).contains("http://localhost:4318"),
        "{}",
        text(&output.stderr)
    );
}
