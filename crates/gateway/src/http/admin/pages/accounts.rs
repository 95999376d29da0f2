use axum::response::Html;
use maud::{Markup, html};
use rpc::crm::{Account, Version};

use super::{Frame, times};

pub(in crate::http::admin) fn page(frame: &Frame<'_>, accounts: &[Account]) -> Html<String> {
    frame.page(&html! {
        h1 { (frame.title) }
        @if accounts.is_empty() {
            p.notice {
                (frame.t("No account of a CRM is configured yet; see ", "Ни один аккаунт CRM ещё не настроен; см. "))
                code { "[[crm.accounts]]" } "."
            }
        }
        ul.cards { @for account in accounts { li.card { (card(frame, account)) } } }
    })
}

fn card(frame: &Frame<'_>, account: &Account) -> Markup {
    let version = account.version.clone().unwrap_or_default();
    let is_well = account.troubles.is_empty() && account.given_up == 0;
    html! {
        div.head {
            h2 { a href={ "/admin/crm/" (account.name) } { (account.name) } }
            span.kind { (kind(&account.kind)) }
            @if is_well {
                span.state.good { (frame.t("works", "работает")) }
            } @else {
                span.state.bad { (frame.t("needs a look", "нужно внимание")) }
            }
        }
        @for trouble in &account.troubles { p.notice.bad { (trouble) } }
        dl {
            div { dt { (frame.t("Mapping", "Соответствие полей")) } dd { (named(frame, &version)) } }
            div { dt { (frame.t("On their way", "В пути")) } dd { (account.waiting) } }
            div { dt { (frame.t("Given up", "Не доставлено")) } dd { (account.given_up) } }
            div {
                dt { (frame.t("Last delivered", "Последняя доставка")) }
                dd { (times::last(frame, account.delivered_at_ms)) }
            }
        }
        p.links {
            a.button href={ "/admin/crm/" (account.name) } { (frame.t("Edit the mapping", "Изменить соответствие")) }
            a.button.quiet href={ "/admin/crm/" (account.name) "/history" } { (frame.t("History", "История")) }
        }
    }
}

/// A version in words.
pub(super) fn named(frame: &Frame<'_>, version: &Version) -> Markup {
    html! {
        @if version.version == 0 {
            (frame.t("of the settings file", "из файла настроек"))
        } @else {
            (frame.t("version ", "версия ")) (version.version) ", " (version.published_by) ", "
            (times::at(version.published_at_ms))
        }
    }
}

/// A CRM by the name it goes by.
pub(super) fn kind(kind: &str) -> &str {
    match kind {
        "amocrm" => "amoCRM",
        "kommo" => "Kommo",
        "bitrix24" => "Bitrix24",
        "hubspot" => "HubSpot",
        other => other,
    }
}
