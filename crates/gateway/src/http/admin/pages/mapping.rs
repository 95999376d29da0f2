//! The page of an account: one form, top to bottom in the order in which a person thinks of it.

use axum::response::Html;
use maud::{Markup, html};
use rpc::crm::{Mapping, Problem, ReadResponse};

use super::rows::{Rows, answers};
use super::{Frame, accounts, notice, times};
use crate::http::admin::language::Language;
use crate::http::admin::mapping::{Draft, Found};

pub(in crate::http::admin) fn page(
    frame: &Frame<'_>,
    read: &ReadResponse,
    draft: &Draft,
    found: &Found,
) -> Html<String> {
    let problems: &[Problem] = match found {
        Found::Problems { problems, .. } | Found::Payload { problems, .. } => problems,
        _ => &[],
    };
    let page = Page { frame, read, draft, found, problems, mapping: &draft.mapping };
    frame.page(&page.body())
}

/// What the page is made of.
pub(super) struct Page<'a> {
    pub(super) frame: &'a Frame<'a>,
    pub(super) read: &'a ReadResponse,
    pub(super) draft: &'a Draft,
    pub(super) found: &'a Found,
    pub(super) problems: &'a [Problem],
    pub(super) mapping: &'a Mapping,
}

impl Page<'_> {
    fn body(&self) -> Markup {
        let (frame, read) = (self.frame, self.read);
        let version = read.version.clone().unwrap_or_default();
        html! {
            p.crumbs { a href="/admin" { (frame.t("Accounts", "Аккаунты")) } }
            div.head {
                h1 { (read.account) }
                span.kind {
                    (accounts::kind(&read.kind))
                    @if let Some(schema) = &read.schema { " · " (schema.account) }
                }
            }
            p.soft {
                (frame.t("In force: ", "Действует: ")) (accounts::named(frame, &version)) ". "
                a href={ "/admin/crm/" (read.account) "/history" } { (frame.t("History", "История")) }
            }
            @if read.schema.is_none() {
                p.notice.bad role="status" {
                    (frame.t("The CRM does not answer, so its fields are shown by their ids alone: ",
                             "CRM не отвечает, поэтому её поля показаны только номерами: "))
                    (read.no_schema)
                }
            }
            (notice::of(frame, self.found))
            @if let Found::Payload { payload, .. } = self.found { (self.payload(payload)) }
            form method="post" action={ "/admin/crm/" (read.account) } {
                (frame.word())
                input type="hidden" name="based_on" value=(self.draft.based_on);
                @for answer in &self.draft.answers { input type="hidden" name="answer" value=(answer); }
                (self.deal())
                (self.place())
                (self.fields())
                (self.buttons())
            }
        }
    }

    fn deal(&self) -> Markup {
        let (frame, mapping) = (self.frame, self.mapping);
        html! {
            section.card {
                h2 { (frame.t("The deal", "Сделка")) }
                (self.line("name", frame.t("Name", "Название"), &mapping.name,
                    frame.t("Names of ours stand in braces: {name}", "Наши поля пишутся в скобках: {name}")))
                (self.line("price", frame.t("Price", "Бюджет"), &mapping.price,
                    frame.t("The first whole number of it is taken, such as of {answers.budget}",
                            "Берётся первое целое число, например из {answers.budget}")))
                label for="tags" { (frame.t("Tags", "Теги")) }
                textarea #tags name="tags" rows="3" aria-describedby="tags-hint"
                    aria-invalid=[self.is_wrong("tags")] {
                    // Of a text that begins with a line's end a browser takes that away.
                    "\n" (mapping.tags.join("\n"))
                }
                p.hint #tags-hint { (frame.t("One a line", "По одному в строке")) }
                (self.wrong("tags"))
                (self.names())
            }
        }
    }

    /// What may stand in braces.
    fn names(&self) -> Markup {
        let frame = self.frame;
        html! {
            details {
                summary { (frame.t("What may stand in braces", "Что можно писать в скобках")) }
                dl.names {
                    @for answer in answers(self.read, self.draft) {
                        div { dt { code { "{" (answer) "}" } } dd { (frame.t("an answer", "ответ на вопрос")) } }
                    }
                    @for ours in &self.read.ours {
                        div {
                            dt { code { "{" (ours.name) "}" } }
                            dd {
                                @match frame.language {
                                    Language::English => (ours.english),
                                    Language::Russian => (ours.russian),
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn fields(&self) -> Markup {
        let (frame, draft) = (self.frame, self.draft);
        let schema = self.read.schema.clone().unwrap_or_default();
        let rows = |place: &'static str, pairs, known| Rows {
            frame,
            read: self.read,
            draft,
            problems: self.problems,
            place,
            pairs,
            known,
        };
        html! {
            section.card {
                h2 { (frame.t("Fields of the deal", "Поля сделки")) }
                (rows("fields", &self.mapping.fields[..], &schema.deal_fields[..]).shown())
                (self.wrong("fields"))
                h2 { (frame.t("Fields of the person", "Поля контакта")) }
                p.hint {
                    (frame.t("Name, phone and e-mail go there by themselves.", "Имя, телефон и почта попадают туда сами."))
                }
                (rows("contact_fields", &self.mapping.contact_fields[..], &schema.contact_fields[..]).shown())
                (self.wrong("contact_fields"))
                div.add {
                    label for="new_answer" {
                        (frame.t("A question that is not in the lists yet", "Вопрос, которого ещё нет в списках"))
                    }
                    div.inline {
                        input #new_answer name="new_answer" placeholder="deadline" maxlength="100";
                        button.secondary name="do" value="add" { (frame.t("Add", "Добавить")) }
                    }
                }
            }
        }
    }

    fn buttons(&self) -> Markup {
        let frame = self.frame;
        let anyway = match self.found {
            Found::Problems { can_be_published, .. } | Found::NotAsked { can_be_published, .. } => {
                *can_be_published
            }
            _ => false,
        };
        let is_offered = self.read.leads.iter().any(|lead| lead.id == self.draft.lead_id);
        html! {
            section.card {
                h2 { (frame.t("Try and publish", "Проверка и публикация")) }
                label for="lead" { (frame.t("Dry run with", "Пробный запуск с")) }
                select #lead name="lead" {
                    option value="" { (frame.t("an example", "примером")) }
                    @for lead in &self.read.leads {
                        option value=(lead.id) selected[lead.id == self.draft.lead_id] {
                            (frame.t("lead of ", "заявкой от ")) (times::at(lead.at_ms)) " · " (state(frame, &lead.state))
                        }
                    }
                }
                label for="lead_id" { (frame.t("or with the lead of this id", "или с заявкой с этим номером")) }
                input #lead_id name="lead_id" maxlength="36"
                    value=(if is_offered { "" } else { &self.draft.lead_id });
                div.links {
                    button.secondary name="do" value="check" { (frame.t("Check", "Проверить")) }
                    button.secondary name="do" value="dry-run" { (frame.t("Dry run", "Пробный запуск")) }
                    button.primary name="do" value="publish" { (frame.t("Publish", "Опубликовать")) }
                    @if anyway {
                        button.secondary name="do" value="publish-unchecked" {
                            (frame.t("Publish all the same", "Всё равно опубликовать"))
                        }
                    }
                    @if let Found::Conflict(version) = self.found {
                        button.secondary name="do" value={ "publish-over:" (version.version) } {
                            (frame.t("Publish mine over it", "Опубликовать моё поверх"))
                        }
                        a.button.quiet href={ "/admin/crm/" (self.read.account) } {
                            (frame.t("Drop mine, show theirs", "Оставить их версию"))
                        }
                    }
                }
            }
        }
    }

    fn payload(&self, payload: &str) -> Markup {
        let frame = self.frame;
        html! {
            section.card #payload {
                h2 { (frame.t("What would be sent", "Что было бы отправлено")) }
                p.hint { (frame.t("Nothing was sent.", "Ничего не отправлено.")) }
                pre tabindex="0" { (payload) }
            }
        }
    }

    fn line(&self, name: &str, label: &str, value: &str, hint: &str) -> Markup {
        html! {
            label for=(name) { (label) }
            input id=(name) name=(name) value=(value) maxlength="500" aria-describedby={ (name) "-hint" }
                aria-invalid=[self.is_wrong(name)];
            p.hint id={ (name) "-hint" } { (hint) }
            (self.wrong(name))
        }
    }

    fn is_wrong(&self, place: &str) -> Option<&'static str> {
        self.problems.iter().any(|one| one.place == place).then_some("true")
    }

    /// What is wrong at a place, beside it.
    pub(super) fn wrong(&self, place: &str) -> Markup {
        html! {
            @for problem in self.problems.iter().filter(|one| one.place == place) {
                p.problem { (notice::problem(self.frame, problem)) }
            }
        }
    }
}

fn state<'a>(frame: &Frame<'a>, state: &str) -> &'a str {
    match state {
        "delivered" => frame.t("delivered", "доставлена"),
        "failed" => frame.t("given up", "не доставлена"),
        _ => frame.t("on its way", "в пути"),
    }
}
