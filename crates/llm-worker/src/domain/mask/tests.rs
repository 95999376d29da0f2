use proptest::prelude::*;

use super::checksum;
use super::*;

#[test]
fn the_same_value_is_the_same_mask_in_every_call() {
    let mut first = Mask::default();
    assert_eq!(first.hide("+79129876543, ivan@example.com"), "<PHONE_1>, <EMAIL_1>");
    assert_eq!(first.new_ones().len(), 2);
    // Another worker, later: the turn with the first number is no longer in the window.
    let mut second = Mask::of(first.new_ones().to_vec());
    assert_eq!(second.hide("+79120000000, ivan@example.com"), "<PHONE_2>, <EMAIL_1>");
    assert_eq!(second.new_ones().len(), 1);
}

#[test]
fn only_what_a_call_shows_comes_back() {
    let mut mask = Mask::of([]);
    mask.hide("+79129876543");
    let mut later = Mask::of(mask.new_ones().to_vec());
    later.hide("ivan@example.com");
    assert_eq!(later.reveal("<PHONE_1> <EMAIL_1> <EMAIL_2>"), "<PHONE_1> ivan@example.com <EMAIL_2>");
    later.show("The person's number is <PHONE_1>.");
    assert_eq!(later.reveal("<PHONE_1>"), "+79129876543");
}

#[test]
fn what_was_hidden_is_counted_by_kind_and_never_shown() {
    let mut mask = Mask::default();
    mask.hide("+79129876543, +79129876543, ivan@example.com");
    assert_eq!(mask.tally().collect::<Vec<_>>(), [("EMAIL", 1), ("PHONE", 2)]);
    assert_eq!(format!("{mask:?}"), "Mask { known: 2, .. }");
}

#[test]
fn a_value_is_not_read_as_a_mask_again() {
    let mut mask = Mask::default();
    let text = "<EMAIL_1> a@b.co";
    let hidden = mask.hide(text);
    assert_eq!(hidden, "<TEXT_1> <EMAIL_1>");
    assert_eq!(mask.reveal(&hidden), text);
}

#[test]
fn beyond_the_most_masks_values_are_hidden_for_good() {
    let mut mask = Mask::default();
    let many: Vec<String> = (0..MOST_MASKS + 5).map(|nth| format!("user{nth}@example.com")).collect();
    let hidden = mask.hide(&many.join(" "));
    assert!(hidden.ends_with("<EMAIL_1000> <EMAIL> <EMAIL> <EMAIL> <EMAIL> <EMAIL>"), "{hidden}");
    assert!(!hidden.contains('@'));
}

/// A long text of any kind is read in a few steps a letter; otherwise this would not end.
#[test]
fn a_long_text_of_anything_is_read_in_one_pass() {
    for part in [
        "a-",
        "a@",
        "+7 9",
        "1.",
        "1 ",
        "Иван ",
        "<PHONE_",
        "eyJ.",
        "password: ",
        "AAAA",
        "ул. ",
        "12:",
        "/",
        "-----BEGIN PRIVATE KEY-----",
    ] {
        let text = part.repeat((1 << 18) / part.len());
        let mut mask = Mask::default();
        let hidden = mask.hide(&text);
        assert!(mask.known.len() >= MOST_MASKS || mask.reveal(&hidden) == text);
    }
}

fn with_check(digits: &str, right: fn(&[u8]) -> bool, checks: u32) -> Option<String> {
    (0..10u32.pow(checks)).map(|check| format!("{digits}{check:0width$}", width = checks as usize)).find(
        |number| {
            let digits: Vec<u8> = number.bytes().map(|byte| byte - b'0').collect();
            right(&digits)
        },
    )
}

proptest! {
    #[test]
    fn whatever_is_hidden_is_revealed(
        text in "([a-zа-я]{1,5}|[0-9]{1,6}|[ @.+()_:/-]|<|>|PHONE_1|password: |ИНН |Иван |<EMAIL_2>|ул\\. |№){0,60}",
    ) {
        let mut mask = Mask::default();
        let hidden = mask.hide(&text);
        prop_assert_eq!(mask.reveal(&hidden), text);
    }

    #[test]
    fn any_text_at_all_is_hidden_and_revealed(text in any::<String>()) {
        let mut mask = Mask::default();
        let hidden = mask.hide(&text);
        prop_assert_eq!(mask.reveal(&hidden), text);
    }

    #[test]
    fn an_answer_in_pieces_is_unmasked_as_a_whole_one_is(
        answer in "(<PHONE_1>|<EMAIL_1>|<PHONE_9>|<PHO|<|>|_1>|NE_|[a-zа-я ]{1,4}|[0-9]){0,30}",
        cuts in proptest::collection::vec(0usize..200, 0..20),
    ) {
        let mut mask = Mask::default();
        mask.hide("+79129876543, ivan@example.com");
        let mut unmask = mask.unmask();
        let mut cuts: Vec<usize> = cuts.into_iter().filter(|at| answer.is_char_boundary(*at) && *at <= answer.len()).collect();
        cuts.sort_unstable();
        let (mut plain, mut from) = (String::new(), 0);
        for to in cuts {
            plain.push_str(&unmask.push(&answer[from..to]));
            prop_assert!(unmask.held() < 17);
            from = to;
        }
        plain.push_str(&unmask.push(&answer[from..]));
        plain.push_str(&unmask.finish());
        prop_assert_eq!(plain, mask.reveal(&answer));
    }

    #[test]
    fn a_russian_number_never_passes(digits in "9[0-9]{9}", more in "( [0-9]{1,11})?") {
        let mut mask = Mask::default();
        let in_parts = format!("8 {} {}", &digits[..3], &digits[3..]);
        for number in [format!("+7{digits}"), format!("тел. 8{digits}"), in_parts] {
            let hidden = mask.hide(&format!("{number}{more}."));
            // Thirteen digits and more may be a card's by chance; then they are hidden as that.
            prop_assert!(hidden.contains("<PHONE_") || hidden.contains("<CARD_"), "{}", hidden);
        }
    }

    #[test]
    fn no_number_with_its_check_digits_passes(
        number in "[0-9]{18}", day in 1u8..=28, month in 1u8..=12, before in "(мой |номер |it is |)", behind in "(\\.|, да| ok|)",
    ) {
        let ids = [
            with_check(&number[..9], checksum::inn, 1),
            with_check(&number[..10], checksum::inn, 2),
            with_check(&number[..9], checksum::snils, 2),
            with_check(&format!("1{}", &number[..11]), checksum::ogrn, 1),
            with_check(&format!("3{}", &number[..13]), checksum::ogrn, 1),
            with_check(&format!("{}{month:02}{day:02}3{}", &number[..2], &number[..4]), checksum::iin, 1),
            with_check(&format!("3{day:02}{month:02}{}", &number[..8]), checksum::pinfl, 1),
            with_check(&format!("4{}", &number[..14]), checksum::luhn, 1),
            with_check(&format!("220{}{}", number.as_bytes()[0] % 5, &number[..11]), checksum::luhn, 1),
            with_check(&format!("51{}", &number[..13]), checksum::luhn, 1),
        ];
        for id in ids.into_iter().flatten() {
            let hidden = Mask::default().hide(&format!("{before}{id}{behind}"));
            prop_assert!(!hidden.contains(&id), "{}", hidden);
        }
    }
}
