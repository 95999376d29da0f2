//! What became of a person's request at the business: told once for each change, where the bot has words for it.

use ids::Uuid;
use serde::{Deserialize, Serialize};

use super::Effect;
use super::turn::Turn;

/// Deals whose end is remembered, the newest.
const MOST: usize = 20;
/// What ended longer ago is no news: a CRM that was connected lately tells of old deals too, at whatever is changed in
/// them. Milliseconds.
const NEWS_MS: i64 = 2 * 24 * 60 * 60 * 1_000;

/// How a deal went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DealEnd {
    Won,
    Lost,
}

/// A deal that is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedDeal {
    pub id: Uuid,
    pub end: DealEnd,
    /// Since when. Unix milliseconds.
    pub since_ms: i64,
}

impl Turn<'_> {
    /// A deal of the person's is won or lost. What comes late or twice is not told, nor what is long over, nor one that was
    /// reopened and ended as it had before. The end is remembered also where nothing is said of it, so that words which the bot
    /// gets later are not said of it either.
    pub(super) fn deal_ended(&mut self, deal: EndedDeal) {
        let texts = &self.folder.bot.texts;
        let text = match deal.end {
            DealEnd::Won => texts.deal_won.as_ref(),
            DealEnd::Lost => texts.deal_lost.as_ref(),
        };
        let told = self.state.deals.iter().position(|known| known.id == deal.id);
        let known = told.and_then(|nth| self.state.deals.get(nth));
        let is_known = known.is_some_and(|known| known.end == deal.end || known.since_ms >= deal.since_ms);
        let is_old = self.input.now_ms.saturating_sub(deal.since_ms) > NEWS_MS;
        let reason = if !self.input.chat.private {
            "a deal is told to its person alone"
        } else if is_known {
            "it has been told"
        } else {
            self.remember_deal(told, deal);
            match text {
                None => "the bot has no words for the end of a deal",
                Some(_) if is_old => "the deal ended long ago",
                Some(text) => return self.aside(text),
            }
        };
        self.effects.push(Effect::Ignore { reason });
    }

    /// `known`: where it stands as it was.
    fn remember_deal(&mut self, known: Option<usize>, deal: EndedDeal) {
        if let Some(nth) = known {
            self.state.deals.remove(nth);
        }
        self.state.deals.push(deal);
        let over = self.state.deals.len().saturating_sub(MOST);
        self.state.deals.drain(..over);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bot_folder::{Lang, Localized, Say};

    use super::*;
    use crate::domain::tests::script::{anna, engine, input};
    use crate::domain::{Chat, ConversationState, Engine, Step, What};

    const NOW: i64 = 1_760_000_000_000;

    /// The shipped bot, which says something of deals.
    fn with_words() -> Engine {
        let mut folder = engine().folder().as_ref().clone();
        let say = |en: &str| {
            let text = Localized::from([(Lang::EN, en), (Lang::RU, en)]);
            Some(Say { text, ..Say::default() })
        };
        folder.bot.texts.deal_won = say("Thank you{, name}, we begin.");
        folder.bot.texts.deal_lost = say("It did not work out this time.");
        Engine::new(Arc::new(folder))
    }

    fn happens(engine: &Engine, state: ConversationState, chat: Chat, what: What) -> Step {
        let mut input = input(what, anna("en"), NOW, 1);
        (input.chat, input.person) = (chat, crate::domain::Person::default());
        engine.receive(state, &input)
    }

    fn said(step: &Step) -> Vec<String> {
        let said = step.effects.iter().filter_map(|effect| match effect {
            Effect::Send(message) => Some(message.text.expose().clone()),
            _ => None,
        });
        said.collect()
    }

    /// `since`: milliseconds after an hour ago.
    fn ended(id: u128, end: DealEnd, since: i64) -> What {
        What::DealEnded(EndedDeal { id: Uuid::from_u128(id), end, since_ms: NOW - 3_600_000 + since })
    }

    #[test]
    fn the_end_of_a_deal_is_told_once_for_each_change_and_nothing_that_is_late() {
        let engine = with_words();
        let mut state = ConversationState::default();
        let (won, lost) = ("Thank you, we begin.", "It did not work out this time.");
        for (what, wanted) in [
            (ended(1, DealEnd::Won, 10), Some(won)),
            (ended(1, DealEnd::Won, 10), None),
            // Reopened, and won again.
            (ended(1, DealEnd::Won, 20), None),
            (ended(1, DealEnd::Lost, 5), None),
            (ended(1, DealEnd::Lost, 30), Some(lost)),
            (ended(2, DealEnd::Lost, 1), Some(lost)),
        ] {
            let step = happens(&engine, state, Chat::PRIVATE, what);
            assert_eq!(said(&step), Vec::from_iter(wanted.map(str::to_owned)));
            state = step.state;
        }
        assert_eq!(state.deals.len(), 2);
        for id in 3..100 {
            state = happens(&engine, state, Chat::PRIVATE, ended(id, DealEnd::Won, 1)).state;
        }
        assert_eq!(state.deals.len(), MOST);
    }

    #[test]
    fn a_group_is_not_told_of_somebodys_deal_and_a_bot_without_words_says_nothing() {
        let group = Chat { id: -7, private: false, addressed: true, topic: None };
        let step = happens(&with_words(), ConversationState::default(), group, ended(1, DealEnd::Won, 1));
        assert_eq!((said(&step), step.state.deals.len()), (Vec::new(), 0));
        let step = happens(engine(), ConversationState::default(), Chat::PRIVATE, ended(1, DealEnd::Won, 1));
        assert_eq!(said(&step), [""; 0]);
        assert_eq!(step.effects, [Effect::Ignore { reason: "the bot has no words for the end of a deal" }]);
        // It gets words later: of that end it was too late for them.
        let step = happens(&with_words(), step.state, Chat::PRIVATE, ended(1, DealEnd::Won, 2));
        assert_eq!(said(&step), [""; 0]);
    }

    #[test]
    fn what_ended_more_than_two_days_ago_is_no_news_and_is_not_told_later_either() {
        let engine = with_words();
        let day = 24 * 3_600_000;
        let step =
            happens(&engine, ConversationState::default(), Chat::PRIVATE, ended(1, DealEnd::Won, -3 * day));
        assert_eq!((said(&step), step.state.deals.len()), (Vec::new(), 1));
        assert_eq!(step.effects, [Effect::Ignore { reason: "the deal ended long ago" }]);
        let step = happens(&engine, step.state, Chat::PRIVATE, ended(1, DealEnd::Won, 0));
        assert_eq!(said(&step), [""; 0], "it was won before");
        let step = happens(&engine, step.state, Chat::PRIVATE, ended(2, DealEnd::Lost, -day));
        assert_eq!(said(&step), ["It did not work out this time."]);
    }
}
