//! The prompt of one answer: the base, and below it what its context adds; each in the variant that the conversation has.

use std::sync::LazyLock;

use crate::{BotFolder, Lang, Prompt, PromptContext, share};

/// The program's own templates, one a context. A test sees to it that all can be read.
static DEFAULTS: LazyLock<Vec<Prompt>> = LazyLock::new(|| {
    let read = |(context, text): (PromptContext, &str)| {
        Prompt::read(context.as_str(), text).map(|prompt| Prompt { is_default: true, ..prompt })
    };
    [
        (PromptContext::Base, include_str!("../prompts/base.md")),
        (PromptContext::Consultation, include_str!("../prompts/consultation.md")),
        (PromptContext::Qualification, include_str!("../prompts/qualification.md")),
        (PromptContext::Support, include_str!("../prompts/support.md")),
        (PromptContext::Handover, include_str!("../prompts/handover.md")),
    ]
    .into_iter()
    .filter_map(read)
    .collect()
});

/// What a model is told before the sources and the conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Composed {
    /// Filled in.
    pub text: String,
    /// Which templates those were: `system@3+consultation@1#b`.
    pub name: String,
}

pub(crate) fn defaults() -> &'static [Prompt] {
    &DEFAULTS
}

impl BotFolder {
    /// The prompt of an answer. `conversation` is dealt the variants of experiments, the same ones each time; empty: it
    /// is in no experiment. What is written for whoever takes over is said in nobody's name, so it stands alone.
    #[must_use]
    pub fn compose(&self, context: PromptContext, lang: Lang, conversation: &str) -> Composed {
        let contexts: &[PromptContext] = match context {
            PromptContext::Base => &[PromptContext::Base],
            PromptContext::Handover => &[PromptContext::Handover],
            _ => &[PromptContext::Base, context],
        };
        let prompts = contexts.iter().filter_map(|context| self.template(*context, conversation));
        let (texts, names): (Vec<String>, Vec<String>) =
            prompts.map(|prompt| (prompt.fill(&self.bot, lang), prompt.name())).unzip();
        Composed { text: texts.join("\n\n"), name: names.join("+") }
    }

    /// The bot's own template of a context, in the conversation's variant, or the program's.
    fn template(&self, context: PromptContext, conversation: &str) -> Option<&Prompt> {
        let variant = self.variant(context.file(), conversation);
        variant
            .or_else(|| self.prompt(context.file()))
            .or_else(|| DEFAULTS.iter().find(|prompt| prompt.id == context.as_str()))
    }

    fn variant(&self, of: &str, conversation: &str) -> Option<&Prompt> {
        let experiment = self.experiments.iter().find(|experiment| experiment.prompt == of)?;
        if conversation.is_empty() {
            return None;
        }
        let weights = experiment.variants.iter().map(|variant| variant.weight);
        let dealt = share(&[experiment.id.as_bytes(), conversation.as_bytes()], weights)?;
        self.prompt(&format!("{of}.{}", experiment.variants.get(dealt)?.id))
    }
}
