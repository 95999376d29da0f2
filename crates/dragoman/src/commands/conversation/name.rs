//! The person's name is not kept with a conversation: it is held again with a stand-in, which is no difference.

/// Stands for the person's first name. No text of a bot has it.
pub(super) const STAND_IN: &str = "\u{e000}";
/// A first name is cut to so many characters before it is said.
const LONGEST: usize = 40;

/// A text as it would have been: with the name that was said in its place then, else without any.
pub(super) fn named(now: &str, was: &[String]) -> String {
    let Some((before, after)) = now.split_once(STAND_IN) else { return now.to_owned() };
    // What comes up to the next place of the name.
    let next = after.split(STAND_IN).next().unwrap_or_default();
    let fits = |was: &String| {
        let rest = was.strip_prefix(before)?;
        let ends = if next.is_empty() {
            vec![rest.len()]
        } else {
            rest.match_indices(next).map(|(at, _)| at).collect()
        };
        let name = ends.into_iter().map(|end| &rest[..end]).find(|name| {
            !name.is_empty() && name.chars().count() <= LONGEST && now.replace(STAND_IN, name) == *was
        })?;
        Some(now.replace(STAND_IN, name))
    };
    was.iter().find_map(fits).unwrap_or_else(|| without(now))
}

/// A text that names nobody: "Hi, Anna." is "Hi." then.
pub(super) fn without(text: &str) -> String {
    text.replace(&format!(", {STAND_IN}"), "").replace(STAND_IN, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_difference_and_other_words_are() {
        let named = |now: &str, was: &str| named(&now.replace('@', STAND_IN), &[was.to_owned()]);
        assert_eq!(named("Hi, @. I am a bot", "Hi, Anna. I am a bot"), "Hi, Anna. I am a bot");
        assert_eq!(named("Hi, @. Yes, @!", "Hi, St. John. Yes, St. John!"), "Hi, St. John. Yes, St. John!");
        assert_eq!(named("Welcome, @", "Welcome, Anna"), "Welcome, Anna");
        assert_eq!(named("Hi, @. I am a bot", "Hi. I am a bot"), "Hi. I am a bot");
        assert_eq!(named("Hello, @. I am a bot", "Hi, Anna. I am a bot"), "Hello. I am a bot");
        assert_eq!(named("nobody", "Hi"), "nobody");
    }
}
