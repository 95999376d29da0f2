//! Amounts of money as people write them: `300к`, `500–700 тыс`, `$5k`, "не 100к, а 200к", "пол-ляма".

use std::ops::Range;

use super::found::Found;
use super::lexer::{Piece, Token, pieces};
use super::phone;
use super::plain::Plain;
use crate::domain::Amount;

/// A bare number below this is more likely a count than an amount.
const SMALLEST_BARE: f64 = 100.0;
/// Two readings of a number are two different things where one is so many times the other.
const FAR_APART: f64 = 10.0;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum MoneyFound {
    Amount {
        amount: Amount,
        /// The currency was said, not guessed.
        named: bool,
    },
    /// "There is no budget yet."
    Undecided,
}

/// The amount a text names. A text without a currency means the one given.
pub(crate) fn find_money(text: &str, currency: &str) -> Option<Found<MoneyFound>> {
    let mut plain = Plain::new(text);
    hide_addresses(&mut plain);
    let mut found = amount(&pieces(plain.chars()), currency);
    if found.as_ref().is_some_and(|read| !read.is_sure) {
        // Digits of a telephone number are an amount only with a scale or a currency.
        for number in phone::numbers(&plain, &[]) {
            plain.hide(number.chars);
        }
        found = amount(&pieces(plain.chars()), currency);
    }
    if let Some(Read { amount, named, is_sure, chars, scaled }) = found {
        let confidence = match (is_sure, named && scaled) {
            (true, true) => 0.95,
            (true, false) => 0.85,
            (false, _) => 0.5,
        };
        let value = MoneyFound::Amount { amount, named };
        return Some(Found::new(value, text, plain.span(chars), confidence));
    }
    is_undecided(text).then(|| Found::new(MoneyFound::Undecided, text, 0..text.len(), 0.8))
}

/// Whether an amount without a currency has to be asked about: in the one guessed it is less than anybody means
/// (`least`, in the base currency), and in another one that people here use it is a different sum altogether.
pub(crate) fn is_unclear(
    amount: &Amount,
    least: f64,
    others: &[&str],
    in_base: impl Fn(f64, &str) -> Option<f64>,
) -> bool {
    let Some(value) = amount.max.or(amount.min) else { return false };
    let Some(guessed) = in_base(value, &amount.currency).filter(|guessed| *guessed < least) else {
        return false;
    };
    let differs = |other: &&str| in_base(value, other).is_some_and(|other| other >= guessed * FAR_APART);
    others.iter().any(differs)
}

/// Whether a text names a currency and no amount: the answer to "in which one?".
pub(crate) fn only_currency(text: &str) -> Option<&'static str> {
    let mut found = None;
    for piece in pieces(Plain::new(text).chars()) {
        match (piece.token, found) {
            (Token::Currency(code), None) => found = Some(code),
            (Token::Currency(code), Some(same)) if code == same => {}
            (Token::Currency(_) | Token::Number(_) | Token::Scale(_) | Token::Half | Token::Not, _) => {
                return None;
            }
            _ => {}
        }
    }
    found
}

