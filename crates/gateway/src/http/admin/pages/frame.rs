use axum::response::Html;
use maud::{DOCTYPE, Markup, html};

use crate::http::admin::language::Language;
use crate::http::admin::session::Signed;

/// What stands around every page.
pub(in crate::http::admin) struct Frame<'a> {
    pub(in crate::http::admin) language: Language,
    pub(in crate::http::admin) title: &'a str,
    /// Of whoever has signed in.
    pub(in crate::http::admin) name: Option<&'a str>,
    /// What their forms carry.
    pub(in crate::http::admin) word: &'a str,
    /// Where the page is in the other language; none where something on it would get lost on the way.
    pub(in crate::http::admin) path: Option<String>,
}

impl<'a> Frame<'a> {
    pub(in crate::http::admin) fn of(
        language: Language,
        title: &'a str,
        signed: &'a Signed,
        path: Option<String>,
    ) -> Self {
        Self { language, title, name: Some(&signed.name), word: &signed.word, path }
    }

    /// One of two texts.
    pub(super) const fn t<'t>(&self, english: &'t str, russian: &'t str) -> &'t str {
        self.language.of(english, russian)
    }

    /// The hidden field of every form.
    pub(super) fn word(&self) -> Markup {
        html! { input type="hidden" name="word" value=(self.word); }
    }

    pub(super) fn page(&self, body: &Markup) -> Html<String> {
        let page = html! {
            (DOCTYPE)
            html lang=(self.language.code()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (self.title) " · Dragoman" }
                    link rel="stylesheet" href="/admin/style.css";
                }
                body {
                    (self.bar())
                    main { (body) }
                }
            }
        };
        Html(page.into_string())
    }

    fn bar(&self) -> Markup {
        html! {
            header.bar {
                a.brand href="/admin" { "Dragoman" }
                @if let Some(path) = &self.path { (self.languages(path)) }
                @if let Some(name) = self.name {
                    form.out method="post" action="/admin/sign-out" {
                        (self.word())
                        span.who { (name) }
                        button.quiet { (self.t("Sign out", "Выйти")) }
                    }
                }
            }
        }
    }

    fn languages(&self, path: &str) -> Markup {
        html! {
            nav.languages aria-label=(self.t("Language", "Язык")) {
                @for (language, name) in [(Language::English, "EN"), (Language::Russian, "RU")] {
                    a href={ (path) "?lang=" (language.code()) } lang=(language.code())
                        aria-current=[(language == self.language).then_some("true")] { (name) }
                }
            }
        }
    }
}

/// A page that says why there is none.
pub(in crate::http::admin) fn sorry(frame: &Frame<'_>, why: &str) -> Html<String> {
    frame.page(&html! {
        h1 { (frame.title) }
        p.notice.bad role="alert" { (why) }
        p { a.button href="/admin" { (frame.t("To the accounts", "К аккаунтам")) } }
    })
}
