//! Keys from their making to their end.

use gateway::KeyError;
use ids::SignedDuration;

use crate::shop::{Shop, hello};

/// Waits until the key is answered with this status: what was read of a key is used for a few seconds.
async fn answers(shop: &Shop, key: &str, status: u16) {
    let what = format!("the key is answered with {status}");
    testkit::until(&what, async || (shop.get(key, "/v1/models").await.0 == status).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_opens_nothing_any_more() {
    let shop = Shop::open().await;
    let desk = shop.desk();
    let (id, key) = shop.key("shop").await;
    assert_eq!(shop.ask(&key, &hello()).await.0, 200);
    assert!(matches!(desk.create(&new("shop")).await, Err(KeyError::NameTaken(name)) if name == "shop"));
    let begun = std::time::Instant::now();
    assert_eq!(desk.revoke("shop").await.unwrap(), id);
    answers(&shop, &key, 401).await;
    assert!(begun.elapsed().as_secs() < 15, "{:?}", begun.elapsed());
    assert!(matches!(desk.revoke("shop").await, Err(KeyError::NoSuchKey(_))));
    let (_, second) = shop.key("shop").await;
    assert_eq!(shop.ask(&second, &hello()).await.0, 200, "the name is free again");
    let cards = desk.list().await.unwrap();
    assert_eq!(
        cards.iter().filter(|card| card.revoked_at.is_some()).map(|card| &card.id).collect::<Vec<_>>(),
        [&id]
    );
    shop.ledger(2).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_key_opens_beside_the_old_one_for_as_long_as_is_wished() {
    let shop = Shop::open().await;
    let desk = shop.desk();
    let (id, first) = shop.key("shop").await;
    answers(&shop, &first, 200).await;
    let (same, second) = desk.rotate("shop", SignedDuration::from_hours(1), false).await.unwrap();
    assert_eq!(same, id);
    answers(&shop, second.expose(), 200).await;
    answers(&shop, &first, 200).await;
    let again = desk.rotate(&id, SignedDuration::ZERO, false).await;
    assert!(matches!(again, Err(KeyError::StillRotating { .. })), "the first was promised an hour");
    answers(&shop, &first, 200).await;
    let (_, third) = desk.rotate(&id, SignedDuration::ZERO, true).await.unwrap();
    answers(&shop, third.expose(), 200).await;
    for old in [&first, second.expose()] {
        answers(&shop, old, 401).await;
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_ends_when_its_time_is_over() {
    let shop = Shop::open().await;
    let (_, key) = shop.key_with("short", |key| key.lasts = Some(SignedDuration::from_secs(2))).await;
    answers(&shop, &key, 200).await;
    answers(&shop, &key, 401).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_of_a_key_does_not_open_and_its_use_is_noted() {
    let shop = Shop::open().await;
    let (id, key) = shop.key("shop").await;
    answers(&shop, &key, 200).await;
    let row: String = sqlx::query_scalar("select to_jsonb(api_key)::text from api_key where id = $1")
        .bind(&id)
        .fetch_one(shop.stage.pool("gateway"))
        .await
        .unwrap();
    let secret = key.rsplit_once('_').unwrap().1;
    assert!(row.contains(&id) && !row.contains(secret), "{row}");
    let desk = shop.desk();
    testkit::until("its use is noted", async || {
        let card = desk.list().await.unwrap().into_iter().find(|card| card.id == id);
        card.and_then(|card| card.last_used_at)
    })
    .await;
    shop.close().await;
}

fn new(name: &str) -> gateway::NewKey {
    gateway::NewKey {
        name: name.to_owned(),
        models: Vec::new(),
        budget_micros: None,
        period: gateway::Period::Day,
        lasts: None,
    }
}
