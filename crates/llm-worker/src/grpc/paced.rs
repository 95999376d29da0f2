//! Pieces on their way to whoever reads them: a slow reader does not hold up the provider, nor hold its place for
//! ever.

use std::time::Duration;

use futures::{Stream, StreamExt, stream};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Messages that wait for a reader at most; each holds up to 64 KiB and a piece.
const AHEAD: usize = 8;
/// Whoever takes nothing for so long is not coming back.
const PATIENCE: Duration = Duration::from_secs(60);

/// The same pieces. They are read as they come, and dropped with what they hold when the reader goes away, or takes
/// nothing for a minute.
pub(super) fn paced<S>(mut pieces: S) -> impl Stream<Item = S::Item> + Send
where
    S: Stream + Send + Unpin + 'static,
    S::Item: Send,
{
    let (to, from) = mpsc::channel(AHEAD);
    tokio::spawn(async move {
        loop {
            let next = tokio::select! {
                biased;
                () = to.closed() => return,
                next = pieces.next() => next,
            };
            let Some(piece) = next else { return };
            match timeout(PATIENCE, to.send(piece)).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return,
                Err(_) => return tracing::warn!("nobody reads an answer of a model; it is given up"),
            }
        }
    });
    stream::unfold(from, |mut from| async move { Some((from.recv().await?, from)) })
}

#[cfg(test)]
mod tests {
    use std::pin::{Pin, pin};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Context, Poll};

    use tokio::sync::oneshot;
    use tokio::time::Instant;

    use super::*;

    /// Numbers without end, until they are dropped.
    struct Endless {
        made: Arc<AtomicUsize>,
        _dropped: oneshot::Sender<()>,
    }

    impl Stream for Endless {
        type Item = usize;

        fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<usize>> {
            Poll::Ready(Some(self.made.fetch_add(1, Ordering::Relaxed)))
        }
    }

    fn endless() -> (Endless, Arc<AtomicUsize>, oneshot::Receiver<()>) {
        let ((dropped, is_dropped), made) = (oneshot::channel(), Arc::default());
        (Endless { made: Arc::clone(&made), _dropped: dropped }, made, is_dropped)
    }

    #[tokio::test(start_paused = true)]
    async fn who_reads_nothing_loses_the_place_after_a_minute() {
        let (pieces, made, is_dropped) = endless();
        let begun = Instant::now();
        let reader = paced(pieces);
        assert!(is_dropped.await.is_err(), "it is dropped");
        assert_eq!(begun.elapsed(), PATIENCE);
        assert!(made.load(Ordering::Relaxed) <= AHEAD + 1, "no more was read than could be held");
        // What was held is still theirs, and then it ends.
        assert_eq!(reader.collect::<Vec<_>>().await, (0..AHEAD).collect::<Vec<_>>());
    }

    #[tokio::test(start_paused = true)]
    async fn who_goes_away_frees_the_place_at_once() {
        let (pieces, _, is_dropped) = endless();
        let begun = Instant::now();
        {
            let mut reader = pin!(paced(pieces));
            assert_eq!(reader.next().await, Some(0));
        }
        assert!(is_dropped.await.is_err());
        assert_eq!(begun.elapsed(), Duration::ZERO);
    }
}
