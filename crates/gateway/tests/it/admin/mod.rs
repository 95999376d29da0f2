//! The admin pages, as a person's browser asks for them, over a CRM service that says what it is told to.

mod browsing;
mod editing;
mod signing_in;
mod stand;

use gateway::Gateway;
use testkit::{App, Stage};

use crate::support::ADMIN;
use browsing::Browser;
use stand::Stand;

fn config(more: &str) -> String {
    format!("[gateway]\nadmin_token = \"{ADMIN}\"\n{more}")
}

async fn start() -> (Stage, Stand, App) {
    let stand = Stand::default();
    let stage = testkit::stage(&[&Gateway, &stand]).await;
    let app = stage.start(&[&Gateway, &stand], &config("")).await;
    (stage, stand, app)
}

/// Somebody who has signed in.
async fn signed_in(app: &App) -> Browser {
    let mut browser = Browser::new(app);
    let page = browser.sign_in("Vera", ADMIN).await;
    assert_eq!((page.status, page.location.as_str()), (303, "/admin"), "{}", page.body);
    browser
}
