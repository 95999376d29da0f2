//! Files that people send: what they really are, what they may be called, where they are kept, who may fetch
//! them. Names and claims of the sender decide nothing.

mod config;
mod leftovers;
mod link;
mod name;
mod scan;
mod sniff;
mod vault;

pub use config::{FilesConfig, S3Config};

pub(crate) use link::{Link, Links, Refused};
pub(crate) use name::{clean_name, name_or_usual, safe_name};
pub(crate) use scan::{Scanner, Verdict};
pub(crate) use sniff::{FileType, sniff};
pub(crate) use vault::Vault;
