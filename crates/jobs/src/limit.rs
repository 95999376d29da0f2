use std::collections::HashMap;
use std::time::Duration;

use pg::PgError;
use sqlx::PgConnection;

/// A rate that jobs share, on every replica: `burst` at once, then one each `per`.
///
/// Those who are not admitted come back in the order they were told to, so a long line of jobs without
/// hurry delays the others of its limit as much: give it a second, lower limit of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Whoever names the same key shares the same rate; one key, one rate.
    pub key: String,
    /// The time that earns one more start.
    pub per: Duration,
    /// How many may start together after a rest; at least 1.
    pub burst: u32,
}

impl Limit {
    fn per_micros(&self) -> i64 {
        i64::try_from(self.per.as_micros()).unwrap_or(i64::MAX / 4)
    }

    /// How far the theoretical arrival time may run ahead of the clock.
    fn tolerance(&self) -> i64 {
        self.per_micros().saturating_mul(i64::from(self.burst.saturating_sub(1)))
    }
}

/// What is remembered of a limit (GCRA); times in Unix microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rate {
    /// The theoretical arrival time: `per` later with each start, never before the clock.
    pub(crate) tat: i64,
    /// The end of the line of those who were told to come back: the next is told a time not before it, so
    /// that a backlog is moved once and not each time a place is free.
    pub(crate) tail: i64,
    pub(crate) paused_until: i64,
}

impl Rate {
    fn free_at(&self, limit: &Limit) -> i64 {
        self.tat.saturating_sub(limit.tolerance()).max(self.paused_until)
    }
}

/// Admits one start now if every limit does, and counts it against each; or says when to come back, having
/// counted nothing. Whoever is `new` stands behind those who were told to come back.
pub(crate) fn admit(
    now: i64,
    limits: &[Limit],
    rates: &mut HashMap<String, Rate>,
    new: bool,
) -> Result<(), i64> {
    let free = |limit: &Limit| {
        rates.get(&limit.key).map_or(i64::MIN, |rate| {
            if new { rate.free_at(limit).max(rate.tail) } else { rate.free_at(limit) }
        })
    };
    let Some(binding) = limits.iter().max_by_key(|limit| free(limit)) else { return Ok(()) };
    let free_at = free(binding);
    if free_at > now {
        let rate = rates.entry(binding.key.clone()).or_default();
        let when = free_at.max(rate.tail);
        rate.tail = when.saturating_add(binding.per_micros());
        return Err(when);
    }
    for limit in limits {
        let rate = rates.entry(limit.key.clone()).or_default();
        rate.tat = rate.tat.max(now).saturating_add(limit.per_micros());
    }
    Ok(())
}

/// Admits one start of something that need not be, where every limit admits it with `reserve` more, and nobody waits;
/// or says when to look again, having counted nothing.
pub(crate) fn spare(now: i64, wanted: &[(Limit, u32)], rates: &mut HashMap<String, Rate>) -> Result<(), i64> {
    let free = |(limit, reserve): &(Limit, u32)| {
        if limit.burst <= *reserve {
            // There is never so much room.
            return i64::MAX;
        }
        let kept = limit.per_micros().saturating_mul(i64::from(*reserve));
        rates.get(&limit.key).map_or(i64::MIN, |rate| {
            let with_reserve = rate.tat.saturating_sub(limit.tolerance()).saturating_add(kept);
            with_reserve.max(rate.paused_until).max(rate.tail)
        })
    };
    let free_at = wanted.iter().map(free).max().unwrap_or(i64::MIN);
    if free_at > now {
        return Err(free_at);
    }
    for (limit, _) in wanted {
        let rate = rates.entry(limit.key.clone()).or_default();
        rate.tat = rate.tat.max(now).saturating_add(limit.per_micros());
    }
    Ok(())
}

