//! Reads the parameters of a request.

use axum::body::{Body, to_bytes};
use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, Multipart};
use axum::http::{Method, Request, StatusCode, header};

use super::params::{Params, Upload};
use super::reply::ApiError;

/// Bytes of a request without files.
const BODY: usize = 1 << 20;
/// Bytes of a request with files.
pub(crate) const WHOLE: usize = UPLOAD + (2 << 20);
/// Bytes of one uploaded file.
pub(crate) const UPLOAD: usize = 50 << 20;

/// Query first, then the body, whose values win. `upload` is the largest file.
pub(crate) async fn read(request: Request<Body>, upload: usize) -> Result<Params, ApiError> {
    let mut params = Params::default();
    if let Some(query) = request.uri().query() {
        params.add_form(query.as_bytes());
    }
    if request.method() == Method::GET {
        return Ok(params);
    }
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind == "multipart/form-data" {
        read_multipart(request, &mut params, upload).await?;
        return Ok(params);
    }
    let body = to_bytes(request.into_body(), BODY).await.map_err(|_| ApiError::too_large())?;
    match kind.as_str() {
        "application/json" if body.is_empty() => {}
        "application/json" if params.add_json(&body) => {}
        "application/json" => return Err(ApiError::bad("Can't parse JSON object")),
        "application/x-www-form-urlencoded" => params.add_form(&body),
        _ => {}
    }
    Ok(params)
}

async fn read_multipart(request: Request<Body>, params: &mut Params, upload: usize) -> Result<(), ApiError> {
    let broken = |error: MultipartError| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::too_large(),
        _ => ApiError::bad("Can't parse multipart/form-data"),
    };
    let mut parts = Multipart::from_request(request, &())
        .await
        .map_err(|_| ApiError::bad("Can't parse multipart/form-data"))?;
    while let Some(mut part) = parts.next_field().await.map_err(broken)? {
        let name = part.name().unwrap_or_default().to_owned();
        let file_name = part.file_name().map(str::to_owned);
        let mime = part.content_type().map(str::to_owned);
        let mut content = Vec::new();
        while let Some(chunk) = part.chunk().await.map_err(broken)? {
            if content.len() + chunk.len() > upload {
                return Err(ApiError::too_large());
            }
            content.extend_from_slice(&chunk);
        }
        match file_name {
            Some(file_name) => {
                let mime = mime.unwrap_or_else(|| "application/octet-stream".to_owned());
                params.files.insert(name, Upload { name: clean(&file_name), mime, content: content.into() });
            }
            None => {
                let text = String::from_utf8(content)
                    .map_err(|_| ApiError::bad("Strings must be encoded in UTF-8"))?;
                params.values.insert(name, serde_json::Value::String(text));
            }
        }
    }
    Ok(())
}

/// A file name without folders and control characters.
fn clean(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last.chars().filter(|c| !c.is_control()).take(128).collect();
    if kept.is_empty() { "file".to_owned() } else { kept }
}
