use crate::Key;
use crate::message::{analytics, bot, crm, gateway, llm};

/// A message that may be published.
pub trait Event: prost::Message + Default + Sized + 'static {
    /// `<service>.<aggregate>.<event>`; the first word is the only service that may publish it.
    const NAME: &'static str;

    /// The service that publishes it.
    fn service() -> &'static str {
        Self::NAME.split('.').next().unwrap_or_default()
    }
}

/// One row of the catalogue, for pages and checks.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub name: &'static str,
    /// The message's full name in `proto/`.
    pub message: &'static str,
    /// What orders it, in words.
    pub key: &'static str,
}

macro_rules! catalogue {
    ($($message:ty = $proto:literal => $name:literal, key: $key:literal;)*) => {
        $(impl Event for $message { const NAME: &'static str = $name; })*

        /// Every event there is.
        pub const CATALOGUE: &[Entry] = &[$(Entry { name: $name, message: $proto, key: $key }),*];
    };
}

catalogue! {
    gateway::UpdateReceived = "dragoman.gateway.v1.UpdateReceived" => "gateway.update.received", key: "chat";
    bot::ConversationStarted = "dragoman.bot.v1.ConversationStarted" => "bot.conversation.started", key: "chat";
    bot::HandoffRequested = "dragoman.bot.v1.HandoffRequested" => "bot.handoff.requested", key: "chat";
    bot::FlowMoved = "dragoman.bot.v1.FlowMoved" => "bot.flow.moved", key: "chat";
    bot::LimitChanged = "dragoman.bot.v1.LimitChanged" => "bot.limit.changed", key: "chat";
    bot::LeadCaptured = "dragoman.bot.v1.LeadCaptured" => "bot.lead.captured", key: "chat";
    bot::ModelRequested = "dragoman.bot.v1.ModelRequested" => "bot.model.requested", key: "chat";
    bot::FileChecked = "dragoman.bot.v1.FileChecked" => "bot.file.checked", key: "chat";
    bot::SendsCompleted = "dragoman.bot.v1.SendsCompleted" => "bot.sends.completed", key: "the batch's own id";
    bot::ConversationClosed = "dragoman.bot.v1.ConversationClosed" => "bot.conversation.closed", key: "chat";
    bot::LeadFiles = "dragoman.bot.v1.LeadFiles" => "bot.lead.files", key: "chat";
    bot::LeadRescored = "dragoman.bot.v1.LeadRescored" => "bot.lead.rescored", key: "chat";
    bot::HandoffTaken = "dragoman.bot.v1.HandoffTaken" => "bot.handoff.taken", key: "chat";
    bot::HandoffReturned = "dragoman.bot.v1.HandoffReturned" => "bot.handoff.returned", key: "chat";
    llm::ModelAnswered = "dragoman.llm.v1.ModelAnswered" => "llm.model.answered", key: "chat";
    llm::HandoffPrepared = "dragoman.llm.v1.HandoffPrepared" => "llm.handoff.prepared", key: "chat";
    llm::BudgetReached = "dragoman.llm.v1.BudgetReached" => "llm.budget.reached", key: "the budget";
    llm::AnomalySeen = "dragoman.llm.v1.AnomalySeen" => "llm.anomaly.seen", key: "request";
    crm::DeliveryEnded = "dragoman.crm.v1.DeliveryEnded" => "crm.delivery.ended", key: "lead";
    crm::DealMoved = "dragoman.crm.v1.DealMoved" => "crm.deal.moved", key: "lead";
    bot::ErasureRequested = "dragoman.bot.v1.ErasureRequested" => "bot.erasure.requested", key: "chat";
    bot::ExportRequested = "dragoman.bot.v1.ExportRequested" => "bot.export.requested", key: "chat";
    gateway::PersonErased = "dragoman.gateway.v1.PersonErased" => "gateway.person.erased", key: "erasure";
    gateway::PersonHeld = "dragoman.gateway.v1.PersonHeld" => "gateway.person.held", key: "export";
    llm::PersonErased = "dragoman.llm.v1.PersonErased" => "llm.person.erased", key: "erasure";
    llm::PersonHeld = "dragoman.llm.v1.PersonHeld" => "llm.person.held", key: "export";
    crm::PersonErased = "dragoman.crm.v1.PersonErased" => "crm.person.erased", key: "erasure";
    crm::PersonHeld = "dragoman.crm.v1.PersonHeld" => "crm.person.held", key: "export";
    analytics::PersonErased = "dragoman.analytics.v1.PersonErased" => "analytics.person.erased", key: "erasure";
    analytics::PersonHeld = "dragoman.analytics.v1.PersonHeld" => "analytics.person.held", key: "export";
}

/// The key under which a conversation's events are published and ordered.
impl gateway::UpdateReceived {
    #[must_use]
    pub fn key(&self) -> Key {
        Key::chat(&self.bot, self.chat_id)
    }
}

impl llm::ModelAnswered {
    #[must_use]
    pub fn key(&self) -> Key {
        Key::chat(&self.bot, self.chat_id)
    }
}

impl bot::ModelRequested {
    #[must_use]
    pub fn key(&self) -> Key {
        Key::chat(&self.bot, self.chat_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_three_words_and_stands_once() {
        let mut names: Vec<_> = CATALOGUE.iter().map(|entry| entry.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CATALOGUE.len());
        assert!(names.iter().all(|name| name.split('.').count() == 3));
    }

    #[test]
    fn the_publisher_is_the_first_word() {
        assert_eq!(llm::ModelAnswered::service(), "llm");
    }
}
