//! What goes wrong with a call, as it is told to whoever asked. No words of a prompt stand in it.

use classify::Failure;
use rpc::llm::CallFailure;
use rpc::llm::call_failure::Reason;

use crate::money::Refusal;
use crate::money::who::Scope;
use crate::providers::Problem;

pub(super) fn told(reason: Reason, message: impl Into<String>) -> CallFailure {
    CallFailure { reason: reason.into(), message: message.into(), ..CallFailure::default() }
}

pub(super) fn field(field: &str, message: impl Into<String>) -> CallFailure {
    CallFailure { field: field.to_owned(), ..told(Reason::Invalid, message) }
}

pub(super) fn unknown_model() -> CallFailure {
    CallFailure { field: "model".to_owned(), ..told(Reason::UnknownModel, "there is no such model here") }
}

/// A budget is used up.
pub(super) fn refused(refusal: &Refusal) -> CallFailure {
    let resets_at = refusal.resets_at;
    let whose = match refusal.scope {
        Scope::Key => "the budget of this API key",
        Scope::All => "the budget of the whole installation",
        Scope::Person => "what one person may ask",
        Scope::Session => "what may be asked in one conversation",
    };
    let message = format!(
        "{whose} is used up, or what is left of it is too little for this call; it begins anew at {resets_at:.0}"
    );
    CallFailure { resets_at_ms: resets_at.as_millisecond(), ..told(Reason::Budget, message) }
}

/// Our own database is away.
pub(super) fn of_ours(failure: &Failure) -> CallFailure {
    tracing::warn!(error = %failure.chain(), "a call of a model could not be booked");
    CallFailure { retry_after_ms: 1_000, ..told(Reason::Busy, "the model worker can not book the call now") }
}

/// What a provider did to the call.
pub(super) fn of_provider(problem: &Problem) -> CallFailure {
    let wait = match problem {
        Problem::LeftAlone { wait } => *wait,
        _ => problem.wait(),
    };
    let wait = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
    let told = match problem {
        Problem::RateLimited { .. } => {
            told(Reason::RateLimited, "the provider has too many calls for the moment")
        }
        Problem::Busy { .. } => told(Reason::Busy, "the provider is busy or broken"),
        Problem::Unreachable(_) => told(Reason::Busy, "the provider can not be reached"),
        Problem::Crowded => told(Reason::Busy, "too many calls to the provider are under way"),
        Problem::LeftAlone { .. } => {
            told(Reason::Busy, "the provider failed again and again and is left alone for a while")
        }
        Problem::TimedOut | Problem::NoTime => told(Reason::TimedOut, "the provider took too long"),
        // What the provider says of these stays in our log: it may speak of our account.
        Problem::Quota { .. } => told(Reason::Provider, "the provider's quota is used up"),
        Problem::Key { .. } => told(Reason::Provider, "the provider refuses our key"),
        Problem::NoModel { .. } => told(Reason::Provider, "the provider does not know the model"),
        Problem::TooLong { .. } | Problem::PromptTooLong(_) => {
            let message = "the messages are longer than the model takes; shorten them";
            CallFailure { field: "messages".to_owned(), ..told(Reason::TooLong, message) }
        }
        Problem::Refused { status: 400 | 422, .. } => {
            told(Reason::Invalid, "the provider refuses the call: it does not take these messages or fields")
        }
        Problem::NothingAsked => field("messages", "there is nothing to answer"),
        Problem::Refused { .. } => told(Reason::Provider, "the provider refuses the call"),
        Problem::Cut => told(Reason::Provider, "the provider's answer broke off"),
        Problem::Malformed(_) => told(Reason::Provider, "the provider's answer can not be read"),
    };
    CallFailure { retry_after_ms: wait, ..told }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_problem_is_told_by_its_kind_and_without_the_providers_words() {
        let wait = Duration::from_millis(1_500);
        let said = || "sk-secret".to_owned();
        for (problem, reason, retry) in [
            (Problem::RateLimited { status: 429, wait }, Reason::RateLimited, 1_500),
            (Problem::Busy { status: 529, wait }, Reason::Busy, 1_500),
            (Problem::TimedOut, Reason::TimedOut, 0),
            (Problem::Quota { status: 402, code: said() }, Reason::Provider, 0),
            (Problem::Refused { status: 400, said: said() }, Reason::Invalid, 0),
            (Problem::Refused { status: 401, said: said() }, Reason::Provider, 0),
            (Problem::Malformed("it is HTML"), Reason::Provider, 0),
        ] {
            let told = of_provider(&problem);
            assert!(told.reason() == reason && told.retry_after_ms == retry, "{problem}");
            assert!(!told.message.contains("secret"), "{problem}");
        }
    }
}
