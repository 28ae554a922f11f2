//! What is wrong with the input, where, and what to do: for every way to be wrong, with its exit code.

mod support;

use support::{World, text};

const SECRET: &str = "s3cret-canary";

/// Runs, and expects this exit code and all of these words in the error.
fn fails(world: &World, arguments: &[&str], code: i32, words: &[&str]) {
    let output = world.run(arguments);
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
    for word in words {
        assert!(
            error.contains(word),
            "`{word}` is not said by {arguments:?}: {error}"
        );
    }
    assert!(!error.contains("panicked"), "{error}");
    assert!(!error.contains(SECRET), "{error}");
}

#[test]
fn of_paths_and_repositories() {
    let world = World::new(2);
    std::fs::create_dir(world.path("plain")).unwrap();
    fails(&world, &["quickstart", "plain"], 2, &["plain", "git repository"]);
    fails(&world, &["quickstart", "nowhere"], 3, &["nowhere"]);
    fails(&world, &["quickstart", "app", "--branch", "mian"], 3, &["mian"]);
    world.configure("");
    fails(
        &world,
        &["--config", "no.toml", "sync"],
        3,
        &["no.toml", "devmetrics init"],
    );
    world.write("none.toml", "");
    fails(
        &world,
        &["--config", "none.toml", "sync"],
        2,
        &["no source", "devmetrics init"],
    );
    fails(&world, &["init", "app"], 2, &["devmetrics.toml", "--force"]);
}

#[test]
fn of_the_configuration() {
    let world = World::new(2);
    let cases: [(&str, &[&str]); 6] = [
        ("databse = 'x'", &["databse", "did you mean `database`?"]),
        ("zone = 'Europe/Berln'", &["zone", "IANA"]),
        ("policy = 'ful'", &["did you mean `full`?"]),
        ("zone = ", &["line 1"]),
        (
            "[[source]]\nkind = 'git'\npth = 'app'",
            &["pth", "did you mean `path`?"],
        ),
        (
            "[[source]]\nkind = 'git'\npath = 'app'\ntags = { pattern = '(' }",
            &["tags.pattern"],
        ),
    ];
    for (text, words) in cases {
        world.write("devmetrics.toml", text);
        fails(&world, &["sync"], 2, words);
    }
    world.configure("");
    let output = world
        .command(&["sync"])
        .env("DEVMETRICS_ZNE", "UTC")
        .output()
        .unwrap();
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(
        error.contains("did you mean `zone`?") && error.contains("environment"),
        "{error}"
    );
}

#[test]
fn of_the_roster() {
    let world = World::new(2);
    world.configure("");
    let cases: [(&str, &[&str]); 6] = [
        (
            "[[team]]\nid = 'a'\nmember = [{ email = 'x@y', from = 2026-02-01, until = 2026-01-01 }]",
            &["until", "from", "x@y"],
        ),
        (
            "[[team]]\nid = 'a'\nmember = [{ email = 'x@y' }, { email = 'x@y', from = 2026-01-01 }]",
            &["twice at the same time", "x@y", "line 3"],
        ),
        ("[[team]]\nid = 'a'\nparent = 'b'", &["b"]),
        (
            "[[team]]\nid = 'a'\nnmae = 'x'",
            &["nmae", "did you mean `name`?"],
        ),
        (
            "[[team]]\nid = 'a'\nzone = 'Europe/Berln'",
            &["Europe/Berln", "Europe/Berlin"],
        ),
        ("[[team]\n", &["teams.toml", "line: 1"]),
    ];
    for (text, words) in cases {
        world.write("teams.toml", text);
        let words = [words, &["teams.toml"]].concat();
        fails(&world, &["teams", "import", "teams.toml"], 2, &words);
    }
    fails(&world, &["teams", "import", "missing.toml"], 3, &["missing.toml"]);
    world.write("teams.txt", "");
    fails(&world, &["teams", "import", "teams.txt"], 2, &[".toml", ".csv"]);
}

