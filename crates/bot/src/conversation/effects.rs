//! The one interpreter of the engine's effects: each becomes rows to be written, nothing is done here.

use std::collections::HashSet;

use classify::Failure;
use events::message::bot as message;
use events::{Envelope, Event, Key, Trail};
use ids::{ConversationId, Ids, RequestId, Timestamp};
use jobs::NewJob;

use super::captured::{Again, Captured};
use super::closing::Closed;
use super::facts::{handoff_requested, lead_captured, lead_rescored, turns};
use super::handoff::Handoff;
use super::known::facts;
use super::outbound::{self, Drafted, Notice};
use super::rights::{Wanted, Wish};
use super::turn::Turn;
use super::waits::{DEADLINE, Deadline, QUIET, Quiet, REMINDER, Reminder};
use crate::domain::{Effect, Limited, Outgoing, What};
use crate::store::conversation::{ChatKey, Conversation};
use crate::store::draft::Opened;
use crate::store::file::NewFile;
use crate::store::limit::Kept;

/// A question that a model is to be asked; its event needs what was said before, which is read once for all.
pub(crate) struct Question {
    pub(crate) conversation_id: ConversationId,
    pub(crate) request: message::ModelRequested,
    /// The messages it was in, which are not what was said before it.
    pub(crate) messages: Vec<i64>,
    pub(crate) trail: Trail,
}

/// What a batch of turns has to write besides its conversations and messages.
#[derive(Default)]
pub(crate) struct Writes {
    /// How long a file is kept from now on. Milliseconds.
    pub(crate) keep_files_ms: i64,
    pub(crate) jobs: Vec<NewJob>,
    pub(crate) events: Vec<Envelope>,
    pub(crate) leads: Vec<Captured>,
    pub(crate) rescored: Vec<Again>,
    pub(crate) files: Vec<(NewFile, Trail)>,
    pub(crate) questions: Vec<Question>,
    /// Questions whose answers are not wanted any more.
    pub(crate) superseded: Vec<RequestId>,
    /// Whether people look on while answers are written.
    pub(crate) drafts: bool,
    /// Questions whose answers they will look on at.
    pub(crate) opened: Vec<Opened>,
    /// Questions of whose answers nothing more is shown.
    pub(crate) ended: Vec<RequestId>,
    /// Those of them in whose place a message comes.
    pub(crate) awaited: Vec<RequestId>,
    /// Those of them whose parts go, with the job that takes them away.
    pub(crate) withdrawn: Vec<(RequestId, NewJob)>,
    /// The question that the last message said in this batch answers.
    pub(crate) last_answer: Option<RequestId>,
    pub(crate) handoffs: Vec<Handoff>,
    /// Groups that go on under another id.
    pub(crate) moves: Vec<(ChatKey, i64)>,
    pub(crate) limits: Vec<Kept>,
    pub(crate) closed: Vec<Closed>,
    /// Conversations in which something happened.
    pub(crate) touched: HashSet<ChatKey>,
    /// Those that remember something of which nothing was said.
    pub(crate) remembering: HashSet<ChatKey>,
    /// What people want done with their data.
    pub(crate) wishes: Vec<Wanted>,
}

