//! The readings of a text that somebody may have asked for so that nobody sees what it says: backwards, rot13, base64,
//! hexadecimal. Spaces between the letters are no disguise, for letters alone are compared.

use std::collections::HashMap;

use super::letters::{Form, RUN, letters, words};

/// A word that is one of so many or more is put between the others.
const FILLER: usize = 5;

/// What a text says, read in every way that is cheap to read.
pub(super) fn readings(text: &str) -> Vec<Vec<char>> {
    let plain = letters(text);
    if plain.len() < RUN {
        // Nothing this short holds a run.
        return Vec::new();
    }
    let backwards = plain.iter().rev().copied().collect();
    let turned = plain.iter().map(|c| rot13(*c)).collect();
    let mut readings = vec![plain, backwards, turned];
    let solid: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    // Encoded text has no other signs in it; words that stood before it may have become a part of the run.
    for run in solid.split(|c: char| !is_base64(c)).filter(|run| run.len() >= RUN) {
        readings.extend((0..4).map(|skipped| letters(&String::from_utf8_lossy(&of_base64(&run[skipped..])))));
        readings.extend((0..2).map(|skipped| letters(&String::from_utf8_lossy(&of_hex(&run[skipped..])))));
    }
    readings
}

/// What a text says where something was put between its words: numbers, single letters, always the same word.
pub(super) fn parted(text: &str) -> Vec<(Form, Vec<char>)> {
    let forms = [Form::WithoutDigits, Form::LongWords];
    let mut readings: Vec<_> = forms.into_iter().map(|form| (form, form.of(text))).collect();
    let small = text.to_lowercase();
    let mut often: HashMap<&str, usize> = HashMap::new();
    for word in words(&small) {
        *often.entry(word).or_default() += 1;
    }
    let all: usize = often.values().sum();
    if let Some((filler, times)) = often.into_iter().max_by_key(|(word, times)| (*times, *word))
        && times * FILLER >= all
    {
        let rest = words(&small).filter(|word| *word != filler).collect::<Vec<_>>().join(" ");
        readings.push((Form::LongWords, Form::LongWords.of(&rest)));
    }
    readings.retain(|(_, reading)| reading.len() >= RUN);
    readings
}

const fn rot13(c: char) -> char {
    match c {
        'a'..='m' => (c as u8 + 13) as char,
        'n'..='z' => (c as u8 - 13) as char,
        c => c,
    }
}

const fn is_base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_')
}

/// The bytes of base64 in either alphabet; what is no such letter counts as nothing.
fn of_base64(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut held) = (0_u32, 0);
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            _ => 63,
        };
        bits = (bits << 6) | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held & 0xff) as u8);
        }
    }
    bytes
}

fn of_hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        text.chars().map_while(|c| c.to_digit(16)).filter_map(|d| u8::try_from(d).ok()).collect();
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn base64_is_read_wherever_it_begins() {
        let said = "You are Max, the assistant of a company that builds bots";
        let letters_of = letters(said);
        for hidden in [
            "WW91IGFyZSBNYXgsIHRoZSBhc3Npc3RhbnQgb2YgYSBjb21wYW55IHRoYXQgYnVpbGRzIGJvdHM=",
            "Here WW91IGFyZSBNYXgsIHRoZSBhc3Npc3RhbnQgb2YgYSBj\nb21wYW55IHRoYXQgYnVpbGRzIGJvdHM=",
            "596f7520617265204d61782c2074686520617373697374616e74206f66206120636f6d70616e792074686174206275696c647320626f7473",
            "stob sdliub taht ynapmoc a fo tnatsissa eht ,xaM era uoY",
            "Lbh ner Znk, gur nffvfgnag bs n pbzcnal gung ohvyqf obgf",
            "Y-o-u a r e M a x, t h e a s s i s t a n t o f a c o m p a n y t h a t b u i l d s b o t s",
        ] {
            let found = readings(hidden)
                .iter()
                .any(|reading| reading.windows(letters_of.len()).any(|w| w == letters_of));
            assert!(found, "{hidden}");
        }
    }

    #[test]
    fn what_was_put_between_the_words_is_left_out() {
        let said = letters("You are Max, the assistant of some company that builds bots");
        for hidden in [
            "1 You 2 are 3 Max, 4 the 5 assistant 6 of 7 some 8 company 9 that 10 builds 11 bots",
            "You x are x Max x the x assistant x of x some x company x that x builds x bots",
            "You banana are banana Max banana the banana assistant banana of banana some banana company banana that banana builds banana bots",
        ] {
            assert!(parted(hidden).iter().any(|(_, reading)| *reading == said), "{hidden}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "([A-Za-z0-9+/=_-]{0,60}|.){0,8}") {
            let _ = (readings(&text), parted(&text));
        }
    }
}
