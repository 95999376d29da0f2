//! What HubSpot says where it does not do what it was asked. Every part of these answers may be missing: HubSpot says so
//! itself.

use std::time::Duration;

use ids::Pii;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::super::call::Reply;
use super::super::{Fault, Trouble};

/// Mistakes that are told of one request at most.
const MOST_FAULTS: usize = 30;
/// Characters of what is said of one: an option that is not there comes with the list of all that are.
const LONGEST: usize = 500;

/// Which property is which of our fields: theirs, ours.
#[derive(Clone, Debug, Default)]
pub(super) struct Names<'a>(pub(super) Vec<(&'a str, &'a str)>);

#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    message: Value,
    category: Value,
    #[serde(rename = "policyName")]
    policy: Value,
    errors: Value,
}

/// A property's mistake, in the list that the message holds as JSON.
#[derive(Deserialize)]
struct Invalid {
    #[serde(default)]
    message: String,
    #[serde(default)]
    error: String,
    name: String,
}

impl Names<'_> {
    fn ours(&self, theirs: &str) -> Option<String> {
        self.0.iter().find(|(name, _)| *name == theirs).map(|(_, ours)| (*ours).to_owned())
    }
}

fn body(reply: &Reply) -> Body {
    serde_json::from_slice(&reply.body).unwrap_or_default()
}

/// The request is wrong: each mistake by our name for its field.
pub(super) fn rejected(reply: &Reply, names: &Names<'_>) -> Trouble {
    Trouble::Rejected { status: reply.status, faults: faults(&body(reply), names), said: reply.said() }
}

/// Whether a value was refused because another object has it, and must be the only one that has.
pub(super) fn is_taken(reply: &Reply, property: &str) -> bool {
    let body = body(reply);
    let names = Names(vec![(property, property)]);
    let by_code = faults(&body, &names)
        .iter()
        .any(|fault| fault.code == "CONFLICTING_UNIQUE_VALUE" && fault.field.as_deref() == Some(property));
    let message = text(&body.message);
    let by_words =
        message.contains("already has that value") && message.contains(&format!("propertyName={property},"));
    by_code || by_words
}

/// The id in "Contact already exists. Existing ID: 123".
pub(super) fn existing_id(reply: &Reply) -> Option<String> {
    let body = body(reply);
    let (_, rest) = text(&body.message).split_once("Existing ID: ")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    (1..=20).contains(&digits.len()).then_some(digits)
}

/// How long a limit lasts. That of a day ends at midnight where the account is, which is not known here: it is looked at
/// every hour, and one call in an hour is nothing beside what has used it up.
pub(super) fn pause(reply: &Reply) -> Duration {
    match text(&body(reply).policy) {
        "SECONDLY" => Duration::from_secs(1),
        "DAILY" => Duration::from_secs(3_600),
        _ => Duration::from_secs(10),
    }
}

/// Why a call is forbidden, for the operator. A right that is missing is missing for everything.
pub(super) fn forbidden(reply: &Reply) -> Trouble {
    let (status, said) = (reply.status, reply.said());
    if text(&body(reply).category) == "MISSING_SCOPES" {
        let why = "the private app may not do this; give it crm.objects.contacts and crm.objects.deals (read and write), \
                   crm.schemas.contacts.read, crm.schemas.deals.read and crm.objects.owners.read";
        return Trouble::Denied { status, why, said };
    }
    let why = "HubSpot forbids this to the private app; look at the app and at the account's subscription";
    Trouble::Forbidden { status, why, said }
}

fn faults(body: &Body, names: &Names<'_>) -> Vec<Fault> {
    let listed = body.errors.as_array().map_or(&[][..], Vec::as_slice).iter().filter_map(Value::as_object);
    let mut faults: Vec<Fault> = listed.take(MOST_FAULTS).map(|error| of_error(error, names)).collect();
    if faults.iter().any(|fault| fault.field.is_some()) {
        return faults;
    }
    let inner = in_message(text(&body.message));
    if !inner.is_empty() {
        return inner
            .into_iter()
            .take(MOST_FAULTS)
            .map(|one| fault(&one.name, &one.error, &one.message, names))
            .collect();
    }
    if faults.is_empty() {
        faults.push(fault("", text(&body.category), text(&body.message), names));
    }
    faults
}

fn of_error(error: &Map<String, Value>, names: &Names<'_>) -> Fault {
    let of = |name: &str| error.get(name).map_or("", text);
    let context = error.get("context");
    let context = ["propertyName", "propertyNames", "properties"].iter().find_map(|key| {
        let value = context?.get(key)?;
        value.as_str().or_else(|| value.get(0)?.as_str())
    });
    let property = context.unwrap_or_else(|| of("in"));
    fault(property, of("code"), of("message"), names)
}