impl Writes {
    /// Adds what one effect asks for; returns why nothing is said, where the effect is that.
    pub(crate) fn add(
        &mut self,
        ids: &Ids,
        now_ms: i64,
        turn: &Turn,
        conversation: &Conversation,
        effect: Effect,
    ) -> Result<Option<&'static str>, Failure> {
        let key = &turn.key;
        let bot = || key.bot.clone();
        let conversation_id = || conversation.id.to_string();
        if conversation.closed_why.is_some() && matches!(effect, Effect::Send(_) | Effect::Typing) {
            // Whoever blocked the bot is not written to until they write or unblock it.
            return Ok(None);
        }
        match effect {
            Effect::Send(outgoing) => {
                let drafted = match &turn.what {
                    // Once: what else is said in the same step stands below.
                    What::ModelAnswered(answer) if self.last_answer != Some(answer.request_id) => {
                        self.last_answer = Some(answer.request_id);
                        Drafted::Answer(answer.request_id)
                    }
                    _ => Drafted::No,
                };
                self.send(turn, conversation, outgoing, drafted)?;
            }
            Effect::Stop { request_id, otherwise } => {
                self.superseded.push(request_id);
                self.ended.push(request_id);
                self.send(turn, conversation, otherwise, Drafted::Kept(request_id))?;
            }
            Effect::AnswerCallback { callback_id, text } => {
                let job_key = format!("callback-{callback_id}");
                let notice = Notice::Callback { bot: bot(), callback_id, text, at_ms: now_ms };
                self.jobs.push(outbound::notice(job_key, &notice, &turn.trail)?);
            }
            Effect::Typing => {
                let (chat_id, topic) = (key.chat_id, turn.place.topic);
                let notice = Notice::Typing { bot: bot(), chat_id, topic, at_ms: now_ms };
                self.jobs.push(outbound::notice(format!("typing-{}", ids.uuid()), &notice, &turn.trail)?);
            }
            Effect::ExpectAnswer { request_id, deadline_ms } => {
                let received_at_ms = turn.received_at_ms;
                let deadline = Deadline { bot: bot(), chat_id: key.chat_id, request_id, received_at_ms };
                self.jobs.push(NewJob {
                    run_at: Timestamp::from_millisecond(deadline_ms).ok(),
                    ..NewJob::json(DEADLINE, request_id.to_string(), &deadline, turn.trail.clone())?
                });
            }
            Effect::WaitForMore { turn: waiting, due_ms } => {
                let received_at_ms = turn.received_at_ms;
                let quiet = Quiet { bot: bot(), chat_id: key.chat_id, turn: waiting, due_ms, received_at_ms };
                self.jobs.push(NewJob {
                    run_at: Timestamp::from_millisecond(due_ms).ok(),
                    ..NewJob::json(QUIET, waiting.to_string(), &quiet, turn.trail.clone())?
                });
            }
            Effect::Gathered => {}
            Effect::Supersede { request_id } => {
                self.superseded.push(request_id);
                self.ended.push(request_id);
                let (chat_id, at_ms) = (key.chat_id, now_ms);
                let notice = Notice::Withdraw { bot: bot(), chat_id, request_id, at_ms };
                let job_key = format!("withdraw-{request_id}");
                self.withdrawn.push((request_id, outbound::notice(job_key, &notice, &turn.trail)?));
            }
            Effect::AskModel {
                request_id,
                folder,
                version,
                question,
                messages,
                lang,
                context,
                model,
                deadline_ms,
            } => {
                let live = self.open_draft(turn, conversation, request_id);
                let request = message::ModelRequested {
                    live,
                    model: model.unwrap_or_default(),
                    context: context.map(|context| context.as_str().to_owned()).unwrap_or_default(),
                    request_id: request_id.to_string(),
                    conversation_id: conversation_id(),
                    bot: bot(),
                    chat_id: key.chat_id,
                    language: lang.as_str().to_owned(),
                    turns: vec![message::Turn {
                        speaker: message::turn::Speaker::Person.into(),
                        text: question.into_inner(),
                    }],
                    received_at_ms: turn.received_at_ms,
                    deadline_ms,
                    folder,
                    version,
                    facts: facts(&conversation.state.told),
                };
                self.questions.push(Question {
                    conversation_id: conversation.id,
                    request,
                    messages,
                    trail: turn.trail.clone(),
                });
            }
            Effect::CaptureLead(lead) => {
                let event = lead_captured(key, conversation.id, &lead, now_ms);
                let (key, trail) = (key.clone(), turn.trail.clone());
                self.leads.push(Captured {
                    key,
                    conversation_id: conversation.id,
                    lead: *lead,
                    event,
                    trail,
                });
            }
            Effect::RescoreLead(now) => {
                let event = lead_rescored(key, conversation.id, &now, now_ms);
                self.rescored.push(Again {
                    lead: now.lead,
                    event,
                    chat_id: key.chat_id,
                    trail: turn.trail.clone(),
                });
            }
            Effect::KeepFile { file, limits } => {
                let new = NewFile {
                    id: ids.uuid(),
                    key: key.clone(),
                    conversation_id: conversation.id,
                    topic: turn.place.topic,
                    file: *file,
                    limits,
                    received_at_ms: now_ms,
                    expires_at_ms: now_ms.saturating_add(self.keep_files_ms),
                };
                self.files.push((new, turn.trail.clone()));
            }
            Effect::FlowMoved { flow, movement } => {
                let movement = movement.as_str().to_owned();
                let event = message::FlowMoved {
                    conversation_id: conversation_id(),
                    bot: bot(),
                    flow,
                    movement,
                    at_ms: now_ms,
                };
                self.publish(ids, now_ms, turn, &event);
            }
            Effect::Handoff { reason, details } => {
                let event = handoff_requested(key, conversation.id, reason, details, now_ms);
                let (conversation_id, trail) = (conversation.id, turn.trail.clone());
                let key = Key::chat(&key.bot, key.chat_id);
                self.handoffs.push(Handoff { conversation_id, key, event, trail });
            }
            Effect::RemindLater { run, at_ms } => {
                let reminder = Reminder { bot: bot(), chat_id: key.chat_id, run };
                // A key of its own: behind another job it would run as soon as that one ends.
                let job_key = format!("{}-{run}-{at_ms}", Key::chat(&key.bot, key.chat_id).as_str());
                self.jobs.push(NewJob {
                    run_at: Timestamp::from_millisecond(at_ms).ok(),
                    ..NewJob::json(REMINDER, job_key, &reminder, turn.trail.clone())?
                });
            }
            Effect::ConversationStarted { lang, start_payload } => {
                let event = message::ConversationStarted {
                    conversation_id: conversation_id(),
                    bot: bot(),
                    chat_kind: conversation.chat_kind.clone(),
                    language: lang.as_str().to_owned(),
                    start_payload: start_payload.unwrap_or_default(),
                    at_ms: now_ms,
                };
                self.publish(ids, now_ms, turn, &event);
            }
            Effect::Limit(limited) => self.limit(ids, now_ms, turn, conversation, limited),
            Effect::ExportData => self.wish(turn, conversation, Wish::Export),
            Effect::RequestErasure { due_ms } => self.wish(turn, conversation, Wish::Erase { due_ms }),
            Effect::CancelErasure => self.wish(turn, conversation, Wish::Keep),
            Effect::Ignore { reason } => return Ok(Some(reason)),
        }
        Ok(None)
    }

    /// Adds the event of a question, with what was said before it, oldest first.
    pub(crate) fn ask(
        &mut self,
        ids: &Ids,
        now_ms: i64,
        mut question: Question,
        before: Vec<(bool, String)>,
    ) {
        let mut turns = turns(before);
        turns.append(&mut question.request.turns);
        question.request.turns = turns;
        let key = question.request.key();
        self.events.push(Envelope::new(ids.event(), key, question.trail, now_ms, &question.request));
    }

    /// Adds the event of a call for a human, with what was said before it, oldest first.
    pub(crate) fn call(&mut self, ids: &Ids, now_ms: i64, mut handoff: Handoff, before: Vec<(bool, String)>) {
        handoff.event.turns = turns(before);
        self.events.push(Envelope::new(ids.event(), handoff.key, handoff.trail, now_ms, &handoff.event));
    }

    fn send(
        &mut self,
        turn: &Turn,
        conversation: &Conversation,
        outgoing: Outgoing,
        drafted: Drafted,
    ) -> Result<(), Failure> {
        let is_group = conversation.chat_kind != "private";
        if let Drafted::Answer(request) | Drafted::Kept(request) = drafted {
            self.awaited.push(request);
        }
        let at = outbound::Where { is_group, topic: turn.place.topic, drafted };
        let received_at_ms = turn.received_at_ms;
        let sends = outbound::sends(&turn.key, conversation.id, at, outgoing, received_at_ms, &turn.trail)?;
        self.jobs.extend(sends);
        Ok(())
    }

    /// Whether the person looks on while this is answered. Where the answer takes the place of another one, or is a
    /// reply, it comes whole.
    fn open_draft(&mut self, turn: &Turn, conversation: &Conversation, request_id: RequestId) -> bool {
        let asked = conversation.state.pending.iter().find(|asked| asked.request_id == request_id);
        let Some(asked) = asked.filter(|asked| self.drafts && asked.place.is_below()) else { return false };
        self.opened.push(Opened {
            request_id,
            key: turn.key.clone(),
            conversation_id: conversation.id,
            topic: asked.topic,
            is_group: conversation.chat_kind != "private",
        });
        true
    }

    fn limit(&mut self, ids: &Ids, now_ms: i64, turn: &Turn, conversation: &Conversation, limited: Limited) {
        let bot = &turn.key.bot;
        let (change, why) = (limited.change.as_str(), limited.why.as_str());
        metrics::counter!("dragoman_limits_total", "bot" => bot.clone(), "change" => change, "why" => why)
            .increment(1);
        let event = message::LimitChanged {
            conversation_id: conversation.id.to_string(),
            bot: bot.clone(),
            change: change.to_owned(),
            why: why.to_owned(),
            at_ms: now_ms,
            until_ms: limited.until_ms.unwrap_or(0),
        };
        self.publish(ids, now_ms, turn, &event);
        self.limits.push(Kept { chat: turn.key.clone(), conversation_id: conversation.id, limited });
    }

    fn wish(&mut self, turn: &Turn, conversation: &Conversation, wish: Wish) {
        let language = conversation.state.lang.map_or_else(String::new, |lang| lang.to_string());
        let (key, trail) = (turn.key.clone(), turn.trail.clone());
        self.wishes.push(Wanted { key, conversation_id: conversation.id, language, wish, trail });
    }

    fn publish<E: Event>(&mut self, ids: &Ids, now_ms: i64, turn: &Turn, event: &E) {
        let key = Key::chat(&turn.key.bot, turn.key.chat_id);
        self.events.push(Envelope::new(ids.event(), key, turn.trail.clone(), now_ms, event));
    }
}

