//! Finds what a bot knows about a question: by its words, and where there are embeddings by its meaning too.

use std::collections::HashMap;
use std::sync::Arc;

use bot_folder::{BotFolder, Lang};
use classify::Failure;
use pg::{PgError, Pool};
use serde::Serialize;

use super::embeddings::Embeddings;
use super::fusion::by_reciprocal_rank;
use super::given::KnowledgeBase;
use super::relevance::{Term, WORTH_SHOWING, confidence};
use super::{fillers, given_key, key};
use crate::config::LlmConfig;
use crate::domain::language;
use crate::domain::mask::Mask;
use crate::domain::question::Source;
use crate::store::passages::{self, Found};

/// More of a message than this is not searched for.
const MOST_CHARS: usize = 2_000;
/// Sources handed on at most.
const MOST_SOURCES: usize = 8;
/// Passages that are looked up by further words than the rarest at most.
const MOST_LOOKED_UP: i64 = 500;

/// Whose knowledge is searched.
#[derive(Clone, Debug)]
pub(crate) struct Scope(Vec<String>);

impl Scope {
    /// A bot in one version, and what an administrator gave to it in every version.
    pub(crate) fn of(bot: &BotFolder) -> Self {
        Self(vec![key(bot), given_key(bot.name())])
    }

    /// What an administrator gave to the bot of this folder, alone.
    pub(super) fn of_given(folder: &str) -> Self {
        Self(vec![given_key(folder)])
    }

    #[cfg(test)]
    pub(super) fn named(name: &str) -> Self {
        Self(vec![name.to_owned(), given_key(name)])
    }
}

/// The search over everything that the bots know.
#[derive(Clone, Debug)]
pub(crate) struct Search {
    pool: Pool,
    embeddings: Option<Arc<Embeddings>>,
}

/// What a question finds, as it is shown to an administrator.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hit {
    /// From 0 to 1.
    pub confidence: f32,
    pub heading: String,
    pub text: String,
}

impl KnowledgeBase {
    /// What a question to this bot finds, the best first: in the folder as it is here, and in what was given.
    ///
    /// # Errors
    /// Settings that can not be worked with, or what the database refuses.
    pub async fn search(&self, config: &LlmConfig, bot: &str, text: &str) -> Result<Vec<Hit>, Failure> {
        let embeddings = Embeddings::build(&config.embeddings, &self.pool).await?;
        let search = Search::new(self.pool.clone(), embeddings);
        let folder = BotFolder::load(&config.bots_dir.join(bot)).ok();
        let scope = folder.as_ref().map_or_else(|| Scope::of_given(bot), Scope::of);
        let spoken = folder.as_ref().map_or_else(|| vec![Lang::EN, Lang::RU], |f| f.bot.languages.clone());
        let language = language::of_question(text, "", &spoken, spoken.first().copied().unwrap_or(Lang::EN));
        let found = search.find(&scope, language, text).await?;
        let hit = |source: Source| {
            let Source { confidence, heading, text, .. } = source;
            Hit { confidence, heading, text }
        };
        Ok(found.into_iter().map(hit).collect())
    }
}

/// A passage, and how surely it is about what is asked.
type Sure = (Found, f32);

impl Search {
    pub(crate) const fn new(pool: Pool, embeddings: Option<Arc<Embeddings>>) -> Self {
        Self { pool, embeddings }
    }

    /// The search by meaning, where there is one.
    pub(crate) const fn pool(&self) -> &Pool {
        &self.pool
    }

    pub(crate) fn embeddings(&self) -> Option<Arc<Embeddings>> {
        self.embeddings.clone()
    }

    /// The passages in this language that may answer `text`, the best first. By words alone, that is the surest.
    pub(crate) async fn find(
        &self,
        scope: &Scope,
        language: Lang,
        text: &str,
    ) -> Result<Vec<Source>, PgError> {
        self.find_hiding(scope, language, text, &Mask::default()).await
    }

    /// The same; what the masks of the conversation are of does not go out, if `text` does to be compared by its
    /// meaning.
    pub(crate) async fn find_hiding(
        &self,
        scope: &Scope,
        language: Lang,
        text: &str,
        mask: &Mask,
    ) -> Result<Vec<Source>, PgError> {
        let asked = sentences(text);
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let by_words = self.by_words(scope, language, &asked);
        let (by_words, by_meaning) = tokio::join!(by_words, self.by_meaning(scope, language, text, mask));
        let mut found = joined(by_words?, by_meaning);
        found.truncate(MOST_SOURCES);
        Ok(found
            .into_iter()
            .map(|(passage, confidence)| Source {
                kind: passage.kind,
                title: passage.title,
                heading: passage.heading,
                text: passage.body,
                confidence,
            })
            .collect())
    }

