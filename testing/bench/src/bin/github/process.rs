//! What the system says of a process (Linux).

use std::fs;

/// Of `/proc/PID/stat` times, a second; Linux shows a hundredth to every program.
const TICKS: f64 = 100.0;

/// A line of `/proc/self/status` in KiB, as `VmHWM` (the most that was ever resident) or `RssAnon` (what no file backs).
pub(crate) fn memory(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or_default()
}

/// Seconds of processor time that a process has used.
pub(crate) fn cpu(pid: u32) -> f64 {
    spent(&format!("/proc/{pid}/stat"))
}

/// Seconds of processor time of this process's threads whose name begins with `name`.
pub(crate) fn cpu_of_threads(name: &str) -> f64 {
    let Ok(threads) = fs::read_dir("/proc/self/task") else {
        return 0.0;
    };
    threads
        .flatten()
        .map(|thread| thread.path())
        .filter(|path| fs::read_to_string(path.join("comm")).is_ok_and(|comm| comm.starts_with(name)))
        .map(|path| spent(&path.join("stat").to_string_lossy()))
        .sum()
}

fn spent(path: &str) -> f64 {
    let stat = fs::read_to_string(path).unwrap_or_default();
    // The name in parentheses may hold anything; what follows it is numbers: state first, the 12th and 13th are the times.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks = fields.split_whitespace().skip(11).take(2);
    ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / TICKS
}
