//! Cuts a text into what the reading of amounts looks at: numbers, scales, currencies, bounds.

use std::ops::Range;

/// No word that means something here is longer.
const MAX_WORD: usize = 40;

/// One piece of a text that means something for an amount.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Number(f64),
    /// Thousand, million, milliard.
    Scale(f64),
    /// ISO 4217.
    Currency(&'static str),
    Dash,
    /// "up to".
    UpTo,
    /// "from"; also a plus after the amount.
    From,
    Plus,
    Not,
    /// "half a", before a scale.
    Half,
    /// A unit that is not money: what stands before it is not an amount.
    OtherUnit,
    Word(String),
}

/// A token with the characters it was read from.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) token: Token,
    pub(super) chars: Range<usize>,
}

pub(super) fn pieces(chars: &[char]) -> Vec<Piece> {
    let mut lexer = Lexer::default();
    let mut at = 0;
    while at < chars.len() {
        let (c, start) = (chars[at], at);
        if c.is_ascii_digit() {
            let (number, next) = number(chars, at);
            lexer.tokens.push(Token::Number(number));
            at = next;
        } else if c.is_alphabetic() {
            while at < chars.len()
                && (chars[at].is_alphabetic() || (chars[at] == '.' && abbreviation(chars, start, at)))
            {
                at += 1;
            }
            // The last dot of "т.р." is part of it.
            at += usize::from(chars[start..at].contains(&'.') && chars.get(at) == Some(&'.'));
            let word: String = chars[start..at].iter().filter(|c| **c != '.').take(MAX_WORD).collect();
            let touches_number = start > 0 && chars[start - 1].is_ascii_digit();
            lexer.word(&word, touches_number);
        } else {
            lexer.tokens.extend(sign(c));
            at += 1;
        }
        // A word may have taken back the one before it.
        lexer.places.truncate(lexer.tokens.len());
        lexer.places.resize(lexer.tokens.len(), start..at);
    }
    lexer.tokens.into_iter().zip(lexer.places).map(|(token, chars)| Piece { token, chars }).collect()
}

/// `т.р.`: a dot inside stands between single letters.
fn abbreviation(chars: &[char], start: usize, at: usize) -> bool {
    at == start + 1
        && chars.get(at + 1).is_some_and(|c| c.is_alphabetic())
        && !chars.get(at + 2).is_some_and(|c| c.is_alphabetic())
}

fn sign(c: char) -> Option<Token> {
    Some(match c {
        '-' => Token::Dash,
        '+' => Token::Plus,
        '<' | '≤' => Token::UpTo,
        '>' | '≥' => Token::From,
        '%' => Token::OtherUnit,
        '$' => Token::Currency("USD"),
        '€' => Token::Currency("EUR"),
        '₽' => Token::Currency("RUB"),
        '£' => Token::Currency("GBP"),
        '₸' => Token::Currency("KZT"),
        '₴' => Token::Currency("UAH"),
        '₺' => Token::Currency("TRY"),
        _ => return None,
    })
}

/// A number with spaces, apostrophes or commas between thousands, and a decimal point or comma.
fn number(chars: &[char], start: usize) -> (f64, usize) {
    let digit = |at: usize| chars.get(at).is_some_and(char::is_ascii_digit);
    let group = |at: usize| digit(at) && digit(at + 1) && digit(at + 2) && !digit(at + 3);
    let mut at = start;
    let mut digits = String::new();
    while digit(at) {
        digits.push(chars[at]);
        at += 1;
    }
    if at - start <= 3 {
        while matches!(chars.get(at), Some(' ' | '\'' | '_' | ',')) && group(at + 1) {
            digits.extend(&chars[at + 1..at + 4]);
            at += 4;
        }
    }
    if matches!(chars.get(at), Some('.' | ',')) && digit(at + 1) {
        // `1.500.000` and `1.500` are thousands; `1.5` is a fraction.
        if chars[at] == '.' && group(at + 1) && digits.len() <= 3 && digits != "0" {
            while chars.get(at) == Some(&'.') && group(at + 1) {
                digits.extend(&chars[at + 1..at + 4]);
                at += 4;
            }
        } else {
            digits.push('.');
            at += 1;
            while digit(at) {
                digits.push(chars[at]);
                at += 1;
            }
        }
    }
    (digits.parse().unwrap_or(0.0), at)
}

fn is_figure(token: Option<&Token>) -> bool {
    matches!(token, Some(Token::Number(_) | Token::Scale(_) | Token::Currency(_)))
}

#[derive(Default)]
struct Lexer {
    tokens: Vec<Token>,
    places: Vec<Range<usize>>,
    /// "between" has been read.
    between: bool,
}

