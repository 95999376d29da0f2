//! Names made safe: for a folder of any system, for a header, for a person's eye.

use super::FileType;

/// Bytes of a name, its extension included. Every file system takes 255; tools add to it.
const MOST: usize = 120;

/// Names that Windows keeps for devices, whatever stands behind the dot.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// The name under which a file is kept and handed out. Its extension is that of what the file is.
pub(crate) fn safe_name(given: &str, kind: FileType) -> String {
    let name = clean_name(given);
    let stem = kind
        .extensions()
        .iter()
        .find_map(|extension| without_extension(&name, extension))
        .unwrap_or(name.as_str());
    let mut stem = stem.trim_end_matches([' ', '.']).to_owned();
    if stem.is_empty() {
        stem = kind.stem().to_owned();
    }
    if is_device(&stem) {
        stem.insert(0, '_');
    }
    let extension = kind.extensions()[0];
    shorten(&mut stem, MOST - extension.len() - 1);
    format!("{stem}.{extension}")
}

/// The name it is handed out under: a picture mostly comes without any. Empty while nobody knows what it is.
pub(crate) fn name_or_usual(name: String, media_type: &str) -> String {
    match FileType::of_media_type(media_type) {
        Some(kind) if name.is_empty() => safe_name("", kind),
        _ => name,
    }
}

/// The last piece of a path without what can not be seen, turns the reading direction, or means something to a
/// shell or a file system. May be empty.
pub(crate) fn clean_name(given: &str) -> String {
    let piece = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut name = String::with_capacity(piece.len());
    for c in piece.chars() {
        match c {
            '<' | '>' | ':' | '"' | '|' | '?' | '*' | '$' | '`' | '%' | ';' | '&' => name.push('_'),
            c if c.is_whitespace() => {
                if !name.ends_with(' ') {
                    name.push(' ');
                }
            }
            c if c.is_control() || is_invisible(c) => {}
            c => name.push(c),
        }
    }
    let mut name = name.trim_matches([' ', '.']).to_owned();
    if name.starts_with(['-', '~']) {
        name.insert(0, '_');
    }
    shorten(&mut name, MOST);
    name
}

/// Marks of direction, joiners, variation selectors, tags, private use: nothing of it is seen, all of it deceives.
const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{e0000}'..='\u{10ffff}')
}

fn without_extension<'n>(name: &'n str, extension: &str) -> Option<&'n str> {
    let (stem, last) = name.rsplit_once('.')?;
    last.eq_ignore_ascii_case(extension).then_some(stem)
}

fn is_device(stem: &str) -> bool {
    let first = stem.split('.').next().unwrap_or_default().trim_end().to_lowercase();
    let port = first.strip_prefix("com").or_else(|| first.strip_prefix("lpt"));
    let is_port = port.is_some_and(|number| {
        let mut digits = number.chars();
        matches!((digits.next(), digits.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
    });
    is_port || DEVICES.contains(&first.as_str())
}

fn shorten(name: &mut String, most: usize) {
    if name.len() > most {
        name.truncate(name.floor_char_boundary(most));
        name.truncate(name.trim_end_matches([' ', '.']).len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_that_deceive_are_made_plain() {
        for (given, safe) in [
            ("brief.pdf", "brief.pdf"),
            ("Техническое задание (2).PDF", "Техническое задание (2).pdf"),
            ("../../etc/passwd", "passwd.pdf"),
            ("C:\\Users\\me\\plan.pdf", "plan.pdf"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe.pdf"),
            ("setup.exe", "setup.exe.pdf"),
            ("a\u{0}b\r\nc.pdf", "ab c.pdf"),
            ("con.pdf", "_con.pdf"),
            ("Lpt1.tar.pdf", "_Lpt1.tar.pdf"),
            (".htaccess", "htaccess.pdf"),
            ("-rf.pdf", "_-rf.pdf"),
            ("$(reboot).pdf", "_(reboot).pdf"),
            ("...", "file.pdf"),
            ("", "file.pdf"),
            (".pdf", "pdf.pdf"),
            ("a .pdf", "a.pdf"),
        ] {
            assert_eq!(safe_name(given, FileType::Pdf), safe, "{given:?}");
        }
        assert_eq!(safe_name("photo.JPEG", FileType::Jpg), "photo.jpg");
        assert_eq!(safe_name("", FileType::Png), "picture.png");
        assert_eq!(name_or_usual(String::new(), "image/jpeg"), "picture.jpg");
        assert_eq!(name_or_usual("a.pdf".to_owned(), "application/pdf"), "a.pdf");
        assert_eq!(name_or_usual(String::new(), ""), "");
    }

    proptest! {
        #[test]
        fn whatever_the_name_it_is_safe(
            given in "\\PC{0,200}|[\\x00-\\x7f]{0,40}|[./\\\\ \u{202e}\u{200b}~\\-]{0,20}|(?i)(con|nul|com[0-9¹]|lpt3)[. ]{0,3}[a-z]{0,3}|я{100,200}(\\.pdf)?",
            kind in prop::sample::select(FileType::ALL.to_vec()),
        ) {
            let name = safe_name(&given, kind);
            let extension = format!(".{}", kind.extensions()[0]);
            prop_assert!(name.len() <= MOST, "{name:?}");
            let stem = name.strip_suffix(&extension);
            prop_assert!(stem.is_some_and(|stem| !stem.is_empty() && !stem.ends_with([' ', '.'])), "{name:?}");
            prop_assert!(!is_device(&name), "{name:?}");
            prop_assert!(!name.starts_with(['.', ' ', '-', '~']), "{name:?}");
            prop_assert!(!name.contains(['/', '\\', '"', ':', '*', '?', '<', '>', '|', '$', '`', '%', ';']), "{name:?}");
            prop_assert!(!name.chars().any(|c| c.is_control() || is_invisible(c)), "{name:?}");
            prop_assert_eq!(safe_name(&name, kind), name.clone(), "a safe name stays as it is");
        }
    }
}
