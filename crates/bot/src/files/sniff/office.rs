//! Word's two formats, both small file systems of their own: what is inside decides.

use std::io::Cursor;

use zip::ZipArchive;

use super::bounds;

/// A compound file with a document of Word's in it.
pub(super) fn is_doc(content: &[u8]) -> bool {
    bounds::is_bounded_compound(content)
        && cfb::CompoundFile::open(Cursor::new(content)).is_ok_and(|file| file.is_stream("/WordDocument"))
}

/// A zip that begins where the file begins, with a document of Word's in it and neither macros nor a Java program.
pub(super) fn is_docx(content: &[u8]) -> bool {
    if !bounds::is_bounded_zip(content) {
        return false;
    }
    let Ok(archive) = ZipArchive::new(Cursor::new(content)) else { return false };
    if archive.offset() != 0 {
        return false;
    }
    let mut has_types = false;
    let mut has_document = false;
    for name in archive.file_names() {
        let Ok(name) = name else { return false };
        let lower = name.to_ascii_lowercase();
        let leaves = name.starts_with(['/', '\\']) || name.split(['/', '\\']).any(|piece| piece == "..");
        if leaves || lower.starts_with("meta-inf/") || lower.ends_with("vbaproject.bin") {
            return false;
        }
        has_types |= name == "[Content_Types].xml";
        has_document |= name == "word/document.xml";
    }
    has_types && has_document
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;
    use crate::files::{FileType, sniff};

    pub(crate) fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in entries {
            let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
            writer.start_file(*name, options).unwrap();
            writer.write_all(content).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    const TYPES: (&str, &[u8]) = ("[Content_Types].xml", b"<Types/>");
    const DOCUMENT: (&str, &[u8]) = ("word/document.xml", b"<w:document/>");

    pub(crate) fn docx() -> Vec<u8> {
        zip(&[TYPES, ("_rels/.rels", b"<Relationships/>"), DOCUMENT])
    }

    fn compound(stream: &str) -> Vec<u8> {
        let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        file.create_stream(stream).unwrap().write_all(&[7; 5000]).unwrap();
        file.into_inner().into_inner()
    }

    pub(crate) fn doc() -> Vec<u8> {
        compound("/WordDocument")
    }

    #[test]
    fn documents_of_words_are_told_from_other_containers() {
        assert_eq!(sniff(&docx()), Some(FileType::Docx));
        assert_eq!(sniff(&zip(&[DOCUMENT, TYPES])), Some(FileType::Docx), "in any order");
        assert_eq!(sniff(&doc()), Some(FileType::Doc));
        assert_eq!(sniff(&compound("/Workbook")), None, "a table of Excel's");
        assert_eq!(sniff(&zip(&[TYPES, ("xl/workbook.xml", b"x")])), None);
        assert_eq!(sniff(&zip(&[("a.exe", b"MZ")])), None);
    }

    #[test]
    fn a_document_that_is_more_than_one_is_refused() {
        for extra in ["META-INF/MANIFEST.MF", "word/vbaProject.bin", "../../.bashrc", "/etc/passwd"] {
            assert_eq!(sniff(&zip(&[TYPES, DOCUMENT, (extra, b"x")])), None, "{extra}");
        }
        let behind_a_program = [b"MZ\x90\0".as_slice(), &docx()].concat();
        assert_eq!(sniff(&behind_a_program), None);
        let twice = [zip(&[("a", b"b")]), docx()].concat();
        assert_eq!(sniff(&twice), None, "another zip stands before it");
    }
}
