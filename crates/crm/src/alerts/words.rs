//! What a receiver reads, in its language. Names and reasons come as they are; nothing here is of a person.

use ids::Timestamp;

use crate::config::{AlertEvent, AlertLanguage};
use crate::store::trouble::{News, Wrong};
use crate::store::wrong::NOBODYS;

/// What is wrong, and what to do about it; of what is over the second is empty.
pub(super) struct Words {
    pub(super) what: String,
    pub(super) todo: String,
}

impl Words {
    /// Both as one message. `again`: one of before may have arrived.
    pub(super) fn text(&self, language: AlertLanguage, again: bool) -> String {
        let again = match language {
            _ if !again => "",
            AlertLanguage::En => "(This may have been told before.)",
            AlertLanguage::Ru => "(Возможно, это сообщение уже приходило.)",
        };
        let parts = [self.what.as_str(), self.todo.as_str(), again];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
    }
}

pub(super) fn of(news: &News, language: AlertLanguage) -> Words {
    let (what, todo) = match (news.over, language) {
        (false, AlertLanguage::En) => (english(&news.wrong), english_todo(&news.wrong)),
        (false, AlertLanguage::Ru) => (russian(&news.wrong), russian_todo(&news.wrong)),
        (true, AlertLanguage::En) => (english_over(&news.wrong), String::new()),
        (true, AlertLanguage::Ru) => (russian_over(&news.wrong), String::new()),
    };
    Words { what, todo }
}

