//! What happened over time: marks, faults, operations; and the invariants' state.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::history::What;
use crate::id::{NodeId, NodeSet};
use crate::sim::invariants::{Law, Violation};
use crate::sim::timeline::{Acted, Monitor, Ruling};
use crate::sim::{Action, Scenario, Timeline};
use crate::time::Instant;
use crate::view::{Broken, Dock, Fault, Invariant, Mark, MarkKind, Operation};

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
        marks: marks.range(first..end).filter(drawn).copied().collect(),
        faults,
        operations: operations(timeline, from, to),
        stretches: super::stretches::stretches(timeline, from, to),
    }
}

/// Whether a mark has a sign of its own.
fn drawn(mark: &&Mark) -> bool {
    !matches!(mark.kind, MarkKind::Said(_))
}

/// The operations that were open at some time of the window.
fn operations(timeline: &Timeline, from: Instant, to: Instant) -> Vec<Operation> {
    let history = &timeline.chronicle().history;
    let first = history.partition_point(|event| event.at < from);
    let end = history.partition_point(|event| event.at <= to);
    let start = first.saturating_sub(SEARCHED);
    let mut operations: Vec<Operation> = Vec::new();
    // Operations that return after the window end with the first return that follows.
    for (call, event) in (start..).zip(history.range(start..(end + SEARCHED))) {
        let open = operations.iter_mut().rfind(|operation| operation.client == event.client);
        match &event.what {
            What::Call(_) if event.at > to => {}
            What::Call(command) => operations.push(Operation {
                client: event.client,
                call,
                words: command.to_string(),
                called: event.at,
                returned: None,
                attempts: Vec::new(),
                answered_by: None,
                point: None,
                odd: false,
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

/// Marks when each operation may have taken effect, and the one that fits nowhere, as far as the
/// monitor knows.
pub fn place(dock: &mut Dock, monitor: &Monitor, timeline: &Timeline) {
    let calls = dock.operations.iter().map(|operation| operation.call);
    let Some((first, last)) = calls.clone().min().zip(calls.max()) else { return };
    let points = monitor.points(timeline, first, last + 1);
    let odd = match monitor.ruling(timeline) {
        Ruling::Violated { step, .. } => {
            let history = &timeline.chronicle().history;
            history.get(history.partition_point(|event| event.step < step))
        }
        _ => None,
    };
    for operation in &mut dock.operations {
        let found = points.binary_search_by_key(&operation.call, |point| point.call);
        operation.point = found.ok().map(|index| points[index].at);
        let returned = operation.returned.as_ref().map(|(at, _)| *at);
        operation.odd =
            odd.is_some_and(|event| event.client == operation.client && Some(event.at) == returned);
    }
}

/// What lasts: from one action until the one that ends it.
fn faults(scenario: &Scenario, acts: &[Acted]) -> Vec<Fault> {
    let mut faults: Vec<(Kind, Fault)> = Vec::new();
    for Acted { at, action, .. } in acts {
        for (kind, fault) in faults.iter_mut().filter(|(_, fault)| fault.until.is_none()) {
            if kind.ends_with(action) {
                fault.until = Some(*at);
            }
        }
        if let (Action::Cut { from, to }, Some((Kind::Cuts { links, .. }, fault))) =
            (action, faults.last_mut())
            && fault.from == *at
            && fault.until.is_none()
        {
            // Links that are cut in one moment are one fault.
            links.push((*from, *to));
            fault.words = cut_words(scenario, links);
        } else if let Some((kind, words)) = begins(scenario, action) {
            let lane = free_lane(&faults, *at);
            faults.push((kind, Fault { from: *at, until: None, words, lane }));
        }
    }
    let shown = |(kind, fault): (Kind, Fault)| match kind {
        // What is left of it.
        Kind::Cuts { links, less: true } if fault.until.is_none() => {
            Fault { words: cut_words(scenario, &links), ..fault }
        }
        _ => fault,
    };
    faults.into_iter().map(shown).collect()
}

/// The first lane in which nothing lasts at a moment.
fn free_lane(faults: &[(Kind, Fault)], at: Instant) -> u8 {
    let lasts = |fault: &Fault| fault.until.is_none_or(|until| until > at);
    let taken = |lane| faults.iter().any(|(_, fault)| fault.lane == lane && lasts(fault));
    (0..Fault::LANES).find(|lane| !taken(*lane)).unwrap_or(Fault::LANES - 1)
}

/// Links that were cut in one moment, as one sentence.
fn cut_words(scenario: &Scenario, links: &[(NodeId, NodeId)]) -> String {
    let Some((first, second)) = links.first() else { return String::new() };
    let to: NodeSet = links.iter().filter(|link| link.0 == *first).map(|link| link.1).collect();
    let from: NodeSet = links.iter().filter(|link| link.1 == *second).map(|link| link.0).collect();
    let cut = |a, b| links.contains(&(a, b));
    let across = from.iter().all(|a| to.iter().all(|b| cut(a, b)));
    let back = from.iter().all(|a| to.iter().all(|b| cut(b, a)));
    let (few, many) = if to.len() < from.len() { (to, from) } else { (from, to) };
    let all = (from.len() * to.len()) as usize;
    if across && links.len() == all {
        format!("{} → {} cut", together(scenario, from), together(scenario, to))
    } else if across && back && links.len() == 2 * all {
        format!("{} cut off from {}", together(scenario, few), together(scenario, many))
    } else {
        let pairs = links.iter().filter(|(a, b)| a < b || !cut(*b, *a)).count();
        format!("{pairs} links cut")
    }
}

/// What a fault is, so that its end is known.
enum Kind {
    Down(NodeId),
    Paused(NodeId),
    /// Links cut in one moment that are not mended yet.
    Cuts {
        links: Vec<(NodeId, NodeId)>,
        /// Some of them are mended.
        less: bool,
    },
    Partition,
    Rule,
    Disk(NodeId),
    Clock(NodeId),
}

impl Kind {
    /// Whether an action ends it; mending a part of it only makes it less.
    fn ends_with(&mut self, action: &Action) -> bool {
        match (self, action) {
            (Self::Down(node), Action::Restart(other) | Action::Wipe(other)) => node == other,
            (
                Self::Paused(node),
                Action::Resume(other) | Action::Crash(other) | Action::Wipe(other),
            ) => node == other,
            (Self::Cuts { links, less }, Action::Mend { from, to }) => {
                let before = links.len();
                links.retain(|link| link != &(*from, *to));
                *less |= links.len() < before;
                links.is_empty()
            }
            (Self::Cuts { .. } | Self::Partition, Action::Heal | Action::Partition(_)) => true,
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
        Action::Isolate(node) => {
            let others = scenario.server_ids().filter(|other| other != node);
            let links = others.flat_map(|other| [(*node, other), (other, *node)]).collect();
            (Kind::Cuts { links, less: false }, format!("{} cut off", name(node)))
        }
        Action::Cut { from, to } => {
            let links = Vec::from([(*from, *to)]);
            let words = cut_words(scenario, &links);
            (Kind::Cuts { links, less: false }, words)
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
        let heal =
            Acted { step: 9, at: Instant::from_micros(9), action: Action::Heal, joined: false };
        let acts = [Acted { step: 1, at: Instant::ZERO, action: cut, joined: false }, heal];
        let faults = faults(&scenario, &acts);
        assert_eq!(faults[0].words, "S1 and S2 cut off from S3, S4 and S5");
        assert_eq!(faults[0].until, Some(Instant::from_micros(9)));
        assert_eq!(together(&scenario, side(&[6])), "Client 2");
    }

    #[test]
    fn links_cut_in_one_moment_are_one_fault() {
        let said = |links: &[(u16, u16)]| {
            let cut = |(from, to): &(u16, u16)| Acted {
                step: 1,
                at: Instant::ZERO,
                action: Action::Cut { from: NodeId(*from), to: NodeId(*to) },
                joined: false,
            };
            let acts: Vec<Acted> = links.iter().map(cut).collect();
            let faults = faults(&Scenario::default(), &acts);
            assert_eq!(faults.len(), 1);
            faults[0].words.clone()
        };
        assert_eq!(said(&[(4, 3)]), "S5 → S4 cut");
        assert_eq!(said(&[(0, 4), (1, 4), (2, 4)]), "S1, S2 and S3 → S5 cut");
        assert_eq!(said(&[(0, 1), (1, 0), (0, 2), (2, 0)]), "S1 cut off from S2 and S3");
        assert_eq!(said(&[(1, 0), (0, 1), (2, 0), (0, 2)]), "S1 cut off from S2 and S3");
        assert_eq!(said(&[(0, 1), (1, 0), (2, 3), (3, 2), (0, 3)]), "3 links cut");
    }

    #[test]
    fn a_fault_of_many_links_ends_when_the_last_is_mended() {
        let (a, b) = (NodeId(0), NodeId(1));
        let act =
            |at, action| Acted { step: at, at: Instant::from_micros(at), action, joined: false };
        let acts = [
            act(1, Action::Cut { from: a, to: b }),
            act(1, Action::Cut { from: b, to: a }),
            act(2, Action::Mend { from: a, to: b }),
            act(3, Action::Mend { from: b, to: a }),
        ];
        let faults = faults(&Scenario::default(), &acts);
        assert_eq!(faults.len(), 1);
        let begun = super::faults(&Scenario::default(), &acts[..2]);
        assert_eq!(begun[0].words, "S1 cut off from S2");
        let half = super::faults(&Scenario::default(), &acts[..3]);
        assert_eq!(half[0].words, "S2 → S1 cut", "what is left of it");
        assert_eq!(faults[0].words, "S1 cut off from S2");
        assert_eq!(faults[0].until, Some(Instant::from_micros(3)));
    }

    #[test]
    fn faults_at_one_time_lie_in_lanes_of_their_own() {
        let act =
            |at, action| Acted { step: at, at: Instant::from_micros(at), action, joined: false };
        let acts = [
            act(1, Action::Pause(NodeId(0))),
            act(2, Action::Crash(NodeId(1))),
            act(3, Action::Resume(NodeId(0))),
            act(4, Action::Crash(NodeId(2))),
            act(5, Action::Crash(NodeId(3))),
            act(6, Action::Crash(NodeId(4))),
        ];
        let faults = faults(&Scenario::default(), &acts);
        assert_eq!(faults.iter().map(|fault| fault.lane).collect::<Vec<_>>(), [0, 1, 0, 2, 2]);
        let acts = [
            act(1, Action::Pause(NodeId(0))),
            act(3, Action::Resume(NodeId(0))),
            act(3, Action::Crash(NodeId(1))),
        ];
        let faults = super::faults(&Scenario::default(), &acts);
        assert_eq!(faults[1].lane, 0, "what ends makes room for what begins");
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
        let act =
            |at, action| Acted { step: at, at: Instant::from_micros(at), action, joined: false };
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
    /// A run of a group that loses messages, with a crash and an election that nobody needs.
    fn eventful() -> Timeline {
        let mut scenario = Scenario::new(2, 3, 2);
        scenario.network.loss = crate::rng::Ppm(150_000);
        let mut timeline = Timeline::new(scenario);
        timeline.advance(Instant::from_micros(1_500_000), u32::MAX);
        timeline.act(Action::Crash(NodeId(1))).expect("it runs");
        timeline.advance(Instant::from_micros(2_000_000), u32::MAX);
        timeline.act(Action::Restart(NodeId(1))).expect("it is down");
        timeline.act(Action::Campaign(NodeId(2))).expect("S1 leads");
        timeline.advance(Instant::from_micros(3_000_000), u32::MAX);
        timeline
    }

    /// Every operation of a run, from its call to its return.
    fn all_operations(timeline: &Timeline) -> Vec<Operation> {
        let history = &timeline.chronicle().history;
        let events: Vec<_> = history.range(history.first()..history.end()).collect();
        let mut all = Vec::new();
        for (index, event) in events.iter().enumerate() {
            let What::Call(command) = &event.what else { continue };
            let mine = |other: &&&_| {
                let other: &crate::history::Event = other;
                (other.client, other.serial) == (event.client, event.serial)
            };
            let (mut attempts, mut returned, mut answered_by) = (Vec::new(), None, None);
            for later in events[index..].iter().filter(mine) {
                match &later.what {
                    What::Call(_) => {}
                    What::Ask(server) => attempts.push((later.at, *server)),
                    What::Return { by, reply } => {
                        returned = Some((later.at, super::super::answer(reply.as_ref())));
                        answered_by = Some(*by);
                    }
                }
            }
            let (client, called, words) = (event.client, event.at, command.to_string());
            let (call, point, odd) = (history.first() + index as u64, None, false);
            all.push(Operation {
                client,
                call,
                words,
                called,
                returned,
                attempts,
                answered_by,
                point,
                odd,
            });
        }
        all
    }

    #[test]
    fn a_window_shows_the_operations_that_were_open_in_it_whole() {
        let timeline = eventful();
        let all = all_operations(&timeline);
        assert!(all.iter().any(|one| one.attempts.len() > 2) && all.len() > 20);
        let edges = all.iter().skip(5).step_by(7).map(|one| one.called);
        let returns =
            all.iter().skip(3).step_by(9).filter_map(|one| Some(one.returned.as_ref()?.0));
        let edges: Vec<Instant> = edges.chain(returns).collect();
        for from in &edges {
            for to in edges.iter().filter(|to| *to >= from) {
                let open = all.iter().filter(|one| {
                    let ended = one.returned.as_ref().is_some_and(|(at, _)| at < from);
                    one.called <= *to && !ended
                });
                let expected: Vec<&Operation> = open.collect();
                let shown = operations(&timeline, *from, *to);
                assert_eq!(shown.iter().collect::<Vec<_>>(), expected, "{from} to {to}");
            }
        }
    }

    #[test]
    fn a_window_shows_the_marks_and_faults_that_lie_in_it() {
        let timeline = eventful();
        let at = |millis: u64| Instant::from_micros(millis * 1_000);
        let faults = |from, to| {
            let faults = dock(&timeline, at(from), at(to)).faults;
            faults.into_iter().map(|fault| fault.words).collect::<Vec<_>>()
        };
        assert_eq!(faults(0, 1_499), [""; 0]);
        assert_eq!(faults(0, 1_500), ["S2 down"]);
        assert_eq!(faults(1_600, 1_700), ["S2 down"]);
        assert_eq!(faults(2_000, 2_500), ["S2 down"], "it ends there");
        assert_eq!(faults(2_001, 2_500), [""; 0]);
        let marks = &timeline.chronicle().marks;
        let all: Vec<Mark> = marks.range(marks.first()..marks.end()).copied().collect();
        assert!(all.iter().any(|mark| matches!(mark.kind, MarkKind::Said(_))));
        let drawn: Vec<&Mark> =
            all.iter().filter(|mark| !matches!(mark.kind, MarkKind::Said(_))).collect();
        let (first, last) = (drawn[1].at, drawn[drawn.len() - 2].at);
        let shown = dock(&timeline, first, last).marks;
        let expected = drawn.iter().filter(|mark| first <= mark.at && mark.at <= last);
        assert!(shown.iter().eq(expected.copied()) && shown.len() > 3);
    }

    #[test]
    fn every_fault_that_lasts_has_its_words_and_its_end() {
        let node = NodeId(1);
        let act =
            |at, action| Acted { step: at, at: Instant::from_micros(at), action, joined: false };
        let told = |actions: &[Action]| {
            let acts: Vec<Acted> = (1..).zip(actions).map(|(at, a)| act(at, a.clone())).collect();
            let faults = faults(&Scenario::default(), &acts);
            let told = faults.into_iter();
            told.map(|fault| (fault.words, fault.until.map(Instant::as_micros))).collect::<Vec<_>>()
        };
        let one = |words: &str, until| Vec::from([(String::from(words), until)]);
        let (crash, wipe) = (Action::Crash(node), Action::Wipe(node));
        let restart = Action::Restart(node);
        assert_eq!(told(&[crash.clone(), Action::Restart(NodeId(2))]), one("S2 down", None));
        assert_eq!(told(&[crash.clone(), restart.clone()]), one("S2 down", Some(2)));
        let lost = Vec::from([
            (String::from("S2 down"), Some(2)),
            (String::from("S2 down, disk lost"), Some(3)),
        ]);
        assert_eq!(told(&[crash.clone(), wipe.clone(), restart]), lost);
        let pause = Action::Pause(node);
        assert_eq!(told(&[pause.clone(), Action::Resume(node)]), one("S2 paused", Some(2)));
        let halted = told(&[pause.clone(), crash]);
        assert_eq!(halted[0], (String::from("S2 paused"), Some(2)));
        assert_eq!(told(&[pause, wipe])[0], (String::from("S2 paused"), Some(2)));
        let isolate = Action::Isolate(node);
        assert_eq!(told(&[isolate.clone(), Action::Heal]), one("S2 cut off", Some(2)));
        let mend = Action::Mend { from: node, to: NodeId(0) };
        let left = told(&[isolate, mend]);
        assert!(left[0].0 != "S2 cut off" && left[0].1.is_none(), "{left:?}");
        let rule = crate::sim::Rule {
            from: None,
            to: None,
            shape: None,
            verdict: crate::sim::Verdict::Drop,
            chance: crate::rng::Ppm::ALWAYS,
            until: None,
        };
        let rule = Action::AddRule(rule);
        assert_eq!(told(&[rule.clone(), Action::ClearRules]), one("network rule", Some(2)));
        assert_eq!(told(&[rule, Action::Heal]), one("network rule", Some(2)));
        let clock = |drift| Action::SetClock { node, jump: Duration::from_millis(5), drift };
        assert_eq!(told(&[clock(120_000), clock(0)]), one("S2's clock 12 % fast", Some(2)));
        assert_eq!(told(&[clock(0)]), [], "a jump does not last");
        let halves = Action::Partition([NodeSet::from_iter([node])].into());
        assert_eq!(told(&[halves]), [], "one side is no partition");
    }

    #[test]
    fn every_invariant_is_listed_with_how_often_it_was_judged() {
        let timeline = eventful();
        let all = invariants(&timeline);
        assert_eq!(all.len(), Law::ALL.len());
        assert!(all.iter().all(|one| one.broken.is_none() && one.meaning.ends_with('.')));
        assert!(all.iter().filter(|one| one.checks > 0).count() > 10);
        assert_eq!(all[0].id, "RI-1");
    }
}
