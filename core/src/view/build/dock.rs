//! What happened over time: marks, faults, operations; and the invariants' state.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::history::What;
use crate::id::{NodeId, NodeSet};
use crate::sim::invariants::{Law, Violation};
use crate::sim::timeline::Acted;
use crate::sim::{Action, Scenario, Timeline};
use crate::time::Instant;
use crate::view::{Broken, Dock, Fault, Invariant, Operation};

/// So many events are searched for operations that began before the window.
const SEARCHED: u64 = 2_000;

/// What the dock draws between two moments of the present branch, its known future included.
pub fn dock(timeline: &Timeline, from: Instant, to: Instant) -> Dock {
    let marks = &timeline.chronicle().marks;
    let first = marks.partition_point(|mark| mark.at < from);
    let end = marks.partition_point(|mark| mark.at <= to);
    let overlaps =
        |fault: &Fault| fault.from <= to && fault.until.is_none_or(|until| until >= from);
    let mut faults = faults(timeline.scenario(), &timeline.branch().acts);
    faults.retain(overlaps);
    Dock {
        marks: marks.range(first..end).copied().collect(),
        faults,
        operations: operations(timeline, from, to),
    }
}

/// The operations that were open at some time of the window.
fn operations(timeline: &Timeline, from: Instant, to: Instant) -> Vec<Operation> {
    let history = &timeline.chronicle().history;
    let first = history.partition_point(|event| event.at < from);
    let end = history.partition_point(|event| event.at <= to);
    let start = first.saturating_sub(SEARCHED);
    let mut operations: Vec<Operation> = Vec::new();
    // Operations that return after the window end with the first return that follows.
    for event in history.range(start..(end + SEARCHED)) {
        let open = operations.iter_mut().rfind(|operation| operation.client == event.client);
        match &event.what {
            What::Call(_) if event.at > to => {}
            What::Call(command) => operations.push(Operation {
                client: event.client,
                words: command.to_string(),
                called: event.at,
                returned: None,
                attempts: Vec::new(),
                answered_by: None,
            }),
            What::Ask(server) => {
                if let Some(open) = open.filter(|open| open.returned.is_none()) {
                    open.attempts.push((event.at, *server));
                }
            }
            What::Return { by, reply } => {
                if let Some(open) = open.filter(|open| open.returned.is_none()) {
                    open.returned = Some((event.at, super::answer(reply.as_ref())));
                    open.answered_by = Some(*by);
                }
            }
        }
    }
    operations.retain(|operation| {
        operation.returned.as_ref().is_none_or(|(returned, _)| *returned >= from)
    });
    operations
}

/// What lasts: from one action until the one that ends it.
fn faults(scenario: &Scenario, acts: &[Acted]) -> Vec<Fault> {
    let mut faults: Vec<(Kind, Fault)> = Vec::new();
    for Acted { at, action, .. } in acts {
        for (_, fault) in faults
            .iter_mut()
            .filter(|(kind, fault)| fault.until.is_none() && kind.ends_with(action))
        {
            fault.until = Some(*at);
        }
        if let Some((kind, words)) = begins(scenario, action) {
            faults.push((kind, Fault { from: *at, until: None, words }));
        }
    }
    faults.into_iter().map(|(_, fault)| fault).collect()
}

/// What a fault is, so that its end is known.
enum Kind {
    Down(NodeId),
    Paused(NodeId),
    Cut { from: NodeId, to: NodeId },
    Partition,
    Rule,
    Disk(NodeId),
    Clock(NodeId),
}

impl Kind {
    fn ends_with(&self, action: &Action) -> bool {
        match (self, action) {
            (Self::Down(node), Action::Restart(other) | Action::Wipe(other)) => node == other,
            (
                Self::Paused(node),
                Action::Resume(other) | Action::Crash(other) | Action::Wipe(other),
            ) => node == other,
            (Self::Cut { from, to }, Action::Mend { from: a, to: b }) => (from, to) == (a, b),
            (Self::Cut { .. } | Self::Partition, Action::Heal | Action::Partition(_)) => true,
            (Self::Rule, Action::Heal | Action::ClearRules) => true,
            (Self::Disk(node), Action::SlowDisk { server, .. }) => node == server,
            (Self::Clock(node), Action::SetClock { node: other, .. }) => node == other,
            _ => false,
        }
    }
}

