//! Weeks of collecting from a fake GitHub that lives, fails and is asked every four hours by a collector that is killed at
//! random moments. At the end of each week, after one quiet run, the store must hold exactly what is true.
#![expect(clippy::expect_used, reason = "a simulation that cannot go on has failed")]

mod kill;
mod trouble;
pub mod truth;
mod week;
mod wire;

pub use kill::KillSwitch;
pub use week::{Keep, Week, WeekReport};
pub use wire::Wire;
