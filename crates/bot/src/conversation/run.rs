use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bus::Bus;
use bus::outbox::Outbox;
use classify::{Class, Failure};
use ids::{Clock, Ids, SignedDuration};
use jobs::Jobs;
use pg::{AfterCommit, PgConnection, PgError};

use super::closing::Closed;
use super::effects::Writes;
use super::turn::{Reach, Turn};
use super::{closing, files, rights, superseded};
use crate::bots::Bots;
use crate::choosable::Choosable;
use crate::domain::{Chat, Effect, Engine, Input, Step, What};
use crate::store::conversation::{self, ChatKey, Conversation};
use crate::store::message::Message;
use crate::store::{chat_moved, draft, lead, limit, message};
use crate::versions;

/// Moves conversations. Shared by everything that speaks for one: updates, model answers, deadlines.
#[derive(Clone)]
pub(crate) struct Conversations {
    pub(crate) bots: Arc<Bots>,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) outbox: Outbox,
    pub(crate) jobs: Jobs,
    /// Tells models what they need not go on with.
    pub(crate) bus: Bus,
    /// Earlier messages that a model is shown.
    pub(crate) history: u16,
    /// How long files are kept.
    pub(crate) keep_files: SignedDuration,
    /// Whether people are held to the limits of their bot.
    pub(crate) limits: bool,
    /// Whether they look on while a model answers.
    pub(crate) drafts: bool,
    /// Which models people may choose.
    pub(crate) choosable: Choosable,
}

impl Conversations {
    /// Steps these turns in their order and writes all that comes of them, in the caller's transaction.
    pub(crate) async fn run(
        &self,
        tx: &mut PgConnection,
        mut turns: Vec<Turn>,
    ) -> Result<AfterCommit, Failure> {
        let mut all = AfterCommit::nothing();
        while !turns.is_empty() {
            // What comes behind a move of a chat finds the conversation where it has moved to.
            let is_move = |turn: &Turn| matches!(turn.place.reach, Reach::Moved { .. });
            let end = turns.iter().position(is_move).map_or(turns.len(), |number| number + 1);
            let rest = turns.split_off(end);
            all = all.and(self.run_some(tx, std::mem::replace(&mut turns, rest)).await?);
        }
        Ok(all)
    }

