//! `sendPhoto` and `sendDocument`: an upload, or a file the bot has seen before.

use super::{Cx, outgoing};
use crate::bot_api::params::{Params, Upload};
use crate::bot_api::reply::{Answer, ApiError};
use crate::model::Message;
use crate::state::{Sim, Stored};
use crate::world::NewMedia;

/// Bytes of a photo.
const PHOTO: usize = 10 << 20;

enum Media {
    New(NewMedia),
    Known(Stored),
}

pub(super) fn send_photo(cx: &Cx<'_>, params: &Params) -> Answer {
    let media = match source(cx, params, "photo")? {
        Source::Upload(upload) => Media::New(photo(upload)?),
        Source::Known(file) if file.is_photo => Media::Known(file),
        Source::Known(_) => return Err(ApiError::bad("can't use file of type Document as Photo")),
    };
    send(cx, params, media)
}

pub(super) fn send_document(cx: &Cx<'_>, params: &Params) -> Answer {
    let media = match source(cx, params, "document")? {
        Source::Upload(upload) if upload.content.is_empty() => {
            return Err(ApiError::bad("file must be non-empty"));
        }
        Source::Upload(upload) => {
            Media::New(NewMedia::document(upload.name.clone(), upload.mime.clone(), upload.content.clone()))
        }
        Source::Known(file) => Media::Known(file),
    };
    send(cx, params, media)
}

fn send(cx: &Cx<'_>, params: &Params, media: Media) -> Answer {
    let caption = Cx::caption(params)?;
    outgoing::send(cx, params, |message| {
        put(cx.sim, message, media);
        if !caption.text.is_empty() {
            message.caption = Some(caption.text);
            message.caption_entities = caption.entities;
        }
        Ok(())
    })
}

fn put(sim: &Sim, message: &mut Message, media: Media) {
    match media {
        Media::New(media) => sim.attach(message, media),
        Media::Known(file) => sim.attach_stored(message, &file, None),
    }
}

fn photo(upload: &Upload) -> Result<NewMedia, ApiError> {
    if upload.content.len() > PHOTO {
        return Err(ApiError::bad("file is too big"));
    }
    let photo = NewMedia::photo(upload.name.clone(), upload.content.clone());
    let photo = photo.ok_or_else(|| ApiError::bad("IMAGE_PROCESS_FAILED"))?;
    let (width, height) = photo.pixels.unwrap_or_default();
    let (long, short) = (width.max(height), width.min(height));
    if short == 0 || long > 20 * short || width + height > 10_000 {
        return Err(ApiError::bad("PHOTO_INVALID_DIMENSIONS"));
    }
    Ok(photo)
}

enum Source<'a> {
    Upload(&'a Upload),
    Known(Stored),
}

fn source<'a>(cx: &Cx<'_>, params: &'a Params, field: &str) -> Result<Source<'a>, ApiError> {
    if let Some(upload) = params.file(field) {
        return Ok(Source::Upload(upload));
    }
    let given = params.text(field);
    if given.is_empty() {
        return Err(ApiError::bad(&format!("There is no {field} in the request")));
    }
    if given.starts_with("http://") || given.starts_with("https://") {
        // The simulator calls nobody but webhooks.
        return Err(ApiError::bad("Failed to get HTTP URL content"));
    }
    let known = cx.sim.files.by_id(&given);
    known.map(Source::Known).ok_or_else(|| ApiError::bad("Wrong file identifier/HTTP URL specified"))
}
