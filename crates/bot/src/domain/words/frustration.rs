//! A person who has had enough of the bot. Cautious: whoever is angry at a cloud, a contractor or a broken server is not,
//! and one sign that may mean something else is none.

use super::words;

/// Said to the bot or of it; each is enough. A word that ends in `*` stands for all that begin so.
const PLAIN: &str = "\
    you did not answer|you didn t answer|you didnt answer|you have not answered|you haven t answered|you havent answered|\
    you are not answering|you re not answering|you never answer|not what i asked|you do not understand me|\
    you don t understand me|you dont understand me|you don t understand anything|you do not understand anything|\
    you are not listening|you re not listening|you don t listen|you are useless|you re useless|you are stupid|\
    you re stupid|you are dumb|you re dumb|you are an idiot|you re an idiot|stupid machine|fuck you|fuck off|\
    sick of you|sick of this bot|fed up with you|fed up with this bot|tired of you|tired of this bot|\
    wasting my time|are you kidding me|are you deaf|are you even reading|stop repeating yourself|you keep repeating|\
    same answer again|i hate this bot|how many times do i have to|\
    ты не ответил*|вы не ответили|ты не отвечаешь|не отвечаешь на вопрос|не отвечаете на вопрос|не ответил на мой*|\
    не ответили на мой|не ответил на вопрос|не ответили на вопрос|это не ответ|я не это спрашивал*|я не об этом спрашивал*|\
    я не про это спрашивал*|я не это спросил|я не то спрашивал*|ты не понимаешь*|вы меня не понимаете|ты меня не понял*|\
    ты вообще читаешь|вы вообще читаете|ты читать умеешь|ты тупой|ты тупая|ты дурак|ты идиот|ты глупый|\
    ты бесполез*|вы бесполез*|тупая железяка|тупой робот|ты издеваешься|вы издеваетесь|ты достал*|вы достали|ты надоел*|вы надоели|\
    ты задолбал*|вы задолбали|ты заебал*|вы заебали|иди на хуй|иди нахуй|пошел на хуй|пошел нахуй|иди в жопу|пошел в жопу|\
    хватит повторять|хватит одно и то же|одно и то же отвеча*|одно и то же пиш*|сколько можно повторять|сколько можно спрашивать|\
    сколько раз повторять|сколько раз тебе|сколько раз вам|толку от тебя|толку от вас|от тебя никакого толку";

/// Said of a bot: of this one, unless it is somebody's. Bots that are no good are what people come with.
const OF_A_BOT: &str = "\
    useless bot|stupid bot|dumb bot|idiotic bot|shitty bot|terrible bot|bot is useless|bot is stupid|bot is dumb|\
    bot is terrible|тупой бот|тупейший бот|глупый бот|бесполезный бот|дурацкий бот|ужасный бот|идиотский бот|бот тупой|\
    бот глупый|бот бесполез*|бот дурацкий";
const SOMEBODYS: &str =
    "our|my|their|current|old|previous|наш*|мой|моего|их|старый|прежний|нынешний|текущий|у нас";

/// The whole message, or its end.
const AT_THE_END: &str = "\
    this is ridiculous|this is useless|what a joke|сколько можно|что за бред|что за чушь|бесишь|бесите|издеваетесь|издеваешься";

/// Enough with a second sign: capitals throughout, or `??` and `!!!`.
const WITH_ANOTHER: &str = "\
    wtf|what the fuck|what the hell|bullshit|ridiculous|useless|already told you|already said|answer my question|\
    answer the question|answer me|not helpful|that doesn t help|does not help|seriously|are you there|anybody there|\
    anyone there|third time|бред|чушь|бесполезн*|отвечай|отвечайте|ответь|ответьте|где ответ|жду ответа|уже говорил*|уже сказал*|\
    уже писал*|уже отвечал*|уже спрашивал*|третий раз|что за хрень|что за фигня|нафиг|надоел*|хватит|не помог*|алло|ау|эй|\
    вы тут|вы здесь|ты тут|ты здесь|безобразие";

/// A message in capitals has so many words of so many letters.
const CAPITAL_WORDS: usize = 3;
const CAPITAL_LETTERS: usize = 4;

