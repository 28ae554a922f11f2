//! Measures software delivery.
pub mod attribution;
mod clock;
mod error;
mod id;
pub mod matching;
pub mod metric;
pub mod model;
pub mod source;
pub mod store;
mod suggest;
mod zone;

pub use clock::{Clock, ManualClock, SystemClock};
pub use error::{Error, ErrorKind, Result};
pub use id::Id;
pub use zone::{midnight, zone};