#[cfg(test)]
mod tests {
    use bot_folder::{Lang, PromptContext};
    use ids::Pii;

    use super::*;
    use crate::conversation::Place;
    use crate::domain::{Chat, ConversationState, Message, Person};
    use crate::store::conversation::ChatKey;

    #[test]
    fn a_question_names_the_bots_folder_and_keeps_the_moment_it_came() {
        let ids = Ids::system();
        let trail = Trail::start(ids.trace(), ids.event());
        let turn = Turn {
            key: ChatKey { bot: "sales".to_owned(), chat_id: 7 },
            chat_kind: "private".to_owned(),
            what: What::Voice,
            person: Person::default(),
            chat: Chat::PRIVATE,
            message: Message::default(),
            place: Place::default(),
            said: None,
            received_at_ms: 1_700_000_000_000,
            trail,
        };
        let conversation = Conversation {
            id: ids.conversation(),
            chat_kind: "private".to_owned(),
            state: ConversationState::default(),
            closed_why: None,
            told_idle: false,
        };
        let effect = Effect::AskModel {
            request_id: ids.request(),
            folder: "dev2production".to_owned(),
            version: "abc".to_owned(),
            question: Pii::new("how long?".to_owned()),
            messages: vec![5],
            lang: Lang::EN,
            context: Some(PromptContext::Qualification),
            model: Some("openai/gpt".to_owned()),
            deadline_ms: 1_700_000_060_000,
        };
        let mut writes = Writes::default();
        let expected = Effect::ExpectAnswer { request_id: ids.request(), deadline_ms: 1_700_000_060_000 };
        for effect in [expected, effect] {
            writes.add(&ids, 1_700_000_000_100, &turn, &conversation, effect).unwrap();
        }
        let request = &writes.questions[0].request;
        assert_eq!((request.bot.as_str(), request.folder.as_str()), ("sales", "dev2production"));
        assert_eq!(request.version, "abc");
        assert_eq!((request.context.as_str(), request.model.as_str()), ("qualification", "openai/gpt"));
        let deadline: Deadline = serde_json::from_slice(&writes.jobs[0].payload).unwrap();
        assert_eq!((deadline.received_at_ms, request.received_at_ms), (1_700_000_000_000, 1_700_000_000_000));
    }
}
