//! A webhook of amoCRM: `leads[status][0][id]=…`, of any event, several deals in one post.

use super::form::{each, is_id};

/// The deals that it tells of.
pub(super) fn deals(body: &[u8]) -> Vec<String> {
    let mut deals = Vec::new();
    each(body, |names, value| {
        if matches!(names, ["leads", _event, _number, "id"]) && is_id(value) {
            deals.push(value.to_owned());
        }
    });
    deals
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_deal_of_every_event_is_seen_and_nothing_else() {
        let body = b"leads[status][0][id]=7&leads[status][0][status_id]=142&leads[status][0][name]=x&leads[status][1][id]=8\
                     &leads[responsible][0][id]=9&leads[delete][0][id]=10&contacts[update][0][id]=11&account[id]=12\
                     &leads[status][2][id]=../13&leads[status][id]=14&leads[update][0][id][0]=15&leads[update][1][id]=";
        assert_eq!(deals(body), ["7", "8", "9", "10"]);
        assert_eq!(deals(b"{\"leads\":1}"), [""; 0]);
    }

    proptest! {
        #[test]
        fn of_any_bytes_come_ids_alone(
            parts in prop::collection::vec("(leads|\\[status\\]|\\[0\\]|\\[id\\]|=|&|[0-9]{1,25}|[^a]{0,3})", 0..30),
            end in prop::collection::vec(any::<u8>(), 0..20),
        ) {
            let body = [parts.concat().into_bytes(), end].concat();
            prop_assert!(deals(&body).iter().all(|id| is_id(id)));
        }
    }
}
