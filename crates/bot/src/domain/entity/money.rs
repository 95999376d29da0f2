//! Amounts of money as people write them: `300к`, `500–700 тыс`, `$5k`, "не 100к, а 200к", "пол-ляма".

use super::contact::{Reach, find_reach};
use super::lexer::{Token, tokens};
use crate::domain::Amount;

/// A bare number below this is more likely a count than an amount.
const SMALLEST_BARE: f64 = 100.0;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum MoneyFound {
    Amount(Amount),
    /// "There is no budget yet."
    Undecided,
}

/// The amount a text names. A text without a currency means the one given.
pub(crate) fn find_money(text: &str, currency: &str) -> Option<MoneyFound> {
    // Digits of an address are no amount, and those of a telephone number only with a scale or a currency.
    let bare: Vec<&str> = text.split_whitespace().filter(|word| !word.contains('@')).collect();
    let bare = bare.join(" ");
    let found = amount(&tokens(&bare), currency);
    match found {
        Some((amount, true)) => Some(MoneyFound::Amount(amount)),
        Some((amount, false)) if !matches!(find_reach(&bare), Some(Reach::Phone(_))) => {
            Some(MoneyFound::Amount(amount))
        }
        _ => is_undecided(text).then_some(MoneyFound::Undecided),
    }
}

#[derive(Clone, Copy, Debug)]
enum Bound {
    Exact,
    UpTo,
    From,
}

/// One number with what stands around it.
#[derive(Clone, Debug)]
struct Figure {
    number: f64,
    scale: Option<f64>,
    currency: Option<&'static str>,
    bound: Bound,
    /// A dash stands between it and the figure before.
    joined: bool,
}

/// The first amount that a scale or a currency shows to be one, else the first number; and which it is.
fn amount(tokens: &[Token], default: &str) -> Option<(Amount, bool)> {
    let figures = figures(tokens);
    let sure = |figure: &Figure| figure.scale.is_some() || figure.currency.is_some();
    let mut unsure = None;
    let mut at = 0;
    while let Some(first) = figures.get(at) {
        let second = figures.get(at + 1).filter(|second| {
            second.joined || matches!((first.bound, second.bound), (Bound::From, Bound::UpTo))
        });
        let is_sure = sure(first) || second.is_some_and(sure);
        let amount = range(first, second, default);
        let largest = amount.max.or(amount.min).unwrap_or(0.0);
        let plausible = largest.is_finite() && largest > 0.0 && largest < 1e13;
        if plausible && is_sure {
            return Some((amount, true));
        }
        if plausible && largest >= SMALLEST_BARE && unsure.is_none() {
            unsure = Some((amount, false));
        }
        at += 1 + usize::from(second.is_some());
    }
    unsure
}

fn range(first: &Figure, second: Option<&Figure>, default: &str) -> Amount {
    let currency = first.currency.or_else(|| second.and_then(|second| second.currency));
    let make = |min, max| Amount { min, max, currency: currency.unwrap_or(default).to_owned() };
    let Some(second) = second else {
        let value = first.number * first.scale.unwrap_or(1.0);
        return match first.bound {
            Bound::Exact => make(Some(value), Some(value)),
            Bound::UpTo => make(None, Some(value)),
            Bound::From => make(Some(value), None),
        };
    };
    let high = second.number * second.scale.unwrap_or(1.0);
    let low = first.number * first.scale.or_else(|| shared_scale(first, second)).unwrap_or(1.0);
    make(Some(low.min(high)), Some(low.max(high)))
}

/// `300-500 тыс` are thousands on both sides; `500-1 млн` are thousands and a million.
fn shared_scale(first: &Figure, second: &Figure) -> Option<f64> {
    let scale = second.scale?;
    if first.number <= second.number { Some(scale) } else { Some(scale / 1e3).filter(|scale| *scale >= 1e3) }
}

