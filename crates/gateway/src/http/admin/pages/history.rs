use axum::response::Html;
use maud::{Markup, html};
use rpc::crm::Version;

use super::{Frame, accounts, notice, times};
use crate::http::admin::mapping::Found;

/// An earlier version that was not put in force, and why.
pub(in crate::http::admin) struct Refused {
    pub(in crate::http::admin) version: i32,
    pub(in crate::http::admin) found: Found,
}

pub(in crate::http::admin) fn page(
    frame: &Frame<'_>,
    account: &str,
    versions: &[Version],
    refused: Option<&Refused>,
) -> Html<String> {
    let current = versions.first().map_or(0, |newest| newest.version);
    frame.page(&html! {
        p.crumbs { a href="/admin" { (frame.t("Accounts", "Аккаунты")) } " / " a href={ "/admin/crm/" (account) } { (account) } }
        h1 { (frame.title) ": " (account) }
        @if let Some(refused) = refused { (why(frame, account, current, refused)) }
        ul.cards {
            @for version in versions { li.card { (one(frame, account, current, version)) } }
        }
    })
}

fn one(frame: &Frame<'_>, account: &str, current: i32, version: &Version) -> Markup {
    html! {
        div.head {
            h2 {
                @if version.version == 0 { (frame.t("The settings file", "Файл настроек")) }
                @else { (frame.t("Version ", "Версия ")) (version.version) }
            }
            @if version.version == current { span.state.good { (frame.t("in force", "действует")) } }
        }
        @if version.version != 0 {
            p.soft {
                (times::at(version.published_at_ms)) ", " (version.published_by)
                @if version.is_again {
                    @if version.again == 0 { (frame.t(", the settings file's again", ", снова из файла настроек")) }
                    @else { (frame.t(", version ", ", снова версия ")) (version.again) (frame.t(" again", "")) }
                }
            }
        }
        div.links {
            a.button.quiet href={ "/admin/crm/" (account) "?version=" (version.version) } { (frame.t("Look", "Посмотреть")) }
            @if version.version != current {
                (button(frame, account, current, version.version, "again", frame.t("Use this again", "Вернуть эту")))
            }
        }
    }
}

fn why(frame: &Frame<'_>, account: &str, current: i32, refused: &Refused) -> Markup {
    html! {
        (notice::of(frame, &refused.found))
        @match &refused.found {
            Found::Problems { problems, can_be_published } => {
                ul.problems { @for problem in problems { li { (notice::problem(frame, problem)) } } }
                @if *can_be_published { (anyway(frame, account, current, refused.version)) }
            }
            Found::NotAsked { can_be_published: true, .. } => { (anyway(frame, account, current, refused.version)) }
            _ => {}
        }
    }
}

fn anyway(frame: &Frame<'_>, account: &str, current: i32, version: i32) -> Markup {
    let label = frame.t("Use it all the same", "Всё равно вернуть");
    button(frame, account, current, version, "unchecked", label)
}

fn button(frame: &Frame<'_>, account: &str, current: i32, version: i32, what: &str, label: &str) -> Markup {
    let told = format!("{label}: {}", accounts_version(frame, version));
    html! {
        form method="post" action={ "/admin/crm/" (account) "/history" } {
            (frame.word())
            input type="hidden" name="based_on" value=(current);
            input type="hidden" name="version" value=(version);
            button.secondary name="do" value=(what) aria-label=(told) { (label) }
        }
    }
}

fn accounts_version(frame: &Frame<'_>, version: i32) -> String {
    let version = Version { version, ..Version::default() };
    if version.version == 0 {
        return accounts::named(frame, &version).into_string();
    }
    format!("{}{}", frame.t("version ", "версия "), version.version)
}
