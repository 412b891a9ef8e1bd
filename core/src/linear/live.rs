//! The verdict while a history grows.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::calls::Calls;
use super::{Malformed, Search, Verdict};
use crate::history::{Event, What};
use crate::kv::{Cell, Reply, Text};
use crate::machine::Machine;
use crate::sorted::Sorted;

/// Judges a history of the key/value store while it grows, key by key.
///
/// A value like any other: a copy can be kept for each moment that somebody may come back to. The
/// searches of keys are shared between copies until one of them goes on.
///
/// It never says other than [`check`](super::check), and says as much once it has caught up.
#[derive(Clone, Debug, Default)]
pub struct Live {
    /// The steps that may be spent on each event.
    budget: u64,
    /// How many events there were.
    events: u64,
    /// How many operations returned.
    operations: u64,
    keys: Sorted<Text, u32>,
    tracks: Vec<Arc<Track>>,
    /// The keys that are not judged up to now, those that waited longest first.
    late: Vec<u32>,
    calls: Calls,
    violated: Option<(Text, u64)>,
}

/// What is known of a history so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiveVerdict {
    /// Some order explains all that returned so far.
    SoFar {
        /// How many operations returned.
        operations: u64,
    },
    /// None does, whatever comes.
    Violated {
        /// The key that cannot be explained.
        key: Text,
        /// A return, as a place among the events of the history, from 0: what was seen of the key
        /// up to it cannot be explained. It is the first such return if none had to wait.
        event: u64,
    },
    /// Nobody knows yet.
    Behind {
        /// How many returns are still to be explained.
        events: u64,
    },
}

/// What is known of a key.
#[derive(Clone, Debug)]
struct Track {
    key: Text,
    search: Search<'static, Cell>,
    /// Where the calls stand among the events of the history, and their returns, by index.
    calls: Vec<(u64, Option<u64>)>,
    /// Where the returns stand, in their order.
    places: Vec<u64>,
}

impl Live {
    /// Nothing has happened yet. Each event that is fed may cost `budget_per_event` steps of the
    /// search; what is left over is done by later ones, or by [`work`](Self::work).
    pub fn new(budget_per_event: u64) -> Self {
        Self { budget: budget_per_event, ..Self::default() }
    }

    /// The next event.
    ///
    /// # Errors
    /// It contradicts an earlier one. It is left out.
    pub fn feed(&mut self, event: &Event) -> Result<(), Malformed> {
        let position = self.events;
        self.events += 1;
        match &event.what {
            What::Ask(_) => return Ok(()),
            What::Call(command) => {
                self.calls.check(position, event)?;
                let number = self.track(Cell::part(command).unwrap_or_default());
                let track = Arc::make_mut(&mut self.tracks[number as usize]);
                let index = track.search.call(command);
                track.calls.push((position, None));
                self.calls.open(event, (number, index));
                return Ok(());
            }
            What::Return { reply, .. } => {
                let spent = self.give_back(position, event, reply.as_ref())?;
                if !self.late.is_empty() {
                    self.work(self.budget.saturating_sub(spent));
                }
            }
        }
        Ok(())
    }

    /// An operation returns. Gives the steps that this took: if no key waits, it is judged at once.
    fn give_back(
        &mut self,
        position: u64,
        event: &Event,
        reply: Option<&Reply>,
    ) -> Result<u64, Malformed> {
        let (number, index) = self.calls.close(position, event)?;
        let track = Arc::make_mut(&mut self.tracks[number as usize]);
        let Some(reply) = reply else {
            track.search.lose(index);
            return Ok(0);
        };
        self.operations += 1;
        track.places.push(position);
        track.calls[index as usize].1 = Some(position);
        track.search.give_back(index, reply);
        let before = track.search.steps();
        if self.late.is_empty() && self.violated.is_none() {
            track.search.run(self.budget);
            if track.search.verdict() == Verdict::Linearizable {
                return Ok(0);
            }
        }
        let spent = track.search.steps() - before;
        if !self.late.contains(&number) {
            self.late.push(number);
        }
        Ok(spent)
    }

    /// Goes on with what was left over, for about `budget` steps.
    pub fn work(&mut self, budget: u64) {
        let mut left = budget;
        while self.violated.is_none()
            && let Some(number) = self.late.first().copied()
        {
            let waiting = self.late.len() as u64;
            let track = Arc::make_mut(&mut self.tracks[number as usize]);
            let before = track.search.steps();
            // Keys take turns, so that a hard one does not hide that another is plainly wrong.
            track.search.run((left / waiting).max(1).min(left));
            left = left.saturating_sub(track.search.steps() - before);
            match track.search.verdict() {
                Verdict::Linearizable => {
                    self.late.remove(0);
                }
                Verdict::Illegal => {
                    let event = track.places.last().copied();
                    self.violated = Some((track.key.clone(), event.unwrap_or(self.events)));
                }
                Verdict::Undecided => self.late.rotate_left(1),
            }
            if left == 0 {
                return;
            }
        }
    }

    /// What is known so far.
    pub fn verdict(&self) -> LiveVerdict {
        if let Some((key, event)) = &self.violated {
            return LiveVerdict::Violated { key: key.clone(), event: *event };
        }
        if self.late.is_empty() {
            return LiveVerdict::SoFar { operations: self.operations };
        }
        let late = self.late.iter().map(|number| &self.tracks[*number as usize]);
        let missing =
            |track: &Arc<Track>| track.places.len() as u64 - u64::from(track.search.reached());
        LiveVerdict::Behind { events: late.map(missing).sum::<u64>().max(1) }
    }

    /// For each key, the order that explains what is known of it, from its end: where each
    /// operation's call and return stand among the events of the history. Of a key that cannot be
    /// explained, the longest attempt; of one that is not judged up to now, nothing.
    pub fn orders(&self) -> impl Iterator<Item = impl Iterator<Item = (u64, Option<u64>)>> {
        self.tracks.iter().map(|track| {
            let calls = |index: u32| track.calls.get(index as usize).copied();
            track.search.last_first().filter_map(calls)
        })
    }

    /// How many events were fed, those that were left out included.
    pub const fn events(&self) -> u64 {
        self.events
    }

    /// The number of a key's track.
    fn track(&mut self, key: &str) -> u32 {
        if let Some(number) = self.keys.get(key) {
            return *number;
        }
        let number = self.tracks.len() as u32;
        let key = Text::from(key);
        let search = Search::in_growth(Cell::default());
        self.tracks.push(Arc::new(Track {
            key: key.clone(),
            search,
            calls: Vec::new(),
            places: Vec::new(),
        }));
        self.keys.insert(key, number);
        number
    }
}
