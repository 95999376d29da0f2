/// Questions that the bot's FAQ answers, each with how its own answer begins. Two that follow each other in a
/// chat are always different, so that an answer given twice and one left out are told apart.
const QUESTIONS: [(&str, &str); 8] = [
    ("How do you set up CI/CD?", "We start from how you release today"),
    ("Do you work with Kubernetes?", "Yes, both managed"),
    ("Which clouds do you work with?", "AWS, Google Cloud"),
    ("How much does it cost?", "It depends on the task"),
    ("How do we pay?", "By invoice."),
    ("How do we start working together?", "You describe the task here"),
    ("How long does it take?", "From what we have seen"),
    ("When are you available?", "Monday to Friday"),
];

/// Which question a chat asks as its `nth`.
pub(super) const fn number(chat: usize, nth: usize) -> usize {
    (chat + nth) % QUESTIONS.len()
}

pub(super) const fn text(number: usize) -> &'static str {
    QUESTIONS[number].0
}

/// Which question is answered by this.
pub(super) fn answered_by(text: &str) -> Option<usize> {
    QUESTIONS.iter().position(|(_, answer)| text.starts_with(answer))
}
