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
    fn start(world: &World, more: &[&str]) -> Self {
        let arguments = [&["-v", "--log", "json", "serve", "--listen", "127.0.0.1:0"], more].concat();
        let mut child = world
            .command(&arguments)
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
    let serving = Serving::start(&world, &[]);
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
