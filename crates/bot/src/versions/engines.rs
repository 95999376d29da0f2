//! The engines of one bot: the version that new conversations get, and earlier ones that are still talked with.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crate::domain::{ConversationState, Engine, FlowRun};
use crate::store::version::SHORT;

/// Earlier versions held in memory at a time. One that was let go is read again when somebody comes back to it.
const MOST_EARLIER: usize = 8;

/// A version is named by the first digits of its hash.
#[derive(Debug)]
pub(crate) struct Engines {
    current: RwLock<Arc<Engine>>,
    /// Newest last. `None`: it is not kept, or this program does not understand it any more.
    earlier: Mutex<VecDeque<(String, Option<Arc<Engine>>)>>,
}

impl Engines {
    pub(crate) fn new(engine: Engine) -> Self {
        Self { current: RwLock::new(Arc::new(engine)), earlier: Mutex::default() }
    }

    /// The one that conversations begin with.
    pub(crate) fn current(&self) -> Arc<Engine> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on conversations begin with this one.
    pub(crate) fn replace(&self, engine: Engine) {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *current, Arc::new(engine));
        drop(current);
        self.remember(short(&before), Some(before));
    }

    /// Whether it is known what this version is, or that it is not to be had.
    pub(crate) fn knows(&self, version: &str) -> bool {
        is(&self.current(), Some(version))
            || self.earlier(|all| all.iter().any(|(known, _)| known == version))
    }

    /// The engine of the earlier version that a conversation in this state goes on with; `None` where it goes on with
    /// the current one. A flow that has nothing to lose, such as a menu, binds nobody to the version it was shown by.
    pub(crate) fn earlier_of_state(&self, state: &ConversationState) -> Option<Arc<Engine>> {
        let version = state.version().filter(|version| !is(&self.current(), Some(*version)))?;
        let began = self.earlier(|all| all.iter().find(|(known, _)| known == version)?.1.clone())?;
        let binds = |run: &FlowRun| began.folder().flow(&run.flow).is_none_or(|flow| flow.keep);
        state.runs().any(binds).then_some(began)
    }

    /// Keeps what was found out about a version.
    pub(crate) fn remember(&self, version: String, engine: Option<Arc<Engine>>) {
        self.earlier(|all| {
            all.retain(|(known, _)| *known != version);
            if all.len() >= MOST_EARLIER {
                all.pop_front();
            }
            all.push_back((version, engine));
        });
    }

    fn earlier<T>(&self, with: impl FnOnce(&mut VecDeque<(String, Option<Arc<Engine>>)>) -> T) -> T {
        with(&mut self.earlier.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whether an engine is of this version.
pub(crate) fn is(engine: &Engine, version: Option<&str>) -> bool {
    version.is_some() && engine.folder().content_hash().get(..SHORT) == version
}

fn short(engine: &Engine) -> String {
    engine.folder().content_hash().chars().take(SHORT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::versions::tests::{engine, shipped};

    fn in_flow(flow: &str, version: &str) -> ConversationState {
        let run = serde_json::json!({ "flow": flow, "step": "type", "prompt": 1, "touched_ms": 0, "version": version });
        serde_json::from_value(serde_json::json!({ "v": 1, "lang": "en", "flow": run })).unwrap()
    }

    #[test]
    fn whoever_began_with_a_version_goes_on_with_it_and_the_memory_is_bounded() {
        let engines = Engines::new(engine(&shipped(0)));
        let first = short(&engines.current());
        let earlier =
            |flow, version| engines.earlier_of_state(&in_flow(flow, version)).map(|engine| short(&engine));
        assert_eq!(earlier("intake", &first), None, "it is the current one");
        engines.replace(engine(&shipped(1)));
        let second = short(&engines.current());
        assert_ne!(first, second);
        assert_eq!(earlier("intake", &first), Some(first.clone()));
        assert_eq!(earlier("onboarding", &first), None, "a menu has nothing to lose");
        assert_eq!(
            engines.earlier_of_state(&ConversationState::default()).map(|engine| short(&engine)),
            None
        );
        assert!(!engines.knows("unknown"));
        assert_eq!(earlier("intake", "unknown"), None, "better the new one than silence");
        for number in 0..MOST_EARLIER {
            engines.remember(number.to_string(), None);
        }
        assert!(!engines.knows(&first) && engines.knows("0") && engines.knows(&second));
    }
}
