//! Single servers, driven by hand: one message in, exact effects out.

use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use super::log::Batch;
use super::message::{Message, Outcome};
use super::note::{Down, NoVote, Note};
use super::*;
use crate::id::{Incarnation, Ticket};
use crate::kv::{Command, Kv};
use crate::protocol::{Durable as _, Entry, Payload};

mod borders;
mod paper;
mod proposals;
mod transfer;
mod votes;

type Server = Raft<Kv>;

const MILLI: u64 = 1_000;

fn ms(millis: u64) -> Instant {
    Instant::from_micros(millis * MILLI)
}

fn config(voters: u16) -> Config {
    Config {
        voters: (0..voters).map(NodeId).collect(),
        election_min: Duration::from_millis(200),
        election_max: Duration::from_millis(400),
        heartbeat: Duration::from_millis(50),
        append_max: 8,
        window: 4,
        uncommitted_max: 16,
        pre_vote: true,
        check_quorum: true,
        sticky: true,
    }
}

fn id(term: u64, slot: u64) -> LogId {
    LogId { term: Term(term), slot: Slot(slot) }
}

fn entry(term: u64) -> Entry<Command> {
    Entry { term: Term(term), payload: Payload::Noop }
}

fn put(value: &str) -> Command {
    Command::Put { key: "x".into(), value: value.into() }
}

/// A server under test: what it sends, persists and commits is collected.
struct Bench {
    raft: Server,
    out: Out<Server>,
    durable: Durable<Kv>,
}

impl Bench {
    /// Server 0 of `voters`, with a log of these terms.
    fn new(config: Config, terms: &[u64], term: u64) -> Self {
        let mut durable = Durable::default();
        let entries = terms.iter().map(|term| entry(*term)).collect();
        durable.store(&Record::Splice(log::Splice { after: Slot(0), entries }));
        durable.store(&Record::Hard(HardState { term: Term(term), vote: None }));
        let mut out = Out::default();
        let raft = Self::boot(Arc::new(config), &durable, 0, &mut out);
        Self { raft, out, durable }
    }

    fn boot(config: Arc<Config>, durable: &Durable<Kv>, at: u64, out: &mut Out<Server>) -> Server {
        let (durable, incarnation) = (durable.clone(), Incarnation(0));
        let mutant = MutantId::Paper;
        let boot = Boot { config, id: NodeId(0), seed: 1, incarnation, durable, mutant };
        Server::boot(boot, ms(at), out)
    }

    /// Crashes it, and starts it again from what it had persisted.
    fn restart(&mut self, at: u64) -> Vec<Effect<Server>> {
        self.raft = Self::boot(self.raft.config.clone(), &self.durable, at, &mut self.out);
        self.effects()
    }

    /// Lets its alarm go off.
    fn wake(&mut self) -> Vec<Effect<Server>> {
        let alarm = self.raft.alarm().expect("it waits for something");
        self.raft.wake(alarm.at, &mut self.out);
        self.effects()
    }

    /// Lets its election time-out pass, whatever else wakes it before.
    fn time_out(&mut self) -> Vec<Effect<Server>> {
        while self.raft.alarm().is_some_and(|alarm| alarm.why == Why::Retry) {
            self.wake();
        }
        self.wake()
    }

    fn effects(&mut self) -> Vec<Effect<Server>> {
        let effects: Vec<_> = self.out.drain().collect();
        for effect in &effects {
            if let Effect::Persist(record) = effect {
                self.durable.store(record);
            }
        }
        assert_eq!(self.durable.hard, self.raft.hard, "term and vote are always persisted");
        assert_eq!(self.durable.log, self.raft.log, "so is the log");
        effects
    }

    fn receive(&mut self, at: u64, from: u16, message: Message<Kv>) -> Vec<Effect<Server>> {
        self.raft.receive(ms(at), NodeId(from), message, &mut self.out);
        self.effects()
    }

    fn sent(effects: &[Effect<Server>]) -> Vec<(u16, Message<Kv>)> {
        let sent = effects.iter().filter_map(|effect| match effect {
            Effect::Send { to, message } => Some((to.0, message.clone())),
            _ => None,
        });
        sent.collect()
    }

    fn reply(effects: &[Effect<Server>]) -> Message<Kv> {
        let sent = Self::sent(effects);
        assert_eq!(sent.len(), 1, "one reply: {sent:?}");
        sent[0].1.clone()
    }

