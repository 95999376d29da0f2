//! What is said of a person's rights: `/mydata` and `/forget`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Localized, Say};

/// The texts and labels of `/mydata` and `/forget`. A bot whose menu has these actions needs all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RightsTexts {
    /// Asked for in a group: personal data is spoken of in private only.
    pub private_only: Say,
    /// The archive is being put together.
    pub mydata_started: Say,
    /// The person has had one already. `{hours}` says when there can be another.
    pub mydata_limit: Say,
    /// It could not be put together or sent.
    pub mydata_failed: Say,
    /// Stands below the archive.
    pub mydata_caption: Say,
    /// Follows where something is missing in it. `{missing}` is filled in.
    pub mydata_incomplete: Say,
    /// `README.txt` in the archive.
    pub mydata_readme: Say,
    /// What an erasure does, and the question whether it is wanted. `{days}` of grace are filled in; the buttons
    /// are added.
    pub forget_explain: Say,
    /// The question is too old, or was not the last one.
    pub forget_expired: Say,
    /// It was not wanted after all.
    pub forget_kept: Say,
    /// The erasure is fixed for `{date}`; the button that takes it back is added.
    pub forget_accepted: Say,
    /// Asked again before that `{date}`; the button that takes it back is added.
    pub forget_pending: Say,
    /// The erasure was taken back.
    pub forget_cancelled: Say,
    /// There is no erasure to take back.
    pub forget_nothing: Say,
    /// Stands below the certificate.
    pub forget_done: Say,
    /// Wants the erasure.
    pub confirm_label: Localized,
    /// Does not want it.
    pub keep_label: Localized,
    /// Takes it back.
    pub cancel_label: Localized,
}

impl RightsTexts {
    /// Each text with its key and the placeholders it may use.
    pub(crate) fn all(&self) -> [(&'static str, &Say, &'static [&'static str]); 15] {
        [
            ("private_only", &self.private_only, &[]),
            ("mydata_started", &self.mydata_started, &[]),
            ("mydata_limit", &self.mydata_limit, &["hours"]),
            ("mydata_failed", &self.mydata_failed, &[]),
            ("mydata_caption", &self.mydata_caption, &[]),
            ("mydata_incomplete", &self.mydata_incomplete, &["missing"]),
            ("mydata_readme", &self.mydata_readme, &[]),
            ("forget_explain", &self.forget_explain, &["days"]),
            ("forget_expired", &self.forget_expired, &[]),
            ("forget_kept", &self.forget_kept, &[]),
            ("forget_accepted", &self.forget_accepted, &["date"]),
            ("forget_pending", &self.forget_pending, &["date"]),
            ("forget_cancelled", &self.forget_cancelled, &[]),
            ("forget_nothing", &self.forget_nothing, &[]),
            ("forget_done", &self.forget_done, &[]),
        ]
    }

    pub(crate) fn labels(&self) -> [(&'static str, &Localized); 3] {
        [
            ("confirm_label", &self.confirm_label),
            ("keep_label", &self.keep_label),
            ("cancel_label", &self.cancel_label),
        ]
    }
}