fn begins(scenario: &Scenario, action: &Action) -> Option<(Kind, String)> {
    let name = |node: &NodeId| scenario.name(*node);
    Some(match action {
        Action::Crash(node) => (Kind::Down(*node), format!("{} down", name(node))),
        Action::Wipe(node) => (Kind::Down(*node), format!("{} down, disk lost", name(node))),
        Action::Pause(node) => (Kind::Paused(*node), format!("{} paused", name(node))),
        Action::Isolate(node) => (Kind::Partition, format!("{} cut off", name(node))),
        Action::Cut { from, to } => {
            let kind = Kind::Cut { from: *from, to: *to };
            (kind, format!("{} → {} cut", name(from), name(to)))
        }
        Action::Partition(sides) if sides.len() > 1 => {
            let sides: Vec<String> = sides.iter().map(|side| together(scenario, *side)).collect();
            (Kind::Partition, sides.join(" cut off from "))
        }
        Action::AddRule(_) => (Kind::Rule, "network rule".into()),
        Action::SlowDisk { server, times } if *times > 1 => {
            (Kind::Disk(*server), format!("{}'s disk {times}× slower", name(server)))
        }
        Action::SetClock { node, drift, .. } if *drift != 0 => {
            let way = if *drift > 0 { "fast" } else { "slow" };
            let percent = drift.unsigned_abs() / 10_000;
            (Kind::Clock(*node), format!("{}'s clock {percent} % {way}", name(node)))
        }
        _ => return None,
    })
}

/// Names as in a sentence: `S1, S2 and S3`.
fn together(scenario: &Scenario, nodes: NodeSet) -> String {
    let mut names: Vec<String> = nodes.iter().map(|node| scenario.name(node)).collect();
    match (names.pop(), names.join(", ")) {
        (Some(last), first) if !first.is_empty() => format!("{first} and {last}"),
        (Some(only), _) => only,
        (None, _) => "nobody".into(),
    }
}

/// The invariants and their state under the cursor. What the branch's known future breaks is said
/// to lie ahead.
pub fn invariants(timeline: &Timeline) -> Vec<Invariant> {
    let observers = &timeline.chronicle().observers;
    let step = timeline.step_number();
    let state = |law: Law| Invariant {
        id: law.id(),
        name: law.name(),
        meaning: law.meaning(),
        checks: observers.checks(law),
        broken: broken(law, observers.violations(), step),
    };
    Law::ALL.into_iter().map(state).collect()
}

/// The first violation of a law, seen from a step.
fn broken(law: Law, violations: &[Violation], step: u64) -> Option<Broken> {
    let violation = violations.iter().find(|violation| violation.law == law)?;
    Some(Broken {
        step: violation.step,
        at: violation.at,
        words: violation.words.clone(),
        ahead: violation.step > step,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Duration;

    #[test]
    fn a_partition_is_said_in_a_sentence() {
        let scenario = Scenario::default();
        let side = |nodes: &[u16]| nodes.iter().map(|node| NodeId(*node)).collect::<NodeSet>();
        let cut = Action::Partition([side(&[0, 1]), side(&[2, 3, 4])].into());
        let heal = Acted { step: 9, at: Instant::from_micros(9), action: Action::Heal };
        let acts = [Acted { step: 1, at: Instant::ZERO, action: cut }, heal];
        let faults = faults(&scenario, &acts);
        assert_eq!(faults[0].words, "S1 and S2 cut off from S3, S4 and S5");
        assert_eq!(faults[0].until, Some(Instant::from_micros(9)));
        assert_eq!(together(&scenario, side(&[6])), "Client 2");
    }

    #[test]
    fn a_violation_after_the_cursor_lies_ahead() {
        let law = Law::ALL[0];
        let (at, words) = (Instant::from_micros(70), "two leaders".into());
        let violations = [Violation { law, step: 7, at, words }];
        let ahead = |step| broken(law, &violations, step).map(|broken| broken.ahead);
        assert_eq!(ahead(6), Some(true));
        assert_eq!(ahead(7), Some(false));
        assert_eq!(broken(Law::ALL[1], &violations, 9), None);
    }

    #[test]
    fn a_slow_disk_lasts_until_it_is_as_usual() {
        let (server, other) = (NodeId(1), NodeId(2));
        let act = |at, action| Acted { step: at, at: Instant::from_micros(at), action };
        let clock = |drift| Action::SetClock { node: other, jump: Duration::ZERO, drift };
        let acts = [
            act(1, Action::SlowDisk { server, times: 20 }),
            act(2, clock(-300_000)),
            act(3, Action::SlowDisk { server: other, times: 1 }),
            act(4, Action::SlowDisk { server, times: 1 }),
            act(5, clock(0)),
        ];
        let faults = faults(&Scenario::default(), &acts);
        let all: Vec<_> = faults
            .iter()
            .map(|fault| (&*fault.words, fault.until.map(Instant::as_micros)))
            .collect();
        assert_eq!(all, [("S2's disk 20× slower", Some(4)), ("S3's clock 30 % slow", Some(5))]);
    }
}