    /// Makes it the leader of the next term, at a moment.
    fn elect(&mut self, at: u64) -> Vec<Effect<Server>> {
        let raft = &mut self.raft;
        raft.campaign(ms(at), &mut self.out);
        let term = raft.hard.term;
        let quorum = raft.voters().len() as u16 / 2;
        for voter in 1..=quorum {
            let vote = Message::VoteReply { term, pre: false, granted: true };
            raft.receive(ms(at), NodeId(voter), vote, &mut self.out);
        }
        assert_eq!(raft.leading(), Some(Epoch(term.0)));
        self.effects()
    }

    fn propose(&mut self, at: u64, value: &str) -> Result<Slot, Refused> {
        let result = self.raft.propose(ms(at), put(value), &mut self.out);
        self.effects();
        result
    }

    fn matched(&mut self, at: u64, from: u16, slot: u64) -> Vec<Effect<Server>> {
        let term = self.raft.hard.term;
        self.receive(at, from, matched(term.0, slot, 0))
    }
}

fn matched(term: u64, slot: u64, round: u64) -> Message<Kv> {
    let outcome = Outcome::Matched(Slot(slot));
    Message::AppendReply { term: Term(term), round, counts: true, outcome }
}

fn append(term: u64, prev: LogId, terms: &[u64], commit: u64) -> Message<Kv> {
    let entries: Batch<Command> = terms.iter().map(|term| entry(*term)).collect();
    Message::Append { term: Term(term), prev, entries, commit: Slot(commit), round: 7 }
}

fn outcome(message: &Message<Kv>) -> Outcome {
    match message {
        Message::AppendReply { outcome, .. } => *outcome,
        other => panic!("no answer to an append: {other:?}"),
    }
}

/// The slots that a step commits, in the order of its effects.
fn committed(effects: &[Effect<Server>]) -> Vec<u64> {
    let slots = effects.iter().filter_map(|effect| match effect {
        Effect::Commit { slot, .. } => Some(slot.0),
        _ => None,
    });
    slots.collect()
}

fn notes(effects: &[Effect<Server>]) -> Vec<Note> {
    let notes = effects.iter().filter_map(|effect| match effect {
        Effect::Note(note) => Some(*note),
        _ => None,
    });
    notes.collect()
}

fn vote(term: u64, last: LogId, pre: bool) -> Message<Kv> {
    Message::Vote { term: Term(term), last, pre, handed: false }
}

fn granted(effects: &[Effect<Server>]) -> bool {
    match Bench::reply(effects) {
        Message::VoteReply { granted, .. } => granted,
        other => panic!("no answer to a vote: {other:?}"),
    }
}

#[test]
fn a_pre_vote_changes_nothing_at_the_voter() {
    let mut bench = Bench::new(config(3), &[1], 1);
    let before = bench.raft.clone();
    assert!(granted(&bench.receive(1, 1, vote(2, id(1, 1), true))));
    assert_eq!(bench.raft, before);
}

#[test]
fn a_candidate_that_fell_behind_learns_the_term_from_a_refused_pre_vote() {
    let mut bench = Bench::new(config(3), &[1], 5);
    let effects = bench.receive(1, 1, vote(2, id(1, 1), true));
    let refusal = Message::VoteReply { term: Term(5), pre: true, granted: false };
    assert_eq!(Bench::reply(&effects), refusal);
    let mut behind = Bench::new(config(3), &[1], 1);
    behind.receive(1, 1, refusal);
    assert_eq!(behind.raft.hard.term, Term(5));
}

#[test]
fn an_election_asks_first_then_stands_then_leads_with_an_entry_of_its_own_term() {
    let mut bench = Bench::new(config(3), &[1], 1);
    let alarm = bench.raft.alarm().unwrap();
    assert_eq!(alarm.why, Why::Election);
    bench.raft.wake(alarm.at, &mut bench.out);
    let asked = bench.effects();
    assert_eq!(Bench::sent(&asked).len(), 2);
    assert_eq!(Bench::sent(&asked)[0].1, vote(2, id(1, 1), true));
    assert_eq!(bench.raft.hard.term, Term(1), "asking changes nothing");
    let yes = |pre| Message::VoteReply { term: Term(2), pre, granted: true };
    let stood = bench.receive(401, 1, yes(true));
    assert_eq!(Bench::sent(&stood)[1].1, vote(2, id(1, 1), false));
    bench.receive(402, 1, yes(true));
    assert_eq!(bench.raft.leading(), None, "a pre-vote is no vote");
    let led = bench.receive(403, 2, yes(false));
    assert_eq!(bench.raft.leading(), Some(Epoch(2)));
    assert_eq!(bench.raft.log.last(), id(2, 2));
    assert_eq!(
        Bench::sent(&led)[0].1,
        Message::Append {
            term: Term(2),
            prev: id(1, 1),
            entries: [entry(2)].into_iter().collect(),
            commit: Slot(0),
            round: 0,
        }
    );
}

