//! Facts found in what people write: amounts of money, times, ways to reach them, companies, technologies.
//! Each keeps the person's words that it rests on.

mod company;
mod contact;
mod found;
#[cfg(test)]
mod golden;
mod lexer;
mod money;
mod phone;
mod plain;
#[cfg(test)]
mod properties;
mod stack;
mod time;

pub(crate) use company::find_company;
pub(crate) use contact::{Reach, find_email, find_phone, find_reach};
pub(crate) use found::Found;
pub(crate) use money::{MoneyFound, find_money, is_unclear, is_undecided, only_currency};
pub(crate) use phone::normal_phone;
pub(in crate::domain) use stack::Stack;
pub(crate) use time::{Time, find_time};
