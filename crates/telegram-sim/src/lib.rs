//! A Telegram to develop against: a Bot API server that is as strict as the real one, people who use
//! it, and a page to be one of them.
//!
//! It owns no data: everything is in memory and gone when it stops.
//!
//! # The Bot API
//! `/bot<token>/<method>` and `/file/bot<token>/<path>`, by GET or POST, with parameters in the query,
//! as a form, as JSON or as multipart. What the real server refuses is refused in its words: lengths in
//! UTF-16 units, formatting, keyboards, unknown chats, blocked bots, unchanged edits, old callback
//! queries, files too large. The pace is limited as on Telegram (about one message a second in a chat,
//! twenty a minute in a group, thirty a second for a bot); a 429 carries `retry_after` in the body and
//! as a header. A webhook gets each chat's updates in order, the next one only after a 2xx; the first
//! retry is at once, then after 2 s, 4 s and so on up to a random 60–120 s; its `Retry-After` is obeyed.
//! It may be plain HTTP on this machine. Not imitated: payments, inline results but articles, channels, stickers, rich
//! messages, and fetching files from addresses.
//!
//! # The control API
//! JSON under `/sim`. `person` is a person's id; `chat` is the name of a bot (the private chat with it),
//! or the id of a group; without it, the private chat with the first bot.
//!
//! | | |
//! |---|---|
//! | `GET /sim/state` | bots, people, settings, faults |
//! | `GET,POST /sim/bots` | `{name, token, privacy?, private_topics?}` |
//! | `GET,POST /sim/people` | `{first_name, last_name?, username?, language_code?, id?}` |
//! | `GET /sim/chats?person=` | the chats a person sees; without `person` all of them |
//! | `POST /sim/chats` | a group: `{title, kind: group\|supergroup, topics?, people: [id], bots: [{bot, admin?}], id?}` |
//! | `POST /sim/members` | `{chat, person\|bot, status: administrator\|member\|left\|kicked, by?}` |
//! | `POST /sim/messages` | `{person, chat?, text\|contact\|location, thread?, reply_to?, media_group_id?}`; answers with the message |
//! | `POST /sim/files` | multipart `person, chat?, file, kind? (photo\|document), caption?, thread?, reply_to?`; or `size` and `name` for a document that is only said to be so large |
//! | `POST /sim/edits` | `{person, chat?, message_id, text}` |
//! | `POST /sim/presses` | `{person, chat?, message_id, data, any_data?}`; answers `{id}` |
//! | `POST /sim/stops` | `{person, chat?, draft_id}`: the person stops a draft that has `can_stop` |
//! | `GET /sim/presses/{id}?bot=` | `{answered, text, show_alert, url}` |
//! | `POST /sim/inline` | `{person, bot?, query}`; answers `{id}` |
//! | `GET /sim/inline/{id}?bot=` | `{results}`, null until the bot has answered |
//! | `POST /sim/reactions` | `{person, chat?, message_id, emoji: […]}` |
//! | `POST /sim/blocks` | `{person, chat?, blocked}` |
//! | `POST /sim/updates` | raw updates: `{bot?, updates: [{…}]}`; answers `{update_ids}` |
//! | `GET /sim/calls?after=&bot=&method=&chat=&limit=&wait=` | what bots called, oldest first; `wait` seconds for the next one |
//! | `GET /sim/history?person=&chat=&after=&limit=` | the newest messages of a chat |
//! | `GET,POST,DELETE /sim/faults`, `DELETE /sim/faults/{id}` | `{bot?, method?, chat?, times?, probability?, when?: before\|after, fail?: "drop" \| {status, description?, retry_after?}, delay_ms?}` |
//! | `GET,PUT /sim/settings` | `{limits, delay_ms, duplicate_updates, lose_acks}`; `lose_acks` takes so many good webhook answers for bad ones |
//! | `GET,DELETE /sim/counters` | calls per method, updates, deliveries; `DELETE` sets them to 0 |
//! | `GET /sim/live?person=` | what a person sees happen, as server-sent events |
//!
//! # The page
//! `/` is a messenger: be somebody, write, press buttons, send files, see the bot type, stream and edit.
//! It is ready when `#app` has `data-ready="true"`. A browser test finds things by `data-testid`:
//!
//! | | |
//! |---|---|
//! | who you are | `identity-picker`, `identity-option` (`data-person`), `identity-name`, `add-person` |
//! | chats | `chat-list`, `chat-item` (`data-chat`: a bot's name or a group's id), `unread`, `new-group-button` |
//! | a chat | `chat-title`, `chat-status`, `chat-menu`, `back`, `topic` (`data-thread`), `start-button` |
//! | messages | `message-list`, `message` (`data-message-id`, `data-author`: `me`, `bot`, `other`), `service-message`, `edited`, `reaction`, `photo`, `document`, `contact`, `location`, `draft`, `draft-stop`, `typing`, `scroll-to-end` |
//! | buttons | `inline-button` (`data-callback`), `reply-button`, `command` (`data-command`), `commands-button` |
//! | writing | `composer`, `send-button`, `file-input`, `attachment`, `context`, `unblock` |
//! | answers to presses | `toast`, `alert`, `alert-ok` |

mod bot_api;
mod control;
mod error;
mod faults;
mod limits;
mod model;
mod options;
mod page;
mod server;
mod state;
mod sync;
mod text;
mod webhook;
mod world;

pub use error::StartError;
pub use options::{BotSpec, CallSeen, Limits, NotABot, Observer, Options, WebhookTiming};
pub use server::{Running, Simulator};
pub use state::{CountersView, MethodCounts};
