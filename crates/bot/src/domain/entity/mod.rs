//! Facts found in what people write: amounts of money, times, ways to reach them, companies, technologies.
//! Each keeps the person's words that it rests on.

mod contact;
mod found;
#[cfg(test)]
mod golden;
mod lexer;
mod money;
mod phone;
mod plain;
mod time;

pub(crate) use contact::{Reach, find_email, find_phone, find_reach};
pub(crate) use found::Found;
pub(crate) use money::{MoneyFound, find_money, is_unclear, is_undecided, only_currency};
pub(crate) use phone::normal_phone;
pub(crate) use time::{Time, find_time};
