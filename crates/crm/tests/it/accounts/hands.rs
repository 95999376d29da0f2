//! What managers do with deals, and what the CRM tells of it.

use testkit::App;
use testkit::crms::Deal;
use testkit::crms::amocrm::account;
use testkit::crms::hubspot::Webhook;

use super::fakes::Fake;

/// Where the service is reached from outside.
pub(super) const OUTSIDE: &str = "https://bot.example.com";
/// By which its webhooks are known.
const SECRET: &str = "0123456789abcdef-0123456789abcdef";

/// Who posts what a test says.
pub(super) fn client() -> reqwest::Client {
    outbound::builder().unwrap().no_proxy().build().unwrap()
}

/// Where a manager puts a deal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum To {
    Talks,
    Won,
    Lost,
}

impl Fake {
    /// The service's settings with this account, which may tell of its deals.
    pub(super) fn telling(&self, more: &str) -> String {
        let secret = match self {
            Self::Amocrm(_) | Self::Hubspot(_) => SECRET,
            Self::Bitrix24(_) => "51856fefc120afa4b628cc82d3935cce",
        };
        let price = "[crm.accounts.mapping]\nprice = \"{answers.budget}\"\n";
        let config = self.config(&format!("webhook_secret = \"{secret}\"\n{more}{price}"));
        config.replacen("[crm]\n", &format!("[crm]\npublic_url = \"{OUTSIDE}/\"\n"), 1)
    }

    /// Where it posts to, at the service.
    pub(super) fn address(&self, app: &App) -> String {
        match self {
            Self::Amocrm(_) => format!("{}/crm/sales/{SECRET}", app.url()),
            Self::Bitrix24(_) | Self::Hubspot(_) => format!("{}/crm/sales", app.url()),
        }
    }

    /// From now on the CRM tells the service what changes.
    pub(super) async fn tells(&self, app: &App) {
        match self {
            Self::Amocrm(fake) => {
                let asked =
                    serde_json::json!({ "destination": self.address(app), "settings": ["status_lead"] });
                let client = client().post(format!("{}/api/v4/webhooks", fake.url()));
                let client = client.header("user-agent", "a manager").bearer_auth(fake.token());
                assert_eq!(client.json(&asked).send().await.unwrap().status(), 201);
            }
            Self::Bitrix24(fake) => fake.tell(&self.address(app)),
            Self::Hubspot(fake) => fake.set_webhook(Webhook {
                url: format!("{OUTSIDE}/crm/sales"),
                through: Some(app.url().replace("http://", "")),
                client_secret: SECRET.to_owned(),
                behind_ms: 0,
            }),
        }
    }

    /// A manager makes of a lead what can be sold, where that is not the same; returns the deal, and what was answered to the
    /// CRM's telling it.
    pub(super) async fn take_up(&self, deal: &str) -> (String, Option<u16>) {
        let Self::Bitrix24(fake) = self else { return (deal.to_owned(), self.put(deal, To::Talks).await) };
        let lead = deal.strip_prefix("lead:").unwrap().to_owned();
        let made = fake.add_deal(&Deal {
            name: "Sold".to_owned(),
            price: Some(5_000),
            fields: [("leadId".to_owned(), lead)].into(),
            ..Deal::default()
        });
        (made, fake.move_to(deal, "CONVERTED").await)
    }

    /// A manager puts a deal elsewhere; what was answered to the CRM's telling it.
    pub(super) async fn put(&self, deal: &str, to: To) -> Option<u16> {
        match self {
            Self::Amocrm(fake) => {
                let stage = match to {
                    To::Talks => account::SALES_TALKS,
                    To::Won => account::WON,
                    To::Lost => account::LOST,
                };
                fake.move_lead(deal, stage).await.into_iter().flatten().next()
            }
            Self::Bitrix24(fake) => {
                let stage = match to {
                    To::Talks => "EXECUTING",
                    To::Won => "WON",
                    To::Lost => "LOSE",
                };
                fake.move_to(deal, stage).await
            }
            Self::Hubspot(fake) => {
                let stage = match to {
                    To::Talks => "qualifiedtobuy",
                    To::Won => "closedwon",
                    To::Lost => "closedlost",
                };
                fake.move_deal(deal, stage).await
            }
        }
    }
}
