//! What an input was taken for, in one word: for whoever reads a conversation afterwards.

use super::{Effect, FlowRun, HandoffReason, Source};

/// What a step took its input for.
#[derive(Clone, Debug, PartialEq)]
pub struct Understood {
    /// "faq:price", "answer:intake/budget", "navigation:back", "command", "model", "human", "other"; "gathered" with what came before.
    pub intent: String,
    /// How surely, 0 to 1; 1 for what leaves no doubt, such as a button.
    pub confidence: f32,
}

/// What an answer to the question that waits is called: `answer:intake/budget`.
pub(super) fn answer_to(run: &FlowRun) -> String {
    format!("answer:{}/{}", run.flow, run.step)
}

/// Read off what the step does. `waiting` is what it was for the flow that waited before it (`answer:intake/budget`,
/// `navigation:back`), `found` what the
/// FAQ was matched with and how surely. `None` where nothing was done about it.
pub(super) fn of(
    effects: &[Effect],
    waiting: Option<String>,
    found: Option<(String, f32)>,
) -> Option<Understood> {
    let sure = |intent: String| Some(Understood { intent, confidence: 1.0 });
    for effect in effects {
        match effect {
            Effect::Handoff { reason: HandoffReason::Asked, .. } => return sure("human".to_owned()),
            Effect::Stop { .. } => return sure("stop".to_owned()),
            Effect::Gathered => return sure("gathered".to_owned()),
            Effect::AskModel { .. } | Effect::ExpectAnswer { .. } => {
                // How near the FAQ came to it.
                let confidence = found.map_or(0.0, |(_, confidence)| confidence);
                return Some(Understood { intent: "model".to_owned(), confidence });
            }
            Effect::Ignore { .. } => return None,
            Effect::Send(message) => {
                return match message.source {
                    Source::Faq => Some(match found {
                        Some((id, confidence)) => Understood { intent: format!("faq:{id}"), confidence },
                        None => Understood { intent: "faq".to_owned(), confidence: 1.0 },
                    }),
                    Source::Flow => sure(waiting.unwrap_or_else(|| "flow".to_owned())),
                    Source::Command => sure("command".to_owned()),
                    Source::Model | Source::Offline => None,
                    Source::Canned => sure("other".to_owned()),
                };
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use ids::Pii;

    use super::*;
    use crate::domain::{Outgoing, Place};

    #[test]
    fn the_first_thing_done_tells_what_was_understood() {
        let send = |source| {
            Effect::Send(Outgoing {
                text: Pii::new(String::new()),
                buttons: Vec::new(),
                source,
                given: None,
                to: 0,
                place: Place::Below,
            })
        };
        let intent = |effects: &[Effect], found: Option<(&str, f32)>| {
            let found = found.map(|(id, confidence)| (id.to_owned(), confidence));
            of(effects, Some("answer:intake/budget".to_owned()), found).map(|u| (u.intent, u.confidence))
        };
        let is = |intent: &str, confidence| Some((intent.to_owned(), confidence));
        assert_eq!(intent(&[send(Source::Faq)], Some(("price", 0.8))), is("faq:price", 0.8));
        assert_eq!(intent(&[Effect::Typing, send(Source::Flow)], None), is("answer:intake/budget", 1.0));
        assert_eq!(
            intent(&[Effect::Handoff { reason: HandoffReason::Asked, details: None }], None),
            is("human", 1.0)
        );
        assert_eq!(intent(&[Effect::Ignore { reason: "x" }], None), None);
    }
}
