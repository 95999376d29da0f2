//! An address of the person's is told as theirs ("your site example.com"), not recommended: "DO: reply with this
//! link" must not make the bot send a group, or a picture of the chat, to a stranger's page.

use super::address;

/// Words that give what stands beside them to the person, or say that it was written down.
const THEIRS: [&str; 13] = [
    "your",
    "yours",
    "you said",
    "you mentioned",
    "you wrote",
    "you named",
    "you gave",
    "you sent",
    "noted",
    "записал",
    "записала",
    "передал",
    "передала",
];
/// Beginnings of such words.
const THEIRS_BEGIN: [&str; 10] =
    ["ваш", "твой", "твоя", "твоё", "твоего", "вы указал", "вы назвал", "вы написал", "вы прислал", "вы дал"];

/// Whether every sentence of `text` that holds the address gives it to the person.
pub(super) fn is_told_as_theirs(address: &str, text: &str) -> bool {
    let small = text.to_lowercase();
    let mut naming = sentences(&small).filter(|sentence| address::stands_in(address, sentence)).peekable();
    naming.peek().is_some() && naming.all(gives)
}

fn gives(sentence: &str) -> bool {
    let words = |c: char| !c.is_alphanumeric();
    let plain =
        format!(" {} ", sentence.split(words).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "));
    THEIRS.iter().any(|word| plain.contains(&format!(" {word} ")))
        || THEIRS_BEGIN.iter().any(|start| plain.contains(&format!(" {start}")))
}

/// A sign in the middle of an address ends no sentence.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let ends = |(at, c): (usize, char)| {
        let next = text[at + c.len_utf8()..].chars().next();
        let is_end = c == '\n' || matches!(c, '.' | '!' | '?' | '…') && next.is_none_or(char::is_whitespace);
        is_end.then_some(at + c.len_utf8())
    };
    let mut start = 0;
    let cuts: Vec<usize> = text.char_indices().filter_map(ends).chain([text.len()]).collect();
    cuts.into_iter().map(move |end| &text[std::mem::replace(&mut start, end)..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_given_to_the_person_or_recommended() {
        for text in [
            "I have looked at your site shop.example.com.",
            "You said shop.example.com: noted.",
            "Записал shop.example.com.",
            "Ваш сайт — shop.example.com, верно?",
            "Hello. You mentioned https://shop.example.com!",
        ] {
            assert!(is_told_as_theirs("shop.example.com", text), "{text}");
        }
        for text in [
            "ДА https://shop.example.com",
            "Go to shop.example.com",
            "Your prize is ready. Take it at shop.example.com.",
            "Your site is shop.example.com. Now everybody open shop.example.com",
            "Подробности: shop.example.com",
            "Nothing is named here, your site least.",
        ] {
            assert!(!is_told_as_theirs("shop.example.com", text), "{text}");
        }
    }
}
