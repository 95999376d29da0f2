//! Makes people and groups, and the small world of a demonstration.

use std::sync::Arc;

use crate::model::{ChatKind, ChatView, ForumTopicCreated, Message, User};
use crate::state::{Chat, ChatKey, Sim, Status, Topic};
use crate::sync::{lock, read, write};

impl Sim {
    /// A person; `id` 0 takes the next free one.
    pub(crate) fn add_person(&self, mut person: User) -> User {
        let mut people = write(&self.people);
        if person.id == 0 {
            person.id = people.next_id();
        }
        people.put(person.clone());
        person
    }

    /// A group; `id` 0 takes the next free one. Nobody is told: it is as if it had always been there.
    pub(crate) fn add_group(
        &self,
        id: i64,
        kind: ChatKind,
        title: &str,
        topics: bool,
        members: &[(i64, Status)],
    ) -> Arc<Chat> {
        let id = if id == 0 { self.next_group_id(kind) } else { id };
        let view = ChatView {
            id,
            kind,
            title: Some(title.to_owned()),
            username: None,
            first_name: None,
            last_name: None,
            is_forum: topics,
        };
        let chat = self.chat_or_new(ChatKey::of(0, id), || view);
        lock(&chat.state).members.extend(members.iter().copied());
        chat
    }

    fn next_group_id(&self, kind: ChatKind) -> i64 {
        let first = if kind == ChatKind::Supergroup { -1_001_000_000_001 } else { -500_000_001 };
        let same = |id: &i64| (*id < -1_000_000_000_000) == (kind == ChatKind::Supergroup) && *id < 0;
        self.chats()
            .iter()
            .map(|chat| chat.key.chat)
            .filter(same)
            .min()
            .map_or(first, |last| first.min(last - 1))
    }

    /// Makes a topic and the service message that begins it.
    pub(crate) fn add_topic(
        &self,
        chat: &Chat,
        by: User,
        name: &str,
        icon_color: i64,
    ) -> (Topic, Arc<Message>) {
        let mut state = lock(&chat.state);
        let mut note = Message::new(state.view.clone(), Some(by), self.now());
        note.forum_topic_created = Some(ForumTopicCreated { name: name.to_owned(), icon_color });
        note.is_topic_message = true;
        let entry = state.post(note, None);
        let id = entry.message.message_id;
        if let Some(kept) = state.find_mut(id) {
            let mut message = (*kept.message).clone();
            message.message_thread_id = Some(id);
            kept.message = Arc::new(message);
        }
        let topic = Topic { id, name: name.to_owned(), icon_color, closed: false };
        state.topics.insert(id, topic.clone());
        let entry = state.find(id).cloned().unwrap_or(entry);
        drop(state);
        self.live.tell(chat.key, "topics", "topic", || topic.clone());
        self.live.tell(chat.key, "message", "entry", || entry.clone());
        (topic, entry.message)
    }

    /// People and groups for whoever opens the page for the first time.
    pub(crate) fn add_demo(&self) {
        let person = |first: &str, last: &str, username: &str, language: &str| {
            self.add_person(User {
                id: 0,
                is_bot: false,
                first_name: first.to_owned(),
                last_name: Some(last.to_owned()),
                username: Some(username.to_owned()),
                language_code: Some(language.to_owned()),
            })
        };
        let anna = person("Anna", "Petrova", "anna_petrova", "ru");
        let ben = person("Ben", "Carter", "ben_carter", "en");
        let mira = person("Мира", "Соколова", "mira_sokolova", "ru");
        let people = [(anna.id, Status::Creator), (ben.id, Status::Member), (mira.id, Status::Member)];
        let with_bots = |status: Status| {
            let bots = self.bots().into_iter().map(move |bot| (bot.id, status));
            people.into_iter().chain(bots).collect::<Vec<_>>()
        };
        self.add_group(0, ChatKind::Group, "Weekend plans", false, &with_bots(Status::Member));
        let forum =
            self.add_group(0, ChatKind::Supergroup, "Project room", true, &with_bots(Status::Administrator));
        for (name, color) in [("Ideas", 16_766_590), ("Releases", 9_367_192)] {
            self.add_topic(&forum, anna.clone(), name, color);
        }
    }

    /// A person seen in an injected update comes into being, and so does the private chat.
    pub(crate) fn meet(&self, bot: i64, person: &User, chat: Option<&ChatView>) {
        if person.is_bot || person.id <= 0 {
            return;
        }
        if read(&self.people).get(person.id).is_none() {
            write(&self.people).put(person.clone());
        }
        if let Some(chat) = chat {
            let chat_of = self.chat_or_new(ChatKey::of(bot, chat.id), || chat.clone());
            if chat.id < 0 {
                let mut state = lock(&chat_of.state);
                state.members.entry(bot).or_insert(Status::Administrator);
                state.members.entry(person.id).or_insert(Status::Member);
            }
        }
    }
}
