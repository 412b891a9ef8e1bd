//! Follows the history of a timeline's present branch with the live checker.

use alloc::vec::Vec;

use super::Timeline;
use crate::kv::Text;
use crate::linear::{Live, LiveVerdict};
use crate::order;
use crate::time::Instant;

/// The steps of the search that each event may cost when it comes. What needs more waits.
const PER_EVENT: u64 = 2_000;
/// The steps for what waits, each time that somebody asks.
const PER_TURN: u64 = 20_000;
/// After so many turns without anything new, the search is given up until something is.
const MAX_TURNS: u32 = 1_000;

/// Judges what the clients of a timeline saw, while it grows and wherever the cursor goes.
///
/// It looks at the whole branch, what lies after the cursor included. On another branch it keeps
/// what it knows if that is older than the fork, and begins anew if not.
#[derive(Clone, Debug)]
pub struct Monitor {
    branch: u32,
    live: Live,
    /// The turns since something new was seen.
    turns: u32,
}

/// What is known of a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// Some order explains all that was seen.
    SoFar,
    /// None does, whatever comes.
    Violated {
        /// The key that cannot be explained.
        key: Text,
        /// The step that returned what cannot be explained.
        step: u64,
        /// When.
        at: Instant,
    },
    /// Not all was looked at yet, or the search has not come to an end.
    Behind {
        /// So many events are still to be judged.
        events: u64,
    },
}

/// When an operation may have taken effect: one moment for each operation of an order that
/// explains what was seen, one after the other as in that order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// Where the operation's call stands in the history.
    pub call: u64,
    /// The moment.
    pub at: Instant,
}

impl Default for Monitor {
    fn default() -> Self {
        Self { branch: 1, live: Live::new(PER_EVENT), turns: 0 }
    }
}

impl Monitor {
    /// Looks at no more than `events` more events, and goes on with what was left over. Says
    /// whether more is left, and the search for it is not given up yet.
    pub fn follow(&mut self, timeline: &Timeline, events: u64) -> bool {
        let (branch, history) = (timeline.branch(), &timeline.chronicle().history);
        if branch.id != self.branch {
            let origin = branch.origin.filter(|origin| origin.branch == self.branch);
            let shared = origin
                .map_or(0, |origin| history.partition_point(|event| event.step <= origin.step));
            if shared < self.live.events() {
                *self = Self::default();
            }
            self.branch = branch.id;
        }
        let from = self.live.events();
        for event in history.range(from..from.saturating_add(events)) {
            // The simulator's clients call and return as they should: what they did is no history
            // otherwise, and the invariants say so.
            let _ = self.live.feed(event);
        }
        let is_new = self.live.events() > from;
        self.turns = if is_new { 0 } else { self.turns.saturating_add(1) };
        if self.turns < MAX_TURNS {
            self.live.work(PER_TURN);
        }
        self.turns < MAX_TURNS && matches!(self.ruling(timeline), Ruling::Behind { .. })
    }

    /// What is known of the branch that was followed last.
    pub fn ruling(&self, timeline: &Timeline) -> Ruling {
        let history = &timeline.chronicle().history;
        let unseen = history.end().saturating_sub(self.live.events());
        match self.live.verdict() {
            LiveVerdict::Violated { key, event } => {
                let event = history.get(event).or(history.last());
                let (step, at) = event.map_or((0, Instant::ZERO), |event| (event.step, event.at));
                Ruling::Violated { key, step, at }
            }
            LiveVerdict::Behind { events } => Ruling::Behind { events: events + unseen },
            LiveVerdict::SoFar { .. } if unseen > 0 => Ruling::Behind { events: unseen },
            LiveVerdict::SoFar { .. } => Ruling::SoFar,
        }
    }

