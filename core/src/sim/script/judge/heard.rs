//! What was looked up in the trace and in the history. Both only grow: nothing is searched twice.

use alloc::string::String;
use alloc::vec::Vec;

use crate::history::History;
use crate::id::NodeId;
use crate::linear::{self, Verdict};
use crate::sim::chronicle::Chronicle;
use crate::sim::trace::What;

/// How much a script may spend on its history, in steps of the search and events that are gathered
/// for it. Beyond that, a history is undecided.
pub(in crate::sim::script) const MAX_SEARCH: u64 = 10_000_000;

/// What was looked up so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::sim::script) struct Heard {
    /// Words of a server: up to where the trace was searched for them, and whether they were found.
    words: Vec<(NodeId, String, u64, bool)>,
    /// The end of the history that was judged last, and the verdict.
    judged: Option<(u64, Verdict)>,
    /// What was spent on histories.
    spent: u64,
}

impl Heard {
    #[cfg(test)]
    pub(in crate::sim::script) fn spent(spent: u64) -> Self {
        Self { spent, ..Self::default() }
    }

    /// Whether a server said something so far.
    pub(super) fn search(
        &mut self,
        chronicle: &Chronicle,
        name: &dyn Fn(NodeId) -> String,
        id: NodeId,
        text: &str,
    ) -> bool {
        let known = self.words.iter().position(|(node, words, ..)| *node == id && words == text);
        let index = known.unwrap_or_else(|| {
            self.words.push((id, text.into(), 0, false));
            self.words.len() - 1
        });
        let Some((_, _, searched, found)) = self.words.get_mut(index) else { return false };
        if !*found {
            let trace = &chronicle.trace;
            let lines = trace.range((*searched).max(trace.first())..trace.end());
            *found = lines.filter(|line| line.node == id).any(|line| match line.what {
                What::Note(note) => note.words(name).contains(text),
                _ => false,
            });
            *searched = trace.end();
        }
        *found
    }

    /// Whether some order of the clients' operations explains what they saw.
    ///
    /// # Errors
    /// One sentence that says that nobody knows: the search would have taken too long.
    pub(super) fn is_linearizable(&mut self, history: &History) -> Result<bool, String> {
        let end = history.end();
        let verdict = match self.judged {
            Some((judged, verdict)) if judged == end => verdict,
            // An order of a longer history holds one of every shorter one.
            Some((_, Verdict::Illegal)) => Verdict::Illegal,
            _ => self.judge(history),
        };
        self.judged = Some((end, verdict));
        match verdict {
            Verdict::Linearizable => Ok(true),
            Verdict::Illegal => Ok(false),
            Verdict::Undecided => Err("nobody knows: the search for an order took too long".into()),
        }
    }

    fn judge(&mut self, history: &History) -> Verdict {
        let left = MAX_SEARCH.saturating_sub(self.spent);
        let events = history.end() - history.first();
        if left < events {
            return Verdict::Undecided;
        }
        let Ok(keys) = linear::check(history, left - events) else { return Verdict::Illegal };
        let steps: u64 = keys.iter().map(|key| key.finding.steps).sum();
        self.spent = self.spent.saturating_add(events + steps);
        linear::verdict(&keys)
    }
}
