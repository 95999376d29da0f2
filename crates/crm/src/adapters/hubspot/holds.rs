//! What stands in the properties of a deal.

use serde_json::{Map, Value, json};

use super::Hubspot;
use super::refusal::{self, Names};
use super::wire::Object;
use crate::adapters::Trouble;
use crate::adapters::same::is_same;
use crate::domain::deal::Filled;

impl Hubspot {
    /// Which of these properties hold what is given for them.
    pub(super) async fn properties_hold(&self, id: &str, fields: &[Filled]) -> Result<Vec<bool>, Trouble> {
        let mut sent = Map::new();
        self.fields.fill(&self.api, "deals", fields, &mut sent).await?;
        let names = fields.iter().map(|filled| filled.theirs.as_str()).collect::<Vec<_>>().join(",");
        let path = ["crm", "v3", "objects", "deals", id];
        let reply = self.api.try_get(&path, &[("properties", names.as_str())]).await?;
        if reply.status == 404 {
            return Ok(vec![false; fields.len()]);
        }
        if !reply.is_success() {
            return Err(refusal::rejected(&reply, &Names::default()));
        }
        let deal: Object = reply.json()?;
        let holds = |filled: &Filled| {
            let sent = sent.get(&filled.theirs).cloned().unwrap_or(Value::Null);
            is_same(&json!(deal.text(&filled.theirs)), &sent)
        };
        Ok(fields.iter().map(holds).collect())
    }
}
