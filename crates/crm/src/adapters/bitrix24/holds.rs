//! What stands in the fields of a lead or a deal.

use serde_json::Value;

use super::Bitrix24;
use super::catalogue::Catalogue;
use super::place::{Kind, Place};
use crate::adapters::Trouble;
use crate::adapters::same::is_same;
use crate::domain::deal::Filled;

impl Bitrix24 {
    /// Which of these fields hold what is given for them. A value that does not fit its field is in no field.
    pub(super) async fn fields_hold(&self, place: Place, fields: &[Filled]) -> Result<Vec<bool>, Trouble> {
        let item = self.item(place).await?.unwrap_or_default();
        let (catalogue, _) = self.catalogue.get(&self.api).await?;
        Ok(fields.iter().map(|filled| holds(&item, place.kind, &catalogue, filled)).collect())
    }
}

/// A mapping is written for leads; what they became may call the field otherwise.
fn holds(item: &Value, kind: Kind, catalogue: &Catalogue, filled: &Filled) -> bool {
    let field = catalogue.fields(kind).like(&filled.theirs, catalogue.fields(Kind::Lead));
    let sent = field.and_then(|field| field.sent(filled.value.expose(), catalogue).ok());
    let there = field.and_then(|field| item.get(&field.id));
    there.zip(sent.as_ref()).is_some_and(|(there, sent)| is_same(there, sent))
}
