//! Facts in a conversation: what was told in passing is not asked again, a currency is asked for, a time is understood.

use bot_folder::Urgency;

use super::script::{Script, engine};
use crate::domain::{Effect, Lead};

fn lead(script: &Script) -> &Lead {
    script.lead.as_deref().unwrap_or_else(|| panic!("no lead in {}", script.transcript()))
}

#[test]
fn every_point_stands_beside_the_words_that_earned_it() {
    let mut script = Script::new("ru");
    script
        .says("/project")
        .says("техподдержка сайта")
        .says("Мы ООО «Ромашка», сайт на битриксе и кубере, отвечайте на shop@example.com. Надо успеть до 15 мая.")
        .says("до 15 мая")
        .says("300-500 тыс, не больше")
        .presses("shop@example.com")
        .presses("✅ Отправить");
    let lead = lead(&script);
    let reasons: Vec<(&str, i32, &str)> = lead
        .evidence
        .iter()
        .map(|reason| (reason.rule.split(':').next().unwrap(), reason.points, reason.words.expose().as_str()))
        .collect();
    assert!(reasons.contains(&("type", 10, "техподдержка сайта")), "{reasons:?}");
    assert!(reasons.contains(&("budget", 10, "300-500 тыс")), "the lower end counts: {reasons:?}");
    assert!(reasons.contains(&("contact", 15, "shop@example.com")), "{reasons:?}");
    let why: Vec<&str> = lead.why.iter().map(|line| line.expose().as_str()).collect();
    assert_eq!(why.len(), lead.evidence.len() + 1, "{why:?}");
    assert!(why[0].contains(&format!("{} points (hot from 75, warm from 40)", lead.score)), "{why:?}");
    assert!(why.contains(&"+10 budget: named a budget — “300-500 тыс”"), "{why:?}");
    let found = |field: &str| {
        let answer = lead.answers.iter().find(|answer| answer.field == field && answer.found);
        answer.map(|answer| (answer.value.expose().as_str(), answer.text.expose().as_str()))
    };
    assert_eq!(found("company"), Some(("ООО «Ромашка»", "ООО «Ромашка»")));
    assert_eq!(found("stack"), Some(("Bitrix, Kubernetes", "битриксе, кубере")));
    assert_eq!(found("deadline"), Some(("by 2024-05-15", "до 15 мая")));
    assert_eq!(lead.contact.email.expose(), "shop@example.com");
    // The next request is another one, by the same person.
    assert!(script.state.told.stack.is_empty() && script.state.told.company.is_some());
}

#[test]
fn what_was_asked_about_between_two_requests_is_in_neither() {
    let mut script = Script::new("en");
    script
        .says("/project")
        .presses("Bot or AI assistant")
        .presses("Skip →")
        .presses("Skip →")
        .presses("Skip →")
        .says("ben@acme.com")
        .presses("✅ Send");
    let stack = |script: &Script| {
        let answers = lead(script).answers.iter();
        answers.filter(|answer| answer.field == "stack").map(|answer| answer.value.expose().clone()).next()
    };
    script
        .says("How much does a telegram bot cost?")
        .says("We need a kubernetes cluster, budget $60k, within a month, ben@acme.com")
        .presses("✅ Send");
    assert_eq!(stack(&script).as_deref(), Some("Kubernetes"), "{}", script.transcript());
}

#[test]
fn an_address_of_an_earlier_message_goes_with_the_lead_though_another_way_was_chosen() {
    let mut script = Script::new("en");
    script
        .says("My number is +44 20 7946 0958, do you sign an NDA?")
        .says("/project")
        .presses("Software development")
        .says("An app for couriers; write to boss@example.com")
        .presses("Skip →")
        .presses("Skip →")
        .says("here is fine")
        .presses("✅ Send");
    let lead = lead(&script);
    assert_eq!(lead.contact.username.expose(), "anna_k");
    assert_eq!(lead.contact.email.expose(), "boss@example.com");
    assert_eq!(lead.contact.phone.expose(), "+442079460958");
    assert!(lead.evidence.iter().any(|reason| reason.rule.contains("can be reached in Telegram")));
}

#[test]
fn i_do_not_know_earns_nothing() {
    let mut script = Script::new("en");
    script
        .says("/project")
        .says("I don't know")
        .presses("Skip →")
        .says("not sure yet")
        .says("it depends")
        .says("anna@example.com")
        .presses("✅ Send");
    let lead = lead(&script);
    let points: Vec<_> = lead.evidence.iter().map(|reason| (reason.rule.as_str(), reason.points)).collect();
    assert_eq!(points, [("contact: left an e-mail address", 15)]);
}

