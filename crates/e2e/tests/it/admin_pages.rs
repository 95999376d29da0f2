//! The admin pages in a real browser, in front of a CRM: signing in, a mapping that does not fit, its mending, its
//! publication, and the lead that is made by it.

use crm::Crm;
use e2e::{Browser, Look};
use events::message::bot::{Contact, LeadCaptured};
use events::{Envelope, Key, Trail};
use gateway::Gateway;
use ids::Ids;
use serde_json::json;
use testkit::crms::amocrm::{Amocrm, Options};
use testkit::until;

const TOKEN: &str = "the-admin-token";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mapping_is_mended_on_a_screen_and_looked_at_on_a_phone() {
    let amocrm = Amocrm::start(Options { per_second: 1_000, ..Options::default() }).await;
    let stage = testkit::stage(&[&Gateway, &Crm]).await;
    for service in ["bot", "llm"] {
        stage.bus().ensure_stream(service).await.unwrap();
    }
    let settings = format!(
        "[gateway]\nadmin_token = \"{TOKEN}\"\n[crm]\nallow_private_addresses = [\"127.0.0.0/8\"]\n\
         [[crm.accounts]]\nname = \"sales\"\nkind = \"amocrm\"\nurl = \"{}\"\ntoken = \"{}\"\nper_second = 1000\n",
        amocrm.url(),
        amocrm.token()
    );
    let app = stage.start(&[&Gateway, &Crm], &settings).await;

    let address = format!("{}/admin", app.url());
    let browser = Browser::visit(&address, (1200, 800), Look::Light, "admin").await;
    shows(&browser, "Sign in").await;
    looks_right(&browser, "1-sign-in").await;
    browser.type_into("#name", "Vera").await;
    browser.type_into("#token", "a guess").await;
    browser.follow("main .primary").await;
    shows(&browser, "This is not the token").await;
    browser.type_into("#token", TOKEN).await;
    browser.follow("main .primary").await;
    shows(&browser, "Accounts").await;
    looks_right(&browser, "2-accounts").await;
    browser.follow(".card h2 a").await;
    shows(&browser, "Fields of the deal").await;
    looks_right(&browser, "3-mapping").await;

    // A text into a choice: told beside its row, by our name; what was chosen is still there.
    choose(&browser, "why", "901").await;
    browser.follow("button[value=check]").await;
    shows(&browser, "why may be").await;
    let row = browser.ask("return document.querySelector('.row.wrong').innerText;").await;
    assert!(row.as_str().unwrap().contains("takes one of"), "{row}");
    looks_right(&browser, "4-problem").await;
    choose(&browser, "temperature", "901").await;
    browser.follow("button[value=dry-run]").await;
    shows(&browser, "What would be sent").await;
    let payload = browser.ask("return JSON.parse(document.querySelector('pre').innerText);").await;
    assert!(payload["calls"][0]["body"].to_string().contains("901"), "{payload}");
    looks_right(&browser, "5-dry-run").await;
    browser.follow("button[value=publish]").await;
    shows(&browser, "Published as version 1").await;
    looks_right(&browser, "6-published").await;
    browser.follow("a[href$=history]").await;
    shows(&browser, "Use this again").await;
    looks_right(&browser, "7-history").await;

    captured(&stage).await;
    let deal = until("the lead is a deal", async || amocrm.deals().into_iter().next()).await;
    assert!(deal.fields.contains_key("901"), "{deal:?}");

    // The one tab has a session; a phone is a narrower window of it.
    browser.size((390, 844)).await;
    browser.look(Look::Dark).await;
    for (name, path) in [
        ("history", "/admin/crm/sales/history"),
        ("mapping", "/admin/crm/sales?lang=ru"),
        ("accounts", "/admin"),
    ] {
        // Also where it is the page that is shown already.
        browser.ask(&format!("window.e2eOld = true; location.href = {};", json!(path))).await;
        browser.until("the page is there", &format!("return !window.e2eOld && document.readyState === 'complete' && location.pathname + location.search === {};", json!(path))).await;
        looks_right(&browser, &format!("8-phone-{name}")).await;
    }
    shows(&browser, "Аккаунты").await;
    browser.follow(".out button").await;
    shows(&browser, "Вход").await;
    looks_right(&browser, "9-phone-sign-in").await;
    browser.close().await;
    app.stop().await;
}

/// Waits until the page has this text.
async fn shows(browser: &Browser, part: &str) {
    let there = format!(
        "return document.readyState === 'complete' && document.body.innerText.includes({});",
        json!(part)
    );
    browser.until(&format!("the page shows {part:?}"), &there).await;
}

/// Chooses in the first row of the deal's fields.
async fn choose(browser: &Browser, ours: &str, theirs: &str) {
    let script = format!(
        "const of = (side) => document.querySelector(`[name=\"fields.${{side}}\"]`);
         of('ours').value = {}; of('theirs').value = {};
         return [of('ours').value, of('theirs').value];",
        json!(ours),
        json!(theirs)
    );
    assert_eq!(browser.ask(&script).await, json!([ours, theirs]), "both can be chosen");
}

/// Nothing is wider than the window, too small for a finger or too pale to be read; and a picture for people.
async fn looks_right(browser: &Browser, name: &str) {
    browser.whole_picture(name).await;
    assert_eq!(browser.ask(FAULTS).await, json!([]), "{name}");
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
    const behind = (node) => {
        for (let at = node; at; at = at.parentElement) {
            const color = getComputedStyle(at).backgroundColor;
            if (!/, 0\)$/.test(color) && color !== 'transparent') return color;
        }
        return getComputedStyle(document.body).backgroundColor;
    };
    const faults = [];
    if (document.documentElement.scrollWidth > innerWidth) faults.push(`wide: ${document.documentElement.scrollWidth}`);
    for (const node of document.querySelectorAll('a, button, select, input:not([type=hidden]), textarea, summary')) {
        const box = node.getBoundingClientRect();
        const inline = node.tagName === 'A' && getComputedStyle(node).display === 'inline';
        if (!inline && box.height > 0 && box.height < 43.5) faults.push(`${box.height} high: ${node.innerText || node.name}`);
    }
    for (const node of document.querySelectorAll('main *, header *')) {
        const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
        if (!own || !node.getClientRects().length) continue;
        const ratio = contrast(getComputedStyle(node).color, behind(node));
        if (ratio < 4.5) faults.push(`${ratio.toFixed(1)} pale: ${node.innerText.slice(0, 40)}`);
    }
    return faults;";

async fn captured(stage: &testkit::Stage) {
    let ids = Ids::system();
    let id = ids.event();
    let lead = LeadCaptured {
        lead_id: ids.uuid().to_string(),
        conversation_id: ids.uuid().to_string(),
        bot: "sales".to_owned(),
        language: "en".to_owned(),
        temperature: "hot".to_owned(),
        contact: Some(Contact {
            name: "Ada".to_owned(),
            phone: "+79129876543".to_owned(),
            ..Contact::default()
        }),
        at_ms: 1_760_000_000_000,
        ..LeadCaptured::default()
    };
    let trail = Trail::start(ids.trace(), id.clone());
    stage.bus().publish(Envelope::new(id, Key::chat("sales", 7), trail, lead.at_ms, &lead)).await.unwrap();
}
