//! Questions as people put them, kept apart from the patterns of the FAQ: the right answer, or none.

use super::script::{Script, anna, engine, input};
use crate::domain::{ConversationState, Effect, ModelOutcome, What};
use ids::Pii;

/// The id of the entry that answers, `-` where the question goes on to a model, `?` where the bot asks which of a few is
/// meant, `/` where it is a command.
fn answered_by(text: &str) -> String {
    let what = What::Text(Pii::new(text.to_owned()));
    let step = engine().step(ConversationState::default(), &input(what, anna("en"), 0, 1));
    for effect in &step.effects {
        match effect {
            Effect::WaitForMore { .. } => return "-".to_owned(),
            Effect::Send(message) => {
                let otherwise = if step.state.offers > 0 { "?" } else { "/" };
                return message.given.as_ref().map_or(otherwise, |given| given.entry.as_str()).to_owned();
            }
            _ => {}
        }
    }
    String::new()
}

#[test]
fn paraphrases_are_answered_and_strange_questions_are_not() {
    let cases = [
        ("price", "how much would a small project cost us"),
        ("price", "What do you charge per hour?"),
        ("price", "Здравствуйте, хотел бы узнать стоимость ваших услуг"),
        ("price", "почём ваши услуги?"),
        ("price", "скок стоит?"),
        ("payment", "Do we have to pay in advance, or is there a prepayment?"),
        ("payment", "нужна предоплата?"),
        ("payment", "можно ли оплатить поэтапно"),
        ("kubernetes", "do you support k8s"),
        ("kubernetes", "поможете переехать в кубер?"),
        ("kubernetes", "работаете с кубернетесом?"),
        ("cicd", "we want to automate deployments with gitlab ci"),
        ("cicd", "Можете автоматизировать нам деплой?"),
        ("cicd", "настроите нам CI/CD?"),
        ("clouds", "do you work with AWS"),
        ("clouds", "перенесёте нас в другое облако?"),
        ("working-hours", "какие у вас часы работы?"),
        ("working-hours", "do you work on weekends?"),
        ("what-we-do", "what exactly do you do?"),
        ("what-we-do", "расскажите о вашей компании"),
        ("process", "how do we start?"),
        ("process", "как начать работать с вами"),
        ("how-long", "how long will it take"),
        ("how-long", "какие у вас сроки?"),
        ("stack", "what technologies do you work with?"),
        ("stack", "какой стек используете"),
        ("bots-ai", "can you make a telegram bot for our shop"),
        ("bots-ai", "вы делаете чат-ботов?"),
        ("security-nda", "Will you sign an NDA?"),
        ("security-nda", "подпишете нда"),
        ("support-sla", "is there 24/7 support?"),
        ("support-sla", "какое у вас время реакции по SLA?"),
        ("takeover", "our previous developers left us, can you take over?"),
        ("takeover", "возьмёте проект после другой команды?"),
        ("/", "I want to talk to a human"),
        ("/", "позовите, пожалуйста, оператора"),
        ("/", "привет"),
        ("/", "Thank you!"),
        ("/", "go on"),
        ("/", "Продолжим"),
        ("/", "start over"),
        ("-", "what is the weather in London today"),
        ("-", "какая погода в Москве"),
        ("-", "my pod crashes with OOMKilled after the upgrade to 1.31, how do I find out why"),
        ("-", "сколько планет в солнечной системе"),
        ("-", "who won the match yesterday"),
        ("-", "посоветуй хороший фильм на вечер"),
        ("-", "How do I cook borscht?"),
        ("-", "как удалить аккаунт в соцсети"),
        // One word of an entry does not make it the answer.
        ("-", "Do you accept bitcoin?"),
        ("-", "Do you write Kubernetes operators in Haskell?"),
        ("-", "Kubernetes 1.34 changelog?"),
        ("-", "How do you hand over a Kubernetes migration project at the end?"),
        ("-", "Do you think Terraform is better than Pulumi in general?"),
        ("-", "Who pays for the cloud bills?"),
        ("-", "What happens in the first week of a project?"),
        ("working-hours", "когда вы работаете"),
        ("working-hours", "вы работаете в выходные?"),
    ];
    let wrong: Vec<_> = cases
        .iter()
        .map(|(expected, text)| (expected, answered_by(text), text))
        .filter(|(expected, got, _)| **expected != got)
        .collect();
    let misled = wrong.iter().filter(|(_, got, _)| got != "-" && got != "?").count();
    // At most 2 % are misled, and at most 10 % not answered as they ought to be.
    assert!(misled * 50 <= cases.len() && wrong.len() * 10 <= cases.len(), "{misled} misled: {wrong:#?}");
}

#[test]
fn a_question_of_the_faq_is_no_source_to_whoever_asked_one() {
    let answered = |citations: &[&str]| {
        let mut script = Script::new("en");
        script.says("is there a way to grow tomatoes on the Moon");
        script.model(ModelOutcome::Answered, "In a greenhouse.", citations);
        script.transcript().to_owned()
    };
    let both = answered(&["How much does it cost?", "Support and SLA", "Сколько это стоит?"]);
    assert!(both.contains("Source: Support and SLA\n"), "{both}");
    let question = answered(&["How much does it cost?"]);
    assert!(question.contains("In a greenhouse.") && !question.contains("Source:"), "{question}");
}
