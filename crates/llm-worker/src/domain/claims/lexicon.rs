//! The words that make a number money, a percentage or a date, in Russian and English. Everything here is
//! in small letters with `ё` written `е`.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Currency {
    Dollar,
    Euro,
    Rouble,
    Pound,
    Tenge,
    Sum,
    Hryvnia,
    Yuan,
    /// Named, but not one that we tell apart.
    Other,
}

pub(super) fn currency_sign(sign: char) -> Option<Currency> {
    Some(match sign {
        '$' => Currency::Dollar,
        '€' => Currency::Euro,
        '₽' => Currency::Rouble,
        '£' => Currency::Pound,
        '₸' => Currency::Tenge,
        '₴' => Currency::Hryvnia,
        '¥' => Currency::Yuan,
        '₹' | '₺' | '₩' | '₿' | '₼' | '₾' => Currency::Other,
        _ => return None,
    })
}

pub(super) fn currency_word(word: &str) -> Option<Currency> {
    let exact = match word {
        "usd" | "usdt" | "bucks" => Currency::Dollar,
        "eur" | "евро" => Currency::Euro,
        "rub" | "rur" | "руб" | "р" => Currency::Rouble,
        "gbp" => Currency::Pound,
        "kzt" | "тг" | "тенге" | "tenge" => Currency::Tenge,
        "uzs" | "сум" | "сумов" | "сума" => Currency::Sum,
        "uah" => Currency::Hryvnia,
        "cny" | "rmb" => Currency::Yuan,
        "byn" | "gel" | "amd" | "aed" | "try" | "inr" | "chf" | "pln" | "cent" | "cents" | "уе" => {
            Currency::Other
        }
        _ => return by_stem(word),
    };
    Some(exact)
}

fn by_stem(word: &str) -> Option<Currency> {
    const STEMS: &[(&str, Currency)] = &[
        ("dollar", Currency::Dollar),
        ("доллар", Currency::Dollar),
        ("бакс", Currency::Dollar),
        ("euro", Currency::Euro),
        ("рубл", Currency::Rouble),
        ("rouble", Currency::Rouble),
        ("ruble", Currency::Rouble),
        ("фунт", Currency::Pound),
        ("гривен", Currency::Hryvnia),
        ("гривн", Currency::Hryvnia),
        ("юан", Currency::Yuan),
        ("копе", Currency::Other),
    ];
    STEMS.iter().find(|(stem, _)| word.starts_with(stem)).map(|(_, currency)| *currency)
}

/// What a word after a number multiplies it by. `glued`: it follows without a space, as in `5k`.
pub(super) fn scale(word: &str, glued: bool) -> Option<i128> {
    match word {
        "k" | "к" if glued => return Some(1_000),
        "m" | "kk" | "кк" if glued => return Some(1_000_000),
        "bn" => return Some(1_000_000_000),
        "mln" | "млн" | "mm" => return Some(1_000_000),
        "mlrd" | "млрд" => return Some(1_000_000_000),
        "тыр" | "тр" | "grand" => return Some(1_000),
        _ => {}
    }
    const STEMS: &[(&str, i128)] = &[
        ("тыс", 1_000),
        ("тыщ", 1_000),
        ("косар", 1_000),
        ("thousand", 1_000),
        ("лям", 1_000_000),
        ("миллион", 1_000_000),
        ("million", 1_000_000),
        ("миллиард", 1_000_000_000),
        ("billion", 1_000_000_000),
    ];
    STEMS.iter().find(|(stem, _)| word.starts_with(stem)).map(|(_, times)| *times)
}

pub(super) fn is_percent(word: &str) -> bool {
    word.starts_with("процент") || word.starts_with("percent") || word == "pct"
}

/// The month (1 to 12) a word names, and whether the word is nothing but a month's name: `may` is not.
pub(super) fn month(word: &str) -> Option<(u32, bool)> {
    const EXACT: &[(&str, u32, bool)] = &[
        ("jan", 1, false),
        ("янв", 1, false),
        ("feb", 2, false),
        ("фев", 2, false),
        ("mar", 3, false),
        ("march", 3, false),
        ("мар", 3, false),
        ("март", 3, true),
        ("марта", 3, true),
        ("марте", 3, true),
        ("марту", 3, true),
        ("apr", 4, false),
        ("апр", 4, false),
        ("may", 5, false),
        ("май", 5, true),
        ("мая", 5, true),
        ("мае", 5, true),
        ("маю", 5, true),
        ("jun", 6, false),
        ("jul", 7, false),
        ("aug", 8, false),
        ("august", 8, true),
        ("авг", 8, false),
        ("sep", 9, false),
        ("sept", 9, false),
        ("сен", 9, false),
        ("сент", 9, false),
        ("oct", 10, false),
        ("окт", 10, false),
        ("nov", 11, false),
        ("ноя", 11, false),
        ("dec", 12, false),
        ("дек", 12, false),
    ];
    const STEMS: &[(&str, u32)] = &[
        ("january", 1),
        ("январ", 1),
        ("february", 2),
        ("феврал", 2),
        ("april", 4),
        ("апрел", 4),
        ("june", 6),
        ("июн", 6),
        ("july", 7),
        ("июл", 7),
        ("август", 8),
        ("september", 9),
        ("сентябр", 9),
        ("october", 10),
        ("октябр", 10),
        ("november", 11),
        ("ноябр", 11),
        ("december", 12),
        ("декабр", 12),
    ];
    if let Some((_, month, alone)) = EXACT.iter().find(|(name, ..)| *name == word) {
        return Some((*month, *alone));
    }
    STEMS.iter().find(|(stem, _)| word.starts_with(stem)).map(|(_, month)| (*month, true))
}

