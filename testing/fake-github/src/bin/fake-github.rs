//! A fake GitHub to look at by hand.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use clap::{Parser, ValueEnum};
use fake_github::generate::{Shape, generate, life};
use fake_github::world::World;
use fake_github::{FakeGithub, Limits};
use rand::SeedableRng as _;
use rand::rngs::StdRng;

/// Serves a generated organization as GitHub would.
#[derive(Debug, Parser)]
struct Arguments {
    /// The same seed gives the same organization.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// How large the organization is.
    #[arg(long, value_enum, default_value_t = Size::Demo)]
    shape: Size,
    /// About so many pull requests instead of a shape.
    #[arg(long)]
    pull_requests: Option<usize>,
    /// The port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Requests and points an hour; in GraphQL it is an `Int`.
    #[arg(long, default_value_t = 5_000, value_parser = clap::value_parser!(u32).range(..=0x7fff_ffff))]
    limit: u32,
    /// The organization goes on living: every second, ten minutes pass.
    #[arg(long)]
    life: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Size {
    Tiny,
    Demo,
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "a command for people")]
async fn main() -> std::io::Result<()> {
    let arguments = Arguments::parse();
    let shape = match (arguments.pull_requests, arguments.shape) {
        (Some(count), _) => Shape::pull_requests(count),
        (None, Size::Tiny) => Shape::tiny(),
        (None, Size::Demo) => Shape::demo(),
    };
    let world = generate(arguments.seed, &shape);
    let viewer = world.actors().map(|(id, _)| id).next();
    let summary = summary(&world);
    let github = FakeGithub::new(world);
    github.set_limits(Limits {
        core: Some(arguments.limit),
        graphql: Some(arguments.limit),
    });
    let server = github
        .serve(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), arguments.port))
        .await?;
    println!("{summary}");
    println!("REST     {}/", server.base_url());
    println!("GraphQL  {}/graphql", server.base_url());
    if let Some(viewer) = viewer {
        println!("token    {}", github.add_token("cli", viewer));
    }
    if arguments.life {
        tokio::spawn(go_on(github, arguments.seed));
    }
    server.wait().await
}

fn summary(world: &World) -> String {
    let repositories: Vec<String> = world
        .repositories()
        .map(|(id, found)| {
            format!(
                "{} ({} pull requests)",
                world.name_with_owner(id),
                found.pull_requests().len()
            )
        })
        .collect();
    format!("{}; the clock stands at {}", repositories.join(", "), world.now())
}

async fn go_on(github: FakeGithub, seed: u64) {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    loop {
        ticks.tick().await;
        let mut world = github.world();
        let until = world.now() + chrono::TimeDelta::minutes(10);
        life(&mut world, &mut rng, until, 8.0);
    }
}
