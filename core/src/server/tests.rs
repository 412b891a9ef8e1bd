//! A server that stands on a protocol made of paper: the test says what commits.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use super::*;
use crate::id::{Incarnation, MutantId, Term};
use crate::kv::{Command, Kv, Reply};
use crate::protocol::{Durable, Entry};
use crate::time::Why;

/// A protocol that does what it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Paper {
    leads: bool,
    next: Slot,
    compacted: Vec<Slot>,
    stored: Slot,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Disk;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Nothing;

impl fmt::Display for Nothing {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl Durable<Nothing> for Disk {
    fn store(&mut self, _: &Nothing) {}
}

impl Protocol for Paper {
    type Machine = Kv;
    type Message = Nothing;
    type Record = Nothing;
    type Durable = Disk;
    type Note = Nothing;
    type Config = ();

    fn boot(_: Boot<Self>, _: Instant, _: &mut Out<Self>) -> Self {
        Self { leads: true, next: Slot(1), compacted: Vec::new(), stored: Slot(u64::MAX) }
    }
    fn alarm(&self) -> Option<Alarm> {
        Some(Alarm { at: Instant::MAX, why: Why::Heartbeat })
    }
    fn leading(&self) -> Option<Epoch> {
        self.leads.then_some(Epoch(1))
    }
    fn log_bytes(&self) -> u64 {
        self.next.0 * 100
    }
    fn stored_by_all(&self) -> Slot {
        self.stored
    }
    fn receive(&mut self, _: Instant, _: NodeId, _: Nothing, _: &mut Out<Self>) {}
    fn wake(&mut self, _: Instant, _: &mut Out<Self>) {}
    fn propose_all(
        &mut self,
        _: Instant,
        commands: impl IntoIterator<Item = Command, IntoIter: ExactSizeIterator>,
        _: &mut Out<Self>,
    ) -> Result<Slot, Refused> {
        if !self.leads {
            return Err(Refused::NotLeader { hint: Some(NodeId(2)) });
        }
        let first = self.next;
        self.next = Slot(first.0 + commands.into_iter().len() as u64);
        Ok(first)
    }
    fn read(&mut self, _: Instant, _: Ticket, _: &mut Out<Self>) -> Result<(), Refused> {
        if self.leads { Ok(()) } else { Err(Refused::NotLeader { hint: None }) }
    }
    fn transfer(&mut self, _: Instant, _: NodeId, _: &mut Out<Self>) {}
    fn compact(&mut self, snapshot: Snapshot<Kv>, _: &mut Out<Self>) {
        self.compacted.push(snapshot.through);
    }
}

struct Bench {
    server: Server<Paper>,
    acts: Acts<Paper>,
}

impl Bench {
    fn new() -> Self {
        Self::with(MutantId::Paper)
    }

    /// A server that decides as a number says.
    fn with(mutant: MutantId) -> Self {
        let mut acts = Acts::default();
        let boot = Boot {
            config: (),
            id: NodeId(0),
            seed: 0,
            incarnation: Incarnation(0),
            durable: Disk,
            mutant,
        };
        let server = Server::boot(boot, Kv::default(), None, Instant::ZERO, &mut acts);
        Self { server, acts }
    }

    /// Asks, and gives the answers that come of it: to whom, tag, result.
    fn ask(&mut self, from: u16, tag: u64, line: &str) -> Vec<(u16, u64, Result<Reply, Refusal>)> {
        let command: Command = line.parse().unwrap();
        let read = matches!(command, Command::Get { .. });
        let request = Wire::Request(Request { tag, command, read });
        self.server.receive(Instant::ZERO, NodeId(from), request, &mut self.acts);
        self.answers()
    }

    fn effect(&mut self, effect: Effect<Paper>) -> Vec<(u16, u64, Result<Reply, Refusal>)> {
        self.server.nudge(&mut self.acts, |_, out| out.push(effect));
        self.answers()
    }

    fn commit(&mut self, slot: u64, line: &str) -> Vec<(u16, u64, Result<Reply, Refusal>)> {
        let payload =
            if line.is_empty() { Payload::Noop } else { Payload::Command(line.parse().unwrap()) };
        let entry = Entry { term: Term(1), payload }.into();
        self.effect(Effect::Commit { slot: Slot(slot), entry })
    }