fn figures(tokens: &[Token]) -> Vec<Figure> {
    let mut figures = Vec::new();
    let mut bound = Bound::Exact;
    let mut currency_before = None;
    let mut denied = false;
    let mut dash = false;
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token {
            Token::UpTo => bound = if std::mem::take(&mut denied) { Bound::From } else { Bound::UpTo },
            // "не более", "no more than" bound from above.
            Token::From => bound = if std::mem::take(&mut denied) { Bound::UpTo } else { Bound::From },
            Token::Not => denied = true,
            Token::Dash => dash = true,
            Token::Currency(code) => currency_before = Some(*code),
            Token::Plus | Token::OtherUnit => {}
            Token::Word(word) => {
                // "$10k to launch in 3 months" is no range.
                dash = false;
                denied &= !matches!(word.as_str(), "а" | "but");
            }
            Token::Number(_) | Token::Half | Token::Scale(_) => {
                let Some((mut figure, next)) = figure(tokens, at - 1) else { continue };
                at = next;
                figure.currency = figure.currency.or_else(|| currency_before.take());
                figure.joined = std::mem::take(&mut dash) && !figures.is_empty();
                if matches!(figure.bound, Bound::Exact) {
                    figure.bound = std::mem::replace(&mut bound, Bound::Exact);
                }
                let is_other = matches!(tokens.get(at), Some(Token::OtherUnit));
                match (std::mem::take(&mut denied), is_other) {
                    (false, false) => figures.push(figure),
                    // "2-3 месяца": neither of the two is money.
                    (_, true) if figure.joined && figures.last().is_some_and(is_bare) => drop(figures.pop()),
                    _ => {}
                }
            }
        }
    }
    figures
}

fn is_bare(figure: &Figure) -> bool {
    figure.scale.is_none() && figure.currency.is_none()
}

/// One figure from its first token, and where the next begins.
fn figure(tokens: &[Token], start: usize) -> Option<(Figure, usize)> {
    let mut at = start + 1;
    let (number, mut scale) = match (tokens.get(start)?, tokens.get(at)) {
        (Token::Number(number), _) => (*number, None),
        (Token::Half, Some(Token::Scale(scale))) => {
            at += 1;
            (0.5, Some(*scale))
        }
        (Token::Half, Some(Token::Dash)) => match tokens.get(at + 1) {
            Some(Token::Scale(scale)) => {
                at += 2;
                (0.5, Some(*scale))
            }
            _ => return None,
        },
        // "тысяч двести": about two hundred thousand.
        (Token::Scale(scale), Some(Token::Number(number))) => {
            at += 1;
            (*number, Some(*scale))
        }
        // "миллион": one.
        (Token::Scale(scale), _) if *scale > 1e3 => (1.0, Some(*scale)),
        _ => return None,
    };
    let mut number = number;
    let mut currency = None;
    let mut bound = Bound::Exact;
    loop {
        match tokens.get(at) {
            // "двести пятьдесят": the parts of a spelt number, the larger first.
            Some(Token::Number(more))
                if scale.is_none()
                    && *more < 100.0
                    && number >= 20.0
                    && number % 10.0 == 0.0
                    && *more < number =>
            {
                number += more;
            }
            Some(Token::Scale(more)) if scale.is_none() => scale = Some(*more),
            Some(Token::Currency(code)) if currency.is_none() => currency = Some(*code),
            Some(Token::Plus) => bound = Bound::From,
            _ => break,
        }
        at += 1;
    }
    Some((Figure { number, scale, currency, bound, joined: false }, at))
}