#[test]
fn a_currency_is_asked_for_and_taken_by_word_or_button() {
    for (answer, press, value) in [
        ("доллары", false, "300 USD"),
        ("в рублях", false, "300 RUB"),
        ("300 USD", true, "300 USD"),
        ("300 RUB", true, "300 RUB"),
    ] {
        let mut script = Script::new("ru");
        script
            .says("/project")
            .presses("Разработка")
            .presses("Пропустить →")
            .presses("Пропустить →")
            .says("300");
        assert!(script.transcript().contains("300 — в какой валюте?"), "{}", script.transcript());
        assert_eq!(script.state.flow.as_ref().map(|run| run.step.as_str()), Some("budget"));
        if press {
            script.presses(answer)
        } else {
            script.says(answer)
        };
        script.says("anna@example.com").presses("✅ Отправить");
        let budget = lead(&script).answers.iter().find(|answer| answer.field == "budget").unwrap();
        assert_eq!(budget.value.expose(), value);
        assert!(
            budget.text.expose().starts_with("300 "),
            "what was said twice is kept whole: {:?}",
            budget.text.expose()
        );
    }
    // What is a sum in roubles is not asked about, nor is a small one in English.
    for (language, type_, skip, said) in
        [("ru", "Разработка", "Пропустить →", "300к"), ("en", "Software development", "Skip →", "300")]
    {
        let mut script = Script::new(language);
        script.says("/project").presses(type_).presses(skip).presses(skip).says(said);
        assert_eq!(script.state.flow.as_ref().map(|run| run.step.as_str()), Some("contact"), "{said}");
    }
}

#[test]
fn a_time_in_ones_own_words_is_one_of_the_choices() {
    // Said on the 14th of November 2023.
    let cases = [
        ("в пятницу", "urgent"),
        ("до 20 ноября", "urgent"),
        ("ASAP, вчера", "urgent"),
        ("до 10 декабря", "month"),
        ("by December 10, please", "month"),
        ("к новому году", "quarter"),
        ("в след. квартале", "quarter"),
        ("not before next month", "quarter"),
        ("не раньше следующего месяца", "quarter"),
        // Beyond them all: whoever reads the lead sees when, not only that it is far.
        ("до 15 мая", "до 15 мая"),
        ("in Q3", "in Q3"),
        ("через 6 месяцев", "через 6 месяцев"),
        ("не так срочно", "later"),
    ];
    for (said, wanted) in cases {
        let mut script = Script::new(if said.is_ascii() { "en" } else { "ru" });
        let (type_, skip) = if said.is_ascii() {
            ("Software development", "Skip →")
        } else {
            ("Разработка", "Пропустить →")
        };
        script
            .says("/project")
            .presses(type_)
            .presses(skip)
            .says(said)
            .presses(skip)
            .says("anna@example.com");
        script.presses(if said.is_ascii() { "✅ Send" } else { "✅ Отправить" });
        let timeline = lead(&script).answers.iter().find(|answer| answer.field == "timeline");
        assert_eq!(timeline.map(|answer| answer.value.expose().as_str()), Some(wanted), "{said}");
    }
    let mut script = Script::new("en");
    script.says("/project").presses("Software development").presses("Skip →").says("not next month");
    let answer = script.state.flow.as_ref().and_then(|run| run.answers.last()).map(|given| &given.answer);
    assert!(
        matches!(answer, Some(crate::domain::Answer::Text(_))),
        "denied, so left in its own words: {answer:?}"
    );
    // Whether the bot is there is another question.
    let mut script = Script::new("ru");
    script
        .says("/project")
        .presses("Разработка")
        .presses("Пропустить →")
        .presses("Пропустить →")
        .presses("Пропустить →");
    script.says("вы тут?");
    assert_eq!(script.state.flow.as_ref().map(|run| run.step.as_str()), Some("contact"));
    assert!(!script.transcript().contains("✅ Отправить"));
    let intake = engine().folder().flow("intake").unwrap();
    let bot_folder::StepInput::Choice(choice) = &intake.step("timeline").unwrap().1.input else { panic!() };
    assert!(choice.options.iter().any(|option| option.urgency == Some(Urgency::High)));
}

#[test]
fn an_effect_says_no_personal_words() {
    let mut script = Script::new("en");
    script
        .says("/project")
        .says("cloud")
        .presses("Skip →")
        .presses("Skip →")
        .presses("Skip →")
        .says("anna@example.com");
    script.presses("✅ Send");
    let shown = format!("{:?}", Effect::CaptureLead(Box::new(lead(&script).clone())));
    assert!(!shown.contains("anna@example.com"), "{shown}");
}
