//! The pages as people read them.

use bot::transcript::{Line, Talk};
use ids::{ConversationId, Pii, Timestamp, Uuid};
use llm_worker::Spent;

use super::super::replay::Item;
use super::*;

fn at(moment: &str) -> Timestamp {
    moment.parse().unwrap()
}

fn talk() -> Talk {
    Talk {
        id: ConversationId(Uuid::from_u128(7)),
        bot: "dev2production".to_owned(),
        chat_id: 1,
        chat_kind: "private".to_owned(),
        language: "ru".to_owned(),
        started_at: at("2026-11-27T23:59:58Z"),
        updated_at: at("2026-11-28T00:00:02Z"),
        closed_why: None,
        messages: 4,
    }
}

fn line(moment: &str, from_person: bool, kind: &str, text: &str) -> Line {
    Line {
        at: at(moment),
        from_person,
        kind: kind.to_owned(),
        text: Pii::new(text.to_owned()),
        label: Pii::default(),
        file: None,
        intent: None,
        confidence: None,
        ignored_why: None,
        message_id: 1,
    }
}

fn labelled(label: &str, line: Line) -> Line {
    Line { label: Pii::new(label.to_owned()), ..line }
}

fn taken(intent: &str, confidence: f32, line: Line) -> Line {
    Line { intent: Some(intent.to_owned()), confidence: Some(confidence), ..line }
}

/// What stands in the body, without its heading.
fn shown(items: &[Item]) -> String {
    let page = replay(&talk(), items, 2_574);
    page.split_once("</p>\n<h2>").map(|(_, rest)| format!("<h2>{rest}")).unwrap()
}

#[test]
fn a_press_is_read_by_what_stood_on_the_button_and_tells_its_data_in_small() {
    let asked = labelled("$1–5 тыс.\n$5–15 тыс.", line("2026-11-27T23:59:58Z", false, "flow", "Бюджет?"));
    let pressed = line("2026-11-28T00:00:01Z", true, "button", "s:4:budget:medium");
    let pressed = taken("answer:intake/budget", 1.0, pressed);
    let old = pressed.clone();
    let shown = shown(&[Item::Said(asked), Item::Said(labelled("$5–15 тыс.", pressed)), Item::Said(old)]);
    let wanted = "<h2>27 November 2026</h2>\n\
        <div class=\"said bot\"><div class=\"who soft\">Bot · <time datetime=\"2026-11-27T23:59:58.000Z\" title=\"2026-11-27T23:59:58Z\">23:59:58</time></div>\
        <div class=\"words\" lang=\"ru\">Бюджет?</div><ul class=\"offered\"><li>$1–5 тыс.</li><li>$5–15 тыс.</li></ul>\
        <div class=\"taken soft\">flow</div></div>\n\
        <h2>28 November 2026</h2>\n\
        <div class=\"said person\"><div class=\"who soft\">Person · <time datetime=\"2026-11-28T00:00:01.000Z\" title=\"2026-11-28T00:00:01Z\">00:00:01</time></div>\
        <div class=\"words\" lang=\"ru\" title=\"s:4:budget:medium\">▸ $5–15 тыс.</div>\
        <div class=\"taken soft\">button s:4:budget:medium → answer:intake/budget</div></div>\n";
    assert!(shown.starts_with(wanted), "{shown}");
    assert!(shown.contains(">▸ s:4:budget:medium</div><div class=\"taken soft\">button → "), "{shown}");
}

#[test]
fn a_file_is_named_while_it_is_kept() {
    let file = |name: Option<&str>, caption: &str| {
        let file = name.map(|name| Pii::new(name.to_owned()));
        Item::Said(Line { file, ..line("2026-11-28T00:00:01Z", true, "document", caption) })
    };
    let shown = shown(&[file(Some("ТЗ <1>.pdf"), "см. с. 2"), file(Some("a.pdf"), ""), file(None, "")]);
    for words in [">📎 ТЗ &lt;1&gt;.pdf\nсм. с. 2</div>", ">📎 a.pdf</div>", ">(document)</div>"] {
        assert!(shown.contains(words), "{words} is not in:\n{shown}");
    }
}

#[test]
fn what_the_bot_was_not_sure_of_and_what_was_not_answered_is_told() {
    let unsure = taken("faq:price", 0.87, line("2026-11-28T00:00:01Z", true, "text", "почём"));
    let ignored = Line { ignored_why: Some("it is spam".to_owned()), ..unsure.clone() };
    let command = taken("command", 1.0, line("2026-11-28T00:00:01Z", true, "command", "/start"));
    let shown = shown(&[Item::Said(unsure), Item::Said(ignored), Item::Said(command)]);
    assert!(shown.contains("<div class=\"taken soft\">command</div>"), "{shown}");
    assert!(shown.contains("<div class=\"taken soft\">text → faq:price 0.87</div>"), "{shown}");
    assert!(shown.contains("<div class=\"said person unseen\">"), "{shown}");
    assert!(shown.contains("text → faq:price 0.87 (ignored: it is spam)</div>"), "{shown}");
}

#[test]
fn the_heading_says_what_it_cost_and_that_no_model_was_asked() {
    let spent = Spent {
        ended_at: at("2026-11-28T00:00:01Z"),
        outcome: "answered".to_owned(),
        reason: None,
        provider: "a".to_owned(),
        model: "<m>".to_owned(),
        prompt: "system@1".to_owned(),
        prompt_tokens: 1,
        completion_tokens: 1,
        cost_micros: 2_574,
        took_ms: 1_840,
        way: None,
    };
    let free = replay(&talk(), &[Item::Asked(Spent { cost_micros: 0, ..spent.clone() })], 0);
    assert!(free.contains(" · models cost nothing · "), "{free}");
    let page = replay(&talk(), &[Item::Asked(spent)], 2_574);
    let heading = "<h1>dev2production · 27 November 2026</h1>\n\
        <p class=\"soft\">private chat · ru · models: $0.0026 · times in UTC</p>\n\
        <p class=\"soft\">conversation 00000000-0000-0000-0000-000000000007</p>\n";
    assert!(page.contains(heading), "{page}");
    assert!(page.contains("00:00:01</time> · model answered: a &lt;m&gt;, prompt system@1"), "{page}");
    assert!(page.contains("<title>dev2production · 27 November 2026</title>"), "{page}");
    let page = replay(&talk(), &[], 0);
    assert!(page.contains(" · no model was asked · ") && !page.contains("$0"), "{page}");
}

#[test]
fn what_people_write_is_never_markup() {
    assert_eq!(escaped("<b onclick='x'>\"&"), "&lt;b onclick=&#39;x&#39;&gt;&quot;&amp;");
    let hostile = "\"><script>alert(1)</script>";
    let button = labelled(hostile, line("2026-11-28T00:00:01Z", true, "button", hostile));
    let bot = labelled(hostile, line("2026-11-28T00:00:01Z", false, "flow", hostile));
    let shown = shown(&[Item::Said(button), Item::Said(bot)]);
    assert!(!shown.contains("<script") && !shown.contains("\"\""), "{shown}");
}
