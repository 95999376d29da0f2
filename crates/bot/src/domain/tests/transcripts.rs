//! Conversations, written down.

use insta::assert_snapshot;

use super::script::Script;
use crate::domain::{ModelOutcome, What};

#[test]
fn intake_hot_en() {
    let mut script = Script::new("en");
    script
        .says("/start ad-42")
        .presses("🚀 Start a project")
        .presses("Cloud or Kubernetes")
        .says(
            "We run twelve services on two old servers. Releases take a night and somebody always has to stay awake. \
             We want Kubernetes and a pipeline that rolls back by itself.",
        )
        .says("asap please")
        .says("$20-30k")
        .shares_contact("442079460958")
        .presses("✅ Send");
    assert_snapshot!(script.transcript());
}

#[test]
fn intake_warm_ru() {
    let mut script = Script::new("ru");
    script
        .says("/start")
        .presses("🚀 Начать проект")
        .says("нужен телеграм бот")
        .says("Хотим бота, который отвечает клиентам по нашим документам.")
        .presses("За 1–3 месяца")
        .says("300к")
        .presses("💬 Писать мне в Telegram")
        .presses("✅ Отправить");
    assert_snapshot!(script.transcript());
}

#[test]
fn intake_cold_ru() {
    let mut script = Script::new("ru");
    script
        .says("/project")
        .presses("Консультация, аудит")
        .presses("Пропустить →")
        .says("не горит")
        .presses("Пока не решили")
        .says("anna@example.com")
        .presses("✅ Отправить");
    assert_snapshot!(script.transcript());
}

#[test]
fn resume_en() {
    let mut script = Script::new("en");
    script
        .says("/project")
        .presses("Software development")
        .says("/start")
        .presses("☰ Menu")
        .says("how much does it cost?")
        .presses("▶️ Go on")
        .says("A back end for a mobile application, with payments.")
        .waits_hours(72)
        .says("next month")
        .presses("▶️ Go on")
        .says("within a month")
        .says("/start")
        .presses("↺ Start over");
    assert_snapshot!(script.transcript());
}

#[test]
fn an_offer_is_answered_with_yes_or_no() {
    let mut script = Script::new("ru");
    script
        .says("/project")
        .presses("Разработка")
        .says("/start")
        .says("да, давайте")
        .says("/start")
        .says("нет, спасибо")
        // Nobody has asked now.
        .says("да");
    assert_snapshot!(script.transcript());
}

#[test]
fn stale_buttons_ru() {
    let mut script = Script::new("ru");
    script
        .says("/project")
        .presses("Разработка")
        .presses("Разработка")
        .says("/cancel")
        .presses_first("Разработка")
        .says("/cancel")
        .presses("▶️ Продолжить")
        .presses("✖ Прервать");
    assert_snapshot!(script.transcript());
}

#[test]
fn cancel_en() {
    let mut script = Script::new("en");
    script
        .says("/cancel")
        .says("/project")
        .says("never mind")
        .says("/cancel")
        .says("/start")
        .says("start a project")
        .presses("↺ Start over");
    assert_snapshot!(script.transcript());
}

#[test]
fn faq_and_fallback_ru() {
    let mut script = Script::new("en");
    script
        .says("Привет!")
        .says("Подскажите, сколько будет стоить сделать бота?")
        .says("а NDA подписываете?")
        .says("какая погода в Москве")
        .model(ModelOutcome::Unknown, "", &[])
        .says("сколько спутников у Юпитера")
        .model(ModelOutcome::Failed, "", &[])
        .says("кто написал Евгения Онегина")
        .model(ModelOutcome::Unknown, "", &[])
        .says("спасибо")
        .says("позовите человека");
    assert_snapshot!(script.transcript());
}

#[test]
fn faq_and_fallback_en() {
    let mut script = Script::new("ru");
    script
        .says("do you work with kubernets?")
        .says("Can you tune our ClickHouse replication?")
        .says("and what about sharding in it?")
        .model(ModelOutcome::Answered, "We do, as part of support.", &["Support and SLA", "Support and SLA"])
        .model(ModelOutcome::Answered, "That depends on the load.", &[])
        .model(ModelOutcome::Answered, "Too late.", &[])
        .says("/language")
        .presses("Русский")
        .says("do you work with kubernetes?");
    assert_snapshot!(script.transcript());
}

#[test]
fn validation_and_questions_in_a_flow_ru() {
    let mut script = Script::new("ru");
    script
        .says("/project")
        .says("👍")
        .says("6")
        .says("да")
        .says("сколько это стоит?")
        .says("Нужно посмотреть, почему у нас всё падает по ночам")
        .says("пропустить")
        .says("ну такое")
        .says("дорого")
        .says("а вы работаете с открытыми данными по лицензии MIT?")
        .model(ModelOutcome::Failed, "", &[])
        .says("пол-ляма")
        .says("пропустить")
        .says("звоните 12345")
        .says("8 912 987-65-43")
        .presses("✅ Отправить");
    assert_snapshot!(script.transcript());
}

#[test]
fn other_things_are_answered_too() {
    let mut script = Script::new("en");
    script
        .sends(What::OtherMessage { kind: "sticker".to_owned() })
        .sends(What::Voice)
        .sends(What::File(Box::default()))
        .shares_contact("79129876543")
        .says("/frobnicate")
        .says("…")
        .says("/project")
        .sends(What::Voice)
        .sends(What::Edited(ids::Pii::default()))
        .sends(What::Notice { kind: "message_reaction".to_owned() })
        .sends(What::Button { callback_id: "x".to_owned(), data: "nonsense".to_owned() });
    script.person.username = ids::Pii::default();
    script
        .presses("Advice, an audit")
        .presses("Skip →")
        .presses("Skip →")
        .presses("Skip →")
        .presses("💬 Use my Telegram")
        .says("/skip")
        .says("anna@example.com")
        .presses("✅ Send");
    assert_snapshot!(script.transcript());
}
