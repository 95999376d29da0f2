//! Several things that happened to a lead, told in one note.

use ids::Timestamp;

use super::deal::Note;
use super::later::{File, Happened, Later, Rescored};
use super::note::note;

/// In their order; changes of the score that follow each other are one line. `mark` is that of the first.
pub(crate) fn of_later(news: &[Later], mark: &str) -> Note {
    let words = Words::of(news.first().map_or("", |later| later.language.as_str()));
    let mut parts: Vec<(i64, String)> = Vec::new();
    let mut rest = news;
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        let text = match &first.what {
            Happened::Files(files) => words.of_files(files),
            Happened::Closed { reason, by_person, by_bot, last_ms } => {
                words.of_closed(reason, (*by_person, *by_bot), *last_ms)
            }
            Happened::Taken { agent } => words.of_taken(agent),
            Happened::Returned => words.returned.to_owned(),
            Happened::Rescored(change) => {
                let mut run = vec![change];
                while let Some((Later { what: Happened::Rescored(next), .. }, behind)) = rest.split_first() {
                    run.push(next);
                    rest = behind;
                }
                words.of_score(&run)
            }
        };
        parts.push((first.at_ms, text));
    }
    let text = match &parts[..] {
        [(_, only)] => only.clone(),
        // The moment of the note is not theirs.
        _ => {
            parts.iter().map(|(at, text)| format!("{}\n{text}", moment(*at))).collect::<Vec<_>>().join("\n\n")
        }
    };
    note(&text, mark)
}

