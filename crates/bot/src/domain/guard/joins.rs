//! Joins of a group: somebody who comes alone is greeted, a flood of people marks the group.

use super::{Change, Limited, Offence};
use crate::domain::turn::Turn;
use crate::domain::{ConversationState, Effect, Engine, Input, Step};

const SECOND_MS: i64 = 1000;
const MINUTE_MS: i64 = 60 * SECOND_MS;

impl Engine {
    /// Telegram tells of one join once or twice, so people are counted, not tellings.
    pub(super) fn joined(&self, mut state: ConversationState, input: &Input, people: &[i64]) -> Step {
        let joins = &self.folder().bot.spam.joins;
        let now_ms = input.now_ms;
        let within_ms = i64::from(joins.within_seconds) * SECOND_MS;
        let most = usize::try_from(joins.most).unwrap_or(0);
        let guards = &mut state.guard;
        guards.joined.retain(|(_, at)| (0..within_ms).contains(&now_ms.saturating_sub(*at)));
        let mut news = false;
        for id in people {
            if !guards.joined.iter().any(|(known, _)| known == id) {
                news = true;
                if guards.joined.len() <= most {
                    guards.joined.push((*id, now_ms));
                }
            }
        }
        let is_marked = guards.marked_until_ms > now_ms;
        let is_flood = most > 0 && guards.joined.len() >= most;
        let is_alone = guards.joined.len() == 1;
        if is_flood && !is_marked {
            let until_ms = now_ms.saturating_add(i64::from(joins.mark_minutes) * MINUTE_MS);
            guards.marked_until_ms = until_ms;
            guards.joined.clear();
            let (change, why) = (Change::Marked, Offence::Joins);
            let limited = Limited { person: 0, change, why, until_ms: Some(until_ms) };
            let effects = vec![Effect::Limit(limited), Effect::Ignore { reason: why.ignored_why() }];
            return Step { state, effects, understood: None };
        }
        let mut turn = Turn::new(self, state, input);
        if news && is_alone && !is_marked {
            turn.say_of_limits(&joins.greeting, &[], Vec::new());
        }
        if turn.effects.is_empty() {
            let reason = if is_marked { Offence::Joins.ignored_why() } else { "a join wants no answer" };
            turn.effects.push(Effect::Ignore { reason });
        }
        Step { state: turn.state, effects: turn.effects, understood: None }
    }
}
