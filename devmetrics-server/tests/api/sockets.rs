//! A server with a real socket.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use devmetrics_core::ErrorKind;
use devmetrics_server::{Listen, Server, ServerState};
use tokio::sync::oneshot;

use crate::world::World;

fn listen(address: &str) -> Listen {
    Listen {
        address: address.parse().unwrap(),
        tls: None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_answers_until_it_is_told_to_end() {
    let world = World::new().await;
    let server = Server::bind(world.state.clone(), &listen("127.0.0.1:0"))
        .await
        .unwrap();
    let address = server.address();
    assert!(server.has_keys() && server.url().starts_with("http://127.0.0.1:"));
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(server.run(async {
        let _ = stopped.await;
    }));
    let key = world.key("reader").unwrap().to_owned();
    let ask = move |head: &str| {
        let mut socket = TcpStream::connect(address).unwrap();
        socket.write_all(head.as_bytes()).unwrap();
        let mut text = String::new();
        socket.read_to_string(&mut text).unwrap();
        text
    };
    let asked = tokio::task::spawn_blocking(move || {
        let with_key =
            format!("GET /teams HTTP/1.1\r\nHost: x\r\nX-API-Key: {key}\r\nConnection: close\r\n\r\n");
        let good = ask(&with_key);
        assert!(
            good.starts_with("HTTP/1.1 200") && good.contains("\"web\""),
            "{good}"
        );
        // The machine's own user needs a key, too, as soon as there is one.
        let none = ask("GET /teams HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        assert!(none.starts_with("HTTP/1.1 401"), "{none}");
        let long = format!(
            "GET /teams HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n",
            "a".repeat(1_000_000)
        );
        let mut socket = TcpStream::connect(address).unwrap();
        // It may hang up before all of it was sent.
        let _ = socket.write_all(long.as_bytes());
        let mut text = String::new();
        let _ = socket.read_to_string(&mut text);
        assert!(text.is_empty() || text.starts_with("HTTP/1.1 431"), "{text}");
        for nonsense in [
            "\r\n\r\n\r\n",
            "GET\r\n\r\n",
            "\x16\x03\x01\x02\x00\x01",
            "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
        ] {
            let mut socket = TcpStream::connect(address).unwrap();
            socket.write_all(nonsense.as_bytes()).unwrap();
            socket.shutdown(std::net::Shutdown::Write).unwrap();
            let mut text = String::new();
            let _ = socket.read_to_string(&mut text);
            assert!(
                text.is_empty() || text.starts_with("HTTP/1.1 400"),
                "{nonsense:?}: {text}"
            );
        }
    });
    asked.await.unwrap();
    stop.send(()).unwrap();
    running.await.unwrap().unwrap();
    assert!(TcpStream::connect(address).is_err());
}

/// Who sends a head byte by byte is hung up on, and holds nobody else up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_client_is_hung_up_on() {
    let world = World::new().await;
    let server = Server::bind(world.state.clone(), &listen("127.0.0.1:0"))
        .await
        .unwrap();
    let address = server.address();
    let running = tokio::spawn(server.run(std::future::pending()));
    let slow = tokio::task::spawn_blocking(move || {
        let begin = Instant::now();
        let mut sockets: Vec<_> = (0..50).map(|_| TcpStream::connect(address).unwrap()).collect();
        for socket in &mut sockets {
            socket
                .write_all(b"GET /teams HTTP/1.1\r\nHost: x\r\nX-Slow: ")
                .unwrap();
        }
        let mut quick = TcpStream::connect(address).unwrap();
        quick
            .write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            .unwrap();
        let mut text = String::new();
        quick.read_to_string(&mut text).unwrap();
        assert!(text.starts_with("HTTP/1.1 200"), "{text}");
        assert!(begin.elapsed() < Duration::from_secs(5));
        for mut socket in sockets {
            socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            let mut text = String::new();
            socket.read_to_string(&mut text).unwrap();
            assert!(text.is_empty() || text.starts_with("HTTP/1.1 408"), "{text}");
        }
        begin.elapsed()
    });
    let took = slow.await.unwrap();
    assert!(
        (Duration::from_secs(9)..Duration::from_secs(20)).contains(&took),
        "{took:?}"
    );
    running.abort();
}

#[tokio::test]
async fn where_it_may_not_listen_is_said() {
    let world = World::new().await;
    let store = std::sync::Arc::new(devmetrics_core::store::MemoryStore::new());
    let engine = devmetrics_core::Engine::new(store, world.clock.clone(), Default::default());
    let state = ServerState::new(engine, Default::default()).unwrap();
    let error = Server::bind(state.clone(), &listen("0.0.0.0:0"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.message().contains("devmetrics keys create"), "{error}");
    let alone = Server::bind(state, &listen("127.0.0.1:0")).await.unwrap();
    assert!(!alone.has_keys());

    let taken = listen(&alone.address().to_string());
    let error = Server::bind(world.state.clone(), &taken).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
}
