//! What the pages look like. Whatever stands in a hole of a template is escaped: names of a CRM's fields are a stranger's.

mod accounts;
mod frame;
mod history;
mod mapping;
mod notice;
mod place;
mod rows;
mod sign_in;
mod times;

pub(super) use accounts::page as accounts;
pub(super) use frame::{Frame, sorry};
pub(super) use history::{Refused, page as history};
pub(super) use mapping::page as mapping;
pub(super) use sign_in::page as sign_in;
