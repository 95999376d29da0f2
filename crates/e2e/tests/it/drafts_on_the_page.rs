//! An answer that grows on the chat page, on a screen and on a phone, and the button that stops it.

use e2e::{BOT, Browser, Look, Placement, Updates};

use crate::drafts::{QUESTION, World};

const DRAFT: &str = "document.querySelector('[data-testid=draft]')";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_screen_it_grows_is_stopped_and_the_next_one_becomes_the_message() {
    grows((1200, 800), Look::Light, "drafts-screen").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_phone_it_grows_is_stopped_and_the_next_one_becomes_the_message() {
    grows((390, 844), Look::Dark, "drafts-phone").await;
}

async fn grows(size: (u32, u32), look: Look, name: &str) {
    let world = World::new(Placement::OneProcess, Updates::Webhook).await;
    let browser = Browser::open(&world.installation.chat_page(), size, look, name).await;
    browser.become_person(world.anna.id).await;
    browser.picture("0-chats").await;
    browser.open_chat(BOT).await;
    browser.write(QUESTION).await;
    let call = world.model.next_call().await;
    call.writes("We have no penguins in the office. They would ");
    shows(&browser, "We have no penguins in the office.").await;
    browser.picture("1-begun").await;
    call.writes("not like it here in winter:\n- it is too warm for them\n- nobody brings any fish\nAnd so ");
    shows(&browser, "nobody brings any fish").await;
    browser.picture("2-grown").await;
    let wider = browser.ask("return document.documentElement.scrollWidth > innerWidth;").await;
    assert_eq!(wider, false, "the page is wider than the window");
    browser.click("[data-testid=draft-stop]").await;
    browser.sees("nobody brings any fish").await;
    browser.until("the draft is gone", &format!("return !{DRAFT};")).await;
    browser.picture("3-stopped").await;
    drop(call);

    browser.write("And which of them live there in summer?").await;
    let call = world.model.next_call().await;
    call.writes("They all live in the sea in every season. Some ");
    shows(&browser, "They all live in the sea in every season.").await;
    call.writes("of them live in the zoo. ");
    call.ends();
    browser.sees("Some of them live in the zoo.").await;
    browser.until("the draft is gone", &format!("return !{DRAFT};")).await;
    browser.picture("4-answered").await;
    browser.close().await;
    world.stop().await;
}

async fn shows(browser: &Browser, part: &str) {
    let script = format!("return !!{DRAFT}?.innerText.includes('{part}');");
    browser.until(&format!("a draft shows {part:?}"), &script).await;
}
