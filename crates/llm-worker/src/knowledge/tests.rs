//! The search, on a real Postgres, over what the shipped bot knows.

use bot_folder::{BotFolder, Lang};
use ids::{Ids, Secret};
use pg::{PgError, Pool, PoolSettings};
use testkit::TestDatabase;

use super::{SURE, Scope, Search};
use crate::domain::claims;
use crate::domain::plain_text;
use crate::domain::question::Source;
use crate::store::{MIGRATOR, documents};

pub(crate) struct Fixture {
    pub(crate) pool: Pool,
    pub(super) admin: Secret,
    _database: TestDatabase,
}

/// A database as the worker finds it: its own role, its own schema, migrated.
pub(crate) async fn fixture() -> Fixture {
    let database = testkit::database().await;
    let server = database.url.split_once('@').unwrap().1;
    let url = Secret::new(format!("postgres://{}_llm:only-for-this-test@{server}", database.name));
    pg::provision(&database.secret(), "llm", &url).await.unwrap();
    let pool = pg::connect(&PoolSettings { url, max_connections: 4 }, "llm").await.unwrap();
    pg::migrate(&pool, &MIGRATOR).await.unwrap();
    Fixture { pool, admin: database.secret(), _database: database }
}

fn shipped() -> BotFolder {
    BotFolder::load(&testkit::workspace_root().join("bots/dev2production")).unwrap()
}

async fn stored() -> Fixture {
    let fixture = fixture().await;
    documents::replace(&fixture.pool, "dev2production", &super::documents::of(&shipped())).await.unwrap();
    fixture
}

async fn found(pool: &Pool, bot: &str, language: Lang, asked: &str) -> Result<Vec<Source>, PgError> {
    Search::new(pool.clone(), None).find(&Scope::named(bot), language, asked).await
}

/// The surest source, as `confidence title`.
async fn best(pool: &Pool, language: Lang, asked: &str) -> (f32, String) {
    let found = found(pool, "dev2production", language, asked).await.unwrap();
    found.into_iter().next().map_or((0.0, "nothing".to_owned()), |s| (s.confidence, s.heading))
}

