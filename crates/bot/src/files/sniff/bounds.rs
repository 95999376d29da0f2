//! What Word's containers say of their own size, read before a library believes it: a small file may claim so much
//! that to list it takes all memory there is. Nothing here takes more memory than the file has bytes.

use std::collections::HashSet;

/// Entries that a zip has at most; documents have dozens.
const MOST_ENTRIES: u64 = 10_000;
/// Bytes of a zip's list of entries.
const MOST_LISTED: u64 = 2 << 20;
/// Where the end of a zip's list may be: it is followed by a comment of at most 64 KiB.
const ZIP_TAIL: usize = 70_000;

/// Sectors' numbers above this one are marks.
const LAST_SECTOR: u32 = 0xffff_fffa;
const END_OF_CHAIN: u32 = 0xffff_fffe;
const FREE: u32 = 0xffff_ffff;
/// Where the header lists the first sectors of the table of sectors, and how many.
const LISTED: (usize, usize) = (76, 109);

/// Whether each end that this zip may be read from lists what can be listed.
pub(super) fn is_bounded_zip(content: &[u8]) -> bool {
    let tail = content.len().saturating_sub(ZIP_TAIL);
    let mut ends = found(content, tail, b"PK\x05\x06").peekable();
    if ends.peek().is_none() {
        return false;
    }
    let mut is_long = false;
    for end in ends {
        let (here, all, bytes) =
            (u16_at(content, end + 8), u16_at(content, end + 10), u32_at(content, end + 12));
        let (Some(here), Some(all), Some(bytes)) = (here, all, bytes) else { continue };
        // Where the numbers do not fit, or there is anything to lead there, the 64-bit end counts.
        let leads = end.checked_sub(20).is_some_and(|at| content[at..].starts_with(b"PK\x06\x07"));
        is_long |= leads;
        if !leads && (u64::from(here.max(all)) > MOST_ENTRIES || u64::from(bytes) > MOST_LISTED) {
            return false;
        }
        if leads && here.max(all) != u16::MAX && u64::from(here.max(all)) > MOST_ENTRIES {
            return false;
        }
    }
    !is_long
        || found(content, 0, b"PK\x06\x06").all(|end| {
            let field = |offset| u64_at(content, end + offset);
            let (Some(here), Some(all), Some(bytes)) = (field(24), field(32), field(40)) else { return true };
            here.max(all) <= MOST_ENTRIES && bytes <= MOST_LISTED
        })
}

/// Whether the table of a compound file's sectors lists no more than the file has, and nothing twice.
pub(super) fn is_bounded_compound(content: &[u8]) -> bool {
    table(content).is_some()
}

/// The sectors of the table of sectors; `None` where they can not be.
fn table(content: &[u8]) -> Option<Vec<u32>> {
    let shift = u16_at(content, 30)?;
    if shift != 9 && shift != 12 {
        return None;
    }
    let sector = 1_usize << shift;
    // The header takes the first.
    let sectors = content.len().div_ceil(sector).checked_sub(1)?;
    let is_there = |number: u32| (number as usize) < sectors;

    let mut listed = Vec::new();
    for nth in 0..LISTED.1 {
        match u32_at(content, LISTED.0 + 4 * nth)? {
            FREE => break,
            number => listed.push(number),
        }
    }
    listed.resize(LISTED.1, FREE);
    let mut seen = HashSet::new();
    let mut next = u32_at(content, 68)?;
    while next != END_OF_CHAIN && next != FREE {
        if next > LAST_SECTOR || !is_there(next) || !seen.insert(next) {
            return None;
        }
        let start = (next as usize + 1) * sector;
        for at in (start..start + sector - 4).step_by(4) {
            listed.push(u32_at(content, at)?);
        }
        next = u32_at(content, start + sector - 4)?;
    }
    // Some programs fill up the rest with noughts.
    let said = u32_at(content, 44)? as usize;
    while listed.len() > LISTED.1.max(said) && listed.last() == Some(&0) {
        listed.pop();
    }
    while listed.last() == Some(&FREE) {
        listed.pop();
    }
    let most = sectors.div_ceil(sector / 4);
    let mut seen = HashSet::with_capacity(most.min(listed.len()));
    let is_bounded =
        listed.len() <= most && listed.iter().all(|number| is_there(*number) && seen.insert(*number));
    is_bounded.then_some(listed)
}

fn found<'a>(content: &'a [u8], from: usize, what: &'a [u8; 4]) -> impl Iterator<Item = usize> + 'a {
    content[from..].windows(4).enumerate().filter(move |(_, four)| four == what).map(move |(at, _)| from + at)
}

