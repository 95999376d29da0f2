//! How surely a passage is about what is asked: the share of the question's words that it holds, each word
//! weighed by how rare it is in what the bot knows.

/// From this confidence a passage is passed on as an answer without anybody reading it. Calibrated by the
/// tests of the search: below are questions about something else that share a word.
pub(crate) const SURE: f32 = 0.5;

/// Below this a passage is not even shown to a model.
pub(super) const WORTH_SHOWING: f32 = 0.15;

/// How much of the confidence a match in the heading makes.
const HEADING_SHARE: f32 = 0.2;

/// A question of several sentences may be answered by what one of them asks; a little less surely.
const SENTENCE_SHARE: f32 = 0.92;

/// One word of the question.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Term {
    pub(super) lexeme: String,
    /// How rare it is; more than 0.
    pub(super) weight: f32,
}

impl Term {
    /// A word that `holding` of `all` passages hold (BM25's inverse document frequency). One that no passage
    /// holds weighs most: the question is about something that the bot has never heard of.
    pub(super) fn new(lexeme: String, holding: i64, all: i64) -> Self {
        let (holding, all) = (holding as f32, all.max(holding) as f32);
        Self { lexeme, weight: (1.0 + (all - holding + 0.5) / (holding + 0.5)).ln() }
    }
}

/// Confidence, from 0 to 1, in a passage that holds the lexemes `matched`, of them `headed` in its heading.
/// `sentences` are the question's, each as places in `terms`.
pub(super) fn confidence(
    sentences: &[Vec<usize>],
    terms: &[Term],
    matched: &[String],
    headed: &[String],
) -> f32 {
    let whole: Vec<usize> = (0..terms.len()).collect();
    let of = |places: &[usize]| {
        let weigh = |held: &[String]| -> f32 {
            places.iter().filter(|&&at| held.contains(&terms[at].lexeme)).map(|&at| terms[at].weight).sum()
        };
        let all: f32 = places.iter().map(|&at| terms[at].weight).sum();
        if all > 0.0 {
            ((1.0 - HEADING_SHARE) * weigh(matched) + HEADING_SHARE * weigh(headed)) / all
        } else {
            0.0
        }
    };
    // A sentence of one word says too little to be the question.
    let parts =
        sentences.iter().filter(|sentence| sentence.len() > 1).map(|sentence| SENTENCE_SHARE * of(sentence));
    parts.fold(of(&whole), f32::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(list: &[&str]) -> Vec<String> {
        list.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn a_rare_word_that_is_missing_counts_more_than_a_common_one_that_is_there() {
        let terms = [Term::new("cost".into(), 6, 20), Term::new("haircut".into(), 0, 20)];
        let sure = confidence(&[vec![0, 1]], &terms, &words(&["cost"]), &words(&["cost"]));
        assert!(sure < SURE, "{sure}");
        let terms = [Term::new("cost".into(), 6, 20), Term::new("bot".into(), 4, 20)];
        let sure = confidence(&[vec![0, 1]], &terms, &words(&["cost", "bot"]), &[]);
        assert!(sure > SURE, "{sure}");
    }

    #[test]
    fn one_sentence_of_several_may_be_the_question() {
        let terms: Vec<Term> =
            ["ivan", "company", "cost", "bot"].iter().map(|word| Term::new((*word).into(), 1, 20)).collect();
        let held = words(&["cost", "bot"]);
        assert!(confidence(&[vec![0, 1], vec![2, 3]], &terms, &held, &held) > SURE);
        assert!(confidence(&[vec![0, 1, 2, 3]], &terms, &held, &held) < 0.6);
    }

    proptest! {
        #[test]
        fn confidence_is_a_share(holding in proptest::collection::vec(0i64..30, 1..8), matched in 0usize..8) {
            let terms: Vec<Term> =
                holding.iter().enumerate().map(|(i, h)| Term::new(i.to_string(), *h, 20)).collect();
            let held: Vec<String> = (0..matched).map(|i| i.to_string()).collect();
            let sure = confidence(&[(0..terms.len()).collect()], &terms, &held, &held);
            prop_assert!((0.0..=1.0001).contains(&sure));
        }
    }
}
