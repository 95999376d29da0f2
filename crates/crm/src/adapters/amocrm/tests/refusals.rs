//! What the account refuses, and what a person is told of it.

use testkit::crms::{Person, Stranger, Trouble as Happens};

use super::*;
use crate::adapters::Whose;
use crate::delivering::said;

async fn make(account: &Account, fields: Vec<Filled>) -> Result<(), Trouble> {
    let deal = NewDeal { fields, ..site("lead-1") };
    account.adapter.create_deal(&deal, &Whose::New(&ada())).await.map(|_| ())
}

#[tokio::test]
async fn a_choice_that_is_gone_is_told_by_the_name_that_the_mapping_has() {
    let account = account().await;
    let hot =
        || vec![filled("budget", ids_of::BUDGET, "5"), filled("temperature", ids_of::TEMPERATURE, "hot")];
    make(&account, hot()).await.unwrap();
    account.crm.drop_choice(ids_of::TEMPERATURE, "hot");
    assert_eq!(faults(make(&account, hot()).await), [fault("temperature", "NotSupportedChoice")]);
    assert_eq!(account.crm.deals().len(), 1);
    // Now it is known that it is gone, and what there is.
    let (word, note) = told(make(&account, hot()).await);
    assert_eq!(word, "rejected");
    assert!(note.contains("\"hot\" is no choice of Temperature: warm, cold"), "{note}");
    assert_eq!(account.crm.calls().of("POST"), 2, "nothing is sent that would be refused");
}

#[tokio::test]
async fn a_field_that_is_gone_is_told_and_one_that_has_come_is_filled() {
    let account = account().await;
    let further = || vec![filled("extra", 2001, "x")];
    make(&account, further()).await.unwrap();
    account.crm.drop_field(2001);
    assert_eq!(faults(make(&account, further()).await), [fault("extra", "NotSupportedChoice")]);
    assert_eq!(faults(make(&account, further()).await), [fault("extra", "UnknownField")]);
}

#[tokio::test]
async fn all_that_is_wrong_is_told_at_once_before_anything_is_sent() {
    let account = account().await;
    let deal = NewDeal {
        price: Some(5),
        currency: "USD".to_owned(),
        pipeline: "sales".to_owned(),
        stage: "-1".to_owned(),
        responsible: "anna@acme.example".to_owned(),
        fields: vec![
            filled("score", ids_of::SCORE, "5"),
            filled("deadline", ids_of::DEADLINE, "tomorrow"),
            filled("gone", 4711, "x"),
            filled("first", ids_of::SITE, "https://a.example"),
            filled("second", ids_of::SITE, "https://b.example"),
        ],
        ..site("lead-1")
    };
    let wanted = [
        fault("price", "OtherCurrency"),
        fault("pipeline", "NotAnId"),
        fault("stage", "NotAnId"),
        fault("responsible", "NotAnId"),
        fault("score", "CanNotBeFilled"),
        fault("deadline", "NotADate"),
        fault("gone", "UnknownField"),
        fault("second", "Twice"),
    ];
    assert_eq!(faults(account.adapter.create_deal(&deal, &Whose::New(&ada())).await), wanted);
    let nobody = account.adapter.create_deal(&site("lead-1"), &Whose::Known("ada")).await;
    assert_eq!(faults(nobody), [fault("contact", "NotAnId")]);
    assert_eq!(faults(account.adapter.has_note("../account", "x").await), [fault("deal", "NotAnId")]);
    assert_eq!(account.crm.calls().of("POST"), 0);
}

#[tokio::test]
async fn more_fields_than_the_account_takes_are_not_sent() {
    let account = account().await;
    let fields: Vec<Filled> = (1..=40).map(|nth| filled("extra", 2000 + nth, "x")).collect();
    let refused = faults(make(&account, fields.clone()).await);
    assert_eq!(refused, [(None, "TooManyFields".to_owned())], "the mark is one more");
    make(&account, fields[1..].to_vec()).await.unwrap();
}

#[tokio::test]
async fn where_a_deal_can_not_stand_is_told_by_its_name() {
    let account = account().await;
    let at = |pipeline: i64, stage: i64, responsible: i64| NewDeal {
        pipeline: pipeline.to_string(),
        stage: stage.to_string(),
        responsible: responsible.to_string(),
        ..site("lead-1")
    };
    for (deal, field) in [
        (at(ids_of::ARCHIVED, ids_of::SALES_FIRST, ids_of::ANNA), "pipeline"),
        (at(ids_of::SALES, ids_of::REPAIR_FIRST, ids_of::ANNA), "stage"),
        (at(ids_of::SALES, ids_of::SALES_UNSORTED, ids_of::ANNA), "stage"),
        (at(ids_of::SALES, ids_of::SALES_FIRST, ids_of::GONE), "responsible"),
    ] {
        let refused = account.adapter.create_deal(&deal, &Whose::New(&ada())).await;
        assert_eq!(faults(refused), [fault(field, "NotSupportedChoice")]);
    }
    let stranger = account.adapter.create_deal(&site("lead-1"), &Whose::Known("5")).await;
    assert_eq!(faults(stranger), [(None, "NotSupportedChoice".to_owned())]);
}

