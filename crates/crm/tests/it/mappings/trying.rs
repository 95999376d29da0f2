//! Before something is published: what does not fit, and what would be sent.

use crm::Crm;
use rpc::Code;
use rpc::crm::publish_response::Outcome;
use rpc::crm::{AccountsRequest, CheckRequest, DryRunRequest, Mapping, PublishRequest, ReadRequest};
use serde_json::Value;

use super::{client, named, pair, publish, published, read, wish};
use crate::accounts::fakes::{Fake, KINDS, Kind};
use crate::support::{Facts, dead_letters, lead, publish as captured, stage};

fn check(mapping: Mapping) -> CheckRequest {
    CheckRequest { account: "sales".to_owned(), mapping: Some(mapping) }
}

fn dry_run(mapping: Mapping, lead_id: &str) -> DryRunRequest {
    DryRunRequest { account: "sales".to_owned(), mapping: Some(mapping), lead_id: lead_id.to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_told_by_our_name_and_published_only_where_somebody_insists() {
    for kind in KINDS {
        let (stage, fake) = (stage().await, Fake::start(kind).await);
        let app = stage.start(&[&Crm], &fake.config("")).await;
        let mut pages = client(&app);
        let wrong = Mapping { fields: vec![pair("999999", "answers.deadline")], ..named("x") };
        let told = pages.check(check(wrong.clone())).await.unwrap().into_inner().problems;
        assert_eq!(told.len(), 1, "{kind:?}");
        assert_eq!((told[0].place.as_str(), told[0].ours.as_str()), ("fields.999999", "answers.deadline"));
        for text in [&told[0].english, &told[0].russian] {
            assert!(text.contains("answers.deadline"), "{kind:?}: {text}");
        }
        let refused = publish(&mut pages, wish(wrong.clone(), 0)).await;
        assert!(refused.outcome() == Outcome::Problems && refused.can_be_published, "{kind:?}");
        assert_eq!(read(&mut pages).await.version.unwrap().version, 0, "nothing is in force");
        let insisted = PublishRequest { unchecked: true, ..wish(wrong, 0) };
        assert_eq!(published(&mut pages, insisted).await, 1, "{kind:?}");
        app.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_mapping_is_never_published() {
    let (stage, fake) = (stage().await, Fake::start(Kind::Amocrm).await);
    let app = stage.start(&[&Crm], &fake.config("")).await;
    let mut pages = client(&app);
    let twice = vec![pair("908", "why"), pair("908", "score")];
    for (mapping, place, part) in [
        (named("{budget}"), "name", "\"budget\""),
        (named("a\0b"), "name", "can not be seen"),
        (named(&"x".repeat(501)), "name", "500"),
        (Mapping { tags: vec!["t".to_owned(); 201], ..named("x") }, "tags", "200"),
        (Mapping { fields: vec![pair("908", "phone number")], ..named("x") }, "fields.908", "phone number"),
        (Mapping { fields: twice, ..named("x") }, "fields.908", "why and score"),
    ] {
        let insisted = PublishRequest { unchecked: true, ..wish(mapping.clone(), 0) };
        let refused = publish(&mut pages, insisted).await;
        assert!(refused.outcome() == Outcome::Problems && !refused.can_be_published, "{part}");
        for problem in [&refused.problems, &pages.check(check(mapping)).await.unwrap().into_inner().problems]
        {
            assert_eq!(problem[0].place, place);
            assert!(problem[0].english.contains(part), "{}", problem[0].english);
        }
    }
    for request in ["other", "", "sales\0"] {
        let request = ReadRequest { account: request.to_owned(), version: None };
        assert_eq!(pages.read(request).await.err().unwrap().code(), Code::NotFound);
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_shows_the_calls_and_makes_none_that_writes() {
    for kind in KINDS {
        let (mut stage, fake) = (stage().await, Fake::start(kind).await);
        stage.may_leave(&["dead_letter"]);
        let wrong = fake.config("[crm.accounts.mapping.fields]\n999999 = \"answers.type\"\n");
        let app = stage.start(&[&Crm], &wrong).await;
        let mut pages = client(&app);
        let payload = |response: rpc::crm::DryRunResponse| -> Value {
            serde_json::from_str(&response.payload).unwrap_or_else(|_| Value::from(response.not_shown))
        };
        let shown = payload(pages.dry_run(dry_run(named("Deal of {name}"), "")).await.unwrap().into_inner());
        let calls = shown["calls"].as_array().unwrap();
        let last = &calls[calls.len() - 1];
        assert!(last["body"].to_string().contains("Deal of Ada"), "{kind:?}: {shown}");
        assert!(
            !last["call"].as_str().unwrap().is_empty() && shown["note"].as_str().unwrap().contains("Ada")
        );
        let misfit = Mapping { fields: vec![pair("999999", "answers.type")], ..named("x") };
        let refused = pages.dry_run(dry_run(misfit, "")).await.unwrap().into_inner();
        assert_eq!(refused.problems[0].ours, "answers.type", "{kind:?}");
        assert!(fake.deals().is_empty() && fake.people().is_empty(), "{kind:?}");

        // A lead that was refused is what a mended mapping is tried with.
        let lead = lead();
        captured(&stage, &lead).await;
        dead_letters(&stage, 1).await;
        let known = read(&mut pages).await;
        assert!(known.answers == ["type"], "{kind:?}: {:?}", known.answers);
        assert_eq!(
            (known.leads[0].id.as_str(), known.leads[0].state.as_str()),
            (lead.lead_id.as_str(), "failed")
        );
        let tried = dry_run(named("{answers.type}/{summary}"), &lead.lead_id);
        let shown = payload(pages.dry_run(tried).await.unwrap().into_inner());
        assert!(
            shown["calls"].to_string().contains("crm/") && shown["note"].to_string().contains("brief.pdf"),
            "{shown}"
        );

        for unknown in ["00000000-0000-0000-0000-000000000009", "../../x\0"] {
            let refused = pages.dry_run(dry_run(named("x"), unknown)).await.unwrap().into_inner();
            assert!(refused.not_shown.contains("no lead"), "{}", refused.not_shown);
        }
        app.stop().await;
        assert!(fake.deals().is_empty(), "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_crm_is_away_its_mapping_is_shown_and_can_be_published_by_whoever_insists() {
    let stage = stage().await;
    let account = "[[crm.accounts]]\nname = \"sales\"\nkind = \"amocrm\"\nurl = \"http://127.0.0.1:1\"\ntoken = \"t\"\n";
    let app = stage.start(&[&Crm], &crate::support::config(account)).await;
    let mut pages = client(&app);
    let shown = read(&mut pages).await;
    assert!(
        shown.schema.is_none() && shown.no_schema.contains("sales could not be called"),
        "{}",
        shown.no_schema
    );
    assert!(shown.mapping.unwrap().name.contains("{name}") && shown.ours.len() > 20);
    assert!(pages.check(check(named("x"))).await.unwrap().into_inner().not_asked.contains("sales"));
    let refused = publish(&mut pages, wish(named("x"), 0)).await;
    assert!(refused.outcome() == Outcome::NotAsked && refused.can_be_published);
    let insisted = PublishRequest { unchecked: true, ..wish(named("x"), 0) };
    assert_eq!(published(&mut pages, insisted).await, 1);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_tells_how_each_account_fares() {
    let (stage, fake) = (stage().await, Fake::start(Kind::Amocrm).await);
    let app = stage.start(&[&Crm], &fake.config("")).await;
    let mut pages = client(&app);
    let mut facts = Facts::listen(&stage).await;
    captured(&stage, &lead()).await;
    facts.next().await;
    published(&mut pages, wish(named("x"), 0)).await;
    let accounts = pages.accounts(AccountsRequest {}).await.unwrap().into_inner().accounts;
    let sales = &accounts[0];
    assert_eq!((accounts.len(), sales.name.as_str(), sales.kind.as_str()), (1, "sales", "amocrm"));
    assert_eq!((sales.waiting, sales.given_up, sales.version.as_ref().unwrap().version), (0, 0, 1));
    assert!(sales.delivered_at_ms > 0);
    // Nobody without the installation's token is answered.
    let channel = rpc::channel(&app.url()).unwrap();
    let mut stranger = rpc::crm::mappings_client::MappingsClient::new(channel);
    assert_eq!(stranger.accounts(AccountsRequest {}).await.err().unwrap().code(), Code::Unauthenticated);
    app.stop().await;
}
