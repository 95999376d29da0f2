//! Pictures, followed along their own structure as far as it takes to know that they are one.

/// The size of the picture comes before its data, and the end mark somewhere behind. Telephones append to it
/// (a film, a depth map), so the end need not be the end of the file.
pub(super) fn is_jpg(content: &[u8]) -> bool {
    let mut at = 2;
    let mut has_size = false;
    loop {
        let Some(&[0xff, marker]) = content.get(at..at + 2) else { return false };
        match marker {
            // Filling.
            0xff => at += 1,
            0x01 | 0xd0..=0xd7 => at += 2,
            0xda => return has_size && content[at..].windows(2).any(|pair| pair == [0xff, 0xd9]),
            0x00 | 0xd8 | 0xd9 => return false,
            _ => {
                has_size |= matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc);
                let Some(&[high, low]) = content.get(at + 2..at + 4) else { return false };
                let length = usize::from(u16::from_be_bytes([high, low]));
                if length < 2 {
                    return false;
                }
                at += 2 + length;
            }
        }
    }
}

/// Chunk by chunk from the header to the end mark, behind which nothing may stand.
pub(super) fn is_png(content: &[u8]) -> bool {
    let mut at = 8;
    let mut has_data = false;
    loop {
        let Some(&[a, b, c, d]) = content.get(at..at + 4) else { return false };
        let Ok(length) = usize::try_from(u32::from_be_bytes([a, b, c, d])) else { return false };
        let Some(name) = content.get(at + 4..at + 8) else { return false };
        if (at == 8) != (name == b"IHDR") || (at == 8 && length != 13) {
            return false;
        }
        has_data |= name == b"IDAT";
        // Length, name, data, check sum.
        let Some(next) = length.checked_add(12).and_then(|size| at.checked_add(size)) else { return false };
        if next > content.len() {
            return false;
        }
        if name == b"IEND" {
            return has_data && length == 0 && next == content.len();
        }
        at = next;
    }
}

/// Block by block from the header to the end mark.
pub(super) fn is_gif(content: &[u8]) -> bool {
    gif_end(content).is_some()
}

/// Where the end mark stands, if there is a picture before it.
fn gif_end(content: &[u8]) -> Option<usize> {
    let colours = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    let mut at = 13 + colours(*content.get(10)?);
    let mut has_picture = false;
    loop {
        match *content.get(at)? {
            0x21 => at = blocks(content, at + 2)?,
            0x2c => {
                has_picture = true;
                let table = colours(*content.get(at + 9)?);
                at = blocks(content, at + 10 + table + 1)?;
            }
            0x3b => return has_picture.then_some(at),
            _ => return None,
        }
    }
}

/// Behind a row of blocks, each with its length before it, the last of length 0.
fn blocks(content: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match *content.get(at)? {
            0 => return Some(at + 1),
            length => at += 1 + usize::from(length),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use crate::files::{FileType, sniff};

    /// One pixel.
    pub(crate) const GIF: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\0\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
    pub(crate) const JPG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xc0\0\x0b\x08\0\x01\0\x01\x01\x01\x11\0\xff\xda\0\x08\x01\x01\0\0?\0\x7f\xff\xd9";

    pub(crate) fn png() -> Vec<u8> {
        let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
        for (name, data) in [
            (b"IHDR", [0, 0, 0, 1, 0, 0, 0, 1, 8, 6, 0, 0, 0].as_slice()),
            (b"IDAT", &[1, 2, 3]),
            (b"IEND", &[]),
        ] {
            png.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
            png.extend(name);
            png.extend(data);
            png.extend([0; 4]);
        }
        png
    }

    #[test]
    fn pictures_are_known_by_their_structure() {
        assert_eq!(sniff(GIF), Some(FileType::Gif));
        assert_eq!(sniff(JPG), Some(FileType::Jpg));
        assert_eq!(sniff(&png()), Some(FileType::Png));
    }

    #[test]
    fn a_beginning_alone_is_no_picture() {
        assert_eq!(sniff(b"GIF89a/*<script>*/=1;alert(1);//"), None, "a script that begins like a picture");
        for whole in [GIF.to_vec(), JPG.to_vec(), png()] {
            // Behind the signature; before it, the first letters of a GIF are a text.
            for cut in 8..whole.len() {
                assert_eq!(sniff(&whole[..cut]), None, "{cut} of {whole:?}");
            }
        }
        assert_eq!(sniff(&[png(), b"<script>".to_vec()].concat()), None, "something hangs on to it");
    }
}
