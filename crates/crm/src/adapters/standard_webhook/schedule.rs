use std::time::Duration;

/// Before each attempt after the first: the schedule that the standard recommends, 75.6 hours in all.
const PAUSES: [Duration; 9] = [
    Duration::from_secs(5),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 3600),
    Duration::from_secs(5 * 3600),
    Duration::from_secs(10 * 3600),
    Duration::from_secs(14 * 3600),
    Duration::from_secs(20 * 3600),
    Duration::from_secs(24 * 3600),
];

/// After so many a delivery is given up.
pub(crate) const ATTEMPTS: u32 = 10;

/// How long to wait after attempt `n` (1 for the first) failed, with the pause itself stretched by `jitter`
/// (about 1). An endpoint that is overloaded is given a minute at least; what it asks for itself
/// (`Retry-After`) counts between the pause and twice the pause.
pub(crate) fn pause_after(n: u32, jitter: f64, overloaded: bool, asked: Option<Duration>) -> Duration {
    let nth = usize::try_from(n.saturating_sub(1)).unwrap_or(usize::MAX).min(PAUSES.len() - 1);
    let base = if overloaded { PAUSES[nth].max(Duration::from_secs(60)) } else { PAUSES[nth] };
    // After the jitter, so that nobody comes before the time that was asked for.
    let pause = base.mul_f64(jitter);
    asked.map_or(pause, |asked| asked.clamp(pause, pause.max(base * 2)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schedule_is_the_standards_and_grows() {
        let pauses: Vec<u64> = (1..ATTEMPTS).map(|n| pause_after(n, 1.0, false, None).as_secs()).collect();
        assert_eq!(pauses, [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]);
        assert_eq!(pause_after(99, 1.0, false, None), pause_after(9, 1.0, false, None));
    }

    #[test]
    fn an_endpoint_can_ask_for_more_time_but_not_for_less_or_for_ever() {
        let minutes = |m: u64| Duration::from_secs(m * 60);
        assert_eq!(pause_after(2, 1.0, false, Some(minutes(7))), minutes(7));
        assert_eq!(pause_after(2, 1.0, false, Some(minutes(1))), minutes(5));
        assert_eq!(pause_after(2, 1.0, false, Some(minutes(6000))), minutes(10));
        assert_eq!(pause_after(1, 1.0, true, None), minutes(1));
        assert_eq!(pause_after(2, 0.8, false, Some(minutes(7))), minutes(7), "not before it was asked for");
        assert_eq!(pause_after(2, 1.2, false, Some(minutes(1))), minutes(6));
    }
}