/// Admits nothing that counts against the limit `key` for `pause` from now, on any replica: the other side
/// has said "too many requests". Call it on a connection of its own, not inside
/// [`crate::JobHandler::commit`], whose transaction would hold up every claim under this limit.
///
/// # Errors
/// The database's.
pub async fn pause(conn: &mut PgConnection, key: &str, pause: Duration) -> Result<(), PgError> {
    sqlx::query(
        "insert into rate_limit as r (key, tat, paused_until)
         values ($1, now(), now() + make_interval(secs => $2))
         on conflict (key) do update set paused_until = greatest(r.paused_until, excluded.paused_until)",
    )
    .bind(key)
    .bind(pause.as_secs_f64())
    .execute(conn)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: i64 = 1_000_000;

    fn limit(key: &str, per_ms: u64, burst: u32) -> Limit {
        Limit { key: key.to_owned(), per: Duration::from_millis(per_ms), burst }
    }

    #[test]
    fn a_burst_then_one_each_interval() {
        let (mut rates, chat) = (HashMap::new(), [limit("chat", 1000, 3)]);
        for _ in 0..3 {
            assert_eq!(admit(0, &chat, &mut rates, false), Ok(()));
        }
        assert_eq!(admit(0, &chat, &mut rates, false), Err(SECOND));
        assert_eq!(admit(SECOND, &chat, &mut rates, false), Ok(()));
        assert_eq!(admit(SECOND, &chat, &mut rates, false), Err(2 * SECOND));
    }

    #[test]
    fn those_refused_are_told_different_times() {
        let (mut rates, bot) = (HashMap::new(), [limit("bot", 100, 1)]);
        assert_eq!(admit(0, &bot, &mut rates, false), Ok(()));
        let told: Vec<_> = (0..4).map(|_| admit(0, &bot, &mut rates, false).unwrap_err()).collect();
        assert_eq!(told, [100_000, 200_000, 300_000, 400_000]);
    }

    #[test]
    fn a_job_refused_by_one_limit_costs_the_other_nothing() {
        let mut rates = HashMap::new();
        let both = [limit("chat", 1000, 1), limit("bot", 1000, 2)];
        assert_eq!(admit(0, &both, &mut rates, false), Ok(()));
        assert_eq!(admit(0, &both, &mut rates, false), Err(SECOND));
        assert_eq!(admit(0, &[limit("chat2", 1000, 1), limit("bot", 1000, 2)], &mut rates, false), Ok(()));
    }

    #[test]
    fn who_is_new_does_not_go_before_those_who_were_told_to_come_back() {
        let (mut rates, bot) = (HashMap::new(), [limit("bot", 1000, 1)]);
        assert_eq!(admit(0, &bot, &mut rates, true), Ok(()));
        assert_eq!(admit(0, &bot, &mut rates, true), Err(SECOND));
        // The place is free for the one who was told this moment.
        assert_eq!(admit(SECOND, &bot, &mut rates, true), Err(2 * SECOND));
        assert_eq!(admit(SECOND, &bot, &mut rates, false), Ok(()));
    }

    #[test]
    fn a_pause_ends_when_it_said() {
        let mut rates =
            HashMap::from([("bot".to_owned(), Rate { paused_until: 5 * SECOND, ..Rate::default() })]);
        let bot = [limit("bot", 100, 30)];
        assert_eq!(admit(SECOND, &bot, &mut rates, false), Err(5 * SECOND));
        assert_eq!(admit(5 * SECOND, &bot, &mut rates, false), Ok(()));
    }

    #[test]
    fn what_need_not_be_leaves_room_for_what_must_and_stands_in_no_line() {
        let (mut rates, chat) = (HashMap::new(), limit("chat", 1000, 3));
        let wanted = [(chat.clone(), 1)];
        assert_eq!(spare(0, &wanted, &mut rates), Ok(()));
        assert_eq!(spare(0, &wanted, &mut rates), Ok(()));
        assert_eq!(spare(0, &wanted, &mut rates), Err(SECOND));
        assert_eq!(admit(0, std::slice::from_ref(&chat), &mut rates, false), Ok(()), "the reserve is there");
        assert_eq!(admit(0, &[chat], &mut rates, false), Err(SECOND));
        // Somebody waits from now on.
        assert_eq!(spare(2 * SECOND, &wanted, &mut rates), Ok(()));
        rates.entry("chat".to_owned()).or_default().tail = 9 * SECOND;
        assert_eq!(spare(8 * SECOND, &wanted, &mut rates), Err(9 * SECOND));
        assert!(spare(0, &[(limit("one", 1000, 1), 1)], &mut HashMap::new()).is_err());
    }

    /// A bucket of `burst` tokens that gains one each `per`, counted in token-microseconds so that it is exact.
    struct Bucket {
        level: i64,
        at: i64,
    }

    proptest! {
        #[test]
        fn it_admits_exactly_what_a_token_bucket_does(
            per_ms in 1u64..2000, burst in 1u32..40, gaps in prop::collection::vec(0i64..3_000_000, 1..200),
        ) {
            let limits = [limit("k", per_ms, burst)];
            let per = limits[0].per_micros();
            let full = per * i64::from(burst);
            let (mut rates, mut now) = (HashMap::new(), 0);
            let mut bucket = Bucket { level: full, at: 0 };
            for gap in gaps {
                now += gap;
                bucket.level = (bucket.level + (now - bucket.at)).min(full);
                bucket.at = now;
                let expected = bucket.level >= per;
                if expected {
                    bucket.level -= per;
                }
                prop_assert_eq!(admit(now, &limits, &mut rates, false).is_ok(), expected, "at {}", now);
            }
        }

        #[test]
        fn whoever_comes_back_when_told_gets_through_with_the_rate_kept(
            per_ms in 1u64..500, burst in 1u32..10, jobs in 1usize..100,
        ) {
            let limits = [limit("k", per_ms, burst)];
            let per = limits[0].per_micros();
            let (mut rates, mut starts, mut line) = (HashMap::new(), Vec::new(), vec![0i64; jobs]);
            let mut asked = 0;
            while let Some(at) = line.pop() {
                asked += 1;
                match admit(at, &limits, &mut rates, false) {
                    Ok(()) => starts.push(at),
                    Err(when) => {
                        prop_assert!(when > at);
                        line.insert(line.partition_point(|t| *t >= when), when);
                    }
                }
            }
            starts.sort_unstable();
            prop_assert_eq!(starts.len(), jobs);
            // Nobody is sent away more than once when all come at the same moment.
            prop_assert!(asked <= 2 * jobs, "asked {} times for {} jobs", asked, jobs);
            for window in starts.windows(burst as usize + 1) {
                prop_assert!(window[burst as usize] - window[0] >= per, "{:?}", window);
            }
        }
    }
}
