//! `setWebhook`, `deleteWebhook`, `getWebhookInfo`.

use serde_json::json;
use url::{Host, Url};

use super::Cx;
use super::get_updates::allowed;
use crate::bot_api::params::Params;
use crate::bot_api::reply::{Answer, ApiError, done, ok};
use crate::sync::lock;
use crate::webhook::{self, NewWebhook};

pub(super) fn set_webhook(cx: &Cx<'_>, params: &Params) -> Answer {
    let url = params.text("url");
    if url.is_empty() {
        return delete_webhook(cx, params);
    }
    let parsed = Url::parse(&url).map_err(|_| ApiError::bad("invalid webhook URL specified"))?;
    check_url(&parsed, cx.sim.options.http_webhooks)?;
    let secret = params.text("secret_token");
    if secret.len() > 256 {
        return Err(ApiError::bad("secret token is too long"));
    }
    if !secret.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') {
        return Err(ApiError::bad("secret token contains unallowed characters"));
    }
    {
        let mut updates = lock(&cx.bot.updates);
        if params.flag("drop_pending_updates") {
            updates.clear();
        }
        if let Some(allowed) = allowed(params) {
            updates.allowed = allowed;
        }
    }
    let max_connections = usize::try_from(params.clamped("max_connections", 40, 1, 100)).unwrap_or(40);
    let same = lock(&cx.bot.webhook).as_ref().is_some_and(|set| {
        set.url == url && set.secret.expose() == secret && set.max_connections == max_connections
    });
    if same {
        return ok(&true);
    }
    let new = NewWebhook { url: url.into_owned(), secret: secret.into_owned(), max_connections };
    webhook::set(cx.sim, cx.bot, new);
    done()
}

/// Telegram wants HTTPS on one of four ports. Plain HTTP is accepted for this machine, because this is
/// a simulator.
fn check_url(url: &Url, any_http: bool) -> Result<(), ApiError> {
    match url.scheme() {
        "https" => match url.port() {
            None | Some(443 | 80 | 88 | 8443) => Ok(()),
            Some(_) => {
                Err(ApiError::bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"))
            }
        },
        "http" => {
            let here = match url.host() {
                Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
                Some(Host::Ipv4(address)) => address.is_loopback(),
                Some(Host::Ipv6(address)) => address.is_loopback(),
                None => false,
            };
            if here || any_http {
                Ok(())
            } else {
                Err(ApiError::bad("bad webhook: An HTTPS URL must be provided for webhook"))
            }
        }
        _ => Err(ApiError::bad("invalid webhook URL specified")),
    }
}

pub(super) fn delete_webhook(cx: &Cx<'_>, params: &Params) -> Answer {
    webhook::remove(cx.bot);
    if params.flag("drop_pending_updates") {
        lock(&cx.bot.updates).clear();
    }
    done()
}

pub(super) fn get_webhook_info(cx: &Cx<'_>, _: &Params) -> Answer {
    let (pending, allowed) = {
        let updates = lock(&cx.bot.updates);
        (updates.len(), updates.allowed.0.clone())
    };
    let mut info = json!({ "url": "", "has_custom_certificate": false, "pending_update_count": pending });
    if let Some(set) = lock(&cx.bot.webhook).as_ref() {
        info["url"] = json!(set.url);
        info["max_connections"] = json!(set.max_connections);
        if let Some((date, message)) = &set.last_error {
            info["last_error_date"] = json!(date);
            info["last_error_message"] = json!(message);
        }
    }
    if !allowed.is_empty() {
        info["allowed_updates"] = json!(allowed);
    }
    ok(&info)
}
