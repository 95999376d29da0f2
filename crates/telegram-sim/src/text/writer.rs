//! Builds a formatted text: what was written so far, and which entities are open.

use super::Formatted;
use super::links::{self, Target};
use crate::model::Entity;

#[derive(Default)]
pub(super) struct Writer {
    pub(super) text: String,
    pub(super) entities: Vec<Entity>,
    /// UTF-16 units written.
    pub(super) units: usize,
}

impl Writer {
    pub(super) fn push(&mut self, c: char) {
        self.text.push(c);
        self.units += c.len_utf16();
    }

    pub(super) fn push_str(&mut self, text: &str) {
        text.chars().for_each(|c| self.push(c));
    }

    /// Closes an entity that began at `offset`; an empty one disappears.
    pub(super) fn close(&mut self, kind: &str, offset: usize) -> Option<&mut Entity> {
        if self.units == offset {
            return None;
        }
        self.entities.push(Entity::new(kind, offset, self.units - offset));
        self.entities.last_mut()
    }

    /// Closes a link; one that leads nowhere leaves plain text.
    pub(super) fn close_link(&mut self, offset: usize, url: &str) {
        match links::target(url) {
            Some(Target::Url(url)) => {
                if let Some(entity) = self.close("text_link", offset) {
                    entity.url = Some(url);
                }
            }
            Some(Target::User(user)) => {
                if let Some(entity) = self.close("text_mention", offset) {
                    entity.user = Some(user);
                }
            }
            None => {}
        }
    }

    pub(super) fn finish(mut self) -> Formatted {
        self.entities.sort_by_key(|e| (e.offset, usize::MAX - e.length));
        Formatted { text: self.text, entities: self.entities }
    }
}
