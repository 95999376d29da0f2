//! Photos and documents inside messages.

use bytes::Bytes;

use crate::model::{Document, Message, PhotoSize};
use crate::state::{NewFile, Sim, Stored};

/// A file on its way into a message.
#[derive(Clone, Debug)]
pub(crate) struct NewMedia {
    pub(crate) file: NewFile,
    /// Width and height when it is a photo.
    pub(crate) pixels: Option<(u32, u32)>,
}

impl NewMedia {
    pub(crate) fn document(name: String, mime: String, content: Bytes) -> Self {
        let size = content.len();
        Self { file: NewFile { name, mime, content, size, is_photo: false }, pixels: None }
    }

    /// `None` when the bytes are not an image that Telegram would take.
    pub(crate) fn photo(name: String, content: Bytes) -> Option<Self> {
        let (mime, pixels) = image_size(&content)?;
        let size = content.len();
        Some(Self {
            file: NewFile { name, mime: mime.to_owned(), content, size, is_photo: true },
            pixels: Some(pixels),
        })
    }
}

impl Sim {
    /// Keeps the file and puts it into the message.
    pub(crate) fn attach(&self, message: &mut Message, media: NewMedia) {
        let stored = self.files.add(media.file);
        self.attach_stored(message, &stored, media.pixels);
    }

    /// Puts a file that is kept already into a message.
    pub(crate) fn attach_stored(&self, message: &mut Message, file: &Stored, pixels: Option<(u32, u32)>) {
        let pixels = pixels.or_else(|| image_size(&file.content).map(|(_, pixels)| pixels));
        if file.is_photo {
            let (width, height) = pixels.unwrap_or((640, 480));
            let (file_id, file_unique_id) = (file.id(), file.unique_id());
            message.photo = vec![PhotoSize { file_id, file_unique_id, width, height, file_size: file.size }];
        } else {
            message.document = Some(Document {
                file_id: file.id(),
                file_unique_id: file.unique_id(),
                file_name: file.name.clone(),
                mime_type: file.mime.clone(),
                file_size: file.size,
            });
        }
    }
}

/// Type, width and height of a PNG, JPEG, GIF or WebP.
fn image_size(bytes: &[u8]) -> Option<(&'static str, (u32, u32))> {
    let be = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let le16 = |at: usize| Some(u32::from(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?)));
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some(("image/png", (be(16)?, be(20)?)));
    }
    if bytes.starts_with(b"GIF8") {
        return Some(("image/gif", (le16(6)?, le16(8)?)));
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        let size = if bytes.get(12..16) == Some(b"VP8 ") {
            (le16(26)? & 0x3fff, le16(28)? & 0x3fff)
        } else {
            (512, 512)
        };
        return Some(("image/webp", size));
    }
    bytes.starts_with(b"\xff\xd8").then(|| jpeg_size(bytes)).flatten().map(|size| ("image/jpeg", size))
}

/// Walks the segments of a JPEG to the one that says how large it is.
fn jpeg_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let be16 = |at: usize| Some(u32::from(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?)));
    let mut at = 2;
    loop {
        if *bytes.get(at)? != 0xff {
            return None;
        }
        match *bytes.get(at + 1)? {
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                return Some((be16(at + 7)?, be16(at + 5)?));
            }
            0xff => at += 1,
            _ => at += 2 + be16(at + 2)? as usize,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_measured() {
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        png.extend([0, 0, 2, 0, 0, 0, 1, 0]);
        assert_eq!(image_size(&png), Some(("image/png", (512, 256))));
        let jpeg = [0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 1, 0xff, 0xc0, 0, 9, 8, 0, 30, 0, 40, 3, 0];
        assert_eq!(image_size(&jpeg), Some(("image/jpeg", (40, 30))));
        assert_eq!(image_size(b"%PDF-1.7"), None);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_break_the_measure(mut bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..64), jpeg: bool) {
            if jpeg {
                bytes.splice(0..0, [0xff, 0xd8]);
            }
            let _ = image_size(&bytes);
        }
    }
}
