//! Each invariant holds where it should, and trips where it must.

mod sharded;

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::*;
use crate::id::{Epoch, LogId, Serial};
use crate::id::{NodeId, Slot, Term};
use crate::machine::Sessions;
use crate::machine::{Answer, Machine as _};
use crate::protocol::{Durable as _, Entry, Payload, Protocol as _};
use crate::raft::Role;
use crate::raft::log::Splice;
use crate::raft::message::{HardState, Snapshot};
use crate::raft::note::Note;
use crate::sim::Action;
use crate::sim::client::Call;
use crate::sim::node::Node;
use crate::sim::node::Process;
use crate::sim::packet::{End, Label, Shape};
use crate::sim::report::{ActionKind, Happened, Shown, Told};
use crate::sim::scenario::Scenario;
use crate::sim::store::Record;
use crate::sim::store::{Machine, StoreEntry};
use crate::time::Why;

/// A world whose servers do what the test says, and observers that watch.
struct Stand {
    world: World,
    observers: Observers,
    report: Report,
    /// What is made up for one law breaks others too: only these are looked at.
    about: Vec<Law>,
}

fn entry(term: u64, value: &str) -> StoreEntry {
    let command = crate::kv::Command::Put { key: "x".into(), value: value.into() };
    let (client, serial) = (crate::id::ClientId(1), Serial(1));
    let call = crate::machine::Call { client, serial, command };
    Entry { term: Term(term), payload: Payload::Command(call.into()) }.into()
}

/// A snapshot of a machine that has done this.
fn snapshot(term: u64, slot: u64, lines: &[&str]) -> Snapshot<Machine> {
    let mut machine = Sessions::around(crate::kv::Kv::default(), 8);
    for (number, line) in (1..).zip(lines) {
        let (client, serial) = (crate::id::ClientId(1), Serial(number));
        let command = line.parse().unwrap();
        machine.apply(&crate::machine::Call { client, serial, command });
    }
    Snapshot { last: LogId { term: Term(term), slot: Slot(slot) }, machine: machine.into() }
}

/// What a leader counts of a follower.
fn matched(world: &World, leader: usize, follower: usize) -> Option<Slot> {
    let Role::Leader(leader) = world.nodes[leader].server()?.replica().role() else { return None };
    leader.peers.iter().find(|peer| usize::from(peer.id.0) == follower).map(|peer| peer.matched)
}

impl Stand {
    /// About RI-1 to RI-7.
    fn new(servers: u16) -> Self {
        let mut about = Law::ALL.to_vec();
        about.retain(|law| *law <= Law::DurableQuorum || *law == Law::Time);
        Self { about, ..Self::about(Law::Time, servers) }
    }

