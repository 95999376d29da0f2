//! An answer to what nobody could answer: it is searched together with the questions, so that whoever asks the same finds it,
//! and the gap is closed once they do.

use bot_folder::Lang;
use classify::{Class, Failure};
use ids::Uuid;
use pg::PgError;
use serde::Serialize;

use super::{BLANK, Gap, asked, closed, scope};
use crate::config::LlmConfig;
use crate::domain::mask::has_mask;
use crate::domain::question::Source;
use crate::knowledge::SURE;
use crate::knowledge::given::{Given, KnowledgeBase};
use crate::knowledge::search::Search;
use crate::store::gaps::{self, OfGap};
use crate::store::given;

/// Questions that are asked again when their answer is approved, at most.
const MOST_ASKED_AGAIN: usize = 50;

/// What came of an approval.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Approved {
    pub document: Given,
    /// Questions that were asked again.
    pub asked_again: usize,
    /// Of them, those that are now answered with it. Where there are none the gap stays open.
    pub answered: usize,
    /// What one of the others finds instead, if it finds anything that is sure.
    pub found_instead: Option<String>,
}

impl KnowledgeBase {
    /// Makes an answer a part of what the bot knows: the draft, or `text` instead of it, under `title`, or else under the
    /// first question that has nobody's data in it. It is found by the questions. Where none of them finds it the gap stays open, and the
    /// next answer replaces this one.
    ///
    /// # Errors
    /// There is no such gap open, there is no draft, it has blanks, a mask stands in it or in the title, or what the database refuses.
    pub async fn approve(
        &self,
        config: &LlmConfig,
        id: Uuid,
        text: Option<&str>,
        title: Option<&str>,
    ) -> Result<Approved, Failure> {
        let gap = self.gap(id).await?;
        let Some(answer) = text.or(gap.draft.as_deref()).map(str::trim).filter(|text| !text.is_empty())
        else {
            let why = "there is no draft; let one be drafted first, or give the answer with --text";
            return Err(Failure::new(Class::Invalid, why));
        };
        if answer.contains(BLANK) {
            let why = "the draft has blanks (____); give the answer with --text, with what belongs there";
            return Err(Failure::new(Class::Invalid, why));
        }
        let title = title.map(str::trim).filter(|title| !title.is_empty());
        if title.is_some_and(has_mask) || has_mask(answer) {
            let why =
                "a mask such as <NAME_1> stands for somebody's data; give --title and --text without one";
            return Err(Failure::new(Class::Invalid, why));
        }
        let mut tx = self.pool.begin().await.map_err(PgError::from)?;
        let questions = gaps::questions_in_tx(&mut tx, id).await?;
        let title = title.map_or_else(|| heading(&questions, &gap, answer), str::to_owned);
        let document = self.add_answer_in_tx(&mut tx, &gap.bot, &title, &gap.language, answer).await?;
        if !gaps::answer_in_tx(&mut tx, id, document.id).await? {
            return Err(closed(&gap));
        }
        if let Some(before) = gap.given_id.filter(|before| *before != document.id) {
            given::remove_unused_answer_in_tx(&mut tx, before).await?;
        }
        gaps::index_in_tx(&mut tx, document.id).await?;
        tx.commit().await.map_err(PgError::from)?;
        let approved = self.ask_again(config, &gap, document, &questions).await?;
        if approved.answered > 0 {
            let mut tx = self.pool.begin().await.map_err(PgError::from)?;
            let (given, now) = (Some(approved.document.id), self.clock.now());
            if !gaps::close_in_tx(&mut tx, id, "approved", given, now).await? {
                return Err(closed(&gap));
            }
            tx.commit().await.map_err(PgError::from)?;
        }
        Ok(approved)
    }

    /// Asks as people will: each question in its own language, over all that the bot knows.
    async fn ask_again(
        &self,
        config: &LlmConfig,
        gap: &Gap,
        document: Given,
        questions: &[OfGap],
    ) -> Result<Approved, Failure> {
        let (search, scope) = (Search::new(self.pool.clone(), None), scope(config, &gap.bot));
        let mut approved = Approved { document, asked_again: 0, answered: 0, found_instead: None };
        for question in questions.iter().take(MOST_ASKED_AGAIN) {
            let language = Lang::of_tag(&question.language).unwrap_or(Lang::EN);
            let found = search.find(&scope, language, &asked::bare(&question.text)).await?;
            approved.asked_again += 1;
            let is_ours = |source: &&Source| source.title == approved.document.title;
            let ours = found.iter().find(is_ours).map_or(0.0, |source| source.confidence);
            let better = found.iter().find(|source| source.confidence >= SURE && source.confidence > ours);
            match better {
                Some(source) => approved.found_instead = Some(source.heading.clone()),
                None if ours >= SURE => approved.answered += 1,
                None => {}
            }
        }
        Ok(approved)
    }
}

/// Of the questions in the language of the answer.
fn heading(questions: &[OfGap], gap: &Gap, answer: &str) -> String {
    let same = questions.iter().filter(|question| question.language == gap.language);
    asked::heading(&same.map(|question| question.text.clone()).collect::<Vec<_>>(), answer)
}