/// Whether a text says that the amount is not known.
pub(crate) fn is_undecided(text: &str) -> bool {
    const SIGNS: [&str; 28] = [
        "нет бюджета",
        "бюджета нет",
        "не решил",
        "не знаю",
        "не знаем",
        "не определ",
        "не думал",
        "не обсужд",
        "пока нет",
        "непонятно",
        "договор",
        "затрудняюсь",
        "сложно сказать",
        "без понятия",
        "not decided",
        "undecided",
        "no budget",
        "don't know",
        "dont know",
        "do not know",
        "not sure",
        "no idea",
        "unsure",
        "tbd",
        "negotiable",
        "hard to say",
        "haven't decided",
        "not yet",
    ];
    let text: String = text
        .chars()
        .take(300)
        .flat_map(char::to_lowercase)
        .map(|c| if c == '’' { '\'' } else { c })
        .collect();
    SIGNS.iter().any(|sign| text.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str, currency: &str) -> String {
        match find_money(text, currency) {
            None => "none".to_owned(),
            Some(MoneyFound::Undecided) => "undecided".to_owned(),
            Some(MoneyFound::Amount(Amount { min, max, currency })) => match (min, max) {
                (Some(min), Some(max)) if (min - max).abs() < 0.5 => format!("{min} {currency}"),
                (Some(min), Some(max)) => format!("{min}..{max} {currency}"),
                (None, Some(max)) => format!("<={max} {currency}"),
                (Some(min), None) => format!(">={min} {currency}"),
                (None, None) => "empty".to_owned(),
            },
        }
    }

    #[test]
    fn amounts_as_people_write_them() {
        let cases = [
            ("до 300к", "<=300000 RUB"),
            ("5 to 10k", "5000..10000 RUB"),
            ("$5k to $10k", "5000..10000 USD"),
            ("between 5 and 10k", "5000..10000 RUB"),
            ("между 50 и 80 тысячами", "50000..80000 RUB"),
            ("no more than $20k", "<=20000 USD"),
            ("less than 10k", "<=10000 RUB"),
            ("more than 10k", ">=10000 RUB"),
            ("no less than 10k", ">=10000 RUB"),
            ("no, 5k", "5000 RUB"),
            ("5k and a website", "5000 RUB"),
            ("up to 5k", "<=5000 RUB"),
            ("my mail is ned@example.com and phone +49 170 1234567", "none"),
            ("ned@example.com, up to $5k", "<=5000 USD"),
            ("15000, write to ned2000@example.com", "15000 RUB"),
            ("бюджет 300000, почта a@b.ru", "300000 RUB"),
            ("$20k to build 2 apps", "20000 USD"),
            ("we have $10k to launch in 3 months", "10000 USD"),
            ("между нами, 300к и 2 месяца", "300000 RUB"),
            ("300к", "300000 RUB"),
            ("300-500 тыс", "300000..500000 RUB"),
            ("300–500 т.р.", "300000..500000 RUB"),
            ("5-10 тыс", "5000..10000 RUB"),
            ("500-1 млн", "500000..1000000 RUB"),
            ("от 50 000 ₽", ">=50000 RUB"),
            ("от 50\u{a0}000 до 80\u{a0}000 рублей", "50000..80000 RUB"),
            ("полтора ляма", "1500000 RUB"),
            ("1,5 млн", "1500000 RUB"),
            ("пол-ляма", "500000 RUB"),
            ("сотка", "100000 RUB"),
            ("100 косарей", "100000 RUB"),
            ("100 тыр", "100000 RUB"),
            ("$5k", "5000 USD"),
            ("5-7k usd", "5000..7000 USD"),
            ("$5k-15k", "5000..15000 USD"),
            ("$5000-15000", "5000..15000 USD"),
            ("10к евро", "10000 EUR"),
            ("тысяч двести", "200000 RUB"),
            ("двести пятьдесят тысяч", "250000 RUB"),
            ("не 100к, а 200к", "200000 RUB"),
            ("не более 200к", "<=200000 RUB"),
            ("уложиться в 2 млн", "<=2000000 RUB"),
            ("2 000 000 сум", "2000000 UZS"),
            ("1 200 000 тг", "1200000 KZT"),
            ("$10k+", ">=10000 USD"),
            ("up to $5000", "<=5000 USD"),
            ("from $50000", ">=50000 USD"),
            ("at least 20,000 euros", ">=20000 EUR"),
            ("5️⃣0️⃣ тыс", "50000 RUB"),
            ("миллион", "1000000 RUB"),
            ("15000", "15000 RUB"),
            ("бюджет 200 тыс, срок 3 месяца", "200000 RUB"),
            ("2-3 месяца и 500к", "500000 RUB"),
            ("команда из 5, бюджет $10k", "10000 USD"),
            ("10–15 тысяч долларов", "10000..15000 USD"),
            ("3 000 $ - 5 000 $", "3000..5000 USD"),
            ("бюджета нет", "undecided"),
            ("ещё не решили", "undecided"),
            ("not sure yet", "undecided"),
            ("8 912 987-65-43", "none"),
            ("3 месяца", "none"),
            ("команда 5 человек", "none"),
            ("много", "none"),
            ("", "none"),
        ];
        for (text, expected) in cases {
            assert_eq!(shown(text, "RUB"), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_survived_and_any_amount_is_sane(text in "[0-9 .,кkтысmln$€+\\-]{0,40}|\\PC{0,80}") {
            if let Some(MoneyFound::Amount(amount)) = find_money(&text, "USD") {
                for value in [amount.min, amount.max].into_iter().flatten() {
                    prop_assert!(value.is_finite() && value >= 0.0);
                }
                if let (Some(min), Some(max)) = (amount.min, amount.max) {
                    prop_assert!(min <= max);
                }
            }
        }
    }
}