#[test]
fn an_answer_from_an_earlier_term_is_not_counted() {
    let mut bench = Bench::new(config(3), &[], 1);
    bench.elect(1);
    bench.receive(2, 1, matched(1, 1, 0));
    assert_eq!(bench.raft.commit, Slot(0));
    bench.matched(2, 1, 99);
    assert_eq!(bench.raft.commit, Slot(0), "nor one that claims more than was sent");
    bench.matched(2, 1, 1);
    assert_eq!(bench.raft.commit, Slot(1));
}

fn peer(bench: &Bench, of: u16) -> Peer {
    let Role::Leader(leader) = &bench.raft.role else { panic!("no leader") };
    *leader.peers.iter().find(|peer| peer.id.0 == of).unwrap()
}

#[test]
fn a_late_rejection_does_not_take_an_acknowledgement_back() {
    let mut bench = Bench::new(config(3), &[], 1);
    bench.elect(1);
    bench.propose(1, "a").unwrap();
    bench.matched(2, 1, 2);
    let conflict = Outcome::Conflict { rejected: Slot(1), hint: LogId::ORIGIN };
    let late = Message::AppendReply { term: Term(2), round: 0, counts: true, outcome: conflict };
    bench.receive(3, 1, late);
    assert_eq!((peer(&bench, 1).matched, peer(&bench, 1).next), (Slot(2), Slot(3)));
    assert_eq!(peer(&bench, 1).mode, Mode::Stream);
}

#[test]
fn the_window_bounds_what_is_on_its_way() {
    let mut bench = Bench::new(config(3), &[], 1);
    bench.elect(1);
    bench.matched(2, 1, 1);
    for n in 0..10 {
        bench.propose(2, &alloc::format!("{n}")).unwrap();
    }
    assert_eq!(peer(&bench, 1).next, Slot(6), "four beyond the first");
    assert_eq!(peer(&bench, 2).next, Slot(1), "one at a time until the logs are known to agree");
    bench.matched(3, 1, 3);
    assert_eq!(peer(&bench, 1).next, Slot(8));
}

#[test]
fn a_leader_with_too_much_uncommitted_is_busy() {
    let mut bench = Bench::new(config(3), &[], 1);
    assert_eq!(bench.propose(0, "a"), Err(Refused::NotLeader { hint: None }));
    bench.elect(1);
    let taken = (0..40).filter(|n| bench.propose(2, &alloc::format!("{n}")).is_ok()).count();
    assert_eq!(taken, 15, "with the opening entry, sixteen");
    assert_eq!(bench.propose(2, "x"), Err(Refused::Busy));
    bench.matched(3, 1, 16);
    assert!(bench.propose(3, "x").is_ok());
}

#[test]
fn the_log_is_needed_by_followers_that_were_heard_from_and_lack_it() {
    let mut bench = Bench::new(config(3), &[], 1);
    assert_eq!(bench.raft.stored_by_all(), Slot(0), "a follower sends nobody anything");
    bench.elect(1);
    assert_eq!((bench.raft.last().slot, bench.raft.stored_by_all()), (Slot(1), Slot(0)));
    bench.matched(2, 1, 1);
    assert_eq!(bench.raft.stored_by_all(), Slot(0), "the other one lacks the opening entry");
    for at in (51..).step_by(50).take(8) {
        bench.raft.wake(ms(at), &mut bench.out);
        bench.effects();
        bench.matched(at + 1, 1, 1);
        // The other one spoke at 1 ms; at the next heartbeat, patience may have ended.
        let gone = at + 50 >= 401;
        assert_eq!(bench.raft.stored_by_all(), Slot(u64::from(gone)), "at {at} ms");
    }
    bench.matched(410, 2, 0);
    assert_eq!(bench.raft.stored_by_all(), Slot(0), "now it was");
}

