use axum::response::Html;
use maud::html;

use super::Frame;

/// `name`: as it was written before.
pub(in crate::http::admin) fn page(
    frame: &Frame<'_>,
    why: Option<&str>,
    name: &str,
    is_configured: bool,
) -> Html<String> {
    frame.page(&html! {
        div.narrow.card {
            h1 { (frame.title) }
            @if let Some(why) = why { p.notice.bad #why role="alert" { (why) } }
            @if is_configured {
                form method="post" action="/admin/sign-in" {
                    (frame.word())
                    label for="name" { (frame.t("Your name", "Ваше имя")) }
                    input #name name="name" autocomplete="name" maxlength="60" value=(name) required
                        aria-describedby="name-hint";
                    p.hint #name-hint {
                        (frame.t("It stands beside what you publish.", "Оно стоит рядом с тем, что вы публикуете."))
                    }
                    label for="token" { (frame.t("Admin token", "Токен администратора")) }
                    input #token name="token" type="password" autocomplete="current-password" required
                        aria-describedby="token-hint";
                    p.hint #token-hint {
                        (frame.t("It is in the settings: ", "Он в настройках: ")) code { "[gateway] admin_token" }
                    }
                    button.primary { (frame.t("Sign in", "Войти")) }
                }
            } @else {
                p.notice.bad {
                    (frame.t("There is no admin token yet. Set ", "Токена администратора ещё нет. Задайте "))
                    code { "[gateway] admin_token" }
                    (frame.t(" and start the gateway again.", " и перезапустите gateway."))
                }
            }
        }
    })
}
