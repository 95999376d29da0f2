//! A web page as Markdown: its headings, paragraphs, lists and tables, without what surrounds them. What a reader
//! would not see is kept apart: it is never searched, and looked at with suspicion.

use html5gum::{DefaultEmitter, EndTag, StartTag, Token, Tokenizer};

use super::page::{Hidden, Page};

/// Elements whose words are no part of what the page says.
const DROPPED: &[&str] = &[
    "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "canvas", "video", "audio",
    "nav", "footer", "button", "select", "textarea", "datalist", "dialog",
];
/// Elements without an end.
const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
];
/// Elements that stand in a line of text; all others begin one.
const INLINE: &[&str] = &[
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "font", "i", "img", "input",
    "ins", "kbd", "label", "mark", "meter", "q", "s", "samp", "small", "span", "strong", "sub", "sup",
    "time", "tt", "u", "var", "wbr",
];

/// Reads a page. Any text is one.
pub(crate) fn read(html: &str) -> Page {
    let mut emitter = DefaultEmitter::default();
    // So that what stands in a script is not taken for elements.
    emitter.naively_switch_states(true);
    let mut reader = Reader::default();
    for Ok(token) in Tokenizer::new_with_emitter(html, emitter) {
        match token {
            Token::StartTag(tag) => reader.open(&tag),
            Token::EndTag(tag) => reader.close(&tag),
            Token::String(text) => reader.text(&String::from_utf8_lossy(&text)),
            Token::Comment(text) => {
                let text = String::from_utf8_lossy(&text).trim().to_owned();
                reader.page.hidden.push(Hidden { text, deceptive: false });
            }
            Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    reader.end()
}

/// An element that is being passed over.
struct Skipped {
    name: String,
    /// Elements of this name that are open inside, itself included.
    depth: usize,
    /// Kept apart; else dropped.
    hidden: Option<Hidden>,
}

#[derive(Default)]
struct Reader {
    page: Page,
    skipped: Option<Skipped>,
    /// What the line begins with: `## `, `- `.
    mark: String,
    line: String,
    in_title: bool,
    preformatted: bool,
}

impl Reader {
    fn open(&mut self, tag: &StartTag<()>) {
        let name = String::from_utf8_lossy(&tag.name).into_owned();
        let void = VOID.contains(&name.as_str());
        if let Some(skipped) = &mut self.skipped {
            skipped.depth += usize::from(skipped.name == name && !void);
            return;
        }
        if !void {
            let hidden = how_hidden(tag);
            if hidden.is_some() || DROPPED.contains(&name.as_str()) {
                let hidden = hidden.map(|deceptive| Hidden { text: String::new(), deceptive });
                self.skipped = Some(Skipped { name, depth: 1, hidden });
                return;
            }
        }
        match name.as_str() {
            "html" => self.page.language = attribute(tag, "lang").filter(|lang| !lang.is_empty()),
            "title" => self.in_title = true,
            "td" | "th" if !self.line.trim().is_empty() => self.line.push_str(" | "),
            "td" | "th" => {}
            "br" if self.preformatted => self.line.push('\n'),
            "pre" => {
                self.flush();
                self.preformatted = true;
            }
            inline if INLINE.contains(&inline) => {}
            block => {
                self.flush();
                if let Some(level) = level(block) {
                    self.mark = format!("{} ", "#".repeat(level));
                } else if block == "li" || block == "dt" {
                    "- ".clone_into(&mut self.mark);
                }
            }
        }
    }

    fn close(&mut self, tag: &EndTag<()>) {
        let name = String::from_utf8_lossy(&tag.name);
        if let Some(skipped) = &mut self.skipped {
            skipped.depth -= usize::from(skipped.name == name);
            if skipped.depth == 0
                && let Some(hidden) = self.skipped.take().and_then(|skipped| skipped.hidden)
                && !hidden.text.trim().is_empty()
            {
                self.page.hidden.push(hidden);
            }
            return;
        }
        match &*name {
            "title" => self.in_title = false,
            "td" | "th" => {}
            "pre" => {
                self.flush();
                self.preformatted = false;
            }
            inline if INLINE.contains(&inline) => {}
            _ => self.flush(),
        }
    }

    fn text(&mut self, text: &str) {
        match &mut self.skipped {
            Some(Skipped { hidden: Some(hidden), .. }) => hidden.text.push_str(text),
            Some(_) => {}
            None if self.in_title => self.page.title.push_str(text),
            None => self.line.push_str(text),
        }
    }

    /// Ends a line: what it holds becomes a paragraph, a heading, or an item.
    fn flush(&mut self) {
        let (mark, line) = (std::mem::take(&mut self.mark), std::mem::take(&mut self.line));
        let text = if self.preformatted {
            // A fence in it would end the block.
            line.replace("```", "'''").trim_matches('\n').to_owned()
        } else {
            line.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        if text.trim().is_empty() {
            // `<li><p>` and `<h2><div>`: the mark is for what follows.
            self.mark = mark;
            return;
        }
        let body = &mut self.page.body;
        // Items stand together, all else apart.
        let item = mark == "- ";
        if !body.is_empty() {
            let after_item = body.rsplit('\n').next().is_some_and(|last| last.starts_with("- "));
            body.push_str(if item && after_item { "\n" } else { "\n\n" });
        }
        if self.preformatted {
            body.push_str("```\n");
            body.push_str(&text);
            body.push_str("\n```");
        } else {
            body.push_str(&mark);
            body.push_str(&text);
        }
    }

    fn end(mut self) -> Page {
        self.flush();
        if let Some(Skipped { hidden: Some(hidden), .. }) = self.skipped.take() {
            self.page.hidden.push(hidden);
        }
        self.page.title = self.page.title.split_whitespace().collect::<Vec<_>>().join(" ");
        self.page
    }
}

fn level(name: &str) -> Option<usize> {
    let digit = name.strip_prefix('h')?.parse().ok()?;
    (1..=6).contains(&digit).then_some(digit)
}

fn attribute(tag: &StartTag<()>, name: &str) -> Option<String> {
    tag.attributes.get(name.as_bytes()).map(|value| String::from_utf8_lossy(value).trim().to_lowercase())
}

/// Whether an element is not shown, and then whether that looks like deceit: a page that hides a menu says so, one
/// that writes white on white means somebody else to read it.
fn how_hidden(tag: &StartTag<()>) -> Option<bool> {
    let style: String =
        attribute(tag, "style").unwrap_or_default().chars().filter(|c| !c.is_whitespace()).collect();
    let zero = |key: &str| {
        style.match_indices(key).any(|(at, _)| {
            let value = &style[at + key.len()..];
            let value = &value[..value.find(';').unwrap_or(value.len())];
            let number = value.trim_end_matches(|c: char| !c.is_ascii_digit() && c != '.');
            number.parse::<f32>().is_ok_and(|number| number.abs() < 0.1)
        })
    };
    let deceptive = zero("opacity:")
        || zero("font-size:")
        || ["color:transparent", "left:-", "top:-", "text-indent:-", "clip:rect(0", "clip-path:inset(50%"]
            .iter()
            .any(|trick| style.contains(trick));
    let plain = attribute(tag, "hidden").is_some()
        || style.contains("display:none")
        || style.contains("visibility:hidden");
    (deceptive || plain).then_some(deceptive)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_page_is_its_headings_paragraphs_lists_and_tables() {
        let page = read(
            "<!doctype html><html lang=\"ru-RU\"><head><title> Тарифы\n — Ромашка </title>\
             <style>p { color: red }</style></head><body><nav><a href=/>Главная</a></nav>\
             <main><h1>Тарифы</h1><p>Мы  считаем\n по <b>часам</b>.</p><h2>Доставка</h2>\
             <ul><li>по городу — 300&nbsp;₽</li><li><p>за город</p></li></ul>\
             <table><tr><th>Срок</th><th>Цена</th></tr><tr><td>день</td><td>500 ₽</td></tr></table>\
             <pre>if a &lt; b:\n  c()</pre><script>document.write('<p>скрипт</p>')</script></main>\
             <footer>© Ромашка</footer></body></html>",
        );
        assert_eq!((page.title.as_str(), page.language.as_deref()), ("Тарифы — Ромашка", Some("ru-ru")));
        assert_eq!(
            page.body,
            "# Тарифы\n\nМы считаем по часам.\n\n## Доставка\n\n- по городу — 300 ₽\n- за город\n\n\
             Срок | Цена\n\nдень | 500 ₽\n\n```\nif a < b:\n  c()\n```"
        );
        assert!(page.hidden.is_empty());
    }

    #[test]
    fn what_nobody_sees_is_kept_apart() {
        for (html, deceptive) in [
            ("<p>a</p><div hidden>b <div>c</div> d</div><p>e</p>", false),
            ("<p>a</p><span style='Display: NONE'>b c d</span><p>e</p>", false),
            ("<p>a</p><p style=\"font-size: 0px\">b c d</p><p>e</p>", true),
            ("<p>a</p><p style='opacity:0;'>b c d</p><p>e</p>", true),
            ("<p>a</p><p style='position:absolute;left:-9999px'>b c d</p><p>e</p>", true),
            ("<p>a</p><!-- b c d --><p>e</p>", false),
        ] {
            let page = read(html);
            assert_eq!(page.body, "a\n\ne", "{html}");
            let hidden = &page.hidden[0];
            assert_eq!((hidden.text.split_whitespace().count(), hidden.deceptive), (3, deceptive), "{html}");
        }
        assert!(read("<p style='opacity:0.9; font-size:0.9em'>seen</p>").hidden.is_empty());
    }

    proptest! {
        #[test]
        fn any_text_is_a_page(
            html in "(<[a-z/!-]{0,6}|[ >\"'=]|hidden|style=|</?(p|div|li|pre|script|title|h2)>|[a-zа-я&;#0-9]{1,5}){0,80}",
        ) {
            let page = read(&html);
            prop_assert!(!page.body.contains('\0') || html.contains('\0'));
        }

        #[test]
        fn words_of_a_paragraph_are_kept_in_their_order(words in proptest::collection::vec("[a-zа-я]{1,8}", 1..20)) {
            let html: String = words.iter().map(|word| format!("<div><b>{word}</b> </div>")).collect();
            let read: Vec<String> = read(&html).body.split_whitespace().map(str::to_owned).collect();
            prop_assert_eq!(read, words);
        }
    }
}
