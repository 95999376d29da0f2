//! What the bot knows of a person, as a model is told it.

use events::message::bot::PersonFact;

use crate::domain::Told;

/// What the person told in passing.
pub(super) fn facts(told: &Told) -> Vec<PersonFact> {
    let fact = |kind: &str, value: &str| PersonFact { kind: kind.to_owned(), value: value.to_owned() };
    let mut facts = Vec::new();
    facts.extend(told.email.as_ref().map(|email| fact("email", email.expose())));
    facts.extend(told.phone.as_ref().map(|phone| fact("phone", phone.expose())));
    facts.extend(told.company.as_ref().map(|company| fact("company", company.value.expose())));
    facts.extend(told.deadline.as_ref().map(|deadline| fact("deadline", deadline.value.expose())));
    if !told.stack.is_empty() {
        let stack: Vec<&str> = told.stack.iter().map(|fact| fact.value.expose().as_str()).collect();
        facts.push(fact("stack", &stack.join(", ")));
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Fact;
    use ids::Pii;

    #[test]
    fn a_model_is_told_what_the_person_told() {
        let known =
            |value: &str| Fact { value: Pii::new(value.to_owned()), text: Pii::new(value.to_owned()) };
        let told = Told {
            phone: Some(Pii::new("+79129876543".to_owned())),
            company: Some(known("Acme")),
            stack: vec![known("Rust"), known("React")],
            ..Told::default()
        };
        let facts: Vec<String> =
            facts(&told).iter().map(|fact| format!("{}: {}", fact.kind, fact.value)).collect();
        assert_eq!(facts, ["phone: +79129876543", "company: Acme", "stack: Rust, React"]);
        assert!(super::facts(&Told::default()).is_empty());
    }
}
