//! Each method sends what the Bot API wants and reads what it says.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};
use telegram::client::{
    AnswerCallbackQuery, BotCommand, BotCommandScope, CreateForumTopic, EditForumTopic,
    EditMessageReplyMarkup, EditMessageText, GetUpdates, InlineButton, InlineKeyboard, InputFile, ParseMode,
    ReplyMarkup, ReplyParameters, SendChatAction, SendFile, SendMessage, SendMessageDraft,
    SetMessageReaction, SetMyCommands, SetWebhook,
};
use telegram::{BotApi, Method};
use wiremock::matchers::{body_json, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::{path_of, server};

async fn expect(server: &MockServer, call: &str, body: Value, result: Value) {
    Mock::given(method("POST"))
        .and(path(path_of(call)))
        .and(body_json(body))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({ "ok": true, "result": result })))
        .expect(1)
        .mount(server)
        .await;
}

#[tokio::test]
async fn who_the_bot_is() {
    let (server, api) = server().await;
    let me = json!({ "id": 99, "is_bot": true, "first_name": "Dev", "username": "dev_bot", "has_topics_enabled": true });
    expect(&server, "getMe", json!({}), me).await;
    let me = api.get_me().await.unwrap();
    assert_eq!((me.id, me.username.as_deref(), me.has_topics_enabled), (99, Some("dev_bot"), true));
}

