//! An outgoing webhook of Bitrix24: which event of which lead or deal, and the token of the portal.

use super::form::{each, is_id};

/// What it tells.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Of the portal: who knows it is the portal.
    pub(super) token: String,
    /// `lead:10` or `deal:5`, where it is about such.
    pub(super) deal: Option<String>,
}

pub(super) fn read(body: &[u8]) -> Told {
    let (mut told, mut event, mut number) = (Told::default(), String::new(), String::new());
    each(body, |names, value| match names {
        ["event"] => event = value.to_uppercase(),
        ["data", "FIELDS", "ID"] => value.clone_into(&mut number),
        ["auth", "application_token"] => value.clone_into(&mut told.token),
        _ => {}
    });
    // ONCRMDEALUPDATE, ONCRMLEADDELETE; of userfields and the like of deals there are longer ones, which are about no deal.
    let kind = event
        .strip_prefix("ONCRM")
        .and_then(|event| ["ADD", "UPDATE", "DELETE"].into_iter().find_map(|end| event.strip_suffix(end)));
    let kind = match kind {
        Some("LEAD") => Some("lead"),
        Some("DEAL") => Some("deal"),
        _ => None,
    };
    told.deal = kind.filter(|_| is_id(&number)).map(|kind| format!("{kind}:{number}"));
    told
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_lead_and_a_deal_are_told_apart_and_what_is_neither_is_nothing() {
        let of = |event: &str, id: &str| {
            let told = read(
                format!("event={event}&data[FIELDS][ID]={id}&auth[application_token]=abc&auth[domain]=x")
                    .as_bytes(),
            );
            assert_eq!(told.token, "abc");
            told.deal
        };
        assert_eq!(of("ONCRMLEADUPDATE", "10").as_deref(), Some("lead:10"));
        assert_eq!(of("onCrmDealAdd", "5").as_deref(), Some("deal:5"));
        assert_eq!(of("ONCRMDEALDELETE", "5").as_deref(), Some("deal:5"));
        for (event, id) in [
            ("ONCRMCONTACTUPDATE", "5"),
            ("ONCRMDEALUSERFIELDUPDATE", "5"),
            ("ONCRMDEALUPDATE", "x"),
            ("ONCRMDEALUPDATE", ""),
            ("ONCRMDEALUPDATE", "-1"),
            ("", "5"),
        ] {
            assert_eq!(of(event, id), None, "{event} {id}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(body in prop::collection::vec(any::<u8>(), 0..300)) {
            if let Some(deal) = read(&body).deal {
                prop_assert!(is_id(&deal[5..]), "{}", deal);
            }
        }
    }
}
