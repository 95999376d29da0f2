//! A model drafts the answer to what nobody could answer. Nobody is sent it: an administrator reads it first.

use std::time::Duration;

use bot_folder::Lang;
use bus::outbox::Outbox;
use classify::{Class, Failure};
use ids::{Pii, Uuid};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{BLANK, Gap, scope};
use crate::answering::{Asked, Asker, Once, Till};
use crate::config::LlmConfig;
use crate::domain::answer::Reply;
use crate::domain::claims;
use crate::domain::leak::OwnWords;
use crate::domain::question::{Memory, Question, Source, Turn};
use crate::knowledge::given::KnowledgeBase;
use crate::knowledge::search::Search;
use crate::money::{Money, Who};
use crate::providers::Tools;
use crate::routing::Wish;
use crate::store::gaps;

/// Questions that the model is shown.
const MOST_SHOWN: usize = 8;

/// The bots' own prompts are for talking to people.
const PROMPT: &str = "You draft an entry of the knowledge base of a business, for its owner to complete and approve. \
Below are questions of customers that nobody could answer. Write the one answer to all of them, in at most 120 words, as \
the business would say it. Where you would need a fact that no source has (a price, a date, a yes or no), write ____ in \
its place instead of refusing: the owner fills it in.\n";

impl KnowledgeBase {
    /// Has an answer drafted, and keeps it with the gap.
    ///
    /// # Errors
    /// There is no such gap, no model is configured, or what the database refuses. That the model fails is told
    /// with the gap.
    pub async fn draft(&self, config: &LlmConfig, id: Uuid) -> Result<Gap, Failure> {
        let gap = self.gap(id).await?;
        let tools = Tools { clock: self.clock.clone(), ids: self.ids.clone() };
        let asker = Asker::build(config, &tools)
            .map_err(|error| Failure::new(Class::Invalid, classify::chain(&error)))?;
        if !asker.has_models() {
            let why =
                "no model is configured to draft with; write the answer yourself and approve it with --text";
            return Err(Failure::new(Class::Invalid, why));
        }
        let question = self.question(config, &gap).await?;
        let (draft, problem) = match self.ask(config, &asker, &gap.bot, &question).await? {
            Once::Answered(answer) => match answer.reply {
                Reply::Text { text, .. } => {
                    let unfounded = claims::unfounded(&text, &question.words_of_sources(), &[]);
                    let problem = unfounded.map(|claim| {
                        format!("it names a {claim} that no source has ({}): check it", claim.said())
                    });
                    (Some(text), problem)
                }
                Reply::Unknown => (None, Some("the model found nothing to say about it".to_owned())),
                Reply::Empty(why) => (None, Some(why.to_owned())),
            },
            Once::Failed(error) => (None, Some(classify::chain(&error))),
            Once::Refused(refusal) => {
                let resets_at = refusal.resets_at;
                (None, Some(format!("the budget is used up; it begins anew at {resets_at:.0}")))
            }
            Once::Ended => (None, None),
        };
        gaps::draft(&self.pool, id, draft.as_deref(), problem.as_deref()).await?;
        self.gap(id).await
    }

    /// One call, booked as those of the workers are.
    async fn ask(
        &self,
        config: &LlmConfig,
        asker: &Asker,
        bot: &str,
        question: &Question,
    ) -> Result<Once, Failure> {
        let (pool, clock, ids) = (self.pool.clone(), self.clock.clone(), self.ids.clone());
        let money = Money::new(pool, clock, ids, Outbox::default(), config.money.clone())
            .map_err(|error| Failure::new(Class::Invalid, classify::chain(&error)))?;
        let till =
            Till { money: money.clone(), max_tokens: config.max_tokens, prompt_tokens: config.prompt_tokens };
        let (stop, who) = (CancellationToken::new(), Who { bot: bot.to_owned(), ..Who::default() });
        let books = tokio::spawn(money.run(stop.clone()));
        let request_id = format!("gap-{}", self.ids.uuid());
        let deadline = Instant::now() + Duration::from_millis(config.answer_timeout_ms);
        let asked =
            Asked { question, request_id: &request_id, who: &who, wish: Wish::None, deadline, viewer: None };
        let once = till.once(asker, asked, "gap_draft", &self.clock).await;
        stop.cancel();
        // What it has cost is written before this ends.
        books.await.map_err(|error| Failure::new(Class::Permanent, error))??;
        once
    }

    async fn question(&self, config: &LlmConfig, gap: &Gap) -> Result<Question, Failure> {
        let language = Lang::of_tag(&gap.language).unwrap_or(Lang::EN);
        let search = Search::new(self.pool.clone(), None);
        let scope = scope(config, &gap.bot);
        let shown: Vec<&String> = gap.examples.iter().take(MOST_SHOWN).collect();
        let mut sources: Vec<Source> = Vec::new();
        for asked in &shown {
            for source in search.find(&scope, language, asked).await? {
                if !sources.iter().any(|known| known.text == source.text) {
                    sources.push(source);
                }
            }
        }
        let asked = shown.iter().map(|asked| format!("- {asked}")).collect::<Vec<_>>().join("\n");
        let turns = vec![Turn { by_person: true, text: Pii::new(asked) }];
        debug_assert!(PROMPT.contains(BLANK));
        let (memory, own) = (Memory::default(), OwnWords::default());
        Ok(Question { language, prompt: PROMPT.to_owned(), turns, sources, memory, own })
    }
}
