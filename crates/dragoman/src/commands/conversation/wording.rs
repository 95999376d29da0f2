//! One thing said, in the words of whoever reads it: a press by what stood on the button, a file by its name.

use bot::transcript::Line;

/// What was said.
pub(super) fn words(line: &Line) -> String {
    let (text, label) = (line.text.expose(), line.label.expose());
    if line.kind == "button" {
        return format!("▸ {}", if label.is_empty() { text } else { label });
    }
    let file = line.file.as_ref().map(|name| format!("📎 {}", name.expose()));
    let text = Some(text.clone()).filter(|text| !text.is_empty());
    let parts: Vec<String> = file.into_iter().chain(text).collect();
    if parts.is_empty() { format!("({})", line.kind) } else { parts.join("\n") }
}

/// What it was, with the data of a button that is called by its label above.
pub(super) fn kind(line: &Line) -> String {
    if line.kind == "button" && !line.label.expose().is_empty() {
        return format!("button {}", line.text.expose());
    }
    line.kind.clone()
}