/// A word after which a bare number is a price.
pub(super) fn is_price(word: &str) -> bool {
    const STEMS: &[&str] = &[
        "стои",
        "стоят",
        "цен",
        "прайс",
        "тариф",
        "обойд",
        "обход",
        "скидк",
        "оплат",
        "плат",
        "ставк",
        "взнос",
        "бюджет",
        "budget",
        "price",
        "pricing",
        "cost",
        "fee",
        "charg",
        "discount",
        "tariff",
        "pay",
    ];
    STEMS.iter().any(|stem| word.starts_with(stem))
}

/// What a person has to spend; of all words of price the one that is not ours.
pub(super) fn is_budget(word: &str) -> bool {
    word.starts_with("бюджет") || word.starts_with("budget")
}

/// A word that leads straight to a price: "is 50", "всего 50", "от 50".
pub(super) fn leads_to_price(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "is",
        "are",
        "was",
        "be",
        "of",
        "at",
        "from",
        "to",
        "about",
        "around",
        "roughly",
        "only",
        "just",
        "starts",
        "under",
        "over",
        "below",
        "than",
        "от",
        "до",
        "около",
        "примерно",
        "порядка",
        "всего",
        "лишь",
        "будет",
        "составит",
        "составляет",
        "равна",
        "это",
        "в",
        "за",
        "по",
    ];
    WORDS.contains(&word)
}

/// A word that goes on after a price: "50 per month", "50 в месяц". Any other counts something: "2 этапа".
pub(super) fn goes_on_after_price(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "per", "a", "an", "each", "for", "and", "or", "plus", "if", "with", "but", "monthly", "в", "за", "и",
        "или", "плюс", "если", "с", "но",
    ];
    WORDS.contains(&word)
}

/// A word that, after a number of four digits or before it, makes it a year.
pub(super) fn is_year_after(word: &str) -> bool {
    word == "г" || word == "гг" || word.starts_with("год")
}

pub(super) fn is_year_before(word: &str) -> bool {
    matches!(word, "in" | "by" | "since" | "until" | "till" | "before" | "after" | "year")
}

/// The endings of an ordinal: `15-го мая`, `15th`.
pub(super) fn is_ordinal_ending(word: &str) -> bool {
    matches!(word, "st" | "nd" | "rd" | "th" | "го" | "ого" | "е" | "ое" | "й" | "ый" | "му" | "м" | "х")
}

/// The value of a number written as a word, and whether it multiplies what stands before it.
pub(super) fn number_word(word: &str) -> Option<i128> {
    const WORDS: &[(&str, i128)] = &[
        ("one", 1),
        ("two", 2),
        ("three", 3),
        ("four", 4),
        ("five", 5),
        ("six", 6),
        ("seven", 7),
        ("eight", 8),
        ("nine", 9),
        ("ten", 10),
        ("eleven", 11),
        ("twelve", 12),
        ("thirteen", 13),
        ("fourteen", 14),
        ("fifteen", 15),
        ("sixteen", 16),
        ("seventeen", 17),
        ("eighteen", 18),
        ("nineteen", 19),
        ("twenty", 20),
        ("thirty", 30),
        ("forty", 40),
        ("fifty", 50),
        ("sixty", 60),
        ("seventy", 70),
        ("eighty", 80),
        ("ninety", 90),
        ("hundred", 100),
        ("один", 1),
        ("одна", 1),
        ("одну", 1),
        ("одного", 1),
        ("два", 2),
        ("две", 2),
        ("двух", 2),
        ("три", 3),
        ("трех", 3),
        ("четыре", 4),
        ("четырех", 4),
        ("пять", 5),
        ("пяти", 5),
        ("шесть", 6),
        ("шести", 6),
        ("семь", 7),
        ("семи", 7),
        ("восемь", 8),
        ("восьми", 8),
        ("девять", 9),
        ("девяти", 9),
        ("десять", 10),
        ("десяти", 10),
        ("одиннадцать", 11),
        ("одиннадцати", 11),
        ("двенадцать", 12),
        ("двенадцати", 12),
        ("тринадцать", 13),
        ("четырнадцать", 14),
        ("пятнадцать", 15),
        ("пятнадцати", 15),
        ("шестнадцать", 16),
        ("семнадцать", 17),
        ("восемнадцать", 18),
        ("девятнадцать", 19),
        ("двадцать", 20),
        ("двадцати", 20),
        ("тридцать", 30),
        ("тридцати", 30),
        ("сорок", 40),
        ("сорока", 40),
        ("пятьдесят", 50),
        ("пятидесяти", 50),
        ("шестьдесят", 60),
        ("шестидесяти", 60),
        ("семьдесят", 70),
        ("семидесяти", 70),
        ("восемьдесят", 80),
        ("восьмидесяти", 80),
        ("девяносто", 90),
        ("сто", 100),
        ("ста", 100),
        ("двести", 200),
        ("двухсот", 200),
        ("триста", 300),
        ("трехсот", 300),
        ("четыреста", 400),
        ("пятьсот", 500),
        ("пятисот", 500),
        ("шестьсот", 600),
        ("семьсот", 700),
        ("восемьсот", 800),
        ("девятьсот", 900),
    ];
    WORDS.iter().find(|(name, _)| *name == word).map(|(_, value)| *value)
}
