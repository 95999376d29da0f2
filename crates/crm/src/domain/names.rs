//! What the names of ours stand for, for people who write a mapping.

/// A name of ours in words.
pub(crate) struct Ours {
    pub(crate) name: &'static str,
    pub(crate) english: &'static str,
    pub(crate) russian: &'static str,
}

const fn ours(name: &'static str, english: &'static str, russian: &'static str) -> Ours {
    Ours { name, english, russian }
}

/// All of them but `answers.<field>`, in the order in which people look for them.
pub(crate) const OURS: [Ours; 22] = [
    ours("name", "the person's name", "имя клиента"),
    ours("phone", "their phone", "телефон"),
    ours("email", "their e-mail", "эл. почта"),
    ours("telegram_username", "their name in Telegram, without the @", "имя в Telegram, без @"),
    ours("telegram_user_id", "the number of their Telegram account", "номер аккаунта в Telegram"),
    ours("temperature", "hot, warm or cold", "hot, warm или cold: насколько горяча заявка"),
    ours("score", "the score, a number", "оценка, число"),
    ours("why", "the score with its reasons, line by line", "оценка с причинами, по строкам"),
    ours("answers", "all answers, line by line", "все ответы, по строкам"),
    ours("summary", "all that is known, as in the note", "всё, что известно, как в примечании"),
    ours("files", "names of the files that came with it", "имена присланных файлов"),
    ours("bot", "the bot", "бот"),
    ours("flow", "the flow that was gone through", "пройденный сценарий"),
    ours("language", "the language: en, ru …", "язык: en, ru …"),
    ours("utm_source", "where the person came from (utm_source)", "источник (utm_source)"),
    ours("utm_medium", "kind of the link (utm_medium)", "вид ссылки (utm_medium)"),
    ours("utm_campaign", "campaign (utm_campaign)", "кампания (utm_campaign)"),
    ours("utm_content", "which link of the campaign (utm_content)", "вариант ссылки (utm_content)"),
    ours("utm_term", "search word (utm_term)", "поисковое слово (utm_term)"),
    ours("start_payload", "the start link's payload, as it came", "параметр стартовой ссылки, как пришёл"),
    ours("lead_id", "the id of our lead", "номер заявки у нас"),
    ours("conversation_id", "the id of the conversation", "номер диалога"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::lead::NAMES;

    #[test]
    fn every_name_has_its_words_and_no_other_has() {
        let told: BTreeSet<&str> = OURS.iter().map(|ours| ours.name).collect();
        assert_eq!(told, NAMES.into_iter().collect());
        assert!(OURS.iter().all(|ours| !ours.english.is_empty() && !ours.russian.is_empty()));
    }
}
