use std::fmt;

use bot_folder::{Action, BotFolder, LabelledSet, Lang};
use ids::{LeadId, Pii, RequestId, Uuid};

use crate::domain::{
    Chat, ConversationState, Effect, Engine, Input, Message, Outgoing, Person, Source, Target, What,
};

/// What a question ought to come to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wanted {
    /// This entry of the FAQ.
    Entry(String),
    /// No answer of the FAQ.
    Nothing,
    /// A human at once: a handover, or an answer with a button that calls one.
    Human,
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Entry(id) => id,
            Self::Nothing => "nothing",
            Self::Human => "a human",
        })
    }
}

/// One question of a labelled set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub text: String,
    pub lang: Lang,
    pub wanted: Wanted,
    /// The category of the wanted entry; `nothing` and `human` are categories of their own.
    pub category: String,
}

/// What a question came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Got {
    Entry(String),
    /// It was asked back, and these were offered.
    Offer(Vec<String>),
    /// A command of the menu did something.
    Command,
    Human,
    Model,
}

impl fmt::Display for Got {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entry(id) => f.write_str(id),
            Self::Offer(ids) => write!(f, "{}?", ids.join(" or ")),
            Self::Command => f.write_str("a command"),
            Self::Human => f.write_str("a human"),
            Self::Model => f.write_str("the model"),
        }
    }
}

/// How good that was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Right,
    /// Asked back, and the right answer is among those offered.
    Offered,
    /// Left to the model or a human, or asked back in vain.
    Left,
    /// Something else was answered.
    Wrong,
}

/// A question and what it came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub asked: Asked,
    pub got: Got,
    pub mark: Mark,
    /// The likeliest entry and how sure that was, whatever came of it.
    pub guess: Option<(String, f32)>,
}

/// The questions of a labelled set, in its order.
#[must_use]
pub fn asked(folder: &BotFolder, set: &LabelledSet) -> Vec<Asked> {
    let mut all = Vec::new();
    for labelled in &set.questions {
        let category = folder.faq_entry(&labelled.answer).map_or("unknown", |entry| entry.category.as_str());
        for (lang, phrases) in &labelled.phrases {
            all.extend(phrases.iter().map(|text| Asked {
                text: text.clone(),
                lang: *lang,
                wanted: Wanted::Entry(labelled.answer.clone()),
                category: category.to_owned(),
            }));
        }
    }
    for (wanted, category, list) in
        [(Wanted::Nothing, "nothing", &set.nothing), (Wanted::Human, "human", &set.human)]
    {
        for (lang, phrases) in list {
            all.extend(phrases.iter().map(|text| Asked {
                text: text.clone(),
                lang: *lang,
                wanted: wanted.clone(),
                category: category.to_owned(),
            }));
        }
    }
    all
}

/// The likeliest entry of each question: how sure the bot was, and whether it is the right one.
#[must_use]
pub fn guesses(engine: &Engine, outcomes: &[Outcome]) -> Vec<(f64, bool)> {
    let one = |outcome: &Outcome| {
        let (entry, sure) = outcome.guess.as_ref()?;
        let right = match &outcome.asked.wanted {
            Wanted::Entry(wanted) => wanted == entry,
            Wanted::Nothing => false,
            Wanted::Human => engine.calls_human(entry),
        };
        Some((f64::from(*sure), right))
    };
    outcomes.iter().filter_map(one).collect()
}

/// Puts each question to the bot as the first message of a new chat.
#[must_use]
pub fn measure(engine: &Engine, asked: Vec<Asked>) -> Vec<Outcome> {
    asked.into_iter().map(|asked| one(engine, asked)).collect()
}

fn one(engine: &Engine, asked: Asked) -> Outcome {
    let input = Input {
        what: What::Text(Pii::new(asked.text.clone())),
        person: Person { user_id: 1, language_code: asked.lang.to_string(), ..Person::default() },
        chat: Chat::PRIVATE,
        now_ms: 0,
        request_id: RequestId(Uuid::nil()),
        lead_id: LeadId(Uuid::nil()),
        message: Message::default(),
        choosable: [].into(),
        bot_username: None,
    };
    let effects = engine.step(ConversationState::default(), &input).effects;
    let got = got(&effects);
    let offers_human =
        effects.iter().any(|effect| matches!(effect, Effect::Send(message) if calls_human(message)));
    let mark = mark(&asked.wanted, &got, offers_human);
    let guess = engine.guesses(&asked.text).into_iter().next();
    Outcome { asked, got, mark, guess }
}

fn got(effects: &[Effect]) -> Got {
    let mut got = Got::Model;
    for effect in effects {
        match effect {
            Effect::Handoff { .. } => return Got::Human,
            Effect::Send(message) => {
                got = match &message.given {
                    Some(given) => Got::Entry(given.entry.clone()),
                    None if message.source == Source::Canned => Got::Offer(offered(message)),
                    None => Got::Command,
                };
            }
            _ => {}
        }
    }
    got
}

fn actions(message: &Outgoing) -> impl Iterator<Item = Action> {
    message.buttons.iter().flatten().filter_map(|button| match &button.target {
        Target::Callback(data) => data.parse().ok(),
        Target::Url(_) => None,
    })
}

fn offered(message: &Outgoing) -> Vec<String> {
    let faq = |action| match action {
        Action::Faq(id) => Some(id),
        _ => None,
    };
    actions(message).filter_map(faq).collect()
}

fn calls_human(message: &Outgoing) -> bool {
    actions(message).any(|action| action == Action::Human)
}

fn mark(wanted: &Wanted, got: &Got, offers_human: bool) -> Mark {
    match (wanted, got) {
        (Wanted::Entry(wanted), Got::Entry(got)) if wanted == got => Mark::Right,
        (Wanted::Entry(wanted), Got::Offer(offered)) if offered.contains(wanted) => Mark::Offered,
        (Wanted::Nothing, Got::Model | Got::Human | Got::Command) | (Wanted::Human, Got::Human) => {
            Mark::Right
        }
        (Wanted::Human, Got::Entry(_)) if offers_human => Mark::Right,
        (_, Got::Offer(_) | Got::Model) | (Wanted::Entry(_), Got::Human) => Mark::Left,
        (_, Got::Entry(_) | Got::Command) => Mark::Wrong,
    }
}
