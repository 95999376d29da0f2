//! The rows of fields: what of ours goes into what of theirs.

use maud::{Markup, html};
use rpc::crm::{Field, Pair, Problem, ReadResponse};

use super::{Frame, notice};
use crate::http::admin::language::Language;
use crate::http::admin::mapping::Draft;

/// Empty rows below those that are filled in.
const SPARE: usize = 3;

/// The rows of the deal's fields, or of the person's.
pub(super) struct Rows<'a> {
    pub(super) frame: &'a Frame<'a>,
    pub(super) read: &'a ReadResponse,
    pub(super) draft: &'a Draft,
    pub(super) problems: &'a [Problem],
    /// `fields` or `contact_fields`.
    pub(super) place: &'static str,
    pub(super) pairs: &'a [Pair],
    pub(super) known: &'a [Field],
}

impl Rows<'_> {
    pub(super) fn shown(&self) -> Markup {
        let empty = Pair::default();
        html! {
            div.rows {
                @for (n, pair) in self.pairs.iter().chain(std::iter::repeat_n(&empty, SPARE)).enumerate() {
                    (self.row(n, pair))
                }
            }
        }
    }

    fn row(&self, n: usize, pair: &Pair) -> Markup {
        let frame = self.frame;
        let place = format!("{}.{}", self.place, pair.theirs);
        let wrong: Vec<&Problem> =
            self.problems.iter().filter(|one| !pair.theirs.is_empty() && one.place == place).collect();
        let id = format!("{}-{n}", self.place);
        let is_wrong = !wrong.is_empty();
        let (theirs, ours) =
            (frame.t("Field of the CRM", "Поле CRM"), frame.t("What goes there", "Что туда идёт"));
        html! {
            div.row.wrong[is_wrong] {
                select name={ (self.place) ".ours" } aria-label={ (ours) " " (n + 1) }
                    aria-invalid=[is_wrong.then_some("true")] aria-describedby=[is_wrong.then_some(&id)] {
                    (self.ours(&pair.ours))
                }
                span.arrow aria-hidden="true" { "→" }
                select name={ (self.place) ".theirs" } aria-label={ (theirs) " " (n + 1) } {
                    (self.theirs(&pair.theirs))
                }
                @if is_wrong {
                    ul.problems #(id) { @for problem in wrong { li { (notice::problem(frame, problem)) } } }
                }
            }
        }
    }

    fn ours(&self, chosen: &str) -> Markup {
        let frame = self.frame;
        let answers = answers(self.read, self.draft);
        let is_known =
            self.read.ours.iter().any(|ours| ours.name == chosen) || answers.iter().any(|one| one == chosen);
        html! {
            option value="" { (frame.t("— nothing —", "— ничего —")) }
            @if !chosen.is_empty() && !is_known { option value=(chosen) selected { (chosen) } }
            optgroup label=(frame.t("Answers", "Ответы")) {
                @for answer in &answers { option value=(answer) selected[answer == chosen] { (answer) } }
            }
            optgroup label=(frame.t("The lead", "Заявка")) {
                @for ours in &self.read.ours {
                    option value=(ours.name) selected[ours.name == chosen] {
                        (ours.name) " — "
                        @match frame.language {
                            Language::English => (ours.english),
                            Language::Russian => (ours.russian),
                        }
                    }
                }
            }
        }
    }

    fn theirs(&self, chosen: &str) -> Markup {
        let frame = self.frame;
        let fields = self.known.iter().filter(|field| field.can_be_filled);
        let found = self.known.iter().find(|field| field.id == chosen);
        html! {
            option value="" { (frame.t("— choose a field —", "— выберите поле —")) }
            @if !chosen.is_empty() && !found.is_some_and(|field| field.can_be_filled) {
                option value=(chosen) selected { (found.map_or("", |field| &field.name)) " " (chosen) }
            }
            @for field in fields {
                option value=(field.id) selected[field.id == chosen] {
                    (field.name) " · " (kind(frame, &field.kind)) " · " (field.id)
                }
            }
        }
    }
}

/// Names of answers that can be chosen: those of the last leads, those that stand in the mapping, and those that were added.
pub(super) fn answers(read: &ReadResponse, draft: &Draft) -> Vec<String> {
    let of_leads = read.answers.iter().chain(&draft.answers).map(|field| format!("answers.{field}"));
    let pairs = draft.mapping.fields.iter().chain(&draft.mapping.contact_fields);
    let mapped = pairs.map(|pair| pair.ours.clone()).filter(|ours| ours.starts_with("answers."));
    let mut answers: Vec<String> = of_leads.chain(mapped).collect();
    answers.sort_unstable();
    answers.dedup();
    answers
}

fn kind<'a>(frame: &Frame<'_>, kind: &'a str) -> &'a str {
    match (frame.language, kind) {
        (Language::Russian, "text") => "текст",
        (Language::Russian, "number") => "число",
        (Language::Russian, "flag") => "да/нет",
        (Language::Russian, "date") => "дата",
        (Language::Russian, "choice") => "выбор",
        (Language::Russian, "choices") => "несколько вариантов",
        (Language::Russian, "link") => "ссылка",
        (Language::English, "flag") => "yes/no",
        (Language::English, "choices") => "several choices",
        _ => kind,
    }
}
