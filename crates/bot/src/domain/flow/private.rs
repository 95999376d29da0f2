//! What is a person's own is asked in private. In a group whoever begins such a flow is shown the way there: a link that
//! begins it in the private chat.

use bot_folder::{BotFolder, Flow};

use crate::domain::turn::Turn;
use crate::domain::{Button, Source, Target};

/// Telegram's limit for what a start link carries.
const PAYLOAD_CHARS: usize = 64;
/// What tells where a person came from begins so, behind the name of a flow.
const SOURCE: &str = "utm_";

impl Turn<'_> {
    /// Whether a flow may not run here; then the person has been shown the way to where it may.
    pub(super) fn belongs_in_private(&mut self, id: &str) -> bool {
        if self.input.chat.private {
            return false;
        }
        let Some(flow) = self.folder.flow(id).filter(|flow| !flow.runs_in_groups()) else { return false };
        let (text, rows) = self.way_into_private(flow);
        self.send(text, rows, Source::Command);
        true
    }

    /// What is said of a flow that goes on in private, and the button that leads there.
    pub(in crate::domain) fn way_into_private(&self, flow: &Flow) -> (String, Vec<Vec<Button>>) {
        let (texts, labels) = (&self.folder.bot.texts, &self.folder.bot.labels);
        let title = flow.title.get(self.lang);
        let Some(say) = &texts.in_private else { return (title.to_owned(), self.link(flow, title)) };
        let label = labels.in_private.as_ref().unwrap_or(&flow.title).get(self.lang);
        let mut rows = self.link(flow, label);
        rows.extend(crate::domain::say::rows(&say.buttons, self.lang));
        (self.fill(say.text.get(self.lang), &[("flow", title)]), rows)
    }

    /// None until Telegram has told the bot's name.
    fn link(&self, flow: &Flow, label: &str) -> Vec<Vec<Button>> {
        let is_name = |name: &&str| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        let Some(name) = self.input.bot_username.as_deref().filter(is_name) else { return Vec::new() };
        // What brought the bot into the group is where the person comes from.
        let source = self.state.start_payload.as_ref().filter(|payload| payload.starts_with(SOURCE));
        let sourced = source.map(|source| format!("{}_{source}", flow.id));
        let payload = sourced.filter(|payload| payload.len() <= PAYLOAD_CHARS);
        let payload = payload.as_deref().unwrap_or(&flow.id);
        let target = Target::Url(format!("https://t.me/{name}?start={payload}"));
        vec![vec![Button { label: label.to_owned(), target }]]
    }

    /// Whether what a start link carries tells where the person came from: a flow's name alone does not.
    pub(in crate::domain) fn is_source(&self, payload: &str) -> bool {
        self.folder.flow(payload).is_none()
    }
}

/// The flow that a start link begins: its payload is the flow's name, alone or before `_utm_source-…`.
pub(in crate::domain) fn linked_flow<'f>(folder: &'f BotFolder, payload: &str) -> Option<&'f Flow> {
    let begins = |flow: &&Flow| {
        payload.strip_prefix(flow.id.as_str()).is_some_and(|rest| {
            let source = rest.trim_start_matches(['_', '-']);
            rest.is_empty() || source.len() < rest.len() && source.starts_with(SOURCE)
        })
    };
    folder.flows.iter().filter(begins).max_by_key(|flow| flow.id.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tests::script::engine;
    use proptest::prelude::*;

    #[test]
    fn a_link_begins_the_flow_that_it_names() {
        let flow =
            |payload: &str| linked_flow(engine().folder(), payload).map_or("-", |flow| flow.id.as_str());
        assert_eq!((flow("intake"), flow("upload")), ("intake", "upload"));
        assert_eq!(flow("intake_utm_source-google_utm_medium-cpc"), "intake");
        assert_eq!(flow("escalation--utm_source-vk"), "escalation");
        let others =
            ["", "intakes", "intake_2", "intakeutm_source-x", "utm_source-intake", "INTAKE", "ad-42"];
        assert_eq!(others.map(flow), ["-"; 7]);
    }

    proptest! {
        #[test]
        fn any_payload_is_survived(payload in "(intake|upload)?[_-]{0,3}(utm_)?[A-Za-z0-9_-]{0,64}|\\PC{0,64}") {
            let _ = linked_flow(engine().folder(), &payload);
        }
    }
}
