//! The whole simulated world, shared by every connection.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, RwLock};

use tokio_util::sync::CancellationToken;

use super::callbacks::Callbacks;
use super::inline::InlineQueries;
use super::{Bot, CallLog, Chat, ChatKey, Counters, FileStore, Live, People, Profile, UpdateQueue};
use crate::error::StartError;
use crate::faults::Faults;
use crate::limits::Buckets;
use crate::model::{ChatView, User};
use crate::options::{BotSpec, Options};
use crate::sync::{lock, read, write};
use crate::webhook::WebhookClient;

pub(crate) struct Sim {
    pub(crate) options: Options,
    bots: RwLock<Bots>,
    pub(crate) people: RwLock<People>,
    chats: RwLock<HashMap<ChatKey, Arc<Chat>>>,
    pub(crate) files: FileStore,
    pub(crate) calls: CallLog,
    pub(crate) counters: Counters,
    pub(crate) faults: Faults,
    pub(crate) limits_on: AtomicBool,
    pub(crate) live: Live,
    pub(crate) webhook_client: WebhookClient,
    pub(crate) shutdown: CancellationToken,
    next_callback: Mutex<u64>,
}

#[derive(Default)]
struct Bots {
    by_token: HashMap<String, Arc<Bot>>,
    list: Vec<Arc<Bot>>,
}

impl Bots {
    /// The username that goes with the name; numbered where another bot has it (`shop` and `shop-bot`).
    fn free_username(&self, spec: &BotSpec) -> String {
        let wanted = spec.username();
        let is_free = |name: &String| !self.list.iter().any(|bot| bot.username.eq_ignore_ascii_case(name));
        let numbered = (2..self.list.len() + 3).map(|number| format!("{wanted}_{number}_bot"));
        std::iter::once(wanted.clone()).chain(numbered).find(is_free).unwrap_or_default()
    }
}

impl Sim {
    pub(crate) fn new(options: Options) -> Self {
        let log = options.call_log.unwrap_or(if options.lean { 0 } else { 10_000 });
        let file_bytes = if options.lean { 0 } else { options.file_bytes };
        Self {
            bots: RwLock::default(),
            people: RwLock::default(),
            chats: RwLock::default(),
            files: FileStore::new(file_bytes, &options.ids),
            calls: CallLog::new(log),
            counters: Counters::new(),
            faults: Faults::default(),
            limits_on: AtomicBool::new(options.limits.enabled),
            live: Live::new(),
            webhook_client: WebhookClient::new(),
            shutdown: CancellationToken::new(),
            // Unlike message ids these are not shown to people, but a bot may remember them.
            next_callback: Mutex::new(u64::try_from(options.clock.now_ms()).unwrap_or(0) << 12),
            options,
        }
    }

    /// Unix seconds, as Telegram dates things.
    pub(crate) fn now(&self) -> i64 {
        self.options.clock.now().as_second()
    }

    pub(crate) fn limits_on(&self) -> bool {
        self.limits_on.load(Ordering::Relaxed)
    }

    pub(crate) fn add_bot(&self, spec: &BotSpec) -> Result<Arc<Bot>, StartError> {
        let id = spec.id().map_err(|source| StartError::Bot { name: spec.name.clone(), source })?;
        let first_update = self.options.first_update_id.unwrap_or_else(|| self.random_update_id());
        let mut bots = write(&self.bots);
        if bots.list.iter().any(|b| b.id == id || b.name == spec.name) {
            return Err(StartError::SameBot { name: spec.name.clone() });
        }
        let bot = Arc::new(Bot {
            id,
            name: spec.name.clone(),
            username: bots.free_username(spec),
            privacy: AtomicBool::new(spec.privacy),
            private_topics: AtomicBool::new(spec.private_topics),
            profile: Mutex::new(Profile::default()),
            updates: Mutex::new(UpdateQueue::new(first_update, self.options.pending_updates)),
            poll_wake: tokio::sync::Notify::new(),
            webhook_wake: tokio::sync::Notify::new(),
            webhook: Mutex::new(None),
            callbacks: Mutex::new(Callbacks::default()),
            inline: Mutex::new(InlineQueries::default()),
            buckets: Mutex::new(Buckets::default()),
            lean_message_id: self.first_message_id().into(),
        });
        bots.by_token.insert(spec.token.expose().to_owned(), bot.clone());
        bots.list.push(bot.clone());
        Ok(bot)
    }

    #[expect(clippy::cast_possible_truncation, reason = "a fraction of less than 2^30")]
    fn random_update_id(&self) -> i64 {
        100_000_000 + (self.options.ids.fraction() * 900_000_000.0) as i64
    }

    pub(crate) fn first_message_id(&self) -> i64 {
        /// 2026-01-01T00:00:00Z
        const START: i64 = 1_767_225_600;
        self.options.first_message_id.unwrap_or_else(|| (self.now() - START).max(1))
    }

    pub(crate) fn bot_by_token(&self, token: &str) -> Option<Arc<Bot>> {
        read(&self.bots).by_token.get(token).cloned()
    }

    /// By name, username (with or without `@`) or id; the name of one may be the username of another.
    pub(crate) fn bot_named(&self, name: &str) -> Option<Arc<Bot>> {
        let plain = name.trim_start_matches('@');
        let bots = read(&self.bots);
        let matches =
            |bot: &&Arc<Bot>| bot.username.eq_ignore_ascii_case(plain) || plain.parse() == Ok(bot.id);
        bots.list.iter().find(|bot| bot.name == name).or_else(|| bots.list.iter().find(matches)).cloned()
    }

    pub(crate) fn bots(&self) -> Vec<Arc<Bot>> {
        read(&self.bots).list.clone()
    }

    pub(crate) fn person(&self, id: i64) -> Option<User> {
        read(&self.people).get(id).cloned()
    }

    pub(crate) fn chat(&self, key: ChatKey) -> Option<Arc<Chat>> {
        read(&self.chats).get(&key).cloned()
    }

    /// The chat, made from `view` if it is new.
    pub(crate) fn chat_or_new(&self, key: ChatKey, view: impl FnOnce() -> ChatView) -> Arc<Chat> {
        if let Some(chat) = self.chat(key) {
            return chat;
        }
        let first_id = self.first_message_id();
        let new = || Arc::new(Chat::new(key, view(), first_id, self.options.history_per_chat));
        write(&self.chats).entry(key).or_insert_with(new).clone()
    }

    pub(crate) fn chats(&self) -> Vec<Arc<Chat>> {
        let mut chats: Vec<_> = read(&self.chats).values().cloned().collect();
        chats.sort_by_key(|chat| chat.key);
        chats
    }

    /// The bots that are in a chat.
    pub(crate) fn bots_in(&self, chat: &Chat) -> Vec<Arc<Bot>> {
        let bots = self.bots();
        if chat.key.bot != 0 {
            return bots.into_iter().filter(|bot| bot.id == chat.key.bot).collect();
        }
        let state = lock(&chat.state);
        bots.into_iter().filter(|bot| state.is_in(bot.id)).collect()
    }

    /// A number nobody else has.
    pub(crate) fn next_callback_id(&self) -> String {
        let mut next = lock(&self.next_callback);
        *next += 1;
        next.to_string()
    }
}

impl std::fmt::Debug for Sim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sim").field("bots", &read(&self.bots).list.len()).finish_non_exhaustive()
    }
}
