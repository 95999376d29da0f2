//! A person's rights, as far as they are not conversation: what services report, the certificate of an erasure,
//! the archive of an export.

pub(crate) mod archive;
pub(crate) mod certificate;
pub(crate) mod csv;
pub(crate) mod report;
mod texts;

/// The service that this crate is, as it is called in reports.
pub(crate) const OWN: &str = "bot";
