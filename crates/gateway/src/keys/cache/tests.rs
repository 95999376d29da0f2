use ids::{Ids, Secret, SignedDuration};
use pg::PoolSettings;

use super::*;
use crate::keys::{KeyDesk, KeyError, NewKey, Period};

async fn pool(database: &testkit::TestDatabase) -> Pool {
    let settings = PoolSettings { url: database.secret(), max_connections: 4 };
    let pool = pg::connect(&settings, "public").await.unwrap();
    pg::migrate(&pool, &crate::store::MIGRATIONS).await.unwrap();
    pool
}

fn desk(pool: &Pool) -> KeyDesk {
    KeyDesk { pool: pool.clone(), clock: Clock::system(), ids: Ids::system() }
}

fn new(name: &str) -> NewKey {
    let models = Vec::new();
    NewKey { name: name.to_owned(), models, budget_micros: None, period: Period::Day, lasts: None }
}

#[tokio::test]
async fn strangers_leave_connections_to_others_and_nothing_is_kept_of_them() {
    let database = testkit::database().await;
    let pool = pool(&database).await;
    let keys = Keys::new(pool.clone(), Clock::system());
    let (_, key): (String, Secret) = desk(&pool).create(&new("shop")).await.unwrap();
    keys.open(key.expose()).await.unwrap();
    // Nothing can be looked up for a while.
    let slow = api_key::tests::hold(&pool).await;
    let strangers: Vec<_> = (0..20)
        .map(|number| {
            let keys = keys.clone();
            let made_up = format!("drg_{number:016x}_{}", "0".repeat(48));
            tokio::spawn(async move { keys.open(&made_up).await })
        })
        .collect();
    // The fourth connection asks this: with more strangers at once there would be none.
    api_key::tests::until_waiting(&pool, 2).await;
    assert!(keys.open(key.expose()).await.is_ok());
    slow.rollback().await.unwrap();
    for stranger in strangers {
        assert!(matches!(stranger.await.unwrap(), Err(Refusal::Unknown)));
    }
    assert_eq!(keys.0.read.read().unwrap().keys.len(), 1);
}

#[tokio::test]
async fn what_could_not_be_noted_is_noted_next_time() {
    let database = testkit::database().await;
    let pool = pool(&database).await;
    let keys = Keys::new(pool.clone(), Clock::system());
    let (_, key) = desk(&pool).create(&new("shop")).await.unwrap();
    keys.open(key.expose()).await.unwrap();
    api_key::tests::hide_uses(&pool, true).await;
    keys.note().await.unwrap_err();
    api_key::tests::hide_uses(&pool, false).await;
    keys.note().await.unwrap();
    assert!(desk(&pool).list().await.unwrap()[0].last_used_at.is_some());
    assert!(keys.used().is_empty());
}

#[tokio::test]
async fn a_promised_overlap_is_kept_and_an_id_means_its_own_key() {
    let database = testkit::database().await;
    let pool = pool(&database).await;
    let desk = desk(&pool);
    let (id, _) = desk.create(&new("shop")).await.unwrap();
    assert!(matches!(desk.create(&new(&id)).await, Err(KeyError::NamedLikeAnId)));
    // As an older program may have let it happen.
    let (other, _) = desk.create(&new("other")).await.unwrap();
    api_key::tests::rename(&pool, &other, &id).await;

    let (hour, none) = (SignedDuration::from_hours(1), SignedDuration::ZERO);
    assert_eq!(desk.rotate(&id, hour, false).await.unwrap().0, id);
    assert!(matches!(desk.rotate("shop", none, false).await, Err(KeyError::StillRotating { .. })));
    desk.rotate("shop", none, true).await.unwrap();
    desk.rotate("shop", hour, false).await.unwrap();
    assert_eq!(desk.revoke(&id).await.unwrap(), id);
    assert_eq!(desk.revoke(&id).await.unwrap(), other, "its name, when no id is in use");

    let (_, _) = desk.create(&NewKey { lasts: Some(none), ..new("short") }).await.unwrap();
    assert!(matches!(desk.rotate("short", hour, true).await, Err(KeyError::Expired(_))));
}