#[test]
fn of_a_question() {
    let world = World::new(2);
    world.configure("");
    world.stdout(&["sync"]);
    fails(
        &world,
        &["report", "--team", "platform"],
        3,
        &["no team `platform`", "devmetrics teams import"],
    );
    world.write("teams.toml", "[[team]]\nid = 'platform'\n");
    world.stdout(&["teams", "import", "teams.toml"]);
    fails(
        &world,
        &["report", "--team", "platfrom"],
        3,
        &["did you mean `platform`?"],
    );
    fails(
        &world,
        &["report", "--zone", "Europe/Berln"],
        2,
        &["Europe/Berlin"],
    );
    fails(
        &world,
        &["report", "--from", "2026-03-01", "--to", "2026-02-01"],
        2,
        &["--from", "--to", "not before"],
    );
    fails(
        &world,
        &["report", "--from", "yesterday"],
        2,
        &["--from", "yesterday", "2026-01-31"],
    );
    fails(&world, &["report", "velocty"], 3, &["did you mean `velocity`?"]);
    fails(&world, &["report", "--bucket", "wek"], 2, &["wek", "week"]);
    fails(
        &world,
        &["report", "--repository", "ap"],
        3,
        &["no repository `ap`"],
    );
}

#[tokio::test]
async fn of_the_embedded_database() {
    let world = World::new(2);
    world.configure("");
    let database = world.path("metrics.db");

    std::fs::write(&database, "this is no database, and never was one".repeat(100)).unwrap();
    fails(&world, &["sync"], 1, &["metrics.db", "database"]);
    std::fs::remove_file(&database).unwrap();

    fails(
        &world,
        &["--database", "sqlite:/nowhere/at/all/metrics.db", "sync"],
        3,
        &["/nowhere/at/all"],
    );

    world.stdout(&["sync"]);
    let pool = sqlx::sqlite::SqlitePool::connect(&format!("sqlite:{}", database.display()))
        .await
        .unwrap();
    sqlx::query(
        "INSERT INTO devmetrics_migrations (version, description, success, checksum, execution_time)
         SELECT 9999, 'from the future', success, checksum, execution_time FROM devmetrics_migrations LIMIT 1",
    )
    .execute(&pool)
    .await
    .unwrap();
    fails(&world, &["sync"], 7, &["newer", "9999"]);
    sqlx::query("DELETE FROM devmetrics_migrations WHERE version = 9999")
        .execute(&pool)
        .await
        .unwrap();

    // Somebody holds the write lock for longer than we wait.
    let mut lock = pool.acquire().await.unwrap();
    sqlx::query("BEGIN EXCLUSIVE").execute(&mut *lock).await.unwrap();
    fails(&world, &["sync"], 6, &["metrics.db", "another program holds"]);
}

#[test]
fn of_a_password_that_would_be_written_into_a_file() {
    let world = World::new(2);
    let url = format!("postgres://me:{SECRET}@127.0.0.1/metrics");
    fails(
        &world,
        &["--database", &url, "init", "app"],
        2,
        &["password", "DEVMETRICS_DATABASE"],
    );
    assert!(!world.path("devmetrics.toml").exists());
    std::fs::create_dir(world.path("elsewhere")).unwrap();
    world.stdout(&["--config", "elsewhere/devmetrics.toml", "init", "app"]);
    world.stdout(&["--config", "elsewhere/devmetrics.toml", "sync"]);
}

#[test]
fn of_a_server_database() {
    let world = World::new(2);
    world.configure("");
    let refused = format!("postgres://me:{SECRET}@127.0.0.1:1/none");
    fails(&world, &["--database", &refused, "sync"], 6, &["127.0.0.1:1"]);
    let unknown = format!("mysql://me:{SECRET}@127.0.0.1/none");
    fails(
        &world,
        &["--database", &unknown, "sync"],
        2,
        &["mysql", "postgres://"],
    );
}

#[tokio::test]
async fn of_a_server_that_refuses_the_password() {
    let Some(database) = devmetrics_testbed::postgres::database_url().await else {
        return;
    };
    let world = World::new(2);
    world.configure("");
    let mut wrong = database.clone();
    wrong.set_password(Some(SECRET)).unwrap();
    fails(&world, &["--database", wrong.as_str(), "sync"], 5, &["password"]);
    let mut none = database;
    none.set_path("/there_is_no_such_database");
    fails(
        &world,
        &["--database", none.as_str(), "sync"],
        3,
        &["there_is_no_such_database"],
    );
}
