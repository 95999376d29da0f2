use testkit::crms::Trouble::{Cut, DoneAndCut};

use super::*;

async fn with_deal() -> (Stage, Hubspot, String) {
    let stage = stage_with(Options { search_lag: NEVER, ..Options::default() }, json!({})).await;
    let adapter = stage.adapter();
    let contact = adapter.create_contact(&ada()).await.unwrap();
    let deal = adapter.create_deal(&lead(), &Whose::Known(&contact)).await.unwrap().deal;
    (stage, adapter, deal)
}

fn note(mark: &str) -> Note {
    Note { mark: mark.to_owned(), text: pii("Budget: <5k & up>\nSee you") }
}

#[tokio::test]
async fn a_note_stands_on_the_deal_as_it_was_meant_and_is_found_by_its_mark() {
    let (stage, adapter, deal) = with_deal().await;
    adapter.add_note(&deal, &note("note-1")).await.unwrap();
    assert_eq!(stage.hubspot.deals()[0].notes, ["Budget: &lt;5k &amp; up&gt;<br>See you<br><br>note-1"]);
    assert!(adapter.has_note(&deal, "note-1").await.unwrap());
    assert!(!adapter.has_note(&deal, "note-2").await.unwrap());
    assert!(!adapter.has_note(&deal, "note-").await.unwrap());
    assert!(!adapter.has_note("12345", "note-1").await.unwrap(), "a deal that is gone has no notes");
}

#[tokio::test]
async fn after_a_cut_it_is_known_at_once_whether_the_note_is_there() {
    for (trouble, is_there) in [(DoneAndCut, true), (Cut, false)] {
        let (stage, adapter, deal) = with_deal().await;
        stage.hubspot.faults().writes([Some(trouble)]);
        let sent = adapter.add_note(&deal, &note("note-1")).await;
        assert!(matches!(sent, Err(Trouble::Unknown(_))), "{sent:?}");
        assert_eq!(adapter.has_note(&deal, "note-1").await.unwrap(), is_there, "{trouble:?}");
    }
}

#[tokio::test]
async fn among_many_notes_one_is_found() {
    let (stage, adapter, deal) = with_deal().await;
    for n in 0..620 {
        stage.hubspot.add_note(&deal, &format!("a call<br><br>call-{n:03}"));
    }
    assert!(adapter.has_note(&deal, "call-619").await.unwrap());
    assert!(!adapter.has_note(&deal, "call-620").await.unwrap());
}
