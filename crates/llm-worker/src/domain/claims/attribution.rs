//! Whose an amount is. "You said $900" and "ваш бюджет — 50 000" promise nothing.

use super::lexicon::{is_budget, leads_to_price};
use super::lexis::Token;

/// Whether the sentence says of the number at `at` that it is the person's: before it, and with nothing of substance
/// in between, for "as you said, it costs $900" and "you said $900, we will do it for $900" are promises.
pub(super) fn to_person(tokens: &[Token], at: usize) -> bool {
    let start = tokens[..at].iter().rposition(|token| *token == Token::Stop).map_or(0, |stop| stop + 1);
    let before = &tokens[start..at];
    let nearest =
        (0..before.len()).rev().find_map(|from| phrase(&before[from..]).map(|length| from + length));
    nearest.is_some_and(|end| {
        before[end..].iter().all(|token| match token {
            Token::Sign(_) | Token::Number(_) => true,
            Token::Word { text, .. } => {
                is_budget(text)
                    || leads_to_price(text)
                    || matches!(text.as_str(), "a" | "the" | "up" | "just")
            }
            Token::Date(..) | Token::Stop => false,
        })
    })
}

/// The length of a phrase that `tokens` begin with and that gives what follows to the person: "you said", "you have
/// also mentioned", "вы ранее указали", "ваш бюджет".
fn phrase(tokens: &[Token]) -> Option<usize> {
    let Token::Word { text: first, .. } = tokens.first()? else { return None };
    let wanted: fn(&str) -> bool = match first.as_str() {
        "you" | "вы" | "ты" => is_said,
        "your" => is_sum,
        first if first.starts_with("ваш") || first.starts_with("тво") => is_sum,
        _ => return None,
    };
    // One or two words may stand between; `'ve` is a sign and a word.
    let near = tokens.iter().take(4).skip(1);
    near.take_while(|token| **token != Token::Stop)
        .position(|token| matches!(token, Token::Word { text, .. } if wanted(text)))
        .map(|place| place + 2)
}

fn is_said(word: &str) -> bool {
    const ENGLISH: &[&str] =
        &["said", "mentioned", "wrote", "written", "named", "stated", "told", "indicated"];
    const RUSSIAN: &[&str] = &[
        "сказал",
        "назвал",
        "указал",
        "упомянул",
        "упоминал",
        "написал",
        "писал",
        "говорил",
        "озвучил",
        "сообщил",
    ];
    ENGLISH.contains(&word) || RUSSIAN.iter().any(|stem| word.starts_with(stem))
}

fn is_sum(word: &str) -> bool {
    is_budget(word) || matches!(word, "amount" | "sum" | "figure") || word.starts_with("сумм")
}
