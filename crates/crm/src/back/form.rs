//! Forms as PHP writes them: `leads[status][0][id]=7`.

/// Keys have a handful of names; one that has more is none of a CRM's.
const DEEPEST: usize = 8;

/// The names in a key, the first of which stands alone: `leads`, `status`, `0`, `id`. Nothing where the key is not written so.
fn names(key: &str) -> Option<Vec<&str>> {
    let Some((first, mut rest)) = key.split_once('[') else { return Some(vec![key]) };
    let mut names = vec![first];
    loop {
        let (name, after) = rest.split_once(']')?;
        names.push(name);
        match after.strip_prefix('[') {
            Some(more) if names.len() < DEEPEST => rest = more,
            None if after.is_empty() => return Some(names),
            _ => return None,
        }
    }
}

/// Gives each field of a form to `see`: the names in its key, and its value. What is not written as a form is passed over.
pub(super) fn each(body: &[u8], mut see: impl FnMut(&[&str], &str)) {
    for (key, value) in url::form_urlencoded::parse(body) {
        if let Some(names) = names(&key) {
            see(&names, &value);
        }
    }
}

/// The number of a deal, which is digits alone: it becomes a part of addresses.
pub(super) fn is_id(text: &str) -> bool {
    (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(body: &[u8]) -> Vec<(Vec<String>, String)> {
        let mut all = Vec::new();
        each(body, |names, value| {
            all.push((names.iter().map(|name| (*name).to_owned()).collect(), value.to_owned()));
        });
        all
    }

    #[test]
    fn a_key_is_cut_into_its_names() {
        let body = b"a=1&b[c]=2&leads%5Bstatus%5D%5B0%5D%5Bid%5D=+7&x[]=3";
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let wanted = [
            (names(&["a"]), "1".to_owned()),
            (names(&["b", "c"]), "2".to_owned()),
            (names(&["leads", "status", "0", "id"]), " 7".to_owned()),
            (names(&["x", ""]), "3".to_owned()),
        ];
        assert_eq!(all(body), wanted);
    }

    #[test]
    fn a_key_that_is_not_written_so_is_passed_over() {
        for body in ["a[b=1", "a[b]c=1", "a[b]]=1", "a[b]c[d]=1", &format!("a{}=1", "[b]".repeat(9))] {
            assert_eq!(all(body.as_bytes()), [], "{body}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(body in prop::collection::vec(any::<u8>(), 0..400)) {
            for (names, _) in all(&body) {
                prop_assert!((1..=DEEPEST).contains(&names.len()));
            }
        }

        #[test]
        fn brackets_in_any_order_are_read_without_panic(body in "[\\[\\]a=&%05BD]{0,60}") {
            let _ = all(body.as_bytes());
        }

        #[test]
        fn what_was_written_is_read(
            fields in prop::collection::vec((prop::collection::vec("[^\\[\\]]{1,8}", 1..=DEEPEST), ".{0,12}"), 0..8),
        ) {
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            for (names, value) in &fields {
                let rest: String = names[1..].iter().map(|name| format!("[{name}]")).collect();
                form.append_pair(&format!("{}{rest}", names[0]), value);
            }
            prop_assert_eq!(all(form.finish().as_bytes()), fields);
        }
    }
}