/// Whether a text says so.
pub(crate) fn is_frustrated(text: &str) -> bool {
    let said = format!(" {} ", words(text).join(" "));
    let holds = |phrases: &str| {
        phrases.split('|').any(|phrase| match phrase.trim().strip_suffix('*') {
            Some(begins) => said.contains(&format!(" {begins}")),
            None => said.contains(&format!(" {} ", phrase.trim())),
        })
    };
    let ends = AT_THE_END.split('|').map(str::trim).any(|phrase| said.ends_with(&format!(" {phrase} ")));
    let blames = holds(OF_A_BOT) && !holds(SOMEBODYS);
    holds(PLAIN) || blames || ends || holds(WITH_ANOTHER) && (is_shouted(text) || is_insisting(text))
}

/// In capitals, and not by names alone: `CI/CD, AWS, EKS` is no shout.
fn is_shouted(text: &str) -> bool {
    let letters = || text.chars().filter(|c| c.is_alphabetic());
    let capitals = letters().filter(|c| c.is_uppercase()).count();
    let long = text
        .split_whitespace()
        .filter(|word| word.chars().filter(|c| c.is_uppercase()).count() >= CAPITAL_LETTERS);
    long.count() >= CAPITAL_WORDS && capitals * 10 >= letters().count() * 8
}

/// `??`, `?!`, `!!!`.
fn is_insisting(text: &str) -> bool {
    text.split(|c| !matches!(c, '!' | '?')).any(|run| run.len() >= 3 || run.len() == 2 && run.contains('?'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_had_enough_of_the_bot_is_told_from_whoever_has_not() {
        for text in [
            "You did not answer my question",
            "you didn't answer!",
            "that's not what I asked",
            "You don't understand me at all",
            "useless bot",
            "This bot is useless",
            "you are stupid",
            "Fuck you",
            "You're wasting my time",
            "Are you kidding me?",
            "stop repeating yourself",
            "How many times do I have to say it",
            "I'm sick of this bot",
            "ANSWER MY QUESTION ALREADY PLEASE",
            "WTF???",
            "I already told you!!!",
            "anybody there??",
            "No. This is ridiculous",
            "Ты не ответил на вопрос",
            "вы не ответили",
            "Это не ответ!",
            "я не это спрашивала",
            "Тупой бот",
            "этот бот бесполезен",
            "Ты издеваешься?",
            "ты меня не понял",
            "вы достали уже",
            "Сколько можно!",
            "сколько можно повторять одно и то же",
            "что за бред",
            "ОТВЕЧАЙТЕ НА ВОПРОС НАКОНЕЦ",
            "Алло???",
            "я уже говорил!!!",
            "хватит повторять одно и то же",
            "толку от тебя",
            "да пошёл ты… пошёл нахуй",
        ] {
            assert!(is_frustrated(text), "{text}");
        }
        for text in [
            "Our cloud bill is ridiculous, can you cut it?",
            "We are fed up with our hosting provider",
            "manual deploys are a waste of time",
            "this stupid server keeps crashing",
            "Production is down!!!",
            "PRODUCTION IS DOWN, HELP",
            "CI/CD, AWS, EKS, GITLAB, HELM",
            "Hello!!!",
            "Great, thank you!!!",
            "how much is it??",
            "wtf is kubernetes",
            "Do you answer questions about Azure?",
            "Could you answer my question about pricing?",
            "As I already said, we have five services",
            "I don't understand what a pod is",
            "Can you explain it again?",
            "The last contractor was useless",
            "no",
            "I am not sure it helps",
            "Does your bot understand Russian?",
            "Сколько можно сэкономить на облаке?",
            "Нас задолбали ручные деплои, хотим автоматизацию",
            "подрядчик нам не ответил",
            "Прод лежит!!!",
            "СРОЧНО ПОМОГИТЕ УПАЛ СЕРВЕР",
            "Сколько стоит??",
            "я уже писал вам на почту",
            "А вы тут работаете по выходным?",
            "ответьте, пожалуйста, когда сможете",
            "хватит ли двух серверов?",
            "бред сивой кобылы нам не нужен, нужен нормальный мониторинг",
            "сервис тупит, поможете разобраться?",
            "не понимаю, что такое Helm",
            "Бот для магазина нужен",
            "достали сертификат, что дальше?",
            "Делаете аудит??",
            "We want to replace our useless bot",
            "наш тупой бот никому не отвечает, сделаете новый?",
            "Спасибо!!! Вы очень помогли!!!",
        ] {
            assert!(!is_frustrated(text), "{text}");
        }
    }
}
