//! A flow as a diagram, for people who read pictures: Mermaid's language, which code hosts and editors draw.

use std::fmt::Write;

use crate::{Action, Condition, Flow, Goal, Lang, StepInput};

/// The flow from its beginning to its end: a box for each question, an arrow for each way on. What the person may do
/// anywhere (ask something else, cancel, come back) is not drawn.
#[must_use]
pub fn mermaid(flow: &Flow, lang: Lang) -> String {
    let mut out = String::from("flowchart TD\n");
    let _ = writeln!(out, "    begin([{}])", label(flow.title.get(lang)));
    for (index, step) in flow.steps.iter().enumerate() {
        let text = format!("{}. {}\n{}", index + 1, step.title.get(lang), asked_for(&step.input, lang));
        let _ = writeln!(out, "    {}[{}]", node(&step.id), label(&text));
    }
    let end = match (flow.lead.is_some(), flow.handoff) {
        (true, true) => {
            in_words(lang, "a human has the answers, the CRM a lead", "у человека ответы, в CRM заявка")
        }
        (true, false) => in_words(lang, "a lead", "заявка"),
        (false, true) => in_words(lang, "a human has been called", "человек вызван"),
        (false, false) => in_words(lang, "done", "готово"),
    };
    if flow.can_be_done() {
        if flow.confirm.is_some() {
            let _ = writeln!(
                out,
                "    confirm[{}]",
                label(in_words(
                    lang,
                    "the answers\nsend / change an answer",
                    "ответы\nотправить / изменить ответ"
                ))
            );
            let _ = writeln!(out, "    confirm --> finish");
        }
        let _ = writeln!(out, "    finish([{}])", label(end));
    }
    if let Some(first) = flow.steps.first() {
        let _ = writeln!(out, "    begin --> {}", node(&first.id));
    }
    let mut outside = Vec::new();
    for number in 0..flow.steps.len() {
        ways_on(&mut out, flow, number, lang, &mut outside);
    }
    out
}

fn ways_on(out: &mut String, flow: &Flow, number: usize, lang: Lang, outside: &mut Vec<String>) {
    let step = &flow.steps[number];
    let from = node(&step.id);
    if let StepInput::Menu(menu) = &step.input {
        for button in menu.buttons.iter().flatten() {
            if let Some(action) = &button.action {
                let to = outside_node(out, action, outside);
                let _ = writeln!(out, "    {from} -->|{}| {to}", label(button.label.get(lang)));
            }
        }
        return;
    }
    for branch in &step.branches {
        let to = match flow.goal(&branch.go) {
            Some(goal) => place(out, flow, &goal, outside),
            None => continue,
        };
        let unknown = matches!(step.input, StepInput::Question(_)) && branch.condition == Condition::Skipped;
        let nobody = || in_words(lang, "nobody knows", "никто не знает").to_owned();
        let when = if unknown { nobody() } else { condition(&branch.condition, lang) };
        let _ = writeln!(out, "    {from} -->|{}| {to}", label(&when));
    }
    let to = place(out, flow, &flow.after(number), outside);
    // Where every answer has a branch nothing is left for this arrow.
    if step.falls_through() && !step.branches.iter().any(|branch| branch.condition == Condition::Answered) {
        let _ = writeln!(out, "    {from} --> {to}");
    }
    let skip_has_its_own = step.branches.iter().any(|branch| branch.condition == Condition::Skipped);
    if step.skip && !skip_has_its_own {
        let _ = writeln!(out, "    {from} -.->|{}| {to}", label(in_words(lang, "skipped", "пропущено")));
    }
}

/// What is said of a flow in this language; in English for all that are not spoken here.
fn in_words<'t>(lang: Lang, en: &'t str, ru: &'t str) -> &'t str {
    if lang == Lang::RU { ru } else { en }
}

/// The node of where a way leads.
fn place(out: &mut String, flow: &Flow, goal: &Goal, outside: &mut Vec<String>) -> String {
    match goal {
        Goal::Step(number) => flow.steps.get(*number).map(|step| node(&step.id)).unwrap_or_default(),
        Goal::Done if flow.confirm.is_some() => "confirm".to_owned(),
        Goal::Done => "finish".to_owned(),
        Goal::Action(action) => outside_node(out, action, outside),
    }
}

