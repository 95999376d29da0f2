//! Tokens: one that was given for good, and pairs that are renewed.

use base64::Engine;
use ids::{Clock, ManualClock, Timestamp};
use testkit::crms::{Deal, Trouble as Happens};

use super::super::Tokens;
use super::*;
use crate::adapters::{Pair, Renewal};
use crate::config::OauthConfig;
use crate::store::grant::Grants;
use crate::store::seal::Seal;

fn grants(account: &Account) -> Grants {
    let key = Secret::new(base64::engine::general_purpose::STANDARD.encode([7; 32]));
    Grants::new(account.pool.clone(), Seal::new(std::iter::once(&key)).unwrap())
}

async fn with_oauth() -> Account {
    account_with(quick(), |config| {
        let Options { client_id, client_secret, redirect_uri, .. } = Options::default();
        let client_secret = Secret::new(client_secret);
        config.oauth = Some(OauthConfig { client_id, client_secret, redirect_uri, token_url: String::new() });
    })
    .await
}

fn tokens(account: &Account, clock: Clock) -> Tokens {
    Tokens::new(&account.config, account.caller.clone(), clock).unwrap()
}

/// An adapter whose pair was consented to.
async fn renewed(account: &Account) -> (Arc<dyn Adapter>, Grants) {
    let (grants, (access, refresh)) = (grants(account), account.crm.pair());
    let pair = Pair {
        access: Secret::new(access),
        refresh: Secret::new(refresh),
        expires_at: Timestamp::UNIX_EPOCH,
    };
    grants.keep("sales", &pair).await.unwrap();
    let renewal = Arc::new(tokens(account, Clock::system()));
    let token = Token::Renewed { account: "sales".to_owned(), grants: grants.clone(), renewal };
    (super::super::open(&account.config, account.caller.clone(), token).unwrap(), grants)
}

#[tokio::test]
async fn a_token_that_was_given_and_is_over_asks_for_another() {
    let account = account().await;
    account.crm.expire_tokens();
    let (word, why) = told(account.adapter.made("lead-1").await);
    assert_eq!(word, "denied");
    assert!(why.contains("give the account a new one") && why.contains("Invalid user name"), "{why}");
    assert_eq!(account.crm.calls().lines.len(), 1, "the same token is not tried twice");
}

#[tokio::test]
async fn a_token_that_is_over_is_renewed_once_for_all_who_call() {
    let account = with_oauth().await;
    let deal = account.crm.add_deal(&Deal::default());
    let (adapter, grants) = renewed(&account).await;
    assert!(!adapter.has_note(&deal, "n").await.unwrap());
    account.crm.expire_tokens();
    let both = tokio::join!(adapter.has_note(&deal, "n"), adapter.has_note(&deal, "n"));
    assert!(both.0.is_ok() && both.1.is_ok(), "{both:?}");
    assert_eq!(account.crm.calls().of("POST /oauth2"), 1);
    assert_eq!(grants.current("sales").await.unwrap().expose(), "access-2");
    // In the middle of a write, which is done once.
    account.crm.faults().writes([Some(Happens::Expired)]);
    adapter
        .add_note(&deal, &crate::domain::deal::Note { mark: "m".to_owned(), text: pii("x") })
        .await
        .unwrap();
    assert_eq!((account.crm.deals()[0].notes.len(), account.crm.calls().of("POST /oauth2")), (1, 2));
}

#[tokio::test]
async fn a_token_that_ends_under_load_is_renewed_though_connections_are_fewer_than_callers() {
    let account = with_oauth().await;
    let deal = account.crm.add_deal(&Deal::default());
    let (adapter, _) = renewed(&account).await;
    account.crm.expire_tokens();
    account.crm.token_faults().writes([Some(Happens::DoneAndSlow(Duration::from_millis(300)))]);
    let callers = (0..16).map(|_| adapter.has_note(&deal, "n"));
    let answers = futures::future::join_all(callers).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(account.crm.calls().of("POST /oauth2"), 1);
}

