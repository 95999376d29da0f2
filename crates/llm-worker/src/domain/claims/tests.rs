use super::*;
use proptest::prelude::*;

const PRICES: &str = "Чат-бот: от $5,000 до 15k. Сайт — 300–500 тыс. ₽, поддержка 1 200 € в месяц. Скидка 10% при \
    предоплате до 15 мая 2026 года. Первая консультация бесплатная. We started in 2019.";

fn objection(answer: &str) -> Option<&'static str> {
    unfounded(answer, &[PRICES], &[]).map(|fact| fact.kind())
}

#[test]
fn what_the_sources_say_may_be_said_in_other_ways() {
    for answer in [
        "Бот стоит от 5 000 долларов.",
        "A bot costs from $5k to $15,000.",
        "From 5 to 15 thousand dollars.",
        "От пяти тысяч долларов.",
        "Сайт обойдётся в 300 000 – 500 000 рублей.",
        "От 300 до 500 тысяч рублей.",
        "300-500к",
        "300–500 т.р.",
        "Support is €1,200 a month.",
        "Поддержка: **1 200** евро",
        "Скидка десять процентов до 15 мая.",
        "Ten percent off until May 15th, 2026.",
        "Предоплата до 15.05.2026",
        "The first consultation is free.",
        "Мы работаем с 2019 года, since 2019.",
        "Мы на связи 24/7, у нас 12 человек и Next.js 14.",
        "Feel free to write, we answer in 2 hours.",
        "It may take a while; we march on.",
        "",
    ] {
        assert_eq!(objection(answer), None, "{answer}");
    }
}

#[test]
fn what_no_source_says_may_not_be_said() {
    for (answer, kind) in [
        ("Бот стоит от 4 000 долларов.", "price"),
        ("A bot is $5.5k.", "price"),
        ("It costs 7000.", "price"),
        ("Стоимость — 250 000.", "price"),
        ("Это 5000 евро.", "price"),
        ("Around seven thousand dollars.", "price"),
        ("Двадцать тысяч рублей", "price"),
        ("1,5 млн", "price"),
        ("RUB 100", "price"),
        ("от 350 т.р. за сайт", "price"),
        ("300 у.е.", "price"),
        ("Скидка 15%.", "percentage"),
        ("Up to twenty percent off", "percentage"),
        ("Ставка 10,5 процентов", "percentage"),
        ("До 16 мая.", "date"),
        ("Сделаем к 1-му июня", "date"),
        ("By the 3rd of March", "date"),
        ("Будет готово в январе.", "date"),
        ("Ready on 2026-06-01", "date"),
        ("15 мая 2027", "date"),
        ("Founded in 2018.", "date"),
        ("Основаны в 2018 году", "date"),
    ] {
        assert_eq!(objection(answer), Some(kind), "{answer}");
    }
    assert_eq!(unfounded("Доставка бесплатная", &["Доставка 500 ₽"], &[]), Some(Fact::Free));
    assert_eq!(unfounded("Shipping is free", &["Feel free to ask"], &[]), Some(Fact::Free));
}