/// The list in `Property values were not valid: [{…}]`.
fn in_message(message: &str) -> Vec<Invalid> {
    let Some(at) = message.find("[{") else { return Vec::new() };
    let list = serde_json::Deserializer::from_str(&message[at..]).into_iter().next();
    list.and_then(Result::ok).unwrap_or_default()
}

fn fault(property: &str, code: &str, message: &str, names: &Names<'_>) -> Fault {
    let field = names.ours(property);
    let detail: String = match &field {
        // Without it nobody knows what is meant.
        None if !property.is_empty() => format!("{property}: {message}").chars().take(LONGEST).collect(),
        _ => message.chars().take(LONGEST).collect(),
    };
    Fault::new(field, code, detail)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}

/// More of something than is looked through.
pub(super) fn too_many(what: &str) -> Trouble {
    Trouble::Failed {
        status: 200,
        said: Pii::new(format!("more than 5 000 {what} on one record: not looked through")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(body: &str) -> Vec<(Option<String>, String, String)> {
        let names = Names(vec![("budget", "money"), ("email", "mail")]);
        let all = faults(&serde_json::from_str(body).unwrap_or_default(), &names);
        all.into_iter().map(|fault| (fault.field, fault.code, fault.detail.into_inner())).collect()
    }

    fn fault(field: Option<&str>, code: &str, detail: &str) -> (Option<String>, String, String) {
        (field.map(str::to_owned), code.to_owned(), detail.to_owned())
    }

    #[test]
    fn a_mistake_is_read_in_each_of_the_forms_that_hubspot_has() {
        let in_errors = r#"{"status":"error","message":"x","category":"VALIDATION_ERROR","errors":[
            {"message":"no such","code":"INVALID_OPTION","context":{"propertyName":["budget"]}},
            {"message":"bad","in":"email"}]}"#;
        let wanted =
            [fault(Some("money"), "INVALID_OPTION", "no such"), fault(Some("mail"), "REFUSED", "bad")];
        assert_eq!(told(in_errors), wanted);
        let in_message = r#"{"message":"Property values were not valid: [{\"isValid\":false,\"message\":\"no such\",\"error\":\"INVALID_OPTION\",\"name\":\"budget\"}] and so on","category":"VALIDATION_ERROR"}"#;
        assert_eq!(told(in_message), [fault(Some("money"), "INVALID_OPTION", "no such")]);
        let not_ours =
            r#"{"message":"x","errors":[{"message":"no","code":"A_B","context":{"propertyName":["tea"]}}]}"#;
        assert_eq!(told(not_ours), [fault(None, "A_B", "tea: no")], "what is not ours is still told");
        let bare = r#"{"message":"CONTACTS=1 is not valid","category":"VALIDATION_ERROR"}"#;
        assert_eq!(told(bare), [fault(None, "VALIDATION_ERROR", "CONTACTS=1 is not valid")]);
        assert_eq!(told("what?"), [fault(None, "REFUSED", "")]);
        let code = r#"{"message":"m","category":"ada@example.com is bad"}"#;
        assert_eq!(told(code), [fault(None, "REFUSED", "ada@example.com is bad: m")], "a code is a word");
    }

    #[test]
    fn no_more_is_kept_than_somebody_reads() {
        let one = format!(r#"{{"message":"{}","in":"budget"}}"#, "x".repeat(5_000));
        let all = told(&format!(r#"{{"errors":[{}]}}"#, vec![one; 100].join(",")));
        assert_eq!(all.len(), MOST_FAULTS);
        assert!(all.iter().all(|(_, _, detail)| detail.len() == LONGEST));
    }

    proptest! {
        #[test]
        fn any_body_is_read_without_panic(
            message in "(null|7|\\{\\}|\"\\[\\{\"|\"a \\[\\{\\}\\]\"|\"[^\"\\\\]{0,20}\")",
            errors in "(null|7|\\[\\]|\\[1,null,\\{\\}\\]|\\[\\{\"code\":7,\"in\":\\[\\],\"context\":(1|\\{\"propertyName\":(7|\\[\\]|\\[7\\]|\"a\")\\})\\}\\])",
        ) {
            let body = format!(r#"{{"message":{message},"errors":{errors}}}"#);
            prop_assert!(!told(&body).is_empty());
        }
    }
}
