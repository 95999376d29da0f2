//! A lead's way into a CRM, step by step: look for what an earlier attempt may have made, find the person, make what is
//! missing, say what is known. What has been made is kept as soon as it is told, so that a delivery that is cut off goes
//! on where it was; a step that writes is noted before it is called, so that afterwards it is known that nobody knows.

mod ledger;
mod words;

use std::time::Duration;

use events::Trail;
use ids::Uuid;
use pg::Pool;

use crate::accounts::Account;
use crate::adapters::{Trouble, Whose};
use crate::config::OpenDeal;
use crate::domain::deal::{Contact, Filled, Match, NewDeal, Note};
use crate::store::attempt::Known;
use crate::store::link::{self, Link};
use ledger::Ledger;
pub(crate) use ledger::Stop;
pub(crate) use words::said;

const LOOK: &str = "look for the deal";
const FIND: &str = "find the person";
const PERSON: &str = "look at the person";
const CONTACT: &str = "make the person";
const DEAL: &str = "make the deal";
const IS_THERE: &str = "look whether the deal is there";
const READ: &str = "read the deal";
const UPDATE: &str = "update the deal";
const LOOK_FOR_NOTE: &str = "look for the note";
pub(crate) const NOTE: &str = "add the note";
/// After any of these the account holds something of the person.
pub(crate) const WRITES: [&str; 4] = [CONTACT, DEAL, UPDATE, NOTE];
const PROBE: &str = "look at the account";

/// So long what the CRM has said it made is looked for, where it is not found.
const BELIEVED: Duration = Duration::from_secs(3_600);

/// What has to be looked for where a person drives a delivered lead again.
pub(crate) const MAY_BE_GONE: [&str; 2] = [DEAL, NOTE];

/// One delivery to one account.
pub(crate) struct Delivering<'a> {
    pub(crate) account: &'a Account,
    pub(crate) pool: &'a Pool,
    pub(crate) delivery_id: &'a str,
    pub(crate) lead_id: Uuid,
    pub(crate) trail: &'a Trail,
}

