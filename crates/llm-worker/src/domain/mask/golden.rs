//! What is hidden and what is left, case by case: the text, and how it goes out.

use super::Mask;

fn check(cases: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (text, wanted) in cases {
        let mut mask = Mask::default();
        let hidden = mask.hide(text);
        assert_eq!(mask.reveal(&hidden), *text);
        // A short way to write "as it is".
        let wanted = if *wanted == "=" { text } else { wanted };
        if hidden != *wanted {
            wrong.push(format!("{text:?}\n  wanted {wanted:?}\n     got {hidden:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn ways_to_reach_a_person() {
    check(&[
        ("Пишите на ivan.p+tg@mail.example.ru", "Пишите на <EMAIL_1>"),
        ("mail: John_Doe@example.com.", "mail: <EMAIL_1>."),
        ("иван@пример.рф", "="),
        ("ivan@пример.рф", "<EMAIL_1>"),
        ("<a@b.co>, (c@d.org)", "<<EMAIL_1>>, (<EMAIL_2>)"),
        ("a@b", "="),
        ("user@localhost", "="),
        ("+7 912 987-65-43 или 8(912)987-65-43", "<PHONE_1> или <PHONE_2>"),
        ("тел.89129876543", "тел.<PHONE_1>"),
        ("8 912 987-65-43 10:00", "<PHONE_1> 10:00"),
        ("89129876543 2 человека", "<PHONE_1> 2 человека"),
        ("89129876543 500 руб", "<PHONE_1> 500 руб"),
        ("+44 20 7946 0958", "<PHONE_1>"),
        ("+1 (415) 555-2671, ask for Ann", "<PHONE_1>, ask for Ann"),
        ("call (555) 234-5678 today", "call <PHONE_1> today"),
        ("555-234-5678", "<PHONE_1>"),
        ("998901234567", "<PHONE_1>"),
        ("375291234567 Минск", "<PHONE_1> Минск"),
        ("+77012345678", "<PHONE_1>"),
        ("мой телефон 234-56-78", "мой телефон <PHONE_1>"),
        ("WhatsApp 9123456780", "WhatsApp <PHONE_1>"),
        ("перезвоните на 4951234567", "перезвоните на <PHONE_1>"),
        ("2 89129876543", "2 <PHONE_1>"),
        ("мой ник @ivan_petrov", "мой ник <USERNAME_1>"),
        ("telegram: @JohnDoe42!", "telegram: <USERNAME_1>!"),
        ("https://t.me/ivan_petrov", "https://<USERNAME_1>"),
        ("t.me/+79121234567", "<USERNAME_1>"),
        ("пишите @BotFather или t.me/dragoman_bot", "="),
        ("t.me/joinchat/AAAAAE", "="),
        ("t.me/+AbCdEfGhIjKlMnOp", "="),
        ("@ivan", "="),
        ("npm i @angular/core @nestjs/common", "="),
        ("@media (max-width: 600px)", "="),
        ("@everyone привет", "="),
    ]);
}

#[test]
fn money_of_a_person() {
    check(&[
        ("Карта 4111 1111 1111 1111.", "Карта <CARD_1>."),
        ("4111111111111111 123", "<CARD_1> 123"),
        ("4111 1111 1111 1111 12/27", "<CARD_1> 12/27"),
        ("МИР 2200 7700 0000 0002", "МИР <CARD_1>"),
        ("5500-0000-0000-0004", "<CARD_1>"),
        ("amex 378282246310005", "amex <CARD_1>"),
        ("UnionPay 6240008631401148", "UnionPay <CARD_1>"),
        ("4111 1111 1111 1112 12/27", "="),
        ("моя карта 4111 1111 1111 1112", "моя карта <CARD_1>"),
        ("1234 5678 9012 3456", "="),
        ("IBAN GB82 WEST 1234 5698 7654 32", "IBAN <IBAN_1>"),
        ("DE89370400440532013000", "<IBAN_1>"),
        ("kz86125KZT5004100100", "<IBAN_1>"),
        ("DE89370400440532013001", "="),
        ("GB82 is a model", "="),
        ("р/с 40702810900000005555", "р/с <ACCOUNT_1>"),
        ("счёт 40817810099910004312 в банке", "счёт <ACCOUNT_1> в банке"),
        ("40817810099910004312", "<ACCOUNT_1>"),
        ("12345678901234567890", "="),
        ("БИК 044525225", "БИК <BIK_1>"),
        ("деталь 044525225", "="),
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "<WALLET_1>"),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "<WALLET_1>"),
        ("USDT на TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "USDT на <WALLET_1>"),
        ("TON: EQCD39VS5jcptHL8vMjEXrzGaRcCVYto7HUn4bpAOg8xqB2N", "TON: <WALLET_1>"),
        ("0xde0B295669a9FD93d5F28D9Ec85E40f4cb697BAe", "<WALLET_1>"),
        ("0x1f", "="),
        ("tx 0x9fc76417374aa880d4449a1f7f31ec597f00b1f6f3dd2d66f4c9c6c445836d8b", "="),
    ]);
}

#[test]
fn numbers_that_states_give() {
    check(&[
        ("ИНН 7707083893", "ИНН <INN_1>"),
        ("7707083893", "<INN_1>"),
        ("500100732259", "<INN_1>"),
        ("ИНН: 500100732259, КПП 770701001", "ИНН: <INN_1>, КПП 770701001"),
        ("ИНН 7707083894 с опечаткой", "ИНН <INN_1> с опечаткой"),
        ("7707083894", "="),
        ("заказ 7707083893", "="),
        ("order #7707083893", "="),
        ("СНИЛС 112-233-445 95", "СНИЛС <SNILS_1>"),
        ("112-233-445 95", "<SNILS_1>"),
        ("112-233-445 96", "="),
        ("снилс 11223344595", "снилс <SNILS_1>"),
        ("ОГРН 1027700132195", "ОГРН <OGRN_1>"),
        ("1027700132195", "<OGRN_1>"),
        ("1027700132194", "="),
        ("ОГРНИП 304500116000157", "ОГРНИП <OGRN_1>"),
        ("304500116000157", "<OGRN_1>"),
        ("паспорт 45 06 123456", "паспорт <PASSPORT_1>"),
        ("паспорт: серия 4506 номер 123456", "паспорт: серия <PASSPORT_1>"),
        ("паспорт 4506 № 123456 выдан", "паспорт <PASSPORT_1> выдан"),
        ("паспорт 4506123456", "паспорт <PASSPORT_1>"),
        ("passport AB1234567", "passport <PASSPORT_1>"),
        ("паспорт изделия 12", "="),
        ("45 06 123456", "="),
        ("SSN 078-05-1120", "SSN <SSN_1>"),
        ("my social security number is 078051120", "my social security number is <SSN_1>"),
        ("078-05-1120", "<SSN_1>"),
        ("666-05-1120", "="),
        ("order 078-05-1120", "="),
        ("ИИН 890101300120", "ИИН <IIN_1>"),
        ("890101300121", "<IIN_1>"),
        ("890101300120", "="),
        ("899901300120", "="),
        ("ПИНФЛ 31501851234560", "ПИНФЛ <PINFL_1>"),
        ("JSHSHIR: 31501851234560", "JSHSHIR: <PINFL_1>"),
        ("машина А123ВС77", "машина <PLATE_1>"),
        ("номер а 123 вс 777", "номер <PLATE_1>"),
        ("A123BC77", "<PLATE_1>"),
        ("авто 123 ABC 02", "авто <PLATE_1>"),
        ("car 01A123BC", "car <PLATE_1>"),
        ("b200er45", "="),
        ("А000АА77", "="),
    ]);
}

#[test]
fn keys_and_passwords() {
    check(&[
        ("123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc", "<SECRET_1>"),
        ("OPENAI_API_KEY=sk-proj-abcDEF123456789012345678", "OPENAI_API_KEY=<SECRET_1>"),
        ("sk-ant-api03-AbCdEf0123456789AbCdEf", "<SECRET_1>"),
        ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", "<SECRET_1>"),
        ("AKIAIOSFODNN7EXAMPLE", "<SECRET_1>"),
        (
            "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY1",
            "aws_secret_access_key = <SECRET_1>",
        ),
        ("AIzaSyA1234567890abcdefghijklmnopqrstuv", "<SECRET_1>"),
        ("xoxb-123456789012-abcdefGHIJ", "<SECRET_1>"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmN", "<SECRET_1>"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIEow==\n-----END RSA PRIVATE KEY----- ok", "<SECRET_1> ok"),
        ("-----BEGIN PRIVATE KEY-----\nMIIEow", "<SECRET_1>"),
        ("-----BEGIN CERTIFICATE-----\nMIIEow", "="),
        ("пароль: Hunter2!", "пароль: <SECRET_1>!"),
        ("пароль: qwerty", "пароль: <SECRET_1>"),
        ("пароль от wi-fi qwerty12", "пароль от wi-fi <SECRET_1>"),
        ("password = \"S3cr3t,\"", "password = \"<SECRET_1>,\""),
        ("DB_PASSWORD=letmein", "DB_PASSWORD=<SECRET_1>"),
        ("postgres://app:s3cret@db:5432/x", "postgres://app:<SECRET_1>@db:5432/x"),
        ("Authorization: Bearer a1b2c3d4e5f6g7h8i9j0", "Authorization: Bearer <SECRET_1>"),
        ("токен 9f86d081884c7d659a2feaa0c55ad015", "токен <SECRET_1>"),
        ("password: required", "="),
        ("забыл пароль, что делать?", "="),
        ("ключевые слова в тексте", "="),
        ("API key rotation in Kubernetes 1.29", "="),
        ("the key benefits are internationalization", "="),
        ("commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b", "="),
        ("sk-learn and sk-hynix", "="),
        ("550e8400-e29b-41d4-a716-446655440000", "="),
    ]);
}

#[test]
fn networks() {
    check(&[
        ("сервер 95.24.13.7 упал", "сервер <IP_1> упал"),
        ("http://203.0.114.9:8080/x", "http://<IP_1>:8080/x"),
        ("2a02:6b8::2:242", "<IP_1>"),
        ("MAC 00:1A:2b:3C:4d:5E", "MAC <MAC_1>"),
        ("00-1A-2B-3C-4D-5E", "<MAC_1>"),
        ("192.168.0.1, 10.0.0.5, 127.0.0.1", "="),
        ("DNS 8.8.8.8 и 1.1.1.1", "="),
        ("маска 255.255.255.0", "="),
        ("version 5.24.13.7", "="),
        ("fe80::1, ::1, 2001:db8::1", "="),
        ("std::fmt::Display", "="),
        ("12:30:45", "="),
        ("ff:ff:ff:ff:ff:ff", "="),
        ("1.2.3", "="),
    ]);
}

#[test]
fn people_and_places() {
    check(&[
        ("Меня зовут Иван Петров, нужен бот", "Меня зовут <NAME_1>, нужен бот"),
        ("меня зовут иван", "меня зовут <NAME_1>"),
        ("меня зовут иван петров", "меня зовут <NAME_1>"),
        ("Меня зовут Анна и я хочу сайт", "Меня зовут <NAME_1> и я хочу сайт"),
        ("моё имя — Олег", "моё имя — <NAME_1>"),
        ("My name is John Smith.", "My name is <NAME_1>."),
        ("my name is ann", "my name is <NAME_1>"),
        ("Mr. Brown asked", "Mr. <NAME_1> asked"),
        ("Dr. Jane Roe", "Dr. <NAME_1>"),
        ("г-н Сидоров", "г-н <NAME_1>"),
        ("ФИО: Петров Иван Сергеевич", "ФИО: <NAME_1>"),
        ("Иван Петрович, здравствуйте", "<NAME_1>, здравствуйте"),
        ("договор с Анной Сергеевной Котовой", "договор с <NAME_1>"),
        ("директор Петров И. С.", "директор <NAME_1>"),
        ("директор И.С. Петров", "директор <NAME_1>"),
        ("С уважением, Иван Петров", "С уважением, <NAME_1>"),
        ("Меня зовут Иван. Иван — это я", "Меня зовут <NAME_1>. <NAME_1> — это я"),
        ("как тебя зовут?", "="),
        ("Как называется ваша компания?", "="),
        ("What is the name of your company?", "="),
        ("file name is ready", "="),
        ("Я Иван, нужен сайт", "="),
        ("Google Cloud и Яндекс Облако", "="),
        ("Стек: Rust, React. Т. е. всё", "="),
        ("Новый Москвич", "="),
        ("г. Москва, ул. Ленина, д. 5", "<ADDRESS_1>"),
        ("г. Москва, ул. Ленина, д. 5, кв. 10, жду", "<ADDRESS_1>, жду"),
        ("ул. 8 Марта, 12а", "<ADDRESS_1>"),
        ("Ленинский проспект, 5/2", "<ADDRESS_1>"),
        ("живу на улице Пушкина, дом 7 корп. 2", "живу на <ADDRESS_1>"),
        ("101000, г. Москва, ул. Мясницкая, д. 26", "<ADDRESS_1>"),
        ("221B Baker Street", "<ADDRESS_1>"),
        ("1600 Pennsylvania Avenue, Apt 5 please", "<ADDRESS_1> please"),
        ("вы работаете в г. Москва?", "="),
        ("офис на ул. Ленина", "="),
        ("площадь 50 м²", "="),
        ("5 Google Ads campaigns", "="),
        ("2 Pages", "="),
    ]);
}

#[test]
fn what_is_nobodys_is_left() {
    check(&[
        ("бюджет $5,000–15,000", "="),
        ("до 300к, 1,5 млн", "="),
        ("1 200 000 тг", "="),
        ("12 000 000 000 сум", "="),
        ("89 129 876 543 сум", "="),
        ("$ 1 500 000 000", "="),
        ("2026-05-15 и 15.05.2026", "="),
        ("2026-05-15 10:30:00", "="),
        ("24/7", "="),
        ("ISO 27001, PCI DSS 4.0", "="),
        ("Rust 1.95.0, Postgres 18", "="),
        ("заказ 1234567890", "="),
        ("трек 12345678901234", "="),
        ("RFC 9110 и порт 443", "="),
        ("1920x1080, 3840 2160", "="),
        ("10 000 пользователей, 50 000 в день", "="),
        ("с 9 до 18, +30 %", "="),
        ("2+2=4", "="),
        ("2024 2025 2026", "="),
        ("C++ и a < b > c", "="),
    ]);
}

#[test]
fn nothing_is_unmasked_inside_an_address() {
    let mut mask = Mask::default();
    mask.hide("+79129876543");
    let shown = "+79129876543";
    for (answer, plain) in [
        ("see https://evil.example/?p=<PHONE_1>", "see https://evil.example/?p=<PHONE_1>".to_owned()),
        ("(HTTP://a.b/<PHONE_1>/<PHONE_1>) <PHONE_1>", format!("(HTTP://a.b/<PHONE_1>/<PHONE_1>) {shown}")),
        ("t.me/share?url=<PHONE_1>\n<PHONE_1>", format!("t.me/share?url=<PHONE_1>\n{shown}")),
        ("https is safe: <PHONE_1>", format!("https is safe: {shown}")),
    ] {
        assert_eq!(mask.reveal(answer), plain);
        // And where it comes letter by letter.
        let mut unmask = mask.unmask();
        let pieces: String = answer.chars().map(|c| unmask.push(c.encode_utf8(&mut [0; 4]))).collect();
        assert_eq!(pieces + &unmask.finish(), plain);
    }
}

#[test]
fn what_looks_like_a_mask_in_a_document_stands_for_nothing() {
    for (text, plain) in [
        ("Call <PHONE_1> or ＜email_2＞", "Call (PHONE_1) or (email_2)"),
        ("a < b, <div>, Vec<String>, <EMAIL>", "a < b, <div>, Vec<String>, <EMAIL>"),
    ] {
        assert_eq!(super::broken(text), plain);
    }
}

#[test]
fn typed_masks_unmask_nothing() {
    check(&[
        ("<PHONE_1>", "<TEXT_1>"),
        ("+79129876543 <PHONE_1>", "<PHONE_1> <TEXT_1>"),
        ("<phone_1> < PHONE_1 > ＜PHONE_1＞", "<TEXT_1> <TEXT_2> <TEXT_3>"),
        ("<PH\u{200b}ONE_1>", "<TEXT_1>"),
        ("‹EMAIL_2› «NAME_1»", "<TEXT_1> <TEXT_2>"),
        ("<TEXT_1>", "<TEXT_1>"),
        ("<div> <b_1> <PHONE>", "="),
        ("x<PHONE_1>y", "x<TEXT_1>y"),
    ]);
}
