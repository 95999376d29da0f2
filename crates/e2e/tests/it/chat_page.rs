//! The same way through the chat page in a browser, on a screen and on a phone, in both placements.

use std::fs;

use e2e::{BOT, Browser, Choices, Crm, Installation, Look, Placement, Updates};
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_screen_in_one_process() {
    let crm = Crm::start().await;
    let choices = Choices::new(Updates::LongPolling).paced().crm(&crm, "/leads");
    let installation = Installation::start(Placement::OneProcess, choices).await;
    installation.person("Мира", "ru").await;
    let maria = installation.person("Maria", "en").await;
    let browser = Browser::open(&installation.chat_page(), (1280, 800), Look::Light, "screen").await;
    // Whoever opens the page is somebody who speaks its language.
    let is_maria = "return document.querySelector('[data-testid=identity-name]')?.innerText === 'Maria';";
    browser.until("the English one is chosen", is_maria).await;
    browser.become_person(maria.id).await;
    browser.open_chat(BOT).await;
    browser.picture("1-start-light").await;
    browser.click("[data-testid=start-button]").await;
    browser.sees("Hi, Maria. I am DevBot").await;
    browser.picture("2-menu-light").await;
    browser.press("🧰 Services").await;
    browser.sees("What we do:").await;
    browser.write("What happens to the hours that were not used?").await;
    browser.sees("carry over for one month").await;
    browser.picture("3-answer-light").await;
    a_file_is_answered(&browser).await;
    the_intake(&browser).await;
    browser.picture("4-lead-light").await;
    browser.look(Look::Dark).await;
    browser.picture("5-lead-dark").await;

    let lead = crm.lead_of(maria.id).await;
    assert_eq!(lead.body["data"]["temperature"], "hot");
    let kpi =
        installation.api().kpi_when("the delivery", |kpi| kpi.count("/deliveries/delivered") == 1).await;
    assert_eq!((kpi.count("/leads/hot"), kpi.count("/conversations")), (1, 1));
    browser.close().await;
    installation.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_phone_in_a_process_for_each_role() {
    let crm = Crm::start().await;
    let choices = Choices::new(Updates::Webhook).paced().crm(&crm, "/leads");
    let installation = Installation::start(Placement::Split, choices).await;
    let boris = installation.person("Boris", "ru").await;
    let browser = Browser::open(&installation.chat_page(), (390, 844), Look::Dark, "phone").await;
    browser.become_person(boris.id).await;
    browser.picture("1-chats-dark").await;
    browser.open_chat(BOT).await;
    browser.click("[data-testid=start-button]").await;
    browser.sees("Здравствуйте, Boris. Я DevBot").await;
    browser.picture("2-menu-dark").await;
    browser.press("🚀 Начать проект").await;
    browser.sees("1/5. О чём речь?").await;
    browser.picture("3-intake-dark").await;
    it_can_be_read_and_touched(&browser).await;
    browser.press("Бот или ИИ-ассистент").await;
    browser.sees("2/5.").await;
    browser.write("Нужен бот для записи клиентов в салон").await;
    browser.sees("3/5.").await;
    browser.press("В течение месяца").await;
    browser.sees("4/5.").await;
    browser.write("300к").await;
    browser.sees("5/5.").await;
    browser.write("+7 912 345-67-89").await;
    browser.sees("Всё верно?").await;
    browser.press("✅ Отправить").await;
    browser.sees("Спасибо, Boris. Передал команде:").await;
    browser.picture("4-lead-dark").await;
    browser.look(Look::Light).await;
    browser.picture("5-lead-light").await;
    let wider = browser.ask("return document.documentElement.scrollWidth > innerWidth;").await;
    assert_eq!(wider, false, "the page is wider than the phone");
    // What was said is still there after a new start of the page.
    browser.reload().await;
    browser.open_chat(BOT).await;
    browser.sees("Спасибо, Boris. Передал команде:").await;

    let lead = crm.lead_of(boris.id).await;
    let data = &lead.body["data"];
    assert_eq!((&data["temperature"], &data["language"]), (&json!("warm"), &json!("ru")), "{data}");
    assert_eq!(data["contact"]["phone"], "+79123456789");
    let kpi =
        installation.api().kpi_when("the delivery", |kpi| kpi.count("/deliveries/delivered") == 1).await;
    assert_eq!((kpi.count("/leads/warm"), kpi.count("/conversations")), (1, 1));
    browser.close().await;
    installation.stop().await;
}

/// In the dark a button stands out from what is behind it and the time from its bubble, in which it stands; and all that
/// can be touched is as high as a finger is wide.
async fn it_can_be_read_and_touched(browser: &Browser) {
    let faults = browser.ask(FAULTS).await;
    assert_eq!(faults, json!([]));
}

const FAULTS: &str = r"
    const channels = (color) => color.match(/[\d.]+/g).slice(0, 3).map((c) => c / 255);
    const linear = (c) => (c <= 0.04 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    const light = (color) => {
        const [r, g, b] = channels(color).map(linear);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const contrast = (...colors) => {
        const [dark, bright] = colors.map(light).sort((a, b) => a - b);
        return (bright + 0.05) / (dark + 0.05);
    };
    const style = (node) => getComputedStyle(node);
    const faults = [];
    for (const button of document.querySelectorAll('[data-testid=inline-button], .chat .icon-button:not(.more)')) {
        const box = button.getBoundingClientRect();
        if (box.height > 0 && (box.height < 44 || box.width < 44)) faults.push(`${box.width}x${box.height}: ${button.innerText || button.title}`);
    }
    const behind = style(document.body).backgroundColor;
    for (const button of document.querySelectorAll('[data-testid=inline-button]')) {
        const { backgroundColor, color } = style(button);
        if (contrast(backgroundColor, behind) < 1.2 || contrast(backgroundColor, color) < 4.5) faults.push(`${backgroundColor} ${color}: ${button.innerText}`);
    }
    for (const time of document.querySelectorAll('.in .bubble .meta')) {
        const bubble = time.closest('.bubble');
        const [inner, outer] = [time.getBoundingClientRect(), bubble.getBoundingClientRect()];
        if (inner.bottom > outer.bottom - 2 || inner.right > outer.right) faults.push(`outside: ${bubble.innerText}`);
        if (contrast(style(time).color, style(bubble).backgroundColor) < 4.5) faults.push(`pale: ${bubble.innerText}`);
    }
    return faults;";

async fn a_file_is_answered(browser: &Browser) {
    let file = browser.folder().join("brief.txt");
    fs::write(&file, "What we want, in ten pages.").unwrap();
    browser.send_file(&file).await;
    browser.sees("Got it: brief.txt").await;
    let shown = browser.ask("return document.querySelector('[data-testid=document]').innerText;").await;
    assert!(shown.as_str().unwrap().contains("brief.txt"), "{shown}");
}

async fn the_intake(browser: &Browser) {
    browser.press("🚀 Start a project").await;
    browser.sees("1/5. What are we talking about?").await;
    browser.press("Cloud or Kubernetes").await;
    browser.sees("2/5.").await;
    browser.write("Twelve services on two old servers; releases take a night and somebody has to stay awake for them.").await;
    browser.sees("3/5. When do you need it?").await;
    browser.press("It is urgent").await;
    browser.sees("4/5.").await;
    browser.press("$15k–50k").await;
    browser.sees("5/5.").await;
    browser.write("maria@example.com").await;
    browser.sees("Here is what I would pass on:").await;
    browser.press("✅ Send").await;
    browser.sees("Thank you, Maria. I have passed it on:").await;
}
