//! `/v1/chat/completions` as the organisation's own programs see it: the gateway and the model worker over real gRPC,
//! a provider that does as it is told, and a real client of OpenAI's.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "these are tests, and what they share"
)]

mod answers;
mod budgets;
mod cancelled;
mod keys;
mod openai_client;
mod refusals;
mod shop;
