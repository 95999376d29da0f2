//! The events of effects: what the engine says in its words, in those of the bus.

use events::message::bot as message;
use ids::ConversationId;

use crate::domain::{
    Attribution, Evidence, HandoffDetails, HandoffReason, Lead, LeadAnswer, LeadContact, Rescored,
};
use crate::store::conversation::ChatKey;

pub(super) fn turns(before: Vec<(bool, String)>) -> Vec<message::Turn> {
    use message::turn::Speaker;
    let turn = |(from_person, text)| message::Turn {
        speaker: if from_person { Speaker::Person } else { Speaker::Bot }.into(),
        text,
    };
    before.into_iter().map(turn).collect()
}

fn answers(answers: &[LeadAnswer]) -> Vec<message::Answer> {
    let answer = |a: &LeadAnswer| message::Answer {
        field: a.field.clone(),
        value: a.value.expose().clone(),
        text: a.text.expose().clone(),
        found: a.found,
    };
    answers.iter().map(answer).collect()
}

fn contact(contact: &LeadContact) -> message::Contact {
    message::Contact {
        name: contact.name.expose().clone(),
        username: contact.username.expose().clone(),
        email: contact.email.expose().clone(),
        phone: contact.phone.expose().clone(),
        telegram_user_id: contact.telegram_user_id,
    }
}

fn attribution(told: &Attribution) -> Option<message::Attribution> {
    (*told != Attribution::default()).then(|| message::Attribution {
        source: told.source.clone(),
        medium: told.medium.clone(),
        campaign: told.campaign.clone(),
        term: told.term.clone(),
        content: told.content.clone(),
    })
}

pub(super) fn handoff_requested(
    key: &ChatKey,
    conversation: ConversationId,
    reason: HandoffReason,
    details: Option<Box<HandoffDetails>>,
    now_ms: i64,
) -> message::HandoffRequested {
    let event = message::HandoffRequested {
        conversation_id: conversation.to_string(),
        bot: key.bot.clone(),
        reason: reason.as_str().to_owned(),
        at_ms: now_ms,
        ..message::HandoffRequested::default()
    };
    match details {
        None => event,
        Some(details) => message::HandoffRequested {
            follow_up: true,
            language: details.lang.as_str().to_owned(),
            flow: details.flow,
            summary: details.summary.into_inner(),
            answers: answers(&details.answers),
            contact: Some(contact(&details.contact)),
            ..event
        },
    }
}

pub(super) fn lead_captured(
    key: &ChatKey,
    conversation: ConversationId,
    lead: &Lead,
    now_ms: i64,
) -> message::LeadCaptured {
    message::LeadCaptured {
        lead_id: lead.lead_id.to_string(),
        conversation_id: conversation.to_string(),
        bot: key.bot.clone(),
        language: lead.lang.as_str().to_owned(),
        temperature: lead.temperature.as_str().to_owned(),
        score: lead.score,
        evidence: evidence(lead),
        answers: answers(&lead.answers),
        contact: Some(contact(&lead.contact)),
        attribution: attribution(&lead.attribution),
        flow: lead.flow.clone(),
        why: lead.why.iter().map(|line| line.expose().clone()).collect(),
        start_payload: lead.start_payload.clone().unwrap_or_default(),
        at_ms: now_ms,
        files: Vec::new(),
    }
}

fn evidence(lead: &Lead) -> Vec<message::ScoreEvidence> {
    let evidence = |e: &Evidence| message::ScoreEvidence {
        rule: e.rule.clone(),
        points: e.points,
        words: e.words.expose().clone(),
    };
    lead.evidence.iter().map(evidence).collect()
}

pub(super) fn lead_rescored(
    key: &ChatKey,
    conversation: ConversationId,
    now: &Rescored,
    now_ms: i64,
) -> message::LeadRescored {
    let lead = &now.lead;
    message::LeadRescored {
        lead_id: lead.lead_id.to_string(),
        conversation_id: conversation.to_string(),
        bot: key.bot.clone(),
        language: lead.lang.as_str().to_owned(),
        temperature: lead.temperature.as_str().to_owned(),
        temperature_before: now.temperature_before.clone(),
        score: lead.score,
        score_before: now.score_before,
        evidence: evidence(lead),
        why: lead.why.iter().map(|line| line.expose().clone()).collect(),
        at_ms: now_ms,
    }
}

#[cfg(test)]
mod tests {
    use bot_folder::Lang;
    use ids::{Ids, Pii};

    use super::*;

    #[test]
    fn a_call_for_a_human_is_followed_by_what_it_is_about() {
        let key = ChatKey { bot: "sales".to_owned(), chat_id: 7 };
        let conversation = Ids::system().conversation();
        let first = handoff_requested(&key, conversation, HandoffReason::Asked, None, 5);
        assert_eq!((first.follow_up, first.reason.as_str(), first.summary.as_str()), (false, "asked", ""));
        let details = HandoffDetails {
            flow: "escalation".to_owned(),
            lang: Lang::EN,
            summary: Pii::new("• About: the site is down".to_owned()),
            answers: vec![LeadAnswer {
                field: "reason".to_owned(),
                value: Pii::new("broken".to_owned()),
                text: Pii::new("the site is down".to_owned()),
                found: false,
            }],
            contact: LeadContact { phone: Pii::new("+442079460958".to_owned()), ..LeadContact::default() },
        };
        let more = handoff_requested(&key, conversation, HandoffReason::Asked, Some(Box::new(details)), 6);
        assert!(more.follow_up && more.conversation_id == first.conversation_id);
        assert_eq!((more.summary.as_str(), more.flow.as_str()), ("• About: the site is down", "escalation"));
        assert_eq!(
            (more.answers[0].value.as_str(), more.contact.unwrap().phone.as_str()),
            ("broken", "+442079460958")
        );
    }
}
