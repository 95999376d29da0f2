//! `getFile`: where to download a file from.

use serde_json::json;

use super::Cx;
use crate::bot_api::params::Params;
use crate::bot_api::reply::{Answer, ApiError, ok};

/// Bytes of a file that a bot may download.
const DOWNLOAD: usize = 20 << 20;

pub(super) fn get_file(cx: &Cx<'_>, params: &Params) -> Answer {
    let id = params.text("file_id");
    if id.is_empty() {
        return Err(ApiError::bad("file_id not specified"));
    }
    let file = cx.sim.files.by_id(&id);
    let file = file.ok_or_else(|| ApiError::bad("wrong file_id or the file is temporarily unavailable"))?;
    if file.size > DOWNLOAD {
        return Err(ApiError::bad("file is too big"));
    }
    ok(&json!({
        "file_id": file.id(),
        "file_unique_id": file.unique_id(),
        "file_size": file.size,
        "file_path": file.path(),
    }))
}
