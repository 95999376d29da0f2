//! What is set up in the account: its pipelines, people and fields, and the ids that tests name.

/// The pipeline that deals come into where none is named.
pub const SALES: i64 = 111;
/// Its stage for what nobody has looked at; no call may put a deal there.
pub const SALES_UNSORTED: i64 = 1110;
pub const SALES_FIRST: i64 = 1111;
pub const SALES_TALKS: i64 = 1112;
pub const REPAIR: i64 = 112;
pub const REPAIR_FIRST: i64 = 1121;
/// A pipeline that is put away.
pub const ARCHIVED: i64 = 113;
/// Won, in every pipeline.
pub const WON: i64 = 142;
/// Lost, in every pipeline.
pub const LOST: i64 = 143;

/// A person who works in the account.
pub const ANNA: i64 = 331;
pub const BORIS: i64 = 332;
/// Works there no more.
pub const GONE: i64 = 333;

/// A choice of a deal: hot, warm, cold.
pub const TEMPERATURE: i64 = 901;
/// A number.
pub const BUDGET: i64 = 902;
pub const DEADLINE: i64 = 903;
/// Yes or no.
pub const HAS_SITE: i64 = 904;
/// A text: made for the id of our lead.
pub const LEAD_ID: i64 = 905;
/// Several choices: Telegram, phone, letter.
pub const CHANNELS: i64 = 906;
pub const SITE: i64 = 907;
pub const BRIEF: i64 = 908;
/// Counted by the account itself.
pub const SCORE: i64 = 909;
/// A text of a person: the number of their Telegram account.
pub const TELEGRAM: i64 = 953;
pub const CITY: i64 = 954;

/// The account has so many further fields of deals that they do not fit into one page.
const FURTHER: i64 = 50;

#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) id: i64,
    pub(super) code: &'static str,
    pub(super) name: String,
    /// As the API calls it.
    pub(super) kind: &'static str,
    pub(super) enums: Vec<(i64, &'static str)>,
    pub(super) computed: bool,
}

pub(super) struct Pipeline {
    pub(super) id: i64,
    pub(super) name: &'static str,
    pub(super) archived: bool,
    /// Id, name, and 1 of that for what is unsorted.
    pub(super) stages: Vec<(i64, &'static str, i64)>,
}

pub(super) struct User {
    pub(super) id: i64,
    pub(super) name: &'static str,
    pub(super) active: bool,
}

fn field(id: i64, code: &'static str, name: &str, kind: &'static str, enums: &[&'static str]) -> Field {
    let enums = (1..).map(|nth| id * 10 + nth).zip(enums.iter().copied()).collect();
    Field { id, code, name: name.to_owned(), kind, enums, computed: false }
}

pub(super) fn lead_fields() -> Vec<Field> {
    let mut fields = vec![
        field(TEMPERATURE, "", "Temperature", "select", &["hot", "warm", "cold"]),
        field(BUDGET, "", "Budget", "numeric", &[]),
        field(DEADLINE, "", "Deadline", "date", &[]),
        field(HAS_SITE, "", "Has a site", "checkbox", &[]),
        field(LEAD_ID, "", "Lead id", "text", &[]),
        field(CHANNELS, "", "Channels", "multiselect", &["Telegram", "phone", "letter"]),
        field(SITE, "", "Site", "url", &[]),
        field(BRIEF, "", "Brief", "file", &[]),
        Field { computed: true, ..field(SCORE, "", "Score", "numeric", &[]) },
        field(911, "UTM_CONTENT", "utm_content", "tracking_data", &[]),
        field(912, "UTM_MEDIUM", "utm_medium", "tracking_data", &[]),
        field(913, "UTM_CAMPAIGN", "utm_campaign", "tracking_data", &[]),
        field(914, "UTM_SOURCE", "utm_source", "tracking_data", &[]),
        field(915, "UTM_TERM", "utm_term", "tracking_data", &[]),
    ];
    fields.extend((1..=FURTHER).map(|nth| field(2000 + nth, "", &format!("Further {nth}"), "text", &[])));
    fields
}

pub(super) fn contact_fields() -> Vec<Field> {
    let phones = &["WORK", "WORKDD", "MOB", "FAX", "HOME", "OTHER"];
    let messengers = &["SKYPE", "ICQ", "JABBER", "GTALK", "MSN", "OTHER"];
    vec![
        field(951, "PHONE", "Phone", "multitext", phones),
        field(952, "EMAIL", "Email", "multitext", &["WORK", "PRIV", "OTHER"]),
        field(TELEGRAM, "", "Telegram", "text", &[]),
        field(CITY, "", "City", "text", &[]),
        field(955, "IM", "Messenger", "multitext", messengers),
    ]
}

pub(super) fn pipelines() -> Vec<Pipeline> {
    let ends = [(WON, "Won", 0), (LOST, "Lost", 0)];
    let with = |stages: &[(i64, &'static str, i64)]| [stages, &ends].concat();
    let sales = with(&[(SALES_UNSORTED, "Incoming", 1), (SALES_FIRST, "New", 0), (SALES_TALKS, "Talks", 0)]);
    vec![
        Pipeline { id: SALES, name: "Sales", archived: false, stages: sales },
        Pipeline { id: REPAIR, name: "Repair", archived: false, stages: with(&[(REPAIR_FIRST, "New", 0)]) },
        Pipeline { id: ARCHIVED, name: "Old", archived: true, stages: with(&[(1131, "New", 0)]) },
    ]
}

pub(super) fn users() -> Vec<User> {
    vec![
        User { id: ANNA, name: "Anna", active: true },
        User { id: BORIS, name: "Boris", active: true },
        User { id: GONE, name: "Clara", active: false },
    ]
}
