//! One call: what befalls it, whether it may be made, and where it leads.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, Method, Response, Uri};
use serde_json::Value;

use super::answer::{Answer, Outcome, page};
use super::world::World;
use super::{Kind, account, objects, search};
use crate::trouble::cut;
use crate::{Faults, Trouble};

/// What all calls share.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) world: Arc<Mutex<World>>,
    pub(super) faults: Faults,
}

struct Call {
    method: Method,
    path: Vec<String>,
    query: Vec<(String, String)>,
    body: Value,
    token: Option<String>,
}

impl Shared {
    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn router(shared: Shared) -> Router {
    Router::new().fallback(answer).with_state(shared)
}

async fn answer(
    State(shared): State<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: axum::body::Bytes,
) -> Response<Body> {
    let call = Call::new(method, &uri, &headers, &body);
    shared.world().calls.push(format!("{} {}", call.method, uri.path()));
    match shared.faults.next(call.writes()) {
        None => shared.done(&call).into_response(),
        Some(Trouble::DoneAndSlow(wait)) => {
            let answer = shared.done(&call);
            tokio::time::sleep(wait).await;
            answer.into_response()
        }
        Some(Trouble::DoneAndCut) => {
            shared.done(&call);
            cut()
        }
        Some(Trouble::Cut) => cut(),
        Some(Trouble::CutAndDone(wait)) => {
            tokio::spawn(async move {
                tokio::time::sleep(wait).await;
                shared.done(&call);
            });
            cut()
        }
        Some(Trouble::Status(status)) => {
            if status == 429 {
                shared.world().limits.refused += 1;
            }
            Answer::of_status(status).into_response()
        }
        Some(Trouble::Page(status)) => page(status),
        Some(Trouble::Expired) => {
            let mut world = shared.world();
            world.tokens_over.extend(call.token.clone());
            drop(world);
            shared.done(&call).into_response()
        }
    }
}

impl Shared {
    fn done(&self, call: &Call) -> Answer {
        let mut world = self.world();
        let outcome = may(&mut world, call).and_then(|()| lead(&mut world, call));
        let mut answer = outcome.unwrap_or_else(|refusal| refusal);
        if answer.status < 300 && !call.is_search() {
            answer.headers.extend(world.limits.headers(&world.options));
        }
        answer
    }
}

/// The token, the limits, the scopes: in this order.
fn may(world: &mut World, call: &Call) -> Result<(), Answer> {
    match &call.token {
        Some(token) if world.tokens_over.contains(token) => return Err(Answer::unauthorised(true)),
        Some(token) if *token == world.token => {}
        _ => return Err(Answer::unauthorised(false)),
    }
    let options = world.options.clone();
    world.limits.take(&options, call.is_search())?;
    match call.scope() {
        Some(scope) if world.options.missing_scopes.contains(&scope) => Err(Answer::missing_scope(&scope)),
        _ => Ok(()),
    }
}

fn lead(world: &mut World, call: &Call) -> Outcome {
    let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
    let body = &call.body;
    match (call.method.as_str(), &path[..]) {
        ("GET", ["account-info", "v3", "details"]) => account::details(),
        ("GET", ["crm", "v3", "owners"]) => account::owners(call.number("after").unwrap_or(0)),
        ("GET", ["crm", "v3", "pipelines", "deals"]) => account::pipelines(),
        ("GET", ["crm", "v3", "properties", kind]) => {
            let kind = kind_of(kind)?;
            let all = world.properties.iter().filter(|property| property.kind == kind);
            let shown: Vec<Value> = all.map(super::Property::to_json).collect();
            Ok(Answer::ok(serde_json::json!({ "results": shown })))
        }
        ("POST", ["crm", "v3", "objects", kind]) => objects::create(world, kind_of(kind)?, body),
        ("POST", ["crm", "v3", "objects", kind, "search"]) => search::search(world, kind_of(kind)?, body),
        ("POST", ["crm", "v3", "objects", kind, "batch", "upsert"]) => {
            objects::upsert(world, kind_of(kind)?, body)
        }
        ("POST", ["crm", "v3", "objects", kind, "batch", "read"]) => {
            objects::read_batch(world, kind_of(kind)?, body)
        }
        ("GET", ["crm", "v3", "objects", kind, id]) => {
            let kind = kind_of(kind)?;
            let id = call.id(world, kind, id)?;
            objects::read(world, kind, id, &call.list("properties"), &call.list("associations"))
        }
        ("PATCH", ["crm", "v3", "objects", kind, id]) => {
            let kind = kind_of(kind)?;
            let id = call.id(world, kind, id)?;
            objects::update(world, kind, id, body)
        }
        ("GET", ["crm", version @ ("v3" | "v4"), "objects", kind, id, "associations", to]) => {
            let of = (kind_of(kind)?, id.parse().ok());
            let page = (call.number("limit"), call.number("after").unwrap_or(0));
            objects::associations(world, of, kind_of(to)?, page, *version == "v4")
        }
        _ => Err(Answer::not_found()),
    }
}

fn kind_of(name: &str) -> Result<Kind, Answer> {
    Kind::parse(name).ok_or_else(|| Answer::wrong(&format!("Unable to infer object type from: {name}")))
}

impl Call {
    fn new(method: Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Self {
        let path = uri.path().split('/').filter(|part| !part.is_empty()).map(decoded).collect();
        let query = uri.query().unwrap_or("").split('&').filter_map(|pair| pair.split_once('='));
        let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        Self {
            method,
            path,
            query: query.map(|(name, value)| (decoded(name), decoded(value))).collect(),
            body: serde_json::from_slice(body).unwrap_or(Value::Null),
            token: header.and_then(|value| value.strip_prefix("Bearer ")).map(str::to_owned),
        }
    }

    fn ends_in(&self, end: &[&str]) -> bool {
        let from = self.path.len().saturating_sub(end.len());
        self.path.get(from..).is_some_and(|tail| tail == end)
    }

    fn is_search(&self) -> bool {
        self.ends_in(&["search"])
    }

    fn writes(&self) -> bool {
        self.method != Method::GET && !self.is_search() && !self.ends_in(&["batch", "read"])
    }

    fn scope(&self) -> Option<String> {
        match self.path.get(2).map(String::as_str)? {
            "objects" => Some(Kind::parse(self.path.get(3)?)?.scope(self.writes())),
            "properties" => Some(format!("crm.schemas.{}.read", Kind::parse(self.path.get(3)?)?.name())),
            "owners" => Some("crm.objects.owners.read".to_owned()),
            _ => None,
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn number(&self, name: &str) -> Option<usize> {
        self.text(name)?.parse().ok()
    }

    fn list(&self, name: &str) -> Vec<String> {
        self.text(name).into_iter().flat_map(|all| all.split(',')).map(str::to_owned).collect()
    }

    /// The object that the path names, by its id or by a property whose values are unique.
    fn id(&self, world: &World, kind: Kind, named: &str) -> Result<Option<u64>, Answer> {
        match self.text("idProperty") {
            None => Ok(named.parse().ok()),
            Some(property) if world.property(kind, property).is_some_and(|property| property.is_unique) => {
                Ok(world.by_unique(kind, property, named))
            }
            Some(property) => {
                let of = kind.type_id();
                let message =
                    format!("Unable to perform get by non-unique {of} property {property} in portal ID 145");
                Err(Answer::wrong(&message))
            }
        }
    }
}

/// A part of an address as it was meant.
fn decoded(part: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), part.as_bytes());
    while let [byte, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match (byte, hex.and_then(|two| u8::from_str_radix(two, 16).ok())) {
            (b'%', Some(decoded)) => {
                bytes.push(decoded);
                rest = &tail[2..];
            }
            (b'+', _) => {
                bytes.push(b' ');
                rest = tail;
            }
            _ => {
                bytes.push(*byte);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
