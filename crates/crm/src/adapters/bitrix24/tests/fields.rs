//! What the API would ignore in silence, or refuse in its own words, comes back with the name of the mapping.

use super::*;

async fn refused(bench: &Bench, fields: &[(&str, &str, &str)]) -> Vec<(String, String)> {
    let fields = fields.iter().map(|(ours, theirs, value)| filled(ours, theirs, value)).collect();
    faults(bench.new_lead(&NewDeal { fields, ..deal() }, &ada()).await.unwrap_err())
}

#[tokio::test]
async fn values_go_into_the_form_that_their_fields_take() {
    let bench = bench(Options::default()).await;
    let fields = [
        ("budget", account::BUDGET, "5000.50", "5000.5"),
        ("segment", account::SEGMENT, " Hot ", "81"),
        ("deadline", account::DEADLINE, "2026-12-01", "2026-12-01T00:00:00+03:00"),
        ("channels", account::CHANNELS, "Telegram, phone", "85, 86"),
        ("site", account::SITES, "https://example.com", "https://example.com"),
        ("has_site", account::HAS_SITE, "true", "Y"),
        ("team", account::TEAM, "12", "12"),
        ("source", "sourceId", "Telegram bot", "UC_TELEGRAM"),
        ("wishes", "COMMENTS", "[img]http://x[/img] soon", ""),
        ("nothing", "ufCrm_of_no_portal", " ", ""),
    ];
    let filled = fields.iter().map(|(ours, theirs, value, _)| filled(ours, theirs, value)).collect();
    bench.new_lead(&NewDeal { fields: filled, ..deal() }, &ada()).await.unwrap();
    let seen = bench.only().fields;
    for (_, theirs, _, wanted) in &fields[..8] {
        assert_eq!(seen.get(*theirs).map(String::as_str), Some(*wanted), "{theirs}");
    }
    let comments = seen.get("comments").unwrap();
    assert!(
        comments.ends_with(" soon") && !comments.contains("[img]"),
        "by its old name, and as text: {comments}"
    );
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once_and_nothing_is_made() {
    let bench = bench(Options::default()).await;
    let wrong = [
        ("budget", account::BUDGET, "a lot", "NotANumber"),
        ("infinite", account::BUDGET, "inf", "NotANumber"),
        ("segment", account::SEGMENT, "lukewarm", "NotAChoice"),
        ("channels", account::CHANNELS, "Telegram, pigeon", "NotAChoice"),
        ("deadline", account::DEADLINE, "tomorrow", "NotADate"),
        ("has_site", account::HAS_SITE, "perhaps", "NotAFlag"),
        ("brief", account::BRIEF, "x.pdf", "NoKindForMapping"),
        ("mark", "originId", "x", "ReservedField"),
        ("id", "id", "1", "ReadOnlyField"),
        ("colour", "ufCrm_1799999999", "red", "UnknownField"),
    ];
    let fields = wrong.iter().map(|(ours, theirs, value, _)| (*ours, *theirs, *value)).collect::<Vec<_>>();
    let wanted = wrong.iter().map(|(ours, _, _, code)| (*ours, *code)).collect::<Vec<_>>();
    assert_eq!(refused(&bench, &fields).await, pairs(&wanted));
    assert_eq!((bench.portal.deals().len(), bench.portal.calls().of("crm.item.add")), (0, 0));
}

#[tokio::test]
async fn a_choice_that_is_none_says_what_there_is() {
    let bench = bench(Options::default()).await;
    let fields = vec![filled("segment", account::SEGMENT, "lukewarm")];
    let trouble = bench.new_lead(&NewDeal { fields, ..deal() }, &ada()).await.unwrap_err();
    assert_eq!(trouble.note().expose(), "segment: NotAChoice “lukewarm” is none of: hot, warm, cold");
    assert!(!format!("{trouble:?}").contains("lukewarm"), "it is what a person said");
}

#[tokio::test]
async fn a_field_that_somebody_has_made_meanwhile_is_filled_and_one_that_is_gone_is_told() {
    let bench = bench(Options::default()).await;
    let fields = vec![filled("colour", "ufCrm_1799999999", "red")];
    let with = NewDeal { fields, ..deal() };
    assert_eq!(
        faults(bench.new_lead(&with, &ada()).await.unwrap_err()),
        pairs(&[("colour", "UnknownField")])
    );
    bench.portal.add_text_field("ufCrm_1799999999", "Colour");
    bench.new_lead(&with, &ada()).await.unwrap();
    assert_eq!(bench.only().fields.get("ufCrm_1799999999").map(String::as_str), Some("red"));
}

#[tokio::test]
async fn stage_pipeline_and_responsible_are_those_of_leads() {
    let bench = bench(Options::default()).await;
    let wrong = NewDeal {
        pipeline: "9".to_owned(),
        stage: "C9:NEW".to_owned(),
        responsible: "Anna".to_owned(),
        ..deal()
    };
    let wanted = [("responsible", "NotAUser"), ("pipeline", "UnknownPipeline"), ("stage", "UnknownStage")];
    assert_eq!(faults(bench.new_lead(&wrong, &ada()).await.unwrap_err()), pairs(&wanted));
    let right = NewDeal { pipeline: "leads".to_owned(), ..deal() };
    bench.new_lead(&right, &ada()).await.unwrap();
}

/// What only the portal knows it says in its own words, by the title of a field.
#[tokio::test]
async fn a_refusal_of_the_portal_names_the_field_of_the_mapping() {
    let bench = bench(Options::default()).await;
    let code = "CRM_FIELD_ERROR_VALUE_NOT_VALID";
    let nobody = NewDeal { responsible: "999".to_owned(), ..deal() };
    assert_eq!(faults(bench.new_lead(&nobody, &ada()).await.unwrap_err()), pairs(&[("responsible", code)]));
    let coin = NewDeal { currency: "XAU".to_owned(), ..deal() };
    assert_eq!(faults(bench.new_lead(&coin, &ada()).await.unwrap_err()), pairs(&[("currency", code)]));
    let field = [("deadline", account::DEADLINE, "2026-13-01")];
    assert_eq!(refused(&bench, &field).await, pairs(&[("deadline", code)]));
    let letter = Contact { email: text("not an address"), ..ada() };
    assert_eq!(faults(bench.new_lead(&deal(), &letter).await.unwrap_err()), pairs(&[("", code)]));
    assert_eq!(bench.portal.deals().len(), 0);
}

#[tokio::test]
async fn a_field_of_people_goes_into_the_one_of_leads_that_is_called_so() {
    let bench = bench(Options::default()).await;
    // Leads have one of that name, and none called “City”.
    let with = |theirs: &str| Contact { fields: vec![filled("x", theirs, "5")], ..ada() };
    bench.new_lead(&deal(), &with(account::TELEGRAM)).await.unwrap();
    let trouble = bench.new_lead(&deal(), &with(account::CITY)).await.unwrap_err();
    assert!(trouble.note().expose().contains("leads have no field called “City”, as contacts have"));
    assert_eq!(faults(trouble), pairs(&[("x", "UnknownField")]));
    bench.portal.drop_field(account::TELEGRAM);
    bench.portal.drop_field(account::LEAD_TELEGRAM);
    let fresh =
        open(&bench.config, bench.caller.clone(), Token::Given(Secret::new(bench.portal.token()))).unwrap();
    let trouble = fresh.create_deal(&deal(), &Whose::New(&ada())).await.unwrap_err();
    assert_eq!(faults(trouble), pairs(&[("telegram_field", "UnknownField")]));
}
