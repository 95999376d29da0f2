//! Words with which people ask and greet, in Russian and English: they say nothing about what is asked, and
//! the lists of the full-text search do not hold them.

/// `ё` is `е`; sorted by language, then by what they are for.
const FILLERS: &[&str] = &[
    // Greetings and thanks
    "здравствуйте",
    "здравствуй",
    "привет",
    "приветствую",
    "добрый",
    "доброе",
    "доброго",
    "день",
    "дня",
    "утро",
    "вечер",
    "вечера",
    "пожалуйста",
    "спасибо",
    "плиз",
    "hello",
    "hi",
    "hey",
    "good",
    "morning",
    "evening",
    "afternoon",
    "please",
    "pls",
    "thanks",
    "thank",
    "dear",
    // Asking to be told
    "подскажите",
    "подскажи",
    "скажите",
    "скажи",
    "расскажите",
    "расскажи",
    "объясните",
    "объясни",
    "покажите",
    "покажи",
    "ответьте",
    "поясните",
    "интересует",
    "интересуют",
    "интересно",
    "хочу",
    "хотел",
    "хотела",
    "хотелось",
    "хотели",
    "узнать",
    "понять",
    "знать",
    "знаете",
    "вопрос",
    "можно",
    "можете",
    "можешь",
    "могу",
    "можем",
    "нужно",
    "нужен",
    "нужна",
    "нужны",
    "надо",
    "tell",
    "explain",
    "show",
    "describe",
    "know",
    "wonder",
    "wondering",
    "interested",
    "want",
    "need",
    "like",
    "would",
    "could",
    "can",
    "may",
    "question",
    "ask",
    "let",
    "help",
    "understand",
    "get",
    "give",
    "got",
    // Words of question
    "сколько",
    "скока",
    "какой",
    "какая",
    "какое",
    "какие",
    "каких",
    "каким",
    "какова",
    "каков",
    "каковы",
    "как",
    "кто",
    "что",
    "где",
    "когда",
    "куда",
    "откуда",
    "почему",
    "зачем",
    "чем",
    "который",
    "которые",
    "ли",
    "есть",
    "much",
    "many",
    "long",
    "which",
    "what",
    "who",
    "whom",
    "whose",
    "where",
    "when",
    "why",
    "how",
    "происходит",
    "происходят",
    "бывает",
    "будет",
    "будут",
    "если",
    "happens",
    "happen",
    "going",
    // Standing for somebody or something
    "вы",
    "вас",
    "вам",
    "вами",
    "ваш",
    "ваша",
    "ваше",
    "ваши",
    "вашей",
    "вашего",
    "ваших",
    "ты",
    "тебя",
    "твой",
    "мы",
    "нам",
    "нас",
    "наш",
    "мне",
    "меня",
    "мой",
    "это",
    "этот",
    "эта",
    "эти",
    "такой",
    "такое",
    "такие",
    "something",
    "anything",
    "thing",
    "things",
    "someone",
    "also",
    "и",
    "или",
    "примерно",
    "вообще",
    "обычно",
    "usually",
    "approximately",
    "roughly",
    "about",
];

/// The text without these words. Case, punctuation and the order of the rest stay.
pub(super) fn without(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for word in text.split_inclusive(|c: char| !c.is_alphanumeric()) {
        let bare: String = word
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .map(|c| if c == 'ё' { 'е' } else { c })
            .collect();
        if FILLERS.contains(&bare.as_str()) {
            kept.push_str(&word[word.trim_end_matches(|c: char| !c.is_alphanumeric()).len()..]);
        } else {
            kept.push_str(word);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_stays() {
        assert_eq!(
            without("Здравствуйте! Подскажите, сколько стоит бот?").trim_matches([' ', '!', ',']),
            "стоит бот?"
        );
        assert_eq!(without("How much is a chat-bot?").trim(), "is a chat-bot?");
        assert_eq!(without("Всё ещё"), "Всё ещё");
    }
}