impl Lexer {
    /// A word, or two that people write as one ("тр": thousand roubles).
    fn word(&mut self, word: &str, touches_number: bool) {
        let tokens = &mut self.tokens;
        let after_number = touches_number || matches!(tokens.last(), Some(Token::Number(_)));
        let starts = |stems: &[&str]| stems.iter().any(|stem| word.starts_with(stem));
        let rub = Token::Currency("RUB");
        match word {
            "тр" | "тыр" | "тыра" | "тырок" => tokens.extend([Token::Scale(1e3), rub]),
            "кр" if touches_number => tokens.extend([Token::Scale(1e3), rub]),
            // Elsewhere it is the preposition: "к 15 мая".
            "k" | "к" | "т" if after_number => tokens.push(Token::Scale(1e3)),
            "тыс" | "grand" => tokens.push(Token::Scale(1e3)),
            "kk" | "кк" | "mln" | "mio" | "млн" | "mn" => tokens.push(Token::Scale(1e6)),
            "m" | "м" | "mm" if touches_number => tokens.push(Token::Scale(1e6)),
            "bn" | "млрд" => tokens.push(Token::Scale(1e9)),
            "сотка" | "сотку" | "сотки" => {
                tokens.extend([Token::Number(100.0), Token::Scale(1e3)]);
            }
            "полтора" | "полторы" => tokens.push(Token::Number(1.5)),
            "полляма" | "поллимона" | "полмиллиона" => {
                tokens.extend([Token::Half, Token::Scale(1e6)]);
            }
            "пол" | "half" => tokens.push(Token::Half),
            "не" | "not" => tokens.push(Token::Not),
            "до" | "under" | "below" | "max" | "maximum" | "максимум" | "upto" | "меньше" | "уложиться"
            | "within" => {
                tokens.push(Token::UpTo);
            }
            "от" | "from" | "over" | "above" | "least" | "min" | "minimum" | "минимум" | "свыше"
            | "больше" | "более" => {
                tokens.push(Token::From);
            }
            "up" | "most" => tokens.push(Token::UpTo),
            "more" | "less" => {
                // "no more than"; by itself "no" may be an answer: "no, 5k".
                if tokens.last() == Some(&Token::Word("no".to_owned())) {
                    tokens.pop();
                    tokens.push(Token::Not);
                }
                tokens.push(if word == "more" { Token::From } else { Token::UpTo });
            }
            // "5 to 10k", "between 5 and 10k", "между 5 и 10 тыс"
            "to" if is_figure(tokens.last()) => tokens.push(Token::Dash),
            "and" | "и" if is_figure(tokens.last()) && self.between => tokens.push(Token::Dash),
            "usd" | "dollar" | "dollars" | "bucks" | "buck" => tokens.push(Token::Currency("USD")),
            "eur" | "euro" | "euros" | "евро" => tokens.push(Token::Currency("EUR")),
            "rub" | "р" | "ruble" | "rubles" | "rouble" | "roubles" => tokens.push(rub),
            "gbp" | "pound" | "pounds" | "quid" => tokens.push(Token::Currency("GBP")),
            "kzt" | "тг" => tokens.push(Token::Currency("KZT")),
            "uzs" | "сум" | "сумов" | "сума" => tokens.push(Token::Currency("UZS")),
            "uah" | "грн" => tokens.push(Token::Currency("UAH")),
            "byn" => tokens.push(Token::Currency("BYN")),
            "aed" => tokens.push(Token::Currency("AED")),
            "try" => tokens.push(Token::Currency("TRY")),
            _ if starts(&["тысяч", "thousand", "косар", "штук"]) => {
                tokens.push(Token::Scale(1e3));
            }
            _ if starts(&["миллион", "million", "лям", "лимон"]) => {
                tokens.push(Token::Scale(1e6));
            }
            _ if starts(&["миллиард", "billion"]) => tokens.push(Token::Scale(1e9)),
            _ if starts(&["доллар", "бакс"]) => tokens.push(Token::Currency("USD")),
            _ if starts(&["руб", "деревян"]) => tokens.push(rub),
            _ if starts(&["тенге"]) => tokens.push(Token::Currency("KZT")),
            _ if starts(&["гривн", "гривен"]) => tokens.push(Token::Currency("UAH")),
            _ if starts(&["дирхам", "dirham"]) => tokens.push(Token::Currency("AED")),
            _ if starts(&["фунт"]) => tokens.push(Token::Currency("GBP")),
            _ if starts(&[
                "месяц",
                "недел",
                "дней",
                "дня",
                "день",
                "год",
                "лет",
                "час",
                "минут",
                "month",
                "week",
                "day",
                "year",
                "hour",
                "minute",
                "человек",
                "чел",
                "people",
                "person",
                "user",
                "сервис",
                "service",
                "процент",
                "percent",
            ]) =>
            {
                tokens.push(Token::OtherUnit);
            }
            "between" | "между" => {
                self.between = true;
                tokens.push(Token::Word(word.to_owned()));
            }
            _ => tokens.push(spelt(word).map_or_else(|| Token::Word(word.to_owned()), Token::Number)),
        }
    }
}

/// Numbers that people spell in amounts.
fn spelt(word: &str) -> Option<f64> {
    Some(match word {
        "один" | "одна" | "one" => 1.0,
        "два" | "две" | "two" | "пара" | "пару" => 2.0,
        "три" | "three" => 3.0,
        "четыре" | "four" => 4.0,
        "пять" | "five" => 5.0,
        "шесть" | "six" => 6.0,
        "семь" | "seven" => 7.0,
        "восемь" | "eight" => 8.0,
        "девять" | "nine" => 9.0,
        "десять" | "ten" => 10.0,
        "пятнадцать" | "fifteen" => 15.0,
        "двадцать" | "twenty" => 20.0,
        "тридцать" | "thirty" => 30.0,
        "сорок" | "forty" => 40.0,
        "пятьдесят" | "fifty" => 50.0,
        "сто" | "hundred" => 100.0,
        "двести" => 200.0,
        "триста" => 300.0,
        "четыреста" => 400.0,
        "пятьсот" => 500.0,
        _ => return None,
    })
}
