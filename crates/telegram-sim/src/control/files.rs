//! Files that people send, and downloads for the page.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use super::acts::{blank, number};
use super::address::Address;
use super::problem::Problem;
use super::{App, UPLOAD};
use crate::bot_api::{Params, Upload, read_form};
use crate::model::{Message, ReplyTarget};
use crate::text;
use crate::world::{ActError, NewMedia, NewMessage};

/// Multipart with `person`, `chat`, `thread`, `caption`, `kind` (`photo` or `document`; an image is a
/// photo unless told otherwise) and `file`. Instead of `file`, `size` and `name` make up a large document.
pub(super) async fn upload(State(sim): State<App>, request: Request) -> Result<Json<Message>, Problem> {
    let form = read_form(request, UPLOAD).await.map_err(|error| Problem::invalid(error.description))?;
    let address = Address {
        person: number(&form.text("person"), "person")?,
        chat: Some(form.text("chat").into_owned()).filter(|chat| !chat.is_empty()),
    };
    let place = address.place(&sim)?;
    let caption = text::plain(&form.text("caption"));
    if text::utf16_len(&caption.text) > 1024 {
        return Err(Problem::invalid("a caption has at most 1024 characters"));
    }
    let media = media(&form)?;
    let mut message = blank(&sim, &place);
    sim.attach(&mut message, media);
    if !caption.text.is_empty() {
        (message.caption, message.caption_entities) = (Some(caption.text), caption.entities);
    }
    message.media_group_id = Some(form.text("media_group_id").into_owned()).filter(|id| !id.is_empty());
    let target = ReplyTarget { thread: form.integer("thread"), reply_to: form.integer("reply_to") };
    let posted = sim.post_as_person(&place, NewMessage { message, target, keyboard: None })?;
    Ok(Json((*posted).clone()))
}

fn media(form: &Params) -> Result<NewMedia, Problem> {
    let Some(Upload { name, mime, content }) = form.files.get("file").cloned() else {
        let size = form.integer("size").and_then(|size| usize::try_from(size).ok());
        let size = size.ok_or_else(|| Problem::invalid("there is no file"))?;
        let name = form.text("name");
        let name = if name.is_empty() { "file.bin".to_owned() } else { name.into_owned() };
        let mut made_up = NewMedia::document(name, "application/octet-stream".to_owned(), Bytes::new());
        made_up.file.size = size;
        return Ok(made_up);
    };
    if form.text("kind") != "document" {
        match NewMedia::photo(name.clone(), content.clone()) {
            Some(photo) => return Ok(photo),
            None if form.text("kind") == "photo" => return Err(Problem::invalid("this is not a picture")),
            None => {}
        }
    }
    Ok(NewMedia::document(name, mime, content))
}

/// Pictures are shown, everything else is saved: what people upload must not run in the page.
pub(super) async fn download(State(sim): State<App>, Path(id): Path<String>) -> Result<Response, Problem> {
    let file = sim.files.by_id(&id).ok_or(ActError::NoFile(id))?;
    let shown = file.is_photo && file.mime.starts_with("image/");
    let kind = if shown { file.mime.as_str() } else { "application/octet-stream" };
    let kind = HeaderValue::from_str(kind).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let mut response = Body::from(file.content).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=3600"));
    if !shown {
        headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    }
    Ok(response)
}
