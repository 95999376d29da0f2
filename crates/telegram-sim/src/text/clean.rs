//! What the server does to every text: control characters go, the ends are trimmed, entities follow.

use super::Formatted;

pub(super) fn clean(mut f: Formatted) -> Formatted {
    if f.text.contains(|c: char| is_dirty(c)) {
        f = without_control_characters(&f);
    }
    trim(f)
}

fn is_dirty(c: char) -> bool {
    (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c)
}

/// `\r` disappears, other control characters become spaces, direction overrides disappear.
fn without_control_characters(f: &Formatted) -> Formatted {
    let mut text = String::with_capacity(f.text.len());
    // For every UTF-16 unit of the old text, its place in the new one.
    let mut place = Vec::with_capacity(f.text.len() + 1);
    let mut units = 0;
    for c in f.text.chars() {
        place.extend(std::iter::repeat_n(units, c.len_utf16()));
        let kept = match c {
            '\r' | '\u{202a}'..='\u{202e}' => None,
            c if is_dirty(c) => Some(' '),
            c => Some(c),
        };
        if let Some(kept) = kept {
            text.push(kept);
            units += kept.len_utf16();
        }
    }
    place.push(units);
    let at = |old: usize| place.get(old).copied().unwrap_or(units);
    let mut entities = f.entities.clone();
    for entity in &mut entities {
        let (start, end) = (at(entity.offset), at(entity.end()));
        (entity.offset, entity.length) = (start, end.saturating_sub(start));
    }
    entities.retain(|e| e.length > 0);
    Formatted { text, entities }
}

fn trim(mut f: Formatted) -> Formatted {
    let trimmed = f.text.trim();
    if trimmed.len() == f.text.len() {
        return f;
    }
    let front = super::utf16_len(&f.text[..f.text.len() - f.text.trim_start().len()]);
    let length = super::utf16_len(trimmed);
    for entity in &mut f.entities {
        let start = entity.offset.saturating_sub(front).min(length);
        let end = entity.end().saturating_sub(front).min(length);
        (entity.offset, entity.length) = (start, end - start);
    }
    f.entities.retain(|e| e.length > 0);
    f.text = trimmed.to_owned();
    f
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Entity;

    #[test]
    fn entities_follow_the_text() {
        let entities = vec![Entity::new("bold", 1, 5)];
        let f = clean(Formatted { text: " a\r\nb\u{7} ".to_owned(), entities });
        assert_eq!(f.text, "a\nb");
        assert_eq!((f.entities[0].offset, f.entities[0].length), (0, 3));
    }
}
