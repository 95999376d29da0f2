//! What of a lead goes where in an account's deal.

use ids::Pii;

use super::deal::{Contact, Filled, NewDeal, Utm};
use super::fit;
use super::lead::Lead;
use crate::config::MappingConfig;

/// Bytes of a deal's name at most; every CRM here takes so many.
const LONGEST_NAME: usize = 200;

/// A mapping, checked.
#[derive(Clone, Debug)]
pub(crate) struct Mapping(MappingConfig);

impl Mapping {
    /// The error is for the operator.
    pub(crate) fn new(config: &MappingConfig) -> Result<Self, String> {
        match fit::unknown(config).first() {
            Some(problem) => Err(problem.english()),
            None => Ok(Self(config.clone())),
        }
    }

    pub(crate) const fn config(&self) -> &MappingConfig {
        &self.0
    }

    pub(crate) fn deal(&self, lead: &Lead) -> NewDeal {
        let tags = self.0.tags.iter().map(|tag| filled_in(tag, lead)).filter(|tag| !tag.is_empty());
        NewDeal {
            name: Pii::new(name(&filled_in(&self.0.name, lead), lead)),
            price: price(&filled_in(&self.0.price, lead)),
            currency: String::new(),
            pipeline: self.0.pipeline.clone(),
            stage: self.0.stage.clone(),
            responsible: self.0.responsible.clone(),
            tags: tags.collect(),
            fields: fields(&self.0.fields, lead),
            utm: Utm {
                source: lead.utm_source.clone(),
                medium: lead.utm_medium.clone(),
                campaign: lead.utm_campaign.clone(),
                content: lead.utm_content.clone(),
                term: lead.utm_term.clone(),
            },
            mark: lead.id.clone(),
        }
    }

    /// What goes into the deal's fields for the score and the temperature.
    pub(crate) fn scored(&self, score: i32, temperature: &str) -> Vec<Filled> {
        let lead = Lead { score, temperature: temperature.to_owned(), ..Lead::default() };
        let mut scored = fields(&self.0.fields, &lead);
        scored.retain(|field| ["score", "temperature"].contains(&field.ours.as_str()));
        scored
    }

    pub(crate) fn contact(&self, lead: &Lead) -> Contact {
        Contact {
            name: Pii::new(lead.name.clone()),
            phone: Pii::new(lead.phone.clone()),
            email: Pii::new(lead.email.clone()),
            telegram_user_id: lead.telegram_user_id,
            telegram_username: Pii::new(lead.telegram_username.clone()),
            fields: fields(&self.0.contact_fields, lead),
        }
    }
}

/// What is empty is left out: it would wipe out what somebody has written there.
fn fields(fields: &std::collections::BTreeMap<String, String>, lead: &Lead) -> Vec<Filled> {
    let filled = fields.iter().map(|(theirs, ours)| Filled {
        ours: ours.clone(),
        theirs: theirs.clone(),
        value: Pii::new(lead.value(ours)),
    });
    filled.filter(|field| !field.value.expose().is_empty()).collect()
}

fn filled_in(template: &str, lead: &Lead) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let (name, behind) = after.split_once('}').unwrap_or((after, ""));
        text.push_str(&lead.value(name));
        rest = behind;
    }
    text.push_str(rest);
    text.trim().to_owned()
}

/// Never empty, and on one line.
fn name(filled: &str, lead: &Lead) -> String {
    let line: String = filled.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line.trim_matches(|c: char| c == '—' || c == '-' || c == ':' || c == ' ');
    let line = if line.is_empty() { lead.bot.as_str() } else { line };
    line[..line.floor_char_boundary(LONGEST_NAME)].to_owned()
}

/// The first whole number of what a budget was understood as ("5000 usd", "5000-7000").
fn price(filled: &str) -> Option<i64> {
    let digits: String =
        filled.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::lead::Answer;
    use proptest::prelude::*;

    fn lead() -> Lead {
        let answer = |field: &str, value: &str| Answer {
            field: field.to_owned(),
            value: value.to_owned(),
            text: value.to_owned(),
        };
        Lead {
            id: "l-1".to_owned(),
            bot: "sales".to_owned(),
            name: "Ada".to_owned(),
            temperature: "hot".to_owned(),
            answers: vec![answer("type", "crm"), answer("budget", "5000-7000 usd")],
            ..Lead::default()
        }
    }

    #[test]
    fn a_lead_fills_a_deal_by_the_names_of_the_mapping() {
        let config = MappingConfig {
            name: "Telegram: {answers.type} — {name}".to_owned(),
            price: "{answers.budget}".to_owned(),
            tags: vec!["telegram".to_owned(), "{temperature}".to_owned(), "{utm_source}".to_owned()],
            fields: [("901", "answers.type"), ("902", "utm_term")]
                .map(|(theirs, ours)| (theirs.to_owned(), ours.to_owned()))
                .into(),
            ..MappingConfig::default()
        };
        let deal = Mapping::new(&config).unwrap().deal(&lead());
        assert_eq!(deal.name.expose(), "Telegram: crm — Ada");
        assert_eq!((deal.price, deal.mark.as_str()), (Some(5_000), "l-1"));
        assert_eq!(deal.tags, ["telegram", "hot"]);
        let fields: Vec<(&str, &str)> =
            deal.fields.iter().map(|field| (field.theirs.as_str(), field.value.expose().as_str())).collect();
        assert_eq!(fields, [("901", "crm")], "what is not known is left as it is");
    }

    #[test]
    fn a_name_that_nothing_has_is_a_mistake_of_the_settings() {
        for name in ["budget", "answers.", "phone number"] {
            let config = MappingConfig { name: format!("x {{{name}}}"), ..MappingConfig::default() };
            let error = Mapping::new(&config).err().unwrap();
            assert!(error.contains(name) && error.contains("answers.<field>"), "{error}");
        }
    }

    #[test]
    fn a_deal_always_has_a_name_of_one_line() {
        let named = |template: &str| {
            let config = MappingConfig { name: template.to_owned(), ..MappingConfig::default() };
            Mapping::new(&config).unwrap().deal(&lead()).name.expose().clone()
        };
        assert_eq!(named("{utm_term} — {email}"), "sales");
        assert_eq!(named("a\n{name}"), "a Ada");
        assert!(named(&"ю".repeat(500)).len() <= LONGEST_NAME);
    }

    proptest! {
        #[test]
        fn any_template_is_read_without_panic(template in "(\\{|\\}|[a-zа-я. ]|answers\\.type){0,30}") {
            let config = MappingConfig { name: template, ..MappingConfig::default() };
            if let Ok(mapping) = Mapping::new(&config) {
                prop_assert!(!mapping.deal(&lead()).name.expose().is_empty());
            }
        }
    }
}
