//! Ctrl-C and SIGTERM: the first one ends the run after the current page, a second one at once.

use std::io;

use devmetrics_core::engine::StopSignal;

/// A signal that the first Ctrl-C or SIGTERM gives.
pub(crate) fn stop_on_signal() -> StopSignal {
    let stop = StopSignal::default();
    let asked = stop.clone();
    tokio::spawn(async move {
        if asked_to_end().await.is_err() {
            return;
        }
        eprintln!("stopping after the current page; everything before it is kept (again to stop at once)");
        asked.stop();
        if asked_to_end().await.is_ok() {
            std::process::exit(130);
        }
    });
    stop
}

/// Returns when somebody asks this program to end.
#[cfg(unix)]
pub(crate) async fn asked_to_end() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
pub(crate) async fn asked_to_end() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}
