use prost::Message;
use tonic::{Code, Status};

use crate::llm::CallFailure;
use crate::llm::call_failure::Reason;

/// The status that tells of a failed call of a model, with all that is known in its details.
#[must_use]
pub fn refusal(failure: &CallFailure) -> Status {
    let code = match failure.reason() {
        Reason::Unspecified => Code::Internal,
        Reason::UnknownModel => Code::NotFound,
        Reason::Invalid | Reason::TooLong => Code::InvalidArgument,
        Reason::Budget | Reason::RateLimited => Code::ResourceExhausted,
        Reason::Busy => Code::Unavailable,
        Reason::TimedOut => Code::DeadlineExceeded,
        Reason::Provider => Code::Aborted,
    };
    Status::with_details(code, failure.message.clone(), failure.encode_to_vec().into())
}

/// What a status tells of a failed call of a model. A status without details (nobody answers, no token, a fault
/// over there) is told by its code alone, and its text stays where it was written: it may speak of our inside.
#[must_use]
pub fn failure(status: &Status) -> CallFailure {
    let told = CallFailure::decode(status.details()).ok();
    told.filter(|told| told.reason() != Reason::Unspecified).unwrap_or_else(|| {
        let (reason, message) = match status.code() {
            Code::Unavailable | Code::Cancelled | Code::Unknown | Code::ResourceExhausted => {
                (Reason::Busy, "the model worker does not answer now")
            }
            Code::DeadlineExceeded => (Reason::TimedOut, "the model worker took too long"),
            _ => (Reason::Unspecified, "the model worker failed"),
        };
        CallFailure { reason: reason.into(), message: message.to_owned(), ..CallFailure::default() }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_comes_back_as_it_was_sent() {
        for number in 1..=8 {
            let sent = CallFailure {
                reason: number,
                message: "why".to_owned(),
                field: "model".to_owned(),
                retry_after_ms: 1_500,
                resets_at_ms: 7,
            };
            assert!(Reason::try_from(number).is_ok());
            let status = refusal(&sent);
            assert_eq!(status.message(), "why");
            assert!(failure(&status) == sent, "{number}");
        }
        assert!(Reason::try_from(9).is_err(), "a reason that this test does not know");
    }

    #[test]
    fn a_status_of_somebody_else_is_told_without_its_text() {
        let told = |code| failure(&Status::new(code, "postgres://secret"));
        assert!(told(Code::Unavailable).reason() == Reason::Busy);
        assert!(told(Code::DeadlineExceeded).reason() == Reason::TimedOut);
        assert!(told(Code::Unauthenticated).reason() == Reason::Unspecified);
        assert!(!told(Code::Internal).message.contains("secret"));
    }
}