fn moment(at_ms: i64) -> String {
    let at = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// With one figure behind the point, in what people read: `2.0 KB`.
fn size(bytes: i64, words: &Words) -> String {
    let [kilo, mega] = words.sizes;
    match bytes.max(0) {
        0 => String::new(),
        bytes if bytes < 1_000_000 => format!(", {}.{} {kilo}", bytes / 1_000, bytes % 1_000 / 100),
        bytes => format!(", {}.{} {mega}", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

struct Words {
    files: &'static str,
    file_id: &'static str,
    sizes: [&'static str; 2],
    closed: &'static str,
    /// By the reasons of the event.
    reasons: [(&'static str, &'static str); 4],
    said: [&'static str; 3],
    score: &'static str,
    temperatures: [(&'static str, &'static str); 3],
    taken: &'static str,
    somebody: &'static str,
    returned: &'static str,
}

impl Words {
    fn of(language: &str) -> Self {
        if language.starts_with("ru") {
            return Self {
                files: "Клиент прислал файлы",
                file_id: "файл",
                sizes: ["КБ", "МБ"],
                closed: "Разговор завершён",
                reasons: [
                    ("blocked", "клиент заблокировал бота"),
                    ("left", "бота удалили из чата"),
                    ("chat_not_found", "чата больше нет"),
                    ("idle", "долго никто не писал"),
                ],
                said: ["сообщений клиента", "бота", "последнее"],
                score: "Оценка изменилась",
                temperatures: [("hot", "горячий"), ("warm", "тёплый"), ("cold", "холодный")],
                taken: "Разговор с клиентом ведёт",
                somebody: "сотрудник",
                returned: "Разговор с клиентом снова ведёт бот",
            };
        }
        Self {
            files: "The person sent files",
            file_id: "file",
            sizes: ["KB", "MB"],
            closed: "The conversation is closed",
            reasons: [
                ("blocked", "the person has blocked the bot"),
                ("left", "the bot was removed from the chat"),
                ("chat_not_found", "the chat is not there any more"),
                ("idle", "nothing was said for a long time"),
            ],
            said: ["messages of the person", "of the bot", "the last one"],
            score: "The score changed",
            temperatures: [("hot", "hot"), ("warm", "warm"), ("cold", "cold")],
            taken: "The conversation was taken over by",
            somebody: "a colleague",
            returned: "The bot leads the conversation again",
        }
    }

    /// The id is what a link to it is given out by; the link itself would open the file for whoever reads the CRM's log.
    fn of_files(&self, files: &[File]) -> String {
        let line = |file: &File| {
            let (kind, size) = (&file.media_type, size(file.size_bytes, self));
            format!("• {} — {kind}{size} ({} {})", file.name, self.file_id, file.id)
        };
        let lines: Vec<String> = files.iter().map(line).collect();
        format!("{}:\n{}", self.files, lines.join("\n"))
    }

    fn of_closed(&self, reason: &str, (by_person, by_bot): (i32, i32), last_ms: i64) -> String {
        let known = self.reasons.iter().find(|(word, _)| *word == reason);
        let mut text = format!("{}: {}", self.closed, known.map_or(reason, |(_, words)| words));
        if by_person > 0 {
            let [of_person, of_bot, last] = self.said;
            text.push_str(&format!("\n{of_person}: {by_person}, {of_bot}: {by_bot}"));
            if last_ms > 0 {
                text.push_str(&format!(", {last}: {}", moment(last_ms)));
            }
        }
        text
    }

    fn of_taken(&self, agent: &str) -> String {
        format!("{} {}", self.taken, if agent.is_empty() { self.somebody } else { agent })
    }

    /// From the first to the last, by way of those between; the reasons are the last's.
    fn of_score(&self, run: &[&Rescored]) -> String {
        let point = |temperature: &str, score: i32| {
            let known = self.temperatures.iter().find(|(word, _)| *word == temperature);
            format!("{} {score}", known.map_or(temperature, |(_, words)| words))
        };
        let before = run.first().map(|change| point(&change.temperature_before, change.score_before));
        let after = run.iter().map(|change| point(&change.temperature, change.score));
        let way: Vec<String> = before.into_iter().chain(after).collect();
        let why = run.last().map(|change| change.why.join("\n")).unwrap_or_default();
        format!("{}: {}\n{why}", self.score, way.join(" → ")).trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: i64 = 1_760_000_000_000;

    fn later(language: &str, at_ms: i64, what: Happened) -> Later {
        Later { language: language.to_owned(), at_ms, what }
    }

    fn rescored(before: i32, score: i32) -> Happened {
        let temperature = |score: i32| if score > 70 { "hot" } else { "warm" }.to_owned();
        Happened::Rescored(Rescored {
            score,
            temperature: temperature(score),
            score_before: before,
            temperature_before: temperature(before),
            why: vec![format!("+{score} budget")],
        })
    }

    fn files() -> Happened {
        let (id, name, media_type) = ("f-1".to_owned(), "tz.pdf".to_owned(), "application/pdf".to_owned());
        Happened::Files(vec![File { id, name, media_type, size_bytes: 2_048 }])
    }

    #[test]
    fn one_thing_is_told_by_itself_in_the_language_of_its_lead() {
        let told = |language, what| of_later(&[later(language, AT, what)], "m").text.expose().clone();
        assert_eq!(
            told("en", files()),
            "The person sent files:\n• tz.pdf — application/pdf, 2.0 KB (file f-1)"
        );
        let closed = |reason: &str| Happened::Closed {
            reason: reason.to_owned(),
            by_person: 7,
            by_bot: 9,
            last_ms: AT,
        };
        assert_eq!(
            told("ru-RU", closed("blocked")),
            "Разговор завершён: клиент заблокировал бота\nсообщений клиента: 7, бота: 9, последнее: 2025-10-09 08:53 UTC"
        );
        assert_eq!(
            told("en", Happened::Taken { agent: "Maria".to_owned() }),
            "The conversation was taken over by Maria"
        );
        assert_eq!(
            told("ru", Happened::Taken { agent: String::new() }),
            "Разговор с клиентом ведёт сотрудник"
        );
        assert_eq!(told("ru", Happened::Returned), "Разговор с клиентом снова ведёт бот");
        assert!(told("de", closed("of a newer bot")).contains("closed: of a newer bot"));
    }

    #[test]
    fn a_burst_is_one_note_in_its_order_with_every_value_and_the_last_reasons() {
        let news: Vec<Later> = [rescored(40, 50), rescored(50, 80), files(), rescored(80, 60)]
            .into_iter()
            .map(|what| later("en", AT, what))
            .collect();
        assert_eq!(
            of_later(&news, "m").text.expose(),
            "2025-10-09 08:53 UTC\nThe score changed: warm 40 → warm 50 → hot 80\n+80 budget\n\n\
             2025-10-09 08:53 UTC\nThe person sent files:\n• tz.pdf — application/pdf, 2.0 KB (file f-1)\n\n\
             2025-10-09 08:53 UTC\nThe score changed: hot 80 → warm 60\n+60 budget"
        );
    }

    #[test]
    fn whatever_figures_come_are_told_without_panic() {
        let name = "ю".repeat(30_000);
        let file = |size_bytes| File {
            id: String::new(),
            name: name.clone(),
            media_type: String::new(),
            size_bytes,
        };
        let news = [
            later("", i64::MAX, Happened::Files(vec![file(i64::MIN), file(i64::MAX)])),
            later("", i64::MIN, rescored(i32::MIN, i32::MAX)),
        ];
        assert!(of_later(&news, "m").text.expose().len() <= 20_000);
        assert!(!of_later(&[], "m").mark.is_empty());
    }
}
