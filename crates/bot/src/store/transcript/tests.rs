use ids::{Clock, Ids, SignedDuration};

use super::*;
use crate::store::conversation::ChatKey;
use crate::store::export::{Export, SECTIONS, each_row};
use crate::store::message::{Message, append};
use crate::store::tests::{change, database, number};
use crate::store::{archive, file, person};

const T: i64 = 1_700_000_000_000;

fn message(
    conversation_id: ConversationId,
    from_person: bool,
    kind: &str,
    text: &str,
    label: &str,
) -> Message {
    Message {
        conversation_id,
        at_ms: T,
        from_person,
        kind: kind.to_owned(),
        text: Pii::new(text.to_owned()),
        label: Pii::new(label.to_owned()),
        message_id: 1,
        answers: 0,
        ignored_why: None,
        understood: None,
    }
}

async fn labels(pool: &Pool, id: ConversationId) -> Vec<String> {
    lines(pool, id).await.unwrap().into_iter().map(|line| line.label.into_inner()).collect()
}

#[tokio::test]
async fn what_stood_on_a_button_goes_where_the_words_go() {
    let (_database, pool) = database().await;
    let mut tx = pool.acquire().await.unwrap();
    change(
        &mut tx,
        "insert into conversation (bot, chat_id, id, chat_kind, language, state, updated_at)
         values ('sales', 7, gen_random_uuid(), 'private', 'en', '{}', now() - interval '1 day')",
    )
    .await;
    let id: Uuid = sqlx::query_scalar("select id from conversation").fetch_one(&mut *tx).await.unwrap();
    let of = ConversationId(id);
    let said = [
        message(of, false, "flow", "How do we reach you?", "anna@example.com\nIn Telegram"),
        message(of, true, "button", "s:5:contact:0", "anna\0@example.com"),
        message(of, true, "text", "thanks", ""),
    ];
    append(&mut tx, &said).await.unwrap();
    let wanted = ["anna@example.com\nIn Telegram", "anna@example.com", ""];
    assert_eq!(labels(&pool, of).await, wanted);

    // Conversations are archived by when they were touched last.
    let cutoff = Clock::system().now().checked_sub(SignedDuration::from_hours(1)).unwrap();
    assert_eq!(archive::tests::archive_idle(&pool, cutoff).await, 1);
    assert_eq!(number(&mut tx, "select count(*) from message").await, 0);
    assert_eq!(labels(&pool, of).await, wanted);

    let key = ChatKey { bot: "sales".to_owned(), chat_id: 7 };
    let export = Export { key: key.clone(), conversation_id: id, language: "en".to_owned(), age: 0.0 };
    let section = SECTIONS.iter().find(|section| section.name == "messages").unwrap();
    assert!(section.columns.contains(&"label"));
    let mut given = String::new();
    each_row(&pool, section, &export, |row| {
        given += row;
        true
    })
    .await
    .unwrap();
    assert!(given.contains(r#""text":"s:5:contact:0","label":"anna@example.com""#), "{given}");

    person::erase(&mut tx, &key, id).await.unwrap();
    let left = "select (select count(*) from message) + (select count(*) from message_archive)";
    assert_eq!(number(&mut tx, left).await, 0);
}

#[tokio::test]
async fn a_file_is_called_by_its_name_while_it_is_kept() {
    let (_database, pool) = database().await;
    let mut tx = pool.acquire().await.unwrap();
    let of = Ids::system().conversation();
    let other = Ids::system().conversation();
    for (conversation, name) in [(of, "a.pdf"), (of, "b.pdf"), (other, "c.pdf")] {
        file::receive(&mut tx, &file::tests::new(conversation, name, T)).await.unwrap();
    }
    let sent = || message(of, true, "document", "", "");
    let photo = message(of, true, "photo", "", "");
    append(&mut tx, &[sent(), sent(), photo, sent(), message(of, false, "document", "", "")]).await.unwrap();
    let names = async || -> Vec<Option<String>> {
        let lines = lines(&pool, of).await.unwrap();
        lines.into_iter().map(|line| line.file.map(Pii::into_inner)).collect()
    };
    assert_eq!(names().await, [Some("a.pdf".to_owned()), Some("b.pdf".to_owned()), None, None, None]);
    person::erase(&mut tx, &ChatKey { bot: "sales".to_owned(), chat_id: 7 }, of.0).await.unwrap();
    append(&mut tx, &[sent()]).await.unwrap();
    assert_eq!(names().await, [None], "an erased file has no name, though its row waits for the storage");
}
