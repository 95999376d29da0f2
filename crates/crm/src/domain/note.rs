//! What a salesperson reads on the deal.

use ids::Pii;

use super::deal::Note;
use super::lead::Lead;

/// Bytes of a note at most; the shortest limit of the CRMs here is far above it.
const LONGEST: usize = 20_000;

/// All that is known of a lead.
pub(crate) fn of_lead(lead: &Lead, mark: &str) -> Note {
    let words = Words::of(&lead.language);
    let mut lines = vec![format!("{} {}", words.from, lead.bot)];
    let username = if lead.telegram_username.is_empty() {
        String::new()
    } else {
        format!("@{}", lead.telegram_username)
    };
    let who = [lead.name.clone(), username, lead.phone.clone(), lead.email.clone()];
    lines.push(who.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" · "));
    lines.extend(lead.answers.iter().map(|answer| format!("{}: {}", answer.field, answer.text)));
    if !lead.why.is_empty() {
        lines.push(String::new());
        lines.extend(lead.why.iter().cloned());
    }
    if !lead.files.is_empty() {
        lines.push(format!("{}: {}", words.files, lead.files.join(", ")));
    }
    let utm = [&lead.utm_source, &lead.utm_medium, &lead.utm_campaign, &lead.utm_content, &lead.utm_term];
    let utm: Vec<&str> = utm.into_iter().filter(|part| !part.is_empty()).map(String::as_str).collect();
    if !utm.is_empty() {
        lines.push(format!("UTM: {}", utm.join(" / ")));
    }
    note(&lines.join("\n"), mark)
}

/// A human took the conversation over, or was called.
pub(crate) fn of_handoff(language: &str, reason: &str, brief: &str, mark: &str) -> Note {
    let words = Words::of(language);
    note(&format!("{} ({reason})\n\n{brief}", words.called), mark)
}

pub(super) fn note(text: &str, mark: &str) -> Note {
    Note { mark: mark.to_owned(), text: Pii::new(text[..text.floor_char_boundary(LONGEST)].to_owned()) }
}

struct Words {
    from: &'static str,
    files: &'static str,
    called: &'static str,
}

impl Words {
    fn of(language: &str) -> Self {
        if language.starts_with("ru") {
            return Self {
                from: "Заявка из Telegram, бот",
                files: "Файлы",
                called: "Клиент позвал человека",
            };
        }
        Self { from: "Lead from Telegram, bot", files: "Files", called: "A human was called" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::lead::Answer;

    #[test]
    fn a_note_says_who_what_and_why() {
        let lead = Lead {
            bot: "sales".to_owned(),
            language: "ru".to_owned(),
            name: "Ада".to_owned(),
            telegram_username: "ada".to_owned(),
            phone: "+79129876543".to_owned(),
            answers: vec![Answer {
                field: "type".to_owned(),
                value: "crm".to_owned(),
                text: "CRM для автосервиса".to_owned(),
            }],
            why: vec!["hot: 90".to_owned(), "+40 budget — “5-7k usd”".to_owned()],
            utm_source: "tg_ads".to_owned(),
            files: vec!["brief.pdf".to_owned()],
            ..Lead::default()
        };
        assert_eq!(
            of_lead(&lead, "m").text.expose(),
            "Заявка из Telegram, бот sales\nАда · @ada · +79129876543\ntype: CRM для автосервиса\n\nhot: 90\n\
             +40 budget — “5-7k usd”\nФайлы: brief.pdf\nUTM: tg_ads"
        );
        assert!(of_handoff("en", "asked", &"ю".repeat(20_000), "m").text.expose().len() <= LONGEST);
    }
}
