use bot_folder::{LeadWanted, Moment};

use super::stage::Seen;
use crate::domain::{Lead, Place, Target};

/// What is not as the moment wants it, one a line.
pub(super) fn wrong(moment: &Moment, seen: &Seen) -> Vec<String> {
    let mut wrong = Vec::new();
    let heard = seen.said.iter().map(|message| message.text.expose().as_str()).collect::<Vec<_>>().join("\n");
    if let Some(wanted) = moment.hears.as_ref().filter(|wanted| !says(&heard, wanted)) {
        wrong.push(format!("wanted to hear {wanted:?}, heard {heard:?}"));
    }
    if let Some(unwanted) = moment.never_hears.as_ref().filter(|unwanted| says(&heard, unwanted)) {
        wrong.push(format!("wanted never to hear {unwanted:?}, heard {heard:?}"));
    }
    if moment.silence && !seen.said.is_empty() {
        wrong.push(format!("wanted silence, heard {heard:?}"));
    }
    let labels: Vec<&str> = seen
        .said
        .iter()
        .flat_map(|message| message.buttons.iter().flatten())
        .map(|button| button.label.as_str())
        .collect();
    for button in moment.buttons.iter().filter(|button| !labels.contains(&button.as_str())) {
        wrong.push(format!("wanted the button {button:?}, there are: {}", labels.join(", ")));
    }
    for button in moment.no_buttons.iter().filter(|button| labels.contains(&button.as_str())) {
        wrong.push(format!("wanted no button {button:?}, there are: {}", labels.join(", ")));
    }
    if let Some(wanted) = &moment.opens {
        let buttons = seen.said.iter().flat_map(|message| message.buttons.iter().flatten());
        let links: Vec<&str> = buttons
            .filter_map(|button| match &button.target {
                Target::Url(url) => Some(url.as_str()),
                Target::Callback(_) => None,
            })
            .collect();
        if !links.iter().any(|link| link.split_once("?start=").is_some_and(|(_, start)| start == wanted)) {
            let links = links.join(", ");
            wrong.push(format!(
                "wanted a button that opens the private chat with {wanted:?}, the links are: {links}"
            ));
        }
    }
    if let Some(wanted) = moment.notice.as_ref().filter(|wanted| !says(&seen.notice, wanted)) {
        wrong.push(format!("wanted the notice {wanted:?}, it is {:?}", seen.notice));
    }
    let source = seen.said.last().map_or("nobody", |message| message.source.as_str());
    if let Some(wanted) = moment.answered_by.as_ref().filter(|wanted| *wanted != source) {
        wrong.push(format!("wanted an answer by {wanted}, it was by {source}"));
    }
    if let Some(wanted) = moment.asks_model.filter(|wanted| *wanted != seen.asked_model) {
        let (wanted, was) = if wanted { ("", "not ") } else { ("not ", "") };
        wrong.push(format!("a model ought {wanted}to be asked, it was {was}asked"));
    }
    if let Some(wanted) = moment.model_hears.as_ref().filter(|wanted| !says(&seen.model_heard, wanted)) {
        wrong.push(format!("a model ought to be asked {wanted:?}, it was asked {:?}", seen.model_heard));
    }
    let asked_of = seen.asked_of.as_deref().unwrap_or("auto");
    if let Some(wanted) = moment.asked_of.as_ref().filter(|wanted| *wanted != asked_of || !seen.asked_model) {
        let was = if seen.asked_model { asked_of } else { "none" };
        wrong.push(format!("the model {wanted} ought to be asked, it was {was}"));
    }
    let in_place = seen.said.last().is_some_and(|message| message.place == Place::InPlace);
    if let Some(wanted) = moment.in_place.filter(|wanted| *wanted != in_place) {
        let (wanted, was) = if wanted { ("in place of", "below") } else { ("below", "in place of") };
        wrong.push(format!("wanted the answer {wanted} the one before, it was {was} it"));
    }
    let at = seen.at.as_ref().map_or("nowhere".to_owned(), |(flow, step)| format!("{flow}/{step}"));
    if let Some(wanted) = moment.at.as_ref().filter(|wanted| **wanted != at) {
        wrong.push(format!("wanted to be at {wanted}, is at {at}"));
    }
    let handoff = seen.handoff.unwrap_or("no reason");
    if let Some(wanted) = moment.handoff.as_ref().filter(|wanted| *wanted != handoff) {
        wrong.push(format!("a human ought to be wanted for {wanted}, is wanted for {handoff}"));
    }
    if let Some(reason) = seen.handoff.filter(|_| moment.no_handoff) {
        wrong.push(format!("no human ought to be wanted, one is for {reason}"));
    }
    let limit = seen.limit.unwrap_or("nothing");
    if let Some(wanted) = moment.limit.as_ref().filter(|wanted| *wanted != limit) {
        wrong.push(format!("the person ought to be {wanted}, is {limit}"));
    }
    match (&moment.lead, &seen.lead) {
        (Some(wanted), Some(lead)) => of_lead(wanted, lead, &mut wrong),
        (Some(_), None) => wrong.push("wanted a lead, there is none".to_owned()),
        (None, Some(lead)) if moment.no_lead => {
            wrong.push(format!("wanted no lead, there is one that is {}", lead.temperature.as_str()));
        }
        (None, _) => {}
    }
    wrong
}

