//! How a portal is set up that a test starts.

use ids::Clock;

/// What can be another than usual.
#[derive(Clone, Debug)]
pub struct Options {
    /// The simple mode, without leads: one with a name becomes a person and a deal as soon as it is there.
    pub simple: bool,
    /// Whose rights the webhook has.
    pub user: i64,
    /// The secret of the webhook.
    pub secret: String,
    pub client_id: String,
    pub client_secret: String,
    /// What the portal's own calls carry, by which they are known to be its own.
    pub application_token: String,
    /// Ids are greater than this.
    pub last_id: i64,
    /// ISO 4217.
    pub currency: String,
    /// So many people work there, besides the two of `account`.
    pub further_staff: i64,
    /// Requests that the bucket holds; the next is refused.
    pub bucket: f64,
    /// Requests that run out of it in a second.
    pub drained: f64,
    /// So many refusals for that, and somebody at Bitrix24 shuts us out.
    pub patience: usize,
    /// Seconds of operating that a method may take in ten minutes.
    pub operating: f64,
    /// Seconds of operating that a call takes.
    pub takes: f64,
    /// A refusal for that says when the method may be called again.
    pub tells_reset: bool,
    /// The webhook or the application has the right to name who works there.
    pub names_people: bool,
    pub clock: Clock,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            simple: false,
            user: 1,
            secret: "a1b2c3d4e5f6g7h8".to_owned(),
            client_id: "local.573ad8a0346747".to_owned(),
            client_secret: "client-secret".to_owned(),
            application_token: "51856fefc120afa4b628cc82d3935cce".to_owned(),
            last_id: 0,
            currency: "RUB".to_owned(),
            further_staff: 0,
            bucket: 50.0,
            drained: 2.0,
            patience: 10,
            operating: 480.0,
            takes: 0.05,
            tells_reset: true,
            names_people: true,
            clock: Clock::system(),
        }
    }
}