impl Delivering<'_> {
    /// Brings a lead there. Called again after any trouble, it does what is still missing.
    pub(crate) async fn lead(&self, contact: &Contact, deal: &NewDeal, note: &Note) -> Result<(), Stop> {
        let ledger = self.ledger();
        let Some(mut link) = self.link().await? else { return Ok(()) };
        if link.deal.is_none() {
            self.look(&ledger, &mut link, &deal.mark).await?;
        }
        if link.deal.is_none() {
            self.find_or_make(&ledger, &mut link, contact, deal).await?;
        }
        match self.fill(&ledger, &link, deal, note).await {
            Err(Stop::Trouble(trouble) | Stop::OfOne(trouble))
                if self.is_gone(&ledger, &link, &trouble).await =>
            {
                // It is there no more, so whatever was made of it: no look, which may be behind, tells more.
                (link.deal, link.joined) = (None, false);
                self.keep(&link).await?;
                self.find_or_make(&ledger, &mut link, contact, deal).await?;
                self.fill(&ledger, &link, deal, note).await
            }
            done => done,
        }
    }

    /// Puts onto the deal what is to be there.
    async fn fill(&self, ledger: &Ledger<'_>, link: &Link, deal: &NewDeal, note: &Note) -> Result<(), Stop> {
        let Some(id) = &link.deal else { return Ok(()) };
        if link.joined
            && self.account.open_deal == OpenDeal::Update
            && !matches!(ledger.known(UPDATE).await?, Known::Done { .. })
        {
            // Once: what a manager changes afterwards stays.
            self.of_one(ledger, UPDATE, self.account.adapter.update_deal(id, &deal.for_another())).await?;
        }
        self.note(ledger, id, &note.mark, self.account.adapter.add_note(id, note)).await
    }

    /// Whether a call was refused because the deal was thrown away, or merged into another, since it was kept.
    async fn is_gone(&self, ledger: &Ledger<'_>, link: &Link, refused: &Trouble) -> bool {
        match (&link.deal, refused) {
            // Some call forbidden what is not there.
            (Some(id), Trouble::Rejected { .. } | Trouble::Forbidden { .. }) => {
                matches!(ledger.call(IS_THERE, self.account.adapter.has_deal(id)).await, Ok(false))
            }
            _ => false,
        }
    }

    /// Brings fields of the deal from what we put there to what is so now: those that still hold it. What a manager has changed
    /// stays, and so does all of a deal that the settings want left as it is. The two are of the same fields.
    pub(crate) async fn refill(&self, before: &[Filled], now: Vec<Filled>) -> Result<(), Stop> {
        let (ledger, adapter) = (self.ledger(), &self.account.adapter);
        let Some(Link { deal: Some(deal), joined, .. }) = self.link().await? else { return Ok(()) };
        if now.is_empty() || (joined && self.account.open_deal != OpenDeal::Update) {
            return Ok(());
        }
        let holds = self.of_one(&ledger, READ, adapter.holds(&deal, before)).await?;
        let fields: Vec<Filled> =
            now.into_iter().zip(holds).filter_map(|(field, holds)| holds.then_some(field)).collect();
        if fields.is_empty() {
            return Ok(());
        }
        let change = NewDeal { fields, ..NewDeal::default() };
        self.of_one(&ledger, UPDATE, adapter.update_deal(&deal, &change)).await
    }

    /// Puts news of a lead on its deal, as they are when the call is noted. `None`: the lead is not there, and will not be
    /// before a person has driven it again.
    pub(crate) async fn news(
        &self,
        mark: &str,
        news: impl Future<Output = Result<Note, Trouble>>,
    ) -> Result<Option<()>, Stop> {
        let Some(deal) = self.link().await?.and_then(|link| link.deal) else { return Ok(None) };
        let put = async { self.account.adapter.add_note(&deal, &news.await?).await };
        self.note(&self.ledger(), &deal, mark, put).await.map(Some)
    }

    /// Looks for a deal that an earlier attempt may have made; one that is done as well, for its process may have ended
    /// before it kept what it was told.
    async fn look(&self, ledger: &Ledger<'_>, link: &mut Link, mark: &str) -> Result<(), Stop> {
        let known = ledger.settled(DEAL).await?;
        if known == Known::NotDone {
            return Ok(());
        }
        let Some(made) = ledger.call(LOOK, self.account.adapter.made(mark)).await? else {
            return missed(known, "the deal");
        };
        link.contact = made.contact.or(link.contact.take());
        link.deal = Some(made.deal);
        self.keep(link).await
    }

    async fn find_or_make(
        &self,
        ledger: &Ledger<'_>,
        link: &mut Link,
        contact: &Contact,
        deal: &NewDeal,
    ) -> Result<(), Stop> {
        let adapter = &self.account.adapter;
        // Before a person who may be there is looked for, the search has to have learned of them.
        let made_before = match link.contact {
            None if !adapter.makes_contact_with_deal() => ledger.settled(CONTACT).await?,
            _ => Known::NotDone,
        };
        let found = self.who(ledger, link, contact).await?;
        (link.contact, link.deal) = self.chosen(&found);
        link.joined = link.deal.is_some();
        if link.contact.is_some() {
            self.keep(link).await?;
        }
        if link.deal.is_some() {
            return Ok(());
        }
        if link.contact.is_none() && !adapter.makes_contact_with_deal() {
            missed(made_before, "the person")?;
            link.contact = Some(ledger.call(CONTACT, adapter.create_contact(contact)).await?);
            self.keep(link).await?;
        }
        let whose = link.contact.as_deref().map_or(Whose::New(contact), Whose::Known);
        let making = adapter.create_deal(deal, &whose);
        let made = match whose {
            Whose::Known(_) => self.of_one(ledger, DEAL, making).await?,
            Whose::New(_) => ledger.call(DEAL, making).await?,
        };
        link.contact = made.contact.or(link.contact.take());
        (link.deal, link.joined) = (Some(made.deal), made.merged);
        self.keep(link).await
    }

    /// Who it is. Whom an earlier attempt has found or made may have been thrown away since, or have got a deal.
    async fn who(&self, ledger: &Ledger<'_>, link: &Link, contact: &Contact) -> Result<Vec<Match>, Stop> {
        let adapter = &self.account.adapter;
        if let Some(id) = &link.contact
            && let Some(person) = self.of_one(ledger, PERSON, adapter.person(id)).await?
        {
            return Ok(vec![person]);
        }
        let found = ledger.call(FIND, adapter.find(contact, &self.account.find_by)).await?;
        if !found.is_empty() {
            return Ok(found);
        }
        // Whom a search does not know yet, or nothing tells from others, is known from this conversation.
        let before = link::contact_before(self.pool, self.lead_id, &self.account.name).await?;
        let Some(id) = before else { return Ok(found) };
        Ok(self.of_one(ledger, PERSON, adapter.person(&id)).await?.into_iter().collect())
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

    async fn note(
        &self,
        ledger: &Ledger<'_>,
        deal: &str,
        mark: &str,
        put: impl Future<Output = Result<(), Trouble>>,
    ) -> Result<(), Stop> {
        let adapter = &self.account.adapter;
        let known = ledger.known(NOTE).await?;
        if matches!(known, Known::Done { .. }) {
            return Ok(());
        }
        if ledger.waited(known)? != Known::NotDone
            && self.of_one(ledger, LOOK_FOR_NOTE, adapter.has_note(deal, mark)).await?
        {
            return Ok(());
        }
        self.of_one(ledger, NOTE, put).await
    }

    /// A call about one thing. Where that is forbidden, the account is asked whether everything is: one deal that we may not
    /// touch must not keep all other leads away.
    async fn of_one<T>(
        &self,
        ledger: &Ledger<'_>,
        step: &'static str,
        call: impl Future<Output = Result<T, Trouble>>,
    ) -> Result<T, Stop> {
        match ledger.call(step, call).await {
            Err(Stop::Trouble(trouble @ Trouble::Forbidden { .. })) => {
                ledger.call(PROBE, self.account.adapter.probe()).await?;
                Err(Stop::OfOne(trouble))
            }
            done => done,
        }
    }

    fn ledger(&self) -> Ledger<'_> {
        let settles_in = self.account.settles_in;
        Ledger { pool: self.pool, account: &self.account.name, delivery_id: self.delivery_id, settles_in }
    }

    /// `None`: the lead was erased.
    async fn link(&self) -> Result<Option<Link>, Stop> {
        Ok(link::of(self.pool, self.lead_id, &self.account.name).await?)
    }

    async fn keep(&self, link: &Link) -> Result<(), Stop> {
        Ok(link::keep(self.pool, self.lead_id, &self.account.name, link, self.trail).await?)
    }
}

/// What was made is there, even where it is not found: it is looked for again before it is made again. After a while a
/// person has thrown it away.
fn missed(known: Known, what: &'static str) -> Result<(), Stop> {
    match known {
        Known::Done { since } if since < BELIEVED => Err(Stop::Lost(what)),
        _ => Ok(()),
    }
}
