//! What happens next: the events to come, in one total order.

use alloc::vec::Vec;
use core::cmp::Ordering;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) at: Instant,
    pub(super) sequence: u64,
}

impl Place {
    /// The order as one number.
    const fn order(self) -> u128 {
        (self.at.as_micros() as u128) << 64 | self.sequence as u128
    }
}

impl Ord for Place {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order().cmp(&other.order())
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }

    fn lt(&self, other: &Self) -> bool {
        self.order() < other.order()
    }
}

/// An event at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Due {
    place: Place,
    event: Event,
}

/// The events to come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Queue {
    /// The last first. There are a few dozen mostly: finding a place among them and moving the
    /// earlier ones on costs less than a heap, and taking one out costs nothing.
    due: Vec<Due>,
    /// By process: when it is woken. Beside the others, because alarms move often.
    alarms: Vec<Option<Place>>,
    /// The earliest alarm: most steps move another one.
    first_alarm: Option<(Place, NodeId)>,
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
        // It comes after all of the same time: the time alone decides.
        let later = self.due.partition_point(|due| due.place.at > at);
        self.due.insert(later, Due { place, event });
        place
    }

    /// The next event.
    pub(super) fn peek(&self) -> Option<(Place, Event)> {
        self.due.last().map(|due| (due.place, due.event))
    }

    /// Takes the next event out.
    pub(super) fn pop(&mut self) {
        self.due.pop();
    }

    /// The next alarm.
    pub(super) const fn first_alarm(&self) -> Option<(Place, NodeId)> {
        self.first_alarm
    }

    /// Sets a process's alarm, after all else of the same time; one of that time already keeps its
    /// place.
    pub(super) fn set_alarm(&mut self, id: NodeId, at: Option<Instant>) {
        if self.alarms.get(usize::from(id.0)).copied().flatten().map(|place| place.at) != at {
            let place = at.map(|at| self.place(at));
            self.place_alarm(id, place);
        }
    }

    /// Puts a process's alarm at a new place of its own, if it has one.
    pub(super) fn put_off_alarm(&mut self, id: NodeId, at: Instant) {
        let place = self.place(at);
        if self.alarms.get(usize::from(id.0)).copied().flatten().is_some() {
            self.place_alarm(id, Some(place));
        }
    }

    fn place_alarm(&mut self, id: NodeId, place: Option<Place>) {
        let index = usize::from(id.0);
        if index >= self.alarms.len() {
            self.alarms.resize(index + 1, None);
        }
        self.alarms[index] = place;
        match (self.first_alarm, place) {
            (Some((_, first)), _) if first == id => self.first_alarm = self.find_first_alarm(),
            (Some((first, _)), Some(place)) if first < place => {}
            (_, Some(place)) => self.first_alarm = Some((place, id)),
            (_, None) => {}
        }
    }

    fn find_first_alarm(&self) -> Option<(Place, NodeId)> {
        let alarms = (0..).map(NodeId).zip(&self.alarms);
        alarms.filter_map(|(id, place)| Some(((*place)?, id))).min_by_key(|(place, _)| *place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    #[test]
    fn events_come_in_order_of_time_and_then_as_they_were_added() {
        let (mut queue, mut lane) = (Queue::default(), Rng::keyed(&[2]));
        let mut expected = Vec::new();
        for n in 0..2_000 {
            let at = Instant::from_micros(lane.below(40));
            expected.push((queue.push(at, Event::Arrive(n)), Event::Arrive(n)));
            expected.sort_by_key(|(place, _)| *place);
            if lane.below(3) > 0 {
                assert_eq!(queue.peek(), Some(expected.remove(0)));
                queue.pop();
            }
        }
        assert!(expected.len() > 100);
    }

    #[test]
    fn the_earliest_alarm_is_known_whatever_moves() {
        let (mut queue, mut lane) = (Queue::default(), Rng::keyed(&[1]));
        for _ in 0..5_000 {
            let id = NodeId(lane.below(6) as u16);
            let at = Instant::from_micros(lane.below(8));
            match lane.below(4) {
                0 => queue.set_alarm(id, None),
                1 => queue.put_off_alarm(id, at),
                _ => queue.set_alarm(id, Some(at)),
            }
            assert_eq!(queue.first_alarm(), queue.find_first_alarm());
        }
    }

    #[test]
    fn an_alarm_of_the_same_time_keeps_its_place() {
        let (mut queue, at) = (Queue::default(), Instant::from_micros(5));
        queue.set_alarm(NodeId(1), Some(at));
        queue.set_alarm(NodeId(0), Some(at));
        queue.set_alarm(NodeId(1), Some(at));
        assert_eq!(queue.first_alarm().map(|(_, id)| id), Some(NodeId(1)));
        queue.put_off_alarm(NodeId(1), at);
        assert_eq!(queue.first_alarm().map(|(_, id)| id), Some(NodeId(0)));
    }
    #[test]
    fn queues_are_equal_if_all_that_is_to_come_is() {
        let at = Instant::from_micros;
        let make = |alarm, event| {
            let mut queue = Queue::default();
            queue.set_alarm(NodeId(1), Some(at(alarm)));
            queue.push(at(event), Event::Next(NodeId(0)));
            queue
        };
        assert_eq!(make(5, 7), make(5, 7));
        assert_ne!(make(5, 7), make(6, 7), "another alarm");
        assert_ne!(make(5, 7), make(5, 8), "another event");
        let mut later = make(5, 7);
        later.place(at(9));
        assert_ne!(later, make(5, 7), "what comes next would have another place");
    }

    #[test]
    fn the_order_is_by_time_and_then_by_number() {
        let place = |micros, sequence| Place { at: Instant::from_micros(micros), sequence };
        let sorted = [place(0, 9), place(1, 1), place(1, 2), place(2, 0)];
        for (index, one) in sorted.iter().enumerate() {
            for (other_index, other) in sorted.iter().enumerate() {
                assert_eq!(one.cmp(other), index.cmp(&other_index));
                assert_eq!(one < other, index < other_index);
                assert_eq!(one <= other, index <= other_index);
            }
        }
    }
}
