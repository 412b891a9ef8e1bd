//! What happens next: the events to come, in one total order.

use alloc::collections::BinaryHeap;
use core::cmp::{Ordering, Reverse};

use crate::id::NodeId;
use crate::time::Instant;

/// An event to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// The packet kept at this place arrives.
    Arrive(u32),
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

/// An event at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Due {
    place: Place,
    event: Event,
}

impl Due {
    /// The order as one number: a heap compares more than it moves.
    const fn order(&self) -> u128 {
        (self.place.at.as_micros() as u128) << 64 | self.place.sequence as u128
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order().cmp(&other.order())
    }
}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }

    fn le(&self, other: &Self) -> bool {
        self.order() <= other.order()
    }
}

/// The events to come.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    heap: BinaryHeap<Reverse<Due>>,
    sequence: u64,
}

impl Queue {
    /// A place after all others of the same time.
    pub(super) const fn place(&mut self, at: Instant) -> Place {
        self.sequence += 1;
        Place { at, sequence: self.sequence }
    }

    /// Adds an event, after all others of the same time.
    pub(super) fn push(&mut self, at: Instant, event: Event) -> Place {
        let place = self.place(at);
        self.heap.push(Reverse(Due { place, event }));
        place
    }

    /// The next event.
    pub(super) fn peek(&self) -> Option<(Place, Event)> {
        self.heap.peek().map(|Reverse(due)| (due.place, due.event))
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
