//! Each invariant holds where it should, and trips where it must.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::*;
use crate::id::{Epoch, LogId};
use crate::machine::Answer;
use crate::protocol::{Durable as _, Entry, Payload};
use crate::raft::log::Splice;
use crate::raft::message::{HardState, Snapshot};
use crate::sim::packet::{End, Label, Shape};
use crate::sim::scenario::Scenario;
use crate::sim::store::{Machine, StoreEntry};

/// A world whose servers do what the test says, and observers that watch.
struct Stand {
    world: World,
    observers: Observers,
    report: Report,
}

fn entry(term: u64, value: &str) -> StoreEntry {
    let command = crate::kv::Command::Put { key: "x".into(), value: value.into() };
    let (client, serial) = (crate::id::ClientId(1), crate::id::Serial(1));
    let call = crate::machine::Call { client, serial, command };
    Entry { term: Term(term), payload: Payload::Command(call) }.into()
}

impl Stand {
    fn new(servers: u16) -> Self {
        let world = World::new(Arc::new(Scenario::new(1, servers, 0)));
        Self { world, observers: Observers::default(), report: Report::default() }
    }

    fn show(&mut self, node: u16, shown: Shown) {
        self.report.step += 1;
        self.report.node = NodeId(node);
        self.report.shown.clear();
        self.report.shown.push(shown);
        self.observers.observe(&self.world, &self.report);
    }

    fn persist(&mut self, node: u16, record: Record) {
        let process = self.world.nodes[usize::from(node)].server_process().unwrap();
        process.durable.store(&record);
        self.show(node, Shown::Persisted(record));
    }

    fn hard(&mut self, node: u16, term: u64, vote: Option<u16>) {
        let (term, vote) = (Term(term), vote.map(NodeId));
        self.persist(node, Record::Hard(HardState { term, vote }));
    }

    fn write(&mut self, node: u16, after: u64, entries: &[(u64, &str)]) {
        let entries = entries.iter().map(|(term, value)| entry(*term, value)).collect();
        self.persist(node, Record::Splice(Splice { after: Slot(after), entries }));
    }

    fn apply(&mut self, node: u16, slot: u64, term: u64, value: &str) {
        let (slot, entry) = (Slot(slot), entry(term, value));
        let reply = Some(Answer::Stale);
        self.show(node, Shown::Applied { slot, entry, reply });
    }

    fn lead(&mut self, node: u16, term: u64) {
        self.show(node, Shown::Leading(Some(Epoch(term))));
    }

    fn send(&mut self, from: u16, to: u16, shape: Shape, term: u64, agrees: Option<bool>) {
        let label = Label {
            id: 0,
            from: NodeId(from),
            to: NodeId(to),
            shape,
            entries: 0,
            term: Term(term),
            agrees,
            sent: Instant::ZERO,
            arrives: Instant::ZERO,
            end: End::Arrives,
            twin: false,
            delayed: false,
            beat: false,
        };
        self.show(from, Shown::Sent(label));
    }

    fn broken(&self) -> Vec<Law> {
        self.observers.violations().iter().map(|violation| violation.law).collect()
    }

    fn expect(&self, laws: &[Law]) {
        assert_eq!(self.broken(), laws, "{:?}", self.observers.violations());
        for law in laws {
            assert!(self.observers.checks(*law) > 0);
        }
        for violation in self.observers.violations() {
            assert!(violation.words.ends_with('.'), "a sentence: {}", violation.words);
        }
    }
}

#[test]
fn ri_1_two_leaders_of_one_term() {
    let mut stand = Stand::new(3);
    stand.lead(0, 1);
    stand.lead(1, 2);
    stand.lead(0, 3);
    stand.expect(&[]);
    stand.lead(2, 3);
    stand.expect(&[Law::ElectionSafety]);
    assert_eq!(stand.observers.violations()[0].words, "S1 and S3 were both elected in term 3.");
}

#[test]
fn ri_2_two_votes_in_one_term() {
    let mut stand = Stand::new(3);
    stand.hard(0, 1, Some(1));
    stand.send(0, 1, Shape::VoteReply, 1, Some(true));
    stand.send(0, 2, Shape::VoteReply, 1, Some(false));
    stand.send(0, 2, Shape::PreVoteReply, 1, Some(true));
    stand.send(0, 2, Shape::VoteReply, 2, Some(true));
    stand.expect(&[]);
    // A vote that never became durable, then a restart, then another one.
    stand.send(1, 0, Shape::VoteReply, 3, Some(true));
    stand.show(1, Shown::Crashed);
    stand.hard(1, 3, Some(2));
    stand.expect(&[Law::OneVote]);
    // A candidate has voted for itself.
    stand.send(2, 0, Shape::Vote, 4, None);
    stand.send(2, 0, Shape::VoteReply, 4, Some(true));
    stand.expect(&[Law::OneVote, Law::OneVote]);
}

#[test]
fn ri_3_a_leader_overwrites_its_log() {
    let mut stand = Stand::new(3);
    stand.write(0, 0, &[(1, "a"), (1, "b")]);
    stand.write(0, 1, &[(2, "c")]);
    stand.lead(0, 3);
    stand.write(0, 2, &[(3, "d")]);
    stand.expect(&[]);
    stand.write(0, 2, &[(3, "e")]);
    assert!(stand.broken().contains(&Law::AppendOnly));
    let mut stand = Stand::new(3);
    stand.lead(0, 3);
    stand.write(0, 0, &[(3, "a")]);
    stand.show(0, Shown::Leading(None));
    stand.write(0, 0, &[(4, "b")]);
    stand.expect(&[]);
}

