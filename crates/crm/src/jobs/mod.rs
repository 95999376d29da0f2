//! The jobs of the CRM service: the only code here that calls out.

mod deliver;

pub(crate) use deliver::{DELIVER, Deliver, DeliverLead};
