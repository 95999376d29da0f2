//! `POST /v1/files/{id}/link`: a link that opens a file for a short time, for whoever has the token.

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use classify::Class;
use ids::{Timestamp, Uuid};
use pg::PgError;
use serde::Serialize;
use service_kit::Problem;
use service_kit::http::{ApiToken, Json, Path, require_token};

use super::Shelf;
use super::download::no_such_file;
use crate::store::file;

pub(super) fn routes(shelf: Shelf, token: ApiToken) -> Router {
    let routes = Router::new().route("/v1/files/{id}/link", post(give_link)).with_state(shelf);
    require_token(routes, token)
}

#[derive(Serialize)]
struct Given {
    url: String,
    /// RFC 3339.
    expires_at: Timestamp,
    name: String,
    media_type: String,
}

async fn give_link(State(shelf): State<Shelf>, Path(id): Path<Uuid>) -> Result<Json<Given>, Problem> {
    let mut connection = shelf.pool.acquire().await.map_err(PgError::from)?;
    let now_ms = shelf.clock.now_ms();
    let Some(kept) = file::kept(&mut connection, id, now_ms).await? else { return Err(no_such_file()) };
    let expires = now_ms / 1_000 + i64::from(shelf.link_seconds);
    let Some(link) = shelf.links.sign(id, expires) else {
        return Err(Problem::new(Class::Permanent, "no links are given out: set [files] link_secret"));
    };
    Ok(Json(Given {
        url: format!("{}{link}", shelf.public_url),
        expires_at: Timestamp::from_second(expires).unwrap_or(Timestamp::MAX),
        name: kept.name,
        media_type: kept.media_type,
    }))
}
