//! Facts found in what people write: amounts of money, ways to reach them.

mod contact;
mod lexer;
mod money;

pub(crate) use contact::{Reach, find_reach, normal_phone};
pub(crate) use money::{MoneyFound, find_money};
