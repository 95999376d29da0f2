use std::time::{Duration, Instant};

use super::answers::Answer;
use super::chats::Asked;
use super::questions;

/// Something that was broken for a while.
#[derive(Clone, Debug)]
pub struct Fault {
    pub name: String,
    pub began: Instant,
    /// When it was mended: the server or the process was ready again.
    pub ended: Instant,
}

/// Which answers may have been given twice.
#[derive(Clone, Debug)]
pub enum Twice {
    /// None: no send's outcome was unknown.
    Never,
    /// Those on their way to Telegram when one of these killed the process that sent them: given once before
    /// and once after it, at most one in each chat for each.
    OverAKill(Vec<Fault>),
    /// So many calls were cut off after Telegram had taken the message.
    Exactly(usize),
}

/// How long people waited.
#[derive(Debug, Default)]
pub struct Report {
    pub asked: usize,
    pub twice: usize,
    /// From the first delivery of an update, and from its acceptance, until its answer.
    pub longest: Duration,
    pub longest_accepted: Duration,
    /// For each fault, from its end until everything asked before that was answered.
    pub recoveries: Vec<(String, Duration)>,
}

impl Report {
    /// Checks one time of asking: in each chat every question answered once and in order.
    pub(super) fn check(
        from: &[usize],
        asked: &[Vec<Asked>],
        answers: &[Vec<Answer>],
        twice: &Twice,
        faults: &[Fault],
    ) -> Self {
        let mut report = Self::default();
        let mut recovered: Vec<Duration> = vec![Duration::ZERO; faults.len()];
        for (chat, (asked, answers)) in asked.iter().zip(answers).enumerate() {
            let mut answers = answers.iter().peekable();
            let mut repeated = Vec::new();
            for (nth, asked) in asked.iter().enumerate().skip(from[chat]) {
                let question = questions::number(chat, nth);
                let answer =
                    answers.next().unwrap_or_else(|| panic!("question {nth} of chat {chat} is lost"));
                assert_eq!(answer.question, Ok(question), "chat {chat}: what comes after {nth} questions");
                if let Some(again) = answers.next_if(|again| again.question == Ok(question)) {
                    repeated.push((answer.at, again.at));
                }
                report.asked += 1;
                report.longest = report.longest.max(answer.at - asked.delivered);
                report.longest_accepted =
                    report.longest_accepted.max(answer.at.saturating_duration_since(asked.accepted));
                for (fault, recovered) in faults.iter().zip(&mut recovered) {
                    if asked.delivered < fault.ended {
                        *recovered = (*recovered).max(answer.at.saturating_duration_since(fault.ended));
                    }
                }
            }
            assert_eq!(answers.next().map(|more| more.question.clone()), None, "chat {chat} heard too much");
            twice.permit(chat, &repeated);
            report.twice += repeated.len();
        }
        if let Twice::Exactly(count) = twice {
            assert_eq!(report.twice, *count, "answers given twice");
        }
        report.recoveries = faults.iter().map(|fault| fault.name.clone()).zip(recovered).collect();
        report
    }
}

impl Twice {
    fn permit(&self, chat: usize, repeated: &[(Instant, Instant)]) {
        match self {
            Self::Exactly(_) => {}
            Self::Never => assert!(repeated.is_empty(), "chat {chat} was answered twice"),
            Self::OverAKill(kills) => {
                for (first, second) in repeated {
                    let over = |kill: &&Fault| *first < kill.ended && *second > kill.began;
                    assert!(
                        kills.iter().any(|kill| over(&kill)),
                        "chat {chat} was answered twice without cause"
                    );
                }
                assert!(repeated.len() <= kills.len(), "chat {chat} was answered twice too often");
            }
        }
    }
}