#[tokio::test]
async fn updates_come_as_they_are() {
    let (server, api) = server().await;
    let body = json!({ "offset": 7, "timeout": 0, "allowed_updates": ["message"] });
    expect(&server, "getUpdates", body, json!([{ "update_id": 7, "message": {} }, { "strange": [1] }])).await;
    let wanted = GetUpdates {
        offset: Some(7),
        timeout: 0,
        allowed_updates: vec!["message".into()],
        ..Default::default()
    };
    let updates = api.get_updates(&wanted).await.unwrap();
    assert_eq!(updates[1].get(), r#"{"strange":[1]}"#);
    assert_eq!(telegram::peek(updates[0].get().as_bytes()).unwrap().update_id, 7);
}

#[tokio::test]
async fn the_webhook_is_set_read_and_deleted() {
    let (server, api) = server().await;
    let body = json!({
        "url": "https://x.example/telegram/a", "secret_token": "s", "max_connections": 40, "allowed_updates": ["poll"],
    });
    expect(&server, "setWebhook", body, json!(true)).await;
    expect(&server, "deleteWebhook", json!({ "drop_pending_updates": false }), json!(true)).await;
    let info = json!({ "url": "https://x.example/telegram/a", "has_custom_certificate": false, "pending_update_count": 3 });
    expect(&server, "getWebhookInfo", json!({}), info).await;
    let webhook = SetWebhook {
        url: "https://x.example/telegram/a".into(),
        secret_token: Some("s".into()),
        max_connections: Some(40),
        allowed_updates: vec!["poll".into()],
        drop_pending_updates: false,
    };
    api.set_webhook(&webhook).await.unwrap();
    api.delete_webhook(false).await.unwrap();
    assert_eq!(api.get_webhook_info().await.unwrap().pending_update_count, 3);
}

#[tokio::test]
async fn a_message_with_everything() {
    let (server, api) = server().await;
    let body = json!({
        "chat_id": 42, "text": "<b>hi</b>", "message_thread_id": 4, "parse_mode": "HTML",
        "reply_parameters": { "message_id": 5, "allow_sending_without_reply": true },
        "reply_markup": { "inline_keyboard": [[{ "text": "Yes", "callback_data": "y" }]] },
    });
    expect(
        &server,
        "sendMessage",
        body.clone(),
        json!({ "message_id": 6, "date": 1_700_000_000, "chat": {} }),
    )
    .await;
    let mut message = SendMessage::new(42, "<b>hi</b>");
    message.message_thread_id = Some(4);
    message.parse_mode = Some(ParseMode::Html);
    message.reply_parameters = Some(ReplyParameters::to(5));
    message.reply_markup = Some(InlineKeyboard::column(vec![InlineButton::callback("Yes", "y")]).into());
    let sent = api.send_message(&message).await.unwrap();
    assert_eq!((sent.message_id, sent.date), (6, 1_700_000_000));

    // The same, from a request that was stored as JSON.
    server.reset().await;
    expect(&server, "sendMessage", body, json!({ "message_id": 7, "date": 1, "chat": {} })).await;
    let stored = serde_json::to_vec(&message).unwrap();
    let answer = api.call_json(Method::SendMessage, stored).await.unwrap();
    assert_eq!(answer.result::<telegram::client::Sent>().unwrap().message_id, 7);
}

#[tokio::test]
async fn calls_that_only_succeed() {
    let (server, api) = server().await;
    let (done, topic) = (json!(true), json!({ "chat_id": -1, "message_thread_id": 9 }));
    expect(
        &server,
        "editMessageText",
        json!({ "chat_id": 1, "message_id": 2, "text": "t" }),
        json!({ "date": 1 }),
    )
    .await;
    expect(&server, "editMessageReplyMarkup", json!({ "chat_id": 1, "message_id": 2 }), done.clone()).await;
    expect(&server, "answerCallbackQuery", json!({ "callback_query_id": "c" }), done.clone()).await;
    expect(&server, "sendChatAction", json!({ "chat_id": 1, "action": "typing" }), done.clone()).await;
    expect(&server, "sendMessageDraft", json!({ "chat_id": 1, "draft_id": 3, "text": "…" }), done.clone())
        .await;
    expect(&server, "deleteMessage", json!({ "chat_id": 1, "message_id": 2 }), done.clone()).await;
    let commands = json!({
        "commands": [{ "command": "help", "description": "Help" }],
        "scope": { "type": "all_private_chats" }, "language_code": "ru",
    });
    expect(&server, "setMyCommands", commands, done.clone()).await;
    expect(&server, "deleteMyCommands", json!({ "scope": { "type": "chat", "chat_id": 1 } }), done.clone())
        .await;
    expect(
        &server,
        "editForumTopic",
        json!({ "chat_id": -1, "message_thread_id": 9, "name": "n" }),
        done.clone(),
    )
    .await;
    expect(&server, "closeForumTopic", topic.clone(), done.clone()).await;
    expect(&server, "reopenForumTopic", topic.clone(), done.clone()).await;
    expect(&server, "deleteForumTopic", topic, done.clone()).await;
    let reaction = json!({ "chat_id": 1, "message_id": 2, "reaction": [{ "type": "emoji", "emoji": "👍" }] });
    expect(&server, "setMessageReaction", reaction, done).await;

    api.edit_message_text(&EditMessageText::new(1, 2, "t")).await.unwrap();
    let bare = EditMessageReplyMarkup { chat_id: 1, message_id: 2, reply_markup: None };
    api.edit_message_reply_markup(&bare).await.unwrap();
    api.answer_callback_query(&AnswerCallbackQuery::silent("c")).await.unwrap();
    api.send_chat_action(&SendChatAction::typing(1)).await.unwrap();
    api.send_message_draft(&SendMessageDraft::new(1, 3, "…")).await.unwrap();
    api.delete_message(1, 2).await.unwrap();
    let menu = SetMyCommands {
        commands: vec![BotCommand { command: "help".into(), description: "Help".into() }],
        scope: Some(BotCommandScope::AllPrivateChats),
        language_code: Some("ru".into()),
    };
    api.set_my_commands(&menu).await.unwrap();
    api.delete_my_commands(Some(BotCommandScope::Chat { chat_id: 1 }), None).await.unwrap();
    let renamed = EditForumTopic {
        chat_id: -1,
        message_thread_id: 9,
        name: Some("n".into()),
        icon_custom_emoji_id: None,
    };
    api.edit_forum_topic(&renamed).await.unwrap();
    api.close_forum_topic(-1, 9).await.unwrap();
    api.reopen_forum_topic(-1, 9).await.unwrap();
    api.delete_forum_topic(-1, 9).await.unwrap();
    api.set_message_reaction(&SetMessageReaction::new(1, 2, "👍")).await.unwrap();
}

#[tokio::test]
async fn a_topic_is_made() {
    let (server, api) = server().await;
    expect(
        &server,
        "createForumTopic",
        json!({ "chat_id": -1, "name": "Анна" }),
        json!({ "message_thread_id": 9 }),
    )
    .await;
    let topic =
        CreateForumTopic {
            chat_id: -1, name: "Анна".into(), icon_color: None, icon_custom_emoji_id: None
        };
    assert_eq!(api.create_forum_topic(&topic).await.unwrap().message_thread_id, 9);
}

#[tokio::test]
async fn a_file_that_telegram_has_goes_by_its_id_and_another_as_multipart() {
    let (server, api) = server().await;
    let photo =
        json!({ "message_id": 1, "date": 1, "photo": [{ "file_id": "small" }, { "file_id": "large" }] });
    expect(&server, "sendPhoto", json!({ "chat_id": 1, "photo": "id" }), photo).await;
    let sent = api.send_photo(InputFile::Id("id".into()), &SendFile::to(1)).await.unwrap();
    assert_eq!(sent.file_id.as_deref(), Some("large"));

    server.reset().await;
    let document =
        json!({ "ok": true, "result": { "message_id": 2, "date": 1, "document": { "file_id": "d" } } });
    Mock::given(path(path_of("sendDocument")))
        .respond_with(ResponseTemplate::new(200).set_body_json(document))
        .mount(&server)
        .await;
    let to =
        SendFile {
            caption: Some("вот".into()), reply_markup: Some(ReplyMarkup::REMOVE), ..SendFile::to(1)
        };
    let file = InputFile::Bytes {
        name: "отчёт.txt".into(),
        mime: "text/plain".into(),
        bytes: Bytes::from_static(b"content"),
    };
    assert_eq!(api.send_document(file, &to).await.unwrap().file_id.as_deref(), Some("d"));
    let request = &server.received_requests().await.unwrap()[0];
    let body = String::from_utf8_lossy(&request.body);
    for part in [
        "name=\"chat_id\"",
        "вот",
        r#"{"remove_keyboard":true}"#,
        "name=\"document\"",
        "text/plain",
        "content",
    ] {
        assert!(body.contains(part), "{part} is not in {body}");
    }
    assert!(request.headers["content-type"].to_str().unwrap().starts_with("multipart/form-data"));
}

#[tokio::test]
async fn many_calls_at_once_each_get_their_own_answer() {
    let (server, api) = server().await;
    Mock::given(path(path_of("sendMessage")))
        .respond_with(|request: &wiremock::Request| {
            let body: Value = serde_json::from_slice(&request.body).unwrap();
            let result = json!({ "message_id": body["chat_id"], "date": 1 });
            ResponseTemplate::new(200).set_body_json(json!({ "ok": true, "result": result }))
        })
        .mount(&server)
        .await;
    let api: Arc<BotApi> = Arc::new(api);
    let calls: Vec<_> = (1..=200)
        .map(|chat_id| {
            let api = Arc::clone(&api);
            tokio::spawn(async move { (chat_id, api.send_message(&SendMessage::new(chat_id, "hi")).await) })
        })
        .collect();
    for call in calls {
        let (chat_id, sent) = call.await.unwrap();
        assert_eq!(sent.unwrap().message_id, chat_id);
    }
}
