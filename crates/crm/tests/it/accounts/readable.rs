//! What a CRM tells of a deal that we may read only in part, or for the first time, or not now.

use ids::Timestamp;
use testkit::crms::Trouble;
use testkit::until;

use super::back::{Scene, read, scene, told};
use super::fakes::Kind;
use super::hands::To;

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_list_people_is_told_every_move_with_the_names_that_are_known() {
    for kind in [Kind::Amocrm, Kind::Hubspot] {
        let Scene { stage, fake, mut app, mut moves, deal, .. } = scene(kind).await;
        // A process that has asked for no names before asks for the people last.
        let (mut asked, mut won) = (0, None);
        for (to, refused) in [(To::Talks, false), (To::Won, true)] {
            app.stop().await;
            app = stage.start(&[&crm::Crm], &fake.telling("")).await;
            fake.tells(&app).await;
            if refused {
                let people = std::iter::repeat_n(None, asked - 1).chain([Some(Trouble::Status(403))]);
                fake.faults().reads(people);
            }
            let before = fake.calls();
            assert_eq!(fake.put(&deal, to).await, Some(200), "{kind:?}");
            won = Some(moves.next().await);
            read(&stage).await;
            asked = fake.calls() - before;
        }
        let won = won.unwrap();
        let (stage_name, currency) =
            if kind == Kind::Amocrm { ("Won", "RUB") } else { ("Closed Won", "EUR") };
        assert_eq!((won.outcome.as_str(), won.stage.as_str()), ("won", stage_name), "{kind:?}");
        assert_eq!((won.amount_minor, won.currency.as_str()), (500_000, currency), "{kind:?}");
        assert!(!won.responsible.contains("Anna"), "{kind:?}: {}", won.responsible);
        app.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_tells_no_names_any_more_has_not_changed_its_currency() {
    let Scene { stage, fake, app, mut moves, deal, .. } = scene(Kind::Amocrm).await;
    fake.put(&deal, To::Talks).await;
    let open = moves.next().await;
    assert_eq!(open.currency, "RUB");
    read(&stage).await;
    app.stop().await;
    // Another process, which has asked for no names before.
    let app = stage.start(&[&crm::Crm], &fake.telling("")).await;
    fake.tells(&app).await;
    fake.faults().reads([None, Some(Trouble::Status(403))]);
    assert_eq!(fake.put(&deal, To::Won).await, Some(200));
    let won = moves.next().await;
    assert_eq!((won.outcome.as_str(), won.currency.as_str()), ("won", "RUB"));
    assert_eq!(won.amount_minor, open.amount_minor);
    read(&stage).await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deal_that_was_won_long_ago_is_told_with_that_day_and_one_that_is_to_be_closed_is_not() {
    let Scene { stage, fake, app, mut moves, deal, .. } = scene(Kind::Hubspot).await;
    let long_ago: Timestamp = "2025-03-14T10:00:00Z".parse().unwrap();
    fake.write_by_hand(&deal, "closedate", "2025-03-14T10:00:00Z").await;
    assert_eq!(fake.put(&deal, To::Won).await, Some(200));
    let won = moves.next().await;
    assert_eq!((won.outcome.as_str(), won.outcome_since_ms), ("won", long_ago.as_millisecond()));
    read(&stage).await;
    // Reopened and lost: that was now, whatever day somebody has written there.
    assert_eq!(fake.put(&deal, To::Talks).await, Some(200));
    let open = moves.next().await;
    assert_eq!((open.outcome.as_str(), open.outcome_since_ms), ("open", open.at_ms));
    read(&stage).await;
    fake.write_by_hand(&deal, "closedate", "2100-01-01T00:00:00Z").await;
    assert_eq!(fake.put(&deal, To::Lost).await, Some(200));
    let lost = moves.next().await;
    assert_eq!((lost.outcome.as_str(), lost.outcome_since_ms), ("lost", lost.at_ms));
    read(&stage).await;
    app.stop().await;
    assert_eq!(told(&stage).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deal_that_waits_for_an_account_that_was_shut_out_is_read_at_once_when_that_is_driven_again() {
    let Scene { stage, fake, app, mut moves, deal, .. } = scene(Kind::Amocrm).await;
    // The account is shut to everybody, for hours.
    fake.faults().reads([Some(Trouble::Page(403))]);
    assert_eq!(fake.put(&deal, To::Won).await, Some(200));
    until("the read waits for hours", async || {
        let sql = "select true from job where queue = 'crm.read' and state = 2 and run_at > now() + interval '1 hour'";
        sqlx::query_scalar::<_, bool>(sql).fetch_optional(stage.pool("crm")).await.unwrap()
    })
    .await;
    fake.desk(&stage, "").redrive("sales", Timestamp::UNIX_EPOCH).await.unwrap();
    assert_eq!(moves.next().await.outcome, "won");
    read(&stage).await;
    app.stop().await;
}
