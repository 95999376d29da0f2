//! What nobody could answer is answered once an operator has approved an answer.

use e2e::{Choices, Installation, Placement, Updates};
use serde_json::Value;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_could_answer_is_answered_when_it_is_asked_again() {
    let installation = Installation::start(Placement::OneProcess, Choices::new(Updates::Webhook)).await;
    let anna = installation.person("Anna", "en").await;
    let boris = installation.person("Борис", "ru").await;
    let (swallow, weather) =
        ("What is the airspeed velocity of an unladen swallow?", "Какая погода на Луне завтра?");
    anna.writes(swallow).await;
    anna.hears("I have nothing reliable on that").await;
    boris.writes(weather).await;
    boris.hears("нет надёжных данных").await;

    let listed = installation.dragoman(&["knowledge", "gaps", "--json"]).await.fine();
    let gaps: Vec<Value> = listed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (question, answer) in [(swallow, "About 11 metres per second."), (weather, "Ясно, ветра нет.")]
    {
        let gap = gaps.iter().find(|gap| gap["examples"][0] == question).unwrap();
        let id = gap["id"].as_str().unwrap();
        let approved =
            installation.dragoman(&["knowledge", "gaps", "approve", id, "--text", answer]).await.fine();
        assert!(
            approved.contains(question) && approved.contains("1 of 1 questions now find it"),
            "{approved}"
        );
    }
    let left = installation.dragoman(&["knowledge", "gaps"]).await.fine();
    assert!(left.contains("there are no gaps"), "{left}");

    anna.writes(swallow).await;
    anna.hears("About 11 metres per second.").await;
    boris.writes(weather).await;
    boris.hears("Ясно, ветра нет.").await;
    let left = installation.dragoman(&["knowledge", "gaps"]).await.fine();
    assert!(left.contains("there are no gaps"), "{left}");
    installation.stop().await;
}
