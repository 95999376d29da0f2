use classify::{Class, Failure};

use super::Desk;
use crate::store::redrive;

impl Desk {
    /// That this is the name of an account or an endpoint: of the settings, or of one that was taken out of them and has left
    /// deliveries behind. A typing error must not look like success.
    ///
    /// # Errors
    /// `NotFound`, with the names that there are.
    pub(super) async fn is_known(&self, name: &str) -> Result<(), Failure> {
        if self.names.iter().any(|known| known == name) {
            return Ok(());
        }
        let left = redrive::names(&self.pool).await?;
        if left.iter().any(|known| known == name) {
            return Ok(());
        }
        let mut known = self.names.clone();
        known.extend(left);
        known.sort();
        known.dedup();
        let known = match known.as_slice() {
            [] => "there are no accounts and no endpoints; see [[crm.accounts]] and [[crm.endpoints]]"
                .to_owned(),
            some => format!("there are {}", some.join(", ")),
        };
        Err(Failure::new(Class::NotFound, format!("no account and no endpoint is called {name}; {known}")))
    }
}
