//! A defect is an error like others: it must not take down the process of another language.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use devmetrics_core::{Error, ErrorKind, Result};
use futures::FutureExt;

/// What the future gives.
///
/// # Errors
/// As the future fails, and `Internal` where it panics. What it had begun may be half done in memory; nothing is in the store.
pub async fn guarded<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    let ended = AssertUnwindSafe(future).catch_unwind().await;
    ended.unwrap_or_else(|panic| Err(defect(&*panic)))
}

/// What the function gives: for what waits on a thread.
///
/// # Errors
/// As [`guarded`].
pub fn guarded_now<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    let ended = catch_unwind(AssertUnwindSafe(work));
    ended.unwrap_or_else(|panic| Err(defect(&*panic)))
}

fn defect(panic: &(dyn Any + Send)) -> Error {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let message = format!("a defect of devmetrics: {}", text.unwrap_or("it panicked"));
    Error::new(ErrorKind::Internal, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(ended: Result<()>) -> (ErrorKind, String) {
        let error = ended.unwrap_err();
        (error.kind(), error.to_string())
    }

    #[tokio::test]
    async fn a_panic_is_an_error_like_others() {
        let told_as = |what: &str| (ErrorKind::Internal, format!("a defect of devmetrics: {what}"));
        assert_eq!(
            told(guarded(async { panic!("no number {}", 7) }).await),
            told_as("no number 7")
        );
        assert_eq!(told(guarded_now(|| panic!("a text"))), told_as("a text"));
        assert_eq!(
            told(guarded_now(|| std::panic::panic_any(7))),
            told_as("it panicked")
        );
    }

    #[tokio::test]
    async fn an_error_stays_itself() {
        let failed = || Err(Error::new(ErrorKind::NotFound, "no team `x`"));
        let expected = (ErrorKind::NotFound, "no team `x`".to_owned());
        assert_eq!(told(guarded(async { failed() }).await), expected);
        assert_eq!(told(guarded_now(failed)), expected);
    }
}
