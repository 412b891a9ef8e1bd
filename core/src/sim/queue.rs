//! What happens next: the events to come, in one total order.

use alloc::collections::BinaryHeap;
use core::cmp::Reverse;

use crate::id::NodeId;
use crate::time::Instant;

/// An event to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    /// The packet kept at this place arrives.
    Arrive(u32),
    /// A process's alarm may have come.
    Wake(NodeId),
    /// A write or the work on an event has ended.
    Done(NodeId),
    /// A process takes the next thing that waits for it.
    Next(NodeId),
}

/// An event's place in the order: its time, and its sequence number among equals. No two events
/// have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) at: Instant,
    pub(super) sequence: u64,
}

/// The events to come.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    heap: BinaryHeap<Reverse<(Place, Event)>>,
    sequence: u64,
}

impl Queue {
    /// Adds an event, after all others of the same time.
    pub(super) fn push(&mut self, at: Instant, event: Event) -> Place {
        self.sequence += 1;
        let place = Place { at, sequence: self.sequence };
        self.heap.push(Reverse((place, event)));
        place
    }

    /// When the next event is due.
    pub(super) fn next_at(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse((place, _))| place.at)
    }

    /// The next event.
    pub(super) fn peek(&self) -> Option<(Place, Event)> {
        self.heap.peek().map(|Reverse(item)| *item)
    }

    /// Takes the next event out.
    pub(super) fn pop(&mut self) {
        self.heap.pop();
    }
}

// The heap's layout is a function of the pushes and pops, so equal histories have equal slices.
impl PartialEq for Queue {
    fn eq(&self, other: &Self) -> bool {
        self.sequence == other.sequence && self.heap.as_slice() == other.heap.as_slice()
    }
}

impl Eq for Queue {}
