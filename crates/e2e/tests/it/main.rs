//! Everything as it is installed: real programs, a Telegram, a CRM, a model and a browser around them.

mod bot_api;
mod chat_page;
mod dead_letters;
mod up;