async fn pause(account: &Account) -> u64 {
    match account.adapter.made("lead-1").await {
        Err(Trouble::Busy { status: Some(429), after, only_this: false }) => after.as_secs(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn who_calls_too_fast_waits_longer_each_time_and_is_shut_out_in_the_end() {
    let account = account_with(Options { per_second: 0, ..Options::default() }, |_| {}).await;
    let pauses = [pause(&account).await, pause(&account).await, pause(&account).await];
    assert_eq!(pauses, [1, 2, 4]);
    let (word, why) = told(account.adapter.made("lead-1").await);
    assert_eq!(word, "blocked");
    assert!(why.contains("only its support lifts that") && why.contains("403 Forbidden"), "{why}");
    assert!(account.crm.calls().shut_out);
    account.crm.lift_the_ban();
    assert_eq!(pause(&account).await, 8);
}

#[tokio::test]
async fn a_call_that_is_let_in_begins_the_pauses_anew() {
    let account = account().await;
    let too_fast = Some(Happens::Status(429));
    account.crm.faults().reads([too_fast, too_fast, None, too_fast]);
    assert_eq!((pause(&account).await, pause(&account).await), (1, 2));
    assert!(account.adapter.made("lead-1").await.unwrap().is_none());
    assert_eq!(pause(&account).await, 1);
}

#[tokio::test]
async fn each_door_that_is_shut_says_what_is_to_be_done() {
    let account = account().await;
    let ask = async |happens| {
        account.crm.faults().reads([Some(happens)]);
        told(account.adapter.made("lead-1").await)
    };
    for (happens, word, says) in [
        (Happens::Status(402), "denied", "subscription is over"),
        (Happens::Status(403), "denied", "may not do this"),
        (Happens::Page(403), "blocked", "only its support lifts that"),
        (Happens::Page(404), "denied", "renamed or moved"),
        (Happens::Page(302), "denied", "renamed or moved"),
        (Happens::Status(404), "rejected", "Pipeline not found"),
        (Happens::Status(422), "rejected", "Unprocessable"),
        (Happens::Status(500), "failed", "Internal Server Error"),
        (Happens::Page(408), "failed", "nginx"),
        (Happens::Status(429), "busy", "1 s"),
    ] {
        let (was, note) = ask(happens).await;
        assert!(was == word && note.contains(says), "{happens:?}: {was}, {note}");
    }
    account.crm.faults().writes([Some(Happens::Status(400)), Some(Happens::Page(302))]);
    let (word, note) = told(make(&account, Vec::new()).await);
    assert!(word == "denied" && note.contains("error 244"), "{note}");
    assert_eq!(told(make(&account, Vec::new()).await).0, "denied");
    account.crm.move_away();
    let (word, note) = told(account.adapter.find(&ada(), &[FindBy::Phone]).await);
    assert!(word == "denied" && note.contains("Account not found"), "{note}");
}

#[tokio::test]
async fn nothing_of_what_was_sent_is_printed() {
    let account = account().await;
    account.crm.add_person(&Person::default());
    let email = Contact { fields: vec![filled("city", 4711, "Secret City")], ..ada() };
    let refused = account.adapter.create_contact(&email).await.unwrap_err();
    let printed = format!("{refused:?}");
    assert!(!printed.contains("4711") && printed.contains("UnknownField"), "{printed}");
}

#[tokio::test]
async fn what_was_sent_is_not_printed_though_it_comes_back_as_a_code_or_a_title() {
    let account = account().await;
    for body in [
        r#"{"validation-errors":[{"errors":[{"code":"+79129876543","path":"x","detail":"no"}]}],"title":"Bad Request"}"#,
        r#"{"title":"+79129876543 is taken","detail":"ada@example.com"}"#,
    ] {
        let stranger = Stranger::start(move |_| (400, body.into())).await;
        let config = AccountConfig { url: stranger.url().to_owned(), ..account.config.clone() };
        let token = Token::Given(Secret::new("t"));
        let adapter = super::super::open(&config, account.caller.clone(), token).unwrap();
        let trouble = adapter.made("lead-1").await.unwrap_err();
        let printed = format!("{trouble:?} {}", said("sales", &trouble));
        assert!(!printed.contains("9129876543") && !printed.contains("ada@"), "{printed}");
        assert!(trouble.note().expose().contains("+79129876543"), "for a person it is kept");
    }
}
