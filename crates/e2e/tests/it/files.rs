//! Files that people send, as they, the CRM and whoever fetches them see it.

use e2e::{
    Attachment, Choices, Clamd, Crm, FilesChoices, Installation, Person, Placement, Updates, free_port,
};
use serde_json::{Value, json};

const PDF: &[u8] = b"%PDF-1.4\n1 0 obj\n<</Type/Catalog>>\nendobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

fn document<'a>(name: &'a str, content: &'a [u8]) -> Attachment<'a> {
    Attachment { name, content, caption: "", album: "" }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_kept_told_of_sent_to_the_crm_and_fetched_by_a_link() {
    let (crm, clamd) = (Crm::start().await, Clamd::start(free_port()).await);
    let files = FilesChoices { clamav: clamd.address().to_owned(), link_seconds: 10 };
    let choices = Choices::new(Updates::Webhook).crm(&crm, "/leads").files(files);
    let installation = Installation::start(Placement::OneProcess, choices).await;
    let anna = installation.person("Anna", "en").await;
    an_album_is_told_of_in_one_message(&anna).await;
    what_is_not_taken_is_said(&anna).await;
    assert_eq!(clamd.scanned(), 3, "only what may be kept is scanned");
    let files = they_go_with_the_lead(&anna, &crm).await;
    a_link_opens_the_file_for_a_while(&installation, &files).await;
    installation.stop().await;
}

async fn an_album_is_told_of_in_one_message(anna: &Person) {
    anna.sends(Attachment { album: "1", ..document("../план\u{202e}.PDF", PDF) }).await;
    anna.sends(Attachment { album: "1", ..document("notes.txt", b"Two servers, one database.\n") }).await;
    let heard = anna.hears("Got it: план.pdf, notes.txt.").await;
    assert!(heard.has_button("📎 Pass it on"), "{heard:?}");
}

async fn what_is_not_taken_is_said(anna: &Person) {
    let page = b"<!DOCTYPE html><script>alert(1)</script>";
    anna.sends(document("invoice.pdf", page)).await;
    anna.hears("invoice.pdf: I can not take this kind of file.").await;
    anna.sends(document("eicar.txt", Clamd::eicar().as_bytes())).await;
    anna.hears("eicar.txt: the virus scan found something in it").await;
    anna.says_it_sends("film.pdf", 21 << 20).await;
    anna.hears("film.pdf: larger than 10 MB").await;
}

async fn they_go_with_the_lead(anna: &Person, crm: &Crm) -> Vec<Value> {
    anna.presses("📎 Pass it on").await;
    anna.hears("1/3. Which files shall I pass on?").await;
    anna.presses("✅ Done").await;
    anna.hears("2/3.").await;
    anna.writes("We would like to move this to Kubernetes.").await;
    anna.hears("3/3.").await;
    anna.writes("anna@example.com").await;
    anna.hears("• Files: план.pdf, notes.txt").await;
    let lead = crm.lead_of(anna.id).await;
    let files = lead.body["data"]["files"].as_array().unwrap().clone();
    let told: Vec<Value> =
        files.iter().map(|file| json!([file["name"], file["media_type"], file["size_bytes"]])).collect();
    assert_eq!(
        told,
        [json!(["план.pdf", "application/pdf", PDF.len()]), json!(["notes.txt", "text/plain", 27])]
    );
    files
}

async fn a_link_opens_the_file_for_a_while(installation: &Installation, files: &[Value]) {
    let api = installation.api();
    let id = files[0]["id"].as_str().unwrap();
    let path = format!("/v1/files/{id}/link");
    assert_eq!(api.post(&path, None).await.status(), 401);
    assert_eq!(api.post(&path, Some("guessed")).await.status(), 401);
    let given = api.post(&path, Some(FilesChoices::TOKEN)).await;
    let given: Value = given.json().await.unwrap();
    assert_eq!(given["name"], "план.pdf");
    let link = given["url"].as_str().unwrap();
    let answer = api.get(link).await;
    assert_eq!(answer.status(), 200);
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/pdf");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert!(header("content-disposition").starts_with("attachment; filename=\"____.pdf\""));
    assert!(header("cache-control").contains("no-store"));
    assert_eq!(answer.bytes().await.unwrap(), PDF);

    let other = files[1]["id"].as_str().unwrap();
    for forged in [link.replace(id, other), link.replace("expires=", "expires=9"), format!("/files/{id}")] {
        let status = api.get(&forged).await.status();
        assert!([403, 400].contains(&status.as_u16()), "{forged}: {status}");
    }
    let expired = async || (api.get(link).await.status() == 410).then_some(());
    testkit::until("the link is no longer good", expired).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_scanner_is_down_the_person_knows_and_nothing_is_lost() {
    let port = free_port();
    let files = FilesChoices { clamav: format!("127.0.0.1:{port}"), link_seconds: 900 };
    let choices = Choices::new(Updates::LongPolling).files(files);
    let installation = Installation::start(Placement::Split, choices).await;
    let ivan = installation.person("Иван", "ru").await;
    ivan.sends(Attachment { caption: "сколько это стоит?", ..document("тз.pdf", PDF) }).await;
    ivan.hears("Зависит от задачи").await;
    ivan.hears("тз.pdf — уже у меня, но проверка идёт дольше обычного").await;
    let clamd = Clamd::start(port).await;
    ivan.hears("Получил: тз.pdf.").await;
    assert_eq!(clamd.scanned(), 1);
    installation.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_can_not_be_fetched_ends_in_a_message_and_a_dead_letter() {
    let files = FilesChoices { clamav: String::new(), link_seconds: 900 };
    let installation =
        Installation::start(Placement::OneProcess, Choices::new(Updates::Webhook).files(files)).await;
    let anna = installation.person("Anna", "en").await;
    let fault = json!({
        "method": "getFile", "times": 1, "fail": { "status": 400, "description": "Bad Request: wrong file_id" }
    });
    anna.telegram("faults", &fault).await;
    anna.sends(document("brief.pdf", PDF)).await;
    anna.hears("brief.pdf: I could not save it").await;
    let letters = installation.dragoman(&["dead-letters", "list", "--json"]).await.fine();
    let letter: Value = serde_json::from_str(letters.trim()).unwrap();
    assert_eq!((&letter["service"], &letter["kind"]), (&json!("bot"), &json!("job")), "{letter}");
    assert!(!letters.contains("brief"), "a dead letter tells no personal data: {letters}");
    // An operator has it tried again, and this time it comes.
    let id = letter["id"].to_string();
    let replayed = installation.dragoman(&["dead-letters", "replay", "--service", "bot", &id]).await.fine();
    assert_eq!(replayed.trim(), format!("bot handles {id} again"));
    anna.hears("Got it: brief.pdf.").await;
    installation.stop().await;
}