#[test]
fn reads_that_come_during_a_round_share_the_next() {
    let mut bench = Bench::new(config(3), &[], 1);
    bench.elect(1);
    bench.matched(2, 1, 1);
    let read = |bench: &mut Bench, ticket| {
        bench.raft.read(ms(3), Ticket(ticket), &mut bench.out).unwrap();
        Bench::sent(&bench.effects()).len()
    };
    assert_eq!(read(&mut bench, 1), 2);
    assert_eq!(read(&mut bench, 2), 0);
    assert_eq!(read(&mut bench, 3), 0);
    let tickets = |effects: &[Effect<Server>]| -> Vec<u64> {
        let ready = effects.iter().filter_map(|effect| match effect {
            Effect::Readable { ticket, .. } => Some(ticket.0),
            _ => None,
        });
        ready.collect()
    };
    let first = bench.receive(4, 2, matched(2, 1, 1));
    assert_eq!(tickets(&first), [1]);
    assert_eq!(Bench::sent(&first).len(), 2, "the next round begins");
    assert_eq!(tickets(&bench.receive(5, 2, matched(2, 1, 2))), [2, 3]);
}

#[test]
fn a_leader_that_hears_from_too_few_steps_down() {
    let mut bench = Bench::new(config(3), &[], 1);
    bench.elect(1);
    bench.matched(10, 1, 1);
    let mut at = 0;
    while bench.raft.leading().is_some() {
        at = bench.raft.alarm().unwrap().at.as_micros() / MILLI;
        assert!(at < 1_000);
        bench.raft.wake(ms(at), &mut bench.out);
    }
    assert!((410..=460).contains(&at), "an election time-out after the last answer: {at} ms");
    let effects = bench.effects();
    assert!(notes(&effects).contains(&Note::SteppedDown(Down::NoQuorum)));
    assert!(effects.contains(&Effect::Leading(None)));
}

#[test]
fn a_single_server_leads_and_commits_alone() {
    let mut bench = Bench::new(config(1), &[], 0);
    let at = bench.raft.alarm().unwrap().at;
    bench.raft.wake(at, &mut bench.out);
    bench.effects();
    assert_eq!((bench.raft.leading(), bench.raft.commit), (Some(Epoch(1)), Slot(1)));
    let slot = bench.propose(900, "a").unwrap();
    assert_eq!(bench.raft.commit, slot);
    bench.raft.read(ms(901), Ticket(1), &mut bench.out).unwrap();
    let effects = bench.effects();
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Readable { .. })), "{effects:?}");
}

#[test]
fn a_server_that_lost_its_disk_receives_but_never_counts() {
    let mut bench = Bench::new(config(3), &[], 1);
    bench.raft.lost = true;
    assert_eq!(bench.raft.alarm(), None, "it never stands for election");
    assert!(!granted(&bench.receive(1, 1, vote(2, id(9, 9), false))));
    assert!(!granted(&bench.receive(1, 1, vote(3, id(9, 9), true))));
    let effects = bench.receive(2, 1, append(3, LogId::ORIGIN, &[3], 1));
    let Message::AppendReply { counts, outcome, .. } = Bench::reply(&effects) else { panic!() };
    assert_eq!((counts, outcome), (false, Outcome::Matched(Slot(1))));
    let mut leader = Bench::new(config(3), &[], 1);
    leader.elect(1);
    let outcome = Outcome::Matched(Slot(1));
    let reply = Message::AppendReply { term: Term(2), round: 0, counts: false, outcome };
    leader.receive(2, 1, reply);
    assert_eq!(leader.raft.commit, Slot(0));
    leader.matched(3, 2, 1);
    assert_eq!(leader.raft.commit, Slot(1));
}

