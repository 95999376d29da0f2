//! Files are fetched in pieces and never beyond the limit.

use serde_json::json;
use telegram::client::{DownloadError, File};
use telegram::{BotApi, SendError};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::{TOKEN, all_texts, path_of, server};

async fn with_file(size: Option<u64>, file_path: Option<&str>) -> (MockServer, BotApi, File) {
    let (server, api) = server().await;
    let result = json!({ "file_id": "f", "file_unique_id": "u", "file_size": size, "file_path": file_path });
    Mock::given(path(path_of("getFile")))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({ "ok": true, "result": result })))
        .mount(&server)
        .await;
    let file = api.get_file("f").await.unwrap();
    (server, api, file)
}

async fn serve(server: &MockServer, answer: ResponseTemplate) {
    let at = format!("/file/bot{TOKEN}/documents/file_1.txt");
    Mock::given(path(at)).respond_with(answer).mount(server).await;
}

const PATH: Option<&str> = Some("documents/file_1.txt");

#[tokio::test]
async fn a_file_comes_whole() {
    let (server, api, file) = with_file(Some(100_000), PATH).await;
    serve(&server, ResponseTemplate::new(200).set_body_bytes(vec![7; 100_000])).await;
    let bytes = api.download(&file, 100_000).await.unwrap().read().await.unwrap();
    assert_eq!(bytes.len(), 100_000);
}

#[tokio::test]
async fn a_file_over_the_limit_is_refused_as_early_as_it_is_known() {
    let (_server, api, file) = with_file(Some(101), PATH).await;
    assert!(matches!(api.download(&file, 100).await, Err(DownloadError::TooLarge { limit: 100 })));

    let (server, api, file) = with_file(None, PATH).await;
    serve(&server, ResponseTemplate::new(200).set_body_bytes(vec![7; 101])).await;
    assert!(matches!(api.download(&file, 100).await, Err(DownloadError::TooLarge { .. })));
}

#[tokio::test]
async fn a_file_that_lies_about_its_length_stops_at_the_limit() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (_server, _, file) = with_file(Some(5), PATH).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let api = crate::api_at(&format!("http://{}", listener.local_addr().unwrap()));
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 2048]).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await;
        while stream.write_all(b"8\r\n12345678\r\n").await.is_ok() {}
    });
    let download = api.download(&file, 1_000).await.unwrap();
    assert!(matches!(download.read().await, Err(DownloadError::TooLarge { limit: 1_000 })));
}

#[tokio::test]
async fn what_is_not_there_is_said_without_the_token() {
    let (_server, api, file) = with_file(Some(5), None).await;
    assert!(matches!(api.download(&file, 100).await, Err(DownloadError::NotAvailable)));

    let (_server, api, file) = with_file(Some(5), PATH).await;
    let error = api.download(&file, 100).await.map(drop).unwrap_err();
    assert!(matches!(error, DownloadError::Call(SendError::Refused(_))), "{error:?}");

    let (server, api, file) = with_file(Some(5), PATH).await;
    drop(server);
    let error = api.download(&file, 100).await.map(drop).unwrap_err();
    assert!(!all_texts(&error).contains(TOKEN), "{error:?}");
}

#[tokio::test]
async fn a_path_that_leads_elsewhere_is_refused_and_never_printed() {
    for bad in ["../../bot1:x/getMe", "../secret", "//evil.example/x/../../../.."] {
        let (_server, api, file) = with_file(Some(5), Some(bad)).await;
        let error = api.download(&file, 100).await.map(drop).unwrap_err();
        assert!(matches!(error, DownloadError::Call(SendError::Refused(_))), "{bad}: {error:?}");
    }
    let (_server, _, file) = with_file(Some(5), Some(&format!("/data/{TOKEN}/x"))).await;
    assert!(!format!("{file:?}").contains(TOKEN));
}
