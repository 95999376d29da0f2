//! The pace Telegram allows: about one message a second in a chat, twenty a minute in a group, thirty
//! a second for a bot.

use std::collections::HashMap;
use std::time::Instant;

use crate::options::Limits;

/// What one bot has left.
#[derive(Debug, Default)]
pub(crate) struct Buckets {
    bot: Option<Bucket>,
    chats: HashMap<i64, ChatBuckets>,
}

#[derive(Debug)]
struct ChatBuckets {
    second: Bucket,
    minute: Option<Bucket>,
}

/// Tokens that come back at a steady rate.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    size: f64,
    per_second: f64,
    seen: Instant,
}

impl Bucket {
    fn full(size: f64, per_second: f64, now: Instant) -> Self {
        let size = size.max(1.0);
        Self { tokens: size, size, per_second: per_second.max(1e-6), seen: now }
    }

    fn refill(&mut self, now: Instant) {
        let gained = now.saturating_duration_since(self.seen).as_secs_f64() * self.per_second;
        self.tokens = (self.tokens + gained).min(self.size);
        self.seen = now;
    }

    /// Seconds until there is a token; 0 when there is one.
    fn wait(&self) -> f64 {
        if self.tokens >= 1.0 { 0.0 } else { (1.0 - self.tokens) / self.per_second }
    }
}

impl Buckets {
    /// Chats remembered before those that are full again are forgotten.
    const KEPT: usize = 50_000;

    /// Takes one message's worth, or says after how many whole seconds to try again. Without a chat only
    /// the bot's own pace counts.
    pub(crate) fn take(&mut self, limits: &Limits, chat: Option<i64>, now: Instant) -> Result<(), u64> {
        if self.chats.len() > Self::KEPT {
            self.chats.retain(|_, c| {
                c.second.refill(now);
                c.second.tokens < c.second.size
                    || c.minute.is_some_and(|m| now.duration_since(m.seen).as_secs() < 60)
            });
        }
        let per_bot = limits.per_bot_per_second;
        let bot = self.bot.get_or_insert_with(|| Bucket::full(per_bot, per_bot, now));
        let mut all: Vec<&mut Bucket> = vec![bot];
        if let Some(id) = chat {
            let per_minute = limits.per_group_per_minute;
            let chat = self.chats.entry(id).or_insert_with(|| ChatBuckets {
                second: Bucket::full(limits.chat_burst, limits.per_chat_per_second, now),
                minute: (id < 0).then(|| Bucket::full(per_minute, per_minute / 60.0, now)),
            });
            all.push(&mut chat.second);
            all.extend(chat.minute.as_mut());
        }
        all.iter_mut().for_each(|bucket| bucket.refill(now));
        let wait = all.iter().map(|bucket| bucket.wait()).fold(0.0, f64::max);
        if wait > 0.0 {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a few seconds, positive"
            )]
            return Err((wait.ceil() as u64).max(1));
        }
        all.iter_mut().for_each(|bucket| bucket.tokens -= 1.0);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_chat_takes_a_burst_and_then_one_a_second() {
        let (mut buckets, limits, start) = (Buckets::default(), Limits::default(), Instant::now());
        for _ in 0..5 {
            assert_eq!(buckets.take(&limits, Some(7), start), Ok(()));
        }
        assert_eq!(buckets.take(&limits, Some(7), start), Err(1));
        assert_eq!(buckets.take(&limits, Some(8), start), Ok(()), "another chat is not concerned");
        assert_eq!(buckets.take(&limits, Some(7), start + Duration::from_secs(1)), Ok(()));
    }

    #[test]
    fn a_group_takes_twenty_a_minute() {
        let (mut buckets, limits, start) = (Buckets::default(), Limits::default(), Instant::now());
        let mut sent = 0;
        for second in 0..60 {
            let now = start + Duration::from_secs(second);
            sent += (0..3).filter(|_| buckets.take(&limits, Some(-7), now).is_ok()).count();
        }
        assert!((20..=40).contains(&sent), "{sent}");
    }

    #[test]
    fn a_bot_takes_thirty_a_second() {
        let (mut buckets, limits, start) = (Buckets::default(), Limits::default(), Instant::now());
        let sent = (0..100).filter(|chat| buckets.take(&limits, Some(*chat + 1), start).is_ok()).count();
        assert_eq!(sent, 30);
    }
}
