//! Why a simulator does not start.

use std::net::SocketAddr;

use classify::{Class, Classify};

use crate::options::NotABot;

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the Telegram simulator can not listen on {addr}")]
    Listen {
        addr: SocketAddr,
        #[source]
        source: std::io::Error,
    },
    #[error("bot {name} of the Telegram simulator is not valid")]
    Bot {
        name: String,
        #[source]
        source: NotABot,
    },
    #[error("two bots of the Telegram simulator have the same name or token: {name}")]
    SameBot { name: String },
}

impl Classify for StartError {
    fn class(&self) -> Class {
        match self {
            Self::Listen { source, .. } if source.kind() == std::io::ErrorKind::AddrInUse => Class::Conflict,
            Self::Listen { .. } => Class::Permanent,
            Self::Bot { .. } | Self::SameBot { .. } => Class::Invalid,
        }
    }
}