    async fn run_some(&self, tx: &mut PgConnection, mut turns: Vec<Turn>) -> Result<AfterCommit, Failure> {
        let now_ms = self.clock.now_ms();
        let mut keys: Vec<ChatKey> = turns.iter().map(|turn| turn.key.clone()).collect();
        keys.sort_unstable();
        keys.dedup();
        let mut known = conversation::load(tx, &keys).await?;
        let newer = chat_moved::follow(tx, &keys, &mut known).await?;
        for turn in &mut turns {
            if let Some(name) = newer.get(&turn.key) {
                turn.key.clone_from(name);
            }
        }
        let pinned = self.fetch_versions(tx, &known).await?;
        let keep_files_ms = i64::try_from(self.keep_files.as_millis()).unwrap_or(i64::MAX);
        let mut writes = Writes { keep_files_ms, drafts: self.drafts, ..Writes::default() };
        let mut said = Vec::with_capacity(turns.len());
        for turn in turns {
            self.step(&mut known, &pinned, &mut writes, &mut said, now_ms, turn)?;
        }
        let of = |keys: &HashSet<ChatKey>| {
            let mut some: Vec<_> = known.iter().filter(|(key, _)| keys.contains(*key)).collect();
            some.sort_unstable_by_key(|(key, _)| *key);
            some
        };
        conversation::save(tx, &of(&writes.touched)).await?;
        conversation::remember(tx, &of(&writes.remembering)).await?;
        for (key, chat_id) in std::mem::take(&mut writes.moves) {
            chat_moved::move_to(tx, &key, chat_id).await?;
        }
        for question in std::mem::take(&mut writes.questions) {
            let (conversation, most) = (question.conversation_id, i64::from(self.history));
            let before = message::recent(tx, conversation, most, &question.messages).await?;
            writes.ask(&self.ids, now_ms, question, before);
        }
        message::append(tx, &said).await?;
        message::edited(tx, &said).await?;
        for handoff in std::mem::take(&mut writes.handoffs) {
            let before = message::recent(tx, handoff.conversation_id, i64::from(self.history), &[]).await?;
            writes.call(&self.ids, now_ms, handoff, before);
        }
        for (file, trail) in std::mem::take(&mut writes.files) {
            writes.jobs.push(files::receive(tx, &file, &trail, now_ms).await?);
        }
        for mut captured in std::mem::take(&mut writes.leads) {
            let (bot, lead) = (&captured.key.bot, &captured.lead);
            lead::insert(tx, bot, captured.conversation_id, lead, now_ms).await?;
            metrics::counter!(
                "dragoman_leads_total", "bot" => bot.clone(), "temperature" => lead.temperature.as_str()
            )
            .increment(1);
            captured.event.files = files::of_lead(tx, captured.conversation_id, lead.lead_id).await?;
            writes.events.push(captured.envelope(&self.ids, now_ms));
        }
        for again in std::mem::take(&mut writes.rescored) {
            // Of a lead that was erased there is nothing to be told.
            if lead::rescore(tx, &again.lead).await? {
                writes.events.push(again.envelope(&self.ids, now_ms));
            }
        }
        let closed = std::mem::take(&mut writes.closed);
        writes.events.extend(closing::told(tx, &self.ids, now_ms, closed).await?);
        limit::insert(tx, &writes.limits, now_ms).await?;
        draft::open(tx, &writes.opened).await?;
        let in_groups = draft::end(tx, &writes.ended, &writes.awaited).await?;
        let withdrawn = std::mem::take(&mut writes.withdrawn).into_iter();
        writes.jobs.extend(withdrawn.filter(|(request, _)| in_groups.contains(request)).map(|(_, job)| job));
        rights::grant(tx, &self.ids, now_ms, &mut writes).await?;
        let published = self.outbox.put(tx, &writes.events).await?;
        let told = superseded::tell(&self.bus, writes.superseded);
        // Last, for it may lock what other conversations share: the rates of sending.
        Ok(self.jobs.enqueue(tx, writes.jobs).await?.and(published).and(told))
    }

    /// The engines of versions that flows under way began with, where those are not the current ones. They are held
    /// for the whole batch: meanwhile others may let them go.
    async fn fetch_versions(
        &self,
        tx: &mut PgConnection,
        known: &HashMap<ChatKey, Conversation>,
    ) -> Result<HashMap<ChatKey, Arc<Engine>>, PgError> {
        let mut pinned = HashMap::new();
        for (key, conversation) in known {
            let (Some(bot), Some(version)) = (self.bots.get(&key.bot), conversation.state.version()) else {
                continue;
            };
            if !bot.engines.knows(version) {
                let files = crate::store::version::files(tx, &bot.folder, version).await?;
                bot.engines.remember(version.to_owned(), versions::revive(&bot.folder, version, files));
            }
            if let Some(engine) = bot.engines.earlier_of_state(&conversation.state) {
                pinned.insert(key.clone(), engine);
            }
        }
        Ok(pinned)
    }