    /// The surest first.
    async fn by_words(&self, scope: &Scope, language: Lang, asked: &[String]) -> Result<Vec<Sure>, PgError> {
        let lexemes = passages::lexemes(&self.pool, &scope.0, language, asked).await?;
        let mut terms: Vec<Term> = Vec::new();
        let mut sentences = vec![Vec::new(); asked.len()];
        let mut holding: Vec<(i64, String)> = Vec::new();
        for found in lexemes.found {
            let place = terms.iter().position(|term| term.lexeme == found.lexeme).unwrap_or_else(|| {
                holding.push((found.holding, found.lexeme.clone()));
                terms.push(Term::new(found.lexeme, found.holding, lexemes.passages));
                terms.len() - 1
            });
            if let Some(sentence) = sentences.get_mut(found.sentence) {
                sentence.push(place);
            }
        }
        if terms.is_empty() {
            return Ok(Vec::new());
        }
        let words: Vec<String> = terms.iter().map(|term| term.lexeme.clone()).collect();
        let rarest = rarest(holding);
        let mut ranked = Vec::new();
        for candidate in passages::candidates(&self.pool, &scope.0, language, &rarest, &words).await? {
            let sure = confidence(&sentences, &terms, &candidate.matched, &candidate.headed);
            if sure >= WORTH_SHOWING {
                ranked.push((sure, candidate));
            }
        }
        // Where two hold the same words, the one that holds them closer together.
        ranked.sort_by(|(a, x), (b, y)| b.total_cmp(a).then(y.rank.total_cmp(&x.rank)));
        Ok(ranked.into_iter().map(|(sure, candidate)| (candidate.passage, sure)).collect())
    }

    /// The nearest first. Nothing where that can not be told: an answer does not wait or fail for it.
    async fn by_meaning(&self, scope: &Scope, language: Lang, text: &str, mask: &Mask) -> Vec<Sure> {
        let Some(embeddings) = &self.embeddings else { return Vec::new() };
        let Some(asked) = embeddings.of_question(text, mask).await else { return Vec::new() };
        match embeddings.vectors().nearest(&scope.0, language, &asked).await {
            Ok(nearest) => {
                let sure = nearest.into_iter().map(|(found, near)| (found, embeddings.confidence(near)));
                sure.filter(|(_, sure)| *sure >= WORTH_SHOWING).collect()
            }
            Err(error) => {
                let error = classify::chain(&error);
                tracing::warn!(error, "the search by meaning failed; the words alone are searched");
                Vec::new()
            }
        }
    }
}

/// The words by which passages are looked up: the rarest, as long as not too many passages hold them. A passage that
/// holds none of these is not sure, for what it holds is in many; and to rank thousands for a common word takes long.
fn rarest(mut holding: Vec<(i64, String)>) -> Vec<String> {
    holding.retain(|(passages, _)| *passages > 0);
    holding.sort();
    let mut all = 0;
    let few = holding.into_iter().enumerate().take_while(|(nth, (passages, _))| {
        all += passages;
        *nth == 0 || all <= MOST_LOOKED_UP
    });
    few.map(|(_, (_, lexeme))| lexeme).collect()
}

/// Both lists as one. A passage is as sure as the list that is surer of it.
fn joined(by_words: Vec<Sure>, by_meaning: Vec<Sure>) -> Vec<Sure> {
    if by_meaning.is_empty() {
        return by_words;
    }
    let ids = |list: &[Sure]| list.iter().map(|(found, _)| found.id).collect::<Vec<_>>();
    let order = by_reciprocal_rank(&[ids(&by_words), ids(&by_meaning)]);
    let mut all: HashMap<i64, Sure> = HashMap::new();
    for (found, sure) in by_words.into_iter().chain(by_meaning) {
        let known = all.entry(found.id).or_insert((found, sure));
        known.1 = known.1.max(sure);
    }
    order.into_iter().filter_map(|id| all.remove(&id)).collect()
}

/// The sentences of a message, without words of asking, as far as anything is left of them.
fn sentences(text: &str) -> Vec<String> {
    // Postgres takes no NUL in a text.
    let text: String = text.chars().filter(|c| *c != '\0').take(MOST_CHARS).collect();
    let mut sentences = Vec::new();
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let end = rest
            .char_indices()
            .find(|&(at, c)| {
                let next_is_space = rest[at + c.len_utf8()..].chars().next().is_none_or(char::is_whitespace);
                matches!(c, '!' | '?' | ';' | '\n') || c == '.' && next_is_space
            })
            .map_or(rest.len(), |(at, c)| at + c.len_utf8());
        sentences.push(fillers::without(&rest[..end]));
        rest = &rest[end..];
    }
    sentences.retain(|sentence| sentence.chars().any(char::is_alphanumeric));
    sentences
}

#[cfg(test)]
mod unit_tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn common_words_are_not_looked_up_where_rarer_ones_are_there() {
        let words =
            |list: &[(i64, &str)]| rarest(list.iter().map(|(n, word)| (*n, (*word).to_owned())).collect());
        assert_eq!(words(&[(400, "work"), (0, "xyz"), (3, "bot"), (90, "cost")]), ["bot", "cost", "work"]);
        assert_eq!(words(&[(450, "work"), (3, "bot"), (90, "cost")]), ["bot", "cost"]);
        assert_eq!(words(&[(9_000, "work"), (9_500, "we")]), ["work"]);
        assert!(words(&[(0, "xyz")]).is_empty());
    }

    #[test]
    fn greetings_are_no_sentences_and_names_with_dots_are_whole() {
        let cut = sentences("Привет! Вы делаете сайты на Next.js? Спасибо.");
        assert_eq!(cut.iter().map(|s| s.trim()).collect::<Vec<_>>(), ["делаете сайты на Next.js?"]);
    }

    proptest! {
        #[test]
        fn any_text_is_cut_without_panic(text in ".{0,200}") {
            prop_assert!(sentences(&text).iter().all(|sentence| !sentence.contains('\0')));
        }
    }
}
