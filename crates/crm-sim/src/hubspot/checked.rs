//! What a request wants to set, looked at before anything is set.

use serde_json::Value;

use super::Kind;
use super::account::{OWNERS, stages_of};
use super::answer::{Answer, Invalid};
use super::world::{Properties, World};

impl World {
    /// The values of a request, checked; `id` is the object that is changed.
    pub(super) fn checked(&self, kind: Kind, id: Option<u64>, given: &Value) -> Result<Properties, Answer> {
        let given = given.as_object().cloned().unwrap_or_default();
        let mut values: Properties =
            given.iter().map(|(name, value)| (name.clone(), value_text(value))).collect();
        if let Some(email) = values.get_mut("email") {
            *email = email.trim().to_lowercase();
        }
        let mut invalid: Vec<Invalid> = Vec::new();
        for (name, value) in &values {
            match self.property(kind, name) {
                Some(property) => invalid.extend(property.check(value)),
                None => invalid.push(Invalid {
                    property: name.clone(),
                    code: "PROPERTY_DOESNT_EXIST",
                    message: format!("Property \"{name}\" does not exist"),
                }),
            }
        }
        if kind == Kind::Deals {
            invalid.extend(self.misplaced(id, &mut values));
        }
        if !invalid.is_empty() {
            return Err(Answer::invalid(&invalid));
        }
        let taken = values.iter().filter(|(name, value)| {
            !value.is_empty() && self.property(kind, name).is_some_and(|property| property.is_unique)
        });
        for (name, value) in taken {
            let other = self.by_unique(kind, name, value).filter(|other| Some(*other) != id);
            match other {
                Some(other) if name == "email" => return Err(Answer::contact_exists(other)),
                Some(other) => {
                    let message = format!(
                        "cannot set PropertyValueCoordinates{{portalId=145, objectTypeId={}, propertyName={name}, \
                         value={value}}} on {}. {other} already has that value.",
                        kind.type_id(),
                        id.unwrap_or(0)
                    );
                    return Err(Answer::wrong(&message));
                }
                None => {}
            }
        }
        Ok(values)
    }

    /// A stage that its pipeline has not, an owner who is not there. A deal without a pipeline gets the first.
    fn misplaced(&self, id: Option<u64>, values: &mut Properties) -> Vec<Invalid> {
        let before = id.and_then(|id| self.get(Kind::Deals, id));
        let had = |name: &str| before.and_then(|deal| deal.properties.get(name).cloned());
        if id.is_none() && values.get("pipeline").is_none_or(String::is_empty) {
            values.insert("pipeline".to_owned(), "default".to_owned());
        }
        let pipeline = values.get("pipeline").cloned().or_else(|| had("pipeline")).unwrap_or_default();
        let mut invalid = Vec::new();
        let mut refuse = |property: &str, value: &str, all: Vec<&str>| {
            invalid.push(Invalid {
                property: property.to_owned(),
                code: "INVALID_OPTION",
                message: format!("{value} was not one of the allowed options: [{}]", all.join(", ")),
            });
        };
        match stages_of(&pipeline) {
            None => refuse("pipeline", &pipeline, vec!["default", "partners"]),
            Some(stages) => {
                if let Some(stage) = values.get("dealstage").filter(|stage| !stage.is_empty())
                    && !stages.contains(&stage.as_str())
                {
                    refuse("dealstage", stage, stages);
                }
            }
        }
        if let Some(owner) = values.get("hubspot_owner_id").filter(|owner| !owner.is_empty())
            && !OWNERS.iter().any(|known| known.id == owner)
        {
            refuse("hubspot_owner_id", owner, OWNERS.iter().map(|known| known.id).collect());
        }
        invalid
    }
}

fn value_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
