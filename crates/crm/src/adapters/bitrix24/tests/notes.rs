use super::*;

#[tokio::test]
async fn a_note_is_put_there_once_and_known_by_its_mark() {
    let bench = bench(Options::default()).await;
    let lead = bench.new_lead(&deal(), &ada()).await.unwrap().deal;
    assert!(!bench.adapter.has_note(&lead, "n:1").await.unwrap());
    bench.portal.faults().writes([Some(testkit::crms::Trouble::DoneAndCut)]);
    let trouble = bench.adapter.add_note(&lead, &note("n:1", "Score 90\nhot")).await.unwrap_err();
    assert_eq!(trouble.word(), "unknown", "{trouble:?}");
    assert!(bench.adapter.has_note(&lead, "n:1").await.unwrap());
    assert!(!bench.adapter.has_note(&lead, "n:11").await.unwrap());
    assert_eq!(bench.only().notes, ["Score 90\nhot\n\nn:1"]);
}

#[tokio::test]
async fn a_note_of_a_lead_is_none_of_the_deal_with_the_same_number() {
    let bench = bench(Options::default()).await;
    let lead = bench.new_lead(&deal(), &ada()).await.unwrap().deal;
    let other = bench.portal.add_deal(&of("Repair", "", ""));
    assert_eq!((lead.as_str(), other.as_str()), ("lead:1", "deal:1"));
    bench.adapter.add_note(&other, &note("n:1", "For the deal")).await.unwrap();
    assert!(bench.adapter.has_note(&other, "n:1").await.unwrap());
    assert!(!bench.adapter.has_note(&lead, "n:1").await.unwrap());
    let notes: Vec<usize> = bench.portal.deals().iter().map(|deal| deal.notes.len()).collect();
    assert_eq!(notes, [0, 1]);
}

#[tokio::test]
async fn a_note_is_found_behind_a_page_of_others() {
    let bench = bench(Options { bucket: 500.0, ..Options::default() }).await;
    let lead = bench.new_lead(&deal(), &ada()).await.unwrap().deal;
    for nth in 0..120 {
        bench.adapter.add_note(&lead, &note(&format!("n:{nth}"), "one of many")).await.unwrap();
    }
    let before = bench.portal.calls().of("crm.timeline.comment.list");
    assert!(bench.adapter.has_note(&lead, "n:0").await.unwrap());
    assert_eq!(bench.portal.calls().of("crm.timeline.comment.list") - before, 3);
    assert!(!bench.adapter.has_note(&lead, "n:120").await.unwrap());
}

#[tokio::test]
async fn a_note_on_what_is_gone_is_refused() {
    let bench = bench(Options::default()).await;
    let lead = bench.new_lead(&deal(), &ada()).await.unwrap().deal;
    bench.portal.remove(&lead);
    let trouble = bench.adapter.add_note(&lead, &note("n:1", "text")).await.unwrap_err();
    assert_eq!(faults(trouble), pairs(&[("", "OWNER_NOT_FOUND")]));
    for id in ["1", "contact:1"] {
        let trouble = bench.adapter.add_note(id, &note("n:1", "text")).await.unwrap_err();
        assert_eq!(faults(trouble), pairs(&[("", "NoSuchId")]));
        assert_eq!(faults(bench.adapter.has_note(id, "n:1").await.unwrap_err()), pairs(&[("", "NoSuchId")]));
    }
}
