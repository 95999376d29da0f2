//! The chats a person sees, and groups.

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::address::{self, chat_name};
use super::problem::Problem;
use super::{App, people};
use crate::model::{ChatKind, ChatView};
use crate::state::{Chat, ChatKey, ChatState, Sim, Status};
use crate::sync::lock;
use crate::world::ActError;

#[derive(Debug, Deserialize)]
pub(super) struct OfPerson {
    person: Option<i64>,
}

/// With `person`: one private chat per bot, begun or not, and the groups the person is in. Without:
/// every chat there is.
pub(super) async fn list(State(sim): State<App>, Query(of): Query<OfPerson>) -> Result<Json<Value>, Problem> {
    let Some(id) = of.person else {
        return Ok(Json(sim.chats().iter().map(|chat| view(&sim, chat, "")).collect()));
    };
    let person = sim.person(id).ok_or(ActError::NoPerson(id))?;
    let language = person.language_code.as_deref().unwrap_or_default();
    let private = sim.bots().into_iter().map(|bot| match sim.chat(ChatKey::of(bot.id, id)) {
        Some(chat) => view(&sim, &chat, language),
        None => json!({
            "chat": bot.name,
            "kind": "private",
            "view": ChatView::private(&person),
            "bot": people::view(&bot, language),
            "topics": [],
            "members": [],
            "blocked": false,
            "begun": false,
        }),
    });
    let groups = sim.chats().into_iter().filter(|chat| chat.key.bot == 0 && lock(&chat.state).is_in(id));
    let groups = groups.map(|chat| view(&sim, &chat, language)).collect::<Vec<_>>();
    Ok(Json(private.chain(groups).collect()))
}

fn view(sim: &Sim, chat: &Chat, language: &str) -> Value {
    let bot = (chat.key.bot != 0).then(|| sim.bot_named(&chat.key.bot.to_string())).flatten();
    let bot = bot.map(|bot| people::view(&bot, language));
    let state = lock(&chat.state);
    json!({
        "chat": chat_name(sim, chat.key),
        "kind": state.view.kind,
        "view": state.view,
        "bot": bot,
        "topics": state.topics.values().collect::<Vec<_>>(),
        "members": members(sim, &state),
        "blocked": state.blocked,
        "keyboard": state.keyboard,
        "last": state.last(),
        "begun": true,
    })
}

fn members(sim: &Sim, state: &ChatState) -> Vec<Value> {
    let user = |id: i64| sim.person(id).or_else(|| sim.bot_named(&id.to_string()).map(|bot| bot.user()));
    let known = state.members.iter().filter(|(_, status)| status.is_in());
    known.filter_map(|(id, status)| Some(json!({ "user": user(*id)?, "status": status }))).collect()
}

#[derive(Debug, Deserialize)]
pub(super) struct NewGroup {
    #[serde(default)]
    id: i64,
    title: String,
    /// `group` or `supergroup`.
    kind: ChatKind,
    /// A forum; only a supergroup can be one.
    #[serde(default)]
    topics: bool,
    /// The first person is its creator.
    people: Vec<i64>,
    #[serde(default)]
    bots: Vec<NewMember>,
}

#[derive(Debug, Deserialize)]
pub(super) struct NewMember {
    bot: String,
    #[serde(default)]
    admin: bool,
}

pub(super) async fn add(State(sim): State<App>, Json(new): Json<NewGroup>) -> Result<Json<Value>, Problem> {
    if new.kind == ChatKind::Private || new.title.trim().is_empty() || new.id > 0 {
        return Err(Problem::invalid("a group has a title, and an id below zero if it has one"));
    }
    if new.topics && new.kind != ChatKind::Supergroup {
        return Err(Problem::invalid("only a supergroup has topics"));
    }
    let mut members = Vec::new();
    for (at, id) in new.people.iter().enumerate() {
        let person = sim.person(*id).ok_or(ActError::NoPerson(*id))?;
        members.push((person.id, if at == 0 { Status::Creator } else { Status::Member }));
    }
    for member in &new.bots {
        let bot = address::bot(&sim, Some(&member.bot))?;
        members.push((bot.id, if member.admin { Status::Administrator } else { Status::Member }));
    }
    let chat = sim.add_group(new.id, new.kind, new.title.trim(), new.topics, &members);
    Ok(Json(view(&sim, &chat, "")))
}

#[derive(Debug, Deserialize)]
pub(super) struct SetMember {
    chat: i64,
    /// Who does it; the member itself when absent.
    #[serde(default)]
    by: Option<i64>,
    #[serde(default)]
    person: Option<i64>,
    #[serde(default)]
    bot: Option<String>,
    status: Status,
}

pub(super) async fn set_member(
    State(sim): State<App>,
    Json(set): Json<SetMember>,
) -> Result<Json<Value>, Problem> {
    let chat = address::group(&sim, set.chat)?;
    let member = match (set.person, &set.bot) {
        (Some(id), None) => sim.person(id).ok_or(ActError::NoPerson(id))?,
        (None, Some(name)) => address::bot(&sim, Some(name))?.user(),
        _ => return Err(Problem::invalid("say either person or bot")),
    };
    let by = match set.by {
        Some(id) => sim.person(id).ok_or(ActError::NoPerson(id))?,
        None => member.clone(),
    };
    sim.set_member(&chat, &by, &member, set.status)?;
    Ok(Json(view(&sim, &chat, "")))
}
