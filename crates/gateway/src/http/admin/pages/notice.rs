//! What a button has found, at the head of a page.

use maud::{Markup, html};
use rpc::crm::Problem;

use super::{Frame, accounts};
use crate::http::admin::language::Language;
use crate::http::admin::mapping::Found;

pub(super) fn of(frame: &Frame<'_>, found: &Found) -> Markup {
    html! {
        @match found {
            Found::Nothing => {}
            Found::Payload { problems, .. } => @if !problems.is_empty() {
                p.notice.bad role="alert" {
                    (frame.t("The CRM would refuse this: mend what is marked.", "CRM это не примет: исправьте отмеченное."))
                }
            },
            Found::Shown(version) => p.notice role="status" {
                @if *version == 0 {
                    (frame.t("This is the mapping of the settings file.", "Это соответствие из файла настроек."))
                } @else {
                    (frame.t("This is version ", "Это версия ")) (version) "."
                }
                " " (frame.t("Publish it to put it in force.", "Опубликуйте, чтобы она действовала."))
            },
            Found::Published(version) => p.notice.good role="status" {
                (frame.t("Published as version ", "Опубликовано как версия ")) (version) ". "
                (frame.t("Every lead that is delivered from now on uses it.", "Все заявки отныне доставляются по ней."))
            },
            Found::Fits => p.notice.good role="status" {
                (frame.t("It fits the account. Nothing is published yet.", "Всё подходит к аккаунту. Ещё не опубликовано."))
            },
            Found::Problems { can_be_published, .. } => p.notice.bad role="alert" {
                (frame.t("Something does not fit, and nothing was published.", "Есть ошибки, ничего не опубликовано."))
                @if *can_be_published {
                    " " (frame.t(
                        "Mend what is marked, or publish it all the same: leads with such values are then refused by the CRM.",
                        "Исправьте отмеченное или опубликуйте как есть: заявки с такими значениями CRM не примет.",
                    ))
                }
            },
            Found::NotAsked { why, .. } => p.notice.bad role="alert" {
                (frame.t("The CRM could not be asked, so nothing was checked or published: ",
                         "CRM не ответила, поэтому ничего не проверено и не опубликовано: ")) (why)
            },
            Found::NotShown(why) => p.notice.bad role="alert" {
                (frame.t("There is nothing to show: ", "Показать нечего: ")) (why)
            },
            Found::Conflict(version) => p.notice.bad role="alert" {
                (frame.t("In the meantime somebody else has published: ", "Тем временем опубликовано другое: "))
                (accounts::named(frame, version)) ". "
                (frame.t("Nothing of yours is in force.", "Ваше не вступило в силу."))
            },
        }
    }
}

/// A problem in the language of the page.
pub(super) fn problem<'a>(frame: &Frame<'_>, problem: &'a Problem) -> &'a str {
    match frame.language {
        Language::English => &problem.english,
        Language::Russian => &problem.russian,
    }
}
