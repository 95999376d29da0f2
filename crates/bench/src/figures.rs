//! What was measured, as it is written to a file: one record per run and mode, every figure of it.

use serde::Serialize;

use crate::latency::Percentiles;
use crate::memory::Memory;
use crate::people::CHATS;
use crate::sources::Built;
use crate::{Call, Mode};

/// Everything that one call has measured.
#[derive(Debug, Serialize)]
pub(crate) struct Figures {
    /// When it began, RFC 3339.
    pub(crate) began: String,
    pub(crate) program: Built,
    pub(crate) cores: usize,
    pub(crate) chats: usize,
    pub(crate) seconds_per_figure: u64,
    pub(crate) runs: Vec<Run>,
}

/// One mode in one run, from a fresh start of every server. A field is null if it was not measured.
#[derive(Debug, Serialize)]
pub(crate) struct Run {
    pub(crate) run: u32,
    pub(crate) mode: &'static str,
    /// Before anybody has written.
    pub(crate) at_rest: Option<Memory>,
    pub(crate) limits: Option<Limits>,
    pub(crate) stretches: Vec<Stretch>,
    /// Some seconds after the last answer.
    pub(crate) after_load: Option<Memory>,
    /// The same with [`crate::stretches::BRIEFS`] people in the middle of a brief.
    pub(crate) in_progress: Option<Memory>,
    pub(crate) kill: Option<Kill>,
    /// What the program logged as errors, one a line, in all its starts.
    pub(crate) errors: Vec<String>,
}

/// What the machine does without us.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Limits {
    pub(crate) publishes_per_second: f64,
    pub(crate) transactions_per_second: f64,
    pub(crate) fdatasyncs_per_second: f64,
}

/// One stretch of load.
#[derive(Debug, Serialize)]
pub(crate) struct Stretch {
    pub(crate) what: String,
    pub(crate) seconds: f64,
    /// Updates answered with 200.
    pub(crate) acknowledged: u64,
    /// Updates answered with anything else.
    pub(crate) refused: u64,
    /// Messages that arrived at Telegram in the stretch.
    pub(crate) messages: u64,
    /// Acknowledged updates.
    pub(crate) updates_per_second: f64,
    /// Null where nobody waits for the answers.
    pub(crate) to_answer_ms: Option<Percentiles>,
    pub(crate) to_ack_ms: Option<Percentiles>,
    pub(crate) cpu_us_per_update: Cpu,
    pub(crate) commits_per_update: f64,
    pub(crate) cores: Cores,
    /// The most that was used in the stretch.
    pub(crate) peak_mb: Memory,
}

/// Microseconds of CPU.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Cpu {
    pub(crate) ours: f64,
    pub(crate) nats: f64,
    pub(crate) postgres: f64,
    pub(crate) all: f64,
}

/// Who had the cores: shares of the whole machine, together 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Cores {
    pub(crate) ours: f64,
    pub(crate) nats: f64,
    pub(crate) postgres: f64,
    /// The generator and the simulator.
    pub(crate) bench: f64,
    /// Everybody else on this machine.
    pub(crate) others: f64,
    /// What the host gave to other machines.
    pub(crate) stolen: f64,
    pub(crate) idle: f64,
}

/// The program was killed under load and started again.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Kill {
    pub(crate) acknowledged: u64,
    pub(crate) unanswered: u64,
    /// Answered more than once.
    pub(crate) twice: u64,
    /// From the start of the new process to its readiness.
    pub(crate) ready_after_seconds: f64,
    /// From the start of the new process to the last missing answer, or to the end of the patience.
    pub(crate) answered_after_seconds: f64,
}

impl Figures {
    pub(crate) fn new(call: &Call, program: Built) -> Self {
        Self {
            began: format!("{:.0}", ids::Clock::system().now()),
            program,
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            chats: CHATS,
            seconds_per_figure: call.seconds,
            runs: Vec::new(),
        }
    }

    /// Acknowledged updates that stayed unanswered, in all runs.
    pub(crate) fn lost(&self) -> u64 {
        self.runs.iter().filter_map(|run| run.kill).map(|kill| kill.unanswered).sum()
    }
}

impl Run {
    pub(crate) const fn new(run: u32, mode: Mode) -> Self {
        Self {
            run,
            mode: mode.name(),
            at_rest: None,
            limits: None,
            stretches: Vec::new(),
            after_load: None,
            in_progress: None,
            kill: None,
            errors: Vec::new(),
        }
    }

    pub(crate) fn stretch(&self, what: &str) -> Option<&Stretch> {
        self.stretches.iter().find(|stretch| stretch.what == what)
    }
}

impl Stretch {
    /// How many messages came for 100 updates.
    pub(crate) fn answered_percent(&self) -> f64 {
        self.messages as f64 / self.acknowledged as f64 * 100.0
    }
}