#[tokio::test]
async fn a_renewal_that_fails_leaves_the_pair_as_it_is() {
    let account = with_oauth().await;
    let (adapter, grants) = renewed(&account).await;
    account.crm.expire_tokens();
    let failures = [Happens::Cut, Happens::Page(502), Happens::Status(429)];
    account.crm.token_faults().writes(failures.map(Some));
    for word in ["not_sent", "not_sent", "busy"] {
        // Nobody knows how the renewal ended; of the call itself it is known that nothing has happened.
        assert_eq!(told(adapter.made("lead-1").await).0, word);
        assert_eq!(grants.current("sales").await.unwrap().expose(), "access-1");
    }
    assert!(adapter.made("lead-1").await.unwrap().is_none());
}

#[tokio::test]
async fn a_refresh_token_that_is_used_up_or_taken_back_needs_a_new_consent() {
    let account = with_oauth().await;
    let (adapter, _) = renewed(&account).await;
    account.crm.expire_tokens();
    account.crm.token_faults().writes([Some(Happens::DoneAndCut)]);
    assert_eq!(told(adapter.made("lead-1").await).0, "not_sent");
    let (word, why) = told(adapter.made("lead-1").await);
    assert_eq!(word, "denied");
    assert!(why.contains("dragoman crm connect") && why.contains("Token has been revoked"), "{why}");
    // Whoever takes the integration out does the same.
    let (adapter, _) = renewed(&account).await;
    account.crm.expire_tokens();
    account.crm.revoke();
    assert_eq!(told(adapter.made("lead-1").await).0, "denied");
}

#[tokio::test]
async fn a_consent_gives_the_first_pair_once() {
    let account = with_oauth().await;
    let at = |seconds| Timestamp::from_second(seconds).unwrap();
    let clock = ManualClock::at(at(1_000_000));
    let tokens = tokens(&account, clock.clock());
    let code = Secret::new(account.crm.code());
    let pair = tokens.consented(&code).await.unwrap();
    assert_eq!(pair.expires_at, at(1_086_400));
    let next = tokens.renew(&pair.refresh).await.unwrap();
    assert_ne!(next.access.expose(), pair.access.expose());
    let (word, why) = told(tokens.consented(&code).await);
    assert!(word == "denied" && why.contains("twenty minutes"), "{why}");
    assert!(!format!("{pair:?}").contains("access-"));
}

#[tokio::test]
async fn tokens_are_asked_for_though_the_account_pauses() {
    let account = with_oauth().await;
    let mut connection = account.pool.acquire().await.unwrap();
    jobs::pause(&mut connection, &no_limit().key, Duration::from_secs(900)).await.unwrap();
    let code = Secret::new(account.crm.code());
    let tokens = tokens(&account, Clock::system());
    let pair = tokens.consented(&code).await.unwrap();
    tokens.renew(&pair.refresh).await.unwrap();
    assert_eq!(told(account.adapter.made("lead-1").await).0, "busy", "anything else waits");
}

#[tokio::test]
async fn a_database_of_ours_that_is_away_is_no_fault_of_the_crm() {
    let account = with_oauth().await;
    let (renewed, _) = renewed(&account).await;
    account.pool.close().await;
    for adapter in [renewed, account.adapter.clone()] {
        let trouble = adapter.made("lead-1").await.unwrap_err();
        assert!(matches!(trouble, Trouble::Ours(_)), "{trouble:?}");
    }
    assert!(account.crm.calls().lines.is_empty());
}

#[tokio::test]
async fn an_integration_that_is_only_half_named_is_told_at_the_start() {
    let account = with_oauth().await;
    let mut config = account.config.clone();
    let said = |config: &AccountConfig| {
        Tokens::new(config, account.caller.clone(), Clock::system()).err().map(|error| error.to_string())
    };
    assert_eq!(said(&config), None);
    config.oauth.as_mut().unwrap().redirect_uri.clear();
    assert!(said(&config).unwrap().contains("[[crm.accounts]] sales: oauth needs client_id"));
    config.oauth = None;
    assert!(said(&config).unwrap().contains("oauth is not set"));
}