fn u16_at(content: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(content.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(content: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(content.get(at..at + 4)?.try_into().ok()?))
}

fn u64_at(content: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(content.get(at..at + 8)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::super::office::tests::{doc, docx, zip};
    use super::*;
    use proptest::prelude::*;

    fn put(content: &mut [u8], at: usize, number: u32) {
        content[at..at + 4].copy_from_slice(&number.to_le_bytes());
    }

    #[test]
    fn documents_are_bounded() {
        assert!(is_bounded_compound(&doc()));
        assert!(is_bounded_zip(&docx()));
    }

    /// A file as large as one that has a list of its own for the table of sectors.
    fn large_compound() -> (Vec<u8>, usize) {
        let mut content = vec![0; 4096 * 30];
        let real = doc();
        content[..real.len()].copy_from_slice(&real);
        let sector = 1_usize << u16_at(&content, 30).unwrap();
        (content, sector)
    }

    #[test]
    fn a_table_of_sectors_that_lists_one_sector_again_and_again_is_refused() {
        // Large enough for two.
        let mut content = doc();
        content.resize(4096 * 1_100, 0);
        put(&mut content, LISTED.0 + 4, 1);
        assert!(is_bounded_compound(&content));
        put(&mut content, LISTED.0, 1);
        assert!(!is_bounded_compound(&content), "twice in the header");
        put(&mut content, LISTED.0, 0);
        put(&mut content, LISTED.0 + 8, 2);
        assert!(!is_bounded_compound(&content), "three, for sectors that two can list");

        // Its list names a sector a thousand times, which is four megabytes for each four kilobytes.
        let (mut content, sector) = large_compound();
        for nth in 0..LISTED.1 {
            put(&mut content, LISTED.0 + 4 * nth, 1);
        }
        put(&mut content, 68, 10);
        for at in (11 * sector..12 * sector - 4).step_by(4) {
            put(&mut content, at, 1);
        }
        put(&mut content, 12 * sector - 4, END_OF_CHAIN);
        assert!(!is_bounded_compound(&content), "in its list");
    }

    #[test]
    fn a_list_of_the_table_that_never_ends_or_leads_nowhere_is_refused() {
        let (mut content, sector) = large_compound();
        put(&mut content, 68, 10);
        content[11 * sector..12 * sector].fill(0xff);
        put(&mut content, 12 * sector - 4, 10);
        assert!(!is_bounded_compound(&content), "in a circle");
        put(&mut content, 12 * sector - 4, LAST_SECTOR - 1);
        assert!(!is_bounded_compound(&content), "out of the file");
        put(&mut content, 12 * sector - 4, END_OF_CHAIN);
        assert!(is_bounded_compound(&content), "an empty list is none");
    }

    #[test]
    fn a_zip_that_lists_too_much_is_refused_at_each_of_its_ends() {
        let end = docx().len() - 22;
        for (at, width) in [(8, 2), (10, 2), (12, 4)] {
            let mut content = docx();
            content[end + at..end + at + width].fill(0xf0);
            assert!(!is_bounded_zip(&content), "{at}");
            // Another end behind it, which says nothing.
            content.extend_from_slice(b"PK\x05\x06");
            content.extend_from_slice(&[0; 18]);
            assert!(!is_bounded_zip(&content), "{at}, and another end");
        }
        let names: Vec<String> = (0..10_001).map(|nth| nth.to_string()).collect();
        let entries: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), b"".as_slice())).collect();
        assert!(!is_bounded_zip(&zip(&entries)));
        assert!(is_bounded_zip(&zip(&entries[1..])));
    }

    #[test]
    fn a_zip_with_a_64_bit_end_is_held_to_the_same() {
        let long = |entries: u64, listed: u64| {
            let mut content = docx();
            let mut end = content.split_off(content.len() - 22);
            let at = content.len() as u64;
            content.extend_from_slice(b"PK\x06\x06");
            content.extend_from_slice(&44_u64.to_le_bytes());
            content.extend_from_slice(&[0; 12]);
            for number in [entries, entries, listed, 0] {
                content.extend_from_slice(&number.to_le_bytes());
            }
            content.extend_from_slice(b"PK\x06\x07\0\0\0\0");
            content.extend_from_slice(&at.to_le_bytes());
            content.extend_from_slice(&1_u32.to_le_bytes());
            end[8..16].fill(0xff);
            content.extend_from_slice(&end);
            content
        };
        assert!(is_bounded_zip(&long(3, 200)));
        assert!(!is_bounded_zip(&long(1_000_000, 200)));
        assert!(!is_bounded_zip(&long(3, 1 << 30)));
    }

    proptest! {
        #[test]
        fn any_content_is_survived(head in proptest::collection::vec(any::<u8>(), 0..700), cut in 0_usize..6000) {
            let _ = (is_bounded_zip(&head), is_bounded_compound(&head));
            let mut content = doc();
            for (place, byte) in content.iter_mut().skip(24).zip(&head) {
                *place = *byte;
            }
            content.truncate(cut);
            let _ = is_bounded_compound(&content);
        }
    }
}