async fn known(pool: &Pool, language: Lang, cases: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (asked, wanted) in cases {
        let (confidence, heading) = best(pool, language, asked).await;
        println!("{confidence:.2} {asked} -> {heading}");
        if confidence < SURE || !heading.contains(wanted) {
            wrong.push(format!("{confidence:.2} {asked} -> {heading}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

async fn unknown(pool: &Pool, language: Lang, cases: &[&str]) {
    let mut wrong = Vec::new();
    for asked in cases {
        let (confidence, heading) = best(pool, language, asked).await;
        println!("{confidence:.2} {asked} -> {heading}");
        if confidence >= SURE {
            wrong.push(format!("{confidence:.2} {asked} -> {heading}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn questions_in_english_find_their_source() {
    let fixture = stored().await;
    let cases = [
        ("How do you set up CI/CD pipelines?", "CI/CD"),
        ("Do you work with Kubernetes?", "Kubernetes"),
        ("Which clouds do you support?", "cloud"),
        ("What is your hourly rate?", "cost"),
        ("Hi! Can you tell me what is included in support?", "upport"),
        ("What happens after acceptance of a stage?", "Acceptance"),
        ("How do I report a problem?", "report or escalate a problem"),
        ("Where do you keep passwords and tokens?", "Secrets"),
        ("Is production data copied to your machines?", "Data"),
        ("Can the contract be ended with notice?", "Leaving"),
        ("What is the reaction time when production is down?", "upport"),
        ("Do you restore backups for a test?", "backups"),
        ("Is there a demo every two weeks?", "progress"),
        ("Do you anonymise our data?", "Data"),
        ("Do hours that were not used carry over?", "upport"),
        ("Can we stop after any stage?", "work"),
        ("Which programming languages do you write in?", "technologies"),
        ("Do you use Terraform?", "echnolog"),
        ("Hello. We are a small bakery in Leeds. Will you sign an NDA?", "NDA"),
    ];
    known(&fixture.pool, Lang::EN, &cases).await;
}

#[tokio::test]
async fn questions_in_russian_find_their_source_in_any_word_form() {
    let fixture = stored().await;
    let cases = [
        ("Как вы настраиваете CI/CD?", "CI/CD"),
        ("А с кубернетесом работаете?", "Kubernetes"),
        ("Какие у вас цены?", "стоит"),
        ("Здравствуйте! Подскажите, пожалуйста, что входит в поддержку?", "оддержк"),
        ("Что происходит после приёмки этапа?", "Приёмка"),
        ("Где вы храните пароли и токены?", "Секреты"),
        ("Какое время реакции, если продакшен лежит?", "оддержк"),
        ("Можно ли расторгнуть договор?", "Завершение"),
        ("Как сообщить о проблеме?", "проблеме"),
        ("Копируете ли вы боевые данные на свои машины?", "Данные"),
        ("Подписываете соглашение о неразглашении?", "NDA"),
        ("Меня зовут Иван, у нас пекарня в Твери. Вы делаете телеграм ботов?", "бот"),
        ("Сколько инженеров отвечает за результат?", "работ"),
        ("Можно ли остановиться после любого этапа?", "работ"),
        ("Что делает дежурный инженер при инциденте?", "оддержк"),
        ("нужна предоплата?", "оплата"),
        ("Маскируете ли вы персональные данные перед моделью?", "нашими данными в ИИ"),
        ("Каждую неделю будет отчёт?", "работ"),
    ];
    known(&fixture.pool, Lang::RU, &cases).await;
}

#[tokio::test]
async fn questions_about_something_else_are_unknown() {
    let fixture = stored().await;
    let english = [
        "How much is a haircut?",
        "Who is the president of France?",
        "What is the weather in London tomorrow?",
        "Can you recommend a good restaurant?",
        "Do you sell used cars?",
        "How do I cook borscht?",
        "Write a poem about autumn",
        "What is the capital of Australia?",
        "Do you repair iPhones?",
        "Is there a discount for students?",
        "Can I work remotely as your designer?",
        "How much does a Tesla cost?",
        "Do you work with dentists?",
        "Can you build me a house?",
        "Is your director married?",
        "Which football team do you support?",
        "What time does the train to Berlin leave?",
        "Do you offer translation services?",
        "Where is your office in Tokyo?",
        "ok",
        "???",
        "",
    ];
    unknown(&fixture.pool, Lang::EN, &english).await;
    let russian = [
        "Сколько стоит маникюр?",
        "Какая завтра погода в Москве?",
        "Кто президент Франции?",
        "Как приготовить борщ?",
        "Вы продаёте подержанные автомобили?",
        "Напиши стихотворение про осень",
        "Посоветуйте хороший ресторан",
        "Какая столица Австралии?",
        "Есть ли скидка для студентов?",
        "Делаете ли вы ремонт квартир?",
        "Сколько стоит билет на поезд до Казани?",
        "Вы работаете со стоматологами?",
        "За какую футбольную команду болеете?",
        "Где купить билеты в Токио?",
        "Вы переводите тексты с китайского?",
        "Какой курс доллара сегодня?",
        "Когда родился Пушкин?",
        "ок",
        "спасибо",
        "👍",
    ];
    unknown(&fixture.pool, Lang::RU, &russian).await;
}

#[tokio::test]
async fn hostile_questions_are_words_like_any_other() {
    let fixture = stored().await;
    let long = "слово ".repeat(5_000);
    for asked in [
        "'); drop table passage; --",
        "a & | ! <-> :* 'b' \\",
        "\0\u{1}",
        "'",
        "\\'",
        "x' | 'y",
        &long,
        "{a,b}",
    ] {
        found(&fixture.pool, "dev2production", Lang::RU, asked).await.unwrap();
    }
}

#[tokio::test]
async fn a_bot_knows_nothing_of_another_bot() {
    let fixture = stored().await;
    assert!(
        found(&fixture.pool, "other", Lang::EN, "Do you work with Kubernetes?").await.unwrap().is_empty()
    );
}

#[tokio::test]
async fn storing_again_writes_only_what_changed() {
    let fixture = fixture().await;
    let all = super::documents::of(&shipped());
    let changes = documents::replace(&fixture.pool, "dev2production", &all).await.unwrap();
    assert_eq!((changes.written, changes.removed), (all.len(), 0));
    let changes = documents::replace(&fixture.pool, "dev2production", &all).await.unwrap();
    assert_eq!((changes.written, changes.removed), (0, 0));

    let mut edited = all.clone();
    edited[0].title.push('!');
    edited.pop();
    let changes = documents::replace(&fixture.pool, "dev2production", &edited).await.unwrap();
    assert_eq!((changes.written, changes.removed), (1, 2));
    let changes = documents::replace(&fixture.pool, "other", &all[..1]).await.unwrap();
    assert_eq!((changes.written, changes.removed), (1, 0));
}

#[tokio::test]
async fn replicas_that_start_at_once_store_it_once() {
    let fixture = fixture().await;
    let all = super::documents::of(&shipped());
    let replicas = (0..4).map(|_| {
        let (pool, all) = (fixture.pool.clone(), all.clone());
        tokio::spawn(async move { documents::replace(&pool, "dev2production", &all).await.unwrap().written })
    });
    let mut written = 0;
    for replica in replicas.collect::<Vec<_>>() {
        written += replica.await.unwrap();
    }
    assert_eq!(written, all.len());
}

/// What is passed on word for word is never withheld as a promise without a source.
#[test]
fn every_passage_backs_itself() {
    for document in super::documents::of(&shipped()) {
        for passage in document.passages {
            let said = plain_text::of_markdown(&passage.text);
            assert_eq!(
                claims::unfounded(&said, &[&passage.heading, &passage.text], &[]),
                None,
                "{}",
                passage.heading
            );
        }
    }
}

#[tokio::test]
async fn a_bot_that_was_never_stored_is_no_error() {
    let fixture = fixture().await;
    let nobody = Ids::system().uuid().to_string();
    assert!(found(&fixture.pool, &nobody, Lang::EN, "anything").await.unwrap().is_empty());
}
