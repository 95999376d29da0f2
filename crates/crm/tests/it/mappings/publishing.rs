//! What is in force, and since when.

use crm::Crm;
use rpc::Code;
use rpc::crm::publish_response::Outcome;
use rpc::crm::{HistoryRequest, PublishRequest, ReadRequest};

use super::{client, named, pair, publish, published, read, wish};
use crate::accounts::fakes::{Fake, KINDS, Kind};
use crate::support::{Facts, dead_letters, lead, publish as captured, stage};

#[tokio::test(flavor = "multi_thread")]
async fn what_one_replica_publishes_the_next_delivery_of_another_is_made_by() {
    for kind in KINDS {
        let (stage, fake) = (stage().await, Fake::start(kind).await);
        let config = fake.config("[crm.accounts.mapping]\nname = \"Of the file\"\n");
        let (first, second) = (stage.start(&[&Crm], &config).await, stage.start(&[&Crm], &config).await);
        // The other one has read what was in force before.
        assert_eq!(read(&mut client(&second)).await.mapping.unwrap().name, "Of the file");
        assert_eq!(published(&mut client(&first), wish(named("Published: {name}"), 0)).await, 1, "{kind:?}");
        first.stop().await;

        let mut facts = Facts::listen(&stage).await;
        captured(&stage, &lead()).await;
        assert_eq!(facts.next().await.outcome, "delivered", "{kind:?}");
        let shown = read(&mut client(&second)).await;
        second.stop().await;
        assert!(fake.deals()[0].name.starts_with("Published: Ada"), "{kind:?}: {:?}", fake.deals());
        let version = shown.version.unwrap();
        assert_eq!((version.version, version.published_by.as_str()), (1, "Vera"));
        assert!(version.published_at_ms > 1_700_000_000_000);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mapping_that_was_wrong_is_mended_and_what_it_refused_is_driven_again_without_a_restart() {
    for kind in KINDS {
        let (stage, fake) = (stage().await, Fake::start(kind).await);
        let wrong = fake.config("[crm.accounts.mapping.fields]\n999999 = \"answers.type\"\n");
        let app = stage.start(&[&Crm], &wrong).await;
        captured(&stage, &lead()).await;
        dead_letters(&stage, 1).await;
        assert!(fake.deals().is_empty(), "{kind:?}");
        let mut pages = client(&app);
        let mut mended = read(&mut pages).await.mapping.unwrap();
        assert!(mended.fields == [pair("999999", "answers.type")], "{kind:?}");
        mended.fields.clear();
        published(&mut pages, wish(mended, 0)).await;

        let mut facts = Facts::listen(&stage).await;
        // The desk of the command line has the settings file, which is as wrong as before.
        let desk = fake.desk(&stage, "[crm.accounts.mapping.fields]\n999999 = \"answers.type\"\n");
        assert_eq!(desk.redrive("sales", ids::Timestamp::UNIX_EPOCH).await.unwrap(), 1);
        assert_eq!(facts.next().await.outcome, "delivered", "{kind:?}");
        assert!(desk.check(None).await.unwrap()[0].problems.is_empty(), "{kind:?}");
        app.stop().await;
        assert_eq!(fake.deals().len(), 1, "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_publish_at_once_one_is_told_of_the_other_and_the_same_wish_twice_is_one() {
    let (stage, fake) = (stage().await, Fake::start(Kind::Amocrm).await);
    let app = stage.start(&[&Crm], &fake.config("")).await;
    let (mut vera, mut olga) = (client(&app), client(&app));
    let of_olga = PublishRequest { by: "Olga".to_owned(), ..wish(named("Olga's"), 0) };
    let (one, other) =
        tokio::join!(publish(&mut vera, wish(named("Vera's"), 0)), publish(&mut olga, of_olga.clone()));
    let (won, lost) = if one.outcome() == Outcome::Published { (one, other) } else { (other, one) };
    assert!(won.outcome() == Outcome::Published && lost.outcome() == Outcome::Conflict);
    let (in_force, told) = (won.version.unwrap(), lost.version.unwrap());
    assert_eq!((told.version, &told.published_by), (1, &in_force.published_by));

    // The answer to the winner's wish was lost: the same wish again is the same version.
    let again = if in_force.published_by == "Olga" { of_olga } else { wish(named("Vera's"), 0) };
    assert_eq!(published(&mut vera, again).await, 1);
    let history = vera.history(HistoryRequest { account: "sales".to_owned() }).await.unwrap().into_inner();
    let versions: Vec<i32> = history.versions.iter().map(|version| version.version).collect();
    assert_eq!(versions, [1, 0]);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_earlier_version_comes_back_as_a_new_one_and_none_is_ever_changed() {
    let (stage, fake) = (stage().await, Fake::start(Kind::Amocrm).await);
    let app = stage.start(&[&Crm], &fake.config("[crm.accounts.mapping]\nname = \"Of the file\"\n")).await;
    let mut pages = client(&app);
    for (based_on, name) in [(0, "First"), (1, "Second")] {
        published(&mut pages, wish(named(name), based_on)).await;
    }
    let again = |version, based_on| PublishRequest {
        mapping: None,
        again: Some(version),
        ..wish(named(""), based_on)
    };
    assert_eq!(published(&mut pages, again(1, 2)).await, 3);
    assert_eq!(read(&mut pages).await.mapping.unwrap().name, "First");
    assert_eq!(published(&mut pages, again(0, 3)).await, 4);
    assert_eq!(read(&mut pages).await.mapping.unwrap().name, "Of the file");
    let history = pages.history(HistoryRequest { account: "sales".to_owned() }).await.unwrap().into_inner();
    let told: Vec<(i32, bool, i32)> =
        history.versions.iter().map(|one| (one.version, one.is_again, one.again)).collect();
    assert_eq!(told, [(4, true, 0), (3, true, 1), (2, false, 0), (1, false, 0), (0, false, 0)]);
    let second = ReadRequest { account: "sales".to_owned(), version: Some(2) };
    assert_eq!(pages.read(second).await.unwrap().into_inner().mapping.unwrap().name, "Second");

    for version in [9, -1] {
        let request = ReadRequest { account: "sales".to_owned(), version: Some(version) };
        assert_eq!(pages.read(request).await.err().unwrap().code(), Code::NotFound);
        assert_eq!(pages.publish(again(version, 4)).await.err().unwrap().code(), Code::NotFound);
    }
    for changed in ["update mapping set published_by = 'Eve'", "delete from mapping"] {
        let error = sqlx::query(changed).execute(stage.pool("crm")).await.unwrap_err().to_string();
        assert!(error.contains("is not changed"), "{error}");
    }
    app.stop().await;
}
