//! Plain text: UTF-8, UTF-16 with its mark, or Windows-1251; words and line breaks, and nothing that a program
//! would run.

/// Without control characters, in one of the encodings, and no page, script or other format written in letters.
pub(super) fn is_text(content: &[u8]) -> bool {
    match content {
        [] => false,
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => match std::str::from_utf8(content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content)) {
            Ok(text) => is_plain(text.chars()),
            Err(_) => is_windows_1251(content),
        },
    }
}

fn utf16(content: &[u8], unit: fn([u8; 2]) -> u16) -> bool {
    if !content.len().is_multiple_of(2) {
        return false;
    }
    let units = content.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let mut whole = true;
    let chars = char::decode_utf16(units).map_while(|c| c.inspect_err(|_| whole = false).ok());
    let plain = is_plain(chars);
    plain && whole
}

/// Windows-1251 gives a letter to nearly every byte, so most of the upper half has to be letters of Russian, as
/// in a text of a person's.
fn is_windows_1251(content: &[u8]) -> bool {
    let upper = content.iter().filter(|byte| **byte >= 0x80);
    let (mut letters, mut others) = (0_usize, 0_usize);
    for byte in upper {
        match byte {
            // ё, Ё, а to я, А to Я.
            0xa8 | 0xb8 | 0xc0..=0xff => letters += 1,
            // No character has this byte.
            0x98 => return false,
            _ => others += 1,
        }
    }
    letters > others * 4
        && is_plain(content.iter().map(|byte| if *byte < 0x80 { char::from(*byte) } else { 'я' }))
}

fn is_plain(chars: impl Iterator<Item = char>) -> bool {
    let mut head = String::with_capacity(16);
    let mut words = false;
    for c in chars {
        // NEL is a line break of some machines.
        if c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\x0c' | '\u{85}') {
            return false;
        }
        words |= !c.is_whitespace();
        if words && head.len() < 8 {
            head.push(c);
        }
    }
    words && !is_other_format(&head)
}

/// A page, an image in XML, a script, a rich text: they begin with what gives them away.
fn is_other_format(head: &str) -> bool {
    let tag = head.strip_prefix('<').and_then(|rest| rest.chars().next());
    tag.is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '!' | '?' | '/' | '%'))
        || ["#!", "{\\rtf", "%!PS", "%PDF", "@echo", "@ECHO", "<#"].iter().any(|mark| head.starts_with(mark))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::files::{FileType, sniff};

    fn utf16(text: &str, mark: [u8; 2], bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        mark.into_iter().chain(text.encode_utf16().flat_map(bytes)).collect()
    }

    #[test]
    fn text_is_read_in_three_encodings() {
        let text = "Нужен сайт.\r\nWith a shop – до 1 мая 🙂";
        for content in [
            text.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            utf16(text, [0xff, 0xfe], u16::to_le_bytes),
            utf16(text, [0xfe, 0xff], u16::to_be_bytes),
            // "Привет, мир" in Windows-1251.
            b"\xcf\xf0\xe8\xe2\xe5\xf2, \xec\xe8\xf0\r\n".to_vec(),
        ] {
            assert_eq!(sniff(&content), Some(FileType::Txt), "{content:?}");
        }
    }

    #[test]
    fn letters_that_are_run_are_no_text() {
        for content in [
            "<html>",
            "  \n<!-- a --><script>",
            "<?php system($_GET[0]);",
            "#!/bin/sh\nrm -rf /",
            "<svg onload=x>",
            "@echo off\r\ndel *.*",
            "a\u{1b}[2J",
            "   \n",
            "a\0b",
        ] {
            assert_eq!(sniff(content.as_bytes()), None, "{content:?}");
            let wide = utf16(content, [0xff, 0xfe], u16::to_le_bytes);
            assert_eq!(sniff(&wide), None, "{content:?} in UTF-16");
        }
        assert_eq!(sniff(b"5 < 6, is it not?"), Some(FileType::Txt));
        assert_eq!(sniff(&[0xff, 0xfe, 0x00, 0xd8, 0x41, 0x00]), None, "half a pair");
        assert_eq!(sniff(&[0xff, 0xfe, 0x41]), None, "half a character");
        assert_eq!(sniff(b"\x80\x81\x82\x83 abc"), None, "bytes that are no Russian");
    }

    proptest! {
        #[test]
        fn what_a_person_writes_is_text_in_any_encoding(text in "[a-zA-Zа-яА-Я0-9][\\PC\n\t]{0,200}") {
            prop_assume!(!text.chars().any(|c| ('\u{80}'..'\u{a0}').contains(&c)));
            prop_assert_eq!(sniff(text.as_bytes()), Some(FileType::Txt));
            let wide = utf16(&text, [0xff, 0xfe], u16::to_le_bytes);
            prop_assert_eq!(sniff(&wide), Some(FileType::Txt));
        }

        #[test]
        fn a_control_character_anywhere_is_no_text(before in "[a-z ]{1,20}", control in 0_u8..9, after in "[a-z ]{0,20}") {
            let content = [before.as_bytes(), &[control], after.as_bytes()].concat();
            prop_assert_eq!(sniff(&content), None);
        }
    }
}
