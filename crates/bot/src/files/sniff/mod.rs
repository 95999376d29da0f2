//! What a file is, by its content alone. Strict where it costs honest files nothing: a file that is two things at
//! once is none of them.

mod bounds;
mod image;
mod office;
mod text;

/// What people may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileType {
    Pdf,
    Doc,
    Docx,
    Jpg,
    Png,
    Gif,
    Txt,
}

impl FileType {
    pub(crate) const ALL: [Self; 7] =
        [Self::Pdf, Self::Doc, Self::Docx, Self::Jpg, Self::Png, Self::Gif, Self::Txt];

    /// The usual one first.
    pub(crate) const fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Doc => &["doc"],
            Self::Docx => &["docx"],
            Self::Jpg => &["jpg", "jpeg", "jpe", "jfif"],
            Self::Png => &["png"],
            Self::Gif => &["gif"],
            Self::Txt => &["txt"],
        }
    }

    pub(crate) fn of_media_type(media_type: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.media_type() == media_type)
    }

    /// What a file without a name is called.
    pub(super) const fn stem(self) -> &'static str {
        match self {
            Self::Jpg | Self::Png | Self::Gif => "picture",
            Self::Pdf | Self::Doc | Self::Docx | Self::Txt => "file",
        }
    }

    /// None of them is run by a browser.
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Doc => "application/msword",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Jpg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::Txt => "text/plain",
        }
    }
}

/// What this is; `None` for everything that is not allowed, broken, or more than one thing.
pub(crate) fn sniff(content: &[u8]) -> Option<FileType> {
    let (found, is_whole) = match content {
        [b'%', b'P', b'D', b'F', b'-', ..] => (FileType::Pdf, is_pdf(content)),
        // Documents may have archives inside them.
        [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ..] => {
            return office::is_doc(content).then_some(FileType::Doc);
        }
        [b'P', b'K', 3, 4, ..] => return office::is_docx(content).then_some(FileType::Docx),
        [0xff, 0xd8, 0xff, ..] => (FileType::Jpg, image::is_jpg(content)),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => (FileType::Png, image::is_png(content)),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => (FileType::Gif, image::is_gif(content)),
        _ => (FileType::Txt, text::is_text(content)),
    };
    (is_whole && !hides_archive(content)).then_some(found)
}

/// `%PDF-1.7` at the very beginning (readers take it later too, which is how a page or a program becomes a
/// "PDF"), and the end mark near the end.
fn is_pdf(content: &[u8]) -> bool {
    let version = matches!(content.get(5..8), Some([b'1' | b'2', b'.', b'0'..=b'9']));
    let tail = &content[content.len().saturating_sub(4096)..];
    version && contains(tail, b"%%EOF")
}

/// A zip is read from its end, so any file can be one too: a picture that is also a Java program.
fn hides_archive(content: &[u8]) -> bool {
    const END: &[u8] = b"PK\x05\x06";
    const RECORD: usize = 22;
    let from = content.len().saturating_sub(RECORD + usize::from(u16::MAX));
    content[from..].windows(RECORD).enumerate().any(|(at, record)| {
        let comment = usize::from(u16::from_le_bytes([record[20], record[21]]));
        // A reader looks for the last record whose comment reaches to the end; some are content with less.
        record.starts_with(END) && from + at + RECORD + comment <= content.len()
    })
}

fn contains(content: &[u8], piece: &[u8]) -> bool {
    content.windows(piece.len()).any(|window| window == piece)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(crate) const PDF: &[u8] =
        b"%PDF-1.4\n1 0 obj\n<</Type/Catalog>>\nendobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

    #[test]
    fn a_pdf_is_one_by_its_content() {
        assert_eq!(sniff(PDF), Some(FileType::Pdf));
        assert_eq!(sniff(b"%PDF-1.4\nno end"), None);
        assert_eq!(sniff(b"%PDF-x\n%%EOF"), None);
    }

    #[test]
    fn what_is_two_things_is_none() {
        let page = [b"<html><script>alert(1)</script>\n", PDF].concat();
        assert_eq!(sniff(&page), None, "a page that readers would open as a PDF");
        let program = [b"MZ\x90\0\x03\0\0\0".as_slice(), PDF].concat();
        assert_eq!(sniff(&program), None, "a program that readers would open as a PDF");
        let zip = office::tests::zip(&[("META-INF/MANIFEST.MF", b"x")]);
        for whole in [PDF, image::tests::GIF, image::tests::JPG] {
            assert!(sniff(whole).is_some());
            assert_eq!(sniff(&[whole, &zip].concat()), None, "a program of Java's behind it");
        }
    }

    #[test]
    fn what_is_not_on_the_list_is_refused_whatever_it_is() {
        for content in [
            b"".as_slice(),
            b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0",
            b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0",
            b"<!DOCTYPE html><html></html>",
            b"Rar!\x1a\x07\x01\0",
            b"7z\xbc\xaf\x27\x1c\0\x04",
            b"\x1f\x8b\x08\0\0\0\0\0",
            b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2",
            b"RIFF\x24\0\0\0WEBPVP8 ",
            b"{\\rtf1\\ansi hello}",
        ] {
            assert_eq!(sniff(content), None, "{content:?}");
        }
    }

    fn beginning() -> impl Strategy<Value = Vec<u8>> {
        let samples: Vec<Vec<u8>> = vec![
            Vec::new(),
            PDF.to_vec(),
            image::tests::GIF.to_vec(),
            image::tests::JPG.to_vec(),
            image::tests::png(),
            office::tests::docx(),
            office::tests::doc(),
            vec![0xff, 0xfe],
            b"\xef\xbb\xbf".to_vec(),
        ];
        prop::sample::select(samples)
    }

    proptest! {
        #[test]
        fn no_content_breaks_it(
            begin in beginning(),
            flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..24),
            cut in any::<prop::sample::Index>(),
            rest in prop::collection::vec(any::<u8>(), 0..80),
        ) {
            let mut content = begin;
            for (at, byte) in flips {
                if !content.is_empty() {
                    let at = at.index(content.len());
                    content[at] = byte;
                }
            }
            let cut_at = cut.index(content.len() + 1);
            let _ = sniff(&content[..cut_at]);
            content.extend(rest);
            let _ = sniff(&content);
        }

        #[test]
        fn a_program_is_never_let_in(rest in prop::collection::vec(any::<u8>(), 0..400)) {
            for magic in [b"MZ\x90\0".as_slice(), b"\x7fELF", b"#!/bin/sh\n", b"\xca\xfe\xba\xbe", b"<script>"] {
                prop_assert_eq!(sniff(&[magic, &rest].concat()), None);
            }
        }
    }
}
