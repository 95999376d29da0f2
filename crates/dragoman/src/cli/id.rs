//! Ids on the command line: whoever writes another thing is told what one looks like and where it stands.

use ids::Uuid;

pub(super) fn conversation(text: &str) -> Result<Uuid, String> {
    parse(text, "conversation list (--chat NUMBER for one chat)")
}

pub(super) fn lead(text: &str) -> Result<Uuid, String> {
    parse(text, "leads list")
}

pub(super) fn erasure(text: &str) -> Result<Uuid, String> {
    parse(text, "erasures list")
}

fn parse(text: &str, list: &str) -> Result<Uuid, String> {
    text.trim().parse().map_err(|_| {
        format!(
            "an id is 32 hex digits like 0199aabb-ccdd-7eee-8fff-001122334455; copy one from `dragoman {list}`"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_id_is_told_what_one_looks_like_and_where_to_find_it() {
        assert!(conversation("0199aabb-ccdd-7eee-8fff-001122334455").is_ok());
        let told = conversation("4711").unwrap_err();
        assert!(told.contains("0199aabb-ccdd-7eee-8fff-001122334455"), "{told}");
        assert!(told.contains("dragoman conversation list"), "{told}");
    }
}
