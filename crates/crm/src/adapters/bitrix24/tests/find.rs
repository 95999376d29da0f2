use ids::{ManualClock, SignedDuration, Timestamp};

use super::super::super::FindBy::{Email, Phone, Telegram};
use super::*;
use crate::domain::deal::Match;

fn found(contact: &str, open: &[&str]) -> Match {
    Match { contact: contact.to_owned(), open_deals: open.iter().map(|id| (*id).to_owned()).collect() }
}

#[tokio::test]
async fn somebody_is_found_however_a_manager_wrote_their_telephone() {
    let bench = bench(Options::default()).await;
    bench.portal.add_person(&person("Boris", "+79001112233", ""));
    let contact = bench.portal.add_person(&person("Ada", "8 (912) 987-65-43", ""));
    assert_eq!(bench.adapter.find(&ada(), &[Phone]).await.unwrap(), [found(&contact, &[])]);
    assert_eq!(bench.adapter.find(&ada(), &[Email]).await.unwrap(), []);
    let stranger = Contact { phone: text("+79990000000"), ..Contact::default() };
    assert_eq!(bench.adapter.find(&stranger, &[Telegram, Phone, Email]).await.unwrap(), []);
}

#[tokio::test]
async fn open_deals_and_leads_are_theirs_the_newest_first() {
    let hands = ManualClock::at(Timestamp::from_second(1_790_000_000).unwrap());
    let bench = bench(Options { clock: hands.clock(), ..Options::default() }).await;
    let (ada_id, boris) = (
        bench.portal.add_person(&person("Ada", "+79129876543", "")),
        bench.portal.add_person(&person("Boris", "", "")),
    );
    let later = || hands.advance(SignedDuration::from_secs(60));
    let lead = bench.portal.add_lead(&of("Asked", &ada_id, "IN_PROCESS"), None);
    later();
    let deal = bench.portal.add_deal(&of("Repair", &ada_id, "EXECUTING"));
    later();
    bench.portal.add_deal(&of("Won", &ada_id, "WON"));
    bench.portal.add_lead(&of("Junk", &ada_id, "JUNK"), None);
    bench.portal.add_deal(&of("Of another", &boris, ""));
    later();
    let newest = bench.portal.add_lead(&of("Asked again", &ada_id, ""), None);
    let all = bench.adapter.find(&ada(), &[Phone]).await.unwrap();
    assert_eq!(all, [found(&ada_id, &[&newest, &deal, &lead])]);
}

#[tokio::test]
async fn who_is_found_twice_is_one_and_the_order_of_the_questions_is_kept() {
    let bench = bench(Options::default()).await;
    let letter = bench.portal.add_person(&person("By letter", "", "ADA@example.com"));
    let both = bench.portal.add_person(&person("Both", "+79129876543", "ada@example.com"));
    let contacts = |all: Vec<Match>| all.into_iter().map(|one| one.contact).collect::<Vec<_>>();
    let all = bench.adapter.find(&ada(), &[Phone, Email]).await.unwrap();
    assert_eq!(contacts(all), [both.clone(), letter.clone()]);
    let all = bench.adapter.find(&ada(), &[Email, Phone]).await.unwrap();
    assert_eq!(contacts(all), [letter, both]);
}

#[tokio::test]
async fn whom_only_an_open_lead_knows_is_found_by_it() {
    let bench = bench(Options::default()).await;
    let lead = bench.new_lead(&deal(), &ada()).await.unwrap().deal;
    for by in [Telegram, Phone, Email] {
        assert_eq!(bench.adapter.find(&ada(), &[by]).await.unwrap(), [found(&lead, &[&lead])], "{by:?}");
    }
    bench.portal.move_to(&lead, "JUNK").await;
    assert_eq!(bench.adapter.find(&ada(), &[Telegram, Phone, Email]).await.unwrap(), []);
    // A lead that has its person is that person's, also where only the lead has the telephone.
    let contact = bench.portal.add_person(&person("Ada", "", ""));
    let theirs = bench.portal.add_lead(&of("Asked", &contact, ""), Some(&person("Ada", "+79129876543", "")));
    let deal = bench.portal.add_deal(&of("Repair", &contact, ""));
    let all = bench.adapter.find(&ada(), &[Phone]).await.unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].contact, contact);
    let mut open = all[0].open_deals.clone();
    open.sort();
    assert_eq!(open, [deal, theirs]);
}

/// Twenty hits of one kind hide those of another where all are asked for together.
#[tokio::test]
async fn many_leads_with_a_telephone_do_not_hide_whose_it_is() {
    let bench = bench(Options::default()).await;
    for _ in 0..25 {
        bench.portal.add_lead(&of("Junk", "", "JUNK"), Some(&person("Ada", "+79129876543", "")));
    }
    let contact = bench.portal.add_person(&person("Ada", "+79129876543", ""));
    assert_eq!(bench.adapter.find(&ada(), &[Phone]).await.unwrap(), [found(&contact, &[])]);
}

#[tokio::test]
async fn the_number_of_a_telegram_account_finds_who_has_it() {
    let bench = bench(Options::default()).await;
    let fields = [(account::TELEGRAM.to_owned(), "7000000001".to_owned())].into();
    let contact = bench.portal.add_person(&Person { fields, ..person("Ada", "", "") });
    let other = [(account::TELEGRAM.to_owned(), "70000000011".to_owned())].into();
    bench.portal.add_person(&Person { fields: other, ..person("Boris", "", "") });
    assert_eq!(bench.adapter.find(&ada(), &[Telegram]).await.unwrap(), [found(&contact, &[])]);
}

#[tokio::test]
async fn a_telegram_field_that_is_not_there_is_told_and_without_one_nobody_is_asked() {
    let mut config = config("");
    let portal = Portal::start(Options::default()).await;
    (config.url, config.telegram_field) = (portal.url().to_owned(), "ufCrm_nowhere".to_owned());
    let token = Token::Given(Secret::new(portal.token()));
    let bench = bench_with(portal, config.clone(), |_, _| token.clone()).await;
    let trouble = bench.adapter.find(&ada(), &[Telegram]).await.unwrap_err();
    assert_eq!(faults(trouble), pairs(&[("telegram_field", "UnknownField")]));
    config.telegram_field = String::new();
    let without = open(&config, bench.caller.clone(), token).unwrap();
    assert_eq!(without.find(&ada(), &[Telegram]).await.unwrap(), []);
    let calls = bench.portal.calls();
    assert_eq!((calls.of("crm.item.list"), calls.of("crm.duplicate.findbycomm")), (0, 0));
}

#[tokio::test]
async fn what_is_asked_costs_few_requests() {
    let bench = bench(Options::default()).await;
    let contact = bench.portal.add_person(&person("Ada", "+79129876543", "ada@example.com"));
    bench.portal.add_lead(&of("Asked", &contact, ""), None);
    bench.adapter.find(&ada(), &[Telegram, Phone, Email]).await.unwrap();
    // What the portal has, whom it knows, what they have open.
    assert_eq!(bench.portal.calls().requests, ["batch"; 3]);
}