#[test]
fn a_lost_disk_is_filled_from_the_beginning_without_a_storm_of_messages() {
    let mut bench = Bench::new(config(3), &[], 1);
    bench.elect(1);
    for n in 0..3 {
        bench.propose(2, &alloc::format!("{n}")).unwrap();
        bench.matched(2, 1, n + 2);
    }
    let outcome = Outcome::Conflict { rejected: Slot(4), hint: LogId::ORIGIN };
    let lost = Message::AppendReply { term: Term(2), round: 0, counts: false, outcome };
    let effects = bench.receive(50, 1, lost.clone());
    let sent = Bench::sent(&effects);
    let Message::Append { prev, .. } = &sent[0].1 else { panic!("{sent:?}") };
    assert_eq!(*prev, LogId::ORIGIN);
    assert_eq!(Bench::sent(&bench.receive(53, 1, lost.clone())), [], "the same refusal again");
    // It catches up, and loses its disk once more.
    let caught_up = Message::AppendReply {
        term: Term(2),
        round: 0,
        counts: false,
        outcome: Outcome::Matched(Slot(4)),
    };
    bench.receive(60, 1, caught_up);
    bench.matched(61, 1, 4);
    assert_eq!(peer(&bench, 1).matched, Slot(4));
    let sent = Bench::sent(&bench.receive(70, 1, lost));
    let Message::Append { prev, .. } = &sent[0].1 else { panic!("{sent:?}") };
    assert_eq!(*prev, LogId::ORIGIN);
}

#[test]
fn a_follower_that_lags_is_sent_a_window_at_a_time() {
    let mut bench = Bench::new(Config { append_max: 1, ..config(3) }, &[1; 12], 1);
    bench.elect(1);
    let sent = Bench::sent(&bench.matched(2, 1, 2));
    assert_eq!(sent.len(), 4, "the whole window, in messages of one entry");
    let sent = Bench::sent(&bench.matched(3, 1, 4));
    assert_eq!(sent.len(), 2);
}

#[test]
fn a_refusal_of_what_was_streamed_does_not_bring_the_window_out_again() {
    let mut bench = Bench::new(Config { append_max: 1, ..config(3) }, &[1; 12], 1);
    bench.elect(1);
    let burst = Bench::sent(&bench.matched(2, 1, 2));
    assert_eq!(burst.len(), 4, "slots 3 to 6");
    // The last three overtook the first: each is refused, and only then is each of them taken.
    let refused = |rejected| Message::AppendReply {
        term: Term(2),
        round: 0,
        counts: true,
        outcome: Outcome::Conflict { rejected: Slot(rejected), hint: id(1, 2) },
    };
    let sent = |effects: Vec<Effect<Server>>| Bench::sent(&effects).len();
    assert_eq!(sent(bench.receive(3, 1, refused(3))), 1, "a probe");
    assert_eq!(sent(bench.receive(3, 1, refused(4))), 0, "the probe asks about slot 2");
    assert_eq!(sent(bench.matched(4, 1, 3)), 1, "and its answer lets one out, not four");
    assert_eq!(sent(bench.receive(5, 1, refused(5))), 0, "beyond what was sent since");
    let windows = (4..10).map(|slot| sent(bench.matched(slot + 2, 1, slot)));
    assert_eq!(windows.collect::<Vec<_>>(), [2, 2, 2, 1, 1, 1], "until the window is full again");
}

/// What a follower answers to an append of one entry of term 1.
fn told(bench: &mut Bench, prev: LogId) -> Outcome {
    outcome(&Bench::reply(&bench.receive(1, 1, append(1, prev, &[1], 0))))
}

#[test]
fn what_came_too_early_is_taken_when_the_rest_is_there() {
    let mut bench = Bench::new(config(3), &[1], 1);
    let refused = |slot| Outcome::Conflict { rejected: Slot(slot), hint: id(1, 1) };
    assert_eq!(told(&mut bench, id(1, 4)), refused(4));
    assert_eq!(told(&mut bench, id(1, 2)), refused(2), "the leader learns of each");
    assert_eq!(told(&mut bench, id(1, 2)), refused(2), "one that came twice");
    assert_eq!(told(&mut bench, id(1, 1)), Outcome::Matched(Slot(3)), "and of both at once");
    assert_eq!(told(&mut bench, id(1, 3)), Outcome::Matched(Slot(5)));
    assert_eq!(bench.durable.log.end(), Slot(5), "all is on the disk");
    assert_eq!(bench.raft.early, follow::Early::of(Term(1)), "nothing is left");
}

#[test]
fn what_came_too_early_is_not_taken_from_a_leader_of_an_earlier_term() {
    let mut bench = Bench::new(config(3), &[1], 1);
    told(&mut bench, id(1, 2));
    let newer = append(2, id(1, 1), &[2], 0);
    assert_eq!(outcome(&Bench::reply(&bench.receive(2, 2, newer))), Outcome::Matched(Slot(2)));
    assert_eq!(bench.raft.log.end(), Slot(2));
    // Nor after a crash.
    let mut bench = Bench::new(config(3), &[1], 1);
    told(&mut bench, id(1, 2));
    bench.restart(5);
    assert_eq!(told(&mut bench, id(1, 1)), Outcome::Matched(Slot(2)));
}