    fn step(
        &self,
        known: &mut HashMap<ChatKey, Conversation>,
        pinned: &HashMap<ChatKey, Arc<Engine>>,
        writes: &mut Writes,
        said: &mut Vec<Message>,
        now_ms: i64,
        mut turn: Turn,
    ) -> Result<(), Failure> {
        let Some(bot) = self.bots.get(&turn.key.bot) else {
            // To try again would hold up everybody in this partition. An operator finds it among the dead
            // letters, and replays it where the bot is configured.
            return Err(Failure::new(
                Class::Permanent,
                format!("bot {} is not configured here", turn.key.bot),
            ));
        };
        let mut conversation = match known.remove(&turn.key) {
            Some(conversation) => conversation,
            // Only a person begins a conversation; a late answer of a model to an erased one does not.
            None if !turn.what.begins_a_conversation() => return Ok(()),
            None => Conversation {
                id: self.ids.conversation(),
                chat_kind: turn.chat_kind.clone(),
                state: crate::domain::ConversationState::default(),
                closed_why: None,
                told_idle: false,
            },
        };
        if turn.said.is_some() {
            conversation.closed_why = None;
            conversation.told_idle = false;
        }
        // Whoever can not be written to is not reminded, nor told of a deal.
        let is_ours = matches!(turn.what, What::ReminderDue { .. } | What::DealEnded(_));
        if conversation.closed_why.is_some() && is_ours {
            known.insert(turn.key, conversation);
            return Ok(());
        }
        match turn.place.reach {
            Reach::AsBefore => {}
            Reach::Lost { why } => {
                if conversation.closed_why.is_none() {
                    writes.closed.push(Closed {
                        key: turn.key.clone(),
                        conversation_id: conversation.id,
                        why: why.to_owned(),
                        trail: turn.trail.clone(),
                    });
                }
                conversation.closed_why = Some(why.to_owned());
            }
            Reach::Regained => conversation.closed_why = None,
            // The other of the two messages that say so came before.
            Reach::Moved { chat_id } if chat_id == turn.key.chat_id => {}
            Reach::Moved { chat_id } => writes.moves.push((turn.key.clone(), chat_id)),
        }
        let question = match &turn.what {
            What::ModelAnswered(answer) => {
                writes.ended.push(answer.request_id);
                Some(answer.request_id)
            }
            What::Quiet { turn, .. } => Some(*turn),
            _ => None,
        };
        if let Some(question) = question {
            let asked = conversation.state.pending.iter().find(|asked| asked.request_id == question);
            turn.place.topic = asked.and_then(|asked| asked.topic);
            if let Some(person) = asked.and_then(|asked| asked.person.as_deref()) {
                turn.person.clone_from(person);
            }
        }
        let kept = turn.said.take();
        // Time and our own services know no more of the chat than its number.
        let chat = if turn.what.is_of_the_person() {
            turn.chat
        } else {
            let private = conversation.chat_kind == "private";
            Chat { id: turn.key.chat_id, private, addressed: true, topic: turn.place.topic }
        };
        let input = Input {
            what: turn.what.clone(),
            person: turn.person.clone(),
            chat,
            message: turn.message,
            now_ms,
            request_id: self.ids.request(),
            lead_id: self.ids.lead(),
            choosable: self.choosable.get(),
            bot_username: bot.me().username.map(str::to_owned),
        };
        let engine = match pinned.get(&turn.key) {
            Some(earlier) if versions::is(earlier, conversation.state.version()) => earlier.clone(),
            _ => bot.engines.current(),
        };
        // To be compared with; nothing else of ours happens in silence.
        let before = matches!(turn.what, What::DealEnded(_)).then(|| conversation.state.deals.clone());
        let Step { state, effects, understood } = if self.limits {
            engine.receive(conversation.state, &input)
        } else {
            engine.step(conversation.state, &input)
        };
        conversation.state = state;
        let is_silent = effects.iter().all(|effect| matches!(effect, Effect::Ignore { .. }));
        match before.filter(|_| is_silent) {
            None => {
                writes.touched.insert(turn.key.clone());
            }
            Some(deals) if deals != conversation.state.deals => {
                writes.remembering.insert(turn.key.clone());
            }
            Some(_) => {}
        }
        let (mut ignored_why, called) = (None, writes.handoffs.len());
        for effect in effects {
            if let Some(reason) = writes.add(&self.ids, now_ms, &turn, &conversation, effect)? {
                ignored_why = Some(reason);
            }
        }
        for handoff in &mut writes.handoffs[called..] {
            handoff.held_by(engine.folder(), conversation.state.lang);
        }
        if let Some(kept) = kept {
            said.push(Message {
                conversation_id: conversation.id,
                at_ms: now_ms,
                from_person: true,
                kind: kept.kind,
                text: kept.text,
                label: kept.label,
                message_id: kept.message_id,
                answers: 0,
                ignored_why,
                understood,
            });
        }
        said.extend(superseded::dropped(&turn.what, conversation.id, now_ms, ignored_why));
        known.insert(turn.key, conversation);
        Ok(())
    }
}
