//! A lead's way into a CRM, step by step: look for what an earlier attempt may have made, find the person, make what is
//! missing, say what is known. What has been made is kept as soon as it is told, so that a delivery that is cut off goes
//! on where it was; a step that writes is noted before it is called, so that afterwards it is known that nobody knows.

mod ledger;

use ids::Uuid;
use pg::Pool;

use crate::accounts::Account;
use crate::adapters::{Trouble, Whose};
use crate::config::OpenDeal;
use crate::domain::deal::{Contact, Match, NewDeal, Note};
use crate::store::attempt::Known;
use crate::store::link::{self, Link};
use ledger::Ledger;
pub(crate) use ledger::Stop;

const LOOK: &str = "look for the deal";
const FIND: &str = "find the person";
const CONTACT: &str = "make the person";
const DEAL: &str = "make the deal";
const UPDATE: &str = "update the deal";
const LOOK_FOR_NOTE: &str = "look for the note";
const NOTE: &str = "add the note";

/// What has to be looked for where a person drives a delivered lead again.
pub(crate) const MAY_BE_GONE: [&str; 2] = [DEAL, NOTE];

/// One delivery to one account.
pub(crate) struct Delivering<'a> {
    pub(crate) account: &'a Account,
    pub(crate) pool: &'a Pool,
    pub(crate) delivery_id: &'a str,
    pub(crate) lead_id: Uuid,
}

impl Delivering<'_> {
    /// Brings a lead there. Called again after any trouble, it does what is still missing.
    pub(crate) async fn lead(&self, contact: &Contact, deal: &NewDeal, note: &Note) -> Result<(), Stop> {
        let ledger = self.ledger();
        let Some(mut link) = self.link().await? else { return Ok(()) };
        // Done as well: its process may have ended before it kept what it was told.
        if link.deal.is_none()
            && ledger.known(DEAL).await? != Known::NotDone
            && let Some(made) = ledger.call(LOOK, self.account.adapter.made(&deal.mark)).await?
        {
            link.contact = made.contact.or(link.contact);
            link.deal = Some(made.deal);
            self.keep(&link).await?;
        }
        if link.deal.is_none() {
            self.find_or_make(&ledger, &mut link, contact, deal).await?;
        }
        let Some(id) = &link.deal else { return Ok(()) };
        if link.joined && self.account.open_deal == OpenDeal::Update {
            ledger.call(UPDATE, self.account.adapter.update_deal(id, deal)).await?;
        }
        self.note(&ledger, id, note).await
    }

    /// Puts news of a lead on its deal. `None`: the lead is not there, and will not be before a person has driven it again.
    pub(crate) async fn news(&self, note: &Note) -> Result<Option<()>, Stop> {
        let Some(deal) = self.link().await?.and_then(|link| link.deal) else { return Ok(None) };
        self.note(&self.ledger(), &deal, note).await.map(Some)
    }

    async fn find_or_make(
        &self,
        ledger: &Ledger<'_>,
        link: &mut Link,
        contact: &Contact,
        deal: &NewDeal,
    ) -> Result<(), Stop> {
        let adapter = &self.account.adapter;
        if link.contact.is_none() {
            let found = ledger.call(FIND, adapter.find(contact, &self.account.find_by)).await?;
            (link.contact, link.deal) = self.chosen(&found);
            link.joined = link.deal.is_some();
            if link.contact.is_some() {
                self.keep(link).await?;
            }
        }
        if link.deal.is_some() {
            return Ok(());
        }
        if link.contact.is_none() && !adapter.makes_contact_with_deal() {
            link.contact = Some(ledger.call(CONTACT, adapter.create_contact(contact)).await?);
            self.keep(link).await?;
        }
        let whose = link.contact.as_deref().map_or(Whose::New(contact), Whose::Known);
        let made = ledger.call(DEAL, adapter.create_deal(deal, &whose)).await?;
        link.contact = made.contact.or(link.contact.take());
        (link.deal, link.joined) = (Some(made.deal), made.merged);
        self.keep(link).await
    }

    /// An open deal gets the lead, unless the settings want a new one; else whoever is known gets a deal. Who was found
    /// first is the surest.
    fn chosen(&self, found: &[Match]) -> (Option<String>, Option<String>) {
        let with_deal = found.iter().find(|one| !one.open_deals.is_empty());
        match with_deal {
            Some(one) if self.account.open_deal != OpenDeal::New => {
                (Some(one.contact.clone()), one.open_deals.first().cloned())
            }
            _ => (found.first().map(|one| one.contact.clone()), None),
        }
    }

    async fn note(&self, ledger: &Ledger<'_>, deal: &str, note: &Note) -> Result<(), Stop> {
        let adapter = &self.account.adapter;
        let is_there = match ledger.known(NOTE).await? {
            Known::NotDone => false,
            Known::Done => true,
            Known::Unknown => ledger.call(LOOK_FOR_NOTE, adapter.has_note(deal, &note.mark)).await?,
        };
        if is_there {
            return Ok(());
        }
        ledger.call(NOTE, adapter.add_note(deal, note)).await
    }

    fn ledger(&self) -> Ledger<'_> {
        Ledger { pool: self.pool, account: &self.account.name, delivery_id: self.delivery_id }
    }

    /// `None`: the lead was erased.
    async fn link(&self) -> Result<Option<Link>, Stop> {
        Ok(link::of(self.pool, self.lead_id, &self.account.name).await?)
    }

    async fn keep(&self, link: &Link) -> Result<(), Stop> {
        Ok(link::keep(self.pool, self.lead_id, &self.account.name, link).await?)
    }
}

/// What a person is told of a delivery that no try will mend.
pub(crate) fn said(account: &str, trouble: &Trouble) -> String {
    match trouble {
        Trouble::Rejected { status, faults, .. } if !faults.is_empty() => {
            let field = |fault: &crate::adapters::Fault| {
                format!(
                    "{} ({})",
                    fault.field.as_deref().unwrap_or("a field that no mapping fills"),
                    fault.code
                )
            };
            let fields = faults.iter().map(field).collect::<Vec<_>>().join(", ");
            format!("{account} refused it with {status}: {fields}; mend the mapping or the CRM and replay")
        }
        Trouble::Rejected { status, .. } => {
            format!("{account} refused it with {status}; the attempt's note has its words")
        }
        Trouble::Blocked { status, why, .. } | Trouble::Denied { status, why, .. } => {
            format!("{account} answered {status}: {why}")
        }
        Trouble::Failed { status, .. } => format!("{account} answered {status}"),
        Trouble::Busy { .. } => format!("{account} has too much to do"),
        Trouble::NotSent(why) => format!("{account} could not be called: {why}"),
        Trouble::Unknown(why) => format!("{account} did not answer: {why}"),
    }
}