    fn answers(&mut self) -> Vec<(u16, u64, Result<Reply, Refusal>)> {
        let answers = self.acts.drain().filter_map(|act| match act {
            Act::Send { to, wire: Wire::Response(response) } => {
                Some((to.0, response.tag, response.result))
            }
            _ => None,
        });
        answers.collect()
    }
}

const WRITTEN: Result<Reply, Refusal> = Ok(Reply::Written { version: 1 });

#[test]
fn whoever_waits_for_a_slot_gets_its_reply() {
    let mut bench = Bench::new();
    assert_eq!(bench.ask(7, 1, "put x 1"), []);
    assert_eq!(bench.ask(8, 5, "put y 2"), []);
    assert_eq!(bench.commit(1, "put x 1"), [(7, 1, WRITTEN)]);
    assert_eq!(bench.commit(2, "put y 2"), [(8, 5, WRITTEN)]);
}

#[test]
fn another_entry_in_the_slot_is_somebody_elses_reply() {
    let mut bench = Bench::new();
    bench.ask(7, 1, "put x 1");
    assert_eq!(bench.commit(1, "put x 9"), [(7, 1, Err(Refusal::Dropped))]);
    bench.ask(7, 2, "put x 1");
    assert_eq!(bench.commit(2, ""), [(7, 2, Err(Refusal::Dropped))]);
}

#[test]
fn losing_leadership_refuses_everyone_who_waits() {
    let mut bench = Bench::new();
    bench.ask(7, 1, "put x 1");
    bench.ask(8, 2, "get x");
    let refused = bench.effect(Effect::Leading(None));
    assert_eq!(refused, [(7, 1, Err(Refusal::Dropped)), (8, 2, Err(Refusal::Dropped))]);
    assert_eq!(bench.commit(1, "put x 1"), [], "nobody is told twice");
    bench.server.nudge(&mut bench.acts, |paper, _| paper.leads = false);
    let hint = Some(NodeId(2));
    let no = Err(Refusal::Refused(Refused::NotLeader { hint }));
    assert_eq!(bench.ask(7, 3, "put x 1"), [(7, 3, no)]);
}

#[test]
fn a_retry_of_what_is_in_the_log_waits_for_the_same_slot() {
    let mut bench = Bench::new();
    bench.ask(7, 1, "put x 1");
    bench.ask(7, 1, "put x 1");
    assert_eq!(bench.server.replica().next, Slot(2), "proposed once");
    assert_eq!(bench.commit(1, "put x 1"), [(7, 1, WRITTEN)]);
}

#[test]
fn a_read_waits_until_what_it_must_reflect_is_applied() {
    let mut bench = Bench::new();
    assert_eq!(bench.ask(7, 1, "get x"), []);
    let ready = Effect::Readable { ticket: Ticket(1), through: Slot(1) };
    assert_eq!(bench.effect(ready), [], "slot 1 is not applied yet");
    let value = Ok(Reply::Value("1".into()));
    assert_eq!(bench.commit(1, "put x 1"), [(7, 1, value)]);
}

#[test]
fn a_snapshot_replaces_the_state_and_drops_whom_it_passes() {
    let mut bench = Bench::new();
    bench.ask(7, 1, "put x 1");
    bench.ask(8, 2, "put y 1");
    let mut machine = Kv::default();
    machine.apply(&"put z 5".parse().unwrap());
    let snapshot = Snapshot { through: Slot(1), machine: machine.clone() };
    assert_eq!(bench.effect(Effect::Restore(snapshot)), [(7, 1, Err(Refusal::Dropped))]);
    assert_eq!((bench.server.machine(), bench.server.applied()), (&machine, Slot(1)));
    assert_eq!(bench.commit(2, "put y 1"), [(8, 2, WRITTEN)]);
}

#[test]
fn a_log_that_grows_too_large_is_compacted_up_to_what_is_applied() {
    let mut bench = Bench::new();
    bench.server.snapshot_above = Some(250);
    for slot in 1..=4 {
        bench.ask(7, slot, "put x 1");
        bench.commit(slot, "put x 1");
    }
    assert_eq!(bench.server.replica().compacted, [Slot(2), Slot(3), Slot(4)]);
}

#[test]
fn a_log_is_kept_for_those_who_keep_up_but_not_beyond_its_patience() {
    let mut bench = Bench::new();
    bench.server.snapshot_above = Some(250);
    bench.server.replica.stored = Slot(1);
    let grow = |bench: &mut Bench, slot| {
        bench.ask(7, slot, "put x 1");
        bench.commit(slot, "put x 1");
    };
    (1..=4).for_each(|slot| grow(&mut bench, slot));
    assert_eq!(bench.server.replica().compacted, [], "somebody lacks slot 2, the first too many");
    bench.server.nudge(&mut bench.acts, |replica, _| replica.stored = Slot(2));
    assert_eq!(bench.server.replica().compacted, [Slot(2)], "what it was when it was taken");
    (5..=9).for_each(|slot| grow(&mut bench, slot));
    assert_eq!(bench.server.replica().compacted, [Slot(2)]);
    grow(&mut bench, 10);
    assert_eq!(
        bench.server.replica().compacted,
        [Slot(2), Slot(5), Slot(10)],
        "1,100 bytes are too many"
    );
}

#[test]
fn a_command_that_is_sent_as_a_read_but_writes_goes_through_the_log() {
    let mut bench = Bench::new();
    let command: Command = "put x 1".parse().unwrap();
    let request = Wire::Request(Request { tag: 1, command, read: true });
    bench.server.receive(Instant::ZERO, NodeId(7), request, &mut bench.acts);
    assert_eq!(bench.server.replica().next, Slot(2));
}

#[test]
fn only_r26_answers_whoever_waits_with_what_stands_in_the_slot_and_keeps_them_waiting() {
    for mutant in [MutantId::Paper, MutantId::R26] {
        let mut bench = Bench::with(mutant);
        bench.ask(7, 1, "put x 1");
        bench.ask(8, 2, "put y 2");
        let wrong = mutant == MutantId::R26;
        let first = if wrong { WRITTEN } else { Err(Refusal::Dropped) };
        assert_eq!(bench.commit(1, "put x 9"), [(7, 1, first)]);
        let refused = bench.effect(Effect::Leading(None));
        assert_eq!(refused.is_empty(), wrong);
        assert_eq!(bench.commit(2, "put y 2").is_empty(), !wrong);
    }
}

#[test]
fn only_r34_applies_late_and_reads_from_what_it_has() {
    for mutant in [MutantId::Paper, MutantId::R34] {
        let late = mutant == MutantId::R34;
        let mut bench = Bench::with(mutant);
        bench.ask(7, 1, "put x 1");
        bench.ask(8, 2, "get x");
        assert_eq!(bench.commit(1, "put x 1").is_empty(), late);
        assert_eq!(bench.server.applied(), Slot(u64::from(!late)));
        let ready = Effect::Readable { ticket: Ticket(1), through: Slot(1) };
        let value = if late { "" } else { "1" };
        assert_eq!(bench.effect(ready), [(8, 2, Ok(Reply::Value(value.into())))]);
        bench.server.wake(Instant::ZERO, &mut bench.acts);
        assert_eq!(bench.answers(), if late { vec![(7, 1, WRITTEN)] } else { vec![] });
        assert_eq!(bench.server.applied(), Slot(1));
    }
}

#[test]
fn a_snapshot_replaces_what_was_not_applied_yet() {
    let mut bench = Bench::with(MutantId::R34);
    bench.commit(1, "put x 1");
    let snapshot = Snapshot { through: Slot(2), machine: Kv::default() };
    bench.effect(Effect::Restore(snapshot));
    bench.server.wake(Instant::ZERO, &mut bench.acts);
    assert_eq!((bench.server.applied(), bench.server.machine()), (Slot(2), &Kv::default()));
}

#[test]
fn more_reads_than_the_limit_are_refused_as_busy() {
    let mut bench = Bench::new();
    for tag in 0..MAX_READS as u64 {
        assert_eq!(bench.ask(7, tag, "get x"), []);
    }
    let busy = Err(Refusal::Refused(Refused::Busy));
    assert_eq!(bench.ask(7, 9_999, "get x"), [(7, 9_999, busy)]);
    bench.effect(Effect::Readable { ticket: Ticket(1), through: Slot(0) });
    assert_eq!(bench.ask(7, 10_000, "get x"), [], "there is room again");
}

#[test]
fn records_are_told_from_the_rest_and_can_be_left_out() {
    let mut bench = Bench::new();
    let push = |bench: &mut Bench| {
        bench.server.nudge(&mut bench.acts, |_, out| {
            out.push(Effect::Leading(Some(Epoch(1))));
            out.push(Effect::Persist(Nothing));
            out.push(Effect::Note(Nothing));
        });
    };
    assert!(!bench.acts.persists());
    push(&mut bench);
    assert!(bench.acts.persists());
    assert_eq!(bench.acts.list().len(), 3);
    let hasty = bench.acts.take_hasty();
    assert_eq!(hasty.list(), [Act::Leading(Some(Epoch(1))), Act::Note(Nothing)]);
    assert_eq!(bench.acts.list(), [Act::Persist(Nothing)]);
    assert!(bench.acts.persists() && !hasty.persists());
    bench.acts.filter_records(Some);
    assert_eq!(bench.acts.list(), [Act::Persist(Nothing)]);
    push(&mut bench);
    bench.acts.filter_records(|_| None);
    assert_eq!(bench.acts.list(), [Act::Leading(Some(Epoch(1))), Act::Note(Nothing)]);
}

#[test]
fn it_wakes_when_its_replica_wants_it() {
    let bench = Bench::new();
    let alarm = Alarm { at: Instant::MAX, why: Why::Heartbeat };
    assert_eq!(bench.server.alarm(), Some(alarm));
}

#[test]
fn a_log_as_large_as_it_may_be_is_kept() {
    let mut bench = Bench::new();
    bench.server.snapshot_above = Some(300);
    for slot in 1..=3 {
        bench.ask(7, slot, "put x 1");
        bench.commit(slot, "put x 1");
        let compacted = &bench.server.replica().compacted;
        assert_eq!(compacted.is_empty(), slot < 3, "{} bytes", bench.server.replica().log_bytes());
    }
}
