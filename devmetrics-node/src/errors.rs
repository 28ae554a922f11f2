//! Errors of the engine as those of a promise.

use devmetrics_bindings::{Failure, guarded};
use devmetrics_core::{Error, Result};
use serde_json::json;

/// What a future gives, for a promise. A defect is an error like others: it must not take the process down.
pub(crate) async fn settled<T>(future: impl Future<Output = Result<T>>) -> napi::Result<T> {
    guarded(future)
        .await
        .map_err(|error| napi::Error::from_reason(told(&error)))
}

/// An error as JSON, which the package takes apart: a promise's error has no code of its own.
fn told(error: &Error) -> String {
    let Failure {
        code,
        message,
        cause,
        near,
        retry_at,
    } = Failure::from(error);
    json!({ "code": code, "message": message, "cause": cause, "near": near, "retry_at": retry_at })
        .to_string()
}

#[cfg(test)]
mod tests {
    use devmetrics_core::ErrorKind;
    use futures::FutureExt;

    use super::*;

    fn reason(ended: napi::Result<()>) -> serde_json::Value {
        let reason = ended.map_err(|error| error.reason.clone());
        serde_json::from_str(&reason.unwrap_err()).unwrap()
    }

    #[test]
    fn a_defect_is_an_error_like_others() {
        let broken = async { panic!("no number {}", 7) };
        let told = reason(settled(broken).now_or_never().unwrap());
        assert_eq!(told["code"], "internal");
        assert_eq!(told["message"], "a defect of devmetrics: no number 7");
    }

    #[test]
    fn an_error_is_told_whole() {
        let cause = std::io::Error::other("cable cut");
        let failed = async { Err(Error::new(ErrorKind::Unavailable, "no answer").caused_by(cause)) };
        let told = reason(settled(failed).now_or_never().unwrap());
        let expected = json!({
            "code": "unavailable", "message": "no answer", "cause": "cable cut", "near": [], "retry_at": null
        });
        assert_eq!(told, expected);
    }
}
