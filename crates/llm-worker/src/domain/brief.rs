//! What whoever takes a conversation over is told where no model writes it: the last words of the talk.

use bot_folder::Lang;

use super::question::Turn;

/// So many things that were said.
const MOST_TURNS: usize = 8;
/// Characters of each.
const MOST_CHARS: usize = 240;
/// Characters of what a model writes.
const LONGEST: usize = 2_000;

/// The end of the talk, a line for each thing that was said, in the words in which it was said.
pub(crate) fn plain(turns: &[Turn], lang: Lang) -> String {
    let (person, bot) = if lang == Lang::RU { ("Человек", "Бот") } else { ("Person", "Bot") };
    let line = |turn: &Turn| {
        let words: Vec<&str> = turn.text.expose().split_whitespace().collect();
        let said = words.join(" ");
        let cut: String = said.chars().take(MOST_CHARS).collect();
        let more = if cut.len() < said.len() { "…" } else { "" };
        format!("{}: {cut}{more}", if turn.by_person { person } else { bot })
    };
    let from = turns.len().saturating_sub(MOST_TURNS);
    turns[from..].iter().map(line).collect::<Vec<_>>().join("\n")
}

/// What a model wrote, bounded; nothing where it wrote nothing.
pub(crate) fn written(text: &str) -> Option<String> {
    let text: String = text.trim().chars().take(LONGEST).collect();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use ids::Pii;

    use super::*;

    #[test]
    fn the_end_of_a_talk_is_told_in_lines() {
        let turn = |by_person, text: String| Turn { by_person, text: Pii::new(text) };
        let mut turns: Vec<Turn> = (0..9).map(|nth| turn(nth % 2 == 0, format!("word {nth}"))).collect();
        turns.push(turn(false, format!("so\n{}", "й".repeat(300))));
        let told = plain(&turns, Lang::RU);
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!((lines.len(), lines[0], lines[6]), (8, "Человек: word 2", "Человек: word 8"));
        assert_eq!(lines[7], format!("Бот: so {}…", "й".repeat(237)));
        assert_eq!(plain(&[], Lang::EN), "");
    }
}
