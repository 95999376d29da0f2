//! The words of a text that say something, each without its ending, so that two texts in other cases and numbers share
//! them.

use std::collections::HashSet;
use std::sync::LazyLock;

use rust_stemmers::{Algorithm, Stemmer};

/// Letters of a word that may say something.
const LEAST_LETTERS: usize = 3;

pub(crate) struct Stems {
    russian: Stemmer,
    english: Stemmer,
}

static IDLE_STEMS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let stems = Stems::default();
    IDLE.split_whitespace().map(|word| stems.stem(word)).collect()
});

impl Default for Stems {
    fn default() -> Self {
        Self { russian: Stemmer::create(Algorithm::Russian), english: Stemmer::create(Algorithm::English) }
    }
}

impl Stems {
    fn stem(&self, word: &str) -> String {
        let is_latin = word.starts_with(|c: char| c.is_ascii_alphabetic());
        let stemmer = if is_latin { &self.english } else { &self.russian };
        stemmer.stem(word).into_owned()
    }

    /// The stems of the words that say something, and the numbers.
    pub(crate) fn telling(&self, text: &str) -> Vec<String> {
        let small = text.to_lowercase().replace('ё', "е");
        let words = small.split(|c: char| !c.is_alphanumeric());
        let is_long = |word: &&str| {
            word.starts_with(|c: char| c.is_ascii_digit()) || word.chars().count() >= LEAST_LETTERS
        };
        words.filter(is_long).map(|word| self.stem(word)).filter(|stem| !IDLE_STEMS.contains(stem)).collect()
    }
}

/// Words of politeness, of offers, and those between others.
const IDLE: &str = "\
    hello hey good morning evening afternoon day nice great welcome thanks thank please sorry glad happy pleasure meet \
    help helped assist ask asking question questions tell telling know let here anything else sure course feel free write \
    engineer human person colleague call calling team would like could can want need may might will shall \
    the and for you your are with this that from have has had our not but all any was were what which when how why where \
    who they them his her its into about than then also just one two there some more most should does did been being \
    out over own very too only yes really okay moment today now time \
    здравствуйте здравствуй привет приветствую добрый доброе доброго день дня утро вечер вечера спасибо благодарю \
    пожалуйста извините простите рад рада рады помочь помогу поможем могу можем можете можно чем вопрос вопросы спросить \
    спрашивайте задавайте напишите пишите расскажите подскажите уточните обращайтесь конечно хорошо отлично понял поняла \
    понятно приятно удачи хорошего позову позвать зову инженера инженер человека человек коллеги коллега команда \
    нужно надо хотите хотели если что это как для или вас вам вами ваш ваша ваши ваше наш наша наши мне мной меня нам нас \
    они она оно его еще ее их так там тут тоже уже при без под над через может будет будем есть был была были быть чтобы \
    только очень когда где кто какой какая какие какое все всё этот эта эти том тот сейчас сегодня потом раз";
