//! Finds what a bot knows about a question.

use bot_folder::Lang;
use pg::{PgError, Pool};

use super::fillers;
use super::relevance::{Term, WORTH_SHOWING, confidence};
use crate::domain::question::Source;
use crate::store::passages;

/// More of a message than this is not searched for.
const MOST_CHARS: usize = 2_000;
/// Sources handed on at most.
const MOST_SOURCES: usize = 8;

/// The passages of this bot, in this language, that may answer `text`; the surest first.
pub(crate) async fn find(pool: &Pool, bot: &str, language: Lang, text: &str) -> Result<Vec<Source>, PgError> {
    let asked = sentences(text);
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let lexemes = passages::lexemes(pool, bot, language, &asked).await?;
    let mut terms: Vec<Term> = Vec::new();
    let mut sentences = vec![Vec::new(); asked.len()];
    for found in lexemes.found {
        let place = terms.iter().position(|term| term.lexeme == found.lexeme).unwrap_or_else(|| {
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
    let mut ranked = Vec::new();
    for candidate in passages::candidates(pool, bot, language, &words).await? {
        let sure = confidence(&sentences, &terms, &candidate.matched, &candidate.headed);
        if sure >= WORTH_SHOWING {
            ranked.push((sure, candidate));
        }
    }
    // Where two hold the same words, the one that holds them closer together.
    ranked.sort_by(|(a, x), (b, y)| b.total_cmp(a).then(y.rank.total_cmp(&x.rank)));
    ranked.truncate(MOST_SOURCES);
    Ok(ranked
        .into_iter()
        .map(|(confidence, found)| Source {
            kind: found.kind,
            title: found.title,
            heading: found.heading,
            text: found.body,
            confidence,
        })
        .collect())
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