/// Whether the pieces of `wanted`, which `…` divides, stand in the text in their order.
fn says(text: &str, wanted: &str) -> bool {
    let mut rest = text;
    wanted.split('…').map(str::trim).all(|piece| match rest.find(piece) {
        Some(at) => {
            rest = &rest[at + piece.len()..];
            true
        }
        None => false,
    })
}

fn of_lead(wanted: &LeadWanted, lead: &Lead, wrong: &mut Vec<String>) {
    let temperature = lead.temperature.as_str();
    if let Some(wanted) = wanted.temperature.as_ref().filter(|wanted| *wanted != temperature) {
        wrong.push(format!("wanted a lead that is {wanted}, it is {temperature} ({})", lead.score));
    }
    if let Some(score) = wanted.score.filter(|score| *score != lead.score) {
        wrong.push(format!("wanted a score of {score}, it is {}", lead.score));
    }
    for (field, value) in &wanted.answers {
        let given = lead.answers.iter().find(|answer| answer.field == *field);
        let given = given.map_or("nothing", |answer| answer.value.expose().as_str());
        if given != value {
            wrong.push(format!("wanted {field} to be {value:?}, it is {given:?}"));
        }
    }
    let reasons: Vec<&str> = lead.evidence.iter().map(|evidence| evidence.rule.as_str()).collect();
    for because in wanted.because.iter().filter(|because| !reasons.iter().any(|rule| rule.contains(*because)))
    {
        wrong.push(format!("wanted the reason {because:?}, the reasons are: {}", reasons.join("; ")));
    }
    if let Some(wanted) = &wanted.came_from {
        let told = &lead.attribution;
        let told = [told.source.as_str(), told.medium.as_str(), told.campaign.as_str()].join("/");
        let told = told.trim_end_matches('/');
        if wanted != told {
            wrong.push(format!("wanted somebody who came from {wanted:?}, they came from {told:?}"));
        }
    }
    if let Some(contact) = &wanted.contact {
        let ways = [lead.contact.phone.expose(), lead.contact.email.expose(), lead.contact.username.expose()];
        if !ways.into_iter().any(|way| way == contact) {
            wrong.push(format!("wanted the contact {contact:?}, it is {ways:?}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_stand_in_their_order() {
        assert!(says("Hi, Anna. I am DevBot.", "Hi…DevBot"));
        assert!(says("Hi, Anna. I am DevBot.", "Hi, … I am"));
        assert!(!says("Hi, Anna. I am DevBot.", "DevBot…Hi"));
        assert!(says("anything", "…"));
    }
}
