//! What analytics answers, one call a file.

mod report;

pub(crate) use report::Report;
