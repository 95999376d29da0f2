//! The jobs of the CRM service: the only code here that calls out.

mod beginnings;
mod brief;
mod deliver;
mod deliver_deal;
mod ends;
mod gone;
mod later;
mod read_deal;

pub(crate) use beginnings::Beginnings;
pub(crate) use deliver::{DELIVER, Deliver, DeliverLead};
pub(crate) use deliver_deal::{DELIVER_DEAL, DealDeliverer, DeliverDeal, News};
pub(crate) use ends::Ends;
pub(crate) use read_deal::{DealReader, ReadDeal};
