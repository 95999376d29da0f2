//! The objects of the Bot API, in the shape the real server writes them.

mod chat;
mod entity;
mod message;
mod user;

pub(crate) use chat::{ChatKind, ChatView};
pub(crate) use entity::Entity;
pub(crate) use message::{
    Contact, Document, Empty, ForumTopicCreated, Location, Message, PhotoSize, ReplyTarget,
};
pub(crate) use user::User;
