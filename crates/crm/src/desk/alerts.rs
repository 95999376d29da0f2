use classify::{Class, Failure};
use ids::{Clock, Ids};

use super::{Checked, Desk};
use crate::alerts::NotTold;
use crate::config::AlertEvent;
use crate::store::trouble::{News, Wrong};

impl Desk {
    /// Sends an example to every receiver of alerts, or to one, and says what became of it.
    ///
    /// # Errors
    /// `NotFound` where no receiver has this name.
    pub async fn try_alerts(&self, name: Option<&str>) -> Result<Vec<Checked>, Failure> {
        let known = name.is_none_or(|name| self.alerts.get(name).is_some());
        if !known {
            let why =
                format!("there is no alert {} in the settings; see [[crm.alerts]]", name.unwrap_or_default());
            return Err(Failure::new(Class::NotFound, why));
        }
        let mut tried = Vec::new();
        for receiver in self.alerts.all().filter(|one| name.is_none_or(|name| one.name == name)) {
            let wrong = Wrong {
                what: AlertEvent::DeadLetter,
                target: "example".to_owned(),
                count: 1,
                since: Clock::system().now(),
                detail: "This is a test; nothing is wrong.".to_owned(),
            };
            // Another each time, so that PagerDuty does not take it for one of before.
            let trouble = i64::from(Ids::system().uuid().as_fields().0);
            let example = News { trouble, wrong, over: false, alert: receiver.name.clone() };
            let problems = match receiver.try_out(&example).await {
                Ok(()) => Vec::new(),
                Err(NotTold::NoTurn(after) | NotTold::Later(after)) => {
                    vec![format!("it asks for {} s of patience; try again then", after.as_secs())]
                }
                Err(NotTold::Failed(why) | NotTold::Unknown(why) | NotTold::Never(why)) => vec![why],
            };
            tried.push(Checked {
                account: receiver.name.clone(),
                says: String::new(),
                token_ends: None,
                problems,
                warnings: Vec::new(),
            });
        }
        Ok(tried)
    }
}
