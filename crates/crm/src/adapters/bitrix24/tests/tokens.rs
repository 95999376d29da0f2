//! An application whose tokens are renewed.

use ids::{ManualClock, SignedDuration, Timestamp};
use testkit::crms::Trouble as Fate;

use super::super::super::{FindBy, Pair, Renewal};
use super::super::Oauth;
use super::*;
use crate::store::grant::Grants;
use crate::store::seal::Seal;

struct Consented {
    bench: Bench,
    grants: Grants,
    oauth: Arc<Oauth>,
}

/// A portal where a person has consented.
async fn consented(clock: Clock) -> Consented {
    let portal = Portal::start(Options { clock: clock.clone(), ..Options::default() }).await;
    let (access, refresh) = portal.pair();
    let config = config(portal.url());
    let mut parts = None;
    let bench = bench_with(portal, config.clone(), |pool, caller| {
        let key = Secret::new("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
        let grants = Grants::new(pool.clone(), Seal::new([&key].into_iter()).unwrap());
        let oauth = Arc::new(Oauth::new(&config, caller.clone(), clock.clone()).unwrap());
        parts = Some((grants.clone(), oauth.clone()));
        Token::Renewed { account: "sales".to_owned(), grants, renewal: oauth }
    })
    .await;
    let (grants, oauth) = parts.unwrap();
    let pair = Pair { access: Secret::new(access), refresh: Secret::new(refresh), expires_at: clock.now() };
    grants.keep("sales", &pair).await.unwrap();
    Consented { bench, grants, oauth }
}

fn renewals(bench: &Bench) -> usize {
    bench.portal.calls().requests.iter().filter(|request| *request == "oauth/token").count()
}

#[tokio::test]
async fn a_token_that_is_over_is_renewed_once_and_the_call_is_made() {
    let Consented { bench, .. } = consented(Clock::system()).await;
    bench.new_lead(&deal(), &ada()).await.unwrap();
    assert_eq!(renewals(&bench), 0, "nothing is renewed before it is over");
    bench.portal.expire_tokens();
    let (second, ada) = (NewDeal { mark: "2".to_owned(), ..deal() }, ada());
    let (one, other) = tokio::join!(bench.new_lead(&second, &ada), bench.adapter.made(MARK));
    one.unwrap();
    other.unwrap();
    assert_eq!((renewals(&bench), bench.portal.deals().len()), (1, 2), "two who came together renew once");
    bench.portal.expire_tokens();
    assert!(
        bench.adapter.made(MARK).await.unwrap().is_some(),
        "the second renewal takes the second refresh token"
    );
}

#[tokio::test]
async fn a_token_that_ends_within_a_batch_costs_nobody() {
    let Consented { bench, .. } = consented(Clock::system()).await;
    let contact = bench.portal.add_person(&person("Ada", "+79129876543", ""));
    bench.adapter.schema().await.unwrap();
    bench.portal.expire_in_batch(1);
    let found = bench.adapter.find(&ada(), &[FindBy::Telegram, FindBy::Phone]).await.unwrap();
    assert_eq!(found.iter().map(|one| one.contact.as_str()).collect::<Vec<_>>(), [contact]);
    assert_eq!(renewals(&bench), 1);
}

#[tokio::test]
async fn a_consent_that_was_taken_back_is_denied_and_asked_for_no_further() {
    let Consented { bench, .. } = consented(Clock::system()).await;
    bench.portal.expire_tokens();
    bench.portal.revoke();
    let trouble = bench.adapter.made(MARK).await.unwrap_err();
    assert_eq!(trouble.word(), "denied", "{trouble:?}");
    assert!(trouble.note().expose().contains("dragoman crm connect"), "{}", trouble.note().expose());
    assert_eq!(renewals(&bench), 1);
}

#[tokio::test]
async fn a_fresh_token_that_is_not_taken_either_is_denied() {
    let Consented { bench, .. } = consented(Clock::system()).await;
    bench.adapter.schema().await.unwrap();
    bench.portal.faults().writes([Some(Fate::Expired), Some(Fate::Expired)]);
    let trouble = bench.new_lead(&deal(), &ada()).await.unwrap_err();
    assert_eq!((trouble.word(), trouble.status()), ("denied", Some(401)), "{trouble:?}");
    assert_eq!((renewals(&bench), bench.portal.deals().len()), (1, 0));
}

#[tokio::test]
async fn a_token_server_that_fails_leaves_the_pair_as_it_is() {
    let Consented { bench, grants, .. } = consented(Clock::system()).await;
    bench.portal.expire_tokens();
    let before = grants.current("sales").await.unwrap();
    bench.portal.token_faults().writes([Some(Fate::Page(502)), Some(Fate::Cut)]);
    for _ in 0..2 {
        let trouble = bench.adapter.made(MARK).await.unwrap_err();
        assert_eq!(trouble.word(), "unknown", "{trouble:?}");
        assert!(grants.current("sales").await.unwrap().matches(before.expose().as_bytes()));
    }
    bench.adapter.made(MARK).await.unwrap();
    assert!(!grants.current("sales").await.unwrap().matches(before.expose().as_bytes()));
}

#[tokio::test]
async fn a_webhook_that_is_no_more_is_denied_without_a_renewal() {
    let bench = bench(Options::default()).await;
    bench.portal.revoke();
    assert_eq!(bench.adapter.made(MARK).await.unwrap_err().word(), "denied");
    assert_eq!(bench.portal.calls().requests.len(), 1);
}

#[tokio::test]
async fn a_code_is_good_once_and_for_thirty_seconds() {
    let hands = ManualClock::at(Timestamp::from_second(1_790_000_000).unwrap());
    let Consented { bench, oauth, .. } = consented(hands.clock()).await;
    let code = Secret::new(bench.portal.code());
    let pair = oauth.consented(&code).await.unwrap();
    assert_eq!(pair.expires_at.as_second(), 1_790_003_600);
    assert_eq!(oauth.consented(&code).await.unwrap_err().word(), "denied", "it was used");
    let late = Secret::new(bench.portal.code());
    hands.advance(SignedDuration::from_secs(31));
    assert_eq!(oauth.consented(&late).await.unwrap_err().word(), "denied", "it is too old");
    let next = oauth.renew(&pair.refresh).await.unwrap();
    assert_eq!(
        oauth.renew(&pair.refresh).await.unwrap_err().word(),
        "denied",
        "a refresh token is good once"
    );
    assert_ne!(next.refresh.expose(), pair.refresh.expose());
    assert!(!format!("{next:?}").contains(next.access.expose()));
}

#[tokio::test]
async fn a_person_consents_at_the_portal_itself() {
    let Consented { bench, oauth, .. } = consented(Clock::system()).await;
    let address = oauth.consent_address().unwrap();
    let wanted = "/oauth/authorize/?client_id=local.573ad8a0346747";
    assert_eq!(address.as_str(), format!("{}{wanted}", bench.portal.url()));
    let mut config = bench.config.clone();
    config.oauth = None;
    assert!(Oauth::new(&config, bench.caller.clone(), Clock::system()).is_err());
    config.oauth = Some(OauthConfig {
        client_id: String::new(),
        client_secret: Secret::new("x"),
        redirect_uri: String::new(),
        token_url: String::new(),
    });
    assert!(Oauth::new(&config, bench.caller, Clock::system()).is_err());
}