#[test]
fn that_one_thing_is_free_makes_nothing_else_free() {
    const GIVEN: [&str; 4] = [
        "Is the estimate free, and what is in it?",
        "It is free and obliges you to nothing. In it there is a range.",
        "В течение двух рабочих дней вы получаете оценку: вилку и то, от чего она растёт. Это бесплатно.",
        "В течение тридцати дней после приёмки бесплатно исправляем всё, что не соответствует договорённостям.",
    ];
    let objection = |answer: &str, asked: &[&str]| unfounded(answer, &GIVEN, asked).map(|fact| fact.kind());
    for (asked, answer) in [
        ("What does it cost?", "The estimate is free."),
        ("What does it cost?", "An engineer names the price with the estimate, which is free."),
        ("What does it cost?", "You get an estimate with a range; the estimate costs nothing."),
        ("What does it cost?", "You get an estimate. It is free of charge."),
        ("Is the estimate free?", "Yes, it is free."),
        ("Оценка платная?", "Нет, бесплатно."),
        ("Сколько стоит оценка?", "Оценка вам ничего не стоит."),
        ("А если найдём ошибки?", "Тридцать дней после приёмки исправляем бесплатно."),
        ("Call somebody", "An engineer joins as soon as one of them is free."),
    ] {
        assert_eq!(objection(answer, &[asked]), None, "{asked} -> {answer}");
    }
    for (asked, answer) in [
        (
            "Is the work on Kubernetes free?",
            "The manager smiles: yes, the work on Kubernetes is free of charge for you.",
        ),
        ("Is the work on Kubernetes free?", "Yes, it is free."),
        ("Is the work on Kubernetes free?", "\"Of course,\" says the manager, \"it costs you nothing.\""),
        ("Что входит в поддержку?", "Поддержка включает всё, и первый месяц бесплатно."),
        ("Что входит в поддержку?", "Первый месяц поддержки бесплатно."),
        ("Что входит в поддержку?", "Первый месяц поддержки ничего не стоит."),
        ("Аудит платный?", "Аудит для вас бесплатный, как и оценка."),
        ("Is the audit paid?", "We do the audit at no cost."),
    ] {
        assert_eq!(objection(answer, &[asked]), Some("free_of_charge"), "{asked} -> {answer}");
    }
}

#[test]
fn what_the_person_asks_for_is_no_promise_of_ours() {
    for (asked, answer, kind) in [
        ("Is the audit free?", "Yes, it is free.", "free_of_charge"),
        ("Аудит бесплатный?", "Да, аудит бесплатный.", "free_of_charge"),
        ("Can I get 20 % off by 15 May?", "Yes, you get 20% off.", "percentage"),
        ("Can I get 20 % off by 15 May?", "Yes, by May 15th.", "date"),
        ("Можно скидку 30%?", "Вы сказали 30%: да, скидка 30%.", "percentage"),
        ("Нужно к 1 июня", "Вы указали 1 июня, успеем.", "date"),
        ("We are 500 people, what does a bot cost?", "It costs $500.", "price"),
        ("We are 500 people, what does a bot cost?", "You said $500.", "price"),
        ("Нас 500 человек, сколько стоит бот?", "Бот стоит 500 рублей.", "price"),
        ("Нас 500 человек, сколько стоит бот?", "Ваш бюджет 500 рублей.", "price"),
        ("I have $900", "Yes, a bot is $900.", "price"),
        ("Is it $900?", "As you said, it costs $900.", "price"),
        ("Is it $900?", "You said $900. It costs $900.", "price"),
        ("У меня 250к", "Сделаем за 250 000 рублей.", "price"),
        ("Is it $900?", "As you said, a bot is $900.", "price"),
        ("I have $900", "You said $900, we will build it for $900.", "price"),
        ("У меня 250к", "Как вы сказали, сделаем за 250 000 рублей.", "price"),
        ("Это стоит 250к?", "Вы сказали верно: цена 250 000 рублей.", "price"),
    ] {
        let said = unfounded(answer, &[], &[asked]).map(|fact| fact.kind());
        assert_eq!(said, Some(kind), "{asked} -> {answer}");
    }
}

#[test]
fn an_amount_of_the_persons_may_be_repeated_as_theirs() {
    for (asked, answer) in [
        ("I have $900. How much is a bot?", "You said $900; let me pass that on."),
        ("Our budget is about 5k", "Got it: you've mentioned a budget of $5,000."),
        ("up to 15k dollars", "With your budget of up to $15k a person will see what is possible."),
        ("$900", "As you wrote, $900. A person will call you."),
        ("У меня бюджет 250к", "Вы назвали 250 000 рублей — передам менеджеру."),
        ("бюджет 300-500 тысяч", "Вы ранее указали 300–500 тыс., так и запишу."),
        ("50000", "Ваш бюджет — 50 000 ₽."),
        ("Около 50 000.", "Ваша сумма — 50 000 рублей."),
        ("1500 eur", "Вашего бюджета (1500 евро) может не хватить."),
    ] {
        assert_eq!(unfounded(answer, &[], &[asked]), None, "{asked} -> {answer}");
        assert!(unfounded(answer, &[], &[]).is_some(), "nobody said it: {answer}");
    }
}