/// Digits of an address are no amount.
fn hide_addresses(plain: &mut Plain) {
    let mut at = 0;
    while at < plain.chars().len() {
        let word = plain.chars()[at..].iter().take_while(|c| **c != ' ').count();
        if plain.chars()[at..at + word].contains(&'@') {
            plain.hide(at..at + word);
        }
        at += word + 1;
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
    chars: Range<usize>,
}

/// An amount as it was read.
struct Read {
    amount: Amount,
    named: bool,
    /// A scale or a currency shows it to be one.
    is_sure: bool,
    scaled: bool,
    chars: Range<usize>,
}

/// The first amount that a scale or a currency shows to be one, else the first number.
fn amount(pieces: &[Piece], default: &str) -> Option<Read> {
    let figures = figures(pieces);
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
        let last = second.unwrap_or(first);
        let read = |amount| Read {
            amount,
            named: first.currency.or(last.currency).is_some(),
            is_sure,
            scaled: first.scale.or(last.scale).is_some(),
            chars: first.chars.start..last.chars.end,
        };
        if plausible && is_sure {
            return Some(read(amount));
        }
        if plausible && largest >= SMALLEST_BARE && unsure.is_none() {
            unsure = Some(read(amount));
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
    // "тысяч 300-400", "5k-10": the scale that was said once stands for both.
    let said_once = first.scale.filter(|_| second.number < 1e3 && second.number > first.number);
    let high = second.number * second.scale.or(said_once).unwrap_or(1.0);
    let low = first.number * first.scale.or_else(|| shared_scale(first, second)).unwrap_or(1.0);
    make(Some(low.min(high)), Some(low.max(high)))
}

/// `300-500 тыс` are thousands on both sides; `500-1 млн` are thousands and a million.
fn shared_scale(first: &Figure, second: &Figure) -> Option<f64> {
    let scale = second.scale?;
    if first.number <= second.number { Some(scale) } else { Some(scale / 1e3).filter(|scale| *scale >= 1e3) }
}

fn figures(pieces: &[Piece]) -> Vec<Figure> {
    let mut figures: Vec<Figure> = Vec::new();
    let mut bound = Bound::Exact;
    // Where the words that bound the amount begin.
    let mut bound_at = None;
    let mut currency_before = None;
    let mut denied = false;
    let mut dash = false;
    let mut at = 0;
    while let Some(Piece { token, chars }) = pieces.get(at) {
        at += 1;
        if matches!(token, Token::UpTo | Token::From | Token::Currency(_)) && bound_at.is_none() {
            bound_at = Some(chars.start);
        }
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
                if !matches!(word.as_str(), "чем" | "than" | "in" | "в" | "to") {
                    bound_at = None;
                }
                denied &= !matches!(word.as_str(), "а" | "but");
            }
            Token::Number(_) | Token::Half | Token::Scale(_) => {
                let Some((mut figure, next)) = figure(pieces, at - 1) else { continue };
                let before = bound_at.take().filter(|_| !figure.joined);
                figure.chars.start = before.unwrap_or(figure.chars.start);
                at = next;
                figure.currency = figure.currency.or_else(|| currency_before.take());
                figure.joined = std::mem::take(&mut dash) && !figures.is_empty();
                if matches!(figure.bound, Bound::Exact) {
                    figure.bound = std::mem::replace(&mut bound, Bound::Exact);
                }
                let is_other = matches!(self::token(pieces, at), Some(Token::OtherUnit));
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

fn token(pieces: &[Piece], at: usize) -> Option<&Token> {
    pieces.get(at).map(|piece| &piece.token)
}

/// One figure from its first token, and where the next begins.
fn figure(pieces: &[Piece], start: usize) -> Option<(Figure, usize)> {
    let mut at = start + 1;
    let (number, mut scale) = match (token(pieces, start)?, token(pieces, at)) {
        (Token::Number(number), _) => (*number, None),
        (Token::Half, Some(Token::Scale(scale))) => {
            at += 1;
            (0.5, Some(*scale))
        }
        (Token::Half, Some(Token::Dash)) => match token(pieces, at + 1) {
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
        match token(pieces, at) {
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
    let last = pieces.get(at - 1)?.chars.end;
    let chars = pieces.get(start)?.chars.start..last;
    Some((Figure { number, scale, currency, bound, joined: false, chars }, at))
}

/// Whether a text says that the amount is not known.
pub(crate) fn is_undecided(text: &str) -> bool {
    const SIGNS: [&str; 33] = [
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
        "depends",
        "to be defined",
        "еще думаем",
        "пока думаем",
        "зависит",
    ];
    let plain = Plain::new(text);
    let text: String = plain.chars().iter().take(300).collect();
    !text.trim_end().ends_with('?') && SIGNS.iter().any(|sign| text.contains(sign))
}