    /// When the operations called at the places `from..to` of the history may have taken effect, by
    /// call. Of a key that cannot be explained, those of the longest attempt.
    pub fn points(&self, timeline: &Timeline, from: u64, to: u64) -> Vec<Point> {
        let history = &timeline.chronicle().history;
        let at = |place: u64| history.get(place).map(|event| event.at);
        let mut points = Vec::new();
        for order in self.live.orders() {
            // What stands before anything that had returned was called sooner: none of it is asked
            // for, and it moves nothing that is.
            let asked =
                order.take_while(|(_, returned)| returned.is_none_or(|place| place >= from));
            // No sooner than any that comes before it, no later than any that comes after.
            let mut late = Instant::MAX;
            let mut latest: Vec<(u64, Instant)> = Vec::new();
            for (call, returned) in asked {
                late = late.min(returned.and_then(at).unwrap_or(Instant::MAX));
                latest.push((call, late.max(at(call).unwrap_or_default())));
            }
            let (mut soon, mut last) = (Instant::ZERO, Instant::ZERO);
            for (call, late) in latest.into_iter().rev() {
                soon = soon.max(at(call).unwrap_or_default());
                // Half-way, or as soon as it may if nothing says until when.
                let slack = if late == Instant::MAX { 0 } else { late.since(soon).as_micros() };
                last = last.max(Instant::from_micros(soon.as_micros() + slack / 2));
                if (from..to).contains(&call) {
                    points.push(Point { call, at: last });
                }
            }
        }
        order::ranked(points, |point| point.call)
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;

    use super::*;
    use crate::history::History;
    use crate::id::{MutantId, NodeId};
    use crate::linear::{self, Verdict};
    use crate::rng::Ppm;
    use crate::sim::{Action, Scenario};

    const ALL: u64 = 1 << 20;

    fn judged(history: &History) -> Verdict {
        linear::verdict(&linear::check(history, 1 << 24).expect("clients are no liars"))
    }

    fn run(mutant: MutantId, seed: u64) -> Timeline {
        let mut scenario = Scenario::new(seed, 3, 3);
        scenario.mutant = mutant;
        let mut timeline = Timeline::new(scenario);
        timeline.advance(Instant::from_micros(700_000), u32::MAX);
        timeline.act(Action::Crash(NodeId(seed as u16 % 3))).expect("it is up");
        timeline.advance(Instant::from_micros(1_500_000), u32::MAX);
        timeline
    }

    #[test]
    fn a_healthy_run_is_linearizable_on_every_branch() {
        let mut timeline = run(MutantId::Paper, 4);
        let mut monitor = Monitor::default();
        assert!(matches!(monitor.ruling(&timeline), Ruling::Behind { events } if events > 100));
        assert!(monitor.follow(&timeline, 50), "more is left");
        let seen = timeline.chronicle().history.end();
        assert_eq!(monitor.ruling(&timeline), Ruling::Behind { events: seen - 50 });
        assert!(!monitor.follow(&timeline, ALL));
        assert_eq!(monitor.ruling(&timeline), Ruling::SoFar);
        // A branch that leaves after what was seen goes on, one that leaves before begins anew.
        for (at, kept) in [(1_500_000, true), (400_000, false)] {
            timeline.advance(Instant::from_micros(2_000_000), u32::MAX);
            timeline.seek(Instant::from_micros(at));
            timeline.act(Action::Crash(NodeId(2))).expect("it is up");
            timeline.advance(Instant::from_micros(2_500_000), u32::MAX);
            let before = monitor.live.events();
            monitor.follow(&timeline, 0);
            assert_eq!(monitor.live.events(), if kept { before } else { 0 });
            monitor.follow(&timeline, ALL);
            assert_eq!(monitor.ruling(&timeline), Ruling::SoFar, "from {at} on");
            assert_eq!(judged(&timeline.chronicle().history), Verdict::Linearizable);
        }
    }

    #[test]
    fn points_lie_between_call_and_return_in_an_order_that_explains_all() {
        let timeline = run(MutantId::Paper, 5);
        let mut monitor = Monitor::default();
        monitor.follow(&timeline, ALL);
        let history = &timeline.chronicle().history;
        let at = |place: u64| history.get(place).expect("it is in the history").at;
        let points = monitor.points(&timeline, 0, u64::MAX);
        let moments: BTreeMap<u64, Instant> = points.iter().map(|p| (p.call, p.at)).collect();
        let (mut all, mut between) = (0, 0);
        for key in linear::check(history, 1 << 24).expect("clients are no liars") {
            let mut orders = monitor.live.orders().map(|order| {
                let mut order: Vec<_> = order.collect();
                order.reverse();
                order
            });
            let order = orders
                .find(|order| order.iter().any(|(call, _)| *call == key.operations[0].called));
            let order = order.expect("each key has one");
            let moment = |call: &u64| moments[call];
            assert!(order.is_sorted_by_key(|(call, _)| moment(call)));
            let index = |call: u64| key.operations.iter().position(|op| op.called == call).unwrap();
            let order: Vec<usize> = order.iter().map(|(call, _)| index(*call)).collect();
            // What has returned is placed with the reply that was seen.
            assert!(linear::explains(&crate::kv::Kv::default(), &key.operations, &order));
            for operation in key.operations.iter().filter(|op| op.returned.is_some()) {
                let called = at(operation.called);
                let returned = at(operation.returned.as_ref().unwrap().0);
                let moment = moment(&operation.called);
                assert!((called..=returned).contains(&moment), "{operation:?}");
                all += 1;
                between += u32::from(called < moment && moment < returned);
            }
        }
        assert!(all > 50 && between * 10 > all * 9, "{between} of {all}");
    }

    #[test]
    fn some_points_are_found_as_all_are() {
        let (mut some, mut violated) = (0, 0);
        for (mutant, seed) in [(MutantId::Paper, 5), (MutantId::R47, 3), (MutantId::R47, 6)] {
            let mut scenario = Scenario::new(seed, 3, 3);
            (scenario.mutant, scenario.network.loss) = (mutant, Ppm(50_000));
            let mut timeline = Timeline::new(scenario);
            timeline.advance(Instant::from_micros(2_000_000), u32::MAX);
            let mut monitor = Monitor::default();
            monitor.follow(&timeline, ALL);
            let end = timeline.chronicle().history.end();
            let points = monitor.points(&timeline, 0, u64::MAX);
            for from in (0..end).step_by(7) {
                let to = from + 1 + from % 60;
                let is_asked = |point: &&Point| (from..to).contains(&point.call);
                let part: Vec<Point> = points.iter().filter(is_asked).copied().collect();
                assert_eq!(monitor.points(&timeline, from, to), part, "{from} to {to}");
                some += u32::from(!part.is_empty());
            }
            violated += u32::from(monitor.ruling(&timeline) != Ruling::SoFar);
        }
        assert!(some > 60, "{some} parts hold something");
        assert!((1..3).contains(&violated), "{violated} of 3 runs went wrong");
    }

    #[test]
    fn the_first_return_that_cannot_be_explained_is_named() {
        let mut violated = 0;
        for seed in 0..12 {
            let mut scenario = Scenario::new(seed, 3, 3);
            (scenario.mutant, scenario.network.loss) = (MutantId::R47, Ppm(150_000));
            let mut timeline = Timeline::new(scenario);
            timeline.advance(Instant::from_micros(200_000 + seed * 150_000), u32::MAX);
            let mut monitor = Monitor::default();
            monitor.follow(&timeline, ALL);
            let history = &timeline.chronicle().history;
            let Ruling::Violated { step, .. } = monitor.ruling(&timeline) else {
                assert_eq!(judged(history), Verdict::Linearizable, "seed {seed}");
                continue;
            };
            violated += 1;
            let until = |step| {
                let mut part = history.clone();
                part.truncate(history.partition_point(|event| event.step <= step));
                judged(&part)
            };
            assert_eq!(until(step), Verdict::Illegal, "seed {seed}");
            assert_eq!(until(step - 1), Verdict::Linearizable, "seed {seed}");
        }
        assert!((3..12).contains(&violated), "{violated} of 12 runs retried to their harm");
    }
}