/// The node of something outside the flow; drawn where it is first led to.
fn outside_node(out: &mut String, action: &Action, outside: &mut Vec<String>) -> String {
    let name = action.to_string();
    let known = outside.iter().position(|known| *known == name);
    let number = known.unwrap_or(outside.len());
    if known.is_none() {
        let _ = writeln!(out, "    out_{number}{{{{{}}}}}", label(&name));
        outside.push(name);
    }
    format!("out_{number}")
}

fn asked_for(input: &StepInput, lang: Lang) -> String {
    let say = |en: &str, ru: &str| in_words(lang, en, ru).to_owned();
    match input {
        StepInput::Choice(choice) => {
            let mut labels: Vec<&str> = choice.options.iter().map(|option| option.label.get(lang)).collect();
            if choice.other {
                labels.push("…");
            }
            labels.join(" / ")
        }
        StepInput::Text(_) => say("words", "словами"),
        StepInput::Money(_) => say("an amount", "сумма"),
        StepInput::Contact(_) => say("a contact", "контакт"),
        StepInput::EmailOrPhone(_) => say("e-mail or telephone", "почта или телефон"),
        StepInput::Question(_) => {
            say("a question, answered by the FAQ or a model", "вопрос, отвечает FAQ или модель")
        }
        StepInput::Menu(_) => say("buttons", "кнопки"),
        StepInput::Files(files) => {
            say("up to {} files", "файлов до {}").replace("{}", &files.max.to_string())
        }
    }
}

fn condition(condition: &Condition, lang: Lang) -> String {
    let say = |en, ru| in_words(lang, en, ru);
    match condition {
        Condition::Answered => say("answered", "отвечено").to_owned(),
        Condition::Skipped => say("skipped", "пропущено").to_owned(),
        Condition::Is(values) => values.join(say(" or ", " или ")),
        Condition::AtLeast(amount) => format!("{} {amount}", say("at least", "не меньше")),
        Condition::Below(amount) => format!("{} {amount}", say("below", "меньше")),
        Condition::Amount => say("an amount", "сумма").to_owned(),
        Condition::MinChars(chars) => {
            say("{} characters or more", "знаков от {}").replace("{}", &chars.to_string())
        }
    }
}

/// Ids of steps are letters, digits and `_`; alone, `end` and its like are words of Mermaid's.
fn node(id: &str) -> String {
    format!("step_{id}")
}

/// A text that Mermaid takes for nothing but a text.
fn label(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.trim().chars() {
        match c {
            '"' => out.push_str("#quot;"),
            '#' => out.push_str("#35;"),
            '<' => out.push_str("#lt;"),
            '>' => out.push_str("#gt;"),
            '`' => out.push('\''),
            '\n' => out.push_str("<br>"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_can_not_leave_its_box() {
        assert_eq!(
            label("say \"hi\"] --> x\n`<b>` #1;"),
            "\"say #quot;hi#quot;] --#gt; x<br>'#lt;b#gt;' #35;1;\""
        );
    }

    #[test]
    fn branches_skips_and_the_end_are_arrows() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bots/dev2production");
        let folder = crate::BotFolder::load(&folder).unwrap();
        let mut flow = folder.flow("intake").unwrap().clone();
        let to = |condition, go: &str| crate::Branch { condition, go: go.to_owned() };
        flow.steps[0].branches = vec![to(Condition::Is(vec!["advice".to_owned()]), "contact")];
        flow.steps[1].branches = vec![to(Condition::Skipped, "done"), to(Condition::Answered, "budget")];
        insta::assert_snapshot!(mermaid(&flow, Lang::EN));
        let russian = mermaid(&flow, Lang::RU);
        for english in ["answered", "skipped", "a contact", "a lead", "send"] {
            assert!(!russian.contains(english), "{english}: {russian}");
        }
    }
}
