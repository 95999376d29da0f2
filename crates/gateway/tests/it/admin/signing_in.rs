use gateway::Gateway;
use ids::{ManualClock, SignedDuration};

use super::{Browser, config, signed_in, start};
use crate::support::ADMIN;

#[tokio::test(flavor = "multi_thread")]
async fn only_who_knows_the_token_sees_a_page_and_who_signs_out_sees_none_any_more() {
    let (stage, _, app) = start().await;
    let mut browser = Browser::new(&app);
    for path in ["/admin", "/admin/crm/sales", "/admin/crm/sales/history"] {
        let page = browser.get(path).await;
        assert_eq!((page.status, page.location.as_str()), (303, "/admin/sign-in"), "{path}");
        let page = browser.post(path, &[("do", "publish")]).await;
        assert!(page.status == 405 || page.location == "/admin/sign-in", "{path}: {}", page.status);
    }
    assert_eq!(browser.sign_in("Vera", "a guess").await.status, 401);
    assert_eq!(browser.sign_in("  ", ADMIN).await.status, 400);
    assert_eq!(browser.get("/admin").await.status, 303);

    browser.headers = vec![("x-forwarded-proto", "https".to_owned())];
    let page = browser.sign_in("Vera <b>", ADMIN).await;
    let cookies: Vec<&str> =
        page.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap()).collect();
    let session = cookies.iter().find(|line| line.starts_with("dragoman_admin=")).unwrap();
    for rule in ["HttpOnly", "SameSite=Strict", "Secure", "Path=/admin", "Max-Age=43200"] {
        assert!(session.contains(rule), "{session}");
    }
    let page = browser.get("/admin").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("sales") && page.body.contains("Vera &lt;b&gt;"), "{}", page.body);

    // What the database has opens nothing.
    let kept: Vec<u8> =
        sqlx::query_scalar("select hash from admin_session").fetch_one(stage.pool("gateway")).await.unwrap();
    let mut thief = Browser::new(&app);
    thief.cookies.insert("dragoman_admin".to_owned(), hex::encode(kept));
    assert_eq!(thief.get("/admin").await.status, 303);

    thief.cookies = browser.cookies.clone();
    assert_eq!(thief.get("/admin").await.status, 200, "it is the cookie that counts");
    assert_eq!(browser.post("/admin/sign-out", &[]).await.location, "/admin/sign-in");
    assert_eq!(thief.get("/admin").await.status, 303, "the session is over, not the cookie alone");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_holds_on_every_replica_for_twelve_hours_and_ends_with_the_token() {
    let (stage, stand, app) = start().await;
    let mut browser = signed_in(&app).await;
    app.stop().await;
    let clock = ManualClock::at(ids::Clock::system().now());
    let app = stage.start_at(&[&Gateway, &stand], &config(""), clock.clock()).await;
    browser.url = app.url();
    assert_eq!(browser.get("/admin").await.status, 200);
    clock.advance(SignedDuration::from_mins(11 * 60 + 50));
    assert_eq!(browser.get("/admin").await.status, 200);
    clock.advance(SignedDuration::from_mins(11));
    assert_eq!(browser.get("/admin").await.status, 303);
    app.stop().await;

    let app = stage.start(&[&Gateway, &stand], &config("")).await;
    let mut browser = signed_in(&app).await;
    app.stop().await;
    let app = stage.start(&[&Gateway, &stand], "[gateway]\nadmin_token = \"another\"\n").await;
    browser.url = app.url();
    assert_eq!(browser.get("/admin").await.status, 303, "it was opened with another token");
    app.stop().await;

    let app = stage.start(&[&Gateway, &stand], "").await;
    browser.url = app.url();
    let refused = browser.sign_in("Vera", "").await.status;
    assert!([401, 403].contains(&refused), "without a token there is no way in: {refused}");
    assert!(browser.get("/admin/sign-in").await.body.contains("no admin token yet"));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_guesses_is_held_up_on_all_replicas_and_nobody_else_is() {
    let (stage, stand, first) = start().await;
    let clock = ManualClock::at(ids::Clock::system().now());
    first.stop().await;
    let mut apps = Vec::new();
    for _ in 0..2 {
        apps.push(stage.start_at(&[&Gateway, &stand], &config(""), clock.clock()).await);
    }
    let mut browser = Browser::new(&apps[0]);
    browser.headers = vec![("x-forwarded-for", "6.6.6.6, 203.0.113.7".to_owned())];
    for n in 0..10 {
        browser.url = apps[n % 2].url();
        assert_eq!(browser.sign_in("Eve", "a guess").await.status, 401, "{n}");
    }
    for app in &apps {
        browser.url = app.url();
        // Another address in front is what the caller says of itself.
        browser.headers[0].1 = "7.7.7.7, 203.0.113.7".to_owned();
        let page = browser.sign_in("Eve", ADMIN).await;
        assert_eq!((page.status, page.headers["retry-after"].to_str().unwrap()), (429, "60"));
        assert!(page.body.contains("Too many tries"));
    }
    // However often: what is left to all others stays theirs.
    for _ in 0..100 {
        assert_eq!(browser.sign_in("Eve", ADMIN).await.status, 429);
    }
    signed_in(&apps[0]).await;
    clock.advance(SignedDuration::from_secs(61));
    assert_eq!(browser.sign_in("Eve", ADMIN).await.status, 303);
    for app in apps {
        app.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_another_site_or_session_does_nothing() {
    let (_stage, stand, app) = start().await;
    let mut browser = signed_in(&app).await;
    browser.get("/admin/crm/sales").await;
    let word = browser.word.clone();
    let publish = [("do", "publish"), ("based_on", "0"), ("name", "x")];
    for wrong in ["", "0000", &signed_in(&app).await.word] {
        let page = browser.post_with("/admin/crm/sales", wrong, &publish).await;
        assert_eq!(page.status, 403, "{wrong}");
    }
    for path in ["/admin/crm/sales", "/admin/crm/sales/history", "/admin/sign-out"] {
        browser.headers = vec![("sec-fetch-site", "cross-site".to_owned())];
        assert_eq!(browser.post_with(path, &word, &publish).await.status, 403, "{path}");
    }
    assert!(stand.published.lock().unwrap().is_empty());
    browser.headers = vec![("sec-fetch-site", "same-origin".to_owned())];
    assert_eq!(browser.post_with("/admin/crm/sales", &word, &publish).await.status, 303);
    assert_eq!(stand.published.lock().unwrap().len(), 1);
    // Nor is anybody signed in by a form that their browser has not loaded.
    let mut stranger = Browser::new(&app);
    let fields = [("name", "Eve"), ("token", ADMIN)];
    assert_eq!(stranger.post("/admin/sign-in", &fields).await.status, 403);
    app.stop().await;
}
