use ids::Ids;

use super::*;
use crate::store::file_news;
use crate::store::tests::database;

const T: i64 = 1_700_000_000_000;

/// A file as it comes; the same name is the same file.
pub(crate) fn new(conversation_id: ConversationId, name: &str, at_ms: i64) -> NewFile {
    let text = |text: &str| Pii::new(text.to_owned());
    NewFile {
        id: Ids::system().uuid(),
        key: ChatKey { bot: "sales".to_owned(), chat_id: 7 },
        conversation_id,
        topic: None,
        file: SentFile {
            kind: "document".to_owned(),
            file_id: text("to fetch it"),
            unique_id: text(name),
            name: text(name),
            size: Some(5),
            caption: text("the tender"),
        },
        limits: FileLimits { bytes: 10, per_day: 2 },
        received_at_ms: at_ms,
        expires_at_ms: at_ms + 1_000,
    }
}

pub(crate) fn outcome(fate: FileFate) -> Outcome {
    let name = Pii::new("safe.pdf".to_owned());
    Outcome { fate, found: String::new(), name, media_type: "application/pdf", size: Some(6) }
}

#[tokio::test]
async fn a_file_that_comes_again_is_the_same_file_and_is_looked_through_once() {
    let (_database, pool) = database().await;
    let mut tx = pool.acquire().await.unwrap();
    let conversation = Ids::system().conversation();
    let (id, is_open) = receive(&mut tx, &new(conversation, "a.pdf", T)).await.unwrap();
    assert!(is_open);
    assert_eq!(receive(&mut tx, &new(conversation, "a.pdf", T)).await.unwrap(), (id, true));
    assert!(end(&mut tx, id, &outcome(FileFate::Kept)).await.unwrap());
    assert!(!end(&mut tx, id, &outcome(FileFate::WrongType)).await.unwrap(), "it is known by now");
    assert_eq!(receive(&mut tx, &new(conversation, "a.pdf", T)).await.unwrap(), (id, false));
    assert_eq!(kept(&mut tx, id, T).await.unwrap().unwrap().name, "safe.pdf");
    // What was refused may be let in by now.
    let (other, _) = receive(&mut tx, &new(conversation, "b.pdf", T)).await.unwrap();
    end(&mut tx, other, &outcome(FileFate::TooLarge)).await.unwrap();
    assert_eq!(receive(&mut tx, &new(conversation, "b.pdf", T)).await.unwrap(), (other, true));
    assert!(kept(&mut tx, other, T).await.unwrap().is_none());
}

#[tokio::test]
async fn files_that_came_together_are_told_of_together_and_once() {
    let (_database, pool) = database().await;
    let mut tx = pool.acquire().await.unwrap();
    let conversation = Ids::system().conversation();
    let (first, _) = receive(&mut tx, &new(conversation, "a.pdf", T)).await.unwrap();
    let (second, _) = receive(&mut tx, &new(conversation, "b.pdf", T + 1)).await.unwrap();
    end(&mut tx, first, &outcome(FileFate::Kept)).await.unwrap();
    let take = async |tx: &mut PgConnection, now_ms| -> Vec<FileFate> {
        let told = file_news::take(tx, conversation, now_ms).await.unwrap();
        told.iter().flat_map(|(_, files)| files).map(|file| file.fate).collect()
    };
    assert!(take(&mut tx, T + 2).await.is_empty(), "the second is still being looked through");
    end(&mut tx, second, &outcome(FileFate::Infected)).await.unwrap();
    assert_eq!(take(&mut tx, T + 3).await, [FileFate::Kept, FileFate::Infected]);
    assert!(take(&mut tx, T + 4).await.is_empty());
    // One that hangs does not hold up the others for ever, and is told of twice: when it is late, when it is done.
    let (third, _) = receive(&mut tx, &new(conversation, "c.pdf", T + 5)).await.unwrap();
    receive(&mut tx, &new(conversation, "a.pdf", T + 5)).await.unwrap();
    assert_eq!(take(&mut tx, T + 60_000).await, [FileFate::Kept]);
    assert!(is_late(&mut tx, third).await.unwrap());
    assert!(!is_late(&mut tx, third).await.unwrap());
    assert_eq!(take(&mut tx, T + 60_001).await, [FileFate::Late]);
    assert!(take(&mut tx, T + 60_002).await.is_empty());
    end(&mut tx, third, &outcome(FileFate::Failed)).await.unwrap();
    assert_eq!(take(&mut tx, T + 60_003).await, [FileFate::Failed]);
}

#[tokio::test]
async fn a_lead_takes_what_no_other_has_taken_and_a_day_has_its_limit() {
    let (_database, pool) = database().await;
    let mut tx = pool.acquire().await.unwrap();
    let ids = Ids::system();
    let (conversation, elsewhere) = (ids.conversation(), ids.conversation());
    let mut of = Vec::new();
    for (name, at_ms) in [("a", T), ("b", T + 1), ("c", T + 2)] {
        of.push(receive(&mut tx, &new(conversation, name, at_ms)).await.unwrap().0);
    }
    receive(&mut tx, &new(elsewhere, "a", T)).await.unwrap();
    let mut count = Vec::new();
    for id in &of {
        let file = load(&mut tx, *id).await.unwrap().unwrap();
        count.push(in_a_day(&mut tx, &file).await.unwrap());
    }
    assert_eq!(count, [1, 2, 3]);
    end(&mut tx, of[0], &outcome(FileFate::Kept)).await.unwrap();
    end(&mut tx, of[1], &outcome(FileFate::TooLarge)).await.unwrap();
    let given = give_to_lead(&mut tx, conversation, ids.lead()).await.unwrap();
    let given: Vec<_> = given.iter().map(|file| (file.id, file.name.as_str())).collect();
    assert_eq!(given, [(of[0], "safe.pdf"), (of[2], "c")]);
    assert!(give_to_lead(&mut tx, conversation, ids.lead()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_file_of_a_group_is_of_no_lead() {
    let (_database, pool) = database().await;
    let mut tx = pool.acquire().await.unwrap();
    for (chat_id, kind, wanted) in [(7, "private", 1), (-7, "supergroup", 0)] {
        let (conversation, lead) = (Ids::system().conversation(), Ids::system().lead());
        sqlx::query(
            "with c as (insert into conversation (bot, chat_id, id, chat_kind, language, state)
                        values ('sales', $1, $2, $3, 'en', '{}'))
             insert into lead (id, conversation_id, bot, flow, language, temperature, score, evidence, answers, contact,
                               captured_at)
             values ($4, $2, 'sales', 'intake', 'en', 'warm', 50, '[]', '[]', '{}', '2023-01-01')",
        )
        .bind(chat_id)
        .bind(conversation.0)
        .bind(kind)
        .bind(lead.0)
        .execute(&mut *tx)
        .await
        .unwrap();
        let (id, _) = receive(&mut tx, &new(conversation, "a.pdf", T)).await.unwrap();
        end(&mut tx, id, &outcome(FileFate::Kept)).await.unwrap();
        let told = file_news::for_leads(&mut tx, conversation, &[id]).await.unwrap();
        assert_eq!(told.len(), wanted, "{kind}");
    }
}