#[test]
fn ri_4_two_logs_agree_in_an_entry_but_not_before_it() {
    let mut stand = Stand::new(3);
    stand.write(0, 0, &[(1, "a"), (2, "b")]);
    stand.write(1, 0, &[(1, "a")]);
    stand.write(1, 1, &[(2, "b")]);
    stand.write(2, 0, &[(3, "a")]);
    stand.expect(&[]);
    // Same term and slot as the others' second entry, after another first one.
    stand.write(2, 1, &[(2, "b")]);
    stand.expect(&[Law::LogMatching]);
    let mut stand = Stand::new(3);
    stand.write(0, 0, &[(1, "a")]);
    stand.write(1, 0, &[(1, "b")]);
    stand.expect(&[Law::LogMatching]);
}

#[test]
fn ri_5_a_leader_without_a_committed_entry() {
    let mut stand = Stand::new(3);
    for node in [0, 1] {
        stand.hard(node, 1, None);
        stand.write(node, 0, &[(1, "a")]);
    }
    stand.apply(0, 1, 1, "a");
    stand.lead(1, 2);
    stand.lead(2, 1);
    stand.expect(&[]);
    stand.lead(2, 3);
    stand.expect(&[Law::LeaderCompleteness]);
}

#[test]
fn ri_6_two_servers_apply_different_entries() {
    let mut stand = Stand::new(3);
    for node in 0..3 {
        stand.write(node, 0, &[(1, "a"), (1, "b")]);
    }
    stand.apply(0, 1, 1, "a");
    stand.apply(1, 1, 1, "a");
    stand.apply(1, 2, 1, "b");
    stand.expect(&[]);
    stand.apply(0, 2, 1, "c");
    stand.expect(&[Law::StateMachineSafety]);
    stand.apply(2, 9, 1, "z");
    stand.expect(&[Law::StateMachineSafety, Law::StateMachineSafety]);
}

#[test]
fn ri_7_a_committed_entry_leaves_the_majority() {
    let mut stand = Stand::new(3);
    stand.write(0, 0, &[(1, "a")]);
    stand.write(1, 0, &[(1, "a")]);
    stand.apply(0, 1, 1, "a");
    stand.expect(&[]);
    stand.write(1, 0, &[(2, "b")]);
    stand.expect(&[Law::DurableQuorum]);
}

#[test]
fn ri_7_an_entry_is_committed_on_too_few_disks() {
    let mut stand = Stand::new(5);
    stand.write(0, 0, &[(1, "a")]);
    stand.write(1, 0, &[(1, "a")]);
    stand.apply(0, 1, 1, "a");
    stand.expect(&[Law::DurableQuorum]);
}

#[test]
fn ri_7_counts_snapshots_and_discounts_lost_disks() {
    let mut stand = Stand::new(3);
    stand.write(0, 0, &[(1, "a")]);
    stand.write(1, 0, &[(1, "a")]);
    stand.apply(0, 1, 1, "a");
    let machine = Machine::around(crate::kv::Kv::default(), 8);
    let last = LogId { term: Term(1), slot: Slot(1) };
    stand.persist(1, Record::Snapshot(Arc::new(Snapshot { last, machine })));
    stand.write(1, 1, &[(1, "b")]);
    stand.write(2, 0, &[(1, "a")]);
    stand.show(2, Shown::Wiped);
    stand.write(0, 0, &[(2, "x")]);
    stand.expect(&[]);
    // What is committed after the loss must be on two disks that were not lost.
    stand.write(0, 0, &[(1, "a"), (1, "b")]);
    stand.apply(1, 2, 1, "b");
    stand.expect(&[]);
    stand.write(1, 2, &[(1, "c")]);
    stand.write(2, 0, &[(1, "a"), (1, "b"), (1, "c")]);
    stand.apply(1, 3, 1, "c");
    stand.expect(&[Law::DurableQuorum]);
}

#[test]
fn one_broken_law_does_not_hide_the_others() {
    let mut stand = Stand::new(5);
    stand.write(0, 0, &[(1, "a")]);
    stand.apply(0, 1, 1, "a");
    for _ in 0..100 {
        stand.write(0, 1, &[(1, "b")]);
    }
    stand.lead(0, 1);
    stand.lead(1, 1);
    assert!(stand.broken().contains(&Law::ElectionSafety));
}

#[test]
fn time_an_alarm_in_the_past() {
    let mut stand = Stand::new(3);
    stand.report.happened = Happened::Woke(crate::time::Why::Election);
    stand.show(1, Shown::Note(crate::raft::note::Note::NoVoter));
    stand.expect(&[]);
    stand.show(1, Shown::Spinning);
    stand.expect(&[Law::Time]);
}

#[test]
fn the_observers_survive_what_the_protocol_calls_impossible() {
    let mut stand = Stand::new(3);
    stand.write(0, 500, &[(9, "a")]);
    stand.apply(0, u64::MAX, 1, "a");
    stand.lead(2, u64::MAX);
    stand.hard(1, u64::MAX, Some(999));
    stand.show(77, Shown::Leading(Some(Epoch(1))));
    for n in 0..1_000 {
        stand.lead((n % 3) as u16, 7);
    }
    assert!(stand.observers.violations().len() <= MAX_VIOLATIONS * Law::ALL.len());
    let names: Vec<&str> = Law::ALL.iter().map(|law| law.id()).collect();
    let (numbers, checks) = (Law::ALL.map(|law| law as usize), stand.observers.checks.len());
    assert_eq!(numbers.to_vec(), (0..checks).collect::<Vec<_>>(), "{names:?}");
}
