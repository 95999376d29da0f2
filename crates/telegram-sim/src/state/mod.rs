//! What the simulator knows: bots and their updates, people, chats, files, and what was called.

mod bot;
mod callbacks;
mod calls;
mod chat;
mod counters;
pub(crate) mod drafts;
mod files;
mod inline;
mod keyboard;
mod live;
mod people;
mod sim;
mod topics;
mod updates;

pub(crate) use bot::{Bot, CommandScope, Profile};
pub(crate) use callbacks::Answer;
pub(crate) use calls::{Call, CallFilter, CallLog};
pub(crate) use chat::{Chat, ChatKey, ChatState, Entry, Status};
pub(crate) use counters::Counters;
pub use counters::{CountersView, MethodCounts};
pub(crate) use files::{FileStore, NewFile, Stored};
pub(crate) use keyboard::Keyboard;
pub(crate) use live::{Live, LiveEvent};
pub(crate) use people::People;
pub(crate) use sim::Sim;
pub(crate) use topics::Topic;
pub(crate) use updates::{AllowedUpdates, Delivery, Pending, UpdateQueue};
