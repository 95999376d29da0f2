//! A flow as a diagram, for people who read pictures: Mermaid's language, which code hosts and editors draw.

use std::fmt::Write;

use crate::{Condition, Flow, FlowStep, Lang, StepInput};

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
    let end = if flow.lead.is_some() { "a lead" } else { "done" };
    let _ = writeln!(out, "    finish([{}])", label(end));
    if let Some(first) = flow.steps.first() {
        let _ = writeln!(out, "    begin --> {}", node(&first.id));
    }
    for (index, step) in flow.steps.iter().enumerate() {
        ways_on(&mut out, step, flow.steps.get(index + 1));
    }
    out
}

fn ways_on(out: &mut String, step: &FlowStep, next: Option<&FlowStep>) {
    let from = node(&step.id);
    for branch in &step.branches {
        let to = if branch.go == "done" { "finish".to_owned() } else { node(&branch.go) };
        let _ = writeln!(out, "    {from} -->|{}| {to}", label(&condition(&branch.condition)));
    }
    let to = next.map_or_else(|| "finish".to_owned(), |next| node(&next.id));
    // Where every answer has a branch nothing is left for this arrow.
    if !step.branches.iter().any(|branch| branch.condition == Condition::Answered) {
        let _ = writeln!(out, "    {from} --> {to}");
    }
    let skip_has_its_own = step.branches.iter().any(|branch| branch.condition == Condition::Skipped);
    if step.skip && !skip_has_its_own {
        let _ = writeln!(out, "    {from} -.->|{}| {to}", label("skipped"));
    }
}

fn asked_for(input: &StepInput, lang: Lang) -> String {
    match input {
        StepInput::Choice(choice) => {
            let mut labels: Vec<&str> = choice.options.iter().map(|option| option.label.get(lang)).collect();
            if choice.other {
                labels.push("…");
            }
            labels.join(" / ")
        }
        StepInput::Text(_) => "words".to_owned(),
        StepInput::Money(_) => "an amount".to_owned(),
        StepInput::Contact(_) => "a contact".to_owned(),
        StepInput::EmailOrPhone(_) => "e-mail or telephone".to_owned(),
        StepInput::Files(files) => format!("up to {} files", files.max),
    }
}

fn condition(condition: &Condition) -> String {
    match condition {
        Condition::Answered => "answered".to_owned(),
        Condition::Skipped => "skipped".to_owned(),
        Condition::Is(values) => values.join(" or "),
        Condition::AtLeast(amount) => format!("at least {amount}"),
        Condition::Below(amount) => format!("below {amount}"),
        Condition::Amount => "an amount".to_owned(),
        Condition::MinChars(chars) => format!("{chars} characters or more"),
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
    }
}