/// To the second, as `--since` takes it; earlier rather than later.
fn time(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

fn english(wrong: &Wrong) -> String {
    let Wrong { target, count, detail, .. } = wrong;
    let since = time(wrong.since);
    match wrong.what {
        AlertEvent::DeadLetter if target == NOBODYS => format!("Leads that nobody took: {count}. {detail}"),
        AlertEvent::DeadLetter => format!("{target}: not delivered and waiting for a person: {count}. {detail}"),
        AlertEvent::ShutOut => {
            format!("{target}: the CRM has shut us out since {since}; nothing is delivered there. Waiting: {count}.")
        }
        AlertEvent::TokenRefused => {
            format!("{target}: the CRM does not take the token since {since}; nothing is delivered there. Waiting: {count}.")
        }
        AlertEvent::Failing => {
            let how = match detail.as_str() {
                "unknown" => "no answer".to_owned(),
                "not_sent" => "no connection".to_owned(),
                status => format!("it answers {status}"),
            };
            format!("{target}: fails since {since} ({how}). Waiting: {count}.")
        }
        AlertEvent::TokenEnds => format!("{target}: the token ends on {detail}, {}.", soon(*count, AlertLanguage::En)),
        AlertEvent::Missing => {
            let [gone, unknown, twice, stuck] = kinds(detail);
            format!(
                "{target}: the comparison with the CRM found differences: {count} (delivered and gone: {gone}, there and \
                 unknown to us: {unknown}, there twice: {twice}, on no way: {stuck})."
            )
        }
    }
    .trim_end()
    .to_owned()
}

fn english_todo(wrong: &Wrong) -> String {
    let Wrong { target, .. } = wrong;
    let since = time(wrong.since);
    match wrong.what {
        AlertEvent::DeadLetter if target == NOBODYS => {
            "Look at them: dragoman dead-letters list --service crm".to_owned()
        }
        AlertEvent::DeadLetter => format!("Mend it, then: dragoman crm redrive {target} --since {since}"),
        AlertEvent::ShutOut => {
            format!(
                "Ask the CRM's support to let us in again, then: dragoman crm redrive {target} --since {since}"
            )
        }
        AlertEvent::TokenRefused => format!(
            "Give the account a new token (or: dragoman crm connect {target}), then: dragoman crm redrive {target} --since {since}"
        ),
        AlertEvent::Failing => "What waits is tried again by itself; look at the other side.".to_owned(),
        AlertEvent::TokenEnds => {
            format!(
                "Make a new one in the CRM (or: dragoman crm connect {target}), then: dragoman crm check {target}"
            )
        }
        AlertEvent::Missing => {
            format!("Nothing was changed there. Look at them: dragoman crm reconcile {target} --last")
        }
    }
}

fn english_over(wrong: &Wrong) -> String {
    let Wrong { target, .. } = wrong;
    match wrong.what {
        AlertEvent::DeadLetter if target == NOBODYS => "Over: no lead waits for a taker any more.".to_owned(),
        AlertEvent::DeadLetter => format!("Over: {target}: nothing waits for a person any more."),
        AlertEvent::ShutOut => format!("Over: {target}: the CRM lets us in again."),
        AlertEvent::TokenRefused => format!("Over: {target}: the CRM takes the token again."),
        AlertEvent::Failing => format!("Over: {target}: works again, or nothing waits for it."),
        AlertEvent::TokenEnds => format!("Over: {target}: the token does not end soon."),
        AlertEvent::Missing => format!("Over: {target}: the comparison with the CRM found no difference."),
    }
}

fn russian(wrong: &Wrong) -> String {
    let Wrong { target, count, detail, .. } = wrong;
    let since = time(wrong.since);
    match wrong.what {
        AlertEvent::DeadLetter if target == NOBODYS => format!("Лиды, которые никто не принял: {count}. {detail}"),
        AlertEvent::DeadLetter => format!("{target}: не доставлено и ждёт человека: {count}. {detail}"),
        AlertEvent::ShutOut => {
            format!("{target}: CRM закрыла нам доступ с {since}, ничего не доставляется. В очереди: {count}.")
        }
        AlertEvent::TokenRefused => {
            format!("{target}: CRM не принимает токен с {since}, ничего не доставляется. В очереди: {count}.")
        }
        AlertEvent::Failing => {
            let how = match detail.as_str() {
                "unknown" => "нет ответа".to_owned(),
                "not_sent" => "нет соединения".to_owned(),
                status => format!("ответ {status}"),
            };
            format!("{target}: сбои с {since} ({how}). В очереди: {count}.")
        }
        AlertEvent::TokenEnds => {
            format!("{target}: токен действует до {detail}, {}.", soon(*count, AlertLanguage::Ru))
        }
        AlertEvent::Missing => {
            let [gone, unknown, twice, stuck] = kinds(detail);
            format!(
                "{target}: сверка с CRM нашла расхождения: {count} (доставлено и пропало: {gone}, есть там и нам \
                 неизвестно: {unknown}, есть дважды: {twice}, не в пути: {stuck})."
            )
        }
    }
    .trim_end()
    .to_owned()
}

fn russian_todo(wrong: &Wrong) -> String {
    let Wrong { target, .. } = wrong;
    let since = time(wrong.since);
    match wrong.what {
        AlertEvent::DeadLetter if target == NOBODYS => {
            "Посмотреть: dragoman dead-letters list --service crm".to_owned()
        }
        AlertEvent::DeadLetter => {
            format!("Исправьте и повторите: dragoman crm redrive {target} --since {since}")
        }
        AlertEvent::ShutOut => format!(
            "Попросите поддержку CRM открыть доступ, затем: dragoman crm redrive {target} --since {since}"
        ),
        AlertEvent::TokenRefused => format!(
            "Дайте аккаунту новый токен (или: dragoman crm connect {target}), затем: dragoman crm redrive {target} --since {since}"
        ),
        AlertEvent::Failing => "Доставка повторяется сама; проверьте другую сторону.".to_owned(),
        AlertEvent::TokenEnds => {
            format!(
                "Выпустите новый в CRM (или: dragoman crm connect {target}), затем: dragoman crm check {target}"
            )
        }
        AlertEvent::Missing => {
            format!("В CRM ничего не изменено. Посмотреть: dragoman crm reconcile {target} --last")
        }
    }
}

fn russian_over(wrong: &Wrong) -> String {
    let Wrong { target, .. } = wrong;
    match wrong.what {
        AlertEvent::DeadLetter if target == NOBODYS => "Решено: непринятых лидов больше нет.".to_owned(),
        AlertEvent::DeadLetter => format!("Решено: {target}: ничего больше не ждёт человека."),
        AlertEvent::ShutOut => format!("Решено: {target}: CRM снова открыла доступ."),
        AlertEvent::TokenRefused => format!("Решено: {target}: CRM снова принимает токен."),
        AlertEvent::Failing => format!("Решено: {target}: работает снова, или ничего не ждёт."),
        AlertEvent::TokenEnds => format!("Решено: {target}: токен ещё долго действует."),
        AlertEvent::Missing => format!("Решено: {target}: сверка с CRM не нашла расхождений."),
    }
}

/// The counts of a comparison, `1/0/2/0`.
fn kinds(detail: &str) -> [&str; 4] {
    let mut counts = detail.split('/');
    std::array::from_fn(|_| counts.next().unwrap_or("0"))
}

/// The first warning comes thirty days before, the second seven, the third one; then it has ended.
fn soon(warning: i64, language: AlertLanguage) -> &'static str {
    match (warning, language) {
        (..=1, AlertLanguage::En) => "in less than 30 days",
        (2, AlertLanguage::En) => "in less than 7 days",
        (3, AlertLanguage::En) => "in less than a day",
        (_, AlertLanguage::En) => "and that is over",
        (..=1, AlertLanguage::Ru) => "осталось меньше 30 дней",
        (2, AlertLanguage::Ru) => "осталось меньше 7 дней",
        (3, AlertLanguage::Ru) => "осталось меньше суток",
        (_, AlertLanguage::Ru) => "срок истёк",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn news(what: AlertEvent, over: bool) -> News {
        let since = "2026-11-28T09:00:00.75Z".parse().unwrap();
        let wrong = Wrong { what, target: "sales".to_owned(), count: 3, since, detail: "x".to_owned() };
        News { trouble: 1, wrong, over, alert: "desk".to_owned() }
    }

    #[test]
    fn every_event_is_told_in_both_languages_with_what_to_do_and_fits_everywhere() {
        for what in AlertEvent::ALL {
            for (language, letters) in [(AlertLanguage::En, "abcdefghijk"), (AlertLanguage::Ru, "абвгдежзик")]
            {
                for over in [false, true] {
                    let mut news = news(what, over);
                    news.wrong.detail = "€".repeat(300);
                    let words = of(&news, language);
                    assert!(words.what.contains("sales"), "{}", words.what);
                    assert!(words.what.chars().any(|c| letters.contains(c)), "{}", words.what);
                    assert_eq!(words.todo.is_empty(), over, "{}", words.todo);
                    assert!(words.what.chars().count() < 1024);
                }
            }
        }
    }

    #[test]
    fn a_dead_letter_is_told_with_the_command_that_delivers_it_after_all() {
        let text = of(&news(AlertEvent::DeadLetter, false), AlertLanguage::En).text(AlertLanguage::En, true);
        assert_eq!(
            text,
            "sales: not delivered and waiting for a person: 3. x\n\
             Mend it, then: dragoman crm redrive sales --since 2026-11-28T09:00:00Z\n\
             (This may have been told before.)"
        );
    }
}
