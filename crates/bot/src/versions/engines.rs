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
        is(&self.current(), version) || self.earlier(|all| all.iter().any(|(known, _)| known == version))
    }

    /// The engine of this version; where it is not to be had, the current one.
    pub(crate) fn of(&self, version: Option<&str>) -> Arc<Engine> {
        let current = self.current();
        match version {
            Some(version) if !is(&current, version) => self
                .earlier(|all| {
                    all.iter().find(|(known, _)| known == version).and_then(|(_, one)| one.clone())
                })
                .unwrap_or(current),
            _ => current,
        }
    }

    /// The engine that a conversation in this state goes on with. A flow that has nothing to lose, such as a menu,
    /// binds nobody to the version it was shown by.
    pub(crate) fn of_state(&self, state: &ConversationState) -> Arc<Engine> {
        let began = self.of(state.version());
        let binds = |run: &FlowRun| began.folder().flow(&run.flow).is_none_or(|flow| flow.keep);
        if state.runs().any(binds) { began } else { self.current() }
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

fn is(engine: &Engine, version: &str) -> bool {
    engine.folder().content_hash().get(..SHORT) == Some(version)
}

fn short(engine: &Engine) -> String {
    engine.folder().content_hash().chars().take(SHORT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::versions::tests::{engine, shipped};

    #[test]
    fn whoever_began_with_a_version_goes_on_with_it_and_the_memory_is_bounded() {
        let engines = Engines::new(engine(&shipped(0)));
        let first = short(&engines.current());
        engines.replace(engine(&shipped(1)));
        let second = short(&engines.current());
        assert_ne!(first, second);
        assert_eq!(short(&engines.of(Some(&first))), first);
        assert_eq!(short(&engines.of(None)), second);
        assert!(!engines.knows("unknown"));
        assert_eq!(short(&engines.of(Some("unknown"))), second, "better the new one than silence");
        for number in 0..MOST_EARLIER {
            engines.remember(number.to_string(), None);
        }
        assert!(!engines.knows(&first) && engines.knows("0") && engines.knows(&second));
    }
}
