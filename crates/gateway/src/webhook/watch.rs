//! The watchdog: sets a bot's webhook, looks after it, sets it again where it was taken, and raises the alarm
//! where that does not help. One replica at a time.

use std::time::Duration;

use classify::Failure;
use ids::{Clock, Ids};
use pg::Pool;
use telegram::client::WebhookInfo;
use telegram::{BotApi, Mode};
use tokio_util::sync::CancellationToken;

use super::repairs::Repairs;
use super::{Webhook, Wrong};
use crate::store::bot_link::BotLink;
use crate::store::leader::{self, Leader};

/// How soon another replica notices that the one that watched is gone.
const RETRY_LEAD: Duration = Duration::from_secs(5);
/// The first pause after a failure; it doubles up to the ordinary one.
const FIRST: Duration = Duration::from_millis(250);

#[derive(Clone)]
pub(crate) struct Watch {
    pub(crate) bot: String,
    pub(crate) webhook: Webhook,
    pub(crate) api: BotApi,
    pub(crate) pool: Pool,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    /// Between two looks.
    pub(crate) every: Duration,
}

/// What is known of the webhook since this replica watches it.
#[derive(Default)]
struct Known {
    /// What Telegram said when it was set last.
    as_set: Option<WebhookInfo>,
    repairs: Repairs,
    /// The newest failed delivery that was told. Unix seconds.
    told_error: i64,
}

impl Watch {
    /// Watches whenever it is this replica's turn, until told to stop.
    pub(crate) async fn run(self, stop: CancellationToken) -> Result<(), Failure> {
        let what = format!("webhook {}", self.bot);
        let pause = || RETRY_LEAD.mul_f64(0.9 + 0.2 * self.ids.fraction());
        let turns = leader::take_turns(&self.pool, &what, pause, |leader| self.lead(leader));
        stop.run_until_cancelled(turns).await;
        Ok(())
    }

    async fn lead(&self, mut leader: Leader) {
        let mut link = BotLink::new(&self.pool, &self.bot, Mode::Webhook);
        let (mut known, mut failures) = (Known::default(), 0_u32);
        loop {
            if let Err(error) = leader.still().await {
                tracing::warn!(bot = %self.bot, error = %classify::chain(&error), "another replica may watch the webhook now");
                self.gauge("dragoman_webhook_taken", 0.0);
                self.gauge("dragoman_webhook_failing", 0.0);
                return;
            }
            let looked = self.look(&mut known).await;
            let (wrong, trouble) = match &looked {
                Ok(None) => (None, String::new()),
                Ok(Some(wrong)) => (Some(*wrong), wrong.told().to_owned()),
                Err(failure) => (None, failure.to_string()),
            };
            self.gauge("dragoman_webhook_taken", f64::from(u8::from(wrong.is_some())));
            self.gauge("dragoman_webhook_failing", f64::from(u8::from(looked.is_err())));
            link.note(&trouble).await;
            let pause = if let Err(failure) = &looked {
                failures += 1;
                let pause = FIRST.saturating_mul(2u32.saturating_pow(failures - 1)).min(self.every);
                let after_ms = pause.as_millis() as u64;
                tracing::warn!(bot = %self.bot, failures, after_ms, error = %failure, "the webhook could not be looked after");
                pause
            } else {
                failures = 0;
                self.every
            };
            tokio::time::sleep(pause.mul_f64(0.9 + 0.2 * self.ids.fraction())).await;
        }
    }

    /// One look, and a repair where it is due. What is wrong afterwards, and left so.
    async fn look(&self, known: &mut Known) -> Result<Option<Wrong>, Failure> {
        if known.as_set.is_none() {
            // The secret may have changed since somebody set it, which no look would tell.
            let info = self.webhook.set(&self.api).await?;
            tracing::info!(bot = %self.bot, url = self.webhook.url(), pending = info.pending_update_count, "the webhook is set");
            known.as_set = Some(info);
        }
        let info = self.api.get_webhook_info().await?;
        self.tell(&info, known);
        let Some(wrong) = self.webhook.compare(&info, known.as_set.as_ref()) else { return Ok(None) };
        if !known.repairs.take(self.clock.now_ms()) {
            tracing::error!(bot = %self.bot, why = wrong.as_str(), "{}; it is not set again for now", wrong.told());
            return Ok(Some(wrong));
        }
        tracing::warn!(bot = %self.bot, why = wrong.as_str(), "{}; it is set again", wrong.told());
        metrics::counter!(
            "dragoman_webhook_repairs_total", "bot" => self.bot.clone(), "why" => wrong.as_str()
        )
        .increment(1);
        let info = self.webhook.set(&self.api).await?;
        let still = self.webhook.compare(&info, None);
        if still.is_none() {
            known.as_set = Some(info);
        }
        Ok(still)
    }

    /// How many updates wait, and whether Telegram could not deliver one.
    fn tell(&self, info: &WebhookInfo, known: &mut Known) {
        #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52 updates wait")]
        self.gauge("dragoman_webhook_pending_updates", info.pending_update_count as f64);
        let Some(at) = info.last_error_date.filter(|at| *at > known.told_error) else { return };
        known.told_error = at;
        let error = info.last_error_message.as_deref().unwrap_or_default();
        tracing::warn!(bot = %self.bot, at, error, pending = info.pending_update_count, "telegram could not deliver an update");
    }

    fn gauge(&self, name: &'static str, value: f64) {
        metrics::gauge!(name, "bot" => self.bot.clone()).set(value);
    }
}