    /// About one law.
    fn about(law: Law, servers: u16) -> Self {
        let world = World::new(Arc::new(Scenario::new(1, servers, 2)));
        let about = Vec::from([law]);
        Self { world, observers: Observers::default(), report: Report::default(), about }
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
        let reply = Some(Answer::Stale.into());
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

    /// One real event.
    fn step(&mut self) {
        assert!(self.world.step(&mut self.report));
        self.observers.observe(&self.world, &self.report);
    }

    fn run_until_committed(&mut self, slots: u64) {
        while self.observers.committed() < slots {
            self.step();
        }
    }

    fn leader(&self) -> usize {
        let leads = |node: &Node| node.server().is_some_and(|s| s.replica().leading().is_some());
        self.world.nodes().iter().position(leads).unwrap()
    }

    fn process(&mut self, node: usize) -> &mut crate::sim::node::ServerProcess {
        self.world.nodes[node].server_process().unwrap()
    }

    /// Starts a server from its disk, whatever the disk holds.
    fn reboot(&mut self, node: u16) {
        self.report.node = NodeId(node);
        self.world.boot(NodeId(node), &mut self.report);
        self.observers.observe(&self.world, &self.report);
    }

    /// The same again, to be looked at for one law.
    fn again(&self, law: Law) -> Self {
        let (world, observers) = (self.world.clone(), self.observers.clone());
        Self { world, observers, report: self.report.clone(), about: Vec::from([law]) }
    }

    /// A client of this number calls.
    fn call(&mut self, client: u16, serial: u64, words: &str) {
        let (node, serial) = (self.world.scenario().servers + client, Serial(serial));
        let command: crate::kv::Command = words.parse().unwrap();
        let (server, since) = (NodeId(0), Instant::ZERO);
        let (called, attempts, returned) = (command.clone(), 1, None);
        let call = Call { serial, command: called, since, attempts, server, returned };
        let Process::Client(process) = &mut self.world.nodes[usize::from(node)].process else {
            panic!("a client")
        };
        process.last = Some(call);
        self.show(node, Shown::Called { serial, command });
    }

    /// A server applies a client's `put x VALUE`, and it becomes this version.
    fn apply_call(&mut self, node: u16, slot: u64, value: &str, who: (u64, u64), version: u64) {
        let command = crate::kv::Command::Put { key: "x".into(), value: value.into() };
        let (client, serial) = (crate::id::ClientId(who.0), Serial(who.1));
        let call = crate::machine::Call { client, serial, command };
        let entry = Entry { term: Term(1), payload: Payload::Command(call.into()) }.into();
        let reply = Some(Answer::Done(crate::kv::Reply::Written { version }).into());
        self.show(node, Shown::Applied { slot: Slot(slot), entry, reply });
    }

    /// A server answers a read of a client.
    fn answer(&mut self, node: u16, client: u16, serial: u64, applied: u64) {
        let to = NodeId(self.world.scenario().servers + client);
        let (applied, serial) = (Slot(applied), Serial(serial));
        self.show(node, Shown::Answered { applied, to, serial, reply: Told(None) });
    }

    fn returned(&mut self, client: u16, serial: u64, reply: crate::kv::Reply) {
        let node = self.world.scenario().servers + client;
        let (serial, by, reply) = (Serial(serial), NodeId(0), Some(reply));
        self.show(node, Shown::Returned { serial, by, reply });
    }

    fn broken(&self) -> Vec<Law> {
        let laws = self.observers.violations().iter().map(|violation| violation.law);
        laws.filter(|law| self.about.contains(law)).collect()
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
    assert_eq!(stand.observers.violations()[0].words, "S3 was elected in term 3, as was S1.");
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
fn ri_3_two_writes_of_one_step_follow_one_another() {
    let mut stand = Stand::new(3);
    stand.lead(0, 3);
    let both = [(0, "a"), (1, "b")].map(|(after, value)| {
        let entries = [entry(3, value)].into_iter().collect();
        Record::Splice(Splice { after: Slot(after), entries })
    });
    // The disk has both when the first is looked at.
    for record in &both {
        let process = stand.world.nodes[0].server_process().unwrap();
        process.durable.store(record);
    }
    stand.report.step += 1;
    stand.report.node = NodeId(0);
    stand.report.shown.clear();
    stand.report.shown.extend(both.map(Shown::Persisted));
    stand.observers.observe(&stand.world, &stand.report);
    stand.expect(&[]);
    stand.write(0, 1, &[(3, "c")]);
    assert!(stand.broken().contains(&Law::AppendOnly));
}

#[test]
fn ri_3_a_leader_compacts_its_log_and_writes_on_in_one_step() {
    for (after, breaks) in [(3, false), (2, true)] {
        let mut stand = Stand::new(3);
        stand.write(0, 0, &[(1, "a"), (3, "b"), (3, "c")]);
        stand.lead(0, 3);
        let last = LogId { term: Term(1), slot: Slot(1) };
        let machine = stand.world.nodes[0].server().unwrap().machine().clone();
        let entries = [entry(3, "d")].into_iter().collect();
        let both = [
            Record::Snapshot(Arc::new(Snapshot { last, machine })),
            Record::Splice(Splice { after: Slot(after), entries }),
        ];
        // The disk has both when the first is looked at.
        for record in &both {
            stand.world.nodes[0].server_process().unwrap().durable.store(record);
        }
        stand.report.step += 1;
        stand.report.node = NodeId(0);
        stand.report.shown.clear();
        stand.report.shown.extend(both.map(Shown::Persisted));
        stand.observers.observe(&stand.world, &stand.report);
        let broken = stand.broken().contains(&Law::AppendOnly);
        assert_eq!(broken, breaks, "entries after slot {after}");
    }
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
    let machine = Sessions::around(crate::kv::Kv::default(), 8).into();
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
fn ri_8_a_server_takes_back_what_it_had_committed() {
    let mut stand = Stand::about(Law::CommittedStays, 3);
    let mut early = None;
    while stand.observers.committed() < 9 {
        stand.step();
        early = early.or((stand.observers.committed() == 3).then(|| stand.world.clone()));
    }
    stand.expect(&[]);
    let leader = stand.leader();
    let log = stand.world.nodes[leader].durable().unwrap().log.clone();
    stand.write(leader as u16, log.last().slot.0, &[(9, "a")]);
    stand.expect(&[]);
    stand.write(leader as u16, 1, &[(9, "a")]);
    stand.expect(&[Law::CommittedStays]);
    // Nobody saw it crash, and yet it knows less.
    stand.world.nodes[leader] = early.unwrap().nodes[leader].clone();
    stand.show(leader as u16, Shown::Note(Note::NoVoter));
    stand.expect(&[Law::CommittedStays; 2]);
}

#[test]
fn ri_9_a_term_or_vote_goes_back() {
    let mut stand = Stand::about(Law::TermsRise, 3);
    stand.hard(0, 3, None);
    stand.hard(0, 3, Some(1));
    stand.hard(0, 3, Some(1));
    stand.send(0, 1, Shape::VoteReply, 3, Some(true));
    stand.send(0, 1, Shape::PreVote, 4, None);
    stand.hard(0, 4, None);
    stand.expect(&[]);
    stand.hard(1, 3, Some(1));
    stand.hard(1, 3, Some(2));
    stand.hard(1, 3, Some(2));
    stand.hard(1, 3, None);
    stand.expect(&[Law::TermsRise; 2]);
    // The disk forgets while the server is down: what it says next gives it away.
    stand.show(0, Shown::Crashed);
    stand.world.nodes[0].server_process().unwrap().durable.hard = HardState::default();
    stand.send(0, 1, Shape::AppendReply, 4, Some(true));
    stand.expect(&[Law::TermsRise; 2]);
    stand.send(0, 1, Shape::AppendReply, 2, Some(true));
    stand.expect(&[Law::TermsRise; 3]);
    stand.show(0, Shown::Wiped);
    stand.send(0, 1, Shape::AppendReply, 0, Some(false));
    stand.expect(&[Law::TermsRise; 3]);
}

#[test]
fn ri_10_a_message_promises_what_is_not_durable() {
    let mut stand = Stand::about(Law::DurableFirst, 3);
    stand.hard(0, 3, Some(1));
    stand.send(0, 1, Shape::VoteReply, 3, Some(true));
    stand.send(0, 2, Shape::VoteReply, 3, Some(false));
    stand.send(0, 2, Shape::PreVoteReply, 9, Some(true));
    stand.send(0, 2, Shape::Request, 0, None);
    stand.expect(&[]);
    for (shape, term, agrees) in [
        (Shape::VoteReply, 3, Some(true)),
        (Shape::VoteReply, 4, Some(true)),
        (Shape::Vote, 3, None),
        (Shape::Append, 4, None),
        (Shape::Snapshot, 3, None),
    ] {
        let before = stand.broken().len();
        stand.send(0, 2, shape, term, agrees);
        assert_eq!(stand.broken().len(), before + 1, "{shape:?} in term {term}");
    }
    let mut stand = Stand::about(Law::DurableFirst, 3);
    stand.write(0, 0, &[(1, "a"), (1, "b")]);
    for (vouched, broken) in [(0, 0), (1, 0), (2, 0), (3, 1)] {
        stand.report.vouched = Slot(vouched);
        stand.show(0, Shown::Note(Note::NoVoter));
        assert_eq!(stand.broken().len(), broken, "slot {vouched}");
    }
    // What somebody does to a message on its way is not its sender's doing.
    stand.report.vouched = Slot(0);
    stand.report.happened = Happened::Acted(ActionKind::Packet);
    stand.send(0, 1, Shape::Append, 7, None);
    assert_eq!(stand.broken().len(), 1);
}

#[test]
fn ri_11_indices_are_out_of_order() {
    let mut stand = Stand::about(Law::IndexOrder, 3);
    stand.apply(0, 1, 1, "a");
    stand.apply(0, 2, 1, "b");
    stand.show(0, Shown::Restored(Slot(7)));
    stand.apply(0, 8, 1, "c");
    stand.show(0, Shown::Crashed);
    stand.apply(0, 1, 1, "a");
    stand.expect(&[]);
    stand.apply(0, 1, 1, "a");
    stand.apply(0, 3, 1, "c");
    stand.expect(&[Law::IndexOrder; 2]);
    // A disk whose snapshot and log do not fit together.
    let mut stand = Stand::about(Law::IndexOrder, 3);
    stand.show(1, Shown::Note(Note::NoVoter));
    stand.expect(&[]);
    let (process, snapshot) = (stand.process(1), snapshot(1, 5, &[]));
    process.durable.snapshot = Some(Arc::new(snapshot));
    stand.reboot(1);
    stand.expect(&[Law::IndexOrder]);
}

#[test]
fn ri_12_a_leader_counts_what_is_not_there() {
    let mut stand = Stand::about(Law::MatchIndex, 3);
    stand.run_until_committed(9);
    stand.expect(&[]);
    let (leader, early) = (stand.leader(), stand.world.clone());
    let follower = (leader + 1) % 3;
    // Nobody saw the follower's disk lose its log, and yet its next acknowledgement counts.
    stand.process(follower).durable.log = crate::sim::store::Log::default();
    while stand.broken().is_empty() {
        let before = stand.world.clone();
        stand.step();
        assert!(stand.observers.committed() < 20, "it never trips");
        // The observers look at the disk only when more is counted.
        let matched = |world: &World| matched(world, leader, follower);
        assert_eq!(stand.broken().is_empty(), matched(&before) == matched(&stand.world));
        stand.process(follower).durable.log = crate::sim::store::Log::default();
    }
    let mut stand = Stand::about(Law::MatchIndex, 3);
    stand.run_until_committed(20);
    stand.expect(&[]);
    stand.world.nodes[leader] = early.nodes[leader].clone();
    stand.report.happened = Happened::Finished;
    stand.show(leader as u16, Shown::Note(Note::NoVoter));
    stand.expect(&[Law::MatchIndex; 2]);
}

#[test]
fn ri_13_terms_fall_along_a_log() {
    let mut stand = Stand::about(Law::LogTerms, 3);
    stand.hard(0, 3, None);
    stand.write(0, 0, &[(1, "a"), (1, "b"), (3, "c")]);
    stand.write(0, 2, &[(2, "d")]);
    stand.expect(&[]);
    stand.write(0, 3, &[(1, "e")]);
    stand.expect(&[Law::LogTerms]);
    stand.write(0, 3, &[(2, "e"), (3, "f"), (2, "g")]);
    stand.expect(&[Law::LogTerms; 2]);
    stand.write(0, 3, &[(4, "e")]);
    stand.expect(&[Law::LogTerms; 3]);
}

#[test]
fn ri_14_a_leader_commits_an_earlier_terms_entry_by_counting() {
    let mut stand = Stand::about(Law::OwnTerm, 3);
    stand.run_until_committed(5);
    stand.expect(&[]);
    // The leader says that it was elected anew, and yet goes on committing what it had.
    let leader = stand.leader();
    let term = stand.world.nodes[leader].server().unwrap().replica().hard_state().term;
    stand.lead(leader as u16, term.0 + 1);
    stand.expect(&[]);
    stand.run_until_committed(6);
    stand.expect(&[Law::OwnTerm]);
}

#[test]
fn ri_15_a_read_does_not_reflect_what_was_committed_before_it() {
    let mut stand = Stand::about(Law::FreshReads, 3);
    for node in [0, 1] {
        stand.apply(node, 1, 1, "a");
    }
    stand.call(0, 1, "get x");
    stand.apply(0, 2, 1, "b");
    stand.answer(1, 0, 1, 1);
    stand.answer(0, 0, 1, 2);
    stand.call(0, 2, "get x");
    // An answer to the call before comes to nobody.
    stand.answer(1, 0, 1, 1);
    stand.expect(&[]);
    stand.answer(1, 0, 2, 1);
    stand.expect(&[Law::FreshReads]);
    // A server that claims more than it has applied.
    stand.answer(1, 0, 2, 2);
    stand.expect(&[Law::FreshReads; 2]);
}

#[test]
fn ri_20_a_snapshot_of_what_was_never_committed() {
    let mut stand = Stand::about(Law::TrueSnapshots, 3);
    for node in [0, 1] {
        stand.write(node, 0, &[(1, "a"), (1, "b"), (2, "c"), (2, "d")]);
    }
    stand.apply(0, 1, 1, "a");
    stand.persist(0, Record::Snapshot(Arc::new(snapshot(1, 1, &[]))));
    // It crashed while it wrote, before anybody saw it apply two more entries.
    stand.persist(1, Record::Snapshot(Arc::new(snapshot(2, 3, &[]))));
    stand.show(1, Shown::Restored(Slot(3)));
    stand.expect(&[]);
    assert_eq!(stand.observers.committed(), 3);
    stand.apply(0, 2, 1, "b");
    stand.about = Vec::from([Law::StateMachineSafety]);
    stand.expect(&[]);
    stand.apply(0, 3, 2, "z");
    stand.expect(&[Law::StateMachineSafety]);
    for (term, slot) in [(1, 3), (2, 2), (1, 4), (2, 5), (3, 4), (0, 1 << 60), (1, 0)] {
        let mut other = stand.again(Law::TrueSnapshots);
        other.persist(2, Record::Snapshot(Arc::new(snapshot(term, slot, &[]))));
        other.expect(&[Law::TrueSnapshots]);
        assert_eq!(other.observers.committed(), 3, "nothing is learnt from it");
    }
    let mut other = stand.again(Law::TrueSnapshots);
    other.show(1, Shown::Restored(Slot(2)));
    other.expect(&[Law::TrueSnapshots]);
}

#[test]
fn ri_20_a_path_that_leaves_what_is_committed_is_not_believed() {
    let mut stand = Stand::about(Law::TrueSnapshots, 3);
    stand.write(0, 0, &[(1, "a"), (1, "b")]);
    stand.write(1, 0, &[(2, "a"), (2, "b"), (2, "c")]);
    stand.apply(0, 1, 1, "a");
    stand.persist(1, Record::Snapshot(Arc::new(snapshot(2, 3, &[]))));
    stand.expect(&[Law::TrueSnapshots]);
    stand.about = Vec::from([Law::LeaderCompleteness, Law::DurableQuorum]);
    let before = stand.broken().len();
    stand.lead(1, 9);
    assert!(stand.broken()[before..].contains(&Law::LeaderCompleteness), "a snapshot is no alibi");
    assert!(stand.broken().contains(&Law::DurableQuorum), "nor does it count as a copy");
}

#[test]
fn ri_21_two_servers_reply_differently() {
    let mut stand = Stand::about(Law::EqualReplicas, 3);
    stand.apply(0, 1, 1, "a");
    stand.apply(1, 1, 1, "a");
    stand.expect(&[]);
    let reply = Some(Answer::Done(crate::kv::Reply::TooLong).into());
    stand.show(2, Shown::Applied { slot: Slot(1), entry: entry(1, "a"), reply });
    stand.expect(&[Law::EqualReplicas]);
}

#[test]
fn ri_21_two_snapshots_of_one_slot_differ() {
    let mut stand = Stand::about(Law::EqualReplicas, 3);
    stand.apply(0, 1, 1, "a");
    for node in [0, 1] {
        stand.persist(node, Record::Snapshot(Arc::new(snapshot(1, 1, &["put x 1"]))));
    }
    stand.expect(&[]);
    stand.persist(2, Record::Snapshot(Arc::new(snapshot(1, 1, &["put x 2"]))));
    stand.expect(&[Law::EqualReplicas]);
    // The same content, and yet another session table.
    stand.persist(0, Record::Snapshot(Arc::new(snapshot(1, 1, &["get y", "put x 1"]))));
    stand.expect(&[Law::EqualReplicas; 2]);
}

#[test]
fn ri_21_a_server_holds_something_else_than_its_snapshot() {
    let mut stand = Stand::about(Law::EqualReplicas, 3);
    let record = Record::Snapshot(Arc::new(snapshot(1, 2, &["put x 1"])));
    stand.process(0).durable.store(&record);
    stand.reboot(0);
    stand.show(0, Shown::Restored(Slot(2)));
    stand.expect(&[]);
    stand.process(0).durable.snapshot = Some(Arc::new(snapshot(1, 2, &["put x 2"])));
    stand.show(0, Shown::Restored(Slot(2)));
    stand.expect(&[Law::EqualReplicas]);
    stand.show(0, Shown::Persisted(record));
    stand.expect(&[Law::EqualReplicas]);
    let record = Record::Snapshot(Arc::new(snapshot(1, 2, &["put x 3"])));
    stand.show(0, Shown::Persisted(record));
    stand.expect(&[Law::EqualReplicas; 2]);
}

#[test]
fn ri_21_servers_differ_when_all_is_quiet() {
    let mut stand = Stand::about(Law::EqualReplicas, 3);
    for node in [0, 1, 2] {
        let record = Record::Snapshot(Arc::new(snapshot(1, 2, &["put x 1"])));
        stand.process(node).durable.store(&record);
        stand.reboot(node as u16);
    }
    for slot in [1, 2] {
        stand.apply(0, slot, 1, "a");
    }
    let beat = |stand: &mut Stand| {
        stand.report.happened = Happened::Woke(Why::Heartbeat);
        let before = stand.observers.checks(Law::EqualReplicas);
        stand.show(0, Shown::Note(Note::NoVoter));
        stand.observers.checks(Law::EqualReplicas) - before
    };
    assert_eq!([0; 3].map(|_| beat(&mut stand)), [0, 3, 0], "once for each calm");
    stand.expect(&[]);
    stand.process(1).durable.snapshot = Some(Arc::new(snapshot(1, 2, &["put x 2"])));
    stand.report.happened = Happened::Acted(ActionKind::Restart);
    stand.show(1, Shown::Crashed);
    stand.reboot(1);
    assert_eq!(beat(&mut stand), 3);
    stand.expect(&[Law::EqualReplicas]);
}

#[test]
fn ri_22_an_answer_that_is_not_the_requests_own() {
    let mut stand = Stand::about(Law::HonestAcks, 3);
    let done = |version| crate::kv::Reply::Written { version };
    for node in [0, 1] {
        stand.write(node, 0, &[(1, "a"), (1, "b"), (1, "c")]);
    }
    stand.call(0, 1, "put x a");
    stand.apply_call(0, 1, "a", (1, 1), 1);
    stand.returned(0, 1, done(1));
    stand.call(0, 2, "put x b");
    stand.apply_call(0, 2, "b", (1, 2), 2);
    stand.returned(0, 2, done(2));
    stand.expect(&[]);
    let cases: [fn(&mut Stand); 5] = [
        // Nothing was committed for it.
        |stand| stand.call(0, 3, "put x c"),
        // Another client's request.
        |stand| {
            stand.call(0, 3, "put x c");
            stand.apply_call(0, 3, "c", (2, 3), 3);
        },
        // Another request under the same number.
        |stand| {
            stand.call(0, 3, "put x d");
            stand.apply_call(0, 3, "c", (1, 3), 3);
        },
        // Another reply.
        |stand| {
            stand.call(0, 3, "put x c");
            stand.apply_call(0, 3, "c", (1, 3), 4);
        },
        // On one disk only.
        |stand| {
            stand.call(0, 3, "put x c");
            stand.apply_call(0, 3, "c", (1, 3), 3);
            stand.write(1, 1, &[(2, "z")]);
        },
    ];
    for (number, case) in cases.iter().enumerate() {
        let mut other = stand.again(Law::HonestAcks);
        case(&mut other);
        other.expect(&[]);
        other.returned(0, 3, done(3));
        assert_eq!(other.broken(), [Law::HonestAcks], "case {number}");
    }
    // A read without the log stands nowhere in it: RI-15 judges what it reflects.
    stand.call(0, 3, "get x");
    stand.answer(0, 0, 3, 2);
    stand.returned(0, 3, crate::kv::Reply::Value("b".into()));
    stand.expect(&[]);
    stand.call(0, 4, "get x");
    stand.returned(0, 4, crate::kv::Reply::Value("b".into()));
    stand.expect(&[Law::HonestAcks]);
}

#[test]
fn an_eventful_run_is_judged_by_every_law_and_breaks_none() {
    let mut scenario = Scenario::new(3, 3, 3);
    scenario.snapshot_above = Some(400);
    let mut stand = Stand { about: Law::ALL.to_vec(), ..Stand::about(Law::Time, 3) };
    stand.world = World::new(Arc::new(scenario));
    for round in 0..60_u16 {
        let (node, now) = (NodeId(round % 3), stand.world.now());
        let action = match round / 3 % 6 {
            0 => Action::Crash(node),
            1 => Action::Restart(node),
            2 => Action::Isolate(node),
            3 => Action::Heal,
            4 => Action::Campaign(node),
            _ if round < 30 => Action::Wipe(NodeId(2)),
            _ => Action::Restart(NodeId(2)),
        };
        if stand.world.act(now, &action, &mut stand.report).is_ok() {
            stand.observers.observe(&stand.world, &stand.report);
        }
        let until = now + crate::time::Duration::from_millis(300);
        while stand.world.step_until(until, &mut stand.report) {
            stand.observers.observe(&stand.world, &stand.report);
        }
    }
    stand.expect(&[]);
    // One group has no configurations.
    for law in Law::ALL.into_iter().filter(|law| law.id().starts_with(['R', 'W'])) {
        assert!(stand.observers.checks(law) > 0, "{} was never judged", law.id());
    }
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
    stand.report.happened = Happened::Woke(Why::Election);
    stand.show(1, Shown::Note(Note::NoVoter));
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
    for number in [0, 1, 1 << 62, u64::MAX] {
        stand.apply_call(1, number, "a", (number, number), number);
        stand.call(1, number, "get x");
        for (server, client) in [(0, 1), (0, 77), (2, 999)] {
            stand.answer(server, client, number, number);
        }
        stand.returned(1, number, crate::kv::Reply::TooLong);
        stand.show(4, Shown::Returned { serial: Serial(number), by: NodeId(9), reply: None });
        stand.show(2, Shown::Restored(Slot(number)));
        stand.show(2, Shown::Persisted(Record::Snapshot(Arc::new(snapshot(number, number, &[])))));
        let entries = [entry(number, "a"), entry(0, "b")].into_iter().collect();
        let splice = Splice { after: Slot(number), entries };
        stand.show(2, Shown::Persisted(Record::Splice(splice)));
        for shape in [Shape::Vote, Shape::VoteReply, Shape::Append, Shape::Snapshot] {
            stand.send(0, 999, shape, number, Some(true));
        }
        stand.report.vouched = Slot(number);
        for shown in [Shown::Wiped, Shown::Crashed, Shown::Booted] {
            stand.show(0, shown);
        }
    }
    assert!(stand.observers.violations().len() <= MAX_VIOLATIONS * Law::ALL.len());
    let names: Vec<&str> = Law::ALL.iter().map(|law| law.id()).collect();
    let (numbers, checks) = (Law::ALL.map(|law| law as usize), stand.observers.checks.len());
    assert_eq!(numbers.to_vec(), (0..checks).collect::<Vec<_>>(), "{names:?}");
}
