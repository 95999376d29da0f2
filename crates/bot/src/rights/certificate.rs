use ids::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::store::erasure::Running;

/// What an erasure did, for the person and for whoever has to show it. It holds no personal data: ids that lead
/// nowhere any more, times, kinds and counts.
pub(crate) struct Certificate {
    pub(crate) value: Value,
    /// Of the text that is sent, in hexadecimal.
    pub(crate) sha256: String,
}

/// A stream of events, with how many of the person's were taken out of it.
pub(crate) struct Stream {
    pub(crate) name: String,
    pub(crate) removed: u64,
    /// Some were still to be handled; they go by themselves when they are 14 days old.
    pub(crate) left: bool,
}

impl Certificate {
    pub(crate) fn new(
        erasure: &Running,
        answers: &[(String, Value, Timestamp)],
        streams: &[Stream],
        files_left: i64,
        finished_at: Timestamp,
    ) -> Self {
        let service = |(service, report, at): &(String, Value, Timestamp)| {
            json!({
                "service": service, "answered_at": at, "erased": report["erased"], "kept": report["kept"],
            })
        };
        let stream = |stream: &Stream| {
            let mut value = json!({ "stream": stream.name, "erased": stream.removed });
            if stream.left {
                value["kept"] =
                    "events that are still to be handled; they are deleted when they are 14 days old".into();
            }
            value
        };
        let mut value = json!({
            "certificate": "erasure of personal data",
            "version": 1,
            "erasure_id": erasure.id,
            "conversation_id": erasure.conversation_id,
            "bot": erasure.key.bot,
            "requested_at": erasure.requested_at,
            "due_at": erasure.due_at,
            "started_at": erasure.started_at,
            "finished_at": finished_at,
            "services": answers.iter().map(service).collect::<Vec<_>>(),
            "event_streams": streams.iter().map(stream).collect::<Vec<_>>(),
            "groups": "messages and events of groups are not part of this: they belong to the group, not to one \
                       person of it; the events are deleted when they are 14 days old. Requests that you left in a group \
                       are erased, and their events go with those of the group",
        });
        if files_left > 0 {
            value["files"] = json!({
                "kept": files_left,
                "ground": "the storage could not delete their content yet; nothing says any more whose it is, nobody is \
                           given it, and it is tried again every hour",
            });
        }
        let sha256 = hex::encode(Sha256::digest(Self::text(&value).as_bytes()));
        Self { value, sha256 }
    }

    /// As it is sent: the same value gives the same text, whose hash is kept.
    pub(crate) fn text(value: &Value) -> String {
        format!("{value:#}\n")
    }
}
