//! Albums: Telegram delivers each of their files as a message of its own; together they are one.

use ids::RequestId;

use super::memory::OpenAlbum;
use super::question::due;
use crate::domain::turn::Turn;
use crate::domain::{Effect, Part};

impl Turn<'_> {
    /// Whether this file waits for the rest of its album.
    pub(in crate::domain) fn waits_for_album(&mut self) -> bool {
        let bounds = &self.folder.bot.turns;
        let now_ms = self.input.now_ms;
        let message_id = self.input.message.id;
        let Some(id) = self.input.message.album.as_ref().filter(|_| bounds.album_quiet_ms > 0) else {
            return false;
        };
        if let Some(open) = self.state.turns.album.as_mut().filter(|open| open.id == *id) {
            open.due_ms = due(bounds.album_quiet_ms, bounds.most_ms, open.since_ms, now_ms);
            open.message_id = message_id;
            self.effects.push(Effect::Gathered);
            return true;
        }
        let due_ms = due(bounds.album_quiet_ms, bounds.most_ms, now_ms, now_ms);
        let turn = self.input.request_id;
        let album = OpenAlbum { turn, id: id.clone(), since_ms: now_ms, due_ms, message_id };
        if let Some(before) = self.state.turns.album.replace(album) {
            self.answer_album(&before);
        }
        self.effects.push(Effect::WaitForMore { turn, due_ms });
        true
    }

    /// Nothing more of an album has come, as far as the job knows that was written for `due_ms`.
    pub(super) fn album_quiet(&mut self, turn: RequestId, due_ms: i64) {
        let open = self.state.turns.album.take_if(|open| open.turn == turn && open.due_ms == due_ms);
        if let Some(album) = open {
            return self.answer_album(&album);
        }
        match self.state.turns.album.as_ref().filter(|open| open.turn == turn) {
            Some(open) => self.effects.push(Effect::WaitForMore { turn, due_ms: open.due_ms }),
            None => self.effects.push(Effect::Ignore { reason: "it has been answered already" }),
        }
    }

    fn answer_album(&mut self, album: &OpenAlbum) {
        self.to = album.message_id;
        self.said = vec![Part { message_id: album.message_id, ..Part::default() }];
        self.aside(&self.folder.bot.texts.unexpected_file);
        self.to = self.input.message.id;
    }
}
