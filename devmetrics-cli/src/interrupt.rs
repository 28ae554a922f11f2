//! Ctrl-C: the first one ends the run after the current page, a second one at once.

use devmetrics_core::engine::StopSignal;

/// A signal that the first Ctrl-C gives.
pub(crate) fn stop_on_ctrl_c() -> StopSignal {
    let stop = StopSignal::default();
    let asked = stop.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_err() {
            return;
        }
        eprintln!("stopping after the current page; everything before it is kept (again to stop at once)");
        asked.stop();
        if tokio::signal::ctrl_c().await.is_ok() {
            std::process::exit(130);
        }
    });
    stop
}