#[test]
fn what_does_not_fit_though_it_was_said_to_match_is_looked_at_once() {
    let mut bench = Bench::new(config(3), &[1], 1);
    bench.raft.mutant = MutantId::R17;
    told(&mut bench, id(1, 4));
    // The mutant says that four slots match, of which it has one: what comes after them must wait.
    let heartbeat = append(1, id(1, 4), &[], 0);
    let matched = outcome(&Bench::reply(&bench.receive(1, 1, heartbeat)));
    assert_eq!((matched, bench.raft.log.end()), (Outcome::Matched(Slot(4)), Slot(1)));
}

#[test]
fn only_so_much_is_kept_that_came_too_early() {
    let mut bench = Bench::new(config(3), &[1], 1);
    for slot in [u64::MAX - 1, 5, 4, 3, 2, 9] {
        told(&mut bench, id(1, slot));
    }
    let heartbeat = append(1, id(1, 6), &[], 0);
    bench.receive(1, 1, heartbeat);
    // Slot 1 and a window of four: slots 3, 4 and 5 can be among them.
    assert_eq!(told(&mut bench, id(1, 1)), Outcome::Matched(Slot(5)));
}

#[test]
fn what_makes_no_sense_is_refused_and_changes_nothing() {
    let absurd = vec![
        append(u64::MAX, LogId::ORIGIN, &[], 0),
        append(3, id(3, u64::MAX), &[3], u64::MAX),
        append(3, id(2, 0), &[3], 0),
        append(3, id(1, 2), &[3, 2], 0),
        append(3, id(1, 2), &[9], 0),
        Message::Snapshot {
            term: Term(3),
            snapshot: Arc::new(Snapshot { last: id(1, u64::MAX - 1), machine: Kv::default() }),
        },
        vote(u64::MAX, id(u64::MAX, u64::MAX), false),
        matched(3, u64::MAX, u64::MAX),
    ];
    for message in absurd {
        let mut bench = Bench::new(config(3), &[1, 1], 3);
        let before = (bench.raft.hard, bench.raft.log.clone(), bench.raft.commit);
        bench.receive(1, 1, message.clone());
        let after = (bench.raft.hard, bench.raft.log.clone(), bench.raft.commit);
        assert_eq!(before, after, "{message:?}");
    }
    let mut bench = Bench::new(config(3), &[1, 1], 3);
    let before = bench.raft.clone();
    assert_eq!(bench.receive(1, 0, vote(9, id(9, 9), false)), [], "from itself");
    assert_eq!(bench.receive(1, 77, vote(9, id(9, 9), false)), [], "from a stranger");
    assert_eq!(bench.raft, before);
}

#[test]
fn only_where_the_rules_say_so_does_a_message_that_is_not_followed_restart_the_timer() {
    for mutant in [MutantId::Paper, MutantId::R9] {
        let refused = vote(1, id(0, 0), false);
        let over = append(1, LogId::ORIGIN, &[], 0);
        for message in [refused, over] {
            let mut bench = Bench::new(config(3), &[1], 2);
            bench.raft.mutant = mutant;
            let before = bench.raft.alarm().unwrap().at;
            bench.receive(150, 1, message.clone());
            let after = bench.raft.alarm().unwrap().at;
            assert_eq!(after >= ms(350) && after != before, mutant == MutantId::R9, "{message:?}");
        }
    }
}

#[test]
fn neither_a_leader_nor_a_server_that_lost_its_disk_can_be_made_to_stand() {
    let stands = |bench: &mut Bench| {
        bench.raft.campaign(ms(2), &mut bench.out);
        !bench.effects().is_empty()
    };
    let mut leader = Bench::new(config(3), &[], 1);
    assert!(stands(&mut leader) && leader.raft.hard.term == Term(2));
    leader.elect(2);
    assert!(!stands(&mut leader) && leader.raft.leading().is_some());
    let mut lost = Bench::new(config(3), &[], 1);
    lost.raft.lost = true;
    assert!(!stands(&mut lost) && lost.raft.hard.term == Term(1));
}
