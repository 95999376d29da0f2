use rpc::Code;
use rpc::crm::publish_response::Outcome;
use rpc::crm::{Problem, PublishResponse, Version};

use super::stand::HOSTILE;
use super::{signed_in, start};

const PAGE: &str = "/admin/crm/sales";

/// The form as the page has it, with a field of the deal filled in.
const FILLED: [(&str, &str); 11] = [
    ("based_on", "0"),
    ("name", "Sale: {name}"),
    ("price", "{answers.budget}"),
    ("tags", "telegram\r\n{temperature}\r\n"),
    ("place", "3:111222"),
    ("responsible", "333"),
    ("fields.ours", "temperature"),
    ("fields.theirs", "901"),
    ("fields.ours", ""),
    ("fields.theirs", "902"),
    ("contact_fields.ours", ""),
];

fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    FILLED.into_iter().chain(more.iter().copied()).collect()
}

fn problem(place: &str, ours: &str) -> Problem {
    Problem {
        place: place.to_owned(),
        ours: ours.to_owned(),
        english: format!("{ours} does not fit <there>"),
        russian: format!("{ours} не подходит <туда>"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_crm_calls_its_fields_it_is_text_and_nothing_of_a_page_runs() {
    let (_stage, _, app) = start().await;
    let mut browser = signed_in(&app).await;
    let mut pages = vec![browser.get("/admin").await, browser.get(PAGE).await];
    pages.push(browser.get("/admin/crm/sales/history").await);
    browser.get(PAGE).await;
    for button in ["check", "dry-run", "add"] {
        let filled =
            with(&[("do", button), ("new_answer", HOSTILE), ("lead_id", HOSTILE), ("answer", HOSTILE)]);
        let mut filled = filled;
        filled[1].1 = HOSTILE;
        filled[7].1 = HOSTILE;
        pages.push(browser.post(PAGE, &filled).await);
    }
    for page in &pages {
        assert_eq!(page.status, 200, "{}", page.body);
        assert!(!page.body.contains("<script") && !page.body.contains("<img"), "{}", page.body);
        assert!(page.body.contains("&lt;script&gt;"));
        let header = |name: &str| page.headers[name].to_str().unwrap();
        let policy = header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe") && !page.body.contains("style="));
        assert_eq!(
            (header("x-frame-options"), header("cache-control"), header("x-content-type-options")),
            ("DENY", "no-store", "nosniff")
        );
    }
    let page = browser.get("/admin/crm/%3Cscript%3E").await;
    assert_eq!(page.status, 404);
    assert!(page.body.contains("no such account") && !page.body.contains("<script"));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mapping_is_filled_in_checked_tried_and_published() {
    let (_stage, stand, app) = start().await;
    let mut browser = signed_in(&app).await;
    let page = browser.get(PAGE).await;
    assert!(page.body.contains("<option value=\"3:111223\" selected>"), "{}", page.body);
    assert!(page.body.contains("<option value=\"902\" selected>") && !page.body.contains("value=\"903\""));
    assert!(page.body.contains("<option value=\"answers.budget\" selected>"));

    // What is wrong stands in the row of our field; what was filled in is still there.
    *stand.problems.lock().unwrap() = vec![problem("fields.901", "temperature"), problem("stage", "")];
    let page = browser.post(PAGE, &with(&[("do", "check")])).await;
    let row = page.body.split("<div class=\"row wrong\">").nth(1).unwrap().split("</div>").next().unwrap();
    assert!(
        row.contains("value=\"temperature\" selected")
            && row.contains("temperature does not fit &lt;there&gt;")
    );
    assert!(page.body.contains("Sale: {name}") && page.body.contains("telegram\n{temperature}"));
    stand.problems.lock().unwrap().clear();
    assert!(browser.post(PAGE, &with(&[("do", "check")])).await.body.contains("It fits the account"));

    let page = browser.post(PAGE, &with(&[("do", "dry-run"), ("lead", "lead-1")])).await;
    assert!(page.body.contains("Nothing was sent") && page.body.contains("<pre"), "{}", page.body);
    let tried = stand.dry_runs.lock().unwrap()[0].clone();
    let mapping = tried.mapping.unwrap();
    assert_eq!((tried.lead_id.as_str(), mapping.name.as_str()), ("lead-1", "Sale: {name}"));
    assert!(page.body.contains("<option value=\"lead-1\" selected>"));

    let page = browser.post(PAGE, &with(&[("do", "add"), ("new_answer", "answers.deadline")])).await;
    assert!(page.body.contains("<option value=\"answers.deadline\">"), "{}", page.body);
    assert!(stand.published.lock().unwrap().is_empty());

    let page = browser.post(PAGE, &with(&[("do", "publish")])).await;
    assert_eq!((page.status, page.location.as_str()), (303, "/admin/crm/sales?published=1"));
    let page = browser.get(&page.location).await;
    assert!(page.body.contains("Published as version 1") && page.body.contains("Sale: {name}"));
    let wish = stand.published.lock().unwrap()[0].clone();
    assert_eq!((wish.based_on, wish.by.as_str(), wish.unchecked), (0, "Vera", false));
    let sent = wish.mapping.unwrap();
    assert_eq!(
        (sent.pipeline.as_str(), sent.stage.as_str(), sent.responsible.as_str()),
        ("111", "222", "333")
    );
    assert_eq!(sent.tags, ["telegram", "{temperature}"]);
    assert_eq!(
        (sent.fields.len(), sent.fields[0].ours.as_str(), sent.fields[0].theirs.as_str()),
        (1, "temperature", "901")
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_published_in_between_is_told_and_nothing_that_was_written_is_lost() {
    let (_stage, stand, app) = start().await;
    let mut browser = signed_in(&app).await;
    browser.get(PAGE).await;
    let theirs =
        Version { version: 7, published_by: "Olga".to_owned(), published_at_ms: 1, ..Version::default() };
    let conflict = PublishResponse { version: Some(theirs), ..PublishResponse::default() };
    let conflict = PublishResponse { outcome: Outcome::Conflict.into(), ..conflict };
    *stand.comes_to.lock().unwrap() = Some(conflict.clone());
    let page = browser.post(PAGE, &with(&[("do", "publish")])).await;
    assert_eq!(page.status, 409);
    assert!(page.body.contains("somebody else has published") && page.body.contains("Olga"), "{}", page.body);
    assert!(page.body.contains("Sale: {name}") && page.body.contains("value=\"publish-over:7\""));
    assert!(stand.published.lock().unwrap().is_empty());
    browser.post(PAGE, &with(&[("do", "publish-over:7")])).await;
    assert_eq!(stand.published.lock().unwrap()[0].based_on, 7);

    // What does not fit is published only by whoever presses the button that says so.
    let problems = PublishResponse {
        outcome: Outcome::Problems.into(),
        problems: vec![problem("fields.901", "temperature")],
        can_be_published: true,
        ..PublishResponse::default()
    };
    *stand.comes_to.lock().unwrap() = Some(problems);
    let page = browser.post(PAGE, &with(&[("do", "publish")])).await;
    assert!(page.body.contains("nothing was published") && page.body.contains("value=\"publish-unchecked\""));
    browser.post(PAGE, &with(&[("do", "publish-unchecked")])).await;
    assert!(stand.published.lock().unwrap()[1].unchecked);

    browser.get("/admin/crm/sales/history").await;
    *stand.comes_to.lock().unwrap() = Some(conflict);
    let again = [("version", "1"), ("based_on", "2"), ("do", "again")];
    let page = browser.post("/admin/crm/sales/history", &again).await;
    assert!(page.status == 409 && page.body.contains("Olga"), "{}", page.body);
    assert_eq!(browser.post("/admin/crm/sales/history", &again).await.status, 303);
    let wish = stand.published.lock().unwrap()[2].clone();
    assert_eq!((wish.again, wish.based_on, wish.mapping.is_none()), (Some(1), 2, true));
    let page = browser.get("/admin/crm/sales?version=1").await;
    assert!(page.body.contains("Of version 1") && page.body.contains("This is version 1"), "{}", page.body);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_crm_or_its_service_is_away_the_page_says_so() {
    let (_stage, stand, app) = start().await;
    let mut browser = signed_in(&app).await;
    *stand.away.lock().unwrap() = true;
    let page = browser.get(PAGE).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("The CRM does not answer") && page.body.contains("sales answered 503"));
    assert!(page.body.contains("Deal of {name}") && page.body.contains("<option value=\"902\" selected>"));
    assert!(
        page.body.contains("<option value=\"3:111223\" selected>"),
        "nothing is lost when it is sent back"
    );
    *stand.refuses.lock().unwrap() = Some(Code::Unavailable);
    for path in ["/admin", PAGE, "/admin/crm/sales/history"] {
        let page = browser.get(path).await;
        assert_eq!(page.status, 503, "{path}");
        assert!(page.body.contains("does not answer right now") && !page.body.contains("postgres"));
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_in_the_language_of_the_browser_or_in_the_one_that_was_chosen() {
    let (_stage, stand, app) = start().await;
    let mut browser = signed_in(&app).await;
    browser.headers = vec![("accept-language", "ru-RU,ru;q=0.9,en;q=0.8".to_owned())];
    let page = browser.get(PAGE).await;
    assert!(page.body.contains("<html lang=\"ru\">") && page.body.contains("Опубликовать"), "{}", page.body);
    assert!(page.body.contains("насколько горяча заявка"));
    *stand.problems.lock().unwrap() = vec![problem("fields.901", "temperature")];
    assert!(browser.post(PAGE, &with(&[("do", "check")])).await.body.contains("temperature не подходит"));
    assert!(browser.get("/admin/crm/sales?lang=en").await.body.contains("Publish"));
    assert!(browser.get(PAGE).await.body.contains("Publish"), "the choice is kept");
    app.stop().await;
}