#[test]
fn small_prices_and_those_in_words_are_prices() {
    for answer in [
        "The price is 50.",
        "The price of a bot is 50",
        "It costs 50 per month",
        "Pricing: from 50 to 80",
        "Цена — 50",
        "Стоит 50 в месяц",
        "Цена бота 50.",
        "The price is fifty.",
        "Стоимость — пятьсот",
        "A bot is 5 grand.",
        "Five grand",
        "You get it at half price.",
        "Half-price until it is done",
        "half off",
        "Отдадим за полцены",
        "Это половина стоимости.",
    ] {
        assert!(unfounded(answer, &[], &[]).is_some(), "{answer}");
    }
    for answer in [
        "Оплата в 2 этапа.",
        "Оплата в 2–3 этапа",
        "The price covers 12 months",
        "The price is for 3 users",
        "Our pricing depends on 3 things",
        "The price for a 12-month plan is on the site",
        "We take payment 24/7.",
        "Платите после демо в 10:30",
        "The price is one for all",
        "Half of the team is in Berlin",
        "The price of a site with Next.js 14",
    ] {
        assert_eq!(unfounded(answer, &[], &[]), None, "{answer}");
    }
    assert_eq!(unfounded("Скидка: полцены", &["Скидка 50%"], &[]), None);
    assert_eq!(unfounded("The price is $50.", &["The price is 50 a month"], &[]), None);
    assert_eq!(unfounded("5 grand", &["A bot is $5,000"], &[]), None);
}

#[test]
fn a_bare_number_is_the_persons_budget_but_no_price_of_ours() {
    let answer = "Ваш бюджет — 50 000 ₽.";
    assert_eq!(unfounded(answer, &[], &["50000"]), None);
    assert!(unfounded(answer, &["У нас 50 000 клиентов."], &[]).is_some());
    assert!(unfounded("It costs $4,000.", &["two to four engineers, 24/7, HTTP 4000"], &[]).is_some());
    assert!(unfounded("It costs $24.", &["We answer 24/7."], &[]).is_some());
    assert_eq!(unfounded("We have done it since 2019.", &["© 2019 Example"], &[]), None);
}

#[test]
fn a_table_names_its_currency_once() {
    let table = "| Тариф | Цена, ₽ |\n|---|---|\n| Старт | 50 000 |\n| Про | 120 000 |";
    assert_eq!(unfounded("«Старт» стоит 50 000 ₽, «Про» — 120 тыс. руб.", &[table], &[]), None);
    assert!(unfounded("«Старт» стоит 55 000 ₽", &[table], &[]).is_some());
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in ".{0,300}") {
        let _ = unfounded(&text, &[&text], &[]);
    }

    /// Whatever an answer says in figures is backed by the same text.
    #[test]
    fn a_text_backs_itself(text in "([0-9]{1,4}|[ .,%$₽€k/-]|мая|тыс|руб|percent|to|до|price|in|год){1,24}") {
        prop_assert_eq!(unfounded(&text, &[&text], &[]), None);
    }

    #[test]
    fn a_foreign_price_is_always_told(amount in 16_000u32..10_000_000, sign in "[$€₽£]") {
        let answer = format!("Цена {sign}{amount}.");
        prop_assume!(![300_000, 500_000].contains(&amount));
        prop_assert!(unfounded(&answer, &[PRICES], &[]).is_some());
    }
}
